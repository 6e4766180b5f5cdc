"""What a drop here would do, drawn while it is in the hand: what takes it glows, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTransform

from nodeforge.app.canvas.sign import sign, sign_origin
from nodeforge.app.canvas.stack import RADIUS
from nodeforge.app.theme import Theme


@dataclass(frozen=True)
class Mark:
    """at: where the hand is, box: of the node that takes it, port: its port; all in the scene.

    refused: it would not be taken, and words say why.
    """

    at: QPointF
    words: str
    box: QRectF | None = None
    port: QPointF | None = None
    refused: bool = False

    def paint(self, painter: QPainter, theme: Theme, view: QRectF, to: QTransform) -> None:
        """view: in pixels of the screen. to: scene to viewport."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        halo = theme.colour("hand")
        halo.setAlphaF(0.25)
        for colour, width in ((halo, 9), (theme.colour("hand"), 2.5)):
            pen = QPen(colour, width)
            pen.setCosmetic(True)
            painter.setPen(pen)
            if self.box is not None:
                painter.drawRoundedRect(self.box.adjusted(-3, -3, 3, 3), RADIUS + 3, RADIUS + 3)
            if self.port is not None:
                painter.drawEllipse(self.port, 10.5, 10.5)
        painter.resetTransform()
        if self.words:
            painter.translate(sign_origin(self.words, to.map(self.at), view))
            sign(painter, theme, self.words, "error" if self.refused else "hand")
        painter.restore()
