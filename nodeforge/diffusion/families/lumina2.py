"""Lumina 2: Gemma 2 reads the prompt after a system prompt, the VAE of Flux. Text to image only."""

from __future__ import annotations

from collections.abc import Sequence

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
    """(1, 256, width) and its mask. A negative prompt goes without the system prompt."""
    embeds, mask, negative, negative_mask = pipeline.encode_prompt(
        text, negative_prompt=text, device=device
    )
    return {
        "prompt_embeds": embeds,
        "prompt_attention_mask": mask,
        "negative_prompt_embeds": negative,
        "negative_prompt_attention_mask": negative_mask,
    }


def read_width(denoiser: Config) -> int:
    return int(denoiser["cap_feat_dim"])


LUMINA2 = Family(
    entry=table.LUMINA2,
    text=TextEncoding(encode_prompt=encode_prompt, read_width=read_width),
    latent=LatentSpace(colours=colours.FLUX, patch=2),
    call=PipelineCall(half=torch.bfloat16),
)
