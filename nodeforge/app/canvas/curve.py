"""The line of a wire."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath


def curve(start: QPointF, end: QPointF) -> QPainterPath:
    """From an output to an input."""
    reach = min(max(abs(end.x() - start.x()) / 2, 26.0), 120.0)
    path = QPainterPath(start)
    path.cubicTo(QPointF(start.x() + reach, start.y()), QPointF(end.x() - reach, end.y()), end)
    return path
