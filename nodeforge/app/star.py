"""The star beside a parameter: whether it is among the controls of the graph."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton

from nodeforge.app.theme import Theme
from nodeforge.app.words import tr


class Star(QAbstractButton):
    """Filled when the parameter is among the controls; else seen only while its row is met."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.met = False  # the mouse or the keys are at its row
        self.setCheckable(True)
        self.setFixedSize(20, 20)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(tr("Star"))
        self.setToolTip(tr("Among the controls (S over it)"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        if not (on or self.met or self.underMouse()):
            return
        painter.translate((self.width() - 20) / 2, 0)
        colour = self.theme.colour("star" if on else "text" if self.underMouse() else "text3")
        shape = QPolygonF()
        for corner in range(10):
            reach = 6.6 if corner % 2 == 0 else 2.9
            angle = math.pi * (corner / 5 - 0.5)
            shape.append(QPointF(10 + reach * math.cos(angle), 10.4 + reach * math.sin(angle)))
        join = Qt.PenJoinStyle.RoundJoin
        painter.setPen(QPen(colour, 1.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, join))
        if on:
            painter.setBrush(colour)
        painter.drawPolygon(shape)
