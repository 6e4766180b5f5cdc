"""The inputs that a new node cannot do without beat a few times; then a ring around them stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QVariantAnimation

from nodeforge.app import motion
from nodeforge.app.canvas.items import Port
from nodeforge.graph.document import Diff, Node

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

BEAT, BEATS = 700, 3  # ms, and how many
FEW = 8  # nodes at once; more are a file or a paste, where all would beat


class Pulse(QVariantAnimation):
    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas.widget)
        self.canvas = canvas
        self.setStartValue(0.0)
        self.setEndValue(1.0)
        self.setDuration(BEAT)
        self.setLoopCount(BEATS)
        self.valueChanged.connect(self._beat)
        self.finished.connect(lambda: self._show((), 0.0))
        canvas.session.sight.seen.connect(self._look)

    def _look(self, change: Diff) -> None:
        cards = self.canvas.cards
        new = [
            cards[each.id] for each in change.added if isinstance(each, Node) and each.id in cards
        ]
        if 0 < len(new) <= FEW and motion.moving():
            self._show(tuple(port for card in new for port in card.entries if needed(port)), 0.0)
            if self.canvas.scenery.beating[0]:
                self.start()

    def _beat(self, part: float) -> None:
        self._show(tuple(port for port in self.canvas.scenery.beating[0] if needed(port)), part)

    def _show(self, ports: tuple[Port, ...], part: float) -> None:
        self.canvas.scenery.beating = (ports, part)
        self.canvas.widget.viewport().update()


def needed(port: Port) -> bool:
    """Whether it is an open input without which its node cannot run."""
    pin = port.pin
    muted = port.node.look.face.muted
    return not (pin.out or pin.optional or muted or port.connected_pipes) and bool(port.scene())
