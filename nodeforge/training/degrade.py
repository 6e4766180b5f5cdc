"""From a good picture to the poor one a quarter its size that an upscaler is given.

Blur, shrinking and softness are matrices at either side of a picture, so every picture of a batch
has its own and all are made at once. Then noise, blotches as a VAE leaves them, and the rounding of
JPEG. A third of the pictures are only shrunk: most pictures that people enlarge are good ones.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

FACTOR = 4
SPOILT = 0.65  # share of pictures that are more than shrunk
BLOCK = 8  # pixels of a JPEG block
# Quantisation of luma, ITU-T T.81, table K.1; chroma (K.2) is close to flat.
LUMA = (
    *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
)
CHROMA = 99.0
# RGB to Y, Cb, Cr (ITU-R BT.601, full range, without the offset of 0.5)
YCC = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))


def degrade(pictures: Tensor, spoilt: float = SPOILT) -> Tensor:
    """Pictures [n, 3, 4s, 4s] of 0..1 to [n, 3, s, s] in steps of 1/255; s a multiple of 8.

    Random by the default generator of the device. spoilt: share that is more than shrunk.
    """
    n, side = len(pictures), pictures.shape[-1]
    device = pictures.device
    spoil = torch.rand(n, device=device) < spoilt
    kinds = torch.randint(0, 4, (n,), device=device)
    blur = gaussian(side, sometimes(spoil, 0.4, 2.0))
    small = both(shrinking(side, device)[kinds] @ blur, pictures)
    small = soften(small, sometimes(spoil, 0.5, 0.8), sometimes(spoil, 0.5, 1.5))
    small = small + blotches(small, sometimes(spoil, 0.4, 0.03))
    small = small + grain(small, sometimes(spoil, 0.4, 0.03), sometimes(spoil, 0.5, 1.0))
    pressed = spoil & (torch.rand(n, device=device) < 0.4)
    small = torch.where(pressed[:, None, None, None], jpeg(small), small)
    return (small.clamp(0, 1) * 255).round() / 255


def sometimes(allowed: Tensor, share: float, most: float) -> Tensor:
    """For a share of the allowed pictures [n], an amount between 0 and most; for others 0."""
    amounts = torch.rand(len(allowed), device=allowed.device) * (most / share)
    return torch.where(allowed & (amounts < most), amounts, 0.0)


def both(matrices: Tensor, pictures: Tensor) -> Tensor:
    """Matrices [n, t, s] applied to the height and the width of pictures [n, c, s, s]."""
    sides = matrices[:, None]
    return sides @ pictures @ sides.transpose(-1, -2)


def gaussian(side: int, sigmas: Tensor) -> Tensor:
    """Blurring matrices [n, side, side] for sigmas [n] in pixels; 0 is none."""
    place = torch.arange(side, device=sigmas.device)
    apart = (place[:, None] - place[None]).float()
    weights = torch.exp(-0.5 * (apart / sigmas.clamp(min=1e-3)[:, None, None]).square())
    return weights / weights.sum(-1, keepdim=True)


@lru_cache
def shrinking(side: int, device: torch.device) -> Tensor:
    """Matrices [4, side / 4, side]: box, triangle, cubic (a = -0.5) and Lanczos, as in Pillow."""
    here = (torch.arange(side, device=device) + 0.5) / FACTOR
    there = torch.arange(side // FACTOR, device=device) + 0.5
    t = (here[None] - there[:, None]).abs().double()
    cubic = torch.where(t < 1, 1.5 * t**3 - 2.5 * t**2 + 1, -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2)
    kernels = [
        (t < 0.5).double(),
        1 - t.clamp(max=1),
        torch.where(t < 2, cubic, 0.0),
        torch.where(t < 3, torch.sinc(t) * torch.sinc(t / 3), 0.0),
    ]
    made = torch.stack(kernels)
    return (made / made.sum(-1, keepdim=True)).float()


def soften(pictures: Tensor, luma: Tensor, chroma: Tensor) -> Tensor:
    """Blur brightness and colour apart, by sigmas [n] in pixels: decoders are soft in colour."""
    side = pictures.shape[-1]
    there, back = ycc(pictures.device)
    turned = mixed(pictures, there)
    bright = both(gaussian(side, luma), turned[:, :1])
    colour = both(gaussian(side, torch.maximum(luma, chroma)), turned[:, 1:])
    return mixed(torch.cat([bright, colour], 1), back)


def blotches(pictures: Tensor, amounts: Tensor) -> Tensor:
    """Slow wandering of colours [n, 3, s, s], as wide as the cells of a latent."""
    n, _, side, _ = pictures.shape
    coarse = torch.randn(n, 3, side // 8 + 1, side // 8 + 1, device=pictures.device)
    wide = functional.interpolate(coarse, (side, side), mode="bicubic", align_corners=False)
    return wide * amounts[:, None, None, None]


def grain(pictures: Tensor, amounts: Tensor, sizes: Tensor) -> Tensor:
    """Noise [n, 3, s, s] of grains of some pixels, grey or coloured."""
    n, _, side, _ = pictures.shape
    noise = torch.randn(n, 3, side, side, device=pictures.device)
    grey = (torch.rand(n, device=pictures.device) < 0.5)[:, None, None, None]
    noise = torch.where(grey, noise[:, :1], noise)
    return both(gaussian(side, sizes), noise) * amounts[:, None, None, None]


def jpeg(pictures: Tensor) -> Tensor:
    """What JPEG leaves of pictures [n, 3, s, s] at qualities 35 to 95, its blocks anywhere."""
    n, _, side, _ = pictures.shape
    device = pictures.device
    rows, columns = (moving(n, side, device)[:, None] for _ in range(2))
    there, back = ycc(device)
    turned = rows @ mixed(pictures, there) @ columns.transpose(-1, -2)
    blocks = turned.reshape(n, 3, side // BLOCK, BLOCK, side // BLOCK, BLOCK)
    cosines = dct(device)
    waves = torch.einsum("ux,ncaxby,vy->ncabuv", cosines, blocks, cosines)
    steps = quantiser(35 + 60 * torch.rand(n, device=device))
    waves = (waves / steps).round() * steps
    blocks = torch.einsum("ux,ncabuv,vy->ncaxby", cosines, waves, cosines)
    turned = blocks.reshape(n, 3, side, side)
    turned = rows.transpose(-1, -2) @ turned @ columns
    return mixed(turned, back)


def moving(n: int, side: int, device: torch.device) -> Tensor:
    """Permutations [n, side, side] that turn a line round by up to a block."""
    by = torch.randint(0, BLOCK, (n, 1), device=device)
    order = (torch.arange(side, device=device) + by) % side
    return torch.eye(side, device=device)[order]


def quantiser(qualities: Tensor) -> Tensor:
    """Steps [n, 3, 1, 1, 8, 8] of values 0..1, as libjpeg scales its tables; qualities > 0."""
    scale = torch.where(qualities < 50, 50 / qualities, 2 - qualities / 50)
    tables = (quantisation(qualities.device) * scale[:, None, None, None]).round()
    return (tables.clamp(1, 255) / 255)[:, :, None, None]


@lru_cache
def quantisation(device: torch.device) -> Tensor:
    """The tables [3, 8, 8] of quality 50 for Y, Cb, Cr."""
    luma = torch.tensor(LUMA).float().view(8, 8)
    rise = torch.arange(8.0)
    chroma = (17 + 20 * (rise[:, None] + rise)).clamp(max=CHROMA)
    return torch.stack([luma, chroma, chroma]).to(device)


@lru_cache
def dct(device: torch.device) -> Tensor:
    """The orthonormal cosine transform [8, 8]."""
    x = torch.arange(BLOCK, dtype=torch.float64)
    waves = torch.cos((2 * x[None] + 1) * x[:, None] * math.pi / (2 * BLOCK)) * 0.5
    waves[0] *= math.sqrt(0.5)
    return waves.float().to(device)


@lru_cache
def ycc(device: torch.device) -> tuple[Tensor, Tensor]:
    """The matrices [3, 3] from RGB to Y, Cb, Cr and back."""
    there = torch.tensor(YCC)
    return there.to(device), there.inverse().to(device)


def mixed(pictures: Tensor, matrix: Tensor) -> Tensor:
    """Channels of pictures [n, 3, h, w] mixed by a matrix [3, 3]."""
    return torch.einsum("dc,nchw->ndhw", matrix, pictures)
