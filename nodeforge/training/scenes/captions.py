"""Plans into words: lower case phrases as people type them, true to what the picture shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from numpy.random import Generator

from nodeforge.training.scenes.arrange import FLOATING, FLYING, SWIMMING, UPRIGHT
from nodeforge.training.scenes.backdrops import LANDS, Backdrop
from nodeforge.training.scenes.cast import FLYERS, Cast
from nodeforge.training.scenes.colours import COLOURS
from nodeforge.training.scenes.plan import Plan, Thing
from nodeforge.training.scenes.words import (
    CHARMS,
    FLATTERY,
    NUMBERS,
    OPENINGS,
    OVER,
    PLACES,
    RELATIONS,
    SCENERY,
    SKIES,
    STYLES,
    TIMELESS,
    TIMES,
)

T = TypeVar("T")
_POSES = ("standing", "sitting", "walking", "posing")
_TONES = {colour.name: colour.words for colour in COLOURS}


def one(rng: Generator, options: Sequence[T]) -> T:
    """One of them by chance. Much faster than Generator.choice."""
    return options[int(rng.random() * len(options))]


def article(noun: str) -> str:
    """The noun with "a" or "an"."""
    an = noun[0] in "aeiou" and not noun.startswith(("uni", "uf", "eu", "one"))
    return f"{'an' if an else 'a'} {noun}"


class Captioner:
    """Puts one plan into words. stance: how its first thing is there, see arrange."""

    def __init__(self, rng: Generator, plan: Plan, cast: Cast, stance: str) -> None:
        self.rng, self.plan, self.cast, self.stance = rng, plan, cast, stance
        self.over = False  # whether the backdrop is already named, as what something flies over

    def caption(self) -> str:
        ways: dict[str, Callable[[], str]] = {
            "alone": self.alone,
            "portrait": self.alone,
            "count": self.counted,
            "trio": self.trio,
            "scenery": self.scenery,
            "left": self.sides,
            "flying": self.flying,
        }
        core = ways.get(self.plan.relation, self.related)()
        if self.plan.told and not self.over:
            core = self.placed(core)
        return " ".join(self.styled(core).split()).replace(" ,", ",")

    def phrase(self, thing: Thing, count: int = 1) -> str:
        """A thing with its article and adjectives, or several of them without a number."""
        who, rng = self.cast.subjects[thing.subject], self.rng
        which = 0 if rng.random() < 0.76 else int(rng.random() * len(who.names))
        noun = who.names[which] if count == 1 else who.plurals[which]
        words = [thing.size] if thing.size else []
        if thing.tone:
            tones = _TONES[thing.tone]
            words.append(tones[0] if rng.random() < 0.75 else one(rng, tones))
        if not words and rng.random() < 0.05:
            words.append(one(rng, CHARMS))
        phrase = " ".join((*words, noun))
        if count > 1 or not who.articles[which] or rng.random() < 0.06:
            return phrase
        if who.articles[which] == "the" or rng.random() < 0.05:
            return f"the {phrase}"
        return article(phrase) if words else f"{who.articles[which]} {phrase}"

    def alone(self) -> str:
        thing = self.plan.things[0]
        phrase, rng = self.phrase(thing), self.rng
        kind, place = self.cast.kind(thing.subject), self.plan.backdrop.kind
        if self.stance == FLYING:
            verb = one(rng, ("flying", "flying", "soaring", "hovering"))
            if self.plan.told and place in OVER and (kind not in FLYERS or rng.random() < 0.6):
                self.over = True
                time = self.hour(0.85) if place not in TIMELESS else ""
                return f"{phrase} {verb} over {one(rng, OVER[place])} {time}"
            return f"{phrase} {verb}" if kind not in FLYERS or rng.random() < 0.7 else phrase
        if self.stance == SWIMMING and rng.random() < 0.35:
            return f"{phrase} swimming"
        if self.stance == FLOATING and rng.random() < 0.5:
            return f"{phrase} floating"
        if self.stance == UPRIGHT and kind in ("animal", "person") and rng.random() < 0.12:
            return f"{phrase} {one(rng, _POSES)}"
        return phrase

    def counted(self) -> str:
        thing, count = self.plan.things[0], self.plan.count
        number = one(self.rng, NUMBERS[count])
        return f"{number} {self.phrase(thing, count)}"

    def trio(self) -> str:
        first, second, third = (self.phrase(thing) for thing in self.plan.things)
        return f"{first}, {second} and {third}"

    def scenery(self) -> str:
        place = self.plan.backdrop
        self.over = True
        time = self.hour(0.9) if place.kind in LANDS | {"sea"} - TIMELESS else ""
        if place.kind == "sky":
            return f"the sky {self.hour(1)}"
        return f"{one(self.rng, SCENERY[place.kind])} {time}"

    def sides(self) -> str:
        left, right = (self.phrase(thing) for thing in self.plan.things)
        if self.rng.random() < 0.25:
            if self.rng.random() < 0.5:
                return f"{left} on the left and {right} on the right"
            return f"{right} on the right and {left} on the left"
        return self.joined(left, right, 0.5)

    def flying(self) -> str:
        upper, lower = (self.phrase(thing) for thing in self.plan.things)
        if self.rng.random() < 0.08:
            return f"{lower} with {upper} flying above it"
        return self.joined(upper, lower, 0.1)

    def related(self) -> str:
        first, second = (self.phrase(thing) for thing in self.plan.things)
        return self.joined(first, second, 0.2)

    def joined(self, first: str, second: str, turned: float) -> str:
        """turned: how often the second comes first, where there are words for it."""
        relation = RELATIONS[self.plan.relation]
        if relation.backward and self.rng.random() < turned:
            return f"{second} {one(self.rng, relation.backward)} {first}"
        return f"{first} {one(self.rng, relation.forward)} {second}"

    def placed(self, core: str) -> str:
        """With the backdrop named."""
        rng, place = self.rng, self.plan.backdrop
        chance = rng.random()
        if chance < 0.05 and place.kind in SCENERY and place.kind not in ("table", "room", "sky"):
            time = self.hour(0.7) if place.kind not in TIMELESS else ""
            return f"{one(rng, SCENERY[place.kind])} with {core} {time}"
        where = self.where(place)
        return f"{where}, {core}" if chance < 0.11 else f"{core} {where}"

    def where(self, place: Backdrop) -> str:
        if place.kind == "sky" and place.time in SKIES:
            return one(self.rng, SKIES[place.time])
        words = one(self.rng, PLACES[place.kind]).replace("{c}", place.colour)
        if " and " in place.colour and "gradient" not in words:
            words = f"on a {place.colour} gradient background"
        words = words.replace("a orange", "an orange")
        if place.kind not in (LANDS | {"sea"}) - TIMELESS:
            return words
        time = self.hour(0.88)
        return time if time and self.rng.random() < 0.25 else f"{words} {time}"

    def hour(self, chance: float) -> str:
        """The time of day, so often; a plain day is seldom worth a word."""
        time = self.plan.backdrop.time
        said = self.rng.random() < (chance if time != "day" else 0.15)
        return one(self.rng, TIMES[time]) if said else ""

    def styled(self, core: str) -> str:
        style, rng = STYLES[self.plan.style], self.rng
        if style.spoilt:
            return f"{core}, {one(rng, style.endings)}"
        chance = rng.random()
        if style.openings:
            bare = core.removeprefix("an ").removeprefix("a ")
            if style.adjective and bare != core and chance < 0.2:
                ending = f", {one(rng, style.endings)}" if chance < 0.08 else ""
                core = article(f"{style.adjective} {bare}") + ending
            elif chance < 0.6:
                core = f"{one(rng, style.openings)} {core}"
            else:
                core = f"{core}, {one(rng, style.endings)}"
        elif chance < 0.1:
            core = f"{one(rng, OPENINGS)} {core}"
        if rng.random() < 0.08:
            core += "".join(f", {one(rng, FLATTERY)}" for _ in range(1 + int(rng.random() * 3)))
        return core
