"""Scenes to pictures: sprites warped, recoloured, lit and laid over backdrops, all in batches.

What goes where is sorted out on the CPU from the arrays of the batch, so that nothing waits for
the device. Sprites are kept premultiplied, at three sizes, so that small ones stay smooth.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from nodeforge.errors import BadValue
from nodeforge.training.data.sprites import Pack
from nodeforge.training.scenes.backdrops import Bank
from nodeforge.training.scenes.colours import COLOURS
from nodeforge.training.scenes.scene import LIFTED, MOST, STANDING, Batch
from nodeforge.training.scenes.styles import BASE, Filters
from nodeforge.training.scenes.words import STYLES, TIMES

SIZES = (256, 384, 512)
LEVELS = 3
_LOAD = 256  # sprites in memory as floats at a time
_LIGHT = {
    "night": (0.73, 0.78, 0.97),
    "sunset": (1.0, 0.88, 0.82),
    "grey": (0.86, 0.89, 0.93),
}
_WHITE = (1.0, 1.0, 1.0)
_STICKER = tuple(STYLES).index("sticker")


class Compositor:
    """Composes batches on one device, at one size.

    Args:
        pack: Sprites, with their pictures.
        bank: Backdrops.
        device: As torch names it.
        size: Pixels of a side: 256, 384 or 512.
    """

    def __init__(self, pack: Pack, bank: Bank, device: str, size: int = BASE) -> None:
        if size not in SIZES:
            raise BadValue(f"Scenes cannot be {size} pixels wide: choose 256, 384 or 512")
        self.device, self.size, self.side = device, size, pack.size
        self.sprites, self.lightness = _loaded(pack.pictures, device)
        self.bank = torch.from_numpy(bank.pictures).to(device).permute(0, 3, 1, 2).contiguous()
        ramps = [(colour.dark, colour.middle, colour.light) for colour in COLOURS]
        self.ramps = torch.tensor(ramps, device=device)
        self.light = torch.tensor([_LIGHT.get(time, _WHITE) for time in TIMES], device=device)
        self.filters = Filters(device, size)
        self.x, self.y = self.filters.x, self.filters.y
        self.room = max(1, LOAD_PIXELS // size**2)

    @torch.no_grad()
    def __call__(self, batch: Batch) -> Tensor:
        """[n, 3, size, size] float32, 0..1, on the device."""
        pieces = range(0, len(batch), self.room)
        return torch.cat([self.piece(_cut(batch, at, at + self.room)) for at in pieces])

    def piece(self, batch: Batch) -> Tensor:
        pictures = self.backdrops(batch)
        for place in range(MOST):
            rows = np.flatnonzero(batch.layers[:, place, 0] >= 0)
            if not len(rows):
                break
            self.lay(pictures, rows, batch.layers[rows, place], batch)
        return self.styled(pictures.clamp_(0, 1), batch)

    def backdrops(self, batch: Batch) -> Tensor:
        pictures = self.bank[self.indices(batch.backdrops)].float() / 255
        flipped = self.tensor(batch.flipped)[:, None, None, None]
        pictures = torch.where(flipped, pictures.flip(3), pictures)
        if self.size == BASE:
            return pictures
        sides = (self.size, self.size)
        return functional.interpolate(pictures, size=sides, mode="bicubic", align_corners=False)

    def lay(
        self, pictures: Tensor, rows: NDArray[Any], layers: NDArray[np.float32], batch: Batch
    ) -> None:
        """Lays one sprite over each of the pictures in `rows`, in place."""
        at = self.indices(rows)
        sprites = self.warped(layers)
        painted = np.flatnonzero(layers[:, 6] >= 0)
        if len(painted):
            these, those = self.indices(painted), layers[painted]
            ids, colours = self.indices(those[:, 0]), self.indices(those[:, 6])
            sprites[these] = self.recoloured(sprites[these], ids, colours)
        light = self.light[self.indices(batch.times[rows])][:, :, None, None]
        colours, alpha = sprites[:, :3] * light, sprites[:, 3:]
        under = self.shaded(pictures[at], alpha, layers[:, 7])
        stickers = np.flatnonzero(batch.styles[rows] == _STICKER)
        if len(stickers):
            these = self.indices(stickers)
            rim = self.rim(alpha[these])
            under[these] = under[these] * (1 - rim) + rim
        pictures[at] = under * (1 - alpha) + colours

    def warped(self, layers: NDArray[np.float32]) -> Tensor:
        """[n, 4, size, size]: premultiplied sprites where they belong."""
        scale = layers[:, 3] * self.size / self.side
        levels = np.clip(np.floor(-np.log2(np.maximum(scale, 1e-3)) + 0.4), 0, LEVELS - 1)
        order = np.argsort(levels, kind="stable")
        parts = []
        for level in range(LEVELS):
            chosen = layers[levels == level]
            if len(chosen):
                source = self.sprites[level][self.indices(chosen[:, 0])].float() / 255
                grid = self.grid(self.tensor(_affine(chosen)))
                parts.append(functional.grid_sample(source, grid, align_corners=False))
        return torch.cat(parts)[self.indices(np.argsort(order))]

    def grid(self, affine: Tensor) -> Tensor:
        """[n, size, size, 2]: where each pixel lies in a sprite, -1..1.

        Not torch's affine_grid: its matrix product is rounded under autocast and TF32.
        """
        right, down = self.x * 2 - 1, self.y * 2 - 1
        across, along, shift = affine[:, :, None, None, :].unbind(-1)
        return (across * right + along * down + shift).movedim(1, -1)

    def recoloured(self, sprites: Tensor, ids: Tensor, colours: Tensor) -> Tensor:
        """The sprites through a colour's ramp by lightness; outlines and glints stay."""
        alpha = sprites[:, 3:]
        own = (sprites[:, :3] / alpha.clamp_min(1e-3)).clamp(0, 1)
        light, middle = self.filters.grey(own), self.lightness[ids][:, None, None, None]
        dark, mean, bright = self.ramps[colours][:, :, :, None, None].unbind(1)
        below = dark + (mean - dark) * (light / middle)
        above = mean + (bright - mean) * ((light - middle) / (1 - middle))
        new = torch.where(light < middle, below, above)
        vivid = own.amax(1, keepdim=True) - own.amin(1, keepdim=True)
        kept = ((light < 0.13) | ((light > 0.93) & (middle < 0.75))) & (vivid < 0.25)
        mixed = own + (new - own) * torch.where(kept, 0.15, 0.94)
        return torch.cat([mixed * alpha, alpha], 1)

    def shaded(self, under: Tensor, alpha: Tensor, shadows: NDArray[np.float32]) -> Tensor:
        """What the sprites' shadows fall on."""
        lifted, standing = np.flatnonzero(shadows == LIFTED), np.flatnonzero(shadows == STANDING)
        if len(lifted):
            these = self.indices(lifted)
            under[these] *= 1 - 0.28 * self.cast(alpha[these])
        if len(standing):
            these = self.indices(standing)
            under[these] *= 1 - 0.38 * self.puddle(alpha[these])
        return under

    def cast(self, alpha: Tensor) -> Tensor:
        """A blurred shadow, a little down and to the right."""
        cell = round(8 * self.filters.scale)
        small = functional.avg_pool2d(functional.avg_pool2d(alpha, cell), 3, 1, 1)
        wide = functional.interpolate(small, size=(self.size, self.size), mode="bilinear")
        right, down = round(2 * self.filters.scale), round(5 * self.filters.scale)
        return functional.pad(wide, (right, 0, down, 0))[:, :, : self.size, : self.size]

    def puddle(self, alpha: Tensor) -> Tensor:
        """A soft ellipse under the lowest row of each sprite."""
        solid = alpha[:, 0] > 0.4
        bottom = (solid.any(2) * self.y[:, 0]).amax(1)
        columns = solid.any(1).float()
        total = columns.sum(1)
        middle = (columns * self.x[0]).sum(1) / total.clamp_min(1)
        width = (total / self.size)[:, None, None]
        across = (self.x - middle[:, None, None]) / (width * 0.5 + 0.01)
        down = (self.y - bottom[:, None, None] + 0.006) / (0.028 + 0.03 * width)
        return (1 - across**2 - down**2).clamp(0, 1)[:, None] ** 0.8

    def rim(self, alpha: Tensor) -> Tensor:
        """The white edge of a sticker."""
        width = self.filters.width(11)
        wide = functional.max_pool2d(alpha, width, 1, width // 2)
        return functional.avg_pool2d(wide, 3, 1, 1)

    def styled(self, pictures: Tensor, batch: Batch) -> Tensor:
        for number, style in enumerate(STYLES):
            rows = np.flatnonzero(batch.styles == number)
            if number and len(rows):
                at, seeds = self.indices(rows), self.indices(batch.seeds[rows])
                pictures[at] = self.filters(style, pictures[at], seeds)
        return pictures

    def tensor(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device, non_blocking=True)

    def indices(self, array: NDArray[Any]) -> Tensor:
        return self.tensor(array.astype(np.int64))


LOAD_PIXELS = 256 * BASE**2  # of the pictures in work at a time: a few gigabytes


def _cut(batch: Batch, start: int, end: int) -> Batch:
    return Batch(
        batch.backdrops[start:end],
        batch.flipped[start:end],
        batch.layers[start:end],
        batch.styles[start:end],
        batch.times[start:end],
        batch.seeds[start:end],
    )


def _affine(layers: NDArray[np.float32]) -> NDArray[np.float32]:
    """[n, 2, 3]: from places in the picture to places in the sprite, both -1..1."""
    size, turn = layers[:, 3], layers[:, 4] * (math.pi / 180)
    mirror = 1 - 2 * layers[:, 5]
    right, down = layers[:, 1] * 2 - 1, layers[:, 2] * 2 - 1
    cos, sin = np.cos(turn) / size, np.sin(turn) / size
    first = np.stack([cos, sin, -(cos * right + sin * down)], 1) * mirror[:, None]
    second = np.stack([-sin, cos, sin * right - cos * down], 1)
    return np.stack([first, second], 1).astype(np.float32)


def _loaded(pictures: NDArray[np.uint8], device: str) -> tuple[list[Tensor], Tensor]:
    """The sprites at full, half and quarter size, premultiplied uint8; and how light each is."""
    levels: list[list[Tensor]] = [[] for _ in range(LEVELS)]
    lightness = []
    weights = torch.tensor((0.299, 0.587, 0.114), device=device)[None, :, None, None]
    for start in range(0, len(pictures), _LOAD):
        part = torch.from_numpy(pictures[start : start + _LOAD]).to(device)
        part = part.permute(0, 3, 1, 2).float() / 255
        alpha = part[:, 3:]
        part = torch.cat([part[:, :3] * alpha, alpha], 1)
        grey = (part[:, :3] * weights).sum((1, 2, 3)) / alpha.sum((1, 2, 3)).clamp_min(1)
        lightness.append(grey.clamp(0.15, 0.85))
        for level in levels:
            level.append((part * 255 + 0.5).to(torch.uint8))
            part = functional.avg_pool2d(part, 2)
    return [torch.cat(level) for level in levels], torch.cat(lightness)
