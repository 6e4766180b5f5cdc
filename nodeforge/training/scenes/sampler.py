"""Scenes by seed: what is on the picture, by how often people ask for it, told and placed.

Without a word for a style, everything is drawn in one look: a name must mean one picture. Half of
the scenes show one subject only, and half of those show it large, in the middle, undisturbed.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar

import numpy as np
from numpy.random import Generator

from nodeforge.errors import BadValue
from nodeforge.training.data.sprites import Pack
from nodeforge.training.scenes import held_out
from nodeforge.training.scenes.arrange import Arranger
from nodeforge.training.scenes.backdrops import PATTERNS, Backdrop
from nodeforge.training.scenes.captions import Captioner, one
from nodeforge.training.scenes.cast import (
    ANYWHERE,
    BARE,
    BULKY,
    FLYERS,
    HATS,
    HEADS,
    PROFILES,
    SADDLES,
    SHADES,
    SIMPLE,
    Cast,
    Kinds,
)
from nodeforge.training.scenes.colours import NAMES, WORDS
from nodeforge.training.scenes.plan import (
    ALONE,
    COUNT,
    PORTRAIT,
    SCENERY,
    TRIO,
    Plan,
    Thing,
    combinations,
)
from nodeforge.training.scenes.scene import Scene
from nodeforge.training.scenes.words import ARTS, FLAWS, SIZES, STYLES
from nodeforge.training.scenes.words import SCENERY as SCENIC

T = TypeVar("T")
_AGAIN = 2**40  # added to a seed whose scene is held out
_REST = {"pair": 0.38, COUNT: 0.09, TRIO: 0.04, SCENERY: 0.03}  # beside single subjects, relative
_PAIRS = {
    "flying": 0.2,
    "above": 0.09,
    "left": 0.16,
    "beside": 0.2,
    "on": 0.08,
    "riding": 0.1,
    "front": 0.07,
    "under": 0.03,
    "wearing": 0.07,
}
_COUNTS = {2: 0.34, 3: 0.3, 4: 0.16, 5: 0.12, 6: 0.08}
_STANDING: Kinds = (
    *("animal", "person", "plant", "vehicle", "flower", "item", "food", "face", "animalface"),
    *("dragon", "bird", "building", "bug", "hero", "sea"),
)
_SMALL: Kinds = ("item", "food", "flower", "face")
_PARTIES: dict[str, tuple[Kinds, Kinds]] = {  # who is over, on, before whom
    "flying": (
        FLYERS,
        (*BULKY, *BULKY, "plant", "vehicle", "boat", "animal", "person", "flower"),
    ),
    "above": (
        ("sky", "animal", "sea", "animalface", "face", "item", "food", "flybug"),
        (*BULKY, "plant", "vehicle", "boat", "animal", "person", "flower", "item", "sea"),
    ),
    "on": (
        ("animal", "food", "item", "animalface", "bird", "face", "bug"),
        ("item", "vehicle", "building", "boat", "food", "animal", "plant"),
    ),
    "front": (
        ("animal", "person", "vehicle", "animalface", "dragon", "hero", "face", "item", "bird"),
        BULKY,
    ),
    "under": (("animal", "person", "animalface", "face", "item"), ("plant",)),
}
_CLASSICS = {"flying": ("dragon", "castle"), "riding": ("astronaut", "horse")}  # asked by many
_RIDERS: Kinds = ("person", "person", "face", "animalface", "hero")
_FLOORS: Kinds = (
    *("meadow", "mountains", "forest", "snow", "desert", "city", "gradient", "plain", "beach"),
    *("lava", "autumn", "flowers", "farm", "moon", "storm", "rain", "spring", "lake", "meadow"),
)


@dataclass(frozen=True)
class Diet:
    """Which scenes. Shares are 0..1.

    single: with one subject; the rest keep their proportions. plain: without a style. styles: which
    styles the others have, or "all", which is all but blueprint. only_style: this style in every
    scene, "" for none without. degraded: blurred, noisy or poor, and said to be.
    """

    single: float = 0.46
    plain: float = 0.7
    styles: frozenset[str] | str = "all"
    only_style: str | None = None
    degraded: float = 0.03


class Sampler:
    """Scenes by seed, without what is held out. Same pack, backdrops, diet, seed: same scene.

    Args:
        pack: Its pictures are not needed.
        backdrops: Those of the bank.
        diet: Which scenes.
    """

    def __init__(
        self, pack: Pack, backdrops: tuple[Backdrop, ...], diet: Diet | None = None
    ) -> None:
        self.cast, self.backdrops, self.diet = Cast(pack), backdrops, diet or Diet()
        self.styles, self.style_sums = _styles(self.diet)
        self.held = held_out.combinations()
        self.places: dict[str, list[int]] = {}
        self.plain_days: dict[str, list[int]] = {}
        for number, backdrop in enumerate(backdrops):
            self.places.setdefault(backdrop.kind, []).append(number)
            if backdrop.time in ("", "day"):
                self.plain_days.setdefault(backdrop.kind, []).append(number)

    def sample(self, seed: int) -> Scene:
        while True:
            rng = np.random.default_rng(seed)
            plan = self.plan(rng)
            shown = combinations(plan, self.cast)
            if self.held.isdisjoint(shown):
                return self.scene(rng, plan, seed)
            seed += _AGAIN

    def scene(self, rng: Generator, plan: Plan, seed: int, caption: str = "") -> Scene:
        """The plan as a scene, in its own words or the given ones."""
        arranger = Arranger(rng, plan, self.cast)
        layers = arranger.layers()
        caption = caption or Captioner(rng, plan, self.cast, arranger.stance).caption()
        return Scene(
            caption,
            plan.number,
            bool(rng.random() < 0.5),
            layers,
            plan.style,
            plan.backdrop.time,
            tuple(self.cast.name(thing.subject) for thing in plan.things),
            seed % 2**31,
            combinations(plan, self.cast),
        )

    def plan(self, rng: Generator) -> Plan:
        style = self.style(rng)
        if rng.random() < self.diet.single:
            return self.single(rng, style)
        ways = {"pair": self.pair, COUNT: self.counted, TRIO: self.trio, SCENERY: self.scenery}
        return ways[_weighted(rng, _REST)](rng, style)

    def style(self, rng: Generator) -> str:
        if self.diet.only_style is not None:
            return self.diet.only_style
        chance = rng.random()
        if chance < self.diet.degraded:
            return one(rng, FLAWS)
        if not self.styles or chance < self.diet.degraded + self.diet.plain:
            return ""
        at = bisect(self.style_sums, rng.random() * self.style_sums[-1])
        return self.styles[min(at, len(self.styles) - 1)]

    def thing(self, rng: Generator, subject: int, style: str, tinted: float = 0.26) -> Thing:
        """tinted: how often it is painted in another colour, if it may be."""
        sprite = self.cast.sprite(subject, STYLES[style].look)
        who, own = self.cast.subjects[subject], self.cast.box(sprite).colour
        if STYLES[style].colourless:
            return Thing(subject, sprite)
        if not who.colourable or any(not WORDS.isdisjoint(name.split()) for name in who.names):
            return Thing(subject, sprite)
        if rng.random() < tinted:
            paint = int(rng.random() * len(NAMES))
            return Thing(subject, sprite, paint, NAMES[paint])
        if own in NAMES and rng.random() < 0.1:
            return Thing(subject, sprite, -1, own)
        return Thing(subject, sprite)

    def sized(self, rng: Generator, thing: Thing, chance: float = 0.1) -> Thing:
        if rng.random() >= chance:
            return thing
        size = one(rng, tuple(SIZES))
        return Thing(thing.subject, thing.sprite, thing.paint, thing.tone, size)

    def place(
        self, rng: Generator, kinds: Sequence[str], style: str, told: float = 0.78
    ) -> tuple[int, Backdrop, bool]:
        """A backdrop of one of the kinds, and whether it is named. Untold ones are simple."""
        said = rng.random() < told
        stock = self.places
        if STYLES[style].plain:
            said, kinds = said and rng.random() < 0.15, BARE
        elif not said:
            kinds, stock = SIMPLE, self.plain_days
        kinds = [kind for kind in kinds if kind in stock]
        numbers = stock[one(rng, kinds)] if kinds else range(len(self.backdrops))
        number = one(rng, numbers)
        backdrop = self.backdrops[number]
        return number, backdrop, said and not (backdrop.colour and STYLES[style].colourless)

    def single(self, rng: Generator, style: str) -> Plan:
        subject = self.cast.pick(rng)
        thing = self.thing(rng, subject, style, 0.28)
        if rng.random() < 0.5:
            number, backdrop, told = self.place(rng, SIMPLE, style, 0.4)
            return Plan(PORTRAIT, (thing,), number, backdrop, style, told=told)
        thing = self.sized(rng, thing)
        home = self.cast.home(subject) if rng.random() < 0.68 else ANYWHERE
        number, backdrop, told = self.place(rng, home, style, 0.9)
        return Plan(ALONE, (thing,), number, backdrop, style, told=told)

    def pair(self, rng: Generator, style: str) -> Plan:
        relation = _weighted(rng, _PAIRS)
        first, second, kinds = self.couple(rng, relation)
        things = tuple(self.thing(rng, subject, style) for subject in (first, second))
        if relation in ("left", "beside", "flying", "above"):
            chance = 0.14 if relation in ("left", "beside") else 0.07
            things = tuple(self.sized(rng, thing, chance) for thing in things)
        number, backdrop, told = self.place(rng, kinds, style)
        return Plan(relation, things, number, backdrop, style, told=told)

    def couple(self, rng: Generator, relation: str) -> tuple[int, int, Kinds]:
        """Two subjects for a relation, and backdrops that suit them."""
        pick = self.cast.pick
        classic = self.cast.known(_CLASSICS.get(relation, ()))
        if len(classic) == 2 and rng.random() < 0.1:
            return classic[0], classic[1], _FLOORS
        if relation == "riding":
            mount = pick(rng, names=("horse",) if rng.random() < 0.25 else tuple(SADDLES))
            rider = pick(rng, _RIDERS if rng.random() < 0.8 else ("animal", "bird"))
            kinds = self.cast.home(mount) if rng.random() < 0.7 else ANYWHERE
            return self.unlike(rng, rider, mount, _RIDERS), mount, kinds
        if relation == "wearing":
            worn = pick(rng, names=HATS if rng.random() < 0.7 else SHADES)
            head = pick(rng, HEADS)
            for _ in range(8):
                if self.cast.name(head) not in PROFILES:
                    break
                head = pick(rng, HEADS)
            return head, worn, self.cast.home(head)
        if relation in ("left", "beside"):
            return self.abreast(rng)
        uppers, lowers = _PARTIES[relation]
        lower = pick(rng, lowers)
        upper = self.unlike(rng, pick(rng, uppers), lower, uppers)
        return upper, lower, self.grounds(rng, relation, lower)

    def grounds(self, rng: Generator, relation: str, lower: int) -> Kinds:
        kind = self.cast.kind(lower)
        if kind in ("boat", "sea"):
            return ("sea", "sea", "beach", "gradient") if kind == "boat" else ("sea", "underwater")
        if relation == "on" and kind in _SMALL:
            return self.cast.home(lower)
        if kind == "vehicle" and rng.random() < 0.5:
            return ("road", "city")
        return _FLOORS

    def abreast(self, rng: Generator) -> tuple[int, int, Kinds]:
        first = self.cast.pick(rng, _STANDING)
        kind = self.cast.kind(first)
        among = ("item", "food") if kind == "food" and rng.random() < 0.7 else _STANDING
        if kind == "sea":
            among = ("sea",) if rng.random() < 0.5 else _STANDING
        second = self.unlike(rng, self.cast.pick(rng, among), first, among)
        if {kind, self.cast.kind(second)} <= set(_SMALL):
            return first, second, ("table", "table", "table", "gradient", "plain", "room", "radial")
        home = self.cast.home(one(rng, (first, second)))
        return first, second, home if rng.random() < 0.6 else ANYWHERE

    def unlike(self, rng: Generator, first: int, second: int, kinds: Kinds) -> int:
        """The first, or another of its kinds if it is the second: nobody sits on themselves."""
        for _ in range(8):
            if first != second:
                break
            first = self.cast.pick(rng, kinds)
        return first

    def counted(self, rng: Generator, style: str) -> Plan:
        subject = self.cast.pick(rng)
        for _ in range(8):
            if self.cast.countable(subject):
                break
            subject = self.cast.pick(rng)
        count = _weighted(rng, _COUNTS)
        kinds = self.cast.home(subject)
        if self.cast.kind(subject) in BULKY:
            count = min(count, 3)
        number, backdrop, told = self.place(rng, kinds, style)
        thing = self.thing(rng, subject, style)
        return Plan(COUNT, (thing,), number, backdrop, style, count, told)

    def trio(self, rng: Generator, style: str) -> Plan:
        kinds = ("food", "item") if rng.random() < 0.4 else _STANDING
        things: dict[int, Thing] = {}
        for _ in range(9):
            subject = self.cast.pick(rng, kinds)
            if len(things) < 3:
                things.setdefault(subject, self.thing(rng, subject, style, 0.15))
        floors = ("table", "gradient", "plain", "room") if len(kinds) == 2 else ANYWHERE
        number, backdrop, told = self.place(rng, floors, style)
        found = tuple(things.values())
        relation = {1: PORTRAIT, 2: "beside", 3: TRIO}[len(found)]
        return Plan(relation, found, number, backdrop, style, told=told)

    def scenery(self, rng: Generator, style: str) -> Plan:
        kinds = [kind for kind in SCENIC if kind in self.places and kind not in PATTERNS]
        if STYLES[style].plain or not kinds:
            return self.single(rng, style)
        number = one(rng, self.places[one(rng, kinds)])
        return Plan(SCENERY, (), number, self.backdrops[number], style)


def _weighted(rng: Generator, shares: dict[T, float]) -> T:
    sums = list(accumulate(shares.values()))
    names = list(shares)
    return names[min(bisect(sums, rng.random() * sums[-1]), len(names) - 1)]


def _styles(diet: Diet) -> tuple[list[str], list[float]]:
    """The styles of a diet, and running sums of their weights."""
    if isinstance(diet.styles, str):
        wanted = [name for name in ARTS if STYLES[name].weight]
    else:
        wanted = sorted(diet.styles)
    for name in (*wanted, *([diet.only_style] if diet.only_style else [])):
        if name not in STYLES:
            raise BadValue(f"There is no style “{name}”: choose from {', '.join(ARTS)}")
    return wanted, list(accumulate(STYLES[name].weight or 0.1 for name in wanted))
