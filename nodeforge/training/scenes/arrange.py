"""Where everything lies: from a plan to layers, each relation in a way that is plain to see.

The picture is 1 by 1, y downwards. A sprite's box is centred in its square, `size` wide.
"""

from __future__ import annotations

from collections.abc import Callable

from numpy.random import Generator

from nodeforge.training.scenes.backdrops import PATTERNS
from nodeforge.training.scenes.cast import BULKY, FLYERS, ONE_WAY, SADDLES, SHADES, Cast
from nodeforge.training.scenes.plan import Plan, Thing
from nodeforge.training.scenes.scene import FREE, LIFTED, STANDING, Layer
from nodeforge.training.scenes.words import SIZES

FLYING, FLOATING, SWIMMING, RESTING, UPRIGHT = (
    "flying",
    "floating",
    "swimming",
    "resting",
    "upright",
)
_ROWS: dict[int, tuple[tuple[float, float], ...]] = {  # of counted things, seen from the front
    2: ((0.28, 0.5), (0.72, 0.5)),
    3: ((0.19, 0.5), (0.5, 0.5), (0.81, 0.5)),
    4: ((0.28, 0.28), (0.72, 0.28), (0.28, 0.72), (0.72, 0.72)),
    5: ((0.19, 0.3), (0.5, 0.3), (0.81, 0.3), (0.34, 0.7), (0.66, 0.7)),
    6: ((0.19, 0.3), (0.5, 0.3), (0.81, 0.3), (0.19, 0.7), (0.5, 0.7), (0.81, 0.7)),
}
_TRIANGLE = ((0.5, 0.28), (0.28, 0.71), (0.72, 0.71))
_COUNTED = {2: 0.42, 3: 0.31, 4: 0.36, 5: 0.3, 6: 0.29}


