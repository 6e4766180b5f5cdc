"""Find a node by a few letters: a box under the cursor; Enter adds what is chosen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QHideEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from nodeforge.app.entries import Entry, entries, ranked
from nodeforge.app.library import ENTRY, SearchLine
from nodeforge.app.outside import Outside
from nodeforge.app.theme import Theme, icon, shape
from nodeforge.app.words import tr
from nodeforge.graph.habits import Kind
from nodeforge.graph.spec import Specs

WIDTH, ROW, SHOWN = 460, 42, 7
CLAUSE = re.compile(r"[,:;] ")
SHADOW = 12
FRAME = 2 * SHADOW + 3 * 8 + 34  # all of its height but the rows
KEYS = (Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _Painter(QStyledItemDelegate):
    theme = Theme()

    def sizeHint(self, option: QStyleOptionViewItem, index: object) -> QSize:
        return QSize(80, ROW)  # at least: a row is as wide as the list

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: object) -> None:
        entry: Entry = index.data(ENTRY)  # type: ignore[attr-defined]
        theme = self.theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("handFill"))
            painter.drawRoundedRect(box, 6, 6)
        made = theme.type_colour(entry.type) if entry.type else theme.colour("text2")
        tone = theme.colour("onHandFill") if chosen and theme.dark else made
        painter.drawPixmap(
            int(box.x()) + 12, int(box.y()) + 13, icon(entry.icon or "box", tone, 16)
        )
        ink = theme.colour("onHandFill" if chosen else "text3")
        end = self._types(painter, entry, box, ink)
        room = QRectF(box.x() + 40, box.y(), end - box.x() - 40, ROW)
        painter.setFont(theme.font("strong"))
        painter.setPen(theme.colour("onHandFill" if chosen else "text"))
        painter.drawText(room.adjusted(0, 5, 0, -20), Qt.AlignmentFlag.AlignVCenter, entry.name)
        painter.setFont(theme.font("caption"))
        words = _fitting(entry.sentence, painter.fontMetrics(), int(room.width()))
        painter.setPen(ink)
        painter.drawText(room.adjusted(0, 21, 0, -4), Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()

    def _types(self, painter: QPainter, entry: Entry, box: QRectF, ink: QColor) -> float:
        """The shapes it takes, an arrow, the shapes it makes. Returns where words must end."""
        spec = entry.spec
        takes = list(dict.fromkeys(port.type for port in spec.inputs))[:4]
        makes = list(dict.fromkeys(port.type for port in spec.outputs))[:2]
        x = box.right() - 16
        for type in reversed(makes):
            self._shape(painter, type, x, box.center().y())
            x -= 15
        if takes and makes:
            arrow = icon("arrow-right", ink, 12)
            painter.drawPixmap(int(x) - 6, int(box.center().y()) - 6, arrow)
            x -= 16
        for type in reversed(takes):
            self._shape(painter, type, x, box.center().y())
            x -= 15
        return x - 4

    def _shape(self, painter: QPainter, type: str, x: float, y: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.type_colour(type))
        painter.drawPath(shape(type, 4.5).translated(x, y))


def _fitting(sentence: str, metrics: QFontMetrics, room: int) -> str:
    """All of it, or as many of its clauses as there is room for."""
    ends = [len(sentence), *(mark.start() for mark in reversed(list(CLAUSE.finditer(sentence))))]
    for end in ends:
        if metrics.horizontalAdvance(sentence[:end]) <= room:
            return sentence[:end]
    return metrics.elidedText(sentence, Qt.TextElideMode.ElideRight, room)


class Search(QWidget):
    """chosen: an Entry, and whether to go on from it (Shift+Enter)."""

    chosen: Any = Signal(object, bool)
    left = Signal()  # closed by a key, without a choice
    closed = Signal()  # however it was

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)  # inside the window: a shadow needs no compositor there
        self.host = parent
        self.hide()
        self.theme = theme
        self._entries: list[Entry] = []
        self._takes = self._makes = ""
        self._weights: Mapping[Kind, float] = {}
        self.line = SearchLine(theme, tr("Add a node"))
        self.line.setFixedHeight(34)
        self.line.textChanged.connect(self._fill)
        self.line.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName("searchList")
        self.list.setItemDelegate(_Painter(self.list))
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMinimumHeight(ROW)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(lambda item: self._choose(item, False))
        self.list.itemEntered.connect(self.list.setCurrentItem)
        self.none = QLabel()
        self.none.setProperty("role", "dim")
        self.none.setContentsMargins(12, 0, 12, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(SHADOW + 8, SHADOW + 8, SHADOW + 8, SHADOW + 8)
        column.setSpacing(8)
        column.addWidget(self.line)
        column.addWidget(self.list, 1)
        column.addWidget(self.none, 1)
        Outside(self)
        self.wear(theme)

    def wear(self, theme: Theme) -> None:
        self.theme = self.line.theme = _Painter.theme = theme
        self.update()

    def ask(
        self,
        specs: Specs,
        at: QPoint,
        takes: str = "",
        makes: str = "",
        weights: Mapping[Kind, float] | None = None,
    ) -> None:
        """Open at a point of the screen, within the window.

        takes, makes: only what a wire of this type can join. weights: of what often comes next.
        """
        self._entries = entries(specs)
        self._takes, self._makes, self._weights = takes, makes, weights or {}
        self.line.clear()
        self._fill()
        area = self.host.rect()
        here = self.host.mapFromGlobal(at)
        tallest = SHOWN * ROW + FRAME
        x = max(min(here.x() - 40, area.right() - self.width()), area.left())
        y = min(max(here.y() - SHADOW + 4, area.top()), max(area.bottom() - tallest, 0))
        self.move(x, y)
        self.show()
        self.raise_()
        self.line.setFocus()

    def _fill(self) -> None:
        self.list.clear()
        found = ranked(self.line.text(), self._entries, self._takes, self._makes, self._weights)
        for entry in found:
            item = QListWidgetItem(entry.name)
            item.setData(ENTRY, entry)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        wired = tr("No node that this wire fits is called so.")
        self.none.setText(wired if self._takes or self._makes else tr("No node is called so."))
        self.list.setVisible(bool(found))
        self.none.setVisible(not found)
        rows = min(max(self.list.count(), 1), SHOWN)
        self.resize(QSize(WIDTH + 2 * SHADOW, rows * ROW + FRAME).boundedTo(self.host.size()))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()

    def _choose(self, item: QListWidgetItem | None, onward: bool) -> None:
        if item is None:
            return
        entry = item.data(ENTRY)
        self.hide()
        self.chosen.emit(entry, onward)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.hide()  # a click elsewhere closes it
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and event.key() in KEYS:
            event.accept()  # the window's shortcuts wait while this is open
        if event.type() != QEvent.Type.KeyPress:
            return False
        match event.key():
            case Qt.Key.Key_Down | Qt.Key.Key_Up | Qt.Key.Key_PageDown | Qt.Key.Key_PageUp:
                self.list.keyPressEvent(event)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                onward = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self._choose(self.list.currentItem(), onward)
            case Qt.Key.Key_Tab | Qt.Key.Key_Escape:
                self.hide()
                self.left.emit()
            case _:
                return False
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)
        shade = QColor(self.theme.colour("shadow"))
        shade.setAlphaF(shade.alphaF() / 7)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        for grow in range(2, SHADOW, 2):
            painter.drawRoundedRect(box.adjusted(-grow, 3 - grow, grow, grow), 10, 10)
        painter.setBrush(self.theme.colour("raised"))
        painter.setPen(QPen(self.theme.colour("lineStrong"), 1))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
