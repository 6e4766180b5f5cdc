"""Stable Diffusion 3, tiny and random."""

from __future__ import annotations

from pathlib import Path

import diffusers

from tests.diffusion.tiny import text, vae
from tests.diffusion.tiny.lively import lively, saved

TRANSFORMER = {
    "sample_size": 32,
    "patch_size": 2,
    "in_channels": 16,  # its inpaint pipeline takes no other
    "num_layers": 2,
    "attention_head_dim": 8,
    "num_attention_heads": 4,
    "caption_projection_dim": 32,
    "joint_attention_dim": 48,
    "pooled_projection_dim": 40,
    "out_channels": 16,
    "qk_norm": "rms_norm",
}


def make(folder: Path) -> Path:
    pipeline = diffusers.StableDiffusion3Pipeline(
        transformer=lively(diffusers.SD3Transformer2DModel(**TRANSFORMER)),
        vae=lively(vae.flux(16)),
        text_encoder=lively(text.clip(16, projected=True)),
        tokenizer=text.clip_tokenizer(),
        text_encoder_2=lively(text.clip(24, projected=True), 8),
        tokenizer_2=text.clip_tokenizer(),
        text_encoder_3=lively(text.t5(48), 9),
        tokenizer_3=text.t5_tokenizer(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0),
    )
    return saved(pipeline, folder)


def make_control(folder: Path, filling: bool = False) -> Path:
    """A ControlNet for it, alone in its folder; filling: one that sees a picture and a mask."""
    net = diffusers.SD3ControlNetModel(**TRANSFORMER, extra_conditioning_channels=int(filling))
    lively(net, 10).save_pretrained(folder)
    return folder
