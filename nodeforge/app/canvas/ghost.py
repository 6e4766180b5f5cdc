"""Where what is held over the canvas would land: an outline as large as the node would be."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from nodeforge.app.canvas.stack import RADIUS
from nodeforge.app.theme import Theme

VEIL = 0.08


def paint(painter: QPainter, theme: Theme, box: QRectF) -> None:
    """box: of the scene."""
    veil = theme.colour("hand")
    veil.setAlphaF(VEIL)
    pen = QPen(theme.colour("hand"), 1.5, Qt.PenStyle.DashLine)
    pen.setCosmetic(True)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.setBrush(veil)
    painter.drawRoundedRect(box, RADIUS, RADIUS)
