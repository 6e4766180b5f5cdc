"""Two hundred prompts that training never shows: each word is known, the combination is new."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nodeforge.errors import BadValue
from nodeforge.training.scenes.backdrops import Backdrop
from nodeforge.training.scenes.colours import NAMES
from nodeforge.training.scenes.plan import ALONE, COUNT, SYMMETRIC, Plan, Thing
from nodeforge.training.scenes.scene import Combination, Scene
from nodeforge.training.scenes.words import STYLES, TIMELESS

if TYPE_CHECKING:
    from nodeforge.training.scenes.sampler import Sampler

_FILE = Path(__file__).with_suffix(".json")


@dataclass(frozen=True)
class Prompt:
    """A caption and the facts that make it true.

    subjects: names, in the order of the relation. relation: key of RELATIONS, "alone" or "count".
    colour: of the first subject, or "". backdrop: a kind, with a time of day as "snow night", or
    with a colour as "plain yellow"; "" for any simple one. style: key of STYLES, "" for none.
    """

    caption: str
    subjects: tuple[str, ...]
    relation: str
    colour: str
    count: int
    backdrop: str
    style: str

    @property
    def combination(self) -> Combination:
        """What no scene in training may show."""
        place = self.backdrop.partition(" ")[0]
        if self.relation == COUNT:
            return ("count", str(self.count), self.subjects[0], place)
        if self.style:
            return ("style", self.style, self.subjects[0], place)
        if self.relation == ALONE:
            return ("colour", self.colour, self.subjects[0], place)
        pair = sorted(self.subjects) if self.relation in SYMMETRIC else self.subjects
        return ("pair", self.relation, *pair)


@cache
def read() -> tuple[Prompt, ...]:
    """The prompts, always the same two hundred."""
    rows = json.loads(_FILE.read_text("utf-8"))
    return tuple(Prompt(**{**row, "subjects": tuple(row["subjects"])}) for row in rows)


@cache
def combinations() -> frozenset[Combination]:
    return frozenset(prompt.combination for prompt in read())


def scene(prompt: Prompt, sampler: Sampler, seed: int) -> Scene:
    """A true scene of the prompt: what a perfect model would draw.

    Raises BadValue if the pack lacks a subject or the bank the backdrop.
    """
    rng = np.random.default_rng(seed)
    cast, look = sampler.cast, STYLES[prompt.style].look
    things = []
    for place, name in enumerate(prompt.subjects):
        subject = cast.find(name)
        tone = prompt.colour if place == 0 else ""
        paint = NAMES.index(tone) if tone else -1
        things.append(Thing(subject, cast.sprite(subject, look), paint, tone))
    numbers = [
        number
        for number, backdrop in enumerate(sampler.backdrops)
        if _suits(prompt.backdrop, backdrop)
    ]
    if not numbers:
        raise BadValue(f"No backdrop is “{prompt.backdrop}”: paint a bank of more backdrops")
    number = numbers[int(rng.integers(len(numbers)))]
    backdrop = sampler.backdrops[number]
    plan = Plan(prompt.relation, tuple(things), number, backdrop, prompt.style, prompt.count)
    return sampler.scene(rng, plan, seed, prompt.caption)


def _suits(wanted: str, backdrop: Backdrop) -> bool:
    if not wanted:
        return backdrop.kind in ("plain", "gradient", "radial")
    kind, _, detail = wanted.partition(" ")
    if backdrop.kind != kind:
        return False
    if backdrop.colour or detail in NAMES:
        return backdrop.colour == detail
    return backdrop.time == (detail or "day") or backdrop.kind in TIMELESS
