"""The view at the keys: what a key does by itself, and which are down."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QUndoStack
from PySide6.QtWidgets import QGraphicsView

from nodeforge.app.canvas.dropview import DropView
from nodeforge.app.canvas.live import Rules
from nodeforge.app.canvas.scenery import Scenery

Key: TypeAlias = Qt.Key
Modifier: TypeAlias = Qt.KeyboardModifier


class KeyView(DropView):
    """keys: what a key does by itself. held: those that are down."""

    asked = Signal(QPoint)  # for a stage to add, at this place on the screen

    def __init__(self, stack: QUndoStack, scenery: Scenery, rules: Rules) -> None:
        self.spaced = self.roamed = False  # Space is down, and the view was moved since
        self.keys: dict[tuple[Key, Modifier], Callable[[], object]] = {}
        self.held: set[int] = set()
        super().__init__(stack, scenery, rules)

    def event(self, event: QEvent) -> bool:
        """With a wire in the hand Escape is ours, before it stops a run."""
        key = event.key() if isinstance(event, QKeyEvent) else None
        asks = event.type() == QEvent.Type.ShortcutOverride
        if asks and key == Key.Key_Escape and self._LIVE_PIPE.isVisible():
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keypad = Modifier.KeypadModifier
        self.held.add(event.key())
        act = self.keys.get((Key(event.key()), event.modifiers() & ~keypad))
        if event.key() == Key.Key_Space and not event.isAutoRepeat():
            self.spaced, self.roamed = True, False
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif event.key() == Key.Key_Escape and self._LIVE_PIPE.isVisible():
            self.drop_wire()
        elif act is not None:
            act()
        elif event.key() != Key.Key_Space:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self.held.discard(event.key())
        if event.key() == Key.Key_Space and not event.isAutoRepeat():
            if self.spaced and not self.roamed:
                self.ask()
            self.spaced = False
            self.viewport().setCursor(Qt.CursorShape.ArrowCursor)

    def ask(self) -> None:
        """For a stage to add: where the mouse is, or in the middle."""
        at = self.viewport().mapFromGlobal(self.cursor().pos())
        if not self.viewport().rect().contains(at):
            at = self.viewport().rect().center()
        self.asked.emit(self.viewport().mapToGlobal(at))

    def focusNextPrevChild(self, next: bool) -> bool:
        return False  # Tab asks for a stage

    def focusInEvent(self, event: QFocusEvent) -> None:
        QGraphicsView.focusInEvent(self, event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.clear_key_state()
        self.held.clear()
        self.spaced = False
        QGraphicsView.focusOutEvent(self, event)
