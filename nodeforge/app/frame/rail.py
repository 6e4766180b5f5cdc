"""The narrow strip beside the canvas: an icon for everything that a folded panel holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nodeforge.app.controls import Button
from nodeforge.app.theme import Theme

WIDTH, CELL = 44, (32, 30)  # px
PAD, GAP, LINE = 8, 2, 13  # px: above and below, between cells, of a line between two groups
DWELL = 250  # ms over an icon until it opens by itself


@dataclass(frozen=True)
class Item:
    """An icon on the rail. hover: whether resting the mouse on it is enough."""

    id: str
    icon: str
    title: str
    do: Callable[[], object]
    hover: bool = True


class Rail(QWidget):
    """Groups of items with a line between; `last` stands alone at the bottom.

    Where the height is too small, items of the longest group are left out from its end; whatever
    they open is also behind the others.
    """

    entered = Signal()  # the mouse is over it
    departed = Signal()

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.theme = theme
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(name)
        self.buttons: dict[str, Button] = {}
        self._groups: list[tuple[Item, ...]] = []
        self._last: Item | None = None
        self._lines: list[int] = []
        self._resting: Item | None = None
        self._rest = QTimer(self, singleShot=True, interval=DWELL)
        self._rest.timeout.connect(self._rested)
        self._items: dict[QObject, Item] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(6, PAD, 6, PAD)
        self._column.setSpacing(GAP)

    def put(self, groups: Sequence[Sequence[Item]], last: Item | None = None) -> None:
        """Show these, in this order."""
        now = [tuple(group) for group in groups if group]
        if _looks(now, last) == _looks(self._groups, self._last):
            return
        self._groups, self._last = now, last
        self._clear()
        for number, group in enumerate(now):
            if number:
                self._column.addSpacing(LINE - GAP)
            for item in group:
                self._column.addWidget(self._made(item))
        self._column.addStretch(1)
        if last is not None:
            self._column.addWidget(self._made(last))
        self._fit()

    def _clear(self) -> None:
        for old in self.buttons.values():
            old.removeEventFilter(self)
            old.hide()
            old.deleteLater()
        while self._column.takeAt(0) is not None:
            pass
        self.buttons, self._items = {}, {}

    def light(self, id: str) -> None:
        """Mark the item whose panel is open; none for an empty id."""
        for each, button in self.buttons.items():
            button.setChecked(each == id)

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        for button in self.buttons.values():
            button.wear(theme)
        self.update()

    def _made(self, item: Item) -> Button:
        button = Button(self.theme, image=item.icon)
        button.setFixedSize(*CELL)
        button.setCheckable(True)
        button.setToolTip(item.title)
        button.setAccessibleName(item.title)
        button.clicked.connect(lambda: self._pressed(item))
        button.installEventFilter(self)
        self.buttons[item.id] = button
        self._items[button] = item
        return button

    def _pressed(self, item: Item) -> None:
        self._rest.stop()
        button = self.buttons[item.id]
        button.setChecked(not button.isChecked())  # what is open says which one is lit
        item.do()

    def _rested(self) -> None:
        if self._resting is not None:
            self._resting.do()

    def _fit(self) -> None:
        """Leave out what there is no room for."""
        shown = [list(group) for group in self._groups]
        room = self.height() - 2 * PAD - (CELL[1] + GAP if self._last else 0)

        def needs() -> int:
            lines = max(len([group for group in shown if group]) - 1, 0)
            return sum(len(group) for group in shown) * (CELL[1] + GAP) + lines * LINE

        while needs() > room and max(map(len, shown), default=0) > 1:
            max(shown, key=len).pop()
        kept = {item.id for group in shown for item in group}
        if self._last is not None:
            kept.add(self._last.id)
        for id, button in self.buttons.items():
            button.setVisible(id in kept)
        self._column.activate()
        self._lines = []
        for before, after in pairwise(shown):
            if before and after:
                bottom = self.buttons[before[-1].id].geometry().bottom()
                self._lines.append((bottom + self.buttons[after[0].id].geometry().top()) // 2)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def enterEvent(self, event: QEvent) -> None:
        self.entered.emit()

    def leaveEvent(self, event: QEvent) -> None:
        self._rest.stop()
        self.departed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        item = self._items.get(watched)
        if item is not None and event.type() == QEvent.Type.Enter:
            self._resting = item
            if item.hover:
                self._rest.start()
            else:
                self._rest.stop()
        elif item is not None and event.type() == QEvent.Type.Leave:
            self._rest.stop()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        painter.setPen(Qt.PenStyle.NoPen)
        edge = self.rect()
        right = self.x() == 0
        x = edge.right() if right else 0
        painter.fillRect(x, 0, 1, edge.height(), self.theme.colour("void"))
        for y in self._lines:
            painter.fillRect(10, y, self.width() - 20, 1, self.theme.colour("line"))


def _looks(groups: Sequence[Sequence[Item]], last: Item | None) -> list[list[tuple[str, ...]]]:
    """By what one list of items is told from another."""
    every = [*groups, (last,)] if last else groups
    return [[(item.id, item.icon, item.title) for item in group] for group in every]
