"""How the window looks: colours, fonts, icons and shapes, all from resources/tokens.json."""

from __future__ import annotations

from nodeforge.app.theme.icons import icon, pixmap, qicon
from nodeforge.app.theme.shapes import shape
from nodeforge.app.theme.sheet import apply, follow_system, system_theme
from nodeforge.app.theme.tokens import (
    DARK,
    LIGHT,
    TOKENS,
    Theme,
    css_font,
    mix,
    shape_name,
    size,
)

__all__ = [
    "DARK",
    "LIGHT",
    "TOKENS",
    "Theme",
    "apply",
    "css_font",
    "follow_system",
    "icon",
    "mix",
    "pixmap",
    "qicon",
    "shape",
    "shape_name",
    "size",
    "system_theme",
]
