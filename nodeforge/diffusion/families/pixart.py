"""PixArt-Sigma: T5 reads the prompt, a transformer, the VAE of SDXL. Text to image only."""

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
    """(1, 300, width) and its mask."""
    embeds, mask, _, _ = pipeline.encode_prompt(text, False, device=device)
    return {"prompt_embeds": embeds, "prompt_attention_mask": mask}


def read_width(denoiser: Config) -> int:
    return int(denoiser["caption_channels"])


PIXART = Family(
    entry=table.PIXART,
    text=TextEncoding(encode_prompt=encode_prompt, read_width=read_width),
    latent=LatentSpace(colours=colours.SDXL, patch=2),
    call=PipelineCall(
        half=torch.bfloat16,
        call_kwargs={
            "use_resolution_binning": False,
            "clean_caption": False,
            "negative_prompt": None,
        },
    ),
)
