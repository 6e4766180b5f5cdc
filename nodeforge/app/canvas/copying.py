"""Ctrl or Alt and a drag leave the node where it is and take a copy along; Shift: its inputs, too.

Many desktops keep Alt and a drag for themselves. A click with Ctrl adds to the selection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from nodeforge.app.canvas import hand
from nodeforge.app.canvas.gesture import Gesture
from nodeforge.app.canvas.items import Board, Card

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

Button, Modifier = Qt.MouseButton, Qt.KeyboardModifier
COPIES = Modifier.AltModifier | Modifier.ControlModifier


class Copying(Gesture):
    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self._start: QMouseEvent | None = None
        self._thing: Card | Board | None = None

    def pressed(self, event: QMouseEvent) -> bool:
        view = self.canvas.widget
        wanted = event.modifiers() & COPIES and event.button() == Button.LeftButton
        thing = view.thing_at(event.position().toPoint()) if wanted else None
        if thing is None or thing.id in self.canvas.session.level.rails:
            return False
        self._start, self._thing = QMouseEvent(event), thing
        return True

    def moved(self, event: QMouseEvent) -> None:
        start, thing = self._start, self._thing
        if start is None or thing is None:
            return
        way = event.position() - start.position()
        if way.manhattanLength() < QApplication.startDragDistance() / 2:
            return
        self._start = None
        if not thing.isSelected():
            self.canvas.session.select([thing.id])
        inputs = bool(start.modifiers() & Modifier.ShiftModifier)
        hand.double(self.canvas, inputs)
        press = QMouseEvent(
            QEvent.Type.MouseButtonPress,
            start.position(),
            start.globalPosition(),
            Button.LeftButton,
            Button.LeftButton,
            Modifier.NoModifier,
        )
        self.canvas.widget.hand_over(press)

    def released(self, event: QMouseEvent) -> None:
        start, self._start = self._start, None
        if start is not None and self._thing is not None:
            self.canvas.widget.choose(self._thing, start.modifiers())
