"""Stable Diffusion XL, tiny and random: the base and its refiner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers

from tests.diffusion.tiny import text, vae
from tests.diffusion.tiny.lively import lively, saved


def _unet(width: int, ids: int, pooled: int) -> Any:
    return diffusers.UNet2DConditionModel(
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=8,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 2),
        projection_class_embeddings_input_dim=8 * ids + pooled,
        cross_attention_dim=width,
        sample_size=32,
    )


def _scheduler() -> Any:
    return diffusers.EulerDiscreteScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        timestep_spacing="leading",
        steps_offset=1,
    )


def make(folder: Path) -> Path:
    pipeline = diffusers.StableDiffusionXLPipeline(
        vae=lively(vae.kl(4, 0.13025)),
        text_encoder=lively(text.clip(16)),
        tokenizer=text.clip_tokenizer(),
        text_encoder_2=lively(text.clip(32, projected=True), 8),
        tokenizer_2=text.clip_tokenizer(),
        unet=lively(_unet(width=48, ids=6, pooled=32)),
        scheduler=_scheduler(),
    )
    return saved(pipeline, folder)


def make_refiner(folder: Path) -> Path:
    """One text encoder, and a mark for beauty instead of the size that is aimed at."""
    pipeline = diffusers.StableDiffusionXLImg2ImgPipeline(
        vae=lively(vae.kl(4, 0.13025)),
        text_encoder=None,
        tokenizer=None,
        text_encoder_2=lively(text.clip(32, projected=True), 8),
        tokenizer_2=text.clip_tokenizer(),
        unet=lively(_unet(width=32, ids=5, pooled=32)),
        scheduler=_scheduler(),
        requires_aesthetics_score=True,
        force_zeros_for_empty_prompt=False,
    )
    return saved(pipeline, folder)
