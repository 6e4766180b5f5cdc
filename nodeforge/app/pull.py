"""What a drag across a number makes of it, wherever the number is drawn."""

from __future__ import annotations

from itertools import count

from PySide6.QtCore import Qt

from nodeforge.app import arithmetic
from nodeforge.graph.spec import Dice, Number

SLACK = 3  # px before a press is a drag
PER_STEP = 4  # px a step, where there is no range to cross
_drags = count(1)


class Pull:
    """One drag. Its edits share a merge key: they are one undo step.

    Whole numbers stay exact however large they are: only the way is a float.
    """

    def __init__(self, kind: Number, value: float, width: float) -> None:
        """width: px on the screen that the whole range takes."""
        self.kind, self.start, self.value = kind, value, value
        self.merge = f"scrub{next(_drags)}"
        span = span_of(kind)
        self._rate = (span[1] - span[0]) / max(width, 1) if span else kind.step / PER_STEP
        low, high = span or (kind.low, kind.high)
        # A drag stays in the soft range, unless the value is already beyond it.
        self._reach = min(low - value, 0), max(high - value, 0)
        self._way = 0.0

    def move(self, pixels: float, keys: Qt.KeyboardModifier) -> int | float:
        """The value so many pixels further. Shift goes ten times finer, Ctrl ten times coarser."""
        fine = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        coarse = not fine and bool(keys & Qt.KeyboardModifier.ControlModifier)
        way = self._way + pixels * self._rate * (0.1 if fine else 10 if coarse else 1)
        self._way = min(max(way, self._reach[0]), self._reach[1])
        way = round(self._way) if self.kind.whole else self._way
        self.value = arithmetic.stepped(self.kind, self.start + way, fine)
        return self.value


def span_of(kind: Number) -> tuple[float, float] | None:
    """The range that a field fills and a drag crosses; a seed has none."""
    return None if isinstance(kind, Dice) else arithmetic.span(kind)
