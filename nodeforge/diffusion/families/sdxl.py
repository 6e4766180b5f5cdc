"""Stable Diffusion XL: two CLIP towers, a UNet, 4 channels; also its refiner, with one tower."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image as Pil
from torch import Tensor

from nodeforge.diffusion.families import colours
from nodeforge.diffusion.family import (
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
    """(1, 77, width) of the towers side by side, and (1, width) of the second."""
    embeds, _, pooled, _ = pipeline.encode_prompt(text, None, device, 1, False)
    return {"prompt_embeds": embeds, "pooled_prompt_embeds": pooled}


SDXL = Family(
    entry=table.SDXL,
    text=TextEncoding(
        components=("tokenizer", "text_encoder", "tokenizer_2", "text_encoder_2"),
        zeros=True,
        encode_prompt=encode_prompt,
    ),
    latent=LatentSpace(colours=colours.SDXL, upcast=True),
    call=PipelineCall(init_kwargs={"add_watermarker": False}),
)
