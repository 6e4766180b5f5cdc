"""Colours an artist gives to nodes, frames and notes: those of the wire types, or any other."""

from __future__ import annotations

from PySide6.QtGui import QColor

from nodeforge.app.theme import TOKENS, Theme
from nodeforge.app.words import tr

# By name: the tint of a wire type, which has a colour for each theme.
CHOICES = {
    "Image": tr("Blue"),
    "Mask": tr("Teal"),
    "Control": tr("Green"),
    "Conditioning": tr("Yellow"),
    "Text": tr("Sand"),
    "Latent": tr("Pink"),
    "Model": tr("Violet"),
    "Number": tr("Grey"),
}


def tint_colour(theme: Theme, tint: str) -> QColor | None:
    """What a document calls a colour, in this theme; None for no colour of its own."""
    if tint in TOKENS["types"]:
        return theme.type_colour(tint)
    colour = QColor(tint) if tint.startswith("#") else QColor()
    return colour if colour.isValid() else None
