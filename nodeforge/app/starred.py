"""Controls: the starred parameters of the graph in one place, and with F11 the whole app."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from nodeforge.app.controls import Button, Empty
from nodeforge.app.row import Row
from nodeforge.app.session import Session
from nodeforge.app.theme import Theme, size
from nodeforge.app.waiting import dress_cancel
from nodeforge.app.words import tr
from nodeforge.graph.document import Spot
from nodeforge.graph.spec import Param, Text
from nodeforge.graph.stars import controls, star_usual

NONE = tr("Nothing is starred yet. Star a parameter in the Inspector to have it here.")
LENT = tr("Select a node to see its parameters. Those with a star stand here.")


class Starred(QWidget):
    """rows: by what each one shows. simple: alone with the picture, so Run is here."""

    counted = Signal(int)

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self.session, self.theme = session, theme
        self.rows: dict[Spot, Row] = {}
        self._made_for: list[tuple[Spot, Param, str]] | None = None
        self.lent = False
        self.setObjectName("starred")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.empty = Empty(
            theme,
            "star",
            NONE,
        )
        self.usual = Button(theme, tr("Star the usual ones"), "star", "default")
        self.usual.setToolTip(tr("Prompts, seeds and what stands beside them"))
        self.usual.clicked.connect(self._star_usual)
        self.title = QLabel(tr("Controls"))
        self.title.setProperty("role", "heading")
        self.title.setContentsMargins(12, 12, 12, 0)
        self.title.hide()
        self.filler = QWidget()
        self.holder = QWidget()
        self.list = QVBoxLayout(self.holder)
        self.list.setContentsMargins(12, 12, 12, 12)
        self.list.setSpacing(size("inspectorPitch") - size("inspectorField"))
        self.list.addStretch(1)
        self.area = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self.holder)
        self.make = Button(theme, tr("Make a picture"), "play", "heat", "Ctrl ↵")
        self.make.setFixedHeight(40)
        self.make.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.make.clicked.connect(lambda: session.run())
        self.stop = Button(theme, tr("Cancel"), "square", "default", "Esc")
        self.stop.setFixedHeight(40)
        self.stop.setSizePolicy(self.make.sizePolicy())
        self.stop.clicked.connect(session.cancel)
        self.hint = QLabel(tr("These are the starred parameters of the graph."))
        self.hint.setProperty("role", "faint")
        self.foot = QWidget()
        foot = QVBoxLayout(self.foot)
        foot.setContentsMargins(12, 8, 12, 12)
        foot.setSpacing(8)
        for part in (self.make, self.stop, self.hint):
            foot.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.title)
        column.addWidget(self.empty)
        column.addWidget(self.usual, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.area, 1)
        column.addWidget(self.filler, 1)
        column.addWidget(self.foot)
        session.changed.connect(lambda _: self.show_all())
        session.offered.connect(self.show_all)
        session.opened.connect(self.show_all)
        session.seeds.used.connect(self.show_all)
        session.settling.connect(self.settle)
        session.running_changed.connect(self._running)
        session.runs.changed.connect(self._dress)
        self.set_simple(False)
        self._running(False)
        self.show_all()

    def _dress(self) -> None:
        dress_cancel(self.stop, self.session.runs)

    def set_simple(self, simple: bool) -> None:
        self.foot.setVisible(simple)

    def set_lent(self, lent: bool) -> None:
        """Whether they stand in for the Inspector, while nothing is selected."""
        if lent == self.lent:
            return
        self.lent = lent
        self.title.setVisible(lent)
        self.empty.words.setText(LENT if lent else NONE)

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        for part in (self.empty, self.usual, self.make, self.stop):
            part.wear(theme)
        self._made_for = None
        self.show_all()

    def show_all(self) -> None:
        session = self.session
        wanted = [
            (spot, param, self._title(spot, param))
            for spot, param in controls(session.document, session.specs)
        ]
        if wanted != self._made_for:
            self._made_for = wanted
            self._make(wanted)
            self.counted.emit(len(wanted))
        self.empty.setVisible(not wanted)
        self.usual.setVisible(not wanted and bool(session.document.nodes))
        self.area.setVisible(bool(wanted))
        self.filler.setVisible(not wanted)
        for row in self.rows.values():
            row.show_value()

    def settle(self) -> None:
        """Take what is half typed, in whatever field."""
        for row in list(self.rows.values()):
            row.field.settle()

    def _title(self, spot: Spot, param: Param) -> str:
        """Words go by the name of their node: Prompt, Negative prompt."""
        node = self.session.document.nodes[spot.node]
        if isinstance(param.kind, Text) and (param.kind.prompt or param.kind.lines > 1):
            return node.title or self.session.specs[node.stage].title
        return ""

    def _make(self, wanted: list[tuple[Spot, Param, str]]) -> None:
        for row in self.rows.values():
            self.list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = {}
        for spot, param, title in wanted:
            row = Row(self.session, self.theme, spot.node, param, title, whole=True)
            owner = self.session.document.nodes[spot.node]
            name = owner.title or self.session.specs[owner.stage].title
            row.label.setToolTip(f"{name} · {param.name.replace('_', ' ')}\n{param.doc}".strip())
            self.rows[spot] = row
            self.list.insertWidget(self.list.count() - 1, row)

    def _star_usual(self) -> None:
        session = self.session
        session.edit(tr("Star the usual ones"), star_usual(session.document, session.specs))

    def _running(self, running: bool) -> None:
        self.make.setVisible(not running)
        self.stop.setVisible(running)
