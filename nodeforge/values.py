"""What flows along the wires. Light to import: torch is only named here, never loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from nodeforge.imaging.decode import floats
from nodeforge.imaging.sizes import Fit

if TYPE_CHECKING:
    import torch

Text: TypeAlias = str
Number: TypeAlias = float


@dataclass(frozen=True, eq=False)
class Image:
    """One or more pictures of one size.

    pixels: float32, (batch, height, width, channels), 0 to 1, sRGB; 3 channels, or 4 with
    straight alpha. seeds: the seed each picture was made from, empty for pictures not made here.
    """

    pixels: NDArray[np.float32]
    seeds: tuple[int, ...] = ()

    @property
    def batch(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[2])

    @classmethod
    def of(cls, *pictures: Pil.Image) -> Image:
        """From Pillow pictures of one size; anything but RGBA becomes RGB."""
        alpha = any(p.mode in ("RGBA", "LA", "PA") for p in pictures)
        width, height = pictures[0].size
        pixels = np.empty((len(pictures), height, width, 3 + alpha), np.float32)
        for picture, into in zip(pictures, pixels, strict=True):
            floats(picture, into)
        return cls(pixels)

    def luminance(self) -> NDArray[np.float32]:
        """(batch, height, width), 0 to 1: Rec. 601 luma over black, exact where a pixel is grey."""
        red, green, blue = (self.pixels[..., channel] for channel in range(3))
        grey = green + np.float32(0.299) * (red - green) + np.float32(0.114) * (blue - green)
        if self.pixels.shape[-1] == 4:
            grey = grey * self.pixels[..., 3]
        return np.asarray(grey.clip(0, 1), np.float32)

    def bytes8(self) -> NDArray[np.uint8]:
        """uint8, (batch, height, width, channels), rounded."""
        return (self.pixels.clip(0, 1) * 255).round().astype(np.uint8)

    def pictures(self) -> list[Pil.Image]:
        return [Pil.fromarray(p) for p in self.bytes8()]


@dataclass(frozen=True, eq=False)
class Mask:
    """float32, (batch, height, width), 0 (keep) to 1 (change)."""

    alpha: NDArray[np.float32]


@dataclass(frozen=True)
class Drawn:
    """With what a latent was really drawn, where the settings leave it to the model.

    sampler, schedule: by their names; no sampler where nothing was to be drawn. negates: whether a
    negative prompt could act; where not, guidance is learned and no scale of A1111's.
    """

    sampler: str = ""
    schedule: str = ""
    negates: bool = True


@dataclass(frozen=True, eq=False)
class Latent:
    """A picture as the denoiser sees it, or (samples is None) only the size of one to come.

    width, height: pixels of the picture. samples: (batch, channels, rows, columns), as many cells
    as hold the picture, filled up at the right and the bottom to what the denoiser takes; scaled
    and shifted as it expects. family: which VAE's space it lives in. drawn: with what,
    said by the stage that drew it.
    """

    width: int
    height: int
    batch: int = 1
    samples: torch.Tensor | None = None
    family: str = ""
    seeds: tuple[int, ...] = ()
    drawn: Drawn | None = None


@dataclass(frozen=True, eq=False)
class Conditioning:
    """An encoded prompt: the text encoders' tensors by the pipeline's own argument names.

    reference: pictures that the prompt speaks of, for models that read them.
    """

    tensors: Mapping[str, torch.Tensor]
    family: str
    text: str = ""
    reference: tuple[Image, ...] = ()


@dataclass(frozen=True)
class Lora:
    """A change to a model's weights, as a recipe: the file, its fingerprint, and how much of it.

    parts: the components it changes, as ("unet", "text_encoder").
    """

    path: str
    print: str
    parts: tuple[str, ...]
    strength: float = 1.0


@dataclass(frozen=True)
class Embedding:
    """A word that prompts may use, as a recipe: the file of its vectors and its fingerprint."""

    path: str
    print: str
    word: str


@dataclass(frozen=True)
class Model:
    """A recipe, not weights: the pool in `diffusion` holds those.

    path: a diffusers folder or a single file. print: fingerprint of the weights, so that a key
    moves when the file changes. precision: "auto", "float32", "float16" or "bfloat16". loras: in
    the order they were added. beside: (component, path) of what comes from elsewhere, as a VAE.
    embeddings: words that prompts may use.
    """

    family: str
    path: str
    print: str
    precision: str = "auto"
    loras: tuple[Lora, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()
    embeddings: tuple[Embedding, ...] = ()


@dataclass(frozen=True, eq=False)
class Control:
    """Where things go: a picture to follow, and the recipe of the network that reads it.

    kind: the network's class in diffusers, as "T2IAdapter". path: its folder. print: fingerprint
    of its weights. strength: 1 as it was trained. start, end: the share of the steps, 0 to 1,
    between which it is followed. fit: how a hint of another shape is fitted: "crop", "pad" or
    "stretch".
    """

    kind: str
    path: str
    print: str
    hint: Image
    strength: float = 1.0
    start: float = 0.0
    end: float = 1.0
    fit: Fit = "crop"


WIRE_TYPES: tuple[type[Any], ...] = (Image, Mask, Latent, Conditioning, Control, Model)
