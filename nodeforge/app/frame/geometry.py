"""Where a window may stand: inside the screen it is on, also when screens change or go."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QMargins, QObject, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

LEAST = QSize(900, 560)  # logical px; a smaller screen may ask for less
SETTLE = 150  # ms: screens come, go and change their size one signal after the other
TITLE = 32  # px that a title bar may take, until the frame is known


def best_area(wanted: QRect, areas: Sequence[QRect]) -> QRect:
    """The area that shares most with the wanted rectangle; the nearest one if none does.

    areas: what windows may cover of each screen (QScreen.availableGeometry), the primary first.
    """

    def rank(area: QRect) -> tuple[int, int]:
        shared = area.intersected(wanted)
        apart = (area.center() - wanted.center()).manhattanLength()
        return (shared.width() * shared.height() if shared.isValid() else 0, -apart)

    return max(areas, key=rank)


def inside(wanted: QRect, areas: Sequence[QRect], frame: QMargins | None = None) -> QRect:
    """The wanted rectangle, cut and then moved so that it and its frame lie in one area.

    wanted: a window without its frame. frame: what its title and edges take.
    """
    around = frame or QMargins()
    area = best_area(wanted, areas).marginsRemoved(around)
    size = wanted.size().boundedTo(area.size())
    left = min(max(wanted.left(), area.left()), area.right() + 1 - size.width())
    top = min(max(wanted.top(), area.top()), area.bottom() + 1 - size.height())
    return QRect(QPoint(left, top), size)


def areas() -> list[QRect]:
    """What windows may cover of each screen, in logical pixels, the primary first."""
    first = QGuiApplication.primaryScreen()
    others = [screen for screen in QGuiApplication.screens() if screen is not first]
    return [screen.availableGeometry() for screen in ([first] if first else []) + others]


def frame_of(window: QWidget) -> QMargins:
    """What the desktop draws around a window; a guess while it has drawn nothing yet."""
    outer, inner = window.frameGeometry(), window.geometry()
    if not window.isVisible() or outer == inner:
        return QMargins(0, 0 if window.isVisible() else TITLE, 0, 0)
    return QMargins(
        inner.left() - outer.left(),
        inner.top() - outer.top(),
        outer.right() - inner.right(),
        outer.bottom() - inner.bottom(),
    )


class Keeper(QObject):
    """Keeps a window inside its screen: at the start, and whenever the screens change."""

    def __init__(self, window: QWidget, least: QSize = LEAST) -> None:
        super().__init__(window)
        self.window, self.least = window, least
        self._later = QTimer(self, singleShot=True, interval=SETTLE)
        self._later.timeout.connect(self.keep)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.screenAdded.connect(self._follow)
        app.screenRemoved.connect(self._soon)
        app.primaryScreenChanged.connect(self._soon)
        for screen in app.screens():
            self._follow(screen)

    def restore(self, stored: object, size: QSize) -> None:
        """Stand as when it was last closed, else in this size, maximised if that does not fit."""
        window = self.window
        self._bound()
        whole = areas()[0]
        frame = frame_of(window)
        if not (isinstance(stored, QByteArray) and window.restoreGeometry(stored)):
            room = whole.marginsRemoved(frame).size()
            start = QRect(QPoint(), size.boundedTo(room))
            start.moveCenter(whole.marginsRemoved(frame).center())
            window.setGeometry(inside(start, areas(), frame))
            if size.width() > room.width() or size.height() > room.height():
                window.setWindowState(Qt.WindowState.WindowMaximized)
        self.keep()

    def keep(self) -> None:
        """Bring the window back inside, smaller if need be."""
        self._bound()
        window = self.window
        held = Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen
        if window.windowState() & held:
            return  # the desktop keeps these on a screen
        wanted = inside(window.geometry(), areas(), frame_of(window))
        if wanted != window.geometry():
            window.setGeometry(wanted)

    def _bound(self) -> None:
        """The least size, unless the screen is smaller than that."""
        room = best_area(self.window.geometry(), areas()).size()
        frame = frame_of(self.window)
        edges = QSize(frame.left() + frame.right(), frame.top() + frame.bottom())
        self.window.setMinimumSize(self.least.boundedTo(room - edges))

    def soon(self) -> None:
        """Look again: it was shown, so its frame is known, or is not maximised any more."""
        self._later.start()

    def _soon(self, _: object) -> None:
        self._later.start()

    def _follow(self, screen: QScreen) -> None:
        screen.availableGeometryChanged.connect(self._soon)
        self._later.start()
