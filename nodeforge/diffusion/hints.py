"""Pictures as control networks were trained to read them."""

from __future__ import annotations

import numpy as np
import torch

from nodeforge.diffusion import edges
from nodeforge.values import Image


@torch.inference_mode()
def lines(image: Image) -> Image:
    """The lines of pictures, white on black, also those where something transparent ends."""
    pixels = image.pixels
    if pixels.shape[-1] == 4:  # the colour of what is not seen draws no lines
        pixels = np.concatenate([pixels[..., :3] * pixels[..., 3:], pixels[..., 3:]], axis=-1)
    pictures = torch.from_numpy(np.ascontiguousarray(pixels)).movedim(-1, 1)
    white = torch.cat([edges.edges(picture[None]) for picture in pictures])
    return Image(white.movedim(1, -1).repeat(1, 1, 1, 3).numpy(), image.seeds)
