"""The Models page: what this machine has, to search, to look at, to drag onto the canvas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from nodeforge.app.controls import Button, Empty
from nodeforge.app.frame import boxes
from nodeforge.app.library import SearchLine
from nodeforge.app.models.list import ENTRY, Painter, Rows, dress
from nodeforge.app.models.pictures import Pictures
from nodeforge.app.models.placing import carried
from nodeforge.app.models.stock import Stock
from nodeforge.app.session import Session
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr
from nodeforge.families.table import FAMILIES
from nodeforge.models.entry import Entry
from nodeforge.models.kinds import (
    CHECKPOINT,
    CONTROL,
    DENOISER,
    EMBEDDING,
    LORA,
    TEXT,
    UNKNOWN,
    UPSCALER,
    VAE,
)

SOON = 250  # ms between two looks at what a scan has found
GROUPS: tuple[tuple[str, frozenset[str]], ...] = (
    ("Kinds", frozenset()),
    ("Models", frozenset((CHECKPOINT, DENOISER))),
    ("LoRA", frozenset((LORA,))),
    ("Control", frozenset((CONTROL,))),
    ("Upscalers", frozenset((UPSCALER,))),
    ("VAE, text", frozenset((VAE, TEXT))),
    ("Embeddings", frozenset((EMBEDDING,))),
    ("Unknown", frozenset((UNKNOWN,))),
)


class View(QListView):
    """Enter adds what is chosen."""

    pressed_enter: Any = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.pressed_enter.emit()
        else:
            super().keyPressEvent(event)


class Models(QWidget):
    """chosen: an entry to add to the graph."""

    chosen: Any = Signal(object)

    def __init__(self, session: Session, stock: Stock, theme: Theme) -> None:
        super().__init__()
        self.session, self.stock = session, stock
        self.pictures = Pictures(self)
        self.search = SearchLine(theme, tr("Search models"))
        self.search.installEventFilter(self)
        self.kind, self.family = QComboBox(), QComboBox()
        self.kind.addItems([tr(title) for title, _ in GROUPS])
        self.kind.setAccessibleName(tr("Kind"))
        self.family.addItem(tr("Families"), "")
        for known in FAMILIES.values():
            self.family.addItem(known.short, known.id)
        self.family.setAccessibleName(tr("Family"))
        self.rows = Rows(lambda entry: carried(session.specs, entry))
        self.view = View()
        self.view.setAccessibleName(tr("Models"))
        self.view.setDragEnabled(True)
        self.view.setDragDropMode(QListView.DragDropMode.DragOnly)
        self.painter: Painter = dress(self.view, self.rows, theme, self.pictures)
        self.none = Empty(theme, "box", "")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.none)
        self.words = QLabel()
        self.words.setProperty("role", "dim")
        self.add = Button(theme, image="plus")
        self.add.setToolTip(tr("Add a folder with models: linked, never copied"))
        self.add.setAccessibleName(tr("Add a folder with models"))
        self.again = Button(theme, image="rotate-ccw")
        self.again.setToolTip(tr("Look for models again"))
        self.again.setAccessibleName(tr("Look for models again"))
        self._arrange()
        self._connect()
        self.fill()

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(0)
        inset = QVBoxLayout()
        inset.setContentsMargins(10, 10, 10, 6)
        inset.setSpacing(6)
        inset.addWidget(self.search)
        choices = QHBoxLayout()
        choices.setSpacing(6)
        for combo in (self.kind, self.family):
            combo.setMinimumWidth(40)
            combo.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            choices.addWidget(combo, 1)
        inset.addLayout(choices)
        column.addLayout(inset)
        column.addWidget(self.stack, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 2, 8, 2)
        foot.setSpacing(2)
        foot.addWidget(self.words, 1)
        foot.addWidget(self.again)
        foot.addWidget(self.add)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.search.textChanged.connect(self.ask)
        self.search.returnPressed.connect(self._enter)
        self.kind.currentIndexChanged.connect(self.ask)
        self.family.currentIndexChanged.connect(self.ask)
        self.view.doubleClicked.connect(lambda index: self._choose(index.data(ENTRY)))
        self.view.pressed_enter.connect(self._enter)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._pop)
        self.add.clicked.connect(self.ask_folder)
        self.again.clicked.connect(self.stock.start)
        self._soon = QTimer(self, singleShot=True, interval=SOON)
        self._soon.timeout.connect(self.fill)
        self.stock.changed.connect(self._changed)
        self.stock.busy.connect(self._scanned)

    def wear(self, theme: Theme) -> None:
        self.painter.theme = self.search.theme = theme
        self.none.wear(theme)
        self.add.wear(theme)
        self.again.wear(theme)
        self.view.viewport().update()

    # What it shows

    def _changed(self) -> None:
        """While many come, only now and then."""
        if not self.stock.scanning:
            self.fill()
        elif not self._soon.isActive():
            self._soon.start()

    def _scanned(self, _: bool) -> None:
        self.fill()

    def fill(self) -> None:
        chosen = self.current()
        self.rows.fill(self.stock.entries)
        self._say()
        if chosen is not None:
            self._point_at(chosen.path)

    def ask(self) -> None:
        """As the search line and the two choices say."""
        kinds = GROUPS[self.kind.currentIndex()][1]
        self.rows.ask(self.search.text(), kinds, str(self.family.currentData() or ""))
        if self.rows.shown and self.search.text():
            self.view.setCurrentIndex(self.rows.index(0, 0))
        self._say()

    def current(self) -> Entry | None:
        found = self.view.currentIndex().data(ENTRY)
        return found if isinstance(found, Entry) else None

    def _point_at(self, path: str) -> None:
        rows = (n for n, entry in enumerate(self.rows.shown) if entry.path == path)
        if (row := next(rows, None)) is not None:
            self.view.setCurrentIndex(self.rows.index(row, 0))

    def _say(self) -> None:
        shown, every = len(self.rows.shown), len(self.stock.entries)
        count = f"{shown:,}" if shown == every else tr("{:,} of {:,}").format(shown, every)
        self.words.setText(tr("{} · looking…").format(count) if self.stock.scanning else count)
        self.stack.setCurrentWidget(self.view if shown else self.none)
        if not every:
            text = (
                tr("Looking for models…")
                if self.stock.scanning
                else tr("No models yet: add a folder with +.")
            )
        else:
            text = tr("No model is called so, or is of this kind and family.")
        self.none.words.setText(text)

    # Hands

    def _enter(self) -> None:
        if (entry := self.current() or next(iter(self.rows.shown), None)) is not None:
            self._choose(entry)

    def _choose(self, entry: object) -> None:
        if isinstance(entry, Entry):
            self.chosen.emit(entry)

    def ask_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, tr("A folder with models"))
        if path:
            self.stock.add_folder(Path(path))

    def _pop(self, at: QPoint) -> None:
        entry = self.view.indexAt(at).data(ENTRY)
        if isinstance(entry, Entry):
            menu = self.menu(entry)
            menu.exec(self.view.viewport().mapToGlobal(at))
            menu.deleteLater()

    def menu(self, entry: Entry) -> QMenu:
        """What can be done with a model."""
        menu = QMenu(self)
        menu.addAction(tr("Add to the graph"), lambda: self._choose(entry))
        menu.addAction(tr("Show in the file manager"), lambda: reveal(entry))
        family = menu.addMenu(tr("Family"))
        known = FAMILIES.get(entry.kind.family)
        told = known.short if known else tr("unknown")
        first = family.addAction(tr("As its file says ({})").format(told))
        first.triggered.connect(lambda: self.stock.say(entry.path, family=""))
        first.setCheckable(True)
        first.setChecked(not entry.picked)
        for id, each in FAMILIES.items():
            action = family.addAction(each.short)
            action.setCheckable(True)
            action.setChecked(entry.picked == id)
            action.triggered.connect(lambda _=False, id=id: self.stock.say(entry.path, family=id))
        menu.addAction(tr("Notes…"), lambda: self._ask_notes(entry))
        if entry.beside.words:
            menu.addAction(tr("Copy its words"), lambda: _copy(", ".join(entry.beside.words)))
        if entry.autov2:
            menu.addAction(
                tr("Copy its hash ({})").format(entry.autov2), lambda: _copy(entry.autov2)
            )
        elif not (entry.folder or entry.away):
            menu.addAction(tr("Compute its hash"), lambda: self.stock.hash(entry.path))
        return menu

    def _ask_notes(self, entry: Entry) -> None:
        about = tr("About {}").format(entry.name)
        text = boxes.ask_text(self, tr("Notes"), entry.remark, about, lines=True)
        if text is not None:
            self.stock.say(entry.path, remark=text.strip())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrows move through the list while the cursor stays in the search line."""
        if not isinstance(event, QKeyEvent):
            return False
        clears = event.key() == Qt.Key.Key_Escape and bool(self.search.text())
        if event.type() == QEvent.Type.ShortcutOverride and clears:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self.view.keyPressEvent(event)
                return True
            if clears:
                self.search.clear()
                return True
        return False


def reveal(entry: Entry) -> None:
    """Open the folder in which it lies."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(entry.path).parent)))


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
