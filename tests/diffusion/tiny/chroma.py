"""Chroma, tiny and random."""

from __future__ import annotations

from pathlib import Path

import diffusers

from tests.diffusion.tiny import text, vae
from tests.diffusion.tiny.lively import lively, saved


def make(folder: Path) -> Path:
    pipeline = diffusers.ChromaPipeline(
        transformer=lively(
            diffusers.ChromaTransformer2DModel(
                patch_size=1,
                in_channels=16,
                num_layers=1,
                num_single_layers=1,
                attention_head_dim=16,
                num_attention_heads=2,
                joint_attention_dim=32,
                axes_dims_rope=[4, 4, 8],
                approximator_hidden_dim=32,
                approximator_layers=1,
                approximator_num_channels=16,
            )
        ),
        vae=lively(vae.flux()),
        text_encoder=lively(text.t5(32)),
        tokenizer=text.t5_tokenizer(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
    )
    return saved(pipeline, folder)
