"""Backdrops without a place: plain colours, gradients, patterns, papers."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from nodeforge.training.scenes.colours import BACKGROUNDS
from nodeforge.training.scenes.painting import (
    SIDE,
    Array,
    X,
    Y,
    away,
    dots,
    fill,
    fractal,
    gradient,
    jitter,
    mix,
    pick,
    soft,
)

_PARTY = tuple(BACKGROUNDS[name] for name in ("red", "yellow", "blue", "green", "purple", "pink"))


def _shades(rng: Generator, colour: str) -> tuple[Array, Array]:
    """A colour and one that stands out a little from it."""
    main = jitter(rng, BACKGROUNDS[colour], 8)
    return main, main * 0.84 if main.mean() > 225 else np.clip(main * 0.4 + 150, 0, 255)


def plain(rng: Generator, colour: str) -> Array:
    return fill(_shades(rng, colour)[0])


def blended(rng: Generator, colour: str) -> Array:
    """From one colour to another ("red and blue"), or to a darker tone of its own."""
    first, _, second = colour.partition(" and ")
    start = jitter(rng, BACKGROUNDS[first], 8)
    end = jitter(rng, BACKGROUNDS[second]) if second else start * rng.uniform(0.72, 0.9)
    turn = rng.uniform(-0.5, 0.5)
    along = np.clip((Y - 0.5) * np.cos(turn) + (X - 0.5) * np.sin(turn) + 0.5, 0, 1)
    return gradient([(0, start), (1, end)], along)


def radial(rng: Generator, colour: str) -> Array:
    main, _ = _shades(rng, colour)
    return gradient([(0, main * 0.5 + 127), (1, main * 0.92)], away(0.5, 0.5) * 1.4)


def sunburst(rng: Generator, colour: str) -> Array:
    main, other = _shades(rng, colour)
    rays = int(rng.integers(7, 12))
    wave = np.sin(np.arctan2(Y - 0.5, X - 0.5) * rays + rng.uniform(0, 6))
    mask = np.clip(wave * away(0.5, 0.5) * SIDE / rays * 0.9 + 0.5, 0, 1)
    return mix(fill(main), other, mask * 0.75)


def polka(rng: Generator, colour: str) -> Array:
    main, other = _shades(rng, colour)
    step = rng.uniform(0.09, 0.16)
    across = (X / step) % 1 - 0.5
    down = (Y / step + 0.5 * (np.floor(X / step) % 2)) % 1 - 0.5
    return mix(fill(main), other, soft((0.24 - np.sqrt(across**2 + down**2)) * step))


def stripes(rng: Generator, colour: str) -> Array:
    main, other = _shades(rng, colour)
    step, turn = rng.uniform(0.07, 0.15), np.pi / 4 * int(rng.integers(3))
    place = ((X * np.cos(turn) + Y * np.sin(turn)) / step) % 1
    return mix(fill(main), other, soft((0.25 - np.abs(place - 0.5)) * step))


def checker(rng: Generator, colour: str) -> Array:
    main, other = _shades(rng, colour)
    step = rng.uniform(0.08, 0.16)
    squares = (np.floor(X / step) + np.floor(Y / step)) % 2
    return mix(fill(main), other, squares.astype(np.float32))


def paper(rng: Generator, colour: str) -> Array:
    return _fibres(rng, (246, 243, 236), fractal(rng, 6, 5))


def parchment(rng: Generator, colour: str) -> Array:
    fibres = fractal(rng, 6, 5)
    edge = np.maximum(np.abs(X - 0.5), np.abs(Y - 0.5)) * 2
    burnt = 1 - 0.35 * np.clip(edge - 0.6 + (fibres - 0.5) * 0.5, 0, 1)
    return _fibres(rng, (226, 198, 148), fibres) * burnt[..., None]


def _fibres(rng: Generator, colour: ArrayLike, fibres: Array) -> Array:
    grain = rng.random((SIDE, SIDE)).astype(np.float32)
    light = 0.93 + 0.08 * fibres + 0.03 * grain
    return np.asarray(jitter(rng, colour, 5) / 255 * light[..., None], np.float32)


def grid(rng: Generator, colour: str) -> Array:
    step = rng.uniform(0.06, 0.1)
    lines = [soft(0.02 - np.abs((axis / step) % 1 - 0.5)) for axis in (X, Y)]
    white = fill(jitter(rng, (250, 250, 248), 4))
    return mix(white, (165, 195, 230), np.maximum(*lines) * 0.8)


def bokeh(rng: Generator, colour: str) -> Array:
    dark = jitter(rng, BACKGROUNDS[str(pick(rng, ("blue", "purple", "brown", "teal", "red")))])
    picture = gradient([(0, dark * 0.35), (1, dark * 0.6)], Y)
    for _ in range(int(rng.integers(14, 30))):
        warm = rng.random() < 0.6
        light = jitter(rng, (255, 230, 170) if warm else pick(rng, _PARTY), 20)
        spot = soft(rng.uniform(0.03, 0.1) - away(rng.random(), rng.random()), 5)
        picture = mix(picture, light, spot * rng.uniform(0.2, 0.5))
    return picture


def confetti(rng: Generator, colour: str) -> Array:
    pale = jitter(rng, BACKGROUNDS[str(pick(rng, tuple(BACKGROUNDS)))], 8) * 0.35 + 165
    return dots(fill(pale), rng, 70, (0, 1), _PARTY, (0.006, 0.016))
