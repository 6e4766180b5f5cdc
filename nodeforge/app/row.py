"""A parameter in a panel: label with the way back, field (or where its wire comes from), a star.

The columns are the same in every row, so that all fields end in one line; the way back and an
empty star show only while the mouse or the keys are at the row.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QDrag, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from nodeforge.app import fields, groups
from nodeforge.app.controls import Button, Press
from nodeforge.app.models import prompting
from nodeforge.app.models.picker import equip
from nodeforge.app.parameter import Parameter
from nodeforge.app.session import Session
from nodeforge.app.star import Star
from nodeforge.app.theme import Theme, size
from nodeforge.app.words import tr
from nodeforge.graph.document import Document, Node, NodeId, Spot
from nodeforge.graph.spec import ANY, Param, Value

LABEL, ICON = size("inspectorLabel"), size("inspectorIcon")  # px, the columns beside the field

MEETING = (QEvent.Type.Enter, QEvent.Type.Leave, QEvent.Type.FocusIn, QEvent.Type.FocusOut)


class Handle(Press):
    """A label that can be dragged away."""

    pulled = Signal()
    _start: QPointF | None = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._start = event.position()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        way = event.position() - self._start
        if way.manhattanLength() >= QApplication.startDragDistance():
            self._start = None
            self.pulled.emit()


class Back(Button):
    """To the value that the stage brings. Seen only while its row is met."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, image="rotate-ccw")
        self.met = False
        self.setFixedSize(20, 20)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        kept = self.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.setSizePolicy(kept)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.met:
            super().paintEvent(event)


