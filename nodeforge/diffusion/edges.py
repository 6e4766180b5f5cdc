"""The lines of a picture, as an edge hint for control: one function for training and for use.

The picture is smoothed a little and differentiated (Sobel); a pixel is as white as the strongest
of its colours' slopes, between two soft thresholds. Lines are two to four pixels wide, like those
of a pen, and textures below the lower threshold leave nothing.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

SMOOTH = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)  # a binomial: a Gaussian of one pixel
LOW, HIGH = 0.06, 0.22  # slopes: of a sharp step from black to white: 0.62


def edges(picture: Tensor, low: float = LOW, high: float = HIGH) -> Tensor:
    """Lines of pictures, white on black.

    Args:
        picture: [n, channels, h, w], 0..1, floating point, at least 3 x 3 pixels; any device.
        low: The steepest slope that is no line, 0..1.
        high: The least steep slope that is wholly white, above low.

    Returns:
        [n, 1, h, w], 0..1, in the picture's dtype and on its device.
    """
    n, channels, h, w = picture.shape
    flat = picture.reshape(n * channels, 1, h, w)
    flat = slide(flat, SMOOTH, SMOOTH)
    across = slide(flat, (0.25, 0.5, 0.25), (-1.0, 0.0, 1.0))
    down = slide(flat, (-1.0, 0.0, 1.0), (0.25, 0.5, 0.25))
    slope = (across.square() + down.square()).sqrt().reshape(n, channels, h, w)
    white = ((slope.amax(1, keepdim=True) - low) / (high - low)).clamp(0, 1)
    return white * white * (3 - 2 * white)


def slide(flat: Tensor, column: tuple[float, ...], row: tuple[float, ...]) -> Tensor:
    """Correlate [n, 1, h, w] with the product of a column and a row; borders repeat."""
    reach = len(row) // 2
    padded = functional.pad(flat, (reach,) * 4, mode="replicate")
    tall = torch.tensor(column, dtype=flat.dtype, device=flat.device).reshape(1, 1, -1, 1)
    broad = torch.tensor(row, dtype=flat.dtype, device=flat.device).reshape(1, 1, 1, -1)
    return functional.conv2d(functional.conv2d(padded, tall), broad)
