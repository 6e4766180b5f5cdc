"""AuraFlow, tiny and random: a pipeline that has no family of its own here."""

from __future__ import annotations

from pathlib import Path

import diffusers

from tests.diffusion.tiny import text, vae
from tests.diffusion.tiny.lively import lively, saved


def make(folder: Path) -> Path:
    pipeline = diffusers.AuraFlowPipeline(
        transformer=lively(
            diffusers.AuraFlowTransformer2DModel(
                sample_size=32,
                patch_size=2,
                in_channels=4,
                num_mmdit_layers=1,
                num_single_dit_layers=1,
                attention_head_dim=8,
                num_attention_heads=4,
                caption_projection_dim=32,
                joint_attention_dim=32,
                out_channels=4,
                pos_embed_max_size=256,
            )
        ),
        vae=lively(vae.kl(4, 0.13025)),
        text_encoder=lively(text.t5(32)),
        tokenizer=text.t5_tokenizer(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=1.73),
    )
    return saved(pipeline, folder)
