"""Lumina 2, tiny and random."""

from __future__ import annotations

from pathlib import Path

import diffusers

from tests.diffusion.tiny import text, vae
from tests.diffusion.tiny.lively import lively, saved


def make(folder: Path) -> Path:
    pipeline = diffusers.Lumina2Pipeline(
        transformer=lively(
            diffusers.Lumina2Transformer2DModel(
                sample_size=32,
                patch_size=2,
                in_channels=4,
                hidden_size=16,
                num_layers=2,
                num_refiner_layers=1,
                num_attention_heads=2,
                num_kv_heads=1,
                multiple_of=16,
                axes_dim_rope=[4, 2, 2],
                axes_lens=[300, 64, 64],
                cap_feat_dim=16,
            )
        ),
        vae=lively(vae.flux(blocks=4)),  # its pipeline knows no factor but 8
        text_encoder=lively(text.gemma()),
        tokenizer=text.gemma_tokenizer(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=6.0),
    )
    return saved(pipeline, folder)