class Row(QWidget):
    """whole: of any node of the document, else of one of the level in view."""

    def __init__(
        self,
        session: Session,
        theme: Theme,
        node: NodeId,
        param: Param,
        title: str = "",
        whole: bool = False,
    ) -> None:
        super().__init__()
        self.session, self.node, self.param, self.whole = session, node, param, whole
        self.parameter = Parameter(session, node, param, whole)
        name = param.name.replace("_", " ")
        self.label = Handle(title or name[:1].upper() + name[1:])
        self.label.setProperty("role", "label")
        self.label.setToolTip(param.doc)
        self.label.pulled.connect(self._carry)
        self.field = fields.field(theme, param.kind)
        furnish(self.field, session, self.spot.node, theme)
        self.field.setAccessibleName(self.label.text())
        for part in self.field.findChildren(QWidget):  # what really has the focus
            if part.focusPolicy() != Qt.FocusPolicy.NoFocus and not part.accessibleName():
                part.setAccessibleName(self.label.text())
        self.field.setToolTip(param.doc)
        self.field.edited.connect(self._edit)
        self.field.refused.connect(lambda words: session.told.emit("error", words, ""))
        self.source = Press()
        self.source.setProperty("role", "wired")
        self.source.setToolTip(tr("A wire brings the value; a click goes to where it comes from."))
        self.source.pressed.connect(self._go_to_source)
        self.back = Back(theme)
        self.back.setAccessibleName(tr("Reset {}").format(self.label.text()))
        self.back.clicked.connect(self.reset)
        self.star = Star(theme)
        self.star.clicked.connect(self.turn_star)
        self._arrange()
        for part in (self, self.label, *self.field.findChildren(QWidget)):
            part.installEventFilter(self)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def _arrange(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.star.setFixedSize(ICON, self.star.height())
        if self.field.tall:
            line.addWidget(self.label)
            line.addWidget(self.back)
            line.addStretch(1)
            line.addWidget(self.star)
            below = QVBoxLayout()
            below.setContentsMargins(0, 0, ICON, 0)
            below.addWidget(self.field)
            below.addWidget(self.source)
            column.addLayout(line)
            column.addLayout(below)
            return
        named = QWidget()
        named.setFixedWidth(LABEL)
        room = QHBoxLayout(named)
        room.setContentsMargins(0, 0, 4, 0)
        room.setSpacing(2)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        room.addWidget(self.label, 1)
        room.addWidget(self.back)
        line.addWidget(named)
        line.addWidget(self.field, 1)
        line.addWidget(self.source, 1)
        line.addWidget(self.star)
        column.addLayout(line)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in MEETING:
            QTimer.singleShot(0, self, self._meet)  # the focus is there only after the event
        return False

    def _meet(self) -> None:
        """Show what can be done here only while the mouse or the keys are here."""
        for part in (self.back, self.star):
            part.met = self.in_hand
            part.update()

    # What it shows

    @property
    def document(self) -> Document:
        return self.parameter.document

    @property
    def spot(self) -> Spot:
        """The parameter itself, though a group may show it."""
        return self.parameter.spot

    @property
    def in_hand(self) -> bool:
        """Whether the mouse or the keys are at it."""
        focus = QApplication.focusWidget()
        return self.underMouse() or (focus is not None and self.isAncestorOf(focus))

    def show_value(self) -> None:
        node = self.document.nodes[self.node]
        value = node.values.get(self.param.name, self.param.default)
        changed = value != self.param.default
        self.field.put(value)
        self.field.mark(changed)
        links = self.parameter.links
        self.back.setVisible(changed and not links)
        self.back.setToolTip(tr("Back to {}").format(str(self.param.default)[:60] or "nothing"))
        self.label.setProperty("changed", changed)
        self.label.style().unpolish(self.label)
        self.label.style().polish(self.label)
        inside = groups.inner_spot(self.session, self.node, self.param.name) is not None
        hand = Qt.CursorShape.OpenHandCursor if inside else Qt.CursorShape.ArrowCursor
        self.label.setCursor(hand)
        self.star.setChecked(self.spot.name in self._owner().starred)
        self.field.setVisible(not links)
        self.source.setVisible(bool(links))
        if links:
            self.source.setText(self.parameter.whence)
        if isinstance(self.field, fields.SeedField):
            self.field.offer_last(self.session.seeds.last(self.spot))

    def _owner(self) -> Node:
        return self.session.document.nodes[self.spot.node]

    # Hands

    def _edit(self, value: Value, merge: str) -> None:
        if not self.parameter.put(value, merge) and self.parameter.there:
            self.show_value()

    def reset(self) -> None:
        after = self.document.reset(self.node, self.param.name)
        self._act(f"Reset {self.label.text().lower()}", after)

    def turn_star(self) -> None:
        """Among the controls, or no longer."""
        session, spot = self.session, self.spot
        on = spot.name not in self._owner().starred
        after = session.document.star(spot.node, spot.name, on)
        session.edit(f"{'Star' if on else 'Unstar'} {self.label.text().lower()}", after)

    @property
    def can_be_port(self) -> bool:
        """Whether wires of some type can drive it; what a group shows, they drive inside."""
        known = self.param.kind.wire != ANY
        return known and self.node not in self.session.document.groups

    def turn_port(self) -> None:
        """An input port, or a plain field again."""
        if not self.can_be_port:
            words = f"No wire can bring {self.label.text().lower()}: set it by hand."
            self.session.told.emit("info", words, "")
            return
        shown = self.param.name not in self.document.nodes[self.node].exposed
        after = self.document.expose(self.node, self.param.name, shown)
        self._act("Show port" if shown else "Hide port", after)

    def _act(self, label: str, after: Document, merge: str = "") -> None:
        self.parameter.act(label, after, merge)

    def _carry(self) -> None:
        """By its label to the edge of the group around it."""
        if groups.inner_spot(self.session, self.node, self.param.name) is None:
            return
        drag = QDrag(self)
        drag.setMimeData(groups.mime(self.node, self.param.name))
        drag.setPixmap(self.label.grab())
        self.session.sight.carried.emit(True)
        drag.exec(Qt.DropAction.CopyAction)
        self.session.sight.carried.emit(False)

    def _go_to_source(self) -> None:
        """Select what the wire comes from, at the level where it lies."""
        session = self.session
        for link in self.parameter.links[:1]:
            origin = session.document.nodes.get(link.node)
            if origin and origin.group != session.sight.scope:
                session.sight.dive(origin.group)
            session.select([link.node])

    def _menu(self, at: QPoint) -> None:
        node = self.document.nodes.get(self.node)
        if node is None:
            return
        menu = QMenu(self)
        reset = QAction(tr("Reset"), menu, enabled=self.param.name in node.values)
        reset.triggered.connect(self.reset)
        menu.addAction(reset)
        groups.add_to_menu(self.session, self.node, self.param.name, menu)
        if self.can_be_port:
            shown = self.param.name in node.exposed
            words = tr("Take the port away") if shown else tr("Show as a port")
            menu.addAction(words, self.turn_port)
        on = self.spot.name in self._owner().starred
        menu.addAction(tr("Take the star away") if on else tr("Star it"), self.turn_star)
        menu.exec(self.mapToGlobal(at))
        menu.deleteLater()


def furnish(field: fields.Field, session: Session, node: NodeId, theme: Theme) -> None:
    """Tell a field what the window knows: the models it may take, the words a model has learnt.

    node: the one that has the parameter, though the face of a group shows it.
    """
    equip(field, session, node, theme)
    if isinstance(field, fields.PromptField):
        prompting.inform(field.words, session, node)


def in_hand(rows: Iterable[Row]) -> Row | None:
    """The row under the mouse, else the one with the focus."""
    held = [row for row in rows if row.isVisible() and row.in_hand]
    return next((row for row in held if row.underMouse()), held[0] if held else None)
