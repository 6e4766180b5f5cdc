"""A shape for every wire type, so that colour is never the only sign."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from nodeforge.app.theme.tokens import TOKENS, shape_name

RADIUS = float(TOKENS["node"]["portRadius"])
TURNS = [math.radians(30 + 60 * corner) for corner in range(6)]
CORNERS: dict[str, list[tuple[float, float]]] = {
    "diamond": TOKENS["shapes"]["diamond"],
    "triangle": TOKENS["shapes"]["triangle"],
    "hexagon": [(1.14 * math.cos(turn), 1.14 * math.sin(turn)) for turn in TURNS],
}


@lru_cache(maxsize=256)
def shape(type: str, radius: float = RADIUS, many: bool = False) -> QPainterPath:
    """The outline around (0, 0), in pixels. many: an input that takes several wires."""
    name = "many" if many else shape_name(type)
    path = QPainterPath()
    if name in CORNERS:
        path.addPolygon(QPolygonF([QPointF(x * radius, y * radius) for x, y in CORNERS[name]]))
        path.closeSubpath()
    elif name in BOXES:
        width, height, corner = (part * radius for part in BOXES[name])
        path.addRoundedRect(QRectF(-width / 2, -height / 2, width, height), corner, corner)
    elif name == "cross":
        path = _cross(radius)
    elif name == "half disc":
        path.moveTo(-0.6 * radius, -radius)
        path.arcTo(QRectF(-1.6 * radius, -radius, 2 * radius, 2 * radius), 90, -180)
        path.closeSubpath()
    else:
        rings = (1.07, 0.78, 0.36) if name == "ring and dot" else (1.0,)
        for ring in rings:
            path.addEllipse(QPointF(), ring * radius, ring * radius)
    return path


BOXES = {"square": (1.9, 1.9, 0.29), "pill": (1.1, 2.3, 0.5), "many": (2.0, 3.64, 0.91)}


def _cross(radius: float) -> QPainterPath:
    arm, reach = 0.42 * radius, 1.15 * radius
    up, across = QPainterPath(), QPainterPath()
    up.addRect(QRectF(-arm, -reach, 2 * arm, 2 * reach))
    across.addRect(QRectF(-reach, -arm, 2 * reach, 2 * arm))
    return up.united(across)
