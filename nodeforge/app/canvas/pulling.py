"""A wire comes off when the hand moves, not at the press; so does one out of a collapsed node.

Taken in its middle it is bent there.
"""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from nodeforge.app.canvas import dots
from nodeforge.app.canvas.gesture import Gesture
from nodeforge.app.canvas.items import Board, Card, Pipe, Port, sharing
from nodeforge.app.words import tr

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

Button, Modifier = Qt.MouseButton, Qt.KeyboardModifier
GRAB = 6.0  # screen pixels from a wire
END = 0.4  # of a wire, at either side, where that end comes off; between them it bends
SAMPLES = 32


class Pulling(Gesture):
    """What is pressed: a wire, an input with one, or a dot that several ports share.

    A wire is held with where on it that is: 0 at its output, 1 at its input.
    """

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self._start: QMouseEvent | None = None
        self._held: Port | tuple[Pipe, float] | None = None

    def pressed(self, event: QMouseEvent) -> bool:
        self._start = self._held = None
        plain = not event.modifiers() & ~Modifier.KeypadModifier
        if not plain or event.button() != Button.LeftButton:
            return False
        self._held = self._grasped(event.position())
        if self._held is None:
            return False
        self._start = QMouseEvent(event)
        return True

    def moved(self, event: QMouseEvent) -> None:
        start, held = self._start, self._held
        if start is None or held is None:
            return
        way = event.position() - start.position()
        if way.manhattanLength() < QApplication.startDragDistance():
            return
        self._start = self._held = None
        view, at = self.canvas.widget, self._scene(start.position())
        view.hand_over(None)
        if isinstance(held, tuple):
            pipe, part = held
            self._pull(pipe, part, start)
        elif len(starts := sharing(held)) > 1:
            view.take(starts, None, at)
        else:
            view.hand_over(_press(start))

    def _pull(self, pipe: Pipe, part: float, start: QMouseEvent) -> None:
        view, at = self.canvas.widget, self._scene(start.position())
        if END < part < 1 - END:
            dots.put(self.canvas, pipe, at, self.canvas.drag)
            view.hand_over(_press(start))
            return
        kept, off = pipe.ends() if part > 0.5 else pipe.ends()[::-1]
        view.take((kept,), off, at)
        pipe.delete()

    def released(self, event: QMouseEvent) -> None:
        start, held = self._start, self._held
        self._start = self._held = None
        if start is None or held is None:
            return
        if isinstance(held, Port):
            self.canvas.wiring.pressed(sharing(held))
        else:
            self.canvas.hint.emit(
                tr("Drag the wire near an end to take that off, in its middle to bend it.")
            )

    def _grasped(self, place: QPointF) -> Port | tuple[Pipe, float] | None:
        """A port, or a wire and where on it."""
        at, scene = self._scene(place), self.canvas.widget.scene()
        things = (item for item in scene.items(at) if isinstance(item, Port | Card | Board | Pipe))
        top = next(things, None)
        if isinstance(top, Port):
            single = bool(top.connected_pipes) and not top.multi_connection
            return top if single or len(sharing(top)) > 1 else None
        if isinstance(top, Card | Board):
            return None
        return self._wire_near(at)

    def _wire_near(self, at: QPointF) -> tuple[Pipe, float] | None:
        reach = GRAB / self.canvas.widget.zoom
        box = QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach)
        met = (item for item in self.canvas.widget.scene().items(box) if isinstance(item, Pipe))
        near = min(((*_nearest(pipe, at), pipe) for pipe in met), default=None, key=_first)
        return None if near is None or near[0] > reach else (near[2], near[1])

    def _scene(self, place: QPointF) -> QPointF:
        return QPointF(self.canvas.widget.mapToScene(place.toPoint()))


def _nearest(pipe: Pipe, at: QPointF) -> tuple[float, float]:
    """How far a wire is, in pixels of the scene, and where on it that is: 0 at its output."""
    path = pipe.path()

    def far(part: float) -> float:
        way = path.pointAtPercent(part) - at
        return hypot(way.x(), way.y())

    best = min((step / SAMPLES for step in range(SAMPLES + 1)), key=far)
    for step in (1 / SAMPLES / 2**n for n in range(1, 9)):
        best = min((max(best - step, 0.0), best, min(best + step, 1.0)), key=far)
    return far(best), best


def _first(near: tuple[float, float, Pipe]) -> float:
    return near[0]


def _press(start: QMouseEvent) -> QMouseEvent:
    """The press again, which is gone when it is told the second time."""
    left, none = Button.LeftButton, Modifier.NoModifier
    kind = QEvent.Type.MouseButtonPress
    return QMouseEvent(kind, start.position(), start.globalPosition(), left, left, none)
