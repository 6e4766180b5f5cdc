"""The colours a caption can name: ramps that recolour a sprite, and colours of backdrops."""

from __future__ import annotations

from dataclasses import dataclass

RGB = tuple[float, float, float]


@dataclass(frozen=True)
class Colour:
    """A ramp from shade to highlight, sRGB 0..1. words: what captions call it, the first mostly."""

    words: tuple[str, ...]
    dark: RGB
    middle: RGB
    light: RGB

    @property
    def name(self) -> str:
        return self.words[0]


COLOURS = (
    Colour(("red",), (0.35, 0.02, 0.05), (0.86, 0.12, 0.14), (1, 0.72, 0.66)),
    Colour(("orange",), (0.45, 0.15, 0), (0.97, 0.52, 0.08), (1, 0.88, 0.65)),
    Colour(("yellow",), (0.5, 0.32, 0), (0.99, 0.82, 0.15), (1, 0.97, 0.75)),
    Colour(("green",), (0.03, 0.24, 0.06), (0.24, 0.68, 0.25), (0.8, 0.96, 0.72)),
    Colour(("blue",), (0.03, 0.08, 0.38), (0.16, 0.42, 0.92), (0.75, 0.88, 1)),
    Colour(("purple", "violet"), (0.18, 0.04, 0.34), (0.55, 0.26, 0.8), (0.88, 0.76, 1)),
    Colour(("pink",), (0.45, 0.06, 0.25), (0.97, 0.5, 0.7), (1, 0.88, 0.93)),
    Colour(("brown",), (0.2, 0.09, 0.03), (0.52, 0.32, 0.18), (0.88, 0.74, 0.6)),
    Colour(("black",), (0.02, 0.02, 0.03), (0.15, 0.15, 0.18), (0.62, 0.63, 0.68)),
    Colour(("white",), (0.4, 0.42, 0.48), (0.9, 0.91, 0.94), (1, 1, 1)),
    Colour(("grey", "gray"), (0.14, 0.14, 0.16), (0.53, 0.54, 0.57), (0.92, 0.92, 0.94)),
    Colour(("golden", "gold"), (0.42, 0.22, 0), (0.93, 0.69, 0.12), (1, 0.97, 0.7)),
    Colour(("turquoise", "teal", "cyan"), (0, 0.24, 0.28), (0.12, 0.72, 0.72), (0.78, 1, 0.97)),
)
NAMES = tuple(colour.name for colour in COLOURS)
WORDS = frozenset(word for colour in COLOURS for word in colour.words) | {"light", "dark"}

# sRGB 0..255: a backdrop's colours are lighter and duller than a subject's, which stands out.
BACKGROUNDS: dict[str, RGB] = {
    "white": (250, 250, 250),
    "black": (18, 18, 22),
    "red": (222, 60, 60),
    "orange": (250, 160, 70),
    "yellow": (252, 220, 95),
    "green": (110, 195, 115),
    "blue": (85, 150, 235),
    "light blue": (175, 215, 250),
    "purple": (155, 110, 215),
    "pink": (250, 175, 205),
    "grey": (175, 178, 184),
    "beige": (240, 226, 200),
    "teal": (70, 185, 180),
    "brown": (150, 108, 78),
    "dark blue": (28, 42, 95),
}
