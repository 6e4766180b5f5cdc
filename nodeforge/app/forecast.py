"""Under Run, while the mouse or the focus is on it: what a run would do, and what blocks it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nodeforge.app.canvas import Canvas, faults
from nodeforge.app.controls import Button
from nodeforge.app.state import RunState
from nodeforge.app.theme import Theme, icon
from nodeforge.app.words import tr
from nodeforge.base import units
from nodeforge.graph.document import Node, NodeId

WIDE, SHOWN = 360, 6  # px; rows of each sort
AFTER, LINGER = 350, 250  # ms from the mouse to the panel, and from Run to a row of the panel
KEYS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


class Forecast(QFrame):
    """Nothing is looked at or drawn until it opens."""

    def __init__(self, canvas: Canvas, theme: Theme, run: Button, parent: QWidget) -> None:
        super().__init__(parent)
        self.session, self.canvas, self.theme, self.run = canvas.session, canvas, theme, run
        self.setObjectName("forecast")
        self.setAccessibleName(tr("What a run would do"))
        self.setFixedWidth(WIDE)
        self.rows: list[QWidget] = []
        self.blocked: dict[NodeId, Button] = {}
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(14, 12, 14, 12)
        self.column.setSpacing(6)
        self._opening = QTimer(self, singleShot=True, interval=AFTER)
        self._opening.timeout.connect(self.open)
        self._closing = QTimer(self, singleShot=True, interval=LINGER)
        self._closing.timeout.connect(self.shut)
        self._filling = QTimer(self, singleShot=True, interval=0)
        self._filling.timeout.connect(self._fill)
        run.installEventFilter(self)
        run.pressed.connect(self.shut)
        self.session.running_changed.connect(lambda _: self.shut())
        self.session.stated.connect(self._again)
        self.session.opened.connect(self.shut)
        self.hide()

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.shut()

    # When

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The mouse and the focus come to Run, and leave it."""
        match event.type():
            case QEvent.Type.Enter:
                self._closing.stop()
                self._opening.start()
            case QEvent.Type.Leave:
                self._leave()
            case QEvent.Type.FocusIn if isinstance(event, QFocusEvent) and event.reason() in KEYS:
                self.open()
            case QEvent.Type.FocusOut | QEvent.Type.Hide:
                self.shut()
            case QEvent.Type.ToolTip:
                return self.isVisible()  # it would lie over the panel
            case _:
                pass
        return False

    def enterEvent(self, event: QEvent) -> None:
        self._closing.stop()

    def leaveEvent(self, event: QEvent) -> None:
        self._leave()

    def _leave(self) -> None:
        """Not at once: the way to a row of the panel leads over its edge."""
        self._opening.stop()
        if self.isVisible() and not self.run.hasFocus():
            self._closing.start()

    def open(self) -> None:
        """Light the canvas and open under Run."""
        self._opening.stop()
        if self.session.running or not self.session.document.nodes:
            return
        self._fill()
        self.canvas.widget.light(True)
        self.show()
        self.raise_()

    def shut(self) -> None:
        """Take the light off."""
        self._opening.stop()
        self._closing.stop()
        if self.isVisible():
            self.hide()
            self.canvas.widget.light(False)

    def _again(self) -> None:
        if self.isVisible():
            self._filling.start()

    # What

    def _fill(self) -> None:
        self._clear()
        session = self.session
        nodes = [node for node in session.document.nodes.values() if not node.muted]
        told = [(node, session.state(node.id)) for node in nodes]
        made = [each for each in told if each[1].phase == "will run"]
        kept = [each for each in told if each[1].phase == "cached"]
        blocked = [each for each in told if each[1].phase in ("error", "missing")]
        self._head(made, blocked)
        self._list(made)
        if kept:
            saved = sum(state.seconds for _, state in kept)
            words = tr("saves {}").format(units.duration(saved)) if saved >= 0.05 else ""
            self._line("check", "ok", tr("Kept: {}").format(len(kept)), words)
        for node, state in blocked[:SHOWN]:
            self._block(node, state)
        if len(blocked) > SHOWN:
            self._line("ban", "error", tr("and {} more").format(len(blocked) - SHOWN), "")
        self.column.activate()
        self.adjustSize()
        self._place()

    def _clear(self) -> None:
        for row in self.rows:
            self.column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows, self.blocked = [], {}

    def _head(
        self, made: list[tuple[Node, RunState]], blocked: list[tuple[Node, RunState]]
    ) -> None:
        times = [state.seconds for _, state in made]
        if not made:
            words = tr("Nothing can run yet.") if blocked else tr("All is made; nothing to run.")
        elif all(times):
            words = tr("About {}").format(units.duration(sum(times)))
        else:
            many = tr("{} nodes will run").format(len(made))
            words = many if len(made) > 1 else tr("One node will run")
        title = QLabel(words)
        title.setProperty("role", "heading")
        self._put(title)

    def _list(self, made: list[tuple[Node, RunState]]) -> None:
        """What will run, and how long that took last time."""
        for node, state in made[:SHOWN]:
            took = units.duration(state.seconds) if state.seconds else tr("not timed yet")
            self._line("circle-small", "text2", self._title(node), took)
        if len(made) > SHOWN:
            rest = sum(state.seconds for _, state in made[SHOWN:])
            more = tr("and {} more").format(len(made) - SHOWN)
            self._line("circle-small", "text2", more, units.duration(rest) if rest else "")

    def _line(self, image: str, colour: str, words: str, right: str) -> None:
        took = QLabel(right)
        took.setProperty("role", "dim")
        self._row(image, colour, QLabel(words), took)

    def _row(self, image: str, colour: str, *parts: QWidget) -> None:
        """A sign, what takes the room there is, and what stands at the right."""
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        sign = QLabel()
        sign.setPixmap(icon(image, self.theme.colour(colour), 16, self.devicePixelRatioF()))
        line.addWidget(sign)
        for part in parts:
            line.addWidget(part, int(part is parts[0]))
        self._put(row)

    def _block(self, node: Node, state: RunState) -> None:
        """A button that goes there, and why it is blocked."""
        go = Button(self.theme, tr("Go there"), kind="default")
        go.setAccessibleName(tr("Go to {}").format(self._title(node)))
        go.clicked.connect(lambda _=False: self.go(node.id))
        self.blocked[node.id] = go
        why = QLabel(state.message)
        why.setWordWrap(True)
        why.setProperty("role", "dim")
        self._row("ban", "error", QLabel(self._title(node)), go)
        self._put(why)

    def _put(self, row: QWidget) -> None:
        self.rows.append(row)
        self.column.addWidget(row)
        row.show()

    def _title(self, node: Node) -> str:
        spec = self.session.specs.get(node.stage)
        return node.title or (spec.title if spec else node.stage)

    def go(self, id: NodeId) -> None:
        self.shut()
        faults.go_to(self.canvas, id)

    def _place(self) -> None:
        """Under Run, its right edge at Run's."""
        window = self.window()
        corner = self.run.mapTo(window, QPoint(self.run.width(), self.run.height() + 6))
        self.move(max(corner.x() - self.width(), 0), corner.y())
