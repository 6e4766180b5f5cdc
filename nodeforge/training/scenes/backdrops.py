"""The bank of backdrops: what stands behind the subjects, painted once, drawn from for ever."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from nodeforge.errors import BadValue, DiskError
from nodeforge.training.scenes import elsewhere, landscapes, patterns
from nodeforge.training.scenes.colours import BACKGROUNDS
from nodeforge.training.scenes.painting import SIDE, Array

Pattern = Callable[[Generator, str], Array]
Place = Callable[[Generator, str, float], Array]
_GROUND = (0.58, 0.74)
_HOURS = {"day": 0.62, "sunset": 0.13, "night": 0.17, "dawn": 0.08}
_SOFT_COLOURS = ("light blue", "pink", "beige", "white", "teal", "yellow", "purple")


@dataclass(frozen=True)
class Backdrop:
    """kind: key of KINDS. time: day, sunset, night, dawn, grey, or "" where there is none. colour:
    of a pattern, as "red" or "red and blue", or "". ground: the height where one stands, or None.
    """

    kind: str
    time: str
    colour: str
    ground: float | None


@dataclass(frozen=True)
class Bank:
    """pictures: [n, 256, 256, 3] uint8. kinds: what they show."""

    pictures: NDArray[np.uint8]
    kinds: tuple[Backdrop, ...]


@dataclass(frozen=True)
class Kind:
    """How a kind of backdrop is painted. weight: how many of it a bank has, relatively."""

    weight: float
    pattern: Pattern | None = None
    coloured: bool = True
    place: Place | None = None
    time: str = ""  # "" if it has all times of the day
    ground: tuple[float, float] | None = _GROUND


def _patterns() -> dict[str, Kind]:
    return {
        "plain": Kind(1.6, patterns.plain, ground=None),
        "gradient": Kind(2.2, patterns.blended, ground=None),
        "radial": Kind(1, patterns.radial, ground=None),
        "sunburst": Kind(0.5, patterns.sunburst, ground=None),
        "dots": Kind(0.5, patterns.polka, ground=None),
        "stripes": Kind(0.4, patterns.stripes, ground=None),
        "checker": Kind(0.3, patterns.checker, ground=None),
        "paper": Kind(0.5, patterns.paper, False, ground=None),
        "parchment": Kind(0.4, patterns.parchment, False, ground=None),
        "grid": Kind(0.3, patterns.grid, False, ground=None),
        "bokeh": Kind(0.5, patterns.bokeh, False, ground=None),
        "confetti": Kind(0.4, patterns.confetti, False, ground=None),
    }


def _lands() -> dict[str, Kind]:
    return {
        "meadow": Kind(2.4, place=landscapes.meadow),
        "flowers": Kind(1.3, place=landscapes.flowers),
        "mountains": Kind(1.7, place=landscapes.mountains),
        "forest": Kind(1.8, place=landscapes.forest),
        "snow": Kind(1.7, place=landscapes.snow),
        "autumn": Kind(1.1, place=landscapes.autumn),
        "desert": Kind(1.2, place=landscapes.desert),
        "beach": Kind(1.4, place=landscapes.beach),
        "city": Kind(1.4, place=landscapes.city, ground=(0.6, 0.76)),
        "road": Kind(1.2, place=landscapes.road, ground=(0.6, 0.76)),
        "lake": Kind(0.8, place=landscapes.lake),
        "moon": Kind(0.8, place=landscapes.moon, time="night"),
        "lava": Kind(0.5, place=landscapes.lava, time="sunset"),
        "farm": Kind(0.7, place=landscapes.farm),
        "spring": Kind(0.7, place=landscapes.spring),
        "candy": Kind(0.5, place=landscapes.candy, time="dawn"),
        "rain": Kind(0.6, place=landscapes.rain, time="grey"),
        "fog": Kind(0.5, place=landscapes.fog, time="grey"),
        "storm": Kind(0.5, place=landscapes.storm, time="grey"),
    }


def _others() -> dict[str, Kind]:
    return {
        "sky": Kind(2.2, place=elsewhere.heaven, ground=None),
        "sea": Kind(1.6, place=elsewhere.sea, ground=(0.6, 0.72)),
        "underwater": Kind(1.3, place=elsewhere.underwater, time="day", ground=(0.8, 0.9)),
        "space": Kind(1.3, place=elsewhere.space, time="night", ground=None),
        "table": Kind(1.4, place=elsewhere.table, time="day", ground=(0.55, 0.68)),
        "room": Kind(1, place=elsewhere.room, time="day", ground=(0.66, 0.76)),
        "clouds": Kind(0.8, place=elsewhere.clouds, time="day", ground=(0.7, 0.7)),
    }


KINDS = _patterns() | _lands() | _others()
PATTERNS, LANDS = frozenset(_patterns()), frozenset(_lands())


def plan(count: int, seed: int) -> tuple[Backdrop, ...]:
    """What a bank of `count` backdrops shows, without painting: every kind, by its weight."""
    if count < 1:
        raise BadValue(f"A bank of {count} backdrops is empty: ask for at least one")
    rng = np.random.default_rng((seed, 0))
    total = sum(kind.weight for kind in KINDS.values())
    spare = max(0, count - len(KINDS))
    wanted = {name: 1 + math.ceil(spare * kind.weight / total) for name, kind in KINDS.items()}
    rounds = max(wanted.values())
    names = [name for turn in range(rounds) for name in KINDS if turn < wanted[name]][:count]
    seen: Counter[str] = Counter()
    planned = []
    for name in names:
        planned.append(_backdrop(rng, name, seen[name]))
        seen[name] += 1
    return tuple(planned)


def _backdrop(rng: Generator, name: str, turn: int) -> Backdrop:
    """The `turn`th of its kind: colours come in turn, times by chance."""
    kind = KINDS[name]
    time = colour = ""
    if kind.pattern and kind.coloured:
        colour = tuple(BACKGROUNDS)[turn % len(BACKGROUNDS)]
        if name == "gradient":
            colour = _gradient(rng, colour)
    if kind.place:
        time = kind.time or str(rng.choice(list(_HOURS), p=list(_HOURS.values())))
    ground = float(rng.uniform(*kind.ground)) if kind.ground else None
    return Backdrop(name, time, colour, ground)


def _gradient(rng: Generator, colour: str) -> str:
    if rng.random() < 0.5:
        colour = _SOFT_COLOURS[int(rng.integers(len(_SOFT_COLOURS)))]
    other = tuple(BACKGROUNDS)[int(rng.integers(len(BACKGROUNDS)))]
    return f"{colour} and {other}" if rng.random() < 0.5 and other != colour else colour


def make(count: int, seed: int, processes: int = 1) -> Bank:
    """Paints a bank: 20 ms a backdrop, shared by the processes. Same seed, same bank."""
    kinds = plan(count, seed)
    jobs = [(kind, seed, number) for number, kind in enumerate(kinds)]
    pictures = np.empty((count, SIDE, SIDE, 3), np.uint8)
    if processes > 1:
        with ProcessPoolExecutor(processes) as pool:
            for number, picture in enumerate(pool.map(_painted, jobs, chunksize=16)):
                pictures[number] = picture
    else:
        for number, job in enumerate(jobs):
            pictures[number] = _painted(job)
    return Bank(pictures, kinds)


def paint(backdrop: Backdrop, rng: Generator) -> Array:
    """[256, 256, 3] float32, 0..1."""
    kind = KINDS[backdrop.kind]
    if kind.pattern:
        picture = kind.pattern(rng, backdrop.colour)
    else:
        assert kind.place
        picture = kind.place(rng, backdrop.time, backdrop.ground or 0)
    return np.clip(picture, 0, 1)


def _painted(job: tuple[Backdrop, int, int]) -> NDArray[np.uint8]:
    backdrop, seed, number = job
    picture = paint(backdrop, np.random.default_rng((seed, 1, number)))
    return (picture * 255 + 0.5).astype(np.uint8)


def save(bank: Bank, path: Path) -> None:
    """As .npz. Raises DiskError."""
    grounds = [math.nan if kind.ground is None else kind.ground for kind in bank.kinds]
    words = [(kind.kind, kind.time, kind.colour) for kind in bank.kinds]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            np.savez(file, pictures=bank.pictures, words=np.array(words), grounds=grounds)
    except OSError as error:
        raise DiskError(f"The backdrops cannot be written to “{path}”: {error}") from error


def load(path: Path) -> Bank:
    """What `save` wrote. Raises DiskError."""
    try:
        with np.load(path) as arrays:
            pictures, words, grounds = (arrays[key] for key in ("pictures", "words", "grounds"))
    except (OSError, ValueError, KeyError) as error:
        raise DiskError(
            f"The backdrops in “{path}” cannot be read ({error}): delete the file, and they are "
            f"painted again"
        ) from error
    kinds = [
        Backdrop(str(kind), str(time), str(colour), None if math.isnan(ground) else float(ground))
        for (kind, time, colour), ground in zip(words, grounds, strict=True)
    ]
    return Bank(pictures, tuple(kinds))
