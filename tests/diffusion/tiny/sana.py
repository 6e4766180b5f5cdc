"""Sana, tiny and random."""

from __future__ import annotations

from pathlib import Path

import diffusers

from tests.diffusion.tiny import text, vae
from tests.diffusion.tiny.lively import lively, saved

_TRANSFORMER = {
    "patch_size": 1,
    "in_channels": 4,
    "out_channels": 4,
    "num_layers": 2,
    "num_attention_heads": 2,
    "attention_head_dim": 8,
    "num_cross_attention_heads": 2,
    "cross_attention_head_dim": 8,
    "cross_attention_dim": 16,
    "caption_channels": 16,
    "sample_size": 32,
}


def make(folder: Path) -> Path:
    pipeline = diffusers.SanaPipeline(
        transformer=lively(diffusers.SanaTransformer2DModel(**_TRANSFORMER)),
        vae=lively(vae.dc()),
        text_encoder=lively(text.gemma()),
        tokenizer=text.gemma_tokenizer(),
        scheduler=diffusers.DPMSolverMultistepScheduler(
            prediction_type="flow_prediction",
            use_flow_sigmas=True,
            flow_shift=3.0,
        ),
    )
    return saved(pipeline, folder)


def make_sprint(folder: Path) -> Path:
    """It draws in a few steps, and is told how closely to follow the words."""
    pipeline = diffusers.SanaSprintPipeline(
        transformer=lively(
            diffusers.SanaTransformer2DModel(
                **_TRANSFORMER, guidance_embeds=True, qk_norm="rms_norm_across_heads"
            )
        ),
        vae=lively(vae.dc()),
        text_encoder=lively(text.gemma()),
        tokenizer=text.gemma_tokenizer(),
        scheduler=diffusers.SCMScheduler(),
    )
    return saved(pipeline, folder)


def make_control(folder: Path) -> Path:
    """A ControlNet for it, alone in its folder."""
    lively(diffusers.SanaControlNetModel(**_TRANSFORMER), 10).save_pretrained(folder)
    return folder
