"""A small paint box for backdrops: gradients, noise, soft shapes, skies, hills and trees.

A picture is [256, 256, 3], 0..1. Lengths and places are shares of its side, y downwards;
colours are sRGB 0..255. A distance is positive inside a shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from PIL import Image

SIDE = 256
Array: TypeAlias = NDArray[np.floating[Any]]
_CENTRES = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE
Y, X = np.meshgrid(_CENTRES, _CENTRES, indexing="ij")
_MOONLIGHT = np.array((0.42, 0.48, 0.78), np.float32)
_CLOUDS = {
    "day": (255, 255, 255),
    "sunset": (255, 205, 190),
    "dawn": (255, 243, 246),
    "grey": (225, 229, 235),
}


def noise(rng: Generator, rows: int, columns: int) -> Array:
    """Smooth noise of so many cells, about 0..1."""
    cells = rng.random((rows, columns)).astype(np.float32)
    picture = Image.fromarray(cells).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return np.asarray(picture, np.float32)


def fractal(rng: Generator, cells: int, octaves: int) -> Array:
    """Noise at several scales, about 0..1."""
    total = np.zeros((SIDE, SIDE), np.float32)
    share = 1.0
    for _ in range(octaves):
        total += share * noise(rng, cells, cells)
        share, cells = share / 2, min(cells * 2, 128)
    return total / (2 - 2 * share)


def curve(rng: Generator, bends: int, low: float, high: float) -> Array:
    """[256] heights from low to high: the outline of a hill."""
    points = rng.random((1, bends)).astype(np.float32)
    line = np.asarray(Image.fromarray(points).resize((SIDE, 1), Image.Resampling.BICUBIC))[0]
    return np.asarray(low + (high - low) * np.clip(line, 0, 1), np.float32)


def gradient(stops: Sequence[tuple[float, ArrayLike]], along: Array) -> Array:
    """A picture whose colour at each place is that of the stops at `along`, 0..1."""
    places = [place for place, _ in stops]
    colours = np.array([colour for _, colour in stops], np.float32) / 255
    channels = [np.interp(along, places, colours[:, channel]) for channel in range(3)]
    return np.stack(channels, -1).astype(np.float32)


def fill(colour: ArrayLike) -> Array:
    return np.ones((SIDE, SIDE, 3), np.float32) * np.asarray(colour, np.float32) / 255


def mix(picture: Array, colour: ArrayLike, mask: Array) -> Array:
    """The colour over the picture where the mask is, 0..1."""
    return blend(picture, np.asarray(colour, np.float32) / 255, mask)


def blend(picture: Array, other: Array, mask: Array) -> Array:
    return np.asarray(picture + (other - picture) * mask[..., None], np.float32)


def soft(distance: Array, width: float = 1.2) -> Array:
    """A mask from a distance, with an edge `width` pixels wide."""
    mask: Array = np.clip(distance * SIDE / width + 0.5, 0, 1)
    return mask


def away(x: float, y: float, flat: float = 1.0) -> Array:
    """How far each place is from a point; `flat` squeezes circles into ellipses."""
    return np.sqrt((X - x) ** 2 + ((Y - y) * flat) ** 2)


def band(at: Array, centre: float | Array, half: float) -> Array:
    """The distance to a stripe's edge: positive within `half` of the centre."""
    distance: Array = half - np.abs(at - centre)
    return distance


def jitter(rng: Generator, colour: ArrayLike, amount: float = 14) -> Array:
    """The colour, slightly other."""
    shift = rng.uniform(-amount, amount, 3) + rng.uniform(-amount, amount)
    return np.clip(np.asarray(colour, np.float32) + shift, 0, 255).astype(np.float32)


def pick(rng: Generator, colours: Sequence[ArrayLike]) -> ArrayLike:
    return colours[int(rng.random() * len(colours))]


