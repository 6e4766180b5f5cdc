"""Alt and a drag leave the node where it is and take a copy along; with Shift, its inputs, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from nodeforge.app.canvas import hand
from nodeforge.app.canvas.gesture import Gesture

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

Button, Modifier = Qt.MouseButton, Qt.KeyboardModifier


class Copying(Gesture):
    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self._start: QMouseEvent | None = None

    def pressed(self, event: QMouseEvent) -> bool:
        view = self.canvas.widget
        alt = event.modifiers() & Modifier.AltModifier and event.button() == Button.LeftButton
        thing = view.thing_at(event.position().toPoint()) if alt else None
        if thing is None or thing.id in self.canvas.session.level.rails:
            return False
        if not thing.isSelected():
            self.canvas.session.select([thing.id])
        self._start = QMouseEvent(event)
        return True

    def moved(self, event: QMouseEvent) -> None:
        start = self._start
        if start is None:
            return
        way = event.position() - start.position()
        if way.manhattanLength() < QApplication.startDragDistance() / 2:
            return
        self._start = None
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
        self._start = None
