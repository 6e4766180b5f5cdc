"""Stable Diffusion 3 and 3.5: two CLIP towers and T5, a transformer, 16 channels."""

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
    """(1, 77 + 256, width) of the three encoders in a row, and (1, width) of the two towers."""
    embeds, _, pooled, _ = pipeline.encode_prompt(
        text, None, None, device, do_classifier_free_guidance=False
    )
    return {"prompt_embeds": embeds, "pooled_prompt_embeds": pooled}


def read_width(denoiser: Config) -> int:
    return int(denoiser["joint_attention_dim"])


SD3 = Family(
    entry=table.SD3,
    text_to_image="StableDiffusion3Pipeline",
    image_to_image="StableDiffusion3Img2ImgPipeline",
    inpaint="StableDiffusion3InpaintPipeline",
    text=(
        "tokenizer",
        "text_encoder",
        "tokenizer_2",
        "text_encoder_2",
        "tokenizer_3",
        "text_encoder_3",
    ),
    reads=("tokenizer", "tokenizer_3"),
    denoiser="transformer",
    controls=frozenset({"SD3ControlNetModel"}),
    colours=colours.SD3,
    half=torch.bfloat16,
    patch=2,
    flow=True,
    encode_prompt=encode_prompt,
    read_width=read_width,
)
