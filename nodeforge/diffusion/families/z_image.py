"""Z-Image and Z-Image Turbo: Qwen 3 reads the prompt, one stream of words and picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from PIL import Image as Pil
from torch import Tensor

from nodeforge.diffusion.families import colours
from nodeforge.diffusion.family import Config, Family, Pipeline
from nodeforge.families import table


def encode_prompt(
    pipeline: Pipeline, text: str, device: str, pictures: Sequence[Pil.Image] = ()
) -> dict[str, Tensor]:
    """(1, words, width): only the words there are, no padding."""
    (embeds,), _ = pipeline.encode_prompt([text], device, do_classifier_free_guidance=False)
    return {"prompt_embeds": embeds[None]}


def read_width(denoiser: Config) -> int:
    return int(denoiser["cap_feat_dim"])


def handed(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """One tensor for each picture, for prompts differ in length."""
    return {name: list(rows) for name, rows in tensors.items()}


def guided(guidance: float) -> dict[str, float]:
    """Its pipeline guides above 0, not above 1."""
    return {"guidance_scale": guidance if guidance > 1 else 0.0}


Z_IMAGE = Family(
    entry=table.Z_IMAGE,
    text_to_image="ZImagePipeline",
    image_to_image="ZImageImg2ImgPipeline",
    inpaint="ZImageInpaintPipeline",
    text=("tokenizer", "text_encoder"),
    denoiser="transformer",
    controls=frozenset({"ZImageControlNetModel"}),
    colours=colours.FLUX,
    half=torch.bfloat16,
    patch=2,
    encode_prompt=encode_prompt,
    read_width=read_width,
    weighs=False,
    flow=True,
    handed=handed,
    guided=guided,
)
