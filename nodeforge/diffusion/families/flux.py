"""Flux.1: a CLIP tower and T5, a transformer, 16 channels packed two by two; dev, schnell, Kontext,
Fill.

Its guidance is learned, so there is no negative prompt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from PIL import Image as Pil
from torch import Tensor

from nodeforge.diffusion.families import colours
from nodeforge.diffusion.family import (
    Beside,
    Config,
    Family,
    LatentSpace,
    Pipeline,
    PipelineCall,
    TextEncoding,
    packed_by_two,
    unpacked,
)
from nodeforge.families import table


def encode_prompt(
    pipeline: Pipeline, text: str, device: str, pictures: Sequence[Pil.Image] = ()
) -> dict[str, Tensor]:
    """(1, 512, width) of T5, and (1, width) of CLIP."""
    embeds, pooled, _ = pipeline.encode_prompt(text, None, device)
    return {"prompt_embeds": embeds, "pooled_prompt_embeds": pooled}


def fill_latents(samples: Tensor, mask: Tensor) -> Tensor:
    """Packed, and beside each cell the pixels of the mask that it stands for."""
    batch, _, h, w = samples.shape
    f = mask.shape[-1] // w
    cells = mask.expand(batch, -1, -1, -1).reshape(batch, h, f, w, f).permute(0, 2, 4, 1, 3)
    both = (packed_by_two(samples), packed_by_two(cells.reshape(batch, f * f, h, w)))
    return torch.cat(both, dim=-1)


def fix_pipeline(pipeline: Pipeline) -> None:
    """It refuses a picture with the latents of what is seen of it, but uses both."""
    pipeline.check_inputs = lambda *args, **words: None


def extra_kwargs(words: Mapping[str, Any], sizes: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Pictures lie behind the one that is drawn, in a plane of their own."""
    ids, plane = words["img_ids"], torch.ones(1, dtype=torch.int64)
    more = (torch.cartesian_prod(plane, *map(torch.arange, size)) for size in sizes)
    return {**words, "img_ids": torch.cat([ids, *(places.to(ids) for places in more)])}


def read_width(denoiser: Config) -> int:
    return int(denoiser["joint_attention_dim"])


_LATENT = LatentSpace(colours=colours.FLUX, patch=2, as_grid=unpacked, packed=packed_by_two)
# the picture that is spoken of keeps its size: Kontext would scale it to a million pixels
_CALL = PipelineCall(call_kwargs={"_auto_resize": False}, half=torch.bfloat16, flow=True)

FLUX = Family(
    entry=table.FLUX,
    text=TextEncoding(
        components=("tokenizer", "text_encoder", "tokenizer_2", "text_encoder_2"),
        tokenizers=("tokenizer_2",),
        encode_prompt=encode_prompt,
        read_width=read_width,
    ),
    latent=_LATENT,
    call=_CALL,
    variants={
        "FluxKontextPipeline": {"beside": Beside(lambda picture: picture.size, extra_kwargs)},
        "FluxFillPipeline": {
            "latent": replace(_LATENT, fill_latents=fill_latents),
            "call": replace(_CALL, fix_pipeline=fix_pipeline),
        },
    },
)
