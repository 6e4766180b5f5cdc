"""The edge of the group in view: a parameter that is dropped there is shown on its face."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QTransform

from nodeforge.app import groups
from nodeforge.app.canvas.face import metrics
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

BAND = 48.0  # screen pixels inwards from the edge of the view, where a drop counts
SOFT, FIRM = 0.10, 0.28  # how strong its light is, and with the parameter over it


@dataclass
class Edge:
    """waits: a parameter is in the hand. over: and it is where it may be dropped."""

    waits: bool = False
    over: bool = False
    known: bool = False  # it is on the face already

    def paint(
        self,
        painter: QPainter,
        theme: Theme,
        view: QRectF,
        rails: Iterable[QRectF],
        to: QTransform,
    ) -> None:
        """view: in pixels of the screen. rails: with the group's ports. to: scene to viewport."""
        if not self.waits:
            return
        inner = view.adjusted(BAND, BAND, -BAND, -BAND)
        band = QPainterPath()
        band.addRect(view)
        if not inner.isEmpty():
            hole = QPainterPath()
            hole.addRoundedRect(inner, 10, 10)
            band = band.subtracted(hole)
        light = theme.colour("hand")
        light.setAlphaF(FIRM if self.over else SOFT)
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(band, light)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("hand"), 3 if self.over else 2))
        painter.drawRect(view.adjusted(1.5, 1.5, -1.5, -1.5))
        for rail in rails:
            painter.drawRoundedRect(to.mapRect(rail).adjusted(-4, -4, 4, 4), 10, 10)
        self._say(painter, theme, view)
        painter.restore()

    def _say(self, painter: QPainter, theme: Theme, view: QRectF) -> None:
        words = tr("On the group's face already") if self.known else tr("Expose here")
        wide = metrics("strong").horizontalAdvance(words) + 24
        box = QRectF(view.center().x() - wide / 2, view.top() + (BAND - 26) / 2, wide, 26)
        painter.setPen(QPen(theme.colour("hand"), 1))
        painter.setBrush(theme.colour("handFill" if self.over else "raised"))
        painter.drawRoundedRect(box, 6, 6)
        painter.setFont(theme.font("strong"))
        painter.setPen(theme.colour("onHandFill" if self.over else "text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def wait(canvas: Canvas, waits: bool) -> None:
    """Light the edge while a parameter is in the hand."""
    canvas.scenery.edge = Edge(waits)
    canvas.widget.damage.overlay()


def meets(canvas: Canvas, at: QPointF) -> bool:
    """Whether a place of the scene is at the edge of the view, or on a rail."""
    view = canvas.widget
    room = QRectF(view.viewport().rect()).adjusted(BAND, BAND, -BAND, -BAND)
    rails = (canvas.cards[id].box for id in canvas.session.level.rails if id in canvas.cards)
    inside = room.contains(QPointF(view.mapFromScene(at)))
    return not inside or any(rail.contains(at) for rail in rails)


def hover(canvas: Canvas, data: QMimeData, at: QPointF) -> None:
    edge, spot = canvas.scenery.edge, groups.carried(canvas.session, data)
    edge.waits = spot is not None
    edge.over = edge.waits and meets(canvas, at)
    edge.known = spot is not None and groups.is_shown(canvas.session, spot)
    canvas.widget.damage.overlay()


def drop(canvas: Canvas, data: QMimeData, at: QPointF) -> None:
    """Show the parameter on the group's face, if it is dropped at the edge."""
    spot, at_edge = groups.carried(canvas.session, data), meets(canvas, at)
    wait(canvas, False)
    if spot is None:
        canvas.hint.emit(tr("Go into the group around it, then drag it to the edge of that."))
    elif not at_edge:
        canvas.hint.emit(tr("Drop it on the edge of the canvas to show it on the group's face."))
    elif not groups.is_shown(canvas.session, spot):
        groups.show(canvas.session, spot)
