"""Nodes from afar, where no word of them can be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from nodeforge.app.canvas.face import HEADER
from nodeforge.app.canvas.items import Card
from nodeforge.app.canvas.paint import header_colour
from nodeforge.app.theme import Theme, mix

DIMMED = 0.42  # of what is muted, or no port for the wire in the hand


def paint(painter: QPainter, theme: Theme, cards: Collection[Card], pictured: bool) -> None:
    """Each node two rectangles; those of one colour at once. pictured: with thumbnails."""
    bodies: list[QRectF] = []
    heads: dict[tuple[str, bool, bool, str], list[QRectF]] = defaultdict(list)
    rings: dict[str, list[QRectF]] = defaultdict(list)
    for card in cards:
        look, box = card.look, card.box
        bodies.append(box)
        wears = (look.face.type, look.phase == "error", look.face.muted, look.face.colour)
        heads[wears].append(QRectF(box.x(), box.y(), box.width(), min(HEADER, box.height())))
        if look.selected:
            rings["hand"].append(box.adjusted(-4, -4, 4, 4))
        if look.phase in ("running", "error"):
            rings["heat" if look.phase == "running" else "error"].append(box)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("raised"))
    painter.drawRects(bodies)
    for (type, failed, muted, own), boxes in heads.items():
        colour = header_colour(theme, type, failed, own)
        if muted:
            colour = mix(theme.colour("raised"), colour, DIMMED)
        painter.setBrush(colour)
        painter.drawRects(boxes)
    if pictured:
        _pictures(painter, cards)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for name, boxes in rings.items():
        pen = QPen(theme.colour(name), 2)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawRects(boxes)


def _pictures(painter: QPainter, cards: Iterable[Card]) -> None:
    for card in cards:
        if (thumb := card.look.state.thumb) is not None and card.look.pictured:
            box = card.look.face.picture
            high = thumb.width() * box.height() / box.width()
            part = QRectF(0, (thumb.height() - high) / 2, thumb.width(), high)
            painter.drawImage(box.translated(card.pos()), thumb, part)
