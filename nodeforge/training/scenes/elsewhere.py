"""Backdrops off the land: the sky, clouds, space, the sea and what is below it, rooms, tables."""

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
    dots,
    fractal,
    gradient,
    hills,
    jitter,
    lit,
    mix,
    noise,
    pick,
    sky,
    soft,
)

_PLASTER = (
    *((205, 222, 230), (240, 226, 205), (214, 228, 205)),
    *((236, 210, 205), (190, 200, 222), (120, 130, 150)),
)
_TIMBER = ((176, 122, 74), (150, 98, 58), (205, 160, 110))
_WEED = ((40, 140, 90), (225, 90, 110), (70, 160, 70))
_NEBULAE = ((110, 50, 160), (40, 80, 170), (150, 50, 110))


def heaven(rng: Generator, time: str, ground: float) -> Array:
    return sky(rng, time)


def clouds(rng: Generator, time: str, ground: float) -> Array:
    picture = sky(rng, time)
    for layer in range(3):
        top = 0.6 + 0.13 * layer
        puffs = np.full((SIDE, SIDE), -1, np.float32)
        for _ in range(12):
            x, y = rng.uniform(-0.05, 1.05), top + rng.uniform(-0.03, 0.06)
            puffs = np.maximum(puffs, rng.uniform(0.06, 0.13) - away(x, y))
        puffs = np.maximum(puffs, Y - top - 0.03)
        white = (235 + 7 * layer, 242 + 5 * layer, 250 + 2 * layer)
        picture = mix(picture, white, soft(puffs, 5) * 0.93)
    return picture


def space(rng: Generator, time: str, ground: float) -> Array:
    picture = gradient([(0, (8, 8, 28)), (1, (22, 14, 46))], Y)
    dust, gas = fractal(rng, 3, 4), fractal(rng, 3, 4)
    picture = mix(picture, pick(rng, _NEBULAE), np.clip((dust - 0.45) * 2.2, 0, 0.6))
    picture = mix(picture, (40, 120, 170), np.clip((gas - 0.55) * 2, 0, 0.45))
    stars = ((255, 255, 255), (255, 240, 200), (200, 220, 255))
    return dots(picture, rng, int(rng.integers(60, 160)), (0, 1), stars, (0.0012, 0.004))


def sea(rng: Generator, time: str, ground: float) -> Array:
    horizon = ground - 0.1
    top, bottom = (lit(jitter(rng, blue, 10), time) for blue in ((70, 165, 215), (18, 80, 150)))
    water = gradient([(0, top), (1, bottom)], np.clip((Y - horizon) / (1 - horizon), 0, 1))
    picture = blend(sky(rng, time), water, soft(Y - horizon))
    for wave in range(int(rng.integers(5, 9))):
        y = horizon + (1 - horizon) * ((wave + 0.6) / 8) ** 1.2
        swell = 0.006 + 0.012 * wave / 8
        often = rng.uniform(14, 26) / (1 + wave * 0.25)
        crest = y + swell * np.abs(np.sin(X * often + rng.uniform(0, 6)))
        foam = soft(band(Y, crest, 0.003 + 0.0005 * wave))
        picture = mix(picture, np.clip(top * 1.05 + 25, 0, 255), foam * 0.6)
    return picture


def underwater(rng: Generator, time: str, ground: float) -> Array:
    depths = ((0, (90, 200, 225)), (0.6, (25, 120, 190)), (1, (12, 62, 125)))
    picture = gradient([(at, jitter(rng, blue)) for at, blue in depths], Y)
    for _ in range(4):
        x, slope = rng.uniform(-0.1, 1.1), rng.uniform(-0.35, 0.35)
        ray = soft(rng.uniform(0.03, 0.08) * (1 + Y) - np.abs(X - x - slope * Y), 14)
        picture = mix(picture, (230, 255, 255), ray * np.clip(0.22 - 0.25 * Y, 0, 1))
    sand = ((214, 190, 130), (228, 205, 150))
    picture = hills(picture, rng, ground, sand, "day", 2, 4, 0.04)
    picture = picture * np.array((0.85, 0.95, 1.0), np.float32)
    for _ in range(int(rng.integers(2, 7))):
        x, height, foot = rng.random(), rng.uniform(0.08, 0.22), rng.uniform(ground + 0.02, 0.98)
        stem = x + 0.015 * np.sin((Y - foot) * 40 + rng.uniform(0, 6))
        weed = np.minimum(band(X, stem, 0.012), np.minimum(foot - Y, Y - foot + height))
        picture = mix(picture, jitter(rng, pick(rng, _WEED)), soft(weed))
    for _ in range(int(rng.integers(4, 14))):
        bubble = np.abs(away(rng.random(), rng.uniform(0.05, 0.8)) - rng.uniform(0.006, 0.018))
        picture = mix(picture, (225, 250, 255), soft(0.0025 - bubble) * 0.8)
    return picture


def table(rng: Generator, time: str, ground: float) -> Array:
    wall = jitter(rng, pick(rng, _PLASTER), 10)
    return _boards(gradient([(0, wall), (1, wall * 0.9)], Y), rng, ground)


def room(rng: Generator, time: str, ground: float) -> Array:
    wall = jitter(rng, pick(rng, _PLASTER), 10)
    picture = gradient([(0, wall), (1, wall * 0.9)], Y)
    furnished = rng.random()
    if furnished < 0.5:
        picture = _window(picture, rng)
    elif furnished < 0.75:
        step = rng.uniform(0.05, 0.09)
        picture = mix(picture, wall * 0.93, soft(band((X / step) % 1, 0.5, 0.25) * step))
    picture = _boards(picture, rng, ground)
    return mix(picture, (250, 248, 242), soft(band(Y, ground - 0.012, 0.012)))


def _window(picture: Array, rng: Generator) -> Array:
    width, height = rng.uniform(0.2, 0.3), rng.uniform(0.22, 0.3)
    x, y = rng.uniform(0.1, 0.6) + width / 2, 0.1 + height / 2
    frame = np.minimum(band(X, x, width / 2), band(Y, y, height / 2))
    pane, bars = soft(frame - 0.015), np.maximum(soft(band(X, x, 0.006)), soft(band(Y, y, 0.006)))
    picture = mix(picture, (250, 250, 250), soft(frame))
    picture = mix(picture, (150, 205, 245), pane)
    return mix(picture, (250, 250, 250), pane * bars)


def _boards(picture: Array, rng: Generator, ground: float) -> Array:
    picture = blend(picture, _wood(rng, pick(rng, _TIMBER)), soft(Y - ground))
    return mix(picture, (70, 45, 28), soft(band(Y, ground, 0.008)) * 0.5)


def _wood(rng: Generator, timber: ArrayLike) -> Array:
    grain = noise(rng, 60, 3) * 0.5 + noise(rng, 128, 6) * 0.3
    board = (Y * int(rng.integers(3, 7))) % 1
    seam = soft(0.02 - np.minimum(board, 1 - board), 1)
    base = jitter(rng, timber, 16)
    wood = np.asarray(base / 255 * (0.8 + 0.4 * grain)[..., None], np.float32)
    return np.clip(mix(wood, base * 0.55, seam * 0.6), 0, 1)
