"""What tells a group from a node: two more faces show below its own."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen

from nodeforge.app.theme import TOKENS, Theme, mix

RADIUS = float(TOKENS["radius"]["node"])
STEPS = ((12.0, 10.0), (6.0, 5.0))  # how far in from the sides, and out below


def stack(painter: QPainter, theme: Theme, box: QRectF) -> None:
    painter.save()
    painter.setPen(QPen(theme.colour("lineStrong"), 1))
    for inset, down in STEPS:
        painter.setBrush(mix(theme.colour("canvas"), theme.colour("raised"), 1 - down / 20))
        painter.drawRoundedRect(box.adjusted(inset, 20, -inset, down), RADIUS, RADIUS)
    painter.restore()
