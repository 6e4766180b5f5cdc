"""The dots under everything, sparser from far away."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen, QPolygonF

from nodeforge.app.theme import Theme


def paint(painter: QPainter, theme: Theme, rect: QRectF, zoom: float) -> None:
    """Those in a part of the scene."""
    step = 24.0 if zoom > 0.7 else 48.0 if zoom > 0.4 else 96.0 if zoom > 0.14 else 0.0
    if not step:
        return
    columns, rows = int(rect.width() / step) + 2, int(rect.height() / step) + 2
    row = QPolygonF([QPointF(column * step, 0) for column in range(columns)])
    pen = QPen(theme.colour("dot"), 2)
    pen.setCosmetic(True)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(pen)
    painter.translate(rect.left() // step * step, rect.top() // step * step)
    for _ in range(rows):
        painter.drawPoints(row)
        painter.translate(0, step)
    painter.restore()
