"""Who may play: the subjects of a pack, drawn by weight, and where each kind of them belongs."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate

from numpy.random import Generator

from nodeforge.errors import BadValue
from nodeforge.training.data.sprites import Pack, Sprite, Subject
from nodeforge.training.scenes.backdrops import LANDS

Kinds = tuple[str, ...]

FLYERS: Kinds = ("dragon", "bird", "aircraft", "hero", "flybug")
HEADS: Kinds = ("animalface", "face")
BULKY: Kinds = ("building", "place")
SIMPLE: Kinds = ("plain", "gradient", "radial", "gradient", "plain", "meadow")
BARE: Kinds = ("plain", "gradient", "radial")
ANYWHERE: Kinds = (
    *("plain", "gradient", "radial", "paper", "sunburst", "dots", *sorted(LANDS)),
    *("sky", "space", "underwater", "table", "room", "clouds", "rain", "sea", "table", "snow"),
)
_LAND: Kinds = (
    *("meadow", "gradient", "plain", "radial", *sorted(LANDS), "mountains", "flowers", "forest"),
    *("snow", "moon", "room", "sunburst", "table"),
)
_AIR: Kinds = (
    *("sky", "sky", "clouds", "gradient", "meadow", "mountains", "city", "space", "forest"),
    *("plain", "lava", "snow", "desert", "radial", "storm", "sea", "city"),
)
HOMES: dict[str, Kinds] = {  # backdrops that suit a kind, the more often named the likelier
    "sea": (*("underwater", "underwater", "underwater", "sea", "gradient", "plain"), "beach"),
    "boat": ("sea", "sea", "sea", "beach", "gradient", "lake", "plain"),
    **dict.fromkeys(FLYERS, _AIR),
    "sky": (
        *("sky", "sky", "space", "gradient", "plain", "mountains", "sea", "desert", "meadow"),
        "city",
    ),
    **dict.fromkeys(
        ("food", "item"),
        (
            *("table", "table", "table", "gradient", "plain", "plain", "radial", "room", "paper"),
            *("dots", "stripes", "sunburst", "meadow", "grid", "bokeh", "checker", "parchment"),
            *("beach", "confetti", "snow"),
        ),
    ),
    **dict.fromkeys(
        HEADS,
        (
            *("gradient", "plain", "radial", "sunburst", "dots", "stripes", "confetti", "bokeh"),
            *("sky", "paper", "space", "meadow", "forest", "snow", "autumn", "flowers", "city"),
        ),
    ),
    "vehicle": (
        *("road", "road", "road", "city", "city", "desert", "gradient", "plain", "snow"),
        *("meadow", "beach", "rain", "mountains", "autumn"),
    ),
    **dict.fromkeys(
        ("flower", "plant"),
        (
            *("meadow", "gradient", "plain", "table", "flowers", "forest", "desert", "paper"),
            *("autumn", "spring", "beach", "snow", "rain", "fog"),
        ),
    ),
}
# Whom one may ride, and where: the middle of the back in the sprite's square, facing left.
SADDLES: dict[str, tuple[float, float]] = {
    "horse": (0.6, 0.37),
    "elephant": (0.62, 0.11),
    "dragon": (0.58, 0.45),
    "camel": (0.62, 0.2),
    "bicycle": (0.62, 0.27),
    "motorcycle": (0.7, 0.33),
    "scooter": (0.62, 0.33),
    "turtle": (0.5, 0.21),
    "dinosaur": (0.52, 0.36),
    "brontosaurus": (0.5, 0.42),
    "whale": (0.4, 0.35),
    "dolphin": (0.45, 0.12),
    "shark": (0.5, 0.11),
    "zebra": (0.6, 0.38),
    "cow": (0.55, 0.2),
    "pig": (0.55, 0.16),
    "tiger": (0.58, 0.28),
    "rhino": (0.6, 0.19),
    "hippo": (0.6, 0.24),
    "mammoth": (0.7, 0.16),
    "llama": (0.55, 0.42),
    "deer": (0.6, 0.42),
    "ox": (0.6, 0.2),
    "goat": (0.6, 0.35),
    "duck": (0.7, 0.42),
    "swan": (0.6, 0.4),
    "leopard": (0.58, 0.28),
    "sheep": (0.6, 0.27),
    "snail": (0.65, 0.12),
}
PROFILES = frozenset({"unicorn", "moose"})  # heads that no hat fits
HATS = ("crown", "hat", "graduation cap", "baseball cap", "helmet")
SHADES = ("sunglasses", "glasses")
ONE_WAY = frozenset(  # what cannot be seen in a mirror: letters, figures, clock faces
    {"ambulance", "police car", "taxi", "clock", "alarm clock", "watch", "stop sign", "keyboard"}
    | {"musical note", "map", "compass", "piano", "dice", "violin", "earth"}
)


class Cast:
    """The subjects of a pack, by name and by kind."""

    def __init__(self, pack: Pack) -> None:
        self.subjects, self.sprites = pack.subjects, pack.sprites
        self.index = {name: at for at, who in enumerate(self.subjects) for name in who.names}
        self.looks: dict[tuple[int, str], int] = {}
        for number, sprite in enumerate(self.sprites):
            self.looks.setdefault((sprite.subject, sprite.look), number)
        self.drawn = sorted({subject for subject, _ in self.looks})
        self.pools: dict[Kinds, tuple[list[int], list[float]]] = {}

    def name(self, subject: int) -> str:
        return self.subjects[subject].names[0]

    def kind(self, subject: int) -> str:
        return self.subjects[subject].kind

    def find(self, name: str) -> int:
        """The subject of that name. Raises BadValue if the pack has none."""
        if name not in self.index:
            raise BadValue(f"The sprite pack has no “{name}”: build it with the full list")
        return self.index[name]

    def known(self, names: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(self.index[name] for name in names if name in self.index)

    def pick(self, rng: Generator, kinds: Kinds = (), names: tuple[str, ...] = ()) -> int:
        """A subject of one of the kinds or names, by weight; any if the pack has none of them."""
        key = kinds or names
        if key not in self.pools:
            named = self.known(names)
            among = [who for who in self.drawn if self.kind(who) in kinds or who in named]
            among = among or self.drawn
            self.pools[key] = (among, list(accumulate(self.subjects[who].weight for who in among)))
        among, sums = self.pools[key]
        return among[min(bisect(sums, rng.random() * sums[-1]), len(among) - 1)]

    def sprite(self, subject: int, look: str) -> int:
        """The subject's sprite of that look, or of the nearest there is."""
        for wanted in (look, "3d", "noto", "flat"):
            if (subject, wanted) in self.looks:
                return self.looks[subject, wanted]
        raise BadValue(f"The sprite pack has no picture of “{self.name(subject)}”: build it again")

    def box(self, number: int) -> Sprite:
        return self.sprites[number]

    def home(self, subject: int) -> Kinds:
        return HOMES.get(self.kind(subject), _LAND)

    def countable(self, subject: int) -> bool:
        who: Subject = self.subjects[subject]
        return who.articles[0] in ("a", "an")
