"""What sets one family of models apart from another. All else in sampling is family-neutral.

A new family is one module in `families` that makes a `Family`. Where the defaults below do not
fit (two text encoders, packed latents, a shift), it passes functions of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import torch
from torch import Tensor

Pipeline: TypeAlias = Any  # diffusers is untyped
Config: TypeAlias = Mapping[str, Any]  # one component's config.json


@dataclass(frozen=True)
class Colours:
    """Latent to RGB, linear: (channels, 3) factors and a bias, for RGB from 0 to 1."""

    factors: tuple[tuple[float, ...], ...]
    bias: tuple[float, float, float]


def encode_prompt(pipeline: Pipeline, text: str, device: str) -> dict[str, Tensor]:
    """The prompt's tensors by the names that the pipeline's call gives them, batch 1."""
    embeds, _ = pipeline.encode_prompt(text, device, 1, False)
    return {"prompt_embeds": embeds}


def encoded_width(tensors: Mapping[str, Tensor]) -> int:
    """How wide a conditioning is, to compare with `reads`."""
    return int(tensors["prompt_embeds"].shape[-1])


def read_width(denoiser: Config) -> int:
    """How wide a conditioning the denoiser reads."""
    return int(denoiser["cross_attention_dim"])


def factor(vae: Config) -> int:
    """Pixels per latent cell. Pipelines without a VAE silently say 8: always set it from here."""
    return int(2 ** (len(vae["block_out_channels"]) - 1))


def space(vae: Config) -> str:
    """What must match for a latent to be understood: the shape and scale of the VAE's space."""
    return f"{vae['latent_channels']}ch/{factor(vae)} x{vae['scaling_factor']:g}"


def decode(vae: Any, samples: Tensor) -> Tensor:
    """(batch, channels, h, w) latents to (batch, 3, h f, w f) pictures from -1 to 1."""
    pictures: Tensor = vae.decode(samples / vae.config.scaling_factor, return_dict=False)[0]
    return pictures


def encode(vae: Any, pictures: Tensor) -> Tensor:
    """The way back. Takes the distribution's mode, so the same picture gives the same latent."""
    samples: Tensor = vae.encode(pictures).latent_dist.mode() * vae.config.scaling_factor
    return samples


def as_grid(samples: Tensor, width: int, height: int) -> Tensor:
    """Latents as the scheduler sees them to (batch, channels, h, w), for previews."""
    return samples


@dataclass(frozen=True)
class Family:
    """One interface to a family of models.

    classes: the pipeline classes in model_index.json that mean this family. text_to_image,
    image_to_image, inpaint: the diffusers classes that run it; inpaint keeps what a mask does not
    cover, and is empty where there is none. controls: the classes of control networks that can
    guide it. text: the components that encode_prompt needs. slots: every component a constructor
    asks for, all None in a hollow pipeline. extra: other constructor arguments. half: the dtype
    that is safe and quick on a GPU.
    """

    id: str
    title: str
    classes: frozenset[str]
    text_to_image: str
    image_to_image: str
    text: tuple[str, ...]
    denoiser: str
    slots: tuple[str, ...]
    colours: Colours
    inpaint: str = ""
    controls: frozenset[str] = frozenset()
    extra: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)
    half: torch.dtype = torch.float16
    encode_prompt: Callable[[Pipeline, str, str], dict[str, Tensor]] = encode_prompt
    encoded_width: Callable[[Mapping[str, Tensor]], int] = encoded_width
    read_width: Callable[[Config], int] = read_width
    factor: Callable[[Config], int] = factor
    space: Callable[[Config], str] = space
    decode: Callable[[Any, Tensor], Tensor] = decode
    encode: Callable[[Any, Tensor], Tensor] = encode
    as_grid: Callable[[Tensor, int, int], Tensor] = as_grid
