"""A switch on a node, by keys: a ring around its row, which shows itself whether it is on."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen

from nodeforge.app.numberfield import Field
from nodeforge.app.theme import Theme
from nodeforge.graph.spec import Value

TURNS = (Qt.Key.Key_Space, Qt.Key.Key_Select)


class TurnField(Field):
    """Space or a click turns it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme, self._on = theme, False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def put(self, value: Value) -> None:
        self._on = bool(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in TURNS and not event.isAutoRepeat():
            self.edited.emit(not self._on, "")
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.edited.emit(not self._on, "")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.theme.colour("hand"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
