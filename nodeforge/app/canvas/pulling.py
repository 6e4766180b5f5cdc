"""A wire comes off when the hand moves, not at the press; so does one out of a collapsed node.

Only close to an end that end comes off, and in its middle a wire is bent; the cursor shows where.
Anywhere else on it a rubber band begins, as beside it.
"""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING, Literal, TypeAlias

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from nodeforge.app.canvas import dots
from nodeforge.app.canvas.gesture import Gesture
from nodeforge.app.canvas.items import HIT, Board, Card, Pipe, Port, sharing
from nodeforge.app.words import tr

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

Button, Modifier = Qt.MouseButton, Qt.KeyboardModifier
GRAB = 6.0  # screen pixels from a wire
END, SHARE = 24.0, 0.25  # screen pixels at an end where that comes off; of the wire at most
BESIDE = 6.0  # and where a port covers all of that, so many beside the port
BEND, MIDDLE = 40.0, 0.1  # screen pixels to either side of the middle where it bends; at most
SAMPLES = 32


Part: TypeAlias = Literal["output", "middle", "input"]  # of a wire
CURSORS: dict[Part, Qt.CursorShape] = {
    "output": Qt.CursorShape.PointingHandCursor,
    "middle": Qt.CursorShape.CrossCursor,
    "input": Qt.CursorShape.PointingHandCursor,
}


class Pulling(Gesture):
    """What is pressed: a part of a wire, an input with one, or a dot that several ports share."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self._start: QMouseEvent | None = None
        self._held: Port | tuple[Pipe, Part] | None = None

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
            found = None if event.buttons() else self._grasped(event.position())
            self.cursor = CURSORS[found[1]] if isinstance(found, tuple) else None
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

    def _pull(self, pipe: Pipe, part: Part, start: QMouseEvent) -> None:
        view, at = self.canvas.widget, self._scene(start.position())
        if part == "middle":
            dots.put(self.canvas, pipe, at, self.canvas.drag)
            view.hand_over(_press(start))
            return
        kept, off = pipe.ends() if part == "input" else pipe.ends()[::-1]
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

    def _grasped(self, place: QPointF) -> Port | tuple[Pipe, Part] | None:
        """A port, or a wire where the hand can do something with it."""
        at, scene = self._scene(place), self.canvas.widget.scene()
        things = (item for item in scene.items(at) if isinstance(item, Port | Card | Board | Pipe))
        top = next(things, None)
        if isinstance(top, Port):
            single = bool(top.connected_pipes) and not top.multi_connection
            return top if single or len(sharing(top)) > 1 else None
        if isinstance(top, Card | Board):
            return None
        pipe = self._wire_near(at)
        part = part_at(pipe, at, self.canvas.widget.zoom) if pipe is not None else None
        return (pipe, part) if pipe is not None and part is not None else None

    def _wire_near(self, at: QPointF) -> Pipe | None:
        reach = GRAB / self.canvas.widget.zoom
        box = QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach)
        met = (item for item in self.canvas.widget.scene().items(box) if isinstance(item, Pipe))
        near = min(((_far(pipe, at), pipe) for pipe in met), default=None, key=_first)
        return None if near is None or near[0] > reach else near[1]

    def _scene(self, place: QPointF) -> QPointF:
        return QPointF(self.canvas.widget.mapToScene(place.toPoint()))


def part_at(pipe: Pipe, at: QPointF, zoom: float) -> Part | None:
    """What part of a wire a place on it is, if the hand can do something with that."""
    path = pipe.path()
    long = path.length()
    end = max(min(END / zoom, SHARE * long), HIT.width() / 2 + BESIDE / zoom)
    output, input = (_apart(port.centre(), at) for port in pipe.ends())
    if min(output, input) <= end:
        return "output" if output < input else "input"
    bends = min(BEND / zoom, MIDDLE * long)
    return "middle" if _apart(path.pointAtPercent(0.5), at) <= bends else None


def _apart(one: QPointF, other: QPointF) -> float:
    return hypot(one.x() - other.x(), one.y() - other.y())


def _far(pipe: Pipe, at: QPointF) -> float:
    """How far a wire is from a place, in pixels of the scene."""
    path = pipe.path()

    def far(part: float) -> float:
        return _apart(path.pointAtPercent(part), at)

    best = min((step / SAMPLES for step in range(SAMPLES + 1)), key=far)
    for step in (1 / SAMPLES / 2**n for n in range(1, 9)):
        best = min((max(best - step, 0.0), best, min(best + step, 1.0)), key=far)
    return far(best)


def _first(near: tuple[float, Pipe]) -> float:
    return near[0]


def _press(start: QMouseEvent) -> QMouseEvent:
    """The press again, which is gone when it is told the second time."""
    left, none = Button.LeftButton, Modifier.NoModifier
    kind = QEvent.Type.MouseButtonPress
    return QMouseEvent(kind, start.position(), start.globalPosition(), left, left, none)
