"""Transformers as wide as they are, as their makers name things: numbers that are not there.

Names and shapes go into a file without weights; the config read from it must be that of a network
which diffusers' converter fills to the last tensor.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
from accelerate import init_empty_weights
from diffusers.loaders import single_file_utils

from nodeforge.diffusion import recipes, single, tensors
from tests.diffusion.test_single import empty_file, flux_shapes

Shapes = dict[str, tuple[int, ...]]


def linear(name: str, out: int, into: int) -> Shapes:
    return {f"{name}.weight": (out, into), f"{name}.bias": (out,)}


def sd3(width: int, layers: int, dual: int = 0, norm: bool = False, grid: int = 16) -> Shapes:
    """Stable Diffusion 3; 3.5 has norms, and its medium size a second attention in some blocks."""
    found: Shapes = {"pos_embed": (1, grid**2, width), "x_embedder.proj.bias": (width,)}
    found |= {"x_embedder.proj.weight": (width, 16, 2, 2)}
    for name, into in (("t_embedder", 256), ("y_embedder", 2048)):
        found |= linear(f"{name}.mlp.0", width, into) | linear(f"{name}.mlp.2", width, width)
    found |= linear("context_embedder", width, 4096) | linear("final_layer.linear", 64, width)
    found |= linear("final_layer.adaLN_modulation.1", 2 * width, width)
    for block in range(layers):
        for side in ("x_block", "context_block"):
            second = side == "x_block" and block < dual
            last = side == "context_block" and block == layers - 1
            stem = f"joint_blocks.{block}.{side}."
            mods = 9 if second else 2 if last else 6
            found |= linear(f"{stem}adaLN_modulation.1", mods * width, width)
            for attention in ("attn", "attn2") if second else ("attn",):
                found |= linear(f"{stem}{attention}.qkv", 3 * width, width)
                found |= {} if last else linear(f"{stem}{attention}.proj", width, width)
                found |= {f"{stem}{attention}.ln_{n}.weight": (64,) for n in "qk" if norm}
            if not last:
                found |= linear(f"{stem}mlp.fc1", 4 * width, width)
                found |= linear(f"{stem}mlp.fc2", width, 4 * width)
    return found


def chroma() -> Shapes:
    """Flux without its modulations, with an approximator of them."""
    gone = ("guidance", "vector_in", "time_in", "final_layer.adaLN")
    whole, stem = flux_shapes(double=2, one=3), "distilled_guidance_layer."
    found = {n: s for n, s in whole.items() if not n.startswith(gone) and ".lin." not in n}
    found |= linear(f"{stem}in_proj", 5120, 64) | linear(f"{stem}out_proj", 3072, 5120)
    for layer in range(5):
        for name in ("in_layer", "out_layer"):
            found |= linear(f"{stem}layers.{layer}.{name}", 5120, 5120)
        found[f"{stem}norms.{layer}.scale"] = (5120,)
    return found


def z_image() -> Shapes:
    names = {
        "all_final_layer.2-1.": "final_layer.",
        "all_x_embedder.2-1.": "x_embedder.",
        ".attention.to_out.0.": ".attention.out.",
        ".attention.norm_k.": ".attention.k_norm.",
        ".attention.norm_q.": ".attention.q_norm.",
    }
    found: Shapes = {}
    for name, shape in bare("ZImageTransformer2DModel").items():
        for ours, theirs in names.items():
            name = name.replace(ours, theirs)
        if ".attention.to_q." in name:
            found[name.replace("to_q", "qkv")] = (3 * shape[0], *shape[1:])
        elif ".attention.to_" not in name:
            found[name] = shape
    return found


def bare(cls: str) -> Shapes:
    with init_empty_weights():
        model = getattr(diffusers, cls)()
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


CASES: dict[str, tuple[str, Callable[[], Shapes]]] = {
    "sd3": ("sd3", lambda: sd3(1536, 2)),
    "sd3.5 large": ("sd3", lambda: sd3(2432, 3, norm=True)),
    "sd3.5 medium": ("sd3", lambda: sd3(1536, 4, dual=2, norm=True, grid=24)),
    "chroma": ("chroma", chroma),
    "z-image": ("z-image", z_image),
    "qwen-image": ("qwen-image", lambda: bare("QwenImageTransformer2DModel")),
}
CONVERT: dict[str, Callable[..., dict[str, Any]]] = {
    "sd3": single_file_utils.convert_sd3_transformer_checkpoint_to_diffusers,
    "chroma": single_file_utils.convert_chroma_transformer_checkpoint_to_diffusers,
    "z-image": single_file_utils.convert_z_image_transformer_checkpoint_to_diffusers,
    "qwen-image": lambda state: state,
}


@pytest.mark.parametrize("case", CASES)
def test_the_converter_fills_what_the_config_makes(case: str, tmp_path: Path) -> None:
    variant, make = CASES[case]
    sizes = make()
    path = empty_file(tmp_path / "model.safetensors", sizes)
    assert single.variant(tensors.table(path)) == variant
    state = {name: torch.empty(shape, device="meta") for name, shape in sizes.items()}
    filled = {name: tuple(tensor.shape) for name, tensor in CONVERT[variant](state).items()}
    assert filled == single.outline(recipes.part(path, "transformer"))
