"""Pictures and masks in the size of a latent: cropped as Encode crops, else scaled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from torch import Tensor

from nodeforge.values import Image

Floats = NDArray[np.float32]
Stack = TypeVar("Stack", Floats, Tensor)


def chosen(stack: Stack, numbers: Sequence[int]) -> Stack:
    """Those of a stack that belong to the pictures with these numbers; a single one is for all."""
    return stack if len(stack) == 1 else stack[list(numbers)]


def pictures(images: Sequence[Image]) -> list[Pil.Image]:
    """Every picture of every batch, 8 bits a channel, without alpha."""
    return [
        Pil.fromarray(np.ascontiguousarray(one))
        for image in images
        for one in image.bytes8()[..., :3]
    ]


def cropped(pixels: Floats, cell: int) -> Floats:
    """Without what does not fill a whole cell, the same on both sides.

    pixels: (batch, height, width, channels). cell: pixels of a latent cell.
    """
    height, width = (size // cell * cell for size in pixels.shape[1:3])
    top, left = (pixels.shape[1] - height) // 2, (pixels.shape[2] - width) // 2
    return pixels[:, top : top + height, left : left + width]


def fitted(pixels: Floats, width: int, height: int, cell: int) -> Floats:
    """In this size: (batch, height, width, channels), 0 to 1.

    What belongs to the picture that Encode cropped is cropped alike; anything else is scaled
    (Lanczos), which is what the pipelines of diffusers do.
    """
    same = cropped(pixels, cell)
    if same.shape[1:3] == (height, width):
        return same
    planes = [[_scaled(plane, width, height) for plane in np.moveaxis(p, -1, 0)] for p in pixels]
    return np.moveaxis(np.array(planes, np.float32), 1, -1).clip(0, 1)


def _scaled(plane: Floats, width: int, height: int) -> Floats:
    picture = Pil.fromarray(np.ascontiguousarray(plane))
    return np.asarray(picture.resize((width, height), Pil.Resampling.LANCZOS))
