"""What a row on a node is typed in: the Inspector's own fields, laid over the row at its size."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QObject,
    QPoint,
    QRect,
    QRectF,
    Qt,
    QTimer,
)
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QTextCursor,
)
from PySide6.QtWidgets import (
    QApplication,
    QPlainTextEdit,
    QWidget,
)

from nodeforge.app.canvas.choices import Listed
from nodeforge.app.canvas.dressing import EDGE, dress, grown
from nodeforge.app.canvas.items import Card
from nodeforge.app.canvas.paint import WORDS
from nodeforge.app.canvas.turning import TurnField
from nodeforge.app.fields import (
    ChoiceField,
    Field,
    FileField,
    LineField,
    PromptField,
    WordsField,
    field,
)
from nodeforge.app.numberline import NumberLine
from nodeforge.app.parameter import Parameter
from nodeforge.app.session import Session
from nodeforge.app.theme import Theme
from nodeforge.graph.document import NodeId
from nodeforge.graph.spec import Number, Toggle

if TYPE_CHECKING:
    from nodeforge.app.canvas.rows import Rows

FEW = 6  # choices that are enough to show at a time
PASSING = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
Key = Qt.Key
ENTER = (Key.Key_Return, Key.Key_Enter)

DOING = {TurnField: "switch", ChoiceField: "choice", PromptField: "prompt", WordsField: "words"}


class Holder(QWidget):
    """Lies on the viewport with a field in it. Keys that the field leaves go no further."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.accept()


