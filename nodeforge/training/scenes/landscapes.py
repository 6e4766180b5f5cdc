"""Backdrops on land: meadows, forests, cities, the moon. `ground` is where one stands."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from nodeforge.training.scenes.painting import (
    SIDE,
    Array,
    X,
    Y,
    away,
    band,
    blend,
    curve,
    dots,
    fill,
    fractal,
    gradient,
    hills,
    jitter,
    lit,
    mix,
    noise,
    patch,
    pick,
    sky,
    soft,
    tree,
)

_GRASS = ((120, 190, 90), (98, 175, 78), (80, 160, 66))
_SWEETS = ((250, 190, 215), (190, 230, 220), (245, 215, 160))
_PETALS = ((235, 70, 80), (255, 215, 80), (250, 250, 250), (240, 130, 190), (160, 110, 220))
_LEAVES = ((225, 110, 40), (235, 165, 45), (195, 65, 45))
_WALLS = ((135, 150, 185), (165, 140, 160), (120, 135, 160), (190, 165, 150))


def _tinted(rng: Generator, colour: ArrayLike, time: str) -> Array:
    return lit(jitter(rng, colour, 10), time)


def _grove(
    picture: Array,
    rng: Generator,
    count: int,
    feet: tuple[float, float],
    heights: tuple[float, float],
    colours: tuple[ArrayLike, ...],
    time: str,
    pines: float,
) -> Array:
    for _ in range(count):
        kind = "pine" if rng.random() < pines else "round"
        leaves = _tinted(rng, pick(rng, colours), time)
        foot, height = rng.uniform(*feet), rng.uniform(*heights)
        picture = tree(picture, rng, rng.random(), foot, height, leaves, kind)
    return picture


def _peaks(picture: Array, rng: Generator, ground: float, time: str) -> Array:
    """Two ranges, snow on top."""
    for row, rock in enumerate(((130, 145, 178), (98, 118, 150))):
        high, low = ground - 0.42 + 0.14 * row, ground - 0.06 + 0.04 * row
        ridge = curve(rng, int(rng.integers(5, 9)), high, low)
        ridge = ridge + (rng.random(SIDE).astype(np.float32) - 0.5) * 0.006
        mask = soft(Y - ridge[None])
        picture = mix(picture, _tinted(rng, rock, time), mask)
        line = ground - 0.27 + 0.1 * row + 0.03 * np.sin(X * 60) - Y
        snow = mask * soft(np.minimum(line, 0.1), 3)
        picture = mix(picture, _tinted(rng, (245, 248, 252), time), snow)
    return picture


def meadow(rng: Generator, time: str, ground: float) -> Array:
    picture = sky(rng, time)
    if rng.random() < 0.25:
        picture = _peaks(picture, rng, ground, time)
    picture = hills(picture, rng, ground, _GRASS, time)
    spots = [lit(colour, time) for colour in ((250, 250, 250), (255, 225, 100), (70, 145, 58))]
    count = int(rng.integers(0, 40))
    picture = dots(picture, rng, count, (ground + 0.05, 1), spots, (0.003, 0.006))
    if rng.random() < 0.35:
        count, feet = int(rng.integers(1, 4)), (ground, ground + 0.08)
        picture = _grove(picture, rng, count, feet, (0.12, 0.26), ((70, 145, 70),), time, 0.4)
    return picture


def flowers(rng: Generator, time: str, ground: float) -> Array:
    picture = hills(sky(rng, time), rng, ground, _GRASS, time)
    petals = [lit(colour, time) for colour in _PETALS]
    count = int(rng.integers(60, 130))
    return dots(picture, rng, count, (ground + 0.05, 1), petals, (0.005, 0.012))


def spring(rng: Generator, time: str, ground: float) -> Array:
    picture = flowers(rng, time, ground)
    count, feet = int(rng.integers(2, 5)), (ground + 0.02, ground + 0.12)
    return _grove(picture, rng, count, feet, (0.22, 0.4), ((250, 178, 205),), time, 0)


def mountains(rng: Generator, time: str, ground: float) -> Array:
    return hills(_peaks(sky(rng, time), rng, ground, time), rng, ground, _GRASS, time)


def lake(rng: Generator, time: str, ground: float) -> Array:
    picture = mountains(rng, time, ground)
    wide, deep = rng.uniform(0.4, 0.6), rng.uniform(0.09, 0.14)
    far = np.sqrt(((X - rng.uniform(0.35, 0.65)) / wide) ** 2 + ((Y - ground - 0.16) / deep) ** 2)
    water = soft((1 - far) * 0.15)
    picture = mix(picture, _tinted(rng, (95, 175, 225), time), water)
    return mix(picture, _tinted(rng, (185, 225, 245), time), water * (np.sin(Y * 230) > 0.93))


def farm(rng: Generator, time: str, ground: float) -> Array:
    picture = hills(sky(rng, time), rng, ground, _GRASS, time, 2)
    furrows = np.sin((X - 0.5) / np.clip(Y - ground + 0.12, 0.02, 2) * 22)
    field = soft(Y - ground - 0.06) * (0.5 + 0.5 * furrows) * 0.75
    picture = mix(picture, _tinted(rng, (190, 150, 80), time), field)
    rail, white = ground + 0.03, _tinted(rng, (240, 235, 225), time)
    posts = np.minimum(band((X / 0.1) % 1, 0.5, 0.07) * 0.1, band(Y, rail + 0.015, 0.045))
    for fence in (band(Y, rail, 0.006), band(Y, rail + 0.035, 0.006), posts):
        picture = mix(picture, white, soft(fence))
    return picture


def candy(rng: Generator, time: str, ground: float) -> Array:
    return hills(sky(rng, time), rng, ground, _SWEETS, time)


def rain(rng: Generator, time: str, ground: float) -> Array:
    return _drops(hills(sky(rng, time), rng, ground, _GRASS, time), rng)


def fog(rng: Generator, time: str, ground: float) -> Array:
    picture = hills(sky(rng, time), rng, ground, _GRASS, time)
    thick = 0.35 + 0.5 * fractal(rng, 3, 3) - 0.2 * (ground < Y)
    return mix(picture, (225, 230, 235), np.clip(thick, 0, 0.8))


def storm(rng: Generator, time: str, ground: float) -> Array:
    picture = rain(rng, time, ground) * np.array((0.6, 0.62, 0.72), np.float32)
    x, y = rng.uniform(0.2, 0.8), 0.0
    while y < ground:
        right, low = x + rng.uniform(-0.07, 0.07), y + rng.uniform(0.05, 0.11)
        along = np.clip((Y - y) / (low - y), 0, 1)
        bolt = np.minimum(band(X, x + (right - x) * along, 0.005), Y - y + 0.003)
        picture = mix(picture, (255, 245, 170), soft(np.minimum(bolt, low - Y + 0.003)))
        x, y = right, low
    return picture


def _drops(picture: Array, rng: Generator) -> Array:
    for _ in range(int(rng.integers(50, 110))):
        x, y, length = rng.random(), rng.random(), rng.uniform(0.03, 0.06)
        at = patch(x, y, 0.05)
        across = 0.0022 - np.abs(X[at] - x + 0.25 * (Y[at] - y))
        drop = soft(np.minimum(across, length / 2 - np.abs(Y[at] - y)))
        picture[at] = mix(picture[at], (205, 222, 245), drop * 0.7)
    return picture


def forest(rng: Generator, time: str, ground: float) -> Array:
    picture = sky(rng, time)
    greens = ((70, 125, 95), (55, 118, 75), (45, 105, 58))
    for row, green in enumerate(greens):
        foot, height = ground - 0.06 + row * 0.07, 0.28 + 0.08 * row
        kind = "pine" if rng.random() < 0.6 else "round"
        for _ in range(9 - row * 2):
            x, leaves = rng.random(), _tinted(rng, green, time)
            if row == 2 and 0.25 < x < 0.75:
                continue  # where the subject stands
            tall = height * rng.uniform(0.8, 1.3)
            picture = tree(picture, rng, x, foot + rng.uniform(-0.02, 0.02), tall, leaves, kind)
        if row < 2:
            picture = hills(picture, rng, foot - 0.01, ((96, 160, 80),), time, 1, 4, 0.015)
    if rng.random() < 0.7:
        floor = ((92, 158, 74), (80, 145, 64))
        picture = hills(picture, rng, ground + 0.08, floor, time, 2, 4, 0.02)
    return picture


def snow(rng: Generator, time: str, ground: float) -> Array:
    picture = sky(rng, time)
    if rng.random() < 0.5:
        ridge = curve(rng, 6, ground - 0.35, ground - 0.05)
        picture = mix(picture, _tinted(rng, (185, 203, 228), time), soft(Y - ridge[None]))
    white = ((236, 243, 252), (226, 236, 249), (243, 247, 253))
    picture = hills(picture, rng, ground, white, time)
    pines, feet = ((120, 160, 155), (200, 220, 230)), (ground - 0.02, ground + 0.08)
    count = int(rng.integers(0, 6))
    picture = _grove(picture, rng, count, feet, (0.14, 0.32), pines, time, 1)
    if rng.random() < 0.7:
        count = int(rng.integers(40, 110))
        picture = dots(picture, rng, count, (0, 1), ((255, 255, 255),), (0.003, 0.008))
    return picture


def autumn(rng: Generator, time: str, ground: float) -> Array:
    earth = ((215, 160, 80), (200, 135, 65), (180, 120, 60))
    picture = hills(sky(rng, time), rng, ground, earth, time)
    count, feet = int(rng.integers(3, 8)), (ground, ground + 0.1)
    picture = _grove(picture, rng, count, feet, (0.22, 0.4), _LEAVES, time, 0)
    fallen = [lit(colour, time) for colour in _LEAVES]
    return dots(picture, rng, int(rng.integers(15, 50)), (0, 1), fallen, (0.005, 0.01))


def desert(rng: Generator, time: str, ground: float) -> Array:
    sand = ((235, 195, 130), (225, 178, 110), (240, 205, 140))
    return hills(sky(rng, time), rng, ground, sand, time, 3, 3, 0.09)


def beach(rng: Generator, time: str, ground: float) -> Array:
    horizon = ground - 0.12
    stops = [(0, _tinted(rng, (50, 150, 205), time)), (1, _tinted(rng, (120, 215, 225), time))]
    water = gradient(stops, np.clip((Y - horizon) / 0.2, 0, 1))
    picture = blend(sky(rng, time), water, soft(Y - horizon))
    shore = curve(rng, 5, ground, ground + 0.06)[None]
    picture = mix(picture, _tinted(rng, (250, 250, 250), time), soft(Y - shore + 0.015))
    picture = mix(picture, _tinted(rng, (242, 218, 165), time), soft(Y - shore))
    grain = (_tinted(rng, (225, 198, 145), time),)
    return dots(picture, rng, 25, (ground + 0.1, 1), grain, (0.002, 0.004))


def city(rng: Generator, time: str, ground: float) -> Array:
    return _street(_houses(sky(rng, time), rng, time, ground), rng, time, ground, paved=True)


def road(rng: Generator, time: str, ground: float) -> Array:
    picture = sky(rng, time)
    if rng.random() < 0.3:
        picture = _houses(picture, rng, time, ground)
    else:
        picture = hills(picture, rng, ground - 0.08, ((120, 190, 90),), time, 1)
    return _street(picture, rng, time, ground, paved=False)


def _houses(picture: Array, rng: Generator, time: str, ground: float) -> Array:
    for row in range(2):
        x = -0.05
        while x < 1.05:
            width, height = rng.uniform(0.07, 0.15), rng.uniform(0.16, 0.5) * (1 - 0.3 * row)
            picture = _house(
                picture, rng, time, (x, ground - 0.02, width, height), 1.1 - 0.25 * row
            )
            x += width + rng.uniform(-0.01, 0.03)
    return picture


def _house(
    picture: Array,
    rng: Generator,
    time: str,
    place: tuple[float, float, float, float],
    light: float,
) -> Array:
    x, foot, width, height = place
    wall = np.clip(_tinted(rng, pick(rng, _WALLS), time) * light, 0, 255)
    top = foot - height
    inside = np.minimum(np.minimum(X - x, x + width - X), np.minimum(Y - top, foot + 0.02 - Y))
    mask = soft(inside)
    panes = (np.abs(((X - x) / width * 4) % 1 - 0.5) < 0.25) & (foot - 0.01 > Y)
    panes &= np.abs(((Y - top) / 0.045) % 1 - 0.5) < 0.28
    picture = mix(picture, wall, mask)
    if time == "night":
        return mix(picture, (255, 225, 130), mask * panes * (noise(rng, 16, 16) > 0.5) * 0.8)
    return mix(picture, wall * 0.72 + 60, mask * panes * 0.8)


def _street(picture: Array, rng: Generator, time: str, ground: float, paved: bool) -> Array:
    kerb = ground - 0.02
    verge = (165, 168, 172) if paved else (110, 180, 85)
    picture = mix(picture, _tinted(rng, verge, time), soft(Y - kerb))
    top, bottom = kerb + 0.07, 1.06 if paved else 0.96
    tar = soft(np.minimum(Y - top, bottom - Y))
    picture = mix(picture, _tinted(rng, (85, 88, 96), time), tar)
    dashes = band((X / 0.16 + 0.3) % 1, 0.5, 0.25) * 0.16
    line = soft(np.minimum(dashes, band(Y, (top + 0.98) / 2, 0.008)))
    return mix(picture, _tinted(rng, (245, 240, 220), time), line)


def moon(rng: Generator, time: str, ground: float) -> Array:
    picture = gradient([(0, (6, 7, 18)), (1, (20, 22, 48))], Y)
    picture = dots(picture, rng, 90, (0, ground), ((255, 255, 255),), (0.001, 0.0035))
    dust = ((168, 170, 178), (150, 152, 160))
    picture = hills(picture, rng, ground, dust, "day", 2, 4, 0.04)
    for _ in range(9):
        x, y, radius = rng.random(), rng.uniform(ground + 0.06, 0.98), rng.uniform(0.02, 0.06)
        picture = mix(picture, (125, 127, 136), soft(radius - away(x, y, 2.4)))
    return picture


def lava(rng: Generator, time: str, ground: float) -> Array:
    glow = [(0, jitter(rng, (40, 16, 26))), (1, jitter(rng, (190, 60, 35)))]
    picture = gradient(glow, Y)
    ridge = curve(rng, 6, ground - 0.35, ground - 0.02)
    picture = mix(picture, (45, 28, 34), soft(Y - ridge[None]))
    cracks, below = np.abs(fractal(rng, 5, 3) - 0.5), soft(Y - ground)
    picture = blend(picture, fill((58, 38, 40)), below)
    picture = mix(picture, (255, 130, 30), below * np.clip(1 - cracks * 16, 0, 1))
    picture = mix(picture, (255, 220, 90), below * np.clip(1 - cracks * 34, 0, 1))
    return dots(picture, rng, 30, (0, 1), ((255, 160, 60),), (0.002, 0.005))
