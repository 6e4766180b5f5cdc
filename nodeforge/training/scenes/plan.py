"""What a scene shows, before anything has a place or a word: the facts a caption must tell."""

from __future__ import annotations

from dataclasses import dataclass

from nodeforge.training.scenes.backdrops import Backdrop
from nodeforge.training.scenes.cast import Cast
from nodeforge.training.scenes.scene import Combination

ALONE, PORTRAIT, COUNT, TRIO, SCENERY = "alone", "portrait", "count", "trio", "scenery"
SYMMETRIC = frozenset({"beside", TRIO})


@dataclass(frozen=True)
class Thing:
    """A subject as it appears.

    paint: index into COLOURS it is painted in, -1 for its own. tone: the colour's name if the
    caption says one. size: key of SIZES, "" for the usual.
    """

    subject: int
    sprite: int
    paint: int = -1
    tone: str = ""
    size: str = ""


@dataclass(frozen=True)
class Plan:
    """relation: key of RELATIONS, or ALONE, PORTRAIT (alone, large, in the middle), COUNT, TRIO,
    SCENERY. things: in the order of the relation: the first is over, left of, on the second.
    told: whether the caption names the backdrop, the `number`th of the bank.
    """

    relation: str
    things: tuple[Thing, ...]
    number: int
    backdrop: Backdrop
    style: str = ""
    count: int = 1
    told: bool = True


def combinations(plan: Plan, cast: Cast) -> tuple[Combination, ...]:
    """What a plan shows that could be held out, in one order whatever its words."""
    names = [cast.name(thing.subject) for thing in plan.things]
    place = plan.backdrop.kind
    shown: list[Combination] = []
    for name, thing in zip(names, plan.things, strict=True):
        if thing.tone:
            shown.append(("colour", thing.tone, name, place))
        if plan.style:
            shown.append(("style", plan.style, name, place))
    if plan.relation == COUNT:
        shown.append(("count", str(plan.count), names[0], place))
    if len(names) == 2:
        pair = sorted(names) if plan.relation in SYMMETRIC else names
        shown.append(("pair", plan.relation, *pair))
    return tuple(shown)
