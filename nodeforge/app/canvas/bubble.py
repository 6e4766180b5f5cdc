"""What lies over the canvas while a value is in the hand: a ring around its row, and words beside
the node that say what becomes of it. Neither grows with the zoom."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from nodeforge.app.theme import TOKENS, Theme

RING = float(TOKENS["node"]["scrubRing"])
HIGH, PAD, GAP = 26, 10, 10  # of the bubble, px
BESIDE = 12  # from the node to its bubble


class Over(QWidget):
    """A widget over the viewport that the mouse goes through."""

    def __init__(self, theme: Theme, viewport: QWidget) -> None:
        super().__init__(viewport)
        self.theme, self.viewport = theme, viewport
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()


class Ring(Over):
    """Around the row that is held."""

    def lie(self, row: QRectF) -> None:
        """row: in the viewport."""
        self.setGeometry(row.toAlignedRect().adjusted(-2, -2, 2, 2))
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.theme.colour("hand"), RING))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.25, 1.25, -1.25, -1.25), 5, 5)


class Bubble(Over):
    """Words in the order they stand: each with whether it is strong, plain or dim."""

    def __init__(self, theme: Theme, viewport: QWidget) -> None:
        super().__init__(theme, viewport)
        self.words: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        return " ".join(word for word, _ in self.words)

    def say(self, *words: tuple[str, str]) -> None:
        """words: a text and its role: "changed" (strong), "body" or "dim"."""
        self.words = words
        wide = sum(self._width(*word) for word in words) + GAP * (len(words) - 1) + 2 * PAD
        self.resize(round(wide + 0.5), HIGH)
        self.update()

    def lie(self, node: QRect, row: QRectF) -> None:
        """Beside the node at the height of the row, on the side where there is room."""
        seen = self.viewport.rect()
        x = node.right() + BESIDE
        if x + self.width() > seen.right():
            x = node.left() - BESIDE - self.width()
        if x < 0:  # no room at either side: below the row
            x = min(max(round(row.left()), 0), max(seen.right() - self.width(), 0))
            y = round(row.bottom()) + 6
        else:
            y = round(row.center().y() - HIGH / 2)
        self.move(QPoint(x, min(max(y, 0), seen.height() - HIGH)))
        self.show()
        self.raise_()

    def _width(self, text: str, role: str) -> float:
        return QFontMetricsF(self._font(role)).horizontalAdvance(text)

    def _font(self, role: str) -> QFont:
        return self.theme.font("body" if role == "dim" else role)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.theme.colour("popupLine"), 1))
        painter.setBrush(self.theme.colour("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        at = QPointF(PAD, 0)
        for text, role in self.words:
            wide = self._width(text, role)
            painter.setFont(self._font(role))
            painter.setPen(self.theme.colour("text3" if role == "dim" else "text"))
            box = QRectF(at.x(), 0, wide + 1, self.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
            at += QPointF(wide + GAP, 0)
