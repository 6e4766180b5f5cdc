"""The mark: an N of one wire with a port at its end; alone, with the name, or as an icon."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QWidget

from nodeforge.app.theme import Theme

HEIGHT = 48


class Logo(QWidget):
    """An N of one wire with a port at its end, going from heat to amber."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.short = False
        self.set_short(False)

    def set_short(self, short: bool) -> None:
        """The mark alone."""
        self.short = short
        width = QFontMetrics(self.theme.font("heading")).horizontalAdvance("NodeForge")
        self.setFixedSize(22 if short else 34 + width, HEIGHT)

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(0, (HEIGHT - 20) / 2)
        paint_mark(painter, self.theme, 20)
        painter.resetTransform()
        if self.short:
            return
        painter.setFont(self.theme.font("heading"))
        painter.setPen(self.theme.colour("text"))
        box = QRectF(30, 0, self.width() - 30, HEIGHT - 1)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, "NodeForge")


def paint_mark(painter: QPainter, theme: Theme, size: float) -> None:
    """The mark, in a square of this many pixels at the origin."""
    unit = size / 20
    tint = QLinearGradient(0, size, size, 0)
    tint.setColorAt(0, theme.colour("heat"))
    tint.setColorAt(1, theme.colour("heatEnd"))
    path = QPainterPath(QPointF(4 * unit, 17 * unit))
    path.lineTo(4 * unit, 4 * unit)
    path.cubicTo(8 * unit, 4 * unit, 11 * unit, 16 * unit, 16 * unit, 16 * unit)
    path.lineTo(16 * unit, 5 * unit)
    cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    pen = QPen(tint, 2.6 * unit, Qt.PenStyle.SolidLine, cap, join)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("heatEnd"))
    painter.drawEllipse(QPointF(16 * unit, 4 * unit), 3 * unit, 3 * unit)


def app_pixmap(theme: Theme, size: int) -> QPixmap:
    """The icon of the window."""
    picture = QPixmap(size, size)
    picture.fill(QColor(0, 0, 0, 0))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor("#1E1F23"))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(picture.rect(), size * 0.22, size * 0.22)
    painter.translate(size * 0.18, size * 0.18)
    paint_mark(painter, theme, size * 0.64)
    painter.end()
    return picture
