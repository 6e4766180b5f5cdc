"""The slim bar on top: the document's name, undo, progress, the device, Cancel and Run."""

from __future__ import annotations

import time

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from nodeforge.app.controls import Button
from nodeforge.app.inspector import title_of
from nodeforge.app.session import Session
from nodeforge.app.state import doing_words
from nodeforge.app.stateline import seconds
from nodeforge.app.theme import Theme, icon
from nodeforge.app.waiting import Waiting, dress_cancel, stopping_words
from nodeforge.app.words import tr
from nodeforge.engine.messages import Ended, Event, Finished, Memory, Progress, Queued

HEIGHT = 48
GIGA = 2**30
ROOMY = 1360  # px; in a narrower window the device is only named in its tooltip


class Logo(QWidget):
    """An N of one wire with a port at its end, going from heat to amber."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        width = QFontMetrics(theme.font("heading")).horizontalAdvance("NodeForge")
        self.setFixedSize(34 + width, HEIGHT)

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(0, (HEIGHT - 20) / 2)
        paint_mark(painter, self.theme, 20)
        painter.resetTransform()
        painter.setFont(self.theme.font("heading"))
        painter.setPen(self.theme.colour("text"))
        box = QRectF(30, 0, self.width() - 30, HEIGHT - 1)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, "NodeForge")


def paint_mark(painter: QPainter, theme: Theme, size: float) -> None:
    """The mark, in a square of this many pixels at the origin."""
    unit = size / 20
    tint = QLinearGradient(0, size, size, 0)
    tint.setColorAt(0, theme.colour("heat"))
    tint.setColorAt(1, theme.colour("heatEnd"))
    path = QPainterPath(QPointF(4 * unit, 17 * unit))
    path.lineTo(4 * unit, 4 * unit)
    path.cubicTo(8 * unit, 4 * unit, 11 * unit, 16 * unit, 16 * unit, 16 * unit)
    path.lineTo(16 * unit, 5 * unit)
    cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    pen = QPen(tint, 2.6 * unit, Qt.PenStyle.SolidLine, cap, join)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("heatEnd"))
    painter.drawEllipse(QPointF(16 * unit, 4 * unit), 3 * unit, 3 * unit)


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


class Name(QWidget):
    """The document's name, with a dot while it is not saved."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme, self.text, self.dirty = theme, "", False
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def say(self, text: str, dirty: bool) -> None:
        self.text, self.dirty = text, dirty
        self.setToolTip(tr("Not saved") if dirty else "")
        self.setAccessibleName(text + (tr(", not saved") if dirty else ""))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.theme.font("label")).horizontalAdvance(self.text)
        return QSize(min(width, 200) + 18, 28)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.theme.font("label"))
        painter.setPen(self.theme.colour("text"))
        room = self.width() - 16
        text = painter.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)
        if self.dirty:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.colour("text2"))
            x = painter.fontMetrics().horizontalAdvance(text) + 10
            painter.drawEllipse(QPointF(x, self.height() / 2 + 0.5), 3, 3)


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
        self.logo = Logo(theme)
        self.menu = _quiet(theme, "menu", tr("Menu"))
        self.menu.clicked.connect(self.menu_wanted)
        self.name = Name(theme)
        self.undo = _quiet(theme, "undo-2", tr("Undo (Ctrl+Z)"))
        self.redo = _quiet(theme, "redo-2", tr("Redo (Ctrl+Shift+Z)"))
        self.said = QLabel()
        self.said.setProperty("role", "dim")
        self.said.setMinimumWidth(40)
        self.progress = Bar(theme, 132, "heat", "heatEnd")
        self.eta = QLabel()
        self.eta.setProperty("role", "strong")
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
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 1)
        row.setSpacing(8)
        left: list[QWidget] = [self.logo, self.menu, self.name, self.undo, self.redo]
        run: list[QWidget] = [self.said, self.progress, self.eta]
        for part in left:
            row.addWidget(part)
        row.addStretch(1)
        for part in run:
            row.addWidget(part)
        row.addSpacing(20)
        row.addWidget(self.gauge)
        row.addSpacing(12)
        row.addWidget(self.cancel)
        row.addWidget(self.waiting)
        row.addWidget(self.run)

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        parts = (self.logo, self.menu, self.undo, self.redo, self.progress, self.memory)
        for part in (*parts, self.cancel, self.waiting, self.run):
            part.wear(theme)
        self.name.theme = self.gauge.theme = theme
        self.say_device()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.say_device()

    def say_device(self) -> None:
        """The device and its memory, or that the worker is not ready yet."""
        device = self.session.device
        self.chip.setPixmap(icon("cpu", self.theme.colour("text2"), 16))
        self.device.setText(device or tr("Starting…"))
        memory = self.session.memory
        known = bool(device) and memory.total > 0
        roomy = self.width() >= ROOMY
        self.chip.setToolTip(device)
        self.device.setVisible(roomy or not known)
        self.memory.setVisible(known and roomy)
        self.used.setVisible(known and (roomy or not self.session.running))
        if known:
            self.memory.put(memory.used / memory.total)
            self.used.setText(
                tr("{:.1f} / {:.0f} GB").format(memory.used / GIGA, memory.total / GIGA)
            )

    def _titled(self) -> None:
        session = self.session
        self.name.say(session.name, session.dirty)
        history = session.history
        self.undo.setEnabled(history.can_undo)
        self.redo.setEnabled(history.can_redo)
        self.undo.setToolTip(f"Undo {history.undo_label.lower()} (Ctrl+Z)".replace("  ", " "))
        self.redo.setToolTip(f"Redo {history.redo_label.lower()} (Ctrl+Shift+Z)".replace("  ", " "))

    def _running(self, running: bool) -> None:
        self.cancel.setVisible(running)
        for part in (self.said, self.progress, self.eta):
            part.setVisible(running)
        self.say_device()
        if running:
            self._begin()

    def _begin(self) -> None:
        """A job begins, or waits for the worker."""
        waits = not self.session.device
        self.said.setText(tr("Starting the engine…") if waits else tr("Getting ready…"))
        self.progress.put(0.0)
        self.eta.setText("")
        self._began = time.monotonic()

    def _follow(self) -> None:
        """What Cancel does now, and that it was heard."""
        runs = self.session.runs
        dress_cancel(self.cancel, runs)
        if runs.stopping:
            self.said.setText(stopping_words(runs))
            self.eta.setText("")

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
        self.said.setText(f"{title} · {said}" if said else title)
        self.progress.put(event.fraction)
        spent = time.monotonic() - self._began
        left = spent / event.fraction - spent if event.fraction > 0.1 else 0.0
        self.eta.setText(seconds(left) if left > 0.05 else "")
        if event.step <= 1:
            self._began = time.monotonic()


def _quiet(theme: Theme, image: str, tip: str) -> Button:
    button = Button(theme, image=image)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button


def app_pixmap(theme: Theme, size: int) -> QPixmap:
    """The icon of the window."""
    picture = QPixmap(size, size)
    picture.fill(QColor(0, 0, 0, 0))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor("#1E1F23"))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(picture.rect(), size * 0.22, size * 0.22)
    painter.translate(size * 0.18, size * 0.18)
    paint_mark(painter, theme, size * 0.64)
    painter.end()
    return picture
