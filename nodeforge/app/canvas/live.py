"""The wire in the hand."""

from __future__ import annotations

from collections.abc import Callable

from NodeGraphQt.qgraphics.pipe import LivePipeItem
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nodeforge.app.canvas.items import Port, curve


class LiveWire(LivePipeItem):  # type: ignore[misc]
    """It paints itself, above everything."""

    def __init__(self, pen: Callable[[LiveWire], QPen]) -> None:
        super().__init__()
        self._pen_for = pen
        self._idx_pointer.hide()
        self._idx_text.hide()
        self.setCacheMode(QGraphicsItem.CacheMode.NoCache)
        self.start: Port | None = None

    def draw_path(
        self,
        start_port: Port | None,
        end_port: Port | None = None,
        cursor_pos: QPointF | None = None,
        color: object = None,
    ) -> None:
        if start_port is None or cursor_pos is None:
            return
        self.start = start_port
        ends = (start_port.centre(), QPointF(cursor_pos))
        self.setPath(curve(*ends) if start_port.pin.out else curve(*ends[::-1]))

    def draw_index_pointer(self, *_: object, **__: object) -> None:
        """NodeGraphQt's arrow at the cursor; the wire is enough."""

    def _draw_direction_pointer(self) -> None:
        self._dir_pointer.hide()

    def shape(self) -> QPainterPath:
        return QPainterPath()  # never in the way of what it is dropped on

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setPen(self._pen_for(self))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self.path())
