"""Small encoded pictures for faces and previews, and full ones for the viewer."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from nodeforge.engine.messages import Picture
from nodeforge.values import Image, Mask

SIDE = 256  # pixels of the longer side of a small picture
QUALITY = 85


def first(values: Iterable[object]) -> Image | Mask | None:
    """What to show of some results: the first image, else the first mask."""
    shown = [v for v in values if isinstance(v, Image | Mask)]
    return next((v for v in shown if isinstance(v, Image)), shown[0] if shown else None)


def small(image: Image | Mask) -> Picture:
    """At most 256 pixels a side: JPEG, or PNG where something is transparent."""
    stack = _stack(image)
    count, height, width = stack.shape[:3]
    stride = max(1, max(height, width) // (8 * SIDE))  # a huge picture: skip before reducing
    picture = Pil.fromarray(_bytes(stack[0, ::stride, ::stride]))
    picture.thumbnail((SIDE, SIDE), Pil.Resampling.BICUBIC, reducing_gap=2.0)
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")
    data = BytesIO()
    if picture.mode == "RGBA":
        picture.save(data, "PNG", compress_level=1)
    else:
        picture.save(data, "JPEG", quality=QUALITY)
    return Picture(data.getvalue(), width, height, count)


def full(image: Image | Mask, index: int) -> NDArray[np.uint8]:
    """uint8, (height, width, channels), 3 or 4 channels. Raises IndexError."""
    return np.ascontiguousarray(_bytes(_stack(image)[index]))


def _stack(image: Image | Mask) -> NDArray[np.float32]:
    return image.pixels if isinstance(image, Image) else image.alpha[..., None].repeat(3, -1)


def _bytes(pixels: NDArray[np.float32]) -> NDArray[Any]:
    with np.errstate(invalid="ignore"):  # a model that failed makes NaN: shown black
        return (np.nan_to_num(pixels).clip(0, 1) * 255).round().astype(np.uint8)
