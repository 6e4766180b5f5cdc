"""Transparency: colours multiplied by their alpha, and pictures laid over one colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Background: TypeAlias = Literal["white", "grey", "black"]
LIGHT: Mapping[Background, float] = {"white": 1.0, "grey": 0.5, "black": 0.0}


def flatten(pixels: Floats, background: Background) -> Floats:
    """(…, 3) of (…, 3 or 4): over one colour, so that what is hidden under alpha stays hidden."""
    if pixels.shape[-1] == 3:
        return pixels
    alpha = pixels[..., 3:]
    return pixels[..., :3] * alpha + np.float32(LIGHT[background]) * (1 - alpha)


def premultiply(pixels: Floats) -> Floats:
    """(…, 4): colours multiplied by alpha."""
    return np.concatenate([pixels[..., :3] * pixels[..., 3:], pixels[..., 3:]], axis=-1)


def unpremultiply(pixels: Floats) -> Floats:
    """The way back; what is fully transparent becomes black."""
    alpha = pixels[..., 3:]
    colour = pixels[..., :3] / np.where(alpha > 0, alpha, np.float32(1))
    return np.concatenate([colour.clip(0, 1), alpha], axis=-1)