class Arranger:
    """Places one plan's things. `stance` says afterwards how the first of them is there."""

    def __init__(self, rng: Generator, plan: Plan, cast: Cast) -> None:
        self.rng, self.plan, self.cast = rng, plan, cast
        self.ground = plan.backdrop.ground
        self.wall = LIFTED if plan.backdrop.kind in PATTERNS else FREE
        self.stance = UPRIGHT

    def layers(self) -> tuple[Layer, ...]:
        ways: dict[str, Callable[[], tuple[Layer, ...]]] = {
            "portrait": self.portrait,
            "alone": self.alone,
            "flying": self.above,
            "above": self.above,
            "left": self.abreast,
            "beside": self.abreast,
            "on": self.stacked,
            "riding": self.riding,
            "front": self.before,
            "under": self.before,
            "wearing": self.wearing,
            "count": self.counted,
            "trio": self.trio,
            "scenery": tuple,
        }
        return ways[self.plan.relation]()

    def layer(
        self,
        thing: Thing,
        x: float,
        y: float,
        size: float,
        shadow: int,
        turn: float = 3,
        flipped: bool | None = None,
    ) -> Layer:
        """turn: degrees that it leans to either side, about."""
        if flipped is None:
            flipped = self.rng.random() < 0.5
        if self.cast.name(thing.subject) in ONE_WAY:
            flipped = False
        angle = self.rng.normal(0, turn) if turn else 0.0
        return Layer(thing.sprite, x, y, size, angle, bool(flipped), thing.paint, shadow)

    def tall(self, thing: Thing, size: float) -> float:
        return self.cast.box(thing.sprite).height * size

    def wide(self, thing: Thing, size: float) -> float:
        return self.cast.box(thing.sprite).width * size

    def around(self, middle: float, spread: float) -> float:
        """Near the middle, never far off: nothing is cut off by the picture's edge."""
        return middle + max(-2.0, min(2.0, self.rng.normal())) * spread

    def inside(self, middle: float, extent: float, margin: float = 0.02) -> float:
        """The middle, moved so far that all of the extent is in the picture."""
        half = min(extent / 2 + margin, 0.5)
        return min(max(middle, half), 1 - half)

    def floor(self, low: float = 0.06, high: float = 0.22) -> float:
        """Where feet are."""
        return min((self.ground or 0.6) + self.rng.uniform(low, high), 0.96)

    def portrait(self) -> tuple[Layer, ...]:
        thing = self.plan.things[0]
        size = self.rng.uniform(0.62, 0.88)
        y = self.around(0.5, 0.015)
        shadow = self.wall
        if self.ground is not None:
            y, shadow = self.around(0.93, 0.01) - self.tall(thing, size) / 2, STANDING
            y = self.inside(y, self.tall(thing, size))
        return (self.layer(thing, self.around(0.5, 0.02), y, size, shadow),)

    def alone(self) -> tuple[Layer, ...]:
        thing, place = self.plan.things[0], self.plan.backdrop.kind
        kind, scale = self.cast.kind(thing.subject), SIZES.get(thing.size, 1.0)
        if self.aloft(kind, place):
            return (self.hung(thing, kind, scale),)
        low, high = (0.56, 0.8) if kind in BULKY else (0.44, 0.7)
        size = self.rng.uniform(low, high)
        size = min(max(size * scale, 0.16), 0.86)
        if place == "sea":
            deep = 0.24 if kind == "sea" else 0.05
            foot, shadow = (self.ground or 0.7) + deep + self.rng.uniform(0, 0.12), FREE
        else:
            foot, shadow = self.floor(), STANDING
        x = self.inside(self.around(0.5, 0.07), self.wide(thing, size))
        y = self.inside(foot - self.tall(thing, size) / 2, self.tall(thing, size))
        return (self.layer(thing, x, y, size, shadow, 2),)

    def aloft(self, kind: str, place: str) -> bool:
        """Whether the only subject is in the air or water; sets the stance."""
        if self.ground is None:
            if place == "sky":
                self.stance = FLYING if kind in FLYERS else RESTING if kind == "sky" else FLOATING
            elif place == "space":
                self.stance = RESTING if kind == "sky" else FLOATING
            else:
                self.stance = RESTING
            return True
        if place == "underwater":
            self.stance = SWIMMING
            return True
        chance = 0.75 if kind in FLYERS else 1.0 if kind == "sky" else 0.06
        chance = 1.0 if place == "clouds" else chance
        if place == "sea" and kind not in ("boat", "sea", *FLYERS, "sky"):
            chance = 0.3
        if self.rng.random() < chance:
            self.stance = RESTING if kind == "sky" else FLYING
            return True
        return False

    def hung(self, thing: Thing, kind: str, scale: float) -> Layer:
        if self.ground is None:
            size = self.rng.uniform(0.56, 0.84) * (scale if scale < 1 else 1.1)
            middle = 0.5
        else:
            size, middle = self.rng.uniform(0.4, 0.66) * scale, 0.34 if kind == "sky" else 0.41
        size = min(max(size, 0.16), 0.88)
        x = self.inside(self.around(0.5, 0.05), self.wide(thing, size))
        y = self.inside(self.around(middle, 0.03), self.tall(thing, size))
        return self.layer(thing, x, y, size, self.wall, 4)

    def above(self) -> tuple[Layer, ...]:
        upper, lower = self.plan.things
        low = self.rng.uniform(0.46, 0.6) * min(SIZES.get(lower.size, 1.0), 1.25)
        high = self.rng.uniform(0.32, 0.44) * min(SIZES.get(upper.size, 1.0), 1.3)
        low, high = max(low, 0.22), max(high, 0.16)
        tall, deep = self.tall(upper, high), self.tall(lower, low)
        over = 0.94 - deep - tall
        if over < 0:  # not room for both: both shrink
            share = 0.94 / (deep + tall)
            low, high, tall, deep = low * share, high * share, tall * share, deep * share
        foot = max(self.floor(0.1, 0.22), min(0.96, 0.03 + tall + deep))
        y = max(tall / 2 + 0.02, min(foot - deep - tall / 2 + self.rng.uniform(-0.05, 0), 0.36))
        x = self.around(0.5, 0.06)
        beside = self.inside(x + self.around(0, 0.07), self.wide(upper, high))
        standing = STANDING if self.ground is not None and self.dry() else self.wall
        return (
            self.layer(lower, x, foot - deep / 2, low, standing, 1),
            self.layer(upper, beside, y, high, FREE, 4),
        )

    def dry(self) -> bool:
        return self.plan.backdrop.kind not in ("sea", "underwater", "clouds")

    def abreast(self) -> tuple[Layer, ...]:
        left, right = self.plan.things
        if self.plan.relation == "beside" and self.rng.random() < 0.5:
            left, right = right, left
        feet = self.floor(0.1, 0.2)
        made = []
        for thing, x in ((left, 0.27), (right, 0.73)):
            bulk = 1.2 if self.cast.kind(thing.subject) in (*BULKY, "plant") else 1.0
            size = self.rng.uniform(0.42, 0.49) * bulk * SIZES.get(thing.size, 1.0)
            size = min(max(size, 0.16), 0.56)
            x = self.inside(self.around(x, 0.02), self.wide(thing, size), 0.01)
            made.append(self.grounded(thing, x, feet + self.rng.uniform(-0.015, 0.015), size))
        return tuple(made)

    def grounded(self, thing: Thing, x: float, foot: float, size: float) -> Layer:
        """On the ground if there is one, else in the middle of the height."""
        tall = self.tall(thing, size)
        if self.ground is None or self.plan.backdrop.kind == "underwater":
            return self.layer(thing, x, self.around(0.5, 0.03), size, self.wall)
        y = self.inside(foot - tall / 2, tall)
        return self.layer(thing, x, y, size, STANDING if self.dry() else FREE, 2)

    def stacked(self) -> tuple[Layer, ...]:
        upper, lower = self.plan.things
        low, high = self.rng.uniform(0.46, 0.56), self.rng.uniform(0.3, 0.4)
        deep, tall = self.tall(lower, low), self.tall(upper, high)
        sink = deep * self.rng.uniform(0.08, 0.16)
        whole = deep + tall - sink
        foot = max(self.floor(0.1, 0.2), 0.04 + whole) if self.ground else 0.5 + whole / 2
        x, shadow = self.around(0.5, 0.04), STANDING if self.ground and self.dry() else self.wall
        return (
            self.layer(lower, x, foot - deep / 2, low, shadow, 0),
            self.layer(upper, self.around(x, 0.02), foot - whole + tall / 2, high, FREE, 2),
        )

    def riding(self) -> tuple[Layer, ...]:
        """The rider is drawn first, so that the mount's back hides where its body ends."""
        rider, mount = self.plan.things
        saddle = SADDLES.get(self.cast.name(mount.subject), (0.5, 0.2))
        low = self.rng.uniform(0.56, 0.68)
        high = low * self.rng.uniform(0.52, 0.62)
        flipped = self.rng.random() < 0.5
        tall, deep = self.tall(rider, high), self.tall(mount, low)
        x = self.around(0.5, 0.03)
        seat = (saddle[0] - 0.5) * low * (-1 if flipped else 1)
        drop = (saddle[1] - 0.5) * low + 0.14 * tall  # below the mount's middle
        y = self.floor(0.14, 0.24) - deep / 2 if self.ground else 0.55
        y = min(max(y, 0.03 + tall - drop), 0.97 - deep / 2)
        shadow = STANDING if self.ground and self.dry() else self.wall
        person = self.layer(rider, x + seat, y + drop - tall / 2, high, FREE, 2, flipped)
        return person, self.layer(mount, x, y, low, shadow, 0, flipped)

    def before(self) -> tuple[Layer, ...]:
        front, back = self.plan.things
        low, high = self.rng.uniform(0.62, 0.76), self.rng.uniform(0.3, 0.38)
        deep, tall = self.tall(back, low), self.tall(front, high)
        foot = min(max(self.floor(0.05, 0.12), 0.03 + deep), 0.9)
        x = self.around(0.5, 0.04)
        side = self.rng.uniform(0.08, 0.2) * (1 if self.rng.random() < 0.5 else -1)
        feet = min(foot + self.rng.uniform(0.05, 0.08), 0.98)
        shadow = STANDING if self.ground else self.wall
        return (
            self.layer(back, x, foot - deep / 2, low, shadow, 0),
            self.layer(front, x + side, feet - tall / 2, high, STANDING if self.ground else FREE),
        )

    def wearing(self) -> tuple[Layer, ...]:
        head, worn = self.plan.things
        size = self.rng.uniform(0.56, 0.66)
        tall = self.tall(head, size)
        flipped = self.rng.random() < 0.5
        face = self.layer(head, 0.5, 0.6, size, self.wall, 0, flipped)
        if self.cast.name(worn.subject) in SHADES:
            width = size * 0.7
            y = 0.6 - tall * 0.07
        else:
            width = size * 0.6
            y = 0.6 - tall / 2 + tall * 0.12 - self.tall(worn, width) / 2
        return face, self.layer(worn, 0.5, y, width, FREE, 0, flipped)

    def counted(self) -> tuple[Layer, ...]:
        thing, count = self.plan.things[0], self.plan.count
        places, size = _ROWS[count], _COUNTED[count] * self.rng.uniform(0.94, 1.08)
        hung = self.ground is None or self.plan.backdrop.kind in ("underwater", "clouds")
        flies = self.cast.kind(thing.subject) in (*FLYERS, "sky")
        if hung and count == 3 and self.rng.random() < 0.4:
            places, size = _TRIANGLE, size * 1.15
        flipped = bool(self.rng.random() < 0.5)
        made = []
        for x, y in places:
            shadow = self.wall
            if flies and not hung:
                y, shadow = 0.14 + y * 0.55, FREE
            elif not hung:
                y = self.marched(thing, y, size)
                shadow = STANDING if self.dry() else FREE
            x, y = self.around(x, 0.008), self.around(y, 0.008)
            made.append(self.layer(thing, x, y, size, shadow, 2, flipped))
        return tuple(made)

    def marched(self, thing: Thing, row: float, size: float) -> float:
        """The height of a thing in a front row, a middle one or a row behind."""
        tall = self.tall(thing, size)
        front = 0.95 if row > 0.6 else min((self.ground or 0.6) + 0.18, 0.95)
        if row < 0.4:
            front = min((self.ground or 0.6) + 0.05, 0.95 - tall * 0.8)
        return front - tall / 2

    def trio(self) -> tuple[Layer, ...]:
        feet, made = self.floor(0.12, 0.2), []
        for place, thing in enumerate(self.plan.things):
            size = self.rng.uniform(0.29, 0.34)
            made.append(self.grounded(thing, self.around(0.19 + 0.31 * place, 0.008), feet, size))
        return tuple(made)
