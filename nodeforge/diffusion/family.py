"""What sets one family of models apart from another. All else in sampling is family-neutral.

A new family is one module in `families` that makes a `Family`. Where the defaults below do not
fit (two text encoders, packed latents, a shift), it passes functions of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import torch
from PIL import Image as Pil
from torch import Tensor

from nodeforge.families.family_entry import FamilyEntry

Pipeline: TypeAlias = Any  # diffusers is untyped
Config: TypeAlias = Mapping[str, Any]  # one component's config.json


@dataclass(frozen=True)
class Colours:
    """Latent to RGB, linear: (channels, 3) factors and a bias, for RGB from 0 to 1."""

    factors: tuple[tuple[float, ...], ...]
    bias: tuple[float, float, float]


def encode_prompt(
    pipeline: Pipeline, text: str, device: str, pictures: Sequence[Pil.Image] = ()
) -> dict[str, Tensor]:
    """The prompt's tensors by the names that the pipeline's call gives them, batch 1.

    pictures: what the prompt speaks of, for families that read them.
    """
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
    latents = samples / vae.config.scaling_factor
    if shift := vae.config.get("shift_factor"):
        latents = latents + shift
    pictures: Tensor = vae.decode(latents, return_dict=False)[0]
    return pictures


def encode(vae: Any, pictures: Tensor) -> Tensor:
    """The way back. Takes the distribution's mode, so the same picture gives the same latent."""
    found = vae.encode(pictures).latent_dist.mode()
    if shift := vae.config.get("shift_factor"):
        found = found - shift
    samples: Tensor = found * vae.config.scaling_factor
    return samples


def as_grid(samples: Tensor, width: int, height: int) -> Tensor:
    """Latents as the scheduler sees them to (batch, channels, h, w), in latent cells."""
    return samples


def unpacked(samples: Tensor, width: int, height: int) -> Tensor:
    """As `as_grid`, from (batch, cells, 4 channels): packed two by two, as many transformers."""
    if samples.ndim == 4:
        return samples
    batch, _, packed = samples.shape
    cells = samples.view(batch, height // 2, width // 2, packed // 4, 2, 2)
    return cells.permute(0, 3, 1, 4, 2, 5).reshape(batch, packed // 4, height, width)


def packed(grid: Tensor) -> Tensor:
    """The way back from `as_grid`, for what networks beside the denoiser read."""
    return grid


def packed_by_two(grid: Tensor) -> Tensor:
    """The way back from `unpacked`."""
    batch, channels, h, w = grid.shape
    cells = grid.view(batch, channels, h // 2, 2, w // 2, 2).permute(0, 2, 4, 1, 3, 5)
    return cells.reshape(batch, h // 2 * (w // 2), 4 * channels)


def started(samples: Tensor) -> Tensor:
    """Latents of a picture as the pipelines that start from it take them."""
    return samples


def covered(samples: Tensor, mask: Tensor) -> Tensor:
    """What a denoiser that was trained to fill sees, from latents of the picture with nothing
    under the mask, and the mask in pixels, (batch, 1, height, width)."""
    return samples


def mended(pipeline: Pipeline) -> None:
    """Puts right, on one pipeline, what this version of diffusers gets wrong."""


def guided(guidance: float) -> dict[str, float]:
    """How a pipeline is told to follow the words; 1 is not to guide."""
    return {"guidance_scale": guidance}


def handed(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """Conditioning as the pipeline takes it, a row for each picture."""
    return dict(tensors)


@dataclass(frozen=True)
class Beside:
    """How an editor is shown pictures when its pipeline takes one to start from.

    size: (width, height) in which it sees a picture. placed: the denoiser's further arguments,
    with where pictures of these (height, width), in patches, lie.
    """

    size: Callable[[Pil.Image], tuple[int, int]]
    placed: Callable[[Mapping[str, Any], Sequence[tuple[int, int]]], dict[str, Any]]


@dataclass(frozen=True)
class Family:
    """One interface to a family of models.

    entry: what is known of it without torch. text_to_image, image_to_image, inpaint: the
    diffusers classes that run it, empty where there is none; inpaint keeps what a mask does not
    cover. variants: for some of the entry's classes, the fields that are otherwise, as for a model
    that edits. controls: the classes of control networks that can guide
    it. text: the components that encode_prompt needs. extra: arguments for the constructors that
    take them. words: more arguments for the call. half: the dtype that is safe and quick on a GPU.
    patch: how many latent cells on a side the denoiser reads as one. multiple: of how many pixels
    its pipeline asks sides to be, whatever its VAE. flow: whether strength is
    rounded as flow pipelines do. references: how many pictures the prompt may speak of; whether it
    needs one; how many pixels each must have on a side. repeats: whether the pipeline repeats one
    prompt for a batch, and takes no more.
    weighs: whether weights of words in a prompt can act; reads: the tokenizers whose tokens they
    act on, in the order in which they stand in the embeddings. learns: whether prompts may use the
    words of embeddings. negates: whether it takes a negative prompt. zeros: whether none is all
    zeros, if model_index.json does not say otherwise. upcast:
    whether the VAE overflows in float16. scales: whether the pipeline scales latents as its VAE
    would, even when it is asked for latents. fills: whether it was trained to fill, and does
    nothing else. coarse: whether a mask covers whole patches, not single latent cells. splits:
    whether a drawing may be left unfinished, and another model go on.
    """

    entry: FamilyEntry
    text_to_image: str
    image_to_image: str
    text: tuple[str, ...]
    denoiser: str
    colours: Colours
    inpaint: str = ""
    controls: frozenset[str] = frozenset()
    extra: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)
    half: torch.dtype = torch.float16
    patch: int = 1
    multiple: int = 8
    flow: bool = False
    words: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)
    guided: Callable[[float], dict[str, float]] = guided
    handed: Callable[[Mapping[str, Tensor]], dict[str, Any]] = handed
    variants: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict[str, Mapping[str, Any]], hash=False
    )
    references: int = 0
    needs_reference: bool = True
    least_reference: int = 1
    repeats: bool = False
    weighs: bool = True
    learns: bool = False
    reads: tuple[str, ...] = ("tokenizer",)
    negates: bool = True
    zeros: bool = False
    upcast: bool = False
    scales: bool = False
    encode_prompt: Callable[[Pipeline, str, str, Sequence[Pil.Image]], dict[str, Tensor]] = (
        encode_prompt
    )
    encoded_width: Callable[[Mapping[str, Tensor]], int] = encoded_width
    read_width: Callable[[Config], int] = read_width
    factor: Callable[[Config], int] = factor
    space: Callable[[Config], str] = space
    decode: Callable[[Any, Tensor], Tensor] = decode
    encode: Callable[[Any, Tensor], Tensor] = encode
    as_grid: Callable[[Tensor, int, int], Tensor] = as_grid
    packed: Callable[[Tensor], Tensor] = packed
    started: Callable[[Tensor], Tensor] = started
    beside: Beside | None = None
    mended: Callable[[Pipeline], None] = mended
    coarse: bool = False
    fills: bool = False
    splits: bool = False
    covered: Callable[[Tensor, Tensor], Tensor] = covered

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def title(self) -> str:
        return self.entry.title
