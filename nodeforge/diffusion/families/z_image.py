"""Z-Image and Z-Image Turbo: Qwen 3 reads the prompt, one stream of words and picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from PIL import Image as Pil
from torch import Tensor

from nodeforge.diffusion.families import colours
from nodeforge.diffusion.family import (
    Config,
    Family,
    LatentSpace,
    Pipeline,
    PipelineCall,
    TextEncoding,
)
from nodeforge.families import table


def encode_prompt(
    pipeline: Pipeline, text: str, device: str, pictures: Sequence[Pil.Image] = ()
) -> dict[str, Tensor]:
    """(1, words, width): only the words there are, no padding."""
    (embeds,), _ = pipeline.encode_prompt([text], device, do_classifier_free_guidance=False)
    return {"prompt_embeds": embeds[None]}


def read_width(denoiser: Config) -> int:
    return int(denoiser["cap_feat_dim"])


def to_call(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """One tensor for each picture, for prompts differ in length."""
    return {name: list(rows) for name, rows in tensors.items()}


def guidance_kwargs(guidance: float) -> dict[str, float]:
    """Its pipeline guides above 0, not above 1."""
    return {"guidance_scale": guidance if guidance > 1 else 0.0}


Z_IMAGE = Family(
    entry=table.Z_IMAGE,
    text=TextEncoding(encode_prompt=encode_prompt, read_width=read_width),
    latent=LatentSpace(colours=colours.FLUX, patch=2),
    call=PipelineCall(
        half=torch.bfloat16, flow=True, to_call=to_call, guidance_kwargs=guidance_kwargs
    ),
)
