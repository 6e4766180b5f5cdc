"""Numbers as a field shows and steps them."""

from __future__ import annotations

import math

from PySide6.QtCore import QLocale

from nodeforge.app.words import tr
from nodeforge.base.numbers import written
from nodeforge.graph.spec import Dice, Number


def comma() -> bool:
    """Whether the artist's system parts decimals by a comma."""
    return QLocale.system().decimalPoint() == ","


def ends(kind: Number) -> str:
    """Which numbers are taken, as it stands below a field: 0 to 100."""
    if math.isfinite(kind.low) and math.isfinite(kind.high):
        return tr("{} to {}").format(written(kind.low), written(kind.high))
    if math.isfinite(kind.low):
        return tr("{} or more").format(written(kind.low))
    return tr("{} or less").format(written(kind.high))


def fitted(kind: Number, value: float) -> int | float:
    """The nearest number that the parameter allows."""
    if value < kind.low:
        value = kind.low
    if value > kind.high:
        value = kind.high
    return round(value) if kind.whole else value


def span(kind: Number) -> tuple[float, float] | None:
    """The range a field fills and a drag crosses; None where it has no sensible ends."""
    if kind.soft is not None:
        return kind.soft
    if math.isfinite(kind.low) and math.isfinite(kind.high) and kind.high - kind.low <= 1e5:
        return kind.low, kind.high
    return None


def bar(kind: Number) -> tuple[float, float] | None:
    """The range that a bar behind the value shows; None where its ends mean nothing."""
    return span(kind) if kind.bar and not isinstance(kind, Dice) else None


def stepped(kind: Number, value: float, fine: bool = False) -> int | float:
    """On the grid of the parameter's step (fine: a tenth of it), within its range."""
    if kind.whole:
        whole = 1 if fine else max(1, round(kind.step))
        origin = int(kind.low) if math.isfinite(kind.low) else 0
        return fitted(kind, origin + (round(value) - origin + whole // 2) // whole * whole)
    step = kind.step / 10 if fine else kind.step
    return fitted(kind, round(round(value / step) * step, 9))
