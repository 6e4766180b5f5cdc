"""PixArt-Sigma, tiny and random."""

from __future__ import annotations

from pathlib import Path

import diffusers

from tests.diffusion.tiny import text, vae
from tests.diffusion.tiny.lively import lively, saved


def make(folder: Path) -> Path:
    pipeline = diffusers.PixArtSigmaPipeline(
        transformer=lively(
            diffusers.PixArtTransformer2DModel(
                sample_size=32,
                num_layers=2,
                patch_size=2,
                attention_head_dim=8,
                num_attention_heads=2,
                caption_channels=32,
                in_channels=4,
                cross_attention_dim=16,
                out_channels=8,
                use_additional_conditions=False,
            )
        ),
        vae=lively(vae.kl(4, 0.13025)),
        text_encoder=lively(text.t5(32)),
        tokenizer=text.t5_tokenizer(),
        scheduler=diffusers.DPMSolverMultistepScheduler(
            beta_start=0.0001, beta_end=0.02, beta_schedule="linear"
        ),
    )
    return saved(pipeline, folder)
