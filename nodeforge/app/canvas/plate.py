"""The canvas as it was last painted: a pan shifts it, and a change repaints only where it shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap, QRegion, QTransform

Span: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom in the scene
Marks: TypeAlias = dict[object, tuple[Span, object]]  # where a thing shows, and how
PARTS = 12  # rectangles painted apart, before one around all of them is cheaper
STRETCH = (0.7, 1.6)  # between these, while the zoom moves, the picture is not painted anew


@dataclass
class Plate:
    """A picture of the viewport. marks: what is on it."""

    picture: QPixmap = field(default_factory=QPixmap)
    marks: Marks = field(default_factory=dict[object, tuple[Span, object]])
    _size: QSize = field(default_factory=QSize)
    _ratio: float = 0.0
    _transform: QTransform = field(default_factory=QTransform)

    def forget(self) -> None:
        self._size = QSize()

    def bring(self, size: QSize, ratio: float, transform: QTransform, marks: Marks) -> list[QRect]:
        """Be of this size and place; the parts of the viewport that are to be painted anew.

        transform: scene to viewport. ratio: device pixels to one of the viewport.
        """
        whole = QRect(0, 0, size.width(), size.height())
        dirty = self._shifted(size, ratio, transform)
        before, self.marks = self.marks, marks
        if dirty is None:
            self._renew(size, ratio, transform)
            return [whole]
        for span in _changes(before, marks):
            dirty += _seen(span, transform)
        dirty &= whole
        return _parts(dirty) if dirty.rectCount() <= PARTS else [dirty.boundingRect()]

    def reach(self, now: Iterable[tuple[object, Span]]) -> QRegion:
        """Where things show on the picture, and where they shall, in the viewport."""
        region = QRegion()
        for thing, span in now:
            region += _seen(span, self._transform)
            if had := self.marks.get(thing):
                region += _seen(had[0], self._transform)
        return region

    def stretched(self, size: QSize, ratio: float, transform: QTransform) -> bool:
        """Whether the picture, stretched to this zoom, will do while the zoom moves."""
        if (size, ratio) != (self._size, self._ratio):
            return False
        return STRETCH[0] < transform.m11() / self._transform.m11() < STRETCH[1]

    def copy(self, painter: QPainter, size: QSize, transform: QTransform) -> list[QRect]:
        """Draw the picture for this view; the parts of the viewport beyond it."""
        if transform == self._transform:
            painter.drawPixmap(0, 0, self.picture)
            return []
        whole = QRectF(0, 0, size.width(), size.height())
        target = (self._transform.inverted()[0] * transform).mapRect(whole)
        painter.drawPixmap(target, self.picture, QRectF(self.picture.rect()))
        inside = target.adjusted(1, 1, -1, -1).toRect()
        return _parts(QRegion(whole.toRect()) - QRegion(inside))

    def _shifted(self, size: QSize, ratio: float, transform: QTransform) -> QRegion | None:
        """What a pan laid bare; None where all has to be painted."""
        was, self._transform = self._transform, transform
        if (size, ratio) != (self._size, self._ratio) or was.m11() != transform.m11():
            return None
        across, down = transform.dx() - was.dx(), transform.dy() - was.dy()
        if not (across or down):
            return QRegion()
        right, low = across * ratio, down * ratio
        if right != int(right) or low != int(low):
            return None
        whole = QRect(0, 0, size.width(), size.height())
        self.picture.scroll(int(right), int(low), self.picture.rect())
        return QRegion(whole) - QRegion(whole.translated(int(across), int(down)))

    def _renew(self, size: QSize, ratio: float, transform: QTransform) -> None:
        if (size, ratio) != (self._size, self._ratio):
            self.picture = QPixmap(
                round(size.width() * ratio + 0.49), round(size.height() * ratio + 0.49)
            )
            self.picture.setDevicePixelRatio(ratio)
            self.picture.fill(Qt.GlobalColor.black)  # opaque: copied without blending
        self._size, self._ratio, self._transform = QSize(size), ratio, transform


def _seen(span: Span, transform: QTransform) -> QRect:
    box = QRectF(span[0], span[1], span[2] - span[0], span[3] - span[1])
    return transform.mapRect(box).toAlignedRect().adjusted(-1, -1, 1, 1)


def _parts(region: QRegion) -> list[QRect]:
    return [QRect(part) for part in region]  # type: ignore[attr-defined]


def _changes(before: Mapping[object, tuple[Span, object]], after: Marks) -> list[Span]:
    """Where what came, went or changed did show, and shows now."""
    changed = [
        thing
        for thing, mark in after.items()
        if (had := before.get(thing)) is not mark and had != mark
    ]
    stayed = [thing for thing in changed if thing in before]
    spans = [after[thing][0] for thing in changed]
    spans += [before[thing][0] for thing in stayed]
    if len(before) + len(changed) - len(stayed) == len(after):
        return spans  # nothing went
    return spans + [before[thing][0] for thing in before.keys() - after.keys()]
