"""Flux.2, tiny and random: dev and klein."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers

from tests.diffusion.tiny import text, vae
from tests.diffusion.tiny.lively import lively, saved


def _transformer(width: int, guided: bool) -> Any:
    return lively(
        diffusers.Flux2Transformer2DModel(
            patch_size=1,
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=3 * width,
            timestep_guidance_channels=32,
            axes_dims_rope=[4, 4, 4, 4],
            guidance_embeds=guided,
        )
    )


def make(folder: Path) -> Path:
    pipeline = diffusers.Flux2Pipeline(
        transformer=_transformer(16, guided=True),
        vae=lively(vae.flux2()),
        text_encoder=lively(text.mistral()),
        tokenizer=text.mistral_processor(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
    )
    return saved(pipeline, folder)


def make_klein(folder: Path) -> Path:
    pipeline = diffusers.Flux2KleinPipeline(
        transformer=_transformer(16, guided=False),
        vae=lively(vae.flux2()),
        text_encoder=lively(text.qwen3(layers=28, talks=True)),
        tokenizer=text.qwen_tokenizer(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
    )
    return saved(pipeline, folder)
