"""A denoiser's numbers with fewer bits than they came with: half the memory or a quarter.

This changes the picture a little. fp8 (diffusers' layerwise casting) needs nothing more; int8 asks
for torchao, nf4 for bitsandbytes.
"""

from __future__ import annotations

import importlib
from typing import Any

import torch
from torch import nn

from nodeforge.errors import MissingModel

SKIPPED = ("patch_embed", "pos_embed", "x_embedder", "norm", "time_embed", "proj_out")


def kept(module: Any, way: str, dtype: torch.dtype, device: str) -> Any:
    """The module itself, its large weights kept as `way` says, on the device, to be computed in
    `dtype`. way: "fp8", "int8" or "nf4". Raises MissingModel where a library is missing."""
    return {"fp8": _fp8, "int8": _int8, "nf4": _nf4}[way](module, dtype, device)


def _fp8(module: Any, dtype: torch.dtype, device: str) -> Any:
    from diffusers.hooks import apply_layerwise_casting

    apply_layerwise_casting(
        module,
        storage_dtype=torch.float8_e4m3fn,
        compute_dtype=dtype,
        skip_modules_pattern=(*SKIPPED, *(module._skip_layerwise_casting_patterns or ())),
    )
    return module.to(device)


def _int8(module: Any, dtype: torch.dtype, device: str) -> Any:
    api = _library("torchao.quantization", "torchao")
    module = module.to(device)
    api.quantize_(module, api.Int8WeightOnlyConfig(), filter_fn=lambda m, name: _large(m, name))
    return module


def _nf4(module: Any, dtype: torch.dtype, device: str) -> Any:
    bits = _library("bitsandbytes", "bitsandbytes")
    for name, part in list(module.named_modules()):
        if not _large(part, name):
            continue
        small = bits.nn.Linear4bit(part.in_features, part.out_features, part.bias is not None)
        small.weight = bits.nn.Params4bit(part.weight.data, requires_grad=False, quant_type="nf4")
        small.compute_dtype, small.bias = dtype, part.bias
        parent, _, own = name.rpartition(".")
        setattr(module.get_submodule(parent), own, small)
    return module.to(device)


def _large(module: nn.Module, name: str) -> bool:
    """Whether it is worth it, and does no harm: large matrices, no embeddings, no last layer."""
    skipped = any(word in name for word in SKIPPED)
    return isinstance(module, nn.Linear) and module.weight.numel() >= 2**16 and not skipped


def _library(name: str, package: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingModel(
            f"This way to save memory needs {package}: install it (pip install "
            f"nodeforge[quantised]), or choose another way in Preferences (NODEFORGE_MEMORY)"
        ) from error