def lit(colour: ArrayLike, time: str) -> Array:
    """A colour of the ground as it looks at that time."""
    plain = np.asarray(colour, np.float32)
    if time == "night":
        return plain * _MOONLIGHT
    if time == "sunset":
        return plain * np.array((0.95, 0.78, 0.72), np.float32) + np.array((14, 4, 0), np.float32)
    if time == "dawn":
        return plain * 0.92 + np.array((18, 12, 14), np.float32)
    return plain * 0.72 + 26 if time == "grey" else plain


def patch(x: float, y: float, reach: float) -> tuple[slice, slice]:
    """The rows and columns within `reach` of a point: small shapes need no whole picture."""
    top, left = (max(0, int((place - reach) * SIDE)) for place in (y, x))
    bottom, right = (min(SIDE, int((place + reach) * SIDE) + 2) for place in (y, x))
    return slice(top, max(top, bottom)), slice(left, max(left, right))


def dots(
    picture: Array,
    rng: Generator,
    count: int,
    rows: tuple[float, float],
    colours: Sequence[ArrayLike],
    radii: tuple[float, float] = (0.004, 0.009),
) -> Array:
    """Flowers, stars, snow: round spots between two heights, larger further down."""
    top, bottom = rows
    for _ in range(count):
        x, y = rng.random(), rng.uniform(top, bottom)
        radius = rng.uniform(*radii) * (0.6 + 0.8 * (y - top) / max(1e-3, bottom - top))
        at = patch(x, y, radius * 2)
        spot = soft(radius - np.sqrt((X[at] - x) ** 2 + (Y[at] - y) ** 2))
        picture[at] = mix(picture[at], pick(rng, colours), spot)
    return picture


def hills(
    picture: Array,
    rng: Generator,
    ground: float,
    colours: Sequence[ArrayLike],
    time: str,
    count: int = 3,
    bends: int = 4,
    height: float = 0.07,
) -> Array:
    """Rolling ground from `ground` down, shaded towards the viewer."""
    for number in range(count):
        base = ground + number / max(count, 1) * (1 - ground) * 0.55
        top = curve(rng, bends, base - height, base + height * 0.4)
        colour = lit(jitter(rng, colours[min(number, len(colours) - 1)], 8), time)
        shade = 1.06 - 0.28 * np.clip((Y - base) / (1 - ground + 1e-3), 0, 1)
        hill = np.clip(colour / 255 * shade[..., None], 0, 1)
        picture = blend(picture, hill, soft(Y - top[None]))
    return picture


def tree(
    picture: Array, rng: Generator, x: float, base: float, height: float, colour: Array, kind: str
) -> Array:
    """A pine or a round tree, its foot at x, base."""
    paint = _pine if kind == "pine" else _round
    return paint(picture, rng, x, base, height, colour)


def _pine(
    picture: Array, rng: Generator, x: float, base: float, height: float, colour: Array
) -> Array:
    for tier in range(3):
        top = base - height + tier * height * 0.22
        bottom = base - height * 0.12 - (2 - tier) * height * 0.24
        slope = (Y - top) / max(bottom - top, 1e-4)
        inside = np.minimum(slope * height * (0.2 + 0.08 * tier) - np.abs(X - x), bottom - Y)
        picture = mix(picture, colour * (1 - 0.06 * tier), soft(np.minimum(inside, Y - top)))
    bark = np.array((90, 62, 45)) * (float(np.mean(colour)) / 110)
    return mix(picture, bark, _trunk(x, base, height * 0.04, height * 0.14))


def _round(
    picture: Array, rng: Generator, x: float, base: float, height: float, colour: Array
) -> Array:
    bark = np.array((105, 75, 52)) * (float(np.mean(colour)) / 120)
    picture = mix(picture, bark, _trunk(x, base, height * 0.05, height * 0.5))
    for _ in range(3):
        radius = height * rng.uniform(0.2, 0.28)
        right, up = rng.uniform(-0.14, 0.14) * height, rng.uniform(-0.1, 0.1) * height
        leaves = soft(radius - away(x + right, base - height * 0.68 + up))
        picture = mix(picture, colour * rng.uniform(0.92, 1.08), leaves)
    return picture


