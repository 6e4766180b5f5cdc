"""Shake a node and it comes out of its wires, which are healed behind it."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtGui import QMouseEvent

from nodeforge.app.canvas.gesture import Gesture
from nodeforge.app.canvas.items import Card

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

TURNS, WITHIN = 3, 0.5  # reversals, seconds
SWING = 12.0  # px on the screen: a shorter one is only a trembling hand


class Shake(Gesture):
    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self._far = 0.0  # where the hand was farthest on its way
        self._way = 0  # left or right
        self._turns: deque[float] = deque(maxlen=TURNS)
        self._done = False

    def pressed(self, event: QMouseEvent) -> bool:
        self._far, self._way, self._done = event.position().x(), 0, False
        self._turns.clear()
        return False

    def moved(self, event: QMouseEvent) -> None:
        if self._done or not isinstance(self.canvas.widget.scene().mouseGrabberItem(), Card):
            return
        x = event.position().x()
        if not self._way and abs(x - self._far) >= SWING:
            self._way = 1 if x > self._far else -1
        if self._way * (x - self._far) > 0 or not self._way:
            self._far = x if self._way else self._far
        elif abs(x - self._far) >= SWING:
            self._way, self._far = -self._way, x
            self._turns.append(time.perf_counter())
            full = len(self._turns) == TURNS
            if full and self._turns[-1] - self._turns[0] <= WITHIN:
                self._done = True
                self.canvas.take_out()
