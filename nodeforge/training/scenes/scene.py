"""A scene as data: what lies where on which backdrop, and the caption that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodeforge.training.scenes.words import STYLES, TIMES

MOST = 8  # layers of a scene
FREE, STANDING, LIFTED = 0, 1, 2  # shadows: none, on the ground beneath, on the wall behind

# Something held out, as ("colour", "red", "cat", "snow"): see held_out.
Combination = tuple[str, ...]


@dataclass(frozen=True)
class Layer:
    """One sprite. Lengths are shares of the picture's side, 0, 0 its upper left corner."""

    sprite: int
    x: float  # of the centre
    y: float
    size: float  # side of the sprite's square
    angle: float  # degrees, clockwise
    flipped: bool
    colour: int  # index into COLOURS, or -1 for its own
    shadow: int  # FREE, STANDING or LIFTED


@dataclass(frozen=True)
class Scene:
    """A picture to be composed.

    subjects: main names, in the order of the caption. style: key of STYLES, "" for none. time: key
    of TIMES, "" where there is none. seed: of the noise in its style. shows: what may be held out.
    """

    caption: str
    backdrop: int  # index into the bank
    flipped: bool  # whether the backdrop is
    layers: tuple[Layer, ...]  # from back to front
    style: str
    time: str
    subjects: tuple[str, ...]
    seed: int = 0
    shows: tuple[Combination, ...] = ()


@dataclass(frozen=True)
class Batch:
    """Scenes as arrays, 300 bytes each: all that composing them needs.

    Attributes:
        backdrops: [n] int32. flipped: [n] bool.
        layers: [n, MOST, 8] float32, the fields of Layer in order; unused rows are -1.
        styles: [n] uint8, index into STYLES. times: [n] uint8, index into TIMES.
        seeds: [n] int64.
    """

    backdrops: NDArray[np.int32]
    flipped: NDArray[np.bool_]
    layers: NDArray[np.float32]
    styles: NDArray[np.uint8]
    times: NDArray[np.uint8]
    seeds: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.backdrops)


_STYLES = {name: index for index, name in enumerate(STYLES)}
_TIMES = {name: index for index, name in enumerate(TIMES)}


def batch(scenes: Sequence[Scene]) -> Batch:
    """The scenes as arrays. Captions stay behind."""
    layers = np.full((len(scenes), MOST, 8), -1, np.float32)
    for row, scene in zip(layers, scenes, strict=True):
        for place, layer in enumerate(scene.layers):
            row[place] = (
                *(layer.sprite, layer.x, layer.y, layer.size, layer.angle),
                *(layer.flipped, layer.colour, layer.shadow),
            )
    return Batch(
        np.array([scene.backdrop for scene in scenes], np.int32),
        np.array([scene.flipped for scene in scenes], np.bool_),
        layers,
        np.array([_STYLES[scene.style] for scene in scenes], np.uint8),
        np.array([_TIMES[scene.time] for scene in scenes], np.uint8),
        np.array([scene.seed for scene in scenes], np.int64),
    )
