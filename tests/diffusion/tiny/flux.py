"""Flux.1, tiny and random: dev, schnell, fill, kontext."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers

from tests.diffusion.tiny import text, vae
from tests.diffusion.tiny.lively import lively, saved


def _parts(channels: int = 16, guided: bool = True) -> dict[str, Any]:
    return {
        "transformer": lively(
            diffusers.FluxTransformer2DModel(
                patch_size=1,
                in_channels=channels,
                out_channels=16,
                num_layers=1,
                num_single_layers=1,
                attention_head_dim=16,
                num_attention_heads=2,
                joint_attention_dim=32,
                pooled_projection_dim=24,
                axes_dims_rope=[4, 4, 8],
                guidance_embeds=guided,
            )
        ),
        "vae": lively(vae.flux()),
        "text_encoder": lively(text.clip(24)),
        "tokenizer": text.clip_tokenizer(),
        "text_encoder_2": lively(text.t5(32), 8),
        "tokenizer_2": text.t5_tokenizer(),
        "scheduler": diffusers.FlowMatchEulerDiscreteScheduler(
            shift=3.0, use_dynamic_shifting=guided
        ),
    }


def make_dev(folder: Path) -> Path:
    return saved(diffusers.FluxPipeline(**_parts()), folder)


def make_schnell(folder: Path) -> Path:
    return saved(diffusers.FluxPipeline(**_parts(guided=False)), folder)


def make_fill(folder: Path) -> Path:
    """It sees the picture under the mask, and the mask, one channel for every pixel of a cell."""
    return saved(diffusers.FluxFillPipeline(**_parts(channels=16 + 16 + 4 * 2 * 2)), folder)


def make_kontext(folder: Path) -> Path:
    return saved(diffusers.FluxKontextPipeline(**_parts()), folder)


def make_control(folder: Path) -> Path:
    """A ControlNet for dev, alone in its folder."""
    net = diffusers.FluxControlNetModel(
        patch_size=1,
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=24,
        axes_dims_rope=[4, 4, 8],
        guidance_embeds=True,
    )
    lively(net, 10).save_pretrained(folder)
    return folder
