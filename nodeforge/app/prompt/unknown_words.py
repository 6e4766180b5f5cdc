"""Words that the chosen model never learnt: underlined, with what it knows instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QTextEdit, QVBoxLayout

from nodeforge.app.controls import Button
from nodeforge.app.prompt.marks import Mark, place_in, position_of
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr
from nodeforge.models.word_list import UnknownWord, WordList

REST = 400  # ms after the last key, before words are looked at
# A list of words or another window comes and goes: the word goes on being typed.
PASSING = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
Key = Qt.Key


class UnknownWords(QObject):
    """Watches an editor. It never takes Enter, and changes a word only when one is chosen.

    word_list: what the model knows; None where it does not say. also: words that something else
    in the graph wakes. ignored: words that are passed over.
    """

    changed = Signal()
    model_wanted = Signal()  # the artist asks for a model that knows more

    def __init__(self, edit: QPlainTextEdit, theme: Theme) -> None:
        super().__init__(edit)
        self.edit = edit
        self.word_list: Callable[[], WordList | None] = lambda: None
        self.also: Callable[[], Iterable[str]] = tuple
        self.ignored: set[str] = set()
        self.found: tuple[UnknownWord, ...] = ()
        self.hint = WordHint(edit, theme)
        self.hint.chosen.connect(self._replace)
        self.hint.model_wanted.connect(self.model_wanted)
        self._typed_up_to = -1  # where the word ends that is being typed
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self.look)
        self._still = QTimer(self, singleShot=True, interval=0)  # a key moves the cursor first
        self._still.timeout.connect(self._show_hint)
        edit.textChanged.connect(self._typed)
        edit.cursorPositionChanged.connect(self._moved)
        edit.installEventFilter(self)

    def look(self) -> None:
        """Find the words anew; but for the one that is being typed."""
        self._rest.stop()
        known, text = self.word_list(), self.edit.toPlainText()
        found = known.unknown(text, self.also()) if known else []
        end = place_in(text, self._typed_up_to) if self._typed_up_to >= 0 else -1
        kept = [each for each in found if each.text.casefold() not in self.ignored]
        self.found = tuple(each for each in kept if each.end != end)
        self.changed.emit()
        self._show_hint()

    def marks(self, theme: Theme) -> list[Mark]:
        """A wavy line below each."""
        look = QTextCharFormat()
        look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        look.setUnderlineColor(theme.colour("warn"))
        return [self._mark(each, look) for each in self.found]

    def press(self, event: QKeyEvent) -> bool:
        """Take a key that is the hint's: Tab to its words, then arrows and Enter; Esc."""
        if not self.hint.isVisible() or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        key, choosing = event.key(), self.hint.at >= 0
        if key == Key.Key_Escape:
            self.ignore()
        elif key == Key.Key_Tab and not choosing:
            return self.hint.step(1)
        elif key in (Key.Key_Left, Key.Key_Right) and choosing:
            self.hint.step(1 if key == Key.Key_Right else -1)
        elif key in (Key.Key_Return, Key.Key_Enter) and choosing:
            self.hint.press()
        else:
            if choosing:
                self.hint.leave()
            return False
        return True

    def wants(self, event: QKeyEvent) -> bool:
        """Whether `press` would take it before the window's shortcuts do."""
        return self.hint.isVisible() and event.key() == Key.Key_Escape

    def ignore(self) -> None:
        """No hint any more for the word under the cursor, in this document."""
        if word := self.here():
            self.ignored.add(word.text.casefold())
        self.hint.hide()
        self.look()

    def here(self) -> UnknownWord | None:
        """The unknown word that the cursor is in, or at an end of."""
        cursor = self.edit.textCursor()
        place = place_in(self.edit.toPlainText(), cursor.position())
        if cursor.hasSelection():
            return None
        return next((each for each in self.found if each.start <= place <= each.end), None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self._show_hint()
        elif isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            self.hint.hide()
            if event.reason() not in PASSING:
                self._typed_up_to = -1
                self._rest.start(0)
        elif event.type() in (QEvent.Type.Hide, QEvent.Type.Wheel, QEvent.Type.Resize):
            self.hint.hide()
        return False

    def _typed(self) -> None:
        cursor = self.edit.textCursor()
        self._typed_up_to = cursor.position() if self.edit.hasFocus() else -1
        self.found = tuple(each for each in self.found if self._still_there(each))
        self.hint.hide()
        self._still.stop()
        self._rest.start()

    def _still_there(self, word: UnknownWord) -> bool:
        return self.edit.toPlainText()[word.start : word.end] == word.text

    def _moved(self) -> None:
        if self._typed_up_to >= 0 and self._typed_up_to != self.edit.textCursor().position():
            self._typed_up_to = -1
            self._rest.start()
        self._still.start()

    def _show_hint(self) -> None:
        word, known = self.here(), self.word_list()
        if word is None or known is None or not self.edit.hasFocus():
            self.hint.hide()
            return
        cursor = self.edit.textCursor()
        cursor.setPosition(position_of(self.edit.toPlainText(), word.start))
        self.hint.offer(known.name, known.nearest(word.text), self.edit.cursorRect(cursor))

    def _replace(self, with_: str) -> None:
        word = self.here()
        self.hint.hide()
        if word is None:
            return
        text, cursor = self.edit.toPlainText(), self.edit.textCursor()
        cursor.setPosition(position_of(text, word.start))
        cursor.setPosition(position_of(text, word.end), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(with_)
        self.edit.setTextCursor(cursor)
        self._typed_up_to = -1
        self.look()

    def _mark(self, word: UnknownWord, look: QTextCharFormat) -> Mark:
        text, mark = self.edit.toPlainText(), QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.edit.document())
        cursor.setPosition(position_of(text, word.start))
        cursor.setPosition(position_of(text, word.end), QTextCursor.MoveMode.KeepAnchor)
        mark.cursor, mark.format = cursor, look
        return mark


class WordHint(QFrame):
    """Below the word: what the model knows instead, as buttons. The editor keeps the keys."""

    chosen = Signal(str)
    model_wanted = Signal()

    def __init__(self, edit: QPlainTextEdit, theme: Theme) -> None:
        super().__init__(edit, Qt.WindowType.ToolTip)
        self.setObjectName("wordHint")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.edit, self.theme = edit, theme
        self.at = -1  # the button that the keys are at
        self.words = QLabel()
        self.key = QLabel(tr("Tab"))
        self.key.setProperty("role", "dim")
        self.line = QHBoxLayout()
        self.line.setSpacing(6)
        self.line.addStretch(1)
        self.line.addWidget(self.key)
        self.get = self._button(tr("Get a model that knows more"), self.model_wanted.emit)
        self.get.image = "download"
        self.buttons: list[Button] = [self.get]
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 6)
        column.setSpacing(8)
        column.addWidget(self.words)
        column.addLayout(self.line)
        column.addWidget(self.get, 0, Qt.AlignmentFlag.AlignLeft)

    def offer(self, model: str, instead: list[str], below: QRect) -> None:
        """Show it below this place of the editor."""
        if instead:
            said = tr("{} does not know this word: try …").format(model)
        else:
            said = tr("{} does not know this word.").format(model)
        self.words.setText(said)
        self.setAccessibleName(f"{said} {', '.join(instead)}")
        for button in self.buttons[:-1]:
            self.line.removeWidget(button)
            button.deleteLater()
        chips = [self._button(each, partial(self.chosen.emit, each)) for each in instead]
        for place, chip in enumerate(chips):
            self.line.insertWidget(place, chip)
        self.key.setVisible(bool(chips))
        self.get.wear(self.theme)
        self.buttons = [*chips, self.get]
        self.leave()
        self.adjustSize()
        self.move(self._place(below))
        self.show()

    def step(self, by: int) -> bool:
        """To the next button, or the one before; whether there is one."""
        to = self.at + by
        if not 0 <= to < len(self.buttons):
            return False
        self.at = to
        self._light()
        return True

    def leave(self) -> None:
        """The keys are the editor's again."""
        self.at = -1
        self._light()

    def press(self) -> None:
        if 0 <= self.at < len(self.buttons):
            self.buttons[self.at].click()

    def _light(self) -> None:
        for place, button in enumerate(self.buttons):
            last = place == len(self.buttons) - 1
            button.kind = "primary" if place == self.at else "quiet" if last else "default"
            button.update()

    def _button(self, text: str, act: Callable[[], None]) -> Button:
        button = Button(self.theme, text)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setAccessibleName(text)
        button.clicked.connect(lambda: act())
        return button

    def _place(self, below: QRect) -> QPoint:
        """Below the word, or above where there is no room; never outside the screen."""
        view = self.edit.viewport()
        at = view.mapToGlobal(below.bottomLeft() + QPoint(0, 4))
        screen = self.edit.screen().availableGeometry()
        if at.y() + self.height() > screen.bottom():
            at.setY(view.mapToGlobal(below.topLeft()).y() - self.height() - 4)
        most = max(screen.right() - self.width(), screen.left())
        return QPoint(min(max(at.x(), screen.left()), most), at.y())
