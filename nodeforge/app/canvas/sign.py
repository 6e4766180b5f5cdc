"""A few words at the cursor or at a port, in a box of its own, as large at every zoom."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from nodeforge.app.canvas.face import LINE, metrics, wrapped
from nodeforge.app.theme import Theme

WIDE, PAD = 280.0, 8.0
AWAY = QPointF(16, 14)  # from the cursor
EDGE = 4  # px kept free at the edges of the view


def sign_box(words: str) -> QRectF:
    """Where it lies, from the cursor."""
    lines = wrapped(words, WIDE, 4)
    wide = max(metrics("body").horizontalAdvance(line) for line in lines)
    return QRectF(AWAY.x(), AWAY.y(), wide + 2 * PAD + 2, LINE * len(lines) + 2 * PAD - 2)


def sign_origin(words: str, at: QPointF, view: QRectF) -> QPointF:
    """Where the cursor would have to be for the sign to lie in the view: at, or left of it and
    above it where there is no room. All in pixels of the viewport."""
    box = sign_box(words)
    x = max(min(at.x(), view.right() - box.right() - EDGE), view.left() - box.left() + EDGE)
    below = at.y() + box.bottom() < view.bottom()
    return QPointF(x, at.y() if below else at.y() - box.bottom() - AWAY.y())


def beat(painter: QPainter, theme: Theme, at: QPointF, part: float) -> None:
    """A ring that grows and fades around a port. part: how far, 0 to 1."""
    colour = theme.colour("needs")
    colour.setAlphaF(1.0 - part)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 2))
    painter.drawEllipse(at, 9.5 + 9 * part, 9.5 + 9 * part)


def sign_beside(painter: QPainter, theme: Theme, words: str) -> None:
    """At the left of the origin."""
    box = sign_box(words)
    painter.translate(-box.right() - AWAY.x(), -box.center().y())
    sign(painter, theme, words, "hand")


def sign(painter: QPainter, theme: Theme, words: str, colour: str = "error") -> None:
    """At the origin of the painter. colour: of its edge."""
    box = sign_box(words)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour(colour), 1))
    painter.setBrush(theme.colour("raised"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
    painter.setFont(theme.font("body"))
    painter.setPen(theme.colour("text"))
    left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    for number, line in enumerate(wrapped(words, WIDE, 4)):
        row = QRectF(box.x() + PAD, box.y() + PAD - 1 + LINE * number, box.width(), LINE)
        painter.drawText(row, left, line)
