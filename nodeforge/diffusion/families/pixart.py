"""PixArt-Sigma: T5 reads the prompt, a transformer, the VAE of SDXL. Text to image only."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from PIL import Image as Pil
from torch import Tensor

from nodeforge.diffusion.families import colours
from nodeforge.diffusion.family import Config, Family, Pipeline
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
    text_to_image="PixArtSigmaPipeline",
    image_to_image="",
    inpaint="",
    text=("tokenizer", "text_encoder"),
    denoiser="transformer",
    colours=colours.SDXL,
    half=torch.bfloat16,
    patch=2,
    encode_prompt=encode_prompt,
    read_width=read_width,
    words={"use_resolution_binning": False, "clean_caption": False, "negative_prompt": None},
)
