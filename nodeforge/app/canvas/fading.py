"""The checks of made nodes fade once all is made: nothing on a canvas with nothing to do is loud.

A check is drawn over its node's pixmap, so that fading paints no node anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QPointF, QRectF, QTimer, QVariantAnimation
from PySide6.QtGui import QPainter

from nodeforge.app import motion
from nodeforge.app.canvas.badge import CHECK, FADED, FRESH, check_box
from nodeforge.app.canvas.items import Card, span
from nodeforge.app.canvas.plate import Marks
from nodeforge.app.theme import TOKENS, Theme, icon
from nodeforge.graph.document import NodeId

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

DONE = ("cached", "idle")  # phases in which nothing is waited for
AFTER, TIME = int(TOKENS["motion"]["madeAfter"]), int(TOKENS["motion"]["made"])  # ms


class Fading(QVariantAnimation):
    """waits: the nodes in view that are not made yet."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas.widget)
        self.canvas = canvas
        self.waits: set[NodeId] = set()
        self.after = QTimer(self, singleShot=True, interval=AFTER)
        self.after.timeout.connect(self._begin)
        self.setStartValue(FRESH)
        self.setEndValue(FADED)
        self.setDuration(TIME)
        self.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.valueChanged.connect(self._fade)
        self.finished.connect(lambda: self._fade(FADED))
        self._made = False
        canvas.session.sight.seen.connect(lambda _: self._count())
        canvas.session.stated.connect(self._stated)
        self._count()

    def _count(self) -> None:
        cards = self.canvas.cards
        self.waits = {id for id, card in cards.items() if card.look.phase not in DONE}
        self._settle()

    def _stated(self, id: NodeId) -> None:
        if (card := self.canvas.cards.get(id)) and card.look.phase not in DONE:
            self.waits.add(id)
        else:
            self.waits.discard(id)
        self._settle()

    def _settle(self) -> None:
        cards = self.canvas.cards.values()
        made = not self.waits and any(card.look.phase == "cached" for card in cards)
        if made == self._made:
            return
        self._made = made
        self.stop()
        if made:
            self.after.start()
            return
        self.after.stop()
        scenery = self.canvas.scenery
        scenery.fading = False
        if scenery.check != FRESH:
            scenery.check = FRESH
            scenery.forget_plate()
            self.canvas.widget.viewport().update()

    def _begin(self) -> None:
        self.canvas.scenery.fading = True
        if motion.moving():
            self.start()
        else:
            self._fade(FADED)

    def _fade(self, opacity: float) -> None:
        scenery = self.canvas.scenery
        scenery.check = opacity
        if opacity == FADED:
            scenery.fading = False
            scenery.forget_plate()
        self.canvas.widget.viewport().update()


def marks(cards: Iterable[Card], opacity: float) -> Marks:
    """While the checks fade, only where they are is painted anew."""
    return {
        ("check", card.id): (span(check_box().translated(card.pos())), opacity)
        for card in cards
        if card.look.phase == "cached"
    }


def paint(
    painter: QPainter, theme: Theme, corner: QPointF, zoom: float, ratio: float, opacity: float
) -> None:
    """The check of a made node. corner: of the node in the viewport."""
    sharp = max(1.0, round(zoom * ratio * 4) / 4)
    image = icon("check", theme.colour("ok"), int(CHECK), sharp)
    box = check_box()
    place = QRectF(corner + box.topLeft() * zoom, box.size() * zoom)
    before = painter.opacity()
    painter.setOpacity(before * opacity)
    painter.drawPixmap(place, image, QRectF(image.rect()))
    painter.setOpacity(before)
