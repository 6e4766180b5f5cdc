"""What each node cost, above it: time, memory, how often it was spared; the slowest are marked."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTransform

from nodeforge.app.canvas.face import WIDTH, metrics
from nodeforge.app.canvas.items import Card
from nodeforge.app.state import RunState
from nodeforge.app.theme import Theme, icon
from nodeforge.app.words import tr
from nodeforge.base import units

SLOW = 0.2  # of all the time: worth a mark
FAR = 0.4  # zoom below which only the slow ones are told apart


def words(state: RunState) -> str:
    """1.9 s · 12 MB · 3 of 5 cached."""
    parts = []
    if state.seconds >= 0.005:
        parts.append(units.duration(state.seconds))
    if state.held >= units.MB / 10:
        parts.append(units.amount(state.held))
    if state.asked:
        parts.append(tr("{} of {} cached").format(state.hits, state.asked))
    return " · ".join(parts)


def slow(states: Iterable[RunState]) -> float:
    """The seconds from which a node is among the slowest."""
    times = [state.seconds for state in states]
    return max(SLOW * sum(times), 0.05)


def draw(
    painter: QPainter, theme: Theme, cards: Iterable[Card], every: Iterable[Card], to: QTransform
) -> None:
    """cards: those in view; every: all, to know the slowest. to: scene to viewport."""
    limit, zoom = slow(card.look.state for card in every), to.m11()
    painter.save()
    painter.resetTransform()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(theme.font("caption"))
    for card in cards:
        state = card.look.state
        slowest = state.seconds >= limit
        if not (text := words(state)) or (zoom < FAR and not slowest):
            continue
        if zoom < 1:
            text = text.split(" · ")[0] if zoom < 0.75 else text
        _chip(painter, theme, to.map(card.pos()), WIDTH * zoom, text, slowest)
    painter.restore()


def _chip(
    painter: QPainter, theme: Theme, corner: QPointF, room: float, text: str, slowest: bool
) -> None:
    """Above the corner of a node, in pixels of the screen."""
    image = 15 if slowest else 0
    measure = metrics("caption")
    text = measure.elidedText(text, Qt.TextElideMode.ElideRight, max(room - 12 - image, 40))
    wide = measure.horizontalAdvance(text) + 12 + image
    box = QRectF(round(corner.x()), round(corner.y()) - 23, wide, 17)
    painter.setPen(QPen(theme.colour("heat" if slowest else "lineStrong"), 1))
    painter.setBrush(theme.colour("panel"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
    if slowest:
        ratio = painter.device().devicePixelRatio()
        flame = icon("flame", theme.colour("heat"), 11, ratio)
        painter.drawPixmap(QRectF(box.x() + 6, box.y() + 3, 11, 11), flame, QRectF(flame.rect()))
    painter.setPen(theme.colour("text" if slowest else "text2"))
    left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(box.adjusted(6 + image, 0, 0, 0), left, text)
