"""What the screen really shows in the middle of a gesture, against a full repaint of that moment.

`QWidget.grab` paints all of a widget anew, so it never shows what a missing update left behind.
Here the pixels come from the window's own backing store, where Qt keeps what its partial repaints
have painted. To watch a gesture:

    watch = Watch(canvas.widget)            # before it, with the window on the screen
    carry(canvas, start, end)               # painted after every move, still held
    watch.check(seen=[end])                 # torn or stale pixels fail, and so does an empty hand
    let_go(canvas, end)
    watch.check()                           # nothing of it stays behind

`widget` is what to look at: the canvas's view, a field, a tool tip, or a whole window. Pass `plate`
as the canvas keeps a picture of itself that must be forgotten for a full repaint; `Watch` finds it
by itself in every canvas of the widget's window.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from nodeforge.app.canvas.viewer import Viewer

Pixels = NDArray[np.int16]  # (height, width, 3), 0 to 255
ROUNDING, SPECKS = 24, 6  # of 255; pixels that may differ by more, where curves are clipped
SEEN = 12  # of 255: a pixel that changed so much is seen to
AROUND = 10  # pixels around a place, where what is in the hand must show


def settled() -> None:
    """Let Qt paint what was asked to be painted; no timer goes on meanwhile."""
    for _ in range(3):
        QApplication.sendPostedEvents()


def shown(widget: QWidget) -> Pixels:
    """What is on the screen of a widget now. Without a screen Qt has this at 100 % only."""
    settled()
    window = widget.window()
    shot = window.screen().grabWindow(window.winId())
    assert not shot.isNull(), "the window is not on the screen"
    image = shot.toImage().convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8).astype(np.int16)
    whole = flat.reshape(image.height(), image.width(), 4)[..., :3]
    return _cut(whole, QRect(widget.mapTo(window, QPoint()), widget.size()), widget)


def _cut(pixels: Pixels, part: QRect, widget: QWidget) -> Pixels:
    """A part of a picture of the screen, where a pixel of ours may be several."""
    ratio = widget.devicePixelRatioF()
    left, top = round(part.x() * ratio), round(part.y() * ratio)
    right, low = round((part.right() + 1) * ratio), round((part.bottom() + 1) * ratio)
    return pixels[top:low, left:right]


def repainted(widget: QWidget) -> Pixels:
    """The same after all of its window was painted anew."""
    window = widget.window()
    views = [each for each in (window, *window.findChildren(QWidget)) if isinstance(each, Viewer)]
    for view in views:
        view.scenery._plate.forget()
    for each in (window, *window.findChildren(QWidget)):
        each.update()
    return shown(widget)


def apart(one: Pixels, other: Pixels) -> NDArray[np.int16]:
    """(height, width): how far two pictures are from each other at each pixel."""
    assert one.shape == other.shape
    far: NDArray[np.int16] = np.abs(one - other).max(axis=2)
    return far


class Watch:
    """Remembers how a widget looked before the gesture: as now, if it is not told."""

    def __init__(self, widget: QWidget, before: Pixels | None = None) -> None:
        self.widget = widget
        QApplication.processEvents()  # a new window comes onto the screen
        self.before = repainted(widget) if before is None else before

    def check(self, seen: Iterable[QPointF | QPoint | QRect] = ()) -> Pixels:
        """Nothing is torn, stale or missing.

        seen: where something of the gesture must show that was not there before: places of the
        scene (QPointF), or places (QPoint) and parts (QRect) of the widget. Returns the picture.
        """
        kept = shown(self.widget)
        wrong = apart(kept, repainted(self.widget)) > ROUNDING
        assert wrong.sum() <= SPECKS, f"{wrong.sum()} stale pixels within {_around(wrong)}"
        changed = apart(kept, self.before)
        for place in seen:
            there = _cut(changed, self._part(place), self.widget)
            assert there.size, f"{place} is out of view"
            assert (there > SEEN).any(), f"nothing is seen at {place}"
        return kept

    def _part(self, place: QPointF | QPoint | QRect) -> QRect:
        if isinstance(place, QPointF):
            assert isinstance(self.widget, Viewer)
            place = self.widget.viewport().mapTo(self.widget, self.widget.mapFromScene(place))
        if isinstance(place, QPoint):
            place = QRect(place, place).adjusted(-AROUND, -AROUND, AROUND, AROUND)
        return place & self.widget.rect()


def _around(wrong: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom."""
    rows, columns = np.nonzero(wrong)
    return columns.min(), rows.min(), columns.max(), rows.max()
