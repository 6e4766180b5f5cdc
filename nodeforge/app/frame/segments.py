"""A switch between a few named ways to look at the same thing, all of them in view."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from nodeforge.app.theme import Theme, icon

HEIGHT, PAD, ICON, GAP = 30, 12, 16, 7  # px


class Segments(QWidget):
    """options: an icon and a word each. chosen: the number of the one that was pressed."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, name: str, *options: tuple[str, str]) -> None:
        super().__init__()
        self.theme, self.name, self.options = theme, name, options
        self.at = 0
        self.short = False
        self._over = -1
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self._named()

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def put(self, at: int) -> None:
        """Show that this one holds, without saying so."""
        self.at = at
        self._named()
        self.update()

    def set_short(self, short: bool) -> None:
        """Icons alone."""
        self.short = short
        self.updateGeometry()

    def _named(self) -> None:
        self.setAccessibleName(f"{self.name}: {self.options[self.at][1]}")
        self.setAccessibleDescription(" | ".join(words for _, words in self.options))

    def _width(self, at: int) -> int:
        words = QFontMetrics(self.theme.font("strong")).horizontalAdvance(self.options[at][1])
        return 2 * PAD + ICON + (0 if self.short else GAP + words)

    def box(self, at: int) -> QRectF:
        x = 2 + sum(self._width(each) for each in range(at))
        return QRectF(x, 2, self._width(at), HEIGHT - 4)

    def sizeHint(self) -> QSize:
        return QSize(4 + sum(map(self._width, range(len(self.options)))), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _at(self, place: QPointF) -> int:
        boxes = [self.box(at) for at in range(len(self.options))]
        return next((at for at, box in enumerate(boxes) if box.contains(place)), -1)

    def _press(self, at: int) -> None:
        if 0 <= at < len(self.options) and at != self.at:
            self.chosen.emit(at)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press(self._at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._over = self._at(event.position())
        self.setToolTip(self.options[self._over][1] if self._over >= 0 and self.short else "")
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if (way := ways.get(Qt.Key(event.key()))) is not None:
            self._press(self.at + way)
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._press((self.at + 1) % len(self.options))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self.theme.colour
        around = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        focus = self.hasFocus()
        painter.setPen(QPen(colour("hand" if focus else "line"), 1.5 if focus else 1))
        painter.setBrush(colour("field"))
        painter.drawRoundedRect(around, 7, 7)
        for at, (image, words) in enumerate(self.options):
            box, here = self.box(at), at == self.at
            if here:
                painter.setPen(QPen(colour("line"), 1))
                painter.setBrush(colour("raised"))
                painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
            ink = colour("text" if here or at == self._over else "text2")
            picture = icon(image, ink, ICON, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(box.x() + PAD, box.y() + 5), picture)
            if not self.short:
                painter.setFont(self.theme.font("strong" if here else "body"))
                painter.setPen(ink)
                place = box.adjusted(PAD + ICON + GAP, 0, 0, 0)
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)
