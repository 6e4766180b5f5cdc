"""Drawn pictures with perfectly sharp edges: blobs, stars, bands and their outlines, in layers.

Scenes are made of small pictures and are never sharper than those; an upscaler must also know
lines and flat colours at their best. Every shape is a function that is positive inside; dividing
it by its own slope gives the distance to its edge in pixels, so any shape is smooth at its edge.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

LAYERS = 9


def draw(count: int, side: int, device: str) -> Tensor:
    """Pictures [count, 3, side, side] of 0..1, random by the default generator of the device."""
    made = gradient(count, side, device)
    for _ in range(LAYERS):
        inside = distance(shape(count, side, device))
        covers = (inside + 0.5).clamp(0, 1)
        made = torch.lerp(made, gradient(count, side, device), covers)
        width = chance(count, device, 0.5, 5.0)
        ink = chance(count, device, 0.0, 0.35) * torch.rand(count, 3, 1, 1, device=device)
        line = (width + 0.5 - inside.abs()).clamp(0, 1)
        outlined = (chance(count, device) < 0.5).to(made.dtype)
        made = torch.lerp(made, ink.expand_as(made), line * outlined)
    return made


def shape(count: int, side: int, device: str) -> Tensor:
    """Functions [count, 1, side, side] that are positive inside a random shape."""
    x, y = places(count, side, device)
    bend = chance(count, device, 0.0, 0.15) * (chance(count, device) < 0.4)
    x = x + bend * torch.sin(y * chance(count, device, 3, 25) + chance(count, device, 0, 6.3))
    power = 2 ** chance(count, device, 0.0, 3.0)  # diamond, ellipse, box
    wide, tall = (0.03 * 20 ** chance(count, device) for _ in range(2))
    radius = ((x / wide).abs() ** power + (y / tall).abs() ** power + 1e-9) ** (1 / power)
    points = chance(count, device, 3, 9).floor()
    spiky = chance(count, device, 0.0, 0.5) * (chance(count, device) < 0.3)
    blob = 1 + spiky * torch.cos(points * torch.atan2(y / tall, x / wide)) - radius
    bands = torch.sin(x * 2 ** chance(count, device, 3.0, 7.0)) - chance(count, device, -0.5, 0.9)
    inside = torch.where(chance(count, device) < 0.15, torch.minimum(bands, blob + 0.5), blob)
    hollow = chance(count, device, 0.05, 0.3) - blob.abs()
    return torch.where(chance(count, device) < 0.15, hollow, inside)


def places(count: int, side: int, device: str) -> tuple[Tensor, Tensor]:
    """Turned coordinates [count, 1, side, side], the side being 1, around a random point."""
    line = (torch.arange(side, device=device) + 0.5) / side
    x = line.view(1, 1, 1, side) - chance(count, device)
    y = line.view(1, 1, side, 1) - chance(count, device)
    turn = chance(count, device, 0, 2 * math.pi)
    return x * turn.cos() + y * turn.sin(), y * turn.cos() - x * turn.sin()


def distance(inside: Tensor) -> Tensor:
    """About the pixels from the edge of functions [n, 1, h, w], negative outside."""
    down, right = torch.gradient(inside, dim=(2, 3))
    return inside / (down.square() + right.square()).sqrt().clamp(min=1e-6)


def gradient(count: int, side: int, device: str) -> Tensor:
    """One colour, or one that turns into another, [count, 3, side, side]."""
    x, _ = places(count, side, device)
    first, second = (torch.rand(count, 3, 1, 1, device=device) for _ in range(2))
    plain = (chance(count, device) < 0.5).to(first.dtype)
    return torch.lerp(first, torch.lerp(second, first, plain), (x + 0.5).clamp(0, 1))


def chance(count: int, device: str, low: float = 0.0, high: float = 1.0) -> Tensor:
    """Random numbers [count, 1, 1, 1]."""
    return low + (high - low) * torch.rand(count, 1, 1, 1, device=device)
