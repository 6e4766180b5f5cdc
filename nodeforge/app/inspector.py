"""The parameters of the selected node, made from their kinds; every edit goes to the session."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from nodeforge.app import fields, groups
from nodeforge.app.controls import Badge, Button, Empty, PanelTitle, Press
from nodeforge.app.session import Session
from nodeforge.app.state import RunState
from nodeforge.app.stateline import StateLine
from nodeforge.app.theme import Theme, icon
from nodeforge.errors import BadValue
from nodeforge.graph.document import Diff, Document, Node, NodeId
from nodeforge.graph.spec import ANY, Param, StageSpec, Value

LABEL = 84  # px, the label column
BADGES = {
    "error": ("1 problem", "errorHeader", "triangle-alert"),
    "missing": ("not ready", "warn", "ban"),
    "will run": ("will run", "warn", "flame"),
    "cached": ("made", "ok", "check"),
}


def type_of(spec: StageSpec | None) -> str:
    """The wire type whose colour a stage wears: what it makes; empty for one that makes nothing."""
    return spec.outputs[0].type if spec is not None and spec.outputs else ""


def title_of(node: Node, spec: StageSpec | None) -> str:
    return node.title or (spec.title if spec is not None else node.stage)


class Row(QWidget):
    """A parameter: its label, its field (or where its wire comes from), and the way back."""

    def __init__(self, inspector: Inspector, node: NodeId, param: Param) -> None:
        super().__init__()
        self.inspector, self.node, self.param = inspector, node, param
        theme = inspector.theme
        self.label = Press(param.name.replace("_", " ").capitalize())
        self.label.setProperty("role", "label")
        self.label.setToolTip(param.doc)
        self.field = fields.field(theme, param.kind)
        self.field.setAccessibleName(self.label.text())
        self.field.setToolTip(param.doc)
        self.field.edited.connect(self._edit)
        self.field.refused.connect(inspector.session_told)
        self.source = QLabel()
        self.source.setProperty("role", "wired")
        self.back = Button(theme, image="rotate-ccw")
        self.back.setFixedSize(20, 20)
        self.back.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.back.setAccessibleName(f"Reset {self.label.text()}")
        self.back.clicked.connect(self._reset)
        self._arrange()
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def _arrange(self) -> None:
        kept = self.back.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(kept)
        line = QHBoxLayout()
        line.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        if self.field.tall:
            line.addWidget(self.label, 1)
            line.addWidget(self.back)
            column.addLayout(line)
            column.addWidget(self.field)
            column.addWidget(self.source)
            return
        self.label.setFixedWidth(LABEL)
        line.addWidget(self.label)
        line.addWidget(self.field, 1)
        line.addWidget(self.source, 1)
        line.addWidget(self.back)
        column.addLayout(line)

    def show_value(self, node: Node, document: Document) -> None:
        changed = self.param.name in node.values
        value = node.values.get(self.param.name, self.param.default)
        self.field.put(value)
        self.back.setVisible(changed)
        self.back.setToolTip(f"Back to {str(self.param.default)[:60] or 'nothing'}")
        self.label.setProperty("changed", changed)
        self.label.style().unpolish(self.label)
        self.label.style().polish(self.label)
        links = node.links.get(self.param.name, ())
        self.field.setVisible(not links)
        self.source.setVisible(bool(links))
        if links:
            origin = document.nodes.get(links[0].node)
            spec = self.inspector.session.level.specs.get(origin.stage) if origin else None
            self.source.setText(f"from {title_of(origin, spec)}" if origin else "from nowhere")

    def _edit(self, value: Value, merge: str) -> None:
        session = self.inspector.session
        document = session.level.document
        if self.node not in document.nodes:
            return
        try:
            self.param.kind.check(value)
        except BadValue as error:
            session.told.emit("error", f"{self.label.text()}: {error}.", "")
            self.show_value(document.nodes[self.node], document)
            return
        name = self.param.name
        if value == self.param.default and type(value) is type(self.param.default):
            after = document.reset(self.node, name)
        else:
            after = document.set(self.node, **{name: value})
        key = f"{merge}:{self.node}:{name}" if merge else ""
        session.act(f"Change {self.label.text().lower()}", after, key)

    def _reset(self) -> None:
        session = self.inspector.session
        after = session.level.document.reset(self.node, self.param.name)
        session.act(f"Reset {self.label.text().lower()}", after)

    def _menu(self, at: QPoint) -> None:
        session = self.inspector.session
        node = session.level.document.nodes.get(self.node)
        if node is None:
            return
        menu = QMenu(self)
        reset = QAction("Reset", menu, enabled=self.param.name in node.values)
        reset.triggered.connect(self._reset)
        menu.addAction(reset)
        groups.add_to_menu(session, self.node, self.param.name, menu)
        if self.param.kind.wire != ANY and node.id not in session.document.groups:
            shown = self.param.name in node.exposed
            port = QAction("Take the port away" if shown else "Show as a port", menu)
            port.triggered.connect(lambda: self._expose(not shown))
            menu.addAction(port)
        menu.exec(self.mapToGlobal(at))

    def _expose(self, shown: bool) -> None:
        session = self.inspector.session
        label = "Show port" if shown else "Hide port"
        session.act(label, session.level.document.expose(self.node, self.param.name, shown))


class Inspector(QWidget):
    """Title, description, parameters and state of `session.current`."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self.session, self.theme = session, theme
        self.rows: dict[str, Row] = {}
        self._node: NodeId | None = None
        self._made_for: tuple[NodeId, StageSpec | None] | None = None
        self.bar = PanelTitle(theme, "Inspector")
        self.bar.stretch()
        self.empty = Empty(theme, "", "Select a node to see its parameters.")
        self.empty.setContentsMargins(24, 24, 24, 0)
        self.page = self._page()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.empty, 1)
        column.addWidget(self.page, 1)
        session.selected.connect(self.show_current)
        session.changed.connect(self._changed)
        session.offered.connect(self._offered)
        session.stated.connect(self._stated)
        session.settling.connect(self.settle)
        self.show_current()

    def _page(self) -> QWidget:
        page = QWidget()
        self.image = QLabel()
        self.title = Press()
        self.title.setProperty("role", "heading")
        self.title.setToolTip("Double-click to rename")
        self.title.opened.connect(self.rename)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.line = QLineEdit()
        self.line.hide()
        self.line.editingFinished.connect(self._renamed)
        self.line.installEventFilter(self)
        self.badge = Badge(self.theme)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.image)
        head.addWidget(self.title, 1)
        head.addWidget(self.line, 1)
        head.addWidget(self.badge)
        self.doc = QLabel(wordWrap=True)
        self.doc.setProperty("role", "dim")
        self.holder = QWidget()
        self.list = QVBoxLayout(self.holder)
        self.list.setContentsMargins(12, 12, 12, 12)
        self.list.setSpacing(6)
        self.list.addLayout(head)
        self.list.addWidget(self.doc)
        self.list.addSpacing(4)
        self.list.addStretch(1)
        scroll = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.holder)
        self.state = StateLine(self.theme)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(scroll, 1)
        column.addWidget(self.state)
        return page

    # Showing

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.bar.wear(theme)
        self.empty.wear(theme)
        self.badge.wear(theme)
        self.state.wear(theme)
        self._made_for = None
        self.show_current()

    def show_current(self) -> None:
        node = self.session.current
        if node is None or node.id != self._node:
            self.settle()
        self._node = node.id if node else None
        self.empty.setVisible(node is None)
        self.page.setVisible(node is not None)
        if node is None:
            self._made_for = None
            self._clear()
            return
        spec = self.session.level.specs.get(node.stage)
        if self._made_for != (node.id, spec):
            self._made_for = (node.id, spec)
            self._make(node, spec)
        self._fill(node, spec)
        self._stated(node.id)

    def _clear(self) -> None:
        for row in self.rows.values():
            self.list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = {}

    def _make(self, node: Node, spec: StageSpec | None) -> None:
        self._clear()
        self.line.hide()
        self.title.show()
        for param in spec.params if spec else ():
            row = self.rows[param.name] = Row(self, node.id, param)
            self.list.insertWidget(self.list.count() - 1, row)

    def _fill(self, node: Node, spec: StageSpec | None) -> None:
        colour = self.theme.colour("text2")
        if type_of(spec):
            colour = self.theme.type_colour(type_of(spec))
        name = next(
            (v.icon for v in (spec.variants if spec else ()) if v.icon and v.title == node.title),
            spec.icon if spec else "",
        )
        self.image.setPixmap(icon(name or "box", colour, 16))
        self.title.setText(title_of(node, spec))
        words = spec.doc if spec else f"No installed pack has “{node.stage}”; it is kept as it is."
        self.doc.setText(words.strip().split("\n\n")[0].replace("\n", " "))
        for row in self.rows.values():
            row.show_value(node, self.session.level.document)

    def _changed(self, change: Diff) -> None:
        touched = {thing.id for thing in (*change.changed, *change.added)} | set(change.removed)
        node = self.session.current
        fed = {link.node for links in node.links.values() for link in links} if node else set()
        touched |= set(self.session.document.groups)  # a face shows what lies behind it
        if self._node in touched or (node and node.id != self._node) or fed & touched:
            self.show_current()

    def _offered(self) -> None:
        self.show_current()

    def _stated(self, id: NodeId) -> None:
        node = self.session.current
        if node is None or id != node.id:
            return
        state = self.session.state(id)
        self.badge.say(*("muted", "idle", "eye-off") if node.muted else _badge(state))
        self.state.say(node, state)

    # Hands

    def settle(self) -> None:
        """Take what is half typed, in whatever field."""
        for row in self.rows.values():
            row.field.settle()

    def session_told(self, words: str) -> None:
        self.session.told.emit("error", words, "")

    def rename(self) -> None:
        if self.session.current is None:
            return
        self.line.setText(self.title.text())
        self.title.hide()
        self.line.show()
        self.line.setFocus()
        self.line.selectAll()

    def _renamed(self) -> None:
        node = self.session.current
        if node is None or self.line.isHidden():
            return
        title = self.line.text().strip()
        self.line.hide()
        self.title.show()
        spec = self.session.level.specs.get(node.stage)
        if title == (spec.title if spec else ""):
            title = ""
        if title != node.title:
            after = self.session.level.document.rename(node.id, title)
            self.session.act("Rename", after)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.line
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            if event.type() == QEvent.Type.KeyPress:
                self.line.setText(self.title.text())
                self._renamed()
            event.accept()  # also as a shortcut: Escape is ours while a name is typed
            return True
        return False


def _badge(state: RunState) -> tuple[str, str, str]:
    """Word, colour and icon."""
    if state.phase == "running":
        done = f"{state.fraction * 100:.0f} %" if state.fraction else "running"
        return done, "heat", ""
    if state.phase == "queued":
        return ("next" if state.place <= 1 else f"in line, {state.place}"), "idle", "clock"
    return BADGES.get(state.phase, ("", "idle", ""))
