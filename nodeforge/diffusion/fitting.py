"""Pictures and masks as a model takes them: over the cells of a latent, without alpha."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from torch import Tensor

from nodeforge.imaging import alpha, sizes
from nodeforge.imaging.sizes import Fit
from nodeforge.values import Image

Floats = NDArray[np.float32]
Stack = TypeVar("Stack", Floats, Tensor)


def chosen(stack: Stack, numbers: Sequence[int]) -> Stack:
    """Those of a stack that belong to the pictures with these numbers; a single one is for all."""
    return stack if len(stack) == 1 else stack[list(numbers)]


def pictures(images: Sequence[Image]) -> list[Pil.Image]:
    """Every picture of every batch, 8 bits a channel; what is transparent is white."""
    flat = (Image(alpha.flatten(image.pixels, "white")) for image in images)
    return [picture for image in flat for picture in image.pictures()]


def laid(
    pixels: Floats,
    size: tuple[int, int],
    whole: tuple[int, int],
    how: Fit = "stretch",
) -> Floats:
    """Over a latent's cells: (batch, height, width, channels), 0 to 1.

    size: the width and height of the latent's picture, to which another size is fitted. whole:
    those of its cells, which Encode filled up at the right and the bottom.
    """
    return sizes.pad(sizes.fit(pixels, *size, how), *whole)