class RowEditor(QObject):
    """One row is edited at a time. Enter takes, Tab goes on to the next row, Esc leaves.

    furnish: tells a field what the window knows: models to choose from, words of a prompt.
    """

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows)
        self.rows, self.view, self.canvas = rows, rows.view, rows.canvas
        self.holder: Holder | None = None
        self.field: Field | NumberLine | None = None
        self.parameter: Parameter | None = None
        self.furnish: Callable[[Field, Session, NodeId, Theme], None] = lambda *_: None
        self._card: Card | None = None
        self._before = ""  # a line of text, as it was
        self._popped = 0.0  # when a list was opened by a click
        self.view.zoomed.connect(lambda _: self.place())
        for bar in (self.view.horizontalScrollBar(), self.view.verticalScrollBar()):
            bar.valueChanged.connect(lambda _: self.place())
        session = self.canvas.session
        session.settling.connect(self._settle)
        session.sight.seen.connect(self._follow)
        session.selected.connect(self._left)

    # Opening and closing

    @property
    def is_open(self) -> bool:
        return self.field is not None

    def is_at(self, id: NodeId, name: str) -> bool:
        here = self.parameter
        return here is not None and (here.node, here.name) == (id, name)

    def open(self, card: Card, parameter: Parameter, at: QPoint | None = None) -> None:
        """at: where in the viewport it was clicked; None: by keys."""
        self.keep()
        self._card, self.parameter, self._popped = card, parameter, 0.0
        self._before = str(parameter.value)
        self.holder = Holder(self.view.viewport())
        kind, theme = parameter.param.kind, self.canvas.scenery.theme
        if isinstance(kind, Number):
            self._open_number(NumberLine(theme, kind, parameter.value, self.holder), parameter)
        else:
            made = TurnField(theme) if isinstance(kind, Toggle) else field(theme, kind)
            made.setParent(self.holder)
            made.put(parameter.value)
            made.edited.connect(lambda value, merge: parameter.put(value, merge))
            self._open_field(made, parameter, at)

    def _open_number(self, line: NumberLine, parameter: Parameter) -> None:
        line.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line.setPlaceholderText(parameter.name.replace("_", " "))
        line.taken.connect(lambda value: parameter.put(value))  # Qt would not keep it alive
        line.refused.connect(self._refuse)
        line.ended.connect(self._close)
        self._begin(line, line)

    def _open_field(self, made: Field, parameter: Parameter, at: QPoint | None) -> None:
        self.furnish(made, self.canvas.session, parameter.spot.node, self.canvas.scenery.theme)
        self._begin(made, made.focusProxy() or made)
        match made:
            case WordsField():
                made.words.textChanged.connect(self.place)
                self._put_cursor(made.words, at)
            case ChoiceField():
                made.combo.view().window().installEventFilter(self)
                if at is not None:
                    self._pop(made)
            case LineField():
                made.line.selectAll()
                if at is not None and isinstance(made, FileField):
                    self._pick(made)
            case _:
                pass

    def _begin(self, made: Field | NumberLine, focused: QWidget) -> None:
        assert self.holder is not None
        assert self.parameter is not None
        self.field = made
        for part in (made, focused):
            part.setAccessibleName(self.parameter.title)
        focused.installEventFilter(self)
        self._reveal()
        self.place()
        self.holder.show()
        focused.setFocus()
        named = (name for kind, name in DOING.items() if isinstance(made, kind))
        self.canvas.doing.emit(next(named, "line"))

    def keep(self) -> None:
        """What was typed is taken, and the row is as it was."""
        if isinstance(self.field, NumberLine):
            self.field.settle()
        elif self.field is not None:
            self.field.settle()
            self._close()

    def _settle(self) -> None:
        """Take what is half typed; a text stays open, for a run goes on while one writes."""
        if isinstance(self.field, WordsField):
            self.field.settle()
        else:
            self.keep()

    def _close(self) -> None:
        made, holder = self.field, self.holder
        self.field = self.holder = self.parameter = self._card = None
        if made is None or holder is None:
            return
        self.canvas.doing.emit("")
        if self._holds_focus(holder):
            self.view.setFocus()
        holder.hide()
        holder.deleteLater()

    def _refuse(self, words: str) -> None:
        self.canvas.session.told.emit("error", words, "")

    def _left(self) -> None:
        """Something else is selected."""
        if self.parameter and self.parameter.node not in self.canvas.session.selection:
            self.keep()

    def _follow(self, change: object) -> None:
        """The document is another: show it, where nothing is half typed."""
        if self.parameter is None:
            return
        card = self.canvas.cards.get(self.parameter.node)
        if card is not self._card or not self.parameter.there or self.parameter.whence:
            self._close()
        elif isinstance(self.field, Field):
            self.field.put(self.parameter.value)
            self.place()
        else:
            self.place()

    # What is open

    def mark_to(self, at: QPoint) -> None:
        """Mark the words from where it was clicked to here."""
        if isinstance(self.field, WordsField):
            words, cursor = self.field.words, self.field.words.textCursor()
            port = words.viewport()
            place = words.cursorForPosition(port.mapFrom(self.view.viewport(), at)).position()
            cursor.setPosition(place, QTextCursor.MoveMode.KeepAnchor)
            words.setTextCursor(cursor)

    def _put_cursor(self, words: QPlainTextEdit, at: QPoint | None) -> None:
        if at is None:
            words.moveCursor(QTextCursor.MoveOperation.End)
        else:
            place = words.viewport().mapFrom(self.view.viewport(), at)
            words.setTextCursor(words.cursorForPosition(place))

    def _pick(self, made: FileField) -> None:
        """The list of models, or the system's dialog, which is over when this returns."""
        list = made.pick()
        if self.field is not made:
            return
        if list is None:
            self._close()
        else:
            list.destroyed.connect(lambda: self._over_with(made))

    def _pop(self, made: ChoiceField) -> None:
        """The choices, below the row if only some of them have room there."""
        combo = made.combo
        combo.setItemDelegate(Listed(self.canvas.scenery.theme, combo))
        low = combo.mapToGlobal(QPoint(0, combo.height())).y()
        room = combo.screen().availableGeometry().bottom() - low - 2 * EDGE
        fitting = room // max(combo.view().sizeHintForRow(0), 1)
        if fitting >= FEW:
            combo.setMaxVisibleItems(min(combo.maxVisibleItems(), fitting))
        combo.showPopup()
        self._popped = monotonic()

    def _over_with(self, made: Field) -> None:
        if self.field is made:
            self._close()

    def _list_closed(self) -> None:
        made = self.field
        by_click = self._popped > 0  # else one is here by keys, and stays
        if isinstance(made, ChoiceField) and by_click and not made.combo.view().isVisible():
            self._close()

    def _is_second_click(self, event: QMouseEvent) -> bool:
        """A double-click opens a list: its second press, which would close it, is nobody's."""
        quick = monotonic() - self._popped < QApplication.doubleClickInterval() / 1000
        made, at = self.field, event.globalPosition().toPoint()
        return quick and made is not None and made.rect().contains(made.mapFromGlobal(at))

    def _go_on(self, way: int) -> None:
        """To the next row that can be written in; from the only one back to the canvas."""
        card, here = self._card, self.parameter
        if isinstance(self.field, NumberLine) and not self.field.take():
            return
        self.keep()
        if card is None or here is None or self.canvas.cards.get(card.id) is not card:
            return
        names = list(card.look.face.values)
        start = names.index(here.name) if here.name in names else 0
        steps = range(1, len(names))
        self.open_first(card, [names[(start + way * step) % len(names)] for step in steps])

    def open_first(self, card: Card, names: Iterable[str]) -> bool:
        """The first of these parameters that can be written in; False for none."""
        for name in names:
            parameter = self.rows.parameter(card.id, name)
            if parameter and not parameter.whence:
                self.open(card, parameter)
                return True
        return False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide:
            QTimer.singleShot(0, self, self._list_closed)
        if isinstance(event, QMouseEvent):
            return watched is not self._part and self._is_second_click(event)
        if isinstance(event, QFocusEvent) and event.lostFocus():
            if event.reason() not in PASSING:
                QTimer.singleShot(0, self, lambda: self._focus_left(watched))
            return False
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            if self._typed_here(event):
                event.accept()
                return True
            return False
        return event.type() == QEvent.Type.KeyPress and self._key(event)

    @property
    def _part(self) -> QWidget | None:
        """What of the field has the focus."""
        return (self.field.focusProxy() or self.field) if self.field is not None else None

    def _focus_left(self, watched: QObject) -> None:
        if watched is self._part and not self._holds_focus(self.holder):
            self.keep()

    def _holds_focus(self, holder: QWidget | None) -> bool:
        """Whether the keys go to something in it, or to a list that it has opened."""
        part = QApplication.activePopupWidget() or QApplication.focusWidget()
        while part is not None and part is not holder:
            part = part.parentWidget()
        return part is not None

    def _typed_here(self, event: QKeyEvent) -> bool:
        """Whether the key is for the row, though it is one of the canvas's or the window's."""
        if event.key() == Key.Key_Escape:
            return not self._offering
        if isinstance(self.field, Field) and event.key() in ENTER and not event.modifiers():
            return True
        typed = QKeySequence(event.keyCombination())
        return any(typed in action.shortcuts() for action in self.view.actions())

    def _key(self, event: QKeyEvent) -> bool:
        """Whether it was one of ours."""
        if self._offering:
            return False
        if event.key() in (Key.Key_Tab, Key.Key_Backtab):
            self._go_on(1 if event.key() == Key.Key_Tab else -1)
            return True
        if isinstance(self.field, NumberLine):
            return False  # it knows Enter and Esc itself
        listed = isinstance(self.field, ChoiceField) and self.field.combo.view().isVisible()
        ends = event.key() == Key.Key_Escape or (
            event.key() in ENTER and not isinstance(self.field, WordsField)
        )
        if ends and not listed:
            if event.key() == Key.Key_Escape and isinstance(self.field, LineField):
                self.field.line.setText(self._before)
            self.keep()
            return True
        return False

    @property
    def _offering(self) -> bool:
        """Whether words are offered, which take Tab, Enter and Esc first."""
        return isinstance(self.field, PromptField) and self.field.words.offering

    # Where it lies

    def _reveal(self) -> None:
        card, parameter = self._card, self.parameter
        if card is not None and parameter is not None:
            box = card.look.face.values.get(parameter.name, QRectF())
            self.canvas.reveal(box.translated(card.pos()))

    def place(self) -> None:
        """Over its row, as large as the row is seen."""
        card, made, holder = self._card, self.field, self.holder
        if card is None or made is None or holder is None or self.parameter is None:
            return
        row = self.rows.box(card, self.parameter.name)
        if row.isEmpty() or self.view.zoom < WORDS:
            self.keep()
            return
        dress(made, self.canvas.scenery.theme, self.view.zoom)
        box = row.toAlignedRect()
        if isinstance(made, WordsField):
            box = grown(made, box)
        holder.setGeometry(box)
        inner = QRect(QPoint(0, 0), box.size())
        for part in (made, made.focusProxy()):
            if part is not None:
                part.setMinimumSize(0, 0)
        if isinstance(made, WordsField):
            made.setGeometry(inner)
        else:
            line = made.focusProxy() or made
            line.setFixedHeight(box.height())
            made.setGeometry(inner)
        holder.raise_()
        if isinstance(made, NumberLine) and made.wrong:
            made.hint.place()
