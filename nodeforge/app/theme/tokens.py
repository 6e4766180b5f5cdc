"""The design tokens as a value: a theme is dark or light, the rest is looked up."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from PySide6.QtGui import QColor, QFont, QFontDatabase

from nodeforge import resources

TOKENS: dict[str, Any] = json.loads(resources.path("tokens.json").read_text("utf-8"))
FACES = ("Regular", "Medium", "SemiBold", "Bold")
BADGE_ALPHA = 0.07  # of a badge that says nothing good or bad, on dark


@dataclass(frozen=True)
class Theme:
    """Equal themes look alike; everything else is derived, and cached."""

    dark: bool = True

    @property
    def name(self) -> str:
        return "dark" if self.dark else "light"

    def colour(self, name: str) -> QColor:
        """A colour by its name in tokens.json, "canvas" or "heat". Raises KeyError."""
        return QColor(_colour(self.name, name))

    def type_colour(self, type: str) -> QColor:
        """The colour of a wire type; a type of some pack that we do not know is "Any"."""
        types = TOKENS["types"]
        return QColor(types.get(type, types["Any"])[self.name])

    def tint(self, state: str) -> QColor:
        """The ground of a badge whose words are in the colour `state`: ok, warn, heat, error."""
        return QColor(_tint(self.dark, state))

    def font(self, role: str) -> QFont:
        """A font by its role: display, title, heading, label, nodeTitle, body, caption, badge…"""
        return QFont(_font(role))


DARK, LIGHT = Theme(True), Theme(False)


def size(name: str) -> int:
    """A length in logical pixels, by its name in tokens.json."""
    return int(TOKENS["size"][name])


def mix(under: QColor, over: QColor, part: float) -> QColor:
    """`over` laid on `under` at this opacity, 0 to 1."""
    pairs = zip(under.getRgb()[:3], over.getRgb()[:3], strict=True)
    return QColor(*(round(u + (o - u) * part) for u, o in pairs))


def shape_name(type: str) -> str:
    types = TOKENS["types"]
    return str(types.get(type, types["Any"])["shape"])


@cache
def _colour(theme: str, name: str) -> QColor:
    return _parsed(TOKENS[theme][name])


def _parsed(text: str) -> QColor:
    if match := re.fullmatch(r"rgba\((\d+),(\d+),(\d+),([\d.]+)\)", text):
        red, green, blue = (int(part) for part in match.groups()[:3])
        colour = QColor(red, green, blue)
        colour.setAlphaF(float(match[4]))
        return colour
    return QColor(text)


@cache
def _tint(dark: bool, state: str) -> QColor:
    tints = TOKENS["stateTint"]
    if not dark and state in ("ok", "warn", "heat"):
        return QColor(tints["light"][state])
    if state not in ("ok", "warn", "heat", "error"):
        colour = QColor("white" if dark else "black")
        colour.setAlphaF(BADGE_ALPHA)
        return colour
    colour = QColor(_colour("dark" if dark else "light", state))
    colour.setAlphaF(float(tints[state]))
    return colour


@cache
def _font(role: str) -> QFont:
    load_fonts()
    pixels, _, weight = TOKENS["type"][role]
    font = QFont(TOKENS["type"]["family"])
    font.setPixelSize(int(pixels))
    font.setWeight(QFont.Weight(int(weight)))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setFeature(QFont.Tag("tnum"), 1)  # figures of one width, so that values do not dance
    return font


def css_font(role: str) -> str:
    """A font by its role, as a style sheet names it."""
    pixels, _, weight = TOKENS["type"][role]
    return f'{weight} {pixels}px "{TOKENS["type"]["family"]}"'


@cache
def load_fonts() -> None:
    """Bring our own Inter into the application, once. Needs a QGuiApplication."""
    for face in FACES:
        QFontDatabase.addApplicationFont(str(resources.path(f"fonts/Inter-{face}.otf")))
