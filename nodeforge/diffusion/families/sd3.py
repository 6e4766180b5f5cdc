"""Stable Diffusion 3 and 3.5: two CLIP towers and T5, a transformer, 16 channels."""

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
    """(1, 77 + 256, width) of the three encoders in a row, and (1, width) of the two towers."""
    embeds, _, pooled, _ = pipeline.encode_prompt(
        text, None, None, device, do_classifier_free_guidance=False
    )
    return {"prompt_embeds": embeds, "pooled_prompt_embeds": pooled}


def read_width(denoiser: Config) -> int:
    return int(denoiser["joint_attention_dim"])


SD3 = Family(
    entry=table.SD3,
    text=TextEncoding(
        components=(
            "tokenizer",
            "text_encoder",
            "tokenizer_2",
            "text_encoder_2",
            "tokenizer_3",
            "text_encoder_3",
        ),
        tokenizers=("tokenizer", "tokenizer_3"),
        encode_prompt=encode_prompt,
        read_width=read_width,
    ),
    latent=LatentSpace(colours=colours.SD3, patch=2),
    call=PipelineCall(half=torch.bfloat16, flow=True),
)
