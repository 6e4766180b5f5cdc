"""What a dot on a wire looks like."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from nodeforge.app.canvas.face import WIDTH, Face, Pin
from nodeforge.app.theme import Theme
from nodeforge.graph.document import Node
from nodeforge.graph.spec import StageSpec

SIZE = 16.0  # of what can be taken hold of
RADIUS = 5.5


def dot_face(node: Node, spec: StageSpec) -> Face:
    entry, out = spec.inputs[0], spec.outputs[0]
    half = SIZE / 2
    return Face(
        title=node.title,
        icon="",
        type=out.type,
        pins=(
            Pin(entry.name, entry.type, half, optional=True, shift=half),
            Pin(out.name, out.type, half, out=True, shift=half - WIDTH),
        ),
        body=SIZE,
        dot=True,
    )


def paint_dot(painter: QPainter, theme: Theme, type: str, selected: bool) -> None:
    centre = QPointF(SIZE / 2, SIZE / 2)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("canvas"))
    painter.drawEllipse(centre, RADIUS + 3, RADIUS + 3)
    if selected:
        painter.setPen(QPen(theme.colour("hand"), 2))
        painter.drawEllipse(centre, RADIUS + 4, RADIUS + 4)
        painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.type_colour(type))
    painter.drawEllipse(centre, RADIUS, RADIUS)
