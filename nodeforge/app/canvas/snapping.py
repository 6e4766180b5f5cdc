"""What is dragged comes to rest on the grid, or in line with its neighbours, as guides show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from nodeforge.app import settings
from nodeforge.app.canvas.items import Board, Card
from nodeforge.app.theme import Theme

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

NAME = "snap"  # of the setting
GRID, GUIDES, OFF = "grid", "guides", "off"
STEP = 24.0  # of the dots
REACH = 6.0  # screen pixels
FARTHEST = 12.0  # pixels of the scene that a snap moves at most
BEGUN = 4.0  # screen pixels that a drag must go before it snaps


def chosen() -> str:
    name = settings.text(NAME, GUIDES)
    return name if name in (GRID, GUIDES, OFF) else GUIDES


class Snapping:
    """lines: the guides to show, in the scene."""

    def __init__(self) -> None:
        self.mode = chosen()
        self.lines: list[QLineF] = []
        self._drag: tuple[str, tuple[float, int, int]] | None = None
        self._among: list[QRectF] = []

    def choose(self, mode: str) -> None:
        self.mode = mode
        settings.put(NAME, mode)

    def pull(self, canvas: Canvas, held: Card | Board) -> None:
        """Move what is dragged to where it snaps. held: what the hand is on."""
        self.lines = []
        view = canvas.widget
        start = view.started(held)
        far = start is not None and QLineF(start, held.pos()).length() * view.zoom >= BEGUN
        if self.mode == OFF or view.modifiers & Qt.KeyboardModifier.ControlModifier or not far:
            return
        moving = canvas.selected_things()
        if self.mode == GRID:
            by = _to_grid(held.pos()) - held.pos()
        else:
            reach = min(REACH / view.zoom, FARTHEST)
            by, self.lines = guided(held.box, self._beside(canvas), reach)
        if not by.isNull():
            for thing in moving:
                thing.setPos(thing.pos() + by)

    def _beside(self, canvas: Canvas) -> list[QRectF]:
        """What is in view and stays where it is, looked up once for a drag and a place of the
        view."""
        drag = (canvas.drag, canvas.widget.spot)
        if self._drag != drag:
            self._drag, seen = drag, canvas.widget.visible()
            self._among = [
                box
                for thing in canvas.things()
                if not thing.isSelected() and seen.intersects(box := thing.box)
            ]
        return self._among

    def rest(self) -> None:
        """Nothing is dragged any more."""
        self.lines = []
        self._drag, self._among = None, []

    def paint(self, painter: QPainter, theme: Theme) -> None:
        if not self.lines:
            return
        pen = QPen(theme.colour("hand"), 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.drawLines(self.lines)


def guided(held: QRectF, among: Iterable[QRectF], reach: float) -> tuple[QPointF, list[QLineF]]:
    """How far to move a box so that it lines up with the nearest ones, and lines that show it."""
    boxes = list(among)
    across = _nearest([(b.left() - held.left(), b) for b in boxes], reach)
    across = across or _nearest([(b.right() - held.right(), b) for b in boxes], reach)
    down = _nearest([(b.top() - held.top(), b) for b in boxes], reach)
    down = down or _nearest([(b.bottom() - held.bottom(), b) for b in boxes], reach)
    by = QPointF(across[0] if across else 0.0, down[0] if down else 0.0)
    new = held.translated(by)
    lines = []
    if across:
        other = across[1]
        x = new.left() if abs(other.left() - new.left()) < 0.01 else new.right()
        both = new.united(other)
        lines.append(QLineF(x, both.top() - 8, x, both.bottom() + 8))
    if down:
        other = down[1]
        y = new.top() if abs(other.top() - new.top()) < 0.01 else new.bottom()
        both = new.united(other)
        lines.append(QLineF(both.left() - 8, y, both.right() + 8, y))
    return by, lines


def _nearest(found: list[tuple[float, QRectF]], reach: float) -> tuple[float, QRectF] | None:
    near = [each for each in found if abs(each[0]) <= reach]
    return min(near, key=lambda each: abs(each[0])) if near else None


def _to_grid(at: QPointF) -> QPointF:
    return QPointF(round(at.x() / STEP) * STEP, round(at.y() / STEP) * STEP)
