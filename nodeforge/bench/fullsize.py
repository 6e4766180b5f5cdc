"""Models of full size with random weights: made on the device in seconds, nothing on disk.

A diffusers folder with configs and files of weights that are all holes is enough for NodeForge to
know a model; its denoiser is then handed to the pool as if it had been loaded.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodeforge import resources
from nodeforge.families.table import FLUX, SD1, SDXL
from nodeforge.values import Conditioning, Model

Config = Mapping[str, Any]
LETTERS = {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}  # of dtypes, in safetensors
RANK = 16  # of the LoRA


@dataclass(frozen=True)
class Kind:
    """What makes one family's denoiser. size: pixels of a side, as published. tokens: of a prompt.
    pooled: how wide what it reads beside the words is, by its config; 0 for nothing."""

    pipeline: str
    denoiser: str
    cls: str
    config: Config
    size: int
    guidance: float
    vae: Config
    tokens: int = 77
    pooled: Callable[[Config], int] = lambda config: 0


_VAE = {
    "_class_name": "AutoencoderKL",
    "block_out_channels": [128, 256, 512, 512],
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "layers_per_block": 2,
}
KINDS = {
    SD1.id: Kind(
        "StableDiffusionPipeline",
        "unet",
        "UNet2DConditionModel",
        {"sample_size": 64, "attention_head_dim": 8, "cross_attention_dim": 768},
        512,
        7.5,
        {**_VAE, "latent_channels": 4, "scaling_factor": 0.18215},
    ),
    SDXL.id: Kind(
        "StableDiffusionXLPipeline",
        "unet",
        "UNet2DConditionModel",
        {
            "sample_size": 128,
            "block_out_channels": [320, 640, 1280],
            "down_block_types": ["DownBlock2D", *["CrossAttnDownBlock2D"] * 2],
            "up_block_types": [*["CrossAttnUpBlock2D"] * 2, "UpBlock2D"],
            "transformer_layers_per_block": [1, 2, 10],
            "attention_head_dim": [5, 10, 20],
            "cross_attention_dim": 2048,
            "use_linear_projection": True,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": 2816,
        },
        1024,
        7.5,
        {**_VAE, "latent_channels": 4, "scaling_factor": 0.13025},
        pooled=lambda config: (
            config["projection_class_embeddings_input_dim"] - config["addition_time_embed_dim"] * 6
        ),
    ),
    FLUX.id: Kind(
        "FluxPipeline",
        "transformer",
        "FluxTransformer2DModel",
        {"guidance_embeds": True},  # the rest are diffusers' defaults
        1024,
        3.5,
        {**_VAE, "latent_channels": 16, "scaling_factor": 0.3611, "shift_factor": 0.1159},
        tokens=512,
        pooled=lambda config: config.get("pooled_projection_dim", 768),
    ),
}


def build(family: str, folder: Path, precision: str, config: Config | None = None) -> Model:
    """The recipe of a model in `folder`, its denoiser in the pool, on the device.

    precision: "float32", "float16" or "bfloat16". config: instead of what the denoiser of this
    family has by default, for tests.
    """
    import diffusers
    import torch

    from nodeforge.diffusion import devices, recipes, weights

    kind = KINDS[family]
    dtype: torch.dtype = getattr(torch, precision)
    cls = getattr(diffusers, kind.cls)
    own = {**kind.config, **(config or {})}
    told = json.loads(resources.path(f"families/{family}.json").read_text("utf-8"))
    index = {"_class_name": kind.pipeline} | {
        "scheduler": told["index"]["scheduler"],
        kind.denoiser: ["diffusers", kind.cls],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    _write(folder / "model_index.json", index)
    _write(folder / "scheduler" / "scheduler_config.json", told["configs"]["scheduler"])
    with torch.device("meta"):
        vae = diffusers.AutoencoderKL.from_config(dict(kind.vae))
    _holes(folder / "vae", vae, precision)
    module = _random(lambda: cls.from_config(own), devices.device().torch, dtype)
    _holes(folder / kind.denoiser, module, precision)
    model = recipes.resolve(str(folder), precision)
    weights.put(model, kind.denoiser, module)
    return model


def words(model: Model, seed: int) -> Conditioning:
    """What a text encoder might have said: random, in the shapes that the denoiser reads."""
    import torch

    from nodeforge.diffusion import recipes

    family = recipes.family(model)
    config = recipes.config(model, family.pipelines.denoiser)
    found = torch.Generator().manual_seed(seed)
    width = family.text.read_width(config)
    kind = KINDS[family.id]
    shapes: dict[str, tuple[int, ...]] = {"prompt_embeds": (1, kind.tokens, width)}
    if pooled := kind.pooled(config):
        shapes["pooled_prompt_embeds"] = (1, pooled)
    tensors = {name: torch.randn(shape, generator=found) for name, shape in shapes.items()}
    return Conditioning(tensors, family.id)


def lora(model: Model, path: Path) -> Path:
    """A LoRA of rank 16 for every attention of the denoiser, in the names of diffusers."""
    import torch

    from nodeforge.diffusion import recipes, weights

    name = recipes.family(model).pipelines.denoiser
    tensors: dict[str, torch.Tensor] = {}
    for layer, module in weights.component(model, name).named_modules():
        if layer.endswith(("to_q", "to_k", "to_v", "to_out.0")) and hasattr(module, "in_features"):
            down = torch.randn(RANK, module.in_features, dtype=torch.float16) * 0.02
            tensors[f"{name}.{layer}.lora_A.weight"] = down
            up = torch.randn(module.out_features, RANK, dtype=torch.float16) * 0.02
            tensors[f"{name}.{layer}.lora_B.weight"] = up
    with path.open("wb") as file:
        file.write(_header((key, "F16", t.shape, 2 * t.numel()) for key, t in tensors.items()))
        for tensor in tensors.values():
            file.write(tensor.numpy().tobytes())
    return path


def _random(make: Any, device: str, dtype: Any) -> Any:
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.inference_mode(False), torch.device(device):
            torch.manual_seed(0)
            return make().eval().requires_grad_(False)
    finally:
        torch.set_default_dtype(before)


def _holes(folder: Path, module: Any, precision: str) -> None:
    """A component's folder; the file of weights has a header, and holes for the numbers."""
    _write(folder / "config.json", {**module.config, "_class_name": type(module).__name__})
    letters, each = LETTERS[precision], 4 if precision == "float32" else 2
    weights = module.state_dict().items()
    head = _header((name, letters, w.shape, each * w.numel()) for name, w in weights)
    with (folder / "diffusion_pytorch_model.safetensors").open("wb") as file:
        file.write(head)
        file.truncate(len(head) + sum(each * w.numel() for _, w in weights))


def _header(entries: Iterable[tuple[str, str, Iterable[int], int]]) -> bytes:
    """What a file in safetensors begins with. entries: name, dtype, shape, bytes."""
    at, table = 0, {}
    for name, letters, shape, size in entries:
        offsets = [at, at + size]
        table[name] = {"dtype": letters, "shape": list(shape), "data_offsets": offsets}
        at += size
    head = json.dumps(table).encode()
    head += b" " * (-len(head) % 8)
    return struct.pack("<Q", len(head)) + head


def _write(path: Path, content: Config) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dict(content)), "utf-8")
