"""What sets one family of models apart from another. All else in sampling is family-neutral.

A new family is one module in `families` that makes a `Family` of small records: the text it reads,
the space it draws in, how its pipeline is called. What can be said without torch (pipelines, edit,
limits) is in its entry of `nodeforge.families.table`. Where the defaults below do not fit (two text
encoders, packed latents, a shift), it passes functions of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import torch
from PIL import Image as Pil
from torch import Tensor

from nodeforge.families.family_entry import Editing, FamilyEntry, Limits, Pipelines

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


def to_start(samples: Tensor) -> Tensor:
    """Latents of a picture as the pipelines that start from it take them."""
    return samples


def fill_latents(samples: Tensor, mask: Tensor) -> Tensor:
    """What a denoiser that was trained to fill sees, from latents of the picture with nothing
    under the mask, and the mask in pixels, (batch, 1, height, width)."""
    return samples


def fix_pipeline(pipeline: Pipeline) -> None:
    """Puts right, on one pipeline, what this version of diffusers gets wrong."""


def guidance_kwargs(guidance: float) -> dict[str, float]:
    """How a pipeline is told to follow the words; 1 is not to guide."""
    return {"guidance_scale": guidance}


def to_call(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """Conditioning as the pipeline takes it, a row for each picture."""
    return dict(tensors)


@dataclass(frozen=True)
class Beside:
    """How an editor is shown pictures when its pipeline takes one to start from.

    size: (width, height) in which it sees a picture. extra_kwargs: the denoiser's further
    arguments, with where pictures of these (height, width), in patches, lie.
    """

    size: Callable[[Pil.Image], tuple[int, int]]
    extra_kwargs: Callable[[Mapping[str, Any], Sequence[tuple[int, int]]], dict[str, Any]]


@dataclass(frozen=True)
class TextEncoding:
    """How a prompt becomes tensors.

    components: what encode_prompt needs. tokenizers: those on whose tokens weights of words act,
    in the order in which they stand in the embeddings. zeros: whether no negative prompt is all
    zeros, if model_index.json does not say otherwise.
    """

    components: tuple[str, ...] = ("tokenizer", "text_encoder")
    encode_prompt: Callable[[Pipeline, str, str, Sequence[Pil.Image]], dict[str, Tensor]] = (
        encode_prompt
    )
    encoded_width: Callable[[Mapping[str, Tensor]], int] = encoded_width
    read_width: Callable[[Config], int] = read_width
    tokenizers: tuple[str, ...] = ("tokenizer",)
    zeros: bool = False


@dataclass(frozen=True)
class LatentSpace:
    """Where a family draws, and the way to pixels and back.

    colours: for previews. patch: how many latent cells on a side the denoiser reads as one.
    scales: whether the pipeline scales latents as its VAE would, even when it is asked for
    latents. upcast: whether the VAE overflows in float16.
    """

    colours: Colours
    patch: int = 1
    factor: Callable[[Config], int] = factor
    space: Callable[[Config], str] = space
    decode: Callable[[Any, Tensor], Tensor] = decode
    encode: Callable[[Any, Tensor], Tensor] = encode
    as_grid: Callable[[Tensor, int, int], Tensor] = as_grid
    packed: Callable[[Tensor], Tensor] = packed
    to_start: Callable[[Tensor], Tensor] = to_start
    fill_latents: Callable[[Tensor, Tensor], Tensor] = fill_latents
    scales: bool = False
    upcast: bool = False


@dataclass(frozen=True)
class PipelineCall:
    """How a pipeline is made and called.

    init_kwargs: for the constructors that take them. call_kwargs: more arguments for each call.
    half: the dtype that is safe and quick on a GPU. flow: whether strength is rounded as flow
    pipelines do.
    """

    init_kwargs: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)
    call_kwargs: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)
    guidance_kwargs: Callable[[float], dict[str, float]] = guidance_kwargs
    to_call: Callable[[Mapping[str, Tensor]], dict[str, Any]] = to_call
    fix_pipeline: Callable[[Pipeline], None] = fix_pipeline
    half: torch.dtype = torch.float16
    flow: bool = False


@dataclass(frozen=True)
class Family:
    """One interface to a family of models.

    entry: what is known of it without torch. beside: how it is shown pictures to edit, where the
    pipeline takes one to start from. variants: for some of the entry's classes, the records that
    are otherwise, as for a model that edits.
    """

    entry: FamilyEntry
    latent: LatentSpace
    text: TextEncoding = field(default_factory=TextEncoding)
    call: PipelineCall = field(default_factory=PipelineCall)
    beside: Beside | None = None
    variants: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict[str, Mapping[str, Any]], hash=False
    )

    def of_class(self, pipeline: str) -> Family:
        """What runs models whose model_index.json names this pipeline class."""
        own = self.variants.get(pipeline, {})
        return replace(self, entry=self.entry.of_class(pipeline), **own)

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def title(self) -> str:
        return self.entry.title

    @property
    def pipelines(self) -> Pipelines:
        return self.entry.pipelines

    @property
    def edit(self) -> Editing:
        return self.entry.edit

    @property
    def limits(self) -> Limits:
        return self.entry.limits
