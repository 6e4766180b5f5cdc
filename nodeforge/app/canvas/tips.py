"""What a badge has no room for: over it, the mouse is told the seconds, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip

from nodeforge.app.canvas.face import HEADER, WIDTH
from nodeforge.app.canvas.items import Card
from nodeforge.app.canvas.paint import Look
from nodeforge.app.words import tr
from nodeforge.base import units

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

PLACE = QRectF(WIDTH - 60, 0, 60, HEADER)  # of a badge on a node


def tip(look: Look) -> str:
    """Of a badge; nothing where it says all."""
    state = look.state
    took = units.duration(state.seconds) if state.seconds >= 0.05 else ""
    match look.phase:
        case "cached":
            return tr("Made: a run spares {}").format(took) if took else tr("Made")
        case "will run":
            return tr("Will run, about {}").format(took) if took else tr("Will run")
        case "error" | "missing":
            return state.message
    return ""


class Tips(QObject):
    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas.widget)
        self.canvas = canvas
        canvas.widget.viewport().installEventFilter(self)

    def at(self, place: QPointF) -> str:
        """What is said at a place in the scene."""
        view = self.canvas.widget
        card = view.thing_at(view.mapFromScene(place))
        if not isinstance(card, Card) or not PLACE.contains(place - card.pos()):
            return ""
        return tip(card.look)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return False
        view = self.canvas.widget
        words = self.at(view.mapToScene(event.pos()))
        if words:
            QToolTip.showText(event.globalPos(), words, view.viewport())
        return bool(words)
