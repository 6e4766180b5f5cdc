"""The palette at the left: every stage by category, to drag onto the canvas or to add."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QEvent,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QDrag, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from nodeforge.app.controls import PanelTitle, paint_key
from nodeforge.app.entries import MIME, Entry, entries, ranked
from nodeforge.app.session import Session
from nodeforge.app.theme import Theme, icon
from nodeforge.app.words import tr

ROW = 26
ENTRY = Qt.ItemDataRole.UserRole


class _Painter(QStyledItemDelegate):
    """Headings in small letters with a chevron, stages with an icon in the colour they make."""

    theme = Theme()

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        size = super().sizeHint(option, index)
        size.setHeight(ROW if index.data(ENTRY) is not None else 30)
        return size

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        entry = index.data(ENTRY)
        view = option.widget
        box = option.rect.adjusted(0, 0, 0, 0)
        box.setLeft(0)
        box.setRight(view.viewport().width() - 1 if isinstance(view, QTreeWidget) else box.right())
        if entry is None:
            self._heading(painter, option, index, box)
        else:
            self._row(painter, option, entry, box)
        painter.restore()

    def _heading(self, painter: QPainter, option: object, index: object, box: object) -> None:
        theme = self.theme
        tree = option.widget  # type: ignore[attr-defined]
        name = "chevron-down" if tree.isExpanded(index) else "chevron-right"
        top = box.top() + 4  # type: ignore[attr-defined]
        painter.drawPixmap(15, top + 5, icon(name, theme.colour("text3"), 14))
        painter.setFont(theme.font("badge"))
        painter.setPen(theme.colour("text2"))
        painter.drawText(
            box.adjusted(36, 4, 0, 0),  # type: ignore[attr-defined]
            Qt.AlignmentFlag.AlignVCenter,
            index.data(),  # type: ignore[attr-defined]
        )

    def _row(self, painter: QPainter, option: object, entry: Entry, box: object) -> None:
        theme = self.theme
        state = option.state  # type: ignore[attr-defined]
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            focused = bool(state & QStyle.StateFlag.State_HasFocus)
            ground = "raised" if chosen and not focused else "handFill" if chosen else "hover"
            painter.setBrush(theme.colour(ground))
            painter.drawRoundedRect(box.adjusted(8, 1, -8, -1), 6, 6)  # type: ignore[attr-defined]
        colour = theme.type_colour(entry.type) if entry.type else theme.colour("text2")
        top = box.top() + 5  # type: ignore[attr-defined]
        painter.drawPixmap(16, top, icon(entry.icon or "box", colour, 16))
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour("text"))
        painter.drawText(
            box.adjusted(40, 0, -8, 0),  # type: ignore[attr-defined]
            Qt.AlignmentFlag.AlignVCenter,
            painter.fontMetrics().elidedText(
                entry.name,
                Qt.TextElideMode.ElideRight,
                box.width() - 48,  # type: ignore[attr-defined]
            ),
        )


class Tree(QTreeWidget):
    """Drags carry the stage as the canvas reads it."""

    deleted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.deleted.emit()
        else:
            super().keyPressEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        item = self.currentItem()
        entry = item.data(0, ENTRY) if item else None
        if isinstance(entry, Entry):
            drag = QDrag(self)
            drag.setMimeData(mime(entry))
            drag.setPixmap(self._ghost(entry))
            drag.exec(Qt.DropAction.CopyAction)

    def _ghost(self, entry: Entry) -> QPixmap:
        theme = _Painter.theme
        picture = QPixmap(150, 30)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.colour("raised"))
        painter.setPen(theme.colour("hand"))
        painter.drawRoundedRect(picture.rect().adjusted(0, 0, -1, -1), 8, 8)
        colour = theme.type_colour(entry.type) if entry.type else theme.colour("text2")
        painter.drawPixmap(9, 8, icon(entry.icon or "box", colour, 14))
        painter.setFont(theme.font("nodeTitle"))
        painter.setPen(theme.colour("text"))
        painter.drawText(
            picture.rect().adjusted(30, 0, -6, 0), Qt.AlignmentFlag.AlignVCenter, entry.name
        )
        painter.end()
        return picture


def mime(entry: Entry) -> QMimeData:
    data = QMimeData()
    data.setData(MIME, entry.mime())
    return data


class SearchLine(QLineEdit):
    """With a magnifier at the left and, while empty, the key that opens the search anywhere."""

    def __init__(self, theme: Theme, hint: str, key: str = "") -> None:
        super().__init__()
        self.theme, self.key = theme, key
        self.setPlaceholderText(hint)
        self.setAccessibleName(hint)
        self.setTextMargins(22, 0, 0, 0)

    def paintEvent(self, event: object) -> None:
        super().paintEvent(event)  # type: ignore[arg-type]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = (self.height() - 15) // 2
        painter.drawPixmap(10, top, icon("search", self.theme.colour("text3"), 15))
        if self.key and not self.text():
            box = self.rect().adjusted(self.width() - 38, 5, -6, -5).toRectF()
            colour = self.theme.colour
            paint_key(painter, self.theme, box, self.key, colour("hover"), colour("text2"))


class Library(QWidget):
    chosen: Any = Signal(object)  # Entry: add it

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self.session = session
        self.bar = PanelTitle(theme, tr("Nodes"))
        self.search = SearchLine(theme, tr("Search nodes"), "Tab")
        self.search.textChanged.connect(self.fill)
        self.search.returnPressed.connect(self._enter)
        self.search.installEventFilter(self)
        self.tree = Tree()
        self.tree.setHeaderHidden(True)
        self.tree.setIndentation(0)
        self.tree.setRootIsDecorated(False)
        self.tree.setMouseTracking(True)
        self.tree.setDragEnabled(True)
        self.tree.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.tree.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tree.setAccessibleName(tr("Nodes"))
        self.painter = _Painter(self.tree)
        self.tree.setItemDelegate(self.painter)
        self.tree.itemActivated.connect(self._activated)
        self.tree.itemClicked.connect(self._clicked)
        self.tree.deleted.connect(self._remove)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._pop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(0)
        column.addWidget(self.bar)
        inset = QVBoxLayout()
        inset.setContentsMargins(10, 10, 10, 6)
        inset.addWidget(self.search)
        column.addLayout(inset)
        column.addWidget(self.tree, 1)
        session.offered.connect(self.fill)
        session.shelf.changed.connect(self.fill)
        self.wear(theme)
        self.fill()

    def wear(self, theme: Theme) -> None:
        _Painter.theme = theme
        self.search.theme = theme
        self.bar.wear(theme)
        self.tree.viewport().update()

    def fill(self) -> None:
        query = self.search.text().strip()
        self.tree.clear()
        every = entries(self.session.shelf.offer())
        if query:
            for entry in ranked(query, every):
                self.tree.addTopLevelItem(_item(entry))
            if (first := self.tree.topLevelItem(0)) is not None:
                self.tree.setCurrentItem(first)
            return
        groups: dict[str, QTreeWidgetItem] = {}
        for entry in every:
            category = entry.spec.category
            if category not in groups:
                heading = QTreeWidgetItem([category.capitalize()])
                heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
                groups[category] = heading
                self.tree.addTopLevelItem(heading)
            groups[category].addChild(_item(entry))
        self.tree.expandAll()

    def go_to(self, category: str) -> None:
        """Have a category at the top of the list."""
        self.search.clear()
        for number in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(number)
            if item is not None and item.text(0) == category.capitalize():
                item.setExpanded(True)
                self.tree.scrollToItem(item, QAbstractItemView.ScrollHint.PositionAtTop)

    def _enter(self) -> None:
        item = self.tree.currentItem() or self.tree.topLevelItem(0)
        if item is not None and self.search.text():
            self._activated(item)

    def _activated(self, item: QTreeWidgetItem) -> None:
        entry = item.data(0, ENTRY)
        if isinstance(entry, Entry):
            self.chosen.emit(entry)

    def _clicked(self, item: QTreeWidgetItem) -> None:
        if item.data(0, ENTRY) is None:
            item.setExpanded(not item.isExpanded())

    def menu(self) -> QMenu | None:
        """What can be done with the chosen entry; None on a heading."""
        item = self.tree.currentItem()
        if item is None or item.data(0, ENTRY) is None:
            return None
        menu = QMenu(self)
        menu.addAction(tr("Add"), lambda: self._activated(item))
        if item.data(0, ENTRY).spec.id in self.session.shelf.kept:
            menu.addAction(tr("Remove from My groups"), self._remove)
        return menu

    def _pop(self, at: QPoint) -> None:
        if self.tree.itemAt(at) and (menu := self.menu()):
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.tree.viewport().mapToGlobal(at))

    def _remove(self) -> None:
        """The chosen entry, if it is a group of the artist's own."""
        item = self.tree.currentItem()
        entry = item.data(0, ENTRY) if item else None
        if isinstance(entry, Entry) and entry.spec.id in self.session.shelf.kept:
            self.session.shelf.remove(entry.spec.id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrows move through the list while the cursor stays in the search line."""
        if not isinstance(event, QKeyEvent):
            return False
        clears = event.key() == Qt.Key.Key_Escape and bool(self.search.text())
        if event.type() == QEvent.Type.ShortcutOverride and clears:
            event.accept()  # Escape is ours while there is something to clear
            return True
        if event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self.tree.keyPressEvent(event)
                return True
            if clears:
                self.search.clear()
                return True
        return False


def _item(entry: Entry) -> QTreeWidgetItem:
    item = QTreeWidgetItem([entry.name])
    item.setData(0, ENTRY, entry)
    item.setToolTip(0, entry.sentence)
    item.setFlags(
        Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
    )
    return item
