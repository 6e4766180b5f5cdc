"""What of the viewport is to be repainted: where something changed, not all of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from PySide6.QtCore import QRect
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QGraphicsView

from nodeforge.app.canvas.items import Card, Pipe
from nodeforge.app.canvas.scenery import Scenery

FEW = 24  # nodes, beyond which all that is in view is repainted


class Damage:
    """exposed: what the paint event that goes on shows."""

    def __init__(self, view: QGraphicsView, scenery: Scenery) -> None:
        self.view, self.scenery = view, scenery
        self.exposed = QRegion()
        self._overlaid = False  # something lay over the canvas at the last repaint

    def around(self, cards: Collection[Card], gone: Iterable[Pipe] = (), all: bool = False) -> None:
        """Where these nodes and their wires show and showed. gone: wires that may be no more. all:
        everywhere, which it is as well if something lies or lay over the canvas."""
        over = self.scenery.overlaid
        if over or self._overlaid or all or len(cards) > FEW:
            self.view.viewport().update()
        else:
            pipes = {*gone, *(pipe for card in cards for pipe in card.pipes())}
            self.view.viewport().update(self.scenery.reach(cards, pipes))
        self._overlaid = over

    def overlay(self) -> None:
        """What lies over the nodes, and so beyond their own areas, is shown or no longer."""
        modes = QGraphicsView.ViewportUpdateMode
        on = self.scenery.costs or self.scenery.lit or self.scenery.edge.waits
        self.view.setViewportUpdateMode(
            modes.FullViewportUpdate if on else modes.BoundingRectViewportUpdate
        )
        self.view.viewport().update()

    def painted(self, parts: Sequence[QRect]) -> None:
        """These were painted anew: what nobody has asked for is shown in a moment."""
        for part in parts:
            if not (beyond := QRegion(part) - self.exposed).isEmpty():
                self.view.viewport().update(beyond)
