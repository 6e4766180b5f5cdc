"""Stable Diffusion 1, tiny and random."""

from __future__ import annotations

from pathlib import Path

import diffusers

from tests.diffusion.tiny import text, vae
from tests.diffusion.tiny.lively import lively, saved


def make(folder: Path, channels: int = 4) -> Path:
    """channels: 9 for a model that was trained to inpaint."""
    pipeline = diffusers.StableDiffusionPipeline(
        vae=lively(vae.kl(4)),
        text_encoder=lively(text.clip()),
        tokenizer=text.clip_tokenizer(),
        unet=lively(
            diffusers.UNet2DConditionModel(
                in_channels=channels,
                block_out_channels=(16, 32),
                layers_per_block=1,
                norm_num_groups=8,
                down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
                up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
                cross_attention_dim=32,
                attention_head_dim=4,
                sample_size=32,
            )
        ),
        scheduler=diffusers.PNDMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", skip_prk_steps=True
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    return saved(pipeline, folder)