def _trunk(x: float, base: float, half: float, height: float) -> Array:
    return soft(np.minimum(band(X, x, half), np.minimum(base - Y, Y - base + height)))


def sky(rng: Generator, time: str) -> Array:
    """A sky over the whole picture: day, sunset, night, dawn or grey."""
    picture = _air(rng, time)
    if time == "night":
        picture = _stars(picture, rng)
        return _moon(picture, rng) if rng.random() < 0.5 else picture
    if time != "grey" and rng.random() < (0.7 if time == "sunset" else 0.35):
        picture = _sun(picture, rng, low=time == "sunset")
    if time == "grey" or rng.random() < 0.75:
        for _ in range(int(rng.integers(1, 5))):
            picture = _cloud(picture, rng, _CLOUDS[time])
    return picture


def _air(rng: Generator, time: str) -> Array:
    stops: dict[str, list[tuple[float, ArrayLike, float]]] = {
        "day": [(0, (70, 150, 235), 14), (1, (200, 232, 252), 14)],
        "sunset": [
            (0, (70, 50, 125), 14),
            (0.4, (225, 100, 110), 14),
            (0.75, (255, 185, 105), 14),
            (1, (255, 225, 160), 0),
        ],
        "night": [(0, (10, 14, 46), 6), (1, (48, 62, 120), 10)],
        "dawn": [(0, (150, 165, 230), 14), (0.5, (245, 190, 215), 14), (1, (255, 228, 205), 0)],
        "grey": [(0, (105, 118, 138), 14), (1, (190, 198, 208), 14)],
    }
    return gradient([(at, jitter(rng, colour, by)) for at, colour, by in stops[time]], Y)


def _stars(picture: Array, rng: Generator) -> Array:
    for _ in range(int(rng.integers(30, 110))):
        x, y, radius = rng.random(), rng.random() ** 1.3 * 0.85, rng.uniform(0.0015, 0.0045)
        at = patch(x, y, 0.02)
        far = np.sqrt((X[at] - x) ** 2 + (Y[at] - y) ** 2)
        picture[at] = mix(picture[at], (255, 250, 225), np.clip(1.3 - far / radius, 0, 1) * 0.95)
    return picture


def _moon(picture: Array, rng: Generator) -> Array:
    x, y = rng.uniform(0.12, 0.88), rng.uniform(0.1, 0.25)
    radius = rng.uniform(0.05, 0.085)
    far = away(x, y)
    picture = mix(picture, (255, 245, 200), np.exp(-((far / (radius * 2.2)) ** 2)) * 0.35)
    disc = soft(radius - far)
    if rng.random() < 0.6:
        disc = disc * (1 - soft(radius - away(x + radius * 0.45, y - radius * 0.2)))
    return mix(picture, (255, 244, 205), disc)


def _sun(picture: Array, rng: Generator, low: bool) -> Array:
    x, radius = rng.uniform(0.12, 0.88), rng.uniform(0.06, 0.1)
    far = away(x, rng.uniform(0.45, 0.62) if low else rng.uniform(0.1, 0.25))
    picture = mix(picture, (255, 240, 190), np.exp(-((far / (radius * 2.4)) ** 2)) * 0.6)
    return mix(picture, (255, 246, 205), soft(radius - far))


def _cloud(picture: Array, rng: Generator, colour: ArrayLike) -> Array:
    x, y, size = rng.random(), rng.uniform(0.04, 0.42), rng.uniform(0.05, 0.12)
    puffs = np.full((SIDE, SIDE), -1, np.float32)
    for _ in range(int(rng.integers(3, 6))):
        right, down = rng.uniform(-1.3, 1.3) * size, rng.uniform(-0.25, 0.1) * size
        radius = size * rng.uniform(0.35, 0.75)
        puffs = np.maximum(puffs, radius - away(x + right, y + down))
    puffs = np.minimum(puffs, y + size * 0.3 - Y)
    return mix(picture, colour, soft(puffs, 4) * rng.uniform(0.7, 0.95))
