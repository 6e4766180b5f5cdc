"""Nodes that give way slide there instead of jumping; the document has them there at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QPointF, QVariantAnimation

from nodeforge.app import motion
from nodeforge.graph.document import NodeId

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

TIME = 200  # ms


class Slide(QVariantAnimation):
    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas.widget)
        self.canvas = canvas
        self._ways: dict[NodeId, tuple[QPointF, QPointF]] = {}
        self.setStartValue(0.0)
        self.setEndValue(1.0)
        self.setDuration(TIME)
        self.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.valueChanged.connect(self._place)

    def places(self) -> dict[NodeId, QPointF]:
        """Where all nodes are drawn, to slide from after an edit."""
        return {id: card.pos() for id, card in self.canvas.cards.items()}

    def run_from(self, places: dict[NodeId, QPointF]) -> None:
        self.settle()
        now = self.places()
        self._ways = {
            id: (start, now[id]) for id, start in places.items() if id in now and now[id] != start
        }
        if self._ways and motion.moving():
            self._place(0.0)
            self.start()

    def settle(self) -> None:
        """Be there at once."""
        if self.state() != QVariantAnimation.State.Stopped:
            self.stop()
            self._place(1.0)
        self._ways = {}

    def _place(self, part: float) -> None:
        for id, (start, end) in self._ways.items():
            if card := self.canvas.cards.get(id):
                card.setPos(start + (end - start) * part)
        self.canvas.route()
