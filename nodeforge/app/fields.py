"""One field for each kind of parameter; each says `edited(value, merge)` and can be `put`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from nodeforge.app.controls import Button, Switch
from nodeforge.app.incoming.file_drop import FileDrop
from nodeforge.app.numberfield import Field, NumberField, SeedField
from nodeforge.app.prompt import PromptEdit
from nodeforge.app.theme import Theme, size
from nodeforge.app.words import tr
from nodeforge.graph.spec import Choice, Dice, File, Kind, Number, Text, Toggle, Value

__all__ = [
    "FIELD",
    "ChoiceField",
    "Field",
    "FileField",
    "LineField",
    "NumberField",
    "PromptField",
    "SeedField",
    "ToggleField",
    "WordsField",
    "field",
]

TYPING = 300  # ms of rest before what is typed is taken
FIELD = size("inspectorField")  # px, the height of one line
# Comes before, without the reason: also where a list of words only opens.
ABOUT_TO_CHANGE = QEvent.Type.FocusAboutToChange
# A menu, a list of words or another window comes and goes: the stay in the field goes on.
PASSING = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
_stays = count(1)


class ToggleField(Field):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.switch = Switch(theme)
        self.switch.setFixedHeight(FIELD)
        self.switch.clicked.connect(lambda: self.edited.emit(self.switch.isChecked(), ""))
        self.setFocusProxy(self.switch)
        self.row.addWidget(self.switch)
        self.row.addStretch(1)

    def put(self, value: Value) -> None:
        self.switch.setChecked(bool(value))


class _Combo(QComboBox):
    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # the panel scrolls


class ChoiceField(Field):
    def __init__(self, kind: Choice) -> None:
        super().__init__()
        self.combo = _Combo()
        self.combo.addItems(list(kind.options))
        self.combo.setProperty("field", True)
        self.combo.setFixedHeight(FIELD)
        self.combo.setMaxVisibleItems(18)
        self.combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.combo.textActivated.connect(lambda text: self.edited.emit(text, ""))
        self.setFocusProxy(self.combo)
        self.row.addWidget(self.combo, 1)

    def put(self, value: Value) -> None:
        place = self.combo.findText(str(value))
        if place < 0:  # an old file's: shown as it is, so that it is not lost by looking at it
            self.combo.addItem(str(value))
            place = self.combo.count() - 1
        self.combo.setCurrentIndex(place)


class LineField(Field):
    def __init__(self) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setProperty("field", True)
        self.line.setFixedHeight(FIELD)
        self._value: Value = ""
        self._merge = ""
        self._rest = QTimer(self, singleShot=True, interval=TYPING)
        self._rest.timeout.connect(self.settle)
        self.line.textEdited.connect(self._rest.start)
        self.line.editingFinished.connect(self.settle)
        self.line.installEventFilter(self)
        self.setFocusProxy(self.line)
        self.row.addWidget(self.line, 1)

    def put(self, value: Value) -> None:
        self._value = value
        if self.line.text() != str(value):
            self._rest.stop()
            self.line.setText(str(value))

    def settle(self) -> None:
        self._rest.stop()
        if self.line.text() != self._value:
            self._value = self.line.text()
            self.edited.emit(self._value, self._merge)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self._merge = f"typing{next(_stays)}"
        return _left_to_the_window(event)


class FileField(LineField):
    """A path: typed, chosen, or dropped onto the field.

    pick: opens the list that it is chosen from; none if that is over when it returns.
    """

    def __init__(self, theme: Theme, kind: File) -> None:
        super().__init__()
        self.kind = kind
        self.line.setAcceptDrops(False)
        self.drops = FileDrop(self, kind.what, self.take, self.refused.emit)
        self.choose = Button(theme, image="folder-open", kind="default")
        self.choose.setFixedSize(FIELD, FIELD)
        self.choose.setToolTip(tr("Choose…"))
        self.choose.setAccessibleName(tr("Choose a file"))
        self.choose.clicked.connect(self._choose)
        self.row.addWidget(self.choose)
        self.pick: Callable[[], QWidget | None] = self._choose

    def _choose(self) -> None:
        start = str(self._value)
        if self.kind.what == "folder":
            path = QFileDialog.getExistingDirectory(self, "Choose a folder", start)
        else:
            names = f"{self.kind.what.capitalize()} ({self.kind.pattern});;All files (*)"
            path, _ = QFileDialog.getOpenFileName(self, "Choose a file", start, names)
        if path:
            self.take(Path(path))

    def take(self, path: Path) -> None:
        self.line.setText(str(path))
        self.settle()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.drops.hover(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self.drops.hover(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.drops.drop(event)


class _Words(QPlainTextEdit):
    """Undo belongs to the document, and so do the keys for it and for Run."""

    def __init__(self) -> None:
        super().__init__()
        self.setUndoRedoEnabled(False)

    def event(self, event: QEvent) -> bool:
        if _left_to_the_window(event):
            return False
        return super().event(event)


class WordsField(Field):
    """Several lines. One stay in the field is one undo step."""

    tall = True

    def __init__(self, kind: Text, words: QPlainTextEdit | None = None) -> None:
        super().__init__()
        self.words = words or _Words()
        self.words.setTabChangesFocus(True)
        line = QFontMetrics(self.words.font()).lineSpacing()
        self.words.setFixedHeight(max(kind.lines, 2) * (line + 3) + 18)
        self._value = ""
        self._merge = ""
        self._putting = False
        self._rest = QTimer(self, singleShot=True, interval=TYPING)
        self._rest.timeout.connect(self._take)
        self.words.textChanged.connect(self._typed)
        self.words.installEventFilter(self)
        self.setFocusProxy(self.words)
        self.row.addWidget(self.words, 1)

    def put(self, value: Value) -> None:
        self._value = str(value)
        if self.words.toPlainText() == self._value:
            return
        self._rest.stop()
        self._putting = True
        place = self.words.textCursor().position()
        self.words.setPlainText(self._value)
        cursor = self.words.textCursor()
        cursor.setPosition(min(place, len(self._value.encode("utf-16-le")) // 2))
        self.words.setTextCursor(cursor)
        self._putting = False

    def settle(self) -> None:
        self._take()

    def _take(self) -> None:
        self._rest.stop()
        if (text := self.words.toPlainText()) != self._value:
            self._value = text
            self.edited.emit(text, self._merge)

    def _typed(self) -> None:
        if not self._putting:
            self._rest.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QFocusEvent) or event.type() == ABOUT_TO_CHANGE:
            return False
        if event.reason() in PASSING and self._merge:
            self._take()
        elif event.gotFocus():
            self._merge = f"typing{next(_stays)}"
        else:
            self.settle()
        return False


class PromptField(WordsField):
    """Words that say what to draw, and under them what is wrong with their brackets."""

    words: PromptEdit

    def __init__(self, theme: Theme, kind: Text) -> None:
        self.words = PromptEdit(theme)
        super().__init__(kind, self.words)
        self.fault = QLabel(wordWrap=True)
        self.fault.setProperty("role", "fault")
        self.fault.hide()
        column = QVBoxLayout()
        column.setSpacing(4)
        self.row.removeWidget(self.words)
        column.addWidget(self.words)
        column.addWidget(self.fault)
        self.row.addLayout(column, 1)
        self.words.acted.connect(self._take)
        self.words.textChanged.connect(self._show_faults)

    def put(self, value: Value) -> None:
        super().put(value)
        self._show_faults()

    def settle(self) -> None:
        """What was typed up to here is one step of the document, and no longer one of ours."""
        super().settle()
        self.words.close_history()
        self._merge = f"typing{next(_stays)}"

    def _show_faults(self) -> None:
        faults = self.words.faults
        self.fault.setText(faults[0].message if faults else "")
        self.fault.setVisible(bool(faults))


def _left_to_the_window(event: QEvent) -> bool:
    """Keys that a text field would keep for itself, though they are the window's."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    run = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and bool(
        event.modifiers() & Qt.KeyboardModifier.ControlModifier
    )
    undo = event.matches(QKeySequence.StandardKey.Undo)
    redo = event.matches(QKeySequence.StandardKey.Redo)
    if run or undo or redo:
        event.ignore()
        return True
    return False


def field(theme: Theme, kind: Kind) -> Field:
    """The control for this kind; text for a kind it does not know."""
    match kind:
        case Dice():
            return SeedField(theme, kind)
        case Number():
            return NumberField(theme, kind)
        case Toggle():
            return ToggleField(theme)
        case Choice():
            return ChoiceField(kind)
        case File():
            return FileField(theme, kind)
        case Text(prompt=True):
            return PromptField(theme, kind)
        case Text(lines=lines) if lines > 1:
            return WordsField(kind)
        case _:
            return LineField()
