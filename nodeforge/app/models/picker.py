"""A list of the models that a parameter can take, below its field."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QListView, QVBoxLayout, QWidget

from nodeforge.app.controls import Button
from nodeforge.app.fields import FIELD, FileField
from nodeforge.app.library import SearchLine
from nodeforge.app.models.list import ENTRY, Rows, dress
from nodeforge.app.models.pictures import Pictures
from nodeforge.app.models.placing import TAKES, family_before, reference
from nodeforge.app.models.stock import Stock, stock_of
from nodeforge.app.session import Session
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr
from nodeforge.families.table import FAMILIES
from nodeforge.graph.document import NodeId
from nodeforge.graph.spec import File
from nodeforge.models.entry import Entry
from nodeforge.models.kinds import UNKNOWN

WIDE, HIGH = 320, 380


class Picker(QFrame):
    """picked: the entry that was chosen. family: others are dimmed, and come last."""

    picked: Any = Signal(object)

    def __init__(self, stock: Stock, theme: Theme, what: str, family: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.pictures = Pictures(self)
        self.rows = Rows()
        self.rows.dims = lambda entry: (
            bool(entry.fault or entry.pickle or entry.away) or not entry.serves(family)
        )
        self.kinds = frozenset((*TAKES[what], *((UNKNOWN,) if what == "model" else ())))
        self.search = SearchLine(theme, tr("Search models"))
        self.view = QListView()
        self.view.setAccessibleName(tr("Models"))
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        dress(self.view, self.rows, theme, self.pictures)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 8, 1, 6)
        column.setSpacing(6)
        inset = QVBoxLayout()
        inset.setContentsMargins(8, 0, 8, 0)
        inset.addWidget(self.search)
        column.addLayout(inset)
        column.addWidget(self.view, 1)
        if family:
            words = QLabel(tr("Made for {}; others are dimmed.").format(FAMILIES[family].short))
            words.setProperty("role", "dim")
            words.setContentsMargins(14, 0, 14, 0)
            column.addWidget(words)
        self.search.textChanged.connect(self.ask)
        self.search.installEventFilter(self)
        self.view.clicked.connect(lambda index: self._take(index.data(ENTRY)))
        self.rows.fill(stock.entries)
        self.ask()
        self.resize(WIDE, HIGH)
        self.search.setFocus()

    def ask(self) -> None:
        self.rows.ask(self.search.text(), self.kinds)
        if self.rows.shown:
            self.view.setCurrentIndex(self.rows.index(0, 0))

    def _take(self, entry: object) -> None:
        if isinstance(entry, Entry):
            self.picked.emit(entry)
            self.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.view.keyPressEvent(event)
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.view.currentIndex().data(ENTRY))
            return True
        return False


def equip(field: QWidget, session: Session, node: NodeId, theme: Theme) -> None:
    """Give the field of a model file a button that lists the library; other fields none."""
    stock = stock_of(session)
    if not isinstance(field, FileField) or not isinstance(field.kind, File) or stock is None:
        return
    what = field.kind.what
    if what not in TAKES:
        return
    button = Button(theme, image="list", kind="default")
    button.setFixedSize(FIELD, FIELD)
    button.setToolTip(tr("Choose from your models"))
    button.setAccessibleName(tr("Choose from your models"))
    field.row.insertWidget(1, button)

    def pop() -> Picker:
        family = ""
        if what != "model" and what != "upscaler":
            family = family_before(session.level.document, session.level.specs, node, stock.entries)
        picker = Picker(stock, theme, what, family, field)
        picker.picked.connect(take)
        corner = field.mapToGlobal(QPoint(field.width() - WIDE, field.height() + 4))
        picker.move(corner)
        picker.show()
        return picker

    def take(entry: Entry) -> None:
        field.line.setText(reference(entry))
        field.settle()

    button.clicked.connect(pop)
    field.pick = pop
