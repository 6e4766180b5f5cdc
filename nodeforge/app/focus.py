"""Where the keyboard goes: undo to the document from a field with nothing of its own to undo, and
the focus to the canvas from a part that is no longer shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget
from shiboken6 import Shiboken

if TYPE_CHECKING:
    from nodeforge.app.window import Window


class Focus(QObject):
    """Follows the focus within a window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window = window
        self._part: QWidget | None = None  # that has it
        self._put_away = False  # it was hidden while it had it, so nobody chose who comes next
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._moved)

    def _moved(self, _: QWidget | None, now: QWidget | None) -> None:
        if not _alive(self.window):
            return
        if self._part is not None and _alive(self._part):
            self._part.removeEventFilter(self)
        here = now is not None and now.window() is self.window
        self._part = now if here and now is not self.window.canvas.widget else None
        if self._part is not None:
            self._part.installEventFilter(self)
        self.window.refresh_actions()
        away, self._put_away = self._put_away, False
        if here and away:
            self.to_canvas()

    def to_canvas(self) -> None:
        view = self.window.canvas.widget
        if view.isVisible():
            view.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Undo and redo are the document's where the field would do nothing."""
        if event.type() == QEvent.Type.FocusOut and isinstance(watched, QWidget):
            self._put_away = _hidden(watched)
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        undo = event.matches(QKeySequence.StandardKey.Undo) and not can_undo(watched)
        redo = event.matches(QKeySequence.StandardKey.Redo) and not can_undo(watched, redo=True)
        if undo or redo:
            event.ignore()
        return undo or redo


def _alive(part: QObject) -> bool:
    """Whether Qt has not taken it apart."""
    return bool(Shiboken.isValid(part))  # type: ignore[no-untyped-call]


def _hidden(part: QWidget | None) -> bool:
    """Whether it, or something around it in its window, was hidden."""
    while part is not None and not part.isWindow():
        if part.isHidden() and part.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
            return True
        part = part.parentWidget()
    return False


def can_undo(field: QObject, redo: bool = False) -> bool:
    """Whether a field has something of its own to undo (or redo)."""
    if isinstance(field, QLineEdit):
        able = field.isRedoAvailable() if redo else field.isUndoAvailable()
        return able and not field.isReadOnly()
    if isinstance(field, QPlainTextEdit | QTextEdit):
        words = field.document()
        able = words.isRedoAvailable() if redo else words.isUndoAvailable()
        return able and not field.isReadOnly()
    return False
