"""The line that a number is typed into. What cannot be taken stays, and says why."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from nodeforge.app import arithmetic
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr
from nodeforge.errors import BadValue
from nodeforge.graph import expression
from nodeforge.graph.spec import Number, Value

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
PASSING = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
GAP = 4  # px from the line to what is said of it
PAD = 8  # px around it in the line


class NumberLine(QLineEdit):
    """Takes a number or a sum with Enter or when it is left; Esc gives up.

    A number out of range, or one that can be read in two ways, is never changed in silence: the
    line stays open with a red edge, and below it stands what is possible.
    """

    taken: Any = Signal(object)  # the value
    refused = Signal(str)  # left with what could not be taken: a sentence
    ended = Signal()  # it is to be put away

    def __init__(self, theme: Theme, kind: Number, value: Value, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self.kind = theme, kind
        self._shown = ""
        if isinstance(value, int | float) and not isinstance(value, bool):
            self._shown = expression.write(kind, value)
        self._open = True
        self.hint = Hint(theme, self)
        self.setText(self._shown)
        self.selectAll()
        self.textChanged.connect(lambda _: self._judge(final=False))

    def start(self, text: str) -> None:
        """Begin with this instead of the value: the first key of what is typed."""
        self.setText(text)

    @property
    def wrong(self) -> str:
        """What is said of the text; nothing if it can be taken."""
        return self.hint.text() if self.property("wrong") else ""

    def settle(self) -> None:
        """Take what is there, or say that it was not taken; either way it is over."""
        if not self._open:
            return
        self._end()
        if self.text() == self._shown:
            return
        try:
            value = expression.read(self.kind, self.text(), arithmetic.comma())
        except BadValue as error:
            self.refused.emit(tr("{}. The value stays as it was.").format(error))
        else:
            self.taken.emit(value)

    def give_up(self) -> None:
        self._end()

    def take(self) -> bool:
        """With Enter: over if the text is a value, else it stays and says why it is not."""
        self._judge(final=True)
        if self.wrong:
            self.selectAll()
            return False
        self.settle()
        return True

    def _judge(self, final: bool) -> None:
        """final: a sum that is not finished is wrong, too."""
        said = ""
        if self.text() != self._shown:
            try:
                expression.read(self.kind, self.text(), arithmetic.comma())
            except expression.OutOfRange:
                said = arithmetic.ends(self.kind)
            except expression.NotANumber as error:
                said = f"{error}." if final else ""
            except BadValue as error:
                said = f"{error}."
        if bool(said) != bool(self.property("wrong")):
            self.setProperty("wrong", bool(said))
            self.style().unpolish(self)
            self.style().polish(self)
        self.hint.say(said)

    def _end(self) -> None:
        if self._open:
            self._open = False
            self.hint.say("")
            self.ended.emit()

    # Keys

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if plain and event.key() in (Qt.Key.Key_Escape, *ENTER):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.give_up()
        elif event.key() in ENTER:
            self.take()
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in PASSING:
            self.settle()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.hint.hide()


class Hint(QLabel):
    """A sentence of a field: in it where it is short enough, else below it, in front of everything
    else in the window."""

    def __init__(self, theme: Theme, field: QWidget) -> None:
        super().__init__(field.window())
        self.field = field
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        ground, edge = theme.colour("raised").name(), theme.colour("error").name()
        self._below = (
            f"color: {theme.colour('text').name()}; background: {ground}; padding: 3px 8px; "
            f'border: 1px solid {edge}; border-radius: 6px; font: 500 11px "Inter";'
        )
        self._within = f'color: {edge}; background: transparent; font: 500 11px "Inter";'
        self.hide()
        field.destroyed.connect(self.deleteLater)

    def say(self, words: str) -> None:
        """Nothing to say hides it."""
        self.setText(words)
        self.setVisible(bool(words))
        if words:
            self.place()

    def place(self) -> None:
        """In the field left of what is typed, else below it, or above it where there is no room."""
        window = self.field.window()
        if self.parentWidget() is not window:
            self.setParent(window)
            self.setVisible(bool(self.text()))
        if self._lie_within():
            return
        self.setStyleSheet(self._below)
        self.adjustSize()
        corner = self.field.mapTo(window, QPoint(0, self.field.height() + GAP))
        if corner.y() + self.height() > window.height():
            corner.setY(self.field.mapTo(window, QPoint(0, 0)).y() - GAP - self.height())
        corner.setX(max(0, min(corner.x(), window.width() - self.width())))
        self.move(corner)
        self.raise_()

    def _lie_within(self) -> bool:
        """Whether there is room for it in a line whose number stands at the right."""
        line = self.field
        if not isinstance(line, QLineEdit) or not line.alignment() & Qt.AlignmentFlag.AlignRight:
            return False
        typed = line.fontMetrics().horizontalAdvance(line.text())
        self.setStyleSheet(self._within)
        self.adjustSize()
        if self.width() + typed + 4 * PAD > line.width() or self.height() > line.height():
            return False
        high = QPoint(PAD, (line.height() - self.height()) // 2)
        self.move(line.mapTo(line.window(), high))
        self.raise_()
        return True
