"""The text of a prompt: weights by key, phrases in and out, completion, a history of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QObject, QStringListModel, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QKeySequence, QTextCursor
from PySide6.QtWidgets import (
    QApplication,
    QCompleter,
    QListView,
    QPlainTextEdit,
    QToolTip,
    QWidget,
)

from nodeforge.app.prompt.marks import marks, place_in, position_of
from nodeforge.app.prompt.unknown_words import UnknownWords
from nodeforge.app.prompt.vocabulary import begun, offered
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr
from nodeforge.graph.rewording import STEP, Marked, reweighted, toggled
from nodeforge.graph.wording import Fault, wording

Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
SHOWN = 8  # words offered
ENTER = (Key.Key_Return, Key.Key_Enter)
SETTINGS = re.compile(r"(?m)^\s*(Steps:|Negative prompt:)")  # as in A1111's text


class SettingsPasted(QEvent):
    """What was pasted into a prompt may be more than words, or none at all (no text); sent to the
    window, which accepts it if it makes something of it. words: puts it in as it stands."""

    TYPE = QEvent.Type(QEvent.registerEventType())

    def __init__(self, editor: QWidget, text: str, words: Callable[[], object]) -> None:
        super().__init__(self.TYPE)
        self.editor, self.text, self.words = editor, text, words
        self.ignore()


class PromptEdit(QPlainTextEdit):
    """Undo goes back through what was typed here, and then on through the document.

    words: what there is for completion. unknown: what the chosen model never learnt.
    """

    acted = Signal()  # a key changed the words at once: no need to wait for a rest

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.words: Callable[[], Iterable[str]] = tuple
        self._offer = QStringListModel(self)
        self._list = QListView()
        self._list.setObjectName("completions")
        self._completer = QCompleter(self._offer, self)  # else it outlives the editor
        self._completer.setPopup(self._list)
        self._completer.setWidget(self)
        self._list.installEventFilter(self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(SHOWN)
        self._completer.activated.connect(self._complete)
        self._completer.highlighted.connect(self._pick)
        self._picked = False  # whether the artist went to a word of the list
        self.unknown = UnknownWords(self, theme)
        self.unknown.changed.connect(self._mark)
        self.textChanged.connect(self._mark)
        self.acts: dict[str, tuple[str, Callable[[], None]]] = {
            "Ctrl+Up": (tr("More weight"), lambda: self.weigh(STEP)),
            "Ctrl+Down": (tr("Less weight"), lambda: self.weigh(-STEP)),
            "Ctrl+/": (tr("Comment out, or back in"), lambda: self._change(toggled)),
        }

    def wear(self, theme: Theme) -> None:
        self.theme = self.unknown.hint.theme = theme
        self._mark()

    @property
    def faults(self) -> tuple[Fault, ...]:
        return wording(self.toPlainText()).faults

    # Hands

    def weigh(self, by: float) -> None:
        """The marked words, or those under the cursor, count for more or less."""
        self._change(lambda text, start, end: reweighted(text, start, end, by))

    def close_history(self) -> None:
        """What was typed so far is one step of the document's history."""
        self.document().clearUndoRedoStacks()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if self._kept_from_the_window(event):
                event.accept()
                return True
            if self._left_to_the_window(event):
                event.ignore()
                return False
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            tab = self.offering and event.key() == Key.Key_Tab
            if self._take_offer() if tab else not self.offering and self.unknown.press(event):
                return True  # else Tab leaves the field
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            return self._explain(event)
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The list takes arrows, but with Ctrl they are for weights."""
        if watched is self._list and isinstance(event, QKeyEvent):
            act = self._acts_on(event) if event.type() == QEvent.Type.KeyPress else None
            if act is not None:
                self._list.hide()
                act()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if act := self._acts_on(event):
            act()
            return
        undo = event.matches(QKeySequence.StandardKey.Undo)
        redo = event.matches(QKeySequence.StandardKey.Redo)
        if undo or redo:
            self.undo() if undo else self.redo()
            self.acted.emit()
            return
        enter = event.key() in ENTER
        for_the_list = event.key() == Key.Key_Escape or (enter and self._picked)
        if self.offering and not event.modifiers() and for_the_list:
            event.ignore()
            return
        if enter:
            self._list.hide()  # what is typed stays as it is
        super().keyPressEvent(event)
        if event.text().isalpha() or (self.offering and event.key() == Key.Key_Backspace):
            self.offer()
        elif event.text():
            self._list.hide()

    def _kept_from_the_window(self, event: QKeyEvent) -> bool:
        """Keys of ours that are shortcuts of the window, too."""
        closes = event.key() == Key.Key_Escape and self.offering
        return self._acts_on(event) is not None or closes or self.unknown.wants(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Words, and no file, whose address would be written in."""
        return not source.hasUrls() and super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        text = source.text() if self.canInsertFromMimeData(source) else ""
        if not text or SETTINGS.search(text):
            came = SettingsPasted(self, text, lambda: self.insertPlainText(text))
            QApplication.sendEvent(self.window(), came)
            if came.isAccepted() or not text:
                return
        super().insertFromMimeData(source)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu()
        menu.addSeparator()
        for keys, (title, act) in self.acts.items():
            action = menu.addAction(title)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(act)
        menu.exec(event.globalPos())
        menu.deleteLater()

    def _acts_on(self, event: QKeyEvent) -> Callable[[], None] | None:
        if not event.modifiers() & CONTROL or self.isReadOnly():
            return None
        match event.key():
            case Key.Key_Up:
                return self.acts["Ctrl+Up"][1]
            case Key.Key_Down:
                return self.acts["Ctrl+Down"][1]
            case Key.Key_Slash:
                return self.acts["Ctrl+/"][1]
            case _:
                return None

    def _left_to_the_window(self, event: QKeyEvent) -> bool:
        """Run, and undo where there is nothing of our own to take back."""
        run = event.key() in (Key.Key_Return, Key.Key_Enter) and bool(event.modifiers() & CONTROL)
        history = self.document()
        undo = event.matches(QKeySequence.StandardKey.Undo) and not history.isUndoAvailable()
        redo = event.matches(QKeySequence.StandardKey.Redo) and not history.isRedoAvailable()
        return run or undo or redo

    def _change(self, edit: Callable[[str, int, int], Marked]) -> None:
        """Edit the text around what is marked, as one step of our own history."""
        text, cursor = self.toPlainText(), self.textCursor()
        start = place_in(text, cursor.selectionStart())
        end = place_in(text, cursor.selectionEnd())
        new, first, last = edit(text, start, end)
        if new == text:
            return
        head = _alike(text, new)
        tail = _alike(text[head:][::-1], new[head:][::-1])
        cursor.beginEditBlock()
        cursor.setPosition(position_of(text, head))
        keep = QTextCursor.MoveMode.KeepAnchor
        cursor.setPosition(position_of(text, len(text) - tail), keep)
        cursor.insertText(new[head : len(new) - tail])
        cursor.endEditBlock()
        cursor.setPosition(position_of(new, first))
        cursor.setPosition(position_of(new, last), keep)
        self.setTextCursor(cursor)
        self.acted.emit()

    # Completion

    @property
    def offering(self) -> bool:
        return self._list.isVisible()

    def offer(self) -> None:
        """List what the word under the cursor may become.

        The first is chosen, unless what is typed is a word itself: then none is.
        """
        text, cursor = self.toPlainText(), self.textCursor()
        start = begun(text[: place_in(text, cursor.position())])
        words = tuple(self.words()) if start else ()
        found = offered(start, words, SHOWN)
        if not found:
            self._list.hide()
            return
        self._offer.setStringList(found)
        self._completer.setCompletionPrefix(start)
        spot = self.cursorRect()
        spot.setWidth(self._list.sizeHintForColumn(0) + 40)
        spot.translate(0, 5)
        self._completer.complete(spot)
        whole = start.casefold() in {word.casefold() for word in words}
        first = self._completer.completionModel().index(0, 0)
        self._list.setCurrentIndex(QModelIndex() if whole else first)
        self._picked = False

    def _pick(self, _: str) -> None:
        self._picked = True

    def _take_offer(self) -> bool:
        """Put in the word that is chosen in the list; False if none is."""
        chosen = self._list.currentIndex()
        self._list.hide()
        if chosen.isValid():
            self._complete(str(chosen.data()))
        return chosen.isValid()

    def _complete(self, word: str) -> None:
        text, cursor = self.toPlainText(), self.textCursor()
        start = begun(text[: place_in(text, cursor.position())])
        cursor.movePosition(
            QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(start)
        )
        cursor.insertText(word)
        self.setTextCursor(cursor)

    # Looks

    def _mark(self) -> None:
        self.setExtraSelections(
            [*marks(self.document(), self.theme), *self.unknown.marks(self.theme)]
        )

    def _explain(self, event: QHelpEvent) -> bool:
        """What is wrong with the bracket under the mouse, else what the field is for."""
        place = self.cursorForPosition(event.pos()).position()
        text = self.toPlainText()
        for fault in self.faults:
            reach = position_of(text, fault.start) - 1, position_of(text, fault.end) + 1
            if reach[0] <= place <= reach[1]:
                QToolTip.showText(event.globalPos(), fault.message, self)
                return True
        return bool(super().event(event))


def _alike(one: str, other: str) -> int:
    """How many characters they begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
