"""A real mouse and real keys, by xdotool; the window lives on meanwhile."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRectF, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from nodeforge.app.canvas import Canvas
from tests.app.forge import wait

MOVES = 8  # of a drag from one place to the next
PATIENCE = 20_000  # ms for one gesture


@dataclass
class Hands:
    """slow: how long each move takes, in seconds."""

    slow: float = 0.0

    def do(self, *words: object) -> None:
        """One call of xdotool, to its end."""
        call = subprocess.Popen(["xdotool", *map(str, words)])
        wait(lambda: call.poll() is not None, PATIENCE)
        assert call.returncode == 0
        settle()

    def answer(self, asked: Callable[[], object], *calls: Sequence[object]) -> None:
        """Once a dialog is there, these calls of xdotool: a dialog has a loop of its own, in which
        whoever opened it waits."""
        look = QTimer(QApplication.instance(), interval=50)

        def try_it() -> None:
            if asked():
                look.stop()
                look.deleteLater()
                for words in calls:
                    subprocess.run(["xdotool", *map(str, words)], check=True)

        look.timeout.connect(try_it)
        look.start()

    def to(self, at: QPoint) -> None:
        self.do("mousemove", at.x(), at.y(), "sleep", 0.02 + self.slow)

    def click(self, at: QPoint, times: int = 1, button: int = 1) -> None:
        self.to(at)
        self.do("click", "--repeat", times, "--delay", 40, button)

    def press(self, at: QPoint) -> None:
        self.to(at)
        self.do("mousedown", 1)

    def carry(self, *places: QPoint) -> None:
        """What is held, from where it is through these places."""
        words: list[object] = []
        here = _mouse()
        for place in places:
            for step in range(1, MOVES + 1):
                share = step / MOVES
                x = round(here.x() + (place.x() - here.x()) * share)
                y = round(here.y() + (place.y() - here.y()) * share)
                words += ["mousemove", x, y, "sleep", 0.01 + self.slow / 4]
            here = place
        self.do(*words)

    def let_go(self) -> None:
        self.do("mouseup", 1)

    def drag(self, *places: QPoint) -> None:
        self.press(places[0])
        self.carry(*places[1:])
        self.let_go()

    def keys(self, *names: str) -> None:
        """As xdotool names them: "ctrl+z", "Return"."""
        for name in names:
            self.do("key", name, "sleep", self.slow)

    def type(self, text: str) -> None:
        self.do("type", "--delay", 12 + round(self.slow * 200), text)

    def hold(self, key: str) -> None:
        self.do("keydown", key)

    def release(self, key: str) -> None:
        self.do("keyup", key)


def settle(times: int = 5) -> None:
    """Let what was just sent arrive, and be painted."""
    for _ in range(times):
        QApplication.processEvents()


def on(widget: QWidget, x: float = 0.5, y: float = 0.5) -> QPoint:
    """A place on a widget, as shares of its size."""
    return widget.mapToGlobal(QPoint(round(widget.width() * x), round(widget.height() * y)))


def scene(canvas: Canvas, at: QPointF | QRectF) -> QPoint:
    """A place of the canvas; the middle of a box."""
    point = at.center() if isinstance(at, QRectF) else at
    place: QPoint = canvas.widget.viewport().mapToGlobal(canvas.widget.mapFromScene(point))
    return place


def _mouse() -> QPoint:
    told = subprocess.run(
        ["xdotool", "getmouselocation"], capture_output=True, text=True, check=True
    ).stdout
    numbers: Iterable[str] = (word.partition(":")[2] for word in told.split()[:2])
    return QPoint(*map(int, numbers))
