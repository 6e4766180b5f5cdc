"""A panel at the left or the right: docked beside the canvas, or folded and opened over it."""

from __future__ import annotations

from typing import Any, Literal

from PySide6.QtCore import (
    QEasingCurve,
    QEvent,
    QObject,
    QPoint,
    Qt,
    QTimer,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import QCursor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSplitter, QWidget

from nodeforge.app import motion
from nodeforge.app.theme import Theme

TIME = 120  # ms, of opening
LINGER = 400  # ms after the mouse has left what it opened
Side = Literal["left", "right"]


class Flyout(QWidget):
    """Lies over the canvas; one pixel of edge towards it."""

    escaped = Signal()

    def __init__(self, host: QWidget, theme: Theme, side: Side) -> None:
        super().__init__(host)
        self.theme, self.side = theme, side
        row = QHBoxLayout(self)
        row.setContentsMargins(*((0, 0, 1, 0) if side == "left" else (1, 0, 0, 0)))
        row.setSpacing(0)
        self.row = row
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        asked = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if asked and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # closes this before it stops a run
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self.theme.colour("lineStrong"))


class Drawer(QObject):
    """docked: in the splitter, at its first or last place; else in a flyout, while it is open.

    host: what the flyout lies over. rail: its icons, which count as part of it for the mouse.
    """

    changed = Signal()  # docked or not, open or not

    def __init__(
        self,
        panel: QWidget,
        splitter: QSplitter,
        host: QWidget,
        rail: QWidget,
        theme: Theme,
        side: Side,
    ) -> None:
        super().__init__(host)
        self.panel, self.splitter, self.host, self.rail, self.side = (
            panel,
            splitter,
            host,
            rail,
            side,
        )
        self.docked = False
        self.width = 208
        self._hovering = False
        self.flyout = Flyout(host, theme, side)
        self.flyout.escaped.connect(self._escaped)
        self._away = QTimer(self, singleShot=True, interval=LINGER)
        self._away.timeout.connect(self._left)
        self._move = QVariantAnimation(self, duration=TIME)
        self._move.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._move.setStartValue(0.0)
        self._move.setEndValue(1.0)
        self._move.valueChanged.connect(self._place)
        self.flyout.row.addWidget(panel)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._focus_moved)
        host.installEventFilter(self)
        self.flyout.installEventFilter(self)

    @property
    def open(self) -> bool:
        """Whether its panel is to be seen, docked or not."""
        return self.docked or not self.flyout.isHidden()

    def dock(self, on: bool) -> None:
        """Stand beside the canvas, or fold."""
        if on == self.docked:
            return
        self.docked = on
        if on:
            self.flyout.hide()
            at = 0 if self.side == "left" else self.splitter.count()
            self.splitter.insertWidget(at, self.panel)
            self.panel.show()
        else:
            self.flyout.row.addWidget(self.panel)
            self.panel.show()  # within the flyout, which is hidden
        self.changed.emit()

    def pull(self, hovering: bool = False) -> None:
        """Open it over the canvas. hovering: only while the mouse is on it."""
        if self.docked:
            return
        fresh = self.flyout.isHidden()
        self._hovering = hovering and (fresh or self._hovering)
        self._away.stop()
        if fresh:
            self.flyout.raise_()
            moves = motion.moving() and self.host.isVisible()
            self._place(0.0 if moves else 1.0)
            self.flyout.show()
            if moves:
                self._move.start()
            self.changed.emit()

    def push(self) -> None:
        """Close it, unless it is docked."""
        if self.docked or self.flyout.isHidden():
            return
        self._move.stop()
        self._hovering = False
        self.flyout.hide()
        self.changed.emit()

    def wear(self, theme: Theme) -> None:
        self.flyout.theme = theme
        self.flyout.update()

    def _place(self, part: Any) -> None:
        """How far it is out, 0 to 1."""
        room = self.host.width() - (self.rail.width() if self.rail.isVisible() else 0)
        width = min(self.width, room)
        hidden = round((1.0 - float(part)) * width * 0.25)
        start = self.rail.geometry()
        left = self.side == "left"
        x = start.right() + 1 - hidden if left else start.left() - width + hidden
        self.flyout.setGeometry(x, 0, width, self.host.height())

    def _escaped(self) -> None:
        self.push()

    def _focus_moved(self, before: QWidget | None, now: QWidget | None) -> None:
        """Another part of the window has the keyboard: it is not needed any more."""
        if now is None or self.docked or self.flyout.isHidden():
            return
        inside = self.flyout.isAncestorOf(now) or self.rail.isAncestorOf(now)
        if not inside and now.window() is self.host.window():
            self.push()

    def _left(self) -> None:
        """The mouse is elsewhere: close what only the mouse held open."""
        focus = QApplication.focusWidget()
        used = focus is not None and self.flyout.isAncestorOf(focus)
        pops = QApplication.activePopupWidget() is not None
        held = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        if self._hovering and not used:
            if pops or held:
                self._away.start()
            elif not (self._under(self.flyout) or self._under(self.rail)):
                self.push()

    def _under(self, part: QWidget) -> bool:
        at: QPoint = part.mapFromGlobal(QCursor.pos())
        return part.isVisible() and part.rect().contains(at)

    def mouse_left(self) -> None:
        self._away.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.host and event.type() == QEvent.Type.Resize and not self.docked:
            self._place(1.0)
        elif watched is self.flyout and event.type() == QEvent.Type.Leave:
            self._away.start()
        elif watched is self.flyout and event.type() == QEvent.Type.Enter:
            self._away.stop()
        return False
