"""The slim bar on top: the document's name, undo, progress, the device, Cancel and Run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSpacerItem, QWidget

from nodeforge.app.controls import Button
from nodeforge.app.frame.logo import Logo
from nodeforge.app.frame.name import Name
from nodeforge.app.frame.segments import Segments
from nodeforge.app.inspector import title_of
from nodeforge.app.session import Session
from nodeforge.app.state import doing_words
from nodeforge.app.theme import Theme, icon
from nodeforge.app.waiting import Waiting, dress_cancel, stopping_words
from nodeforge.app.words import tr
from nodeforge.base import units
from nodeforge.engine.messages import Ended, Event, Finished, Memory, Progress, Queued

HEIGHT = 48
EDGE, APART = 12, 8  # px: around the bar, and between its parts
SAYS = (290, 225, 164)  # px for what a run is at: the same for all it says, so that nothing jumps
LEFT = 56  # px for the time that is left


class Bar(QWidget):
    """A thin filled line, 4 px."""

    def __init__(self, theme: Theme, width: int, colour: str, end: str = "") -> None:
        super().__init__()
        self.theme, self.colour, self.end, self.part = theme, colour, end or colour, 0.0
        self.setFixedSize(width, 4)

    def put(self, part: float) -> None:
        self.part = min(max(part, 0.0), 1.0)
        self.update()

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.colour("line"))
        painter.drawRoundedRect(self.rect(), 2, 2)
        tint = QLinearGradient(0, 0, self.width(), 0)
        tint.setColorAt(0, self.theme.colour(self.colour))
        tint.setColorAt(1, self.theme.colour(self.end))
        painter.setBrush(tint)
        painter.drawRoundedRect(QRectF(0, 0, self.width() * self.part, 4), 2, 2)


class Gauge(QWidget):
    """The device and its memory; a click, or Space, says what lies in it."""

    pressed = Signal()

    def __init__(self, theme: Theme, *parts: QWidget) -> None:
        super().__init__()
        self.theme = theme
        self.setFixedHeight(30)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(tr("What lies in memory"))
        self.setAccessibleName(tr("Memory"))
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 0)
        row.setSpacing(8)
        for part in parts:
            row.addWidget(part)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self.theme.colour("hand"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)


class TopBar(QWidget):
    menu_wanted = Signal()

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self.session, self.theme = session, theme
        self.setObjectName("topBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self._nodes: tuple[object, ...] = ()
        self._done = 0
        self._began = 0.0
        self._known = False
        self._long = self._short = ""  # what a run is at
        self.logo = Logo(theme)
        self.menu = _quiet(theme, "menu", tr("Menu"))
        self.menu.clicked.connect(self.menu_wanted)
        self.name = Name(theme)
        self.open = Button(theme, tr("Open"), "folder-open")
        self.open.setToolTip(tr("Open a graph (Ctrl+O)"))
        self.templates = Button(theme, tr("Templates"), "layers")
        self.templates.setToolTip(tr("Start from a template"))
        simple = (("workflow", tr("Graph")), ("list", tr("Simple")))
        self.mode = Segments(theme, tr("View"), *simple)
        self.undo = _quiet(theme, "undo-2", tr("Undo (Ctrl+Z)"))
        self.redo = _quiet(theme, "redo-2", tr("Redo (Ctrl+Shift+Z)"))
        self.said = QLabel()
        self.said.setProperty("role", "dim")
        self.progress = Bar(theme, 132, "heat", "heatEnd")
        self.eta = QLabel()
        self.eta.setProperty("role", "strong")
        self.eta.setMinimumWidth(LEFT)
        self.chip = QLabel()
        self.device = QLabel()
        self.device.setProperty("role", "dim")
        self.memory = Bar(theme, 56, "text3")
        self.used = QLabel()
        self.used.setProperty("role", "dim")
        self.gauge = Gauge(theme, self.chip, self.device, self.memory, self.used)
        self.cancel = Button(theme, tr("Cancel"), "square", "default", "Esc")
        self.run = Button(theme, tr("Run"), "play", "heat", "Ctrl ↵")
        self.waiting = Waiting(session, theme)
        for button, tip in (
            (self.cancel, tr("Stop the run (Esc)")),
            (self.run, tr("Run (Ctrl+Enter)")),
        ):
            button.setFixedHeight(30)
            button.setToolTip(tip)
        self._arrange()
        session.titled.connect(self._titled)
        session.running_changed.connect(self._running)
        session.runs.changed.connect(self._follow)
        session.runs.begun.connect(self._begin)
        session.news.connect(self._heard)
        self._titled()
        self._running(False)
        self.say_device()

    def _arrange(self) -> None:
        """The view's switch in the middle; what is left and right of it, in groups."""
        self.left: tuple[QWidget, ...] = (
            *(self.logo, self.menu, self.name),
            *(self.open, self.templates, self.undo, self.redo),
        )
        self.right: tuple[QWidget, ...] = (
            *(self.said, self.progress, self.eta),
            *(self.gauge, self.cancel, self.waiting, self.run),
        )
        # What makes room, the first one first; all of it is in the menu or in a tool tip too.
        self.yielding: tuple[Callable[[], object], ...] = (
            self.device.hide,
            lambda: self.logo.set_short(True),
            lambda: self._say_within(SAYS[1]),
            self.templates.hide,
            self.open.hide,
            self.memory.hide,
            lambda: self._say_within(SAYS[2]),
            self.used.hide,
            self.said.hide,
            lambda: self.mode.set_short(True),
            self._hide_history,
            self.gauge.hide,
            lambda: _set_key(self.cancel, ""),
            lambda: _set_key(self.run, ""),
            self.eta.hide,
            self.progress.hide,
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(EDGE, 0, EDGE, 1)
        row.setSpacing(APART)
        self._gap = QSpacerItem(0, 0, QSizePolicy.Policy.Fixed)
        for before in self.left:
            row.addWidget(before)
        row.addSpacerItem(self._gap)
        row.addWidget(self.mode)
        row.addStretch(1)
        for after in self.right:
            row.addWidget(after)

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        parts = (self.logo, self.menu, self.undo, self.redo, self.progress, self.memory)
        begins = (self.name, self.open, self.templates, self.mode)
        for part in (*parts, *begins, self.cancel, self.waiting, self.run):
            part.wear(theme)
        self.gauge.theme = theme
        self.say_device()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.fit()

    def say_device(self) -> None:
        """The device and its memory, or that the worker is not ready yet."""
        device = self.session.device
        self.chip.setPixmap(icon("cpu", self.theme.colour("text2"), 16, self.devicePixelRatioF()))
        self.device.setText(device or tr("Starting…"))
        memory = self.session.memory
        known = bool(device) and memory.total > 0
        self.chip.setToolTip(device)
        self._known = known
        if known:
            self.memory.put(memory.used / memory.total)
            self.used.setText(units.share(memory.used, memory.total))
        self.fit()

    def fit(self) -> None:
        """Show all that there is room for, and the switch as near the middle as may be."""
        running = self.session.running
        always = (self.open, self.templates, self.undo, self.redo, self.gauge, self.device)
        wanted = dict.fromkeys(always, True)
        wanted |= dict.fromkeys((self.said, self.progress, self.eta, self.cancel), running)
        wanted |= dict.fromkeys((self.memory, self.used), self._known)
        for part, there in wanted.items():
            part.setVisible(there)
        self.logo.set_short(False)
        self.mode.set_short(False)
        self._say_within(SAYS[0])
        _set_key(self.cancel, "Esc")
        _set_key(self.run, "Ctrl ↵")
        for step in self.yielding:
            if self._needs() <= self.width():
                break
            step()
        spare = max(self.width() - self._needs(), 0)
        wanted_name = self.name.sizeHint().width()
        least = self.name.minimumSizeHint().width()
        self.name.setFixedWidth(max(least, min(wanted_name, least + spare)))
        left = _taken(self.left) + self.name.width() - least
        right, mode = _taken(self.right), self.mode.sizeHint().width()
        middle = (self.width() - mode) // 2 - EDGE - left
        room = self.width() - 2 * EDGE - left - right - mode - 2 * APART
        self._gap.changeSize(max(min(middle, room), 0), 0, QSizePolicy.Policy.Fixed)
        if (row := self.layout()) is not None:
            row.invalidate()

    def _say(self, words: str, short: str) -> None:
        """What a run is at, and the same where there is little room."""
        if (words, short) != (self._long, self._short):
            self._long, self._short = words, short
            self.said.setToolTip(words)

    def _say_within(self, room: int) -> None:
        """In full, or else in short. room: px."""
        measure = self.said.fontMetrics()
        words = self._long if measure.horizontalAdvance(self._long) <= room else self._short
        self.said.setFixedWidth(room)
        self.said.setText(measure.elidedText(words, Qt.TextElideMode.ElideRight, room))

    def _hide_history(self) -> None:
        self.undo.hide()
        self.redo.hide()

    def _needs(self) -> int:
        if (inside := self.gauge.layout()) is not None:
            inside.invalidate()
        parts = _taken(self.left) + _taken(self.right)
        return parts + self.mode.sizeHint().width() + 2 * APART + 2 * EDGE

    def _titled(self) -> None:
        session = self.session
        self.name.say(session.name, session.dirty)
        history = session.history
        self.undo.setEnabled(history.can_undo)
        self.redo.setEnabled(history.can_redo)
        self.undo.setToolTip(f"Undo {history.undo_label.lower()} (Ctrl+Z)".replace("  ", " "))
        self.redo.setToolTip(f"Redo {history.redo_label.lower()} (Ctrl+Shift+Z)".replace("  ", " "))

    def _running(self, running: bool) -> None:
        self.say_device()
        if running:
            self._begin()

    def _begin(self) -> None:
        """A job begins, or waits for the worker."""
        waits = not self.session.device
        words = tr("Starting the engine…") if waits else tr("Getting ready…")
        self._say(words, words)
        self.progress.put(0.0)
        self.eta.setText("")
        self._began = time.monotonic()
        self.fit()

    def _follow(self) -> None:
        """What Cancel does now, and that it was heard."""
        runs = self.session.runs
        dress_cancel(self.cancel, runs)
        if runs.stopping:
            self._say(stopping_words(runs), tr("Stopping after this step…"))
        self.fit()

    def _heard(self, event: Event) -> None:
        match event:
            case Memory() | Ended():
                self.say_device()
            case Queued():
                self._nodes, self._done = event.nodes, 0
                self._began = time.monotonic()
            case Finished():
                self._done += event.node in self._nodes and not event.cached
            case Progress():
                self._progress(event)
            case _:
                self.say_device()

    def _progress(self, event: Progress) -> None:
        node = self.session.document.nodes.get(event.node)
        if node is None or self.session.runs.stopping:
            return
        title = title_of(node, self.session.specs.get(node.stage))
        said = doing_words(event.doing, event.step, event.steps)
        self._say(f"{title} · {said}" if said else title, said or title)
        self.progress.put(event.fraction)
        spent = time.monotonic() - self._began
        left = spent / event.fraction - spent if event.fraction > 0.1 else 0.0
        self.eta.setText(units.duration(left) if left > 0.05 else "")
        self.fit()
        if event.step <= 1:
            self._began = time.monotonic()


def _taken(parts: Iterable[QWidget]) -> int:
    """Pixels that they need at least, with what lies between them and after them."""
    shown = [part for part in parts if not part.isHidden()]
    return sum(_least(part) + APART for part in shown)


def _least(part: QWidget) -> int:
    if isinstance(part, Name):
        return part.minimumSizeHint().width()
    wanted = part.sizeHint().expandedTo(part.minimumSize())
    return wanted.boundedTo(part.maximumSize()).width()


def _set_key(button: Button, key: str) -> None:
    if button.key != key:
        button.key = key
        button.updateGeometry()


def _quiet(theme: Theme, image: str, tip: str) -> Button:
    button = Button(theme, image=image)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button
