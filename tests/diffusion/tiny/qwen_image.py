"""Qwen-Image and its two editors, tiny and random."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers

from tests.diffusion.tiny import text, vae
from tests.diffusion.tiny.lively import lively, saved

_TRANSFORMER = {
    "patch_size": 2,
    "in_channels": 16,
    "out_channels": 4,
    "num_layers": 2,
    "attention_head_dim": 16,
    "num_attention_heads": 2,
    "joint_attention_dim": 16,
    "axes_dims_rope": (8, 4, 4),
}


def _parts() -> dict[str, Any]:
    return {
        "transformer": lively(diffusers.QwenImageTransformer2DModel(**_TRANSFORMER)),
        "vae": lively(vae.qwen()),
        "text_encoder": lively(text.qwen_vl()),
        "tokenizer": text.qwen_tokenizer(),
        "scheduler": diffusers.FlowMatchEulerDiscreteScheduler(
            use_dynamic_shifting=True,
            base_shift=0.5,
            max_shift=0.9,
            max_image_seq_len=8192,
            shift_terminal=0.02,
        ),
    }


def make(folder: Path) -> Path:
    return saved(diffusers.QwenImagePipeline(**_parts()), folder)


def make_edit(folder: Path) -> Path:
    """The first editor, which takes one picture."""
    parts = _parts() | {"processor": text.qwen_processor()}
    return saved(diffusers.QwenImageEditPipeline(**parts), folder)


def make_edit_plus(folder: Path) -> Path:
    """The second editor, which takes several."""
    parts = _parts() | {"processor": text.qwen_processor()}
    return saved(diffusers.QwenImageEditPlusPipeline(**parts), folder)


def make_control(folder: Path, filling: bool = False) -> Path:
    """A ControlNet for it, alone in its folder; filling: one that sees a picture and a mask."""
    extra = {"extra_condition_channels": 4} if filling else {}
    lively(diffusers.QwenImageControlNetModel(**_TRANSFORMER, **extra), 10).save_pretrained(folder)
    return folder
