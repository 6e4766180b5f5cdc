"""The rubber band: a thin line in the colour of the selection, and a veil that hides nothing."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QRubberBand, QWidget

from nodeforge.app.canvas.scenery import Scenery

VEIL = 0.12


class Band(QRubberBand):
    """isActive: NodeGraphQt's name for whether one is drawn."""

    def __init__(self, view: QWidget, scenery: Scenery) -> None:
        super().__init__(QRubberBand.Shape.Rectangle, view)
        self.scenery, self.isActive = scenery, False

    def paintEvent(self, event: QPaintEvent) -> None:
        line = self.scenery.theme.colour("hand")
        veil = self.scenery.theme.colour("hand")
        veil.setAlphaF(VEIL)
        painter = QPainter(self)
        painter.setPen(line)
        painter.setBrush(veil)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
