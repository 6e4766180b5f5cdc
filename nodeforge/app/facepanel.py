"""The face of a group, in the Inspector: ports and parameters are renamed and put in order."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from nodeforge.app.session import Session
from nodeforge.app.words import tr
from nodeforge.graph.document import NodeId
from nodeforge.graph.faces import Side, face_names, face_ordered, face_renamed
from nodeforge.graph.groups import reveal_param

NAME = Qt.ItemDataRole.UserRole  # the name before it is edited
HIGH = 26  # px, a line
Key, ALT = Qt.Key, Qt.KeyboardModifier.AltModifier


class FaceList(QListWidget):
    """One side of a face: a drag or Alt and an arrow moves a line, F2 or a double click renames."""

    renamed = Signal(str, str)
    ordered = Signal(list)
    removed = Signal(str)

    def __init__(self, title: str, removable: bool) -> None:
        super().__init__()
        self.removable = removable
        self._carried: QListWidgetItem | None = None
        self._before: list[str] = []
        self.setAccessibleName(title)
        self.setToolTip(tr("Drag: order. Double-click or F2: rename."))
        self.setDragDropMode(QAbstractItemView.DragDropMode.NoDragDrop)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._pop)
        self.itemChanged.connect(self._edited)

    def names(self) -> list[str]:
        return [str(self.item(row).data(NAME)) for row in range(self.count())]

    def fill(self, names: tuple[str, ...]) -> None:
        """Show these, and keep the line that was chosen."""
        if tuple(self.names()) == names:
            return
        chosen = self.currentRow()
        self.blockSignals(True)
        self.clear()
        for name in names:
            item = QListWidgetItem(name.replace("_", " "))
            item.setData(NAME, name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setSizeHint(QSize(0, HIGH))
            self.addItem(item)
        self.setCurrentRow(min(chosen, self.count() - 1))
        self.blockSignals(False)
        self.setFixedHeight(HIGH * self.count() + 2 * self.frameWidth() + 2)

    def shift(self, by: int) -> None:
        """Move the chosen line."""
        at = self.currentRow()
        if at < 0 or not 0 <= at + by < self.count():
            return
        self._carry(at, at + by)
        self.ordered.emit(self.names())

    def menu(self) -> QMenu:
        """What can be done with the chosen line."""
        menu = QMenu(self)
        menu.addAction(tr("Rename"), lambda: self.editItem(self.currentItem()))
        if self.currentRow() > 0:
            menu.addAction(tr("Up"), lambda: self.shift(-1))
        if self.currentRow() < self.count() - 1:
            menu.addAction(tr("Down"), lambda: self.shift(1))
        if self.removable:
            menu.addAction(tr("Take off the group's face"), self._remove)
        return menu

    def _pop(self, at: QPoint) -> None:
        if self.itemAt(at):
            menu = self.menu()
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.viewport().mapToGlobal(at))

    def _remove(self) -> None:
        if self.removable and (item := self.currentItem()):
            self.removed.emit(item.data(NAME))

    def _carry(self, start: int, end: int) -> None:
        self.blockSignals(True)
        self.insertItem(end, self.takeItem(start))
        self.setCurrentRow(end)
        self.blockSignals(False)

    def _edited(self, item: QListWidgetItem) -> None:
        old, new = str(item.data(NAME)), item.text().strip()
        if new and new != old.replace("_", " "):
            self.renamed.emit(old, new)
        elif not new:
            item.setText(old.replace("_", " "))

    # Hands

    def event(self, event: QEvent) -> bool:
        """F2, Delete and Alt are ours while a line is chosen, and no shortcuts of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            mine = event.key() in (Key.Key_F2, Key.Key_Delete) or event.modifiers() == ALT
            if mine and self.currentItem():
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = {Key.Key_Up: -1, Key.Key_Down: 1}.get(Key(event.key()))
        if way and event.modifiers() & ALT:
            self.shift(way)
        elif event.key() == Key.Key_F2 and self.currentItem():
            self.editItem(self.currentItem())
        elif event.key() == Key.Key_Delete:
            self._remove()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._carried, self._before = self.itemAt(event.position().toPoint()), self.names()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._carried is None:
            return
        end = min(max(int(event.position().y()) // HIGH, 0), self.count() - 1)
        if (start := self.row(self._carried)) != end:
            self._carry(start, end)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        carried, self._carried = self._carried, None
        if carried is not None and self.names() != self._before:
            self.ordered.emit(self.names())


class FacePanel(QWidget):
    """lists: by side. group: the one shown."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.group: NodeId | None = None
        titles: dict[Side, str] = {
            "inputs": tr("Inputs of the face"),
            "outputs": tr("Outputs of the face"),
            "params": tr("Parameters of the face"),
        }
        self.lists: dict[Side, FaceList] = {}
        self.titles: dict[Side, QLabel] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        for side, title in titles.items():
            self.titles[side] = QLabel(title)
            self.titles[side].setProperty("role", "label")
            self.lists[side] = FaceList(title, removable=side == "params")
            self._listen(side)
            column.addWidget(self.titles[side])
            column.addWidget(self.lists[side])
        self.hide()

    def show_group(self, group: NodeId | None) -> None:
        """The face of this group; None for a node that is none."""
        document = self.session.document
        self.group = group if group in document.groups else None
        self.setVisible(self.group is not None)
        if self.group is None:
            return
        for side, names in face_names(document, self.session.specs, self.group).items():
            self.lists[side].fill(names)
            self.lists[side].setVisible(bool(names))
            self.titles[side].setVisible(bool(names))

    def _listen(self, side: Side) -> None:
        """Each thing done in a list is one step of the history."""
        session, shown = self.session, self.lists[side]

        def rename(old: str, new: str) -> None:
            if self.group:
                after = face_renamed(session.document, session.specs, self.group, side, old, new)
                session.edit(tr("Rename {}").format(old.replace("_", " ")), after)

        def order(names: list[str]) -> None:
            if self.group:
                after = face_ordered(session.document, session.specs, self.group, side, names)
                session.edit(tr("Order the group's face"), after)

        def remove(name: str) -> None:
            if self.group and (spot := session.document.groups[self.group].params.get(name)):
                after = reveal_param(session.document, self.group, spot, False)
                session.edit(tr("Take off the group"), after)

        shown.renamed.connect(rename)
        shown.ordered.connect(order)
        shown.removed.connect(remove)
