"""The parameters of the selected node, made from their kinds; every edit goes to the session."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from nodeforge.app import showing
from nodeforge.app.controls import Badge, Press
from nodeforge.app.facepanel import FacePanel
from nodeforge.app.fields import LineField, NumberField
from nodeforge.app.presets import PresetMenu
from nodeforge.app.row import Row
from nodeforge.app.session import Session
from nodeforge.app.state import RunState
from nodeforge.app.stateline import StateLine
from nodeforge.app.theme import Theme, icon, size
from nodeforge.app.words import tr
from nodeforge.graph.document import Diff, Node, NodeId
from nodeforge.graph.spec import StageSpec

BADGES = {
    "error": ("1 problem", "errorHeader", "triangle-alert"),
    "missing": ("blocked", "error", "ban"),
    "will run": ("will run", "idle", "circle-small"),
    "cached": ("made", "ok", "check"),
}

LOW = 240  # px of height, below which all of it scrolls


def type_of(spec: StageSpec | None) -> str:
    """The wire type whose colour a stage wears: what it makes; empty for one that makes nothing."""
    return spec.outputs[0].type if spec is not None and spec.outputs else ""


def title_of(node: Node, spec: StageSpec | None) -> str:
    return node.title or (spec.title if spec is not None else node.stage)


class Inspector(QWidget):
    """Title, description, parameters and state of `session.current`."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self.session, self.theme = session, theme
        self.rows: dict[str, Row] = {}
        self._node: NodeId | None = None
        self._made_for: tuple[NodeId, StageSpec | None] | None = None
        self.page = self._page()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.page, 1)
        session.selected.connect(self.show_current)
        session.changed.connect(self._changed)
        session.offered.connect(self._offered)
        session.stated.connect(self._stated)
        session.settling.connect(self.settle)
        session.seeds.used.connect(self.show_current)
        self.show_current()

    def _page(self) -> QWidget:
        page = QWidget()
        self.image = QLabel()
        self.title = Press()
        self.title.setProperty("role", "heading")
        self.title.setToolTip(tr("Double-click to rename"))
        self.title.opened.connect(self.rename)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.line = QLineEdit()
        self.line.hide()
        self.line.editingFinished.connect(self._renamed)
        self.line.installEventFilter(self)
        self.badge = Badge(self.theme)
        self.presets = PresetMenu(self.session, self.theme)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.image)
        head.addWidget(self.title, 1)
        head.addWidget(self.line, 1)
        head.addWidget(self.badge)
        head.addWidget(self.presets.button)
        self.doc = QLabel(wordWrap=True)
        self.doc.setProperty("role", "dim")
        self.holder = QWidget()
        self.list = QVBoxLayout(self.holder)
        self.list.setContentsMargins(12, 12, 12, 12)
        self.list.setSpacing(size("inspectorPitch") - size("inspectorField"))
        self.list.addLayout(head)
        self.list.addWidget(self.doc)
        self.list.addSpacing(4)
        self.face = FacePanel(self.session)
        self.list.addWidget(self.face)
        self.list.addStretch(1)
        self.pane = scroll = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.holder)
        self.state = StateLine(self.theme)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(scroll, 1)
        self.state.mended.connect(self._mend)
        self.state.shown.connect(lambda path: showing.show(self.session, Path(path)))
        column.addWidget(self.state)
        return page

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_state()

    def _place_state(self) -> None:
        """Where it is low, how the node stands scrolls with the rows: below, or first if wrong."""
        low, column = self.height() < LOW, self.page.layout()
        self.doc.setVisible(not low)
        self.title.setToolTip(self.doc.text() if low else tr("Double-click to rename"))
        if column is None:
            return
        if not low:
            if column.indexOf(self.state) < 0:
                column.addWidget(self.state)
            return
        node = self.session.current
        wrong = node is not None and self.session.state(node.id).phase in ("error", "missing")
        place = self.list.indexOf(self.doc) + 1 if wrong else self.list.count() - 1
        if self.list.indexOf(self.state) not in (place, place - 1):
            self.list.insertWidget(place, self.state)

    # Showing

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.presets.wear(theme)
        self.badge.wear(theme)
        self.state.wear(theme)
        self._made_for = None
        self.show_current()

    def show_current(self) -> None:
        node = self.session.current
        if node is None or node.id != self._node:
            self.settle()
        self._node = node.id if node else None
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
            row = self.rows[param.name] = Row(self.session, self.theme, node.id, param)
            self.list.insertWidget(self.list.count() - 2, row)

    def _fill(self, node: Node, spec: StageSpec | None) -> None:
        colour = self.theme.colour("text2")
        if type_of(spec):
            colour = self.theme.type_colour(type_of(spec))
        name = next(
            (v.icon for v in (spec.variants if spec else ()) if v.icon and v.title == node.title),
            spec.icon if spec else "",
        )
        self.image.setPixmap(icon(name or "box", colour, 16, self.devicePixelRatioF()))
        self.title.setText(title_of(node, spec))
        words = spec.doc if spec else f"No installed pack has “{node.stage}”; it is kept as it is."
        self.doc.setText(words.strip().split("\n\n")[0].replace("\n", " "))
        for row in self.rows.values():
            row.show_value()
        self.face.show_group(node.id)

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
        self.state.say(node, state, self.session.standing.writes(id))
        self._place_state()

    def _mend(self, label: str) -> None:
        if self._node is not None:
            self.session.mending.mend(self._node, label)

    # Hands

    def settle(self) -> None:
        """Take what is half typed, in whatever field."""
        for row in self.rows.values():
            row.field.settle()

    def open_row(self, name: str) -> None:
        """Bring a parameter into view, ready to be typed in."""
        if (row := self.rows.get(name)) is None:
            return
        self.list.activate()
        self.pane.ensureWidgetVisible(row)
        if row.field.isHidden():
            return  # a wire brings its value
        row.field.setFocus()
        if isinstance(row.field, NumberField):
            row.field.scrub.type_in()
        elif isinstance(row.field, LineField):
            row.field.line.selectAll()

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
            self.session.act(tr("Rename"), after)

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
    if state.phase == "missing" and state.fixes:
        return "needs you", "needs", ""
    return BADGES.get(state.phase, ("", "idle", ""))
