"""Flux.2: a language model reads the prompt at three heights, 32 channels packed two by two, made
even by statistics that the VAE keeps; dev, and klein, which takes a negative prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
    unpacked,
)
from nodeforge.families import table


def encode_prompt(
    pipeline: Pipeline, text: str, device: str, pictures: Sequence[Pil.Image] = ()
) -> dict[str, Tensor]:
    """(1, 512, 3 widths)."""
    embeds, _ = pipeline.encode_prompt(text, device)
    return {"prompt_embeds": embeds}


def read_width(denoiser: Config) -> int:
    return int(denoiser["joint_attention_dim"])


def space(vae: Config) -> str:
    return f"{vae['latent_channels']}ch/{2 ** (len(vae['block_out_channels']) - 1)} even"


def decode(vae: Any, samples: Tensor) -> Tensor:
    mean, deviation = _statistics(vae, samples)
    latents = _apart(folded(samples) * deviation + mean)
    pictures: Tensor = vae.decode(latents, return_dict=False)[0]
    return pictures


def encode(vae: Any, pictures: Tensor) -> Tensor:
    found = vae.encode(pictures).latent_dist.mode()
    mean, deviation = _statistics(vae, found)
    return _apart((folded(found) - mean) / deviation)


def _statistics(vae: Any, like: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation, (1, 4 channels, 1, 1)."""
    mean = vae.bn.running_mean.view(1, -1, 1, 1).to(like.device, like.dtype)
    variance = vae.bn.running_var.view(1, -1, 1, 1) + vae.config.batch_norm_eps
    return mean, torch.sqrt(variance).to(like.device, like.dtype)


def folded(grid: Tensor) -> Tensor:
    """(batch, channels, h, w) to (batch, 4 channels, h / 2, w / 2)."""
    batch, channels, h, w = grid.shape
    cells = grid.view(batch, channels, h // 2, 2, w // 2, 2).permute(0, 1, 3, 5, 2, 4)
    return cells.reshape(batch, 4 * channels, h // 2, w // 2)


def _apart(cells: Tensor) -> Tensor:
    """The way back."""
    batch, channels, h, w = cells.shape
    grid = cells.reshape(batch, channels // 4, 2, 2, h, w).permute(0, 1, 4, 2, 5, 3)
    return grid.reshape(batch, channels // 4, 2 * h, 2 * w)


_LATENT = LatentSpace(
    colours=colours.UNKNOWN,
    patch=2,
    space=space,
    decode=decode,
    encode=encode,
    as_grid=unpacked,
    to_start=folded,
)
_KLEIN = {"latent": replace(_LATENT, scales=True)}

FLUX2 = Family(
    entry=table.FLUX2,
    text=TextEncoding(encode_prompt=encode_prompt, read_width=read_width),
    latent=_LATENT,
    call=PipelineCall(half=torch.bfloat16, flow=True),
    variants=dict.fromkeys(("Flux2KleinPipeline", "Flux2KleinInpaintPipeline"), _KLEIN),
)
