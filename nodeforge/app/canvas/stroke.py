"""Cut wires by a stroke across them: Ctrl with the right button, Y held down, or Alt and Shift."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPainterPath

from nodeforge.app.canvas.gesture import Gesture
from nodeforge.app.canvas.items import Pipe
from nodeforge.app.canvas.navigation import KEYS

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

Button, Modifier = Qt.MouseButton, Qt.KeyboardModifier
BOUNDED = QLineF.IntersectionType.BoundedIntersection


class Stroke(Gesture):
    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.path: QPainterPath | None = None

    def pressed(self, event: QMouseEvent) -> bool:
        view, at = self.canvas.widget, event.position().toPoint()
        keys = event.modifiers() & KEYS
        if event.button() == Button.LeftButton:
            both = keys == Modifier.AltModifier | Modifier.ShiftModifier
            cuts = Qt.Key.Key_Y in view.held or (both and view.thing_at(at) is None)
        else:
            ctrl = keys == Modifier.ControlModifier
            cuts = ctrl and event.button() == Button.RightButton
        if cuts:
            self.path = QPainterPath(view.mapToScene(at))
        return cuts

    def moved(self, event: QMouseEvent) -> None:
        if self.path is not None:
            self.path.lineTo(self.canvas.widget.mapToScene(event.position().toPoint()))
            self.canvas.scenery.stroke = self.path
            self.canvas.widget.viewport().update()

    def released(self, event: QMouseEvent) -> None:
        path, self.path = self.path, None
        if path is None:
            return
        self.canvas.scenery.stroke = None
        self.canvas.widget.viewport().update()
        if path.elementCount() > 1:
            box = path.boundingRect().adjusted(-1, -1, 1, 1)  # one without width meets nothing
            met = self.canvas.widget.scene().items(box)
            pipes = [item for item in met if isinstance(item, Pipe) and crosses(path, item.path())]
            self.canvas.wiring.rewire([pipe.ends() for pipe in pipes], [])


def crosses(stroke: QPainterPath, wire: QPainterPath) -> bool:
    """Whether two lines meet."""
    pieces = [QLineF(*pair) for pair in pairwise(_points(wire))]
    for pair in pairwise(_points(stroke)):
        cut = QLineF(*pair)
        if any(cut.intersects(piece)[0] == BOUNDED for piece in pieces):
            return True
    return False


def _points(path: QPainterPath) -> list[QPointF]:
    return [polygon.at(n) for polygon in path.toSubpathPolygons() for n in range(polygon.size())]
