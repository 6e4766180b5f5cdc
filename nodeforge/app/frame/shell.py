"""The middle of the window: rails and panels around the canvas, and what part each one has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from PySide6.QtCore import QEasingCurve, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QSplitterHandle, QWidget

from nodeforge.app import motion, settings
from nodeforge.app.frame.column import Column
from nodeforge.app.frame.drawer import Drawer
from nodeforge.app.frame.rail import Item, Rail
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr

SHARE, WIDE = 0.36, 0.62  # of the width, for the picture: at first, and by a double-click
PICTURE, LIST = 360, 208  # px: the least of the picture's column, the usual of the list
CANVAS = 280  # px that the canvas keeps
FOLD_AT = 760  # px of width, below which the picture's column folds to a rail
CONTROLS = 360  # px, of the controls beside the picture
GROW = 200  # ms, of the picture's column by a double-click


@dataclass(frozen=True)
class Panel:
    """A part of the window. id: also what its state is remembered under."""

    id: str
    title: str
    icon: str
    side: Literal["left", "right"]
    widget: QWidget


class _Handle(QSplitterHandle):
    doubled = Signal()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.doubled.emit()


class _Splitter(QSplitter):
    doubled = Signal(int)  # the handle's number

    def createHandle(self) -> QSplitterHandle:
        handle = _Handle(self.orientation(), self)
        handle.doubled.connect(lambda: self.doubled.emit(self.indexOf(handle)))
        return handle


class Shell(QWidget):
    """list: the panel at the left, usually folded to the rail; middle: the canvas; column: the
    picture and what stands below it. share: the column's part of the width."""

    changed = Signal()

    def __init__(
        self, theme: Theme, list: QWidget, middle: QWidget, column: Column, panels: Sequence[Panel]
    ) -> None:
        super().__init__()
        self.theme, self.middle, self.column = theme, middle, column
        self.panels = tuple(panels)
        self.share = SHARE
        self.simple: QWidget | None = None
        self._folded_by_hand = False
        self.rail = Rail(theme, tr("Nodes, models and templates"))
        self.right_rail = Rail(theme, tr("Picture and parameters"))
        self.across = _Splitter(Qt.Orientation.Horizontal)
        self.across.setHandleWidth(1)
        self.across.setChildrenCollapsible(False)
        self.across.addWidget(middle)
        self.across.setStretchFactor(0, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self.across, 1)
        row.addWidget(self.right_rail)
        self.list = Drawer(list, self.across, self, self.rail, theme, "left")
        self.side = Drawer(column, self.across, self, self.right_rail, theme, "right")
        self.list.width, self.side.width = LIST, PICTURE
        self.side.dock(True)
        self._grow = QVariantAnimation(self, duration=GROW)
        self._grow.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._grow.valueChanged.connect(self._grown)
        self.across.splitterMoved.connect(lambda *_: self._dragged())
        self.across.doubled.connect(lambda _: self.toggle_wide())
        for rail, drawer in ((self.rail, self.list), (self.right_rail, self.side)):
            rail.entered.connect(drawer._away.stop)
            rail.departed.connect(drawer.mouse_left)
            drawer.changed.connect(self._changed)
        self._fill_right_rail()

    # What is where

    def pin(self, on: bool) -> None:
        """Keep the list beside the canvas, or fold it to the rail."""
        self.list.dock(on)
        self.lay()

    def fold_side(self, on: bool) -> None:
        """Fold the picture's column to a rail, or have it back."""
        self._folded_by_hand = on
        self.lay()

    @property
    def side_folded(self) -> bool:
        return not self.side.docked

    def show_panels(self) -> None:
        """Have the Inspector's place in view, whatever is folded."""
        self.side.pull()
        self.column.unfold()

    def toggle_wide(self) -> None:
        """The picture's column between its usual and its large share of the width."""
        if self.side_folded or self.simple is not None:
            return
        target = SHARE if self.share > (SHARE + WIDE) / 2 else WIDE
        self._grow.stop()
        if motion.moving() and self.isVisible():
            self._grow.setStartValue(self.share)
            self._grow.setEndValue(target)
            self._grow.start()
        else:
            self._grown(target)

    def set_simple(self, controls: QWidget | None) -> None:
        """Only these controls and the picture; the canvas again with None."""
        if controls is not None:
            self.list.push()
            self.side.dock(True)
            self.across.insertWidget(0, controls)
            controls.setMinimumWidth(CANVAS)
            controls.show()
        before, self.simple = self.simple, controls
        if before is not None and controls is None:
            before.setMinimumWidth(0)
        on = controls is not None
        self.rail.setVisible(not on)
        self.middle.setVisible(not on)
        if self.list.docked:
            self.list.panel.setVisible(not on)
        self.column.set_alone(on)
        self.lay()

    # Sizes

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.lay()

    def lay(self) -> None:
        """Share the width out: the canvas has what the panels leave."""
        width = self.width()
        if self.simple is None:
            self.side.dock(not (self._folded_by_hand or width < FOLD_AT))
        folded = self.side_folded
        self.right_rail.setVisible(folded)
        room = width - (0 if self.simple else self.rail.width())
        room -= self.right_rail.width() if folded else 0
        self.side.width = max(min(PICTURE, room), 1)
        if self.simple is not None:
            controls = min(CONTROLS, max(width * 2 // 5, CANVAS))
            sizes = [0] * self.across.count()
            sizes[0], sizes[-1] = controls, max(width - controls, 1)
            self.across.setSizes(sizes)
            return
        left = min(self.list.width, max(room - CANVAS - PICTURE, 150)) if self.list.docked else 0
        right = 0 if folded else self._column_width(width, room - left)
        sizes = [left] if self.list.docked else []
        sizes += [room - left - right] + ([] if folded else [right])
        self.across.setSizes(sizes)

    def _column_width(self, width: int, room: int) -> int:
        return max(min(max(round(width * self.share), PICTURE), room - CANVAS), CANVAS)

    def _dragged(self) -> None:
        """Remember what the artist made of it."""
        if self.simple is not None:
            return
        sizes = self.across.sizes()
        if self.list.docked:
            self.list.width = sizes[0]
        if not self.side_folded:
            self.share = sizes[-1] / max(self.width(), 1)

    def _grown(self, share: Any) -> None:
        self.share = float(share)
        self.lay()

    # Looks and memory

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        for part in (self.rail, self.right_rail, self.list, self.side):
            part.wear(theme)

    def remember(self) -> None:
        """Note down what is where, for the next start."""
        settings.put("frame/share", round(self.share, 4))
        settings.put("frame/tall", "" if self.column.tall is None else round(self.column.tall, 4))
        settings.put("frame/list", self.list.width)
        settings.put("frame/pinned", "yes" if self.list.docked else "no")
        settings.put("frame/folded", "yes" if self._folded_by_hand else "no")

    def restore(self) -> None:
        self.share = settings.number("frame/share", SHARE, 0.1, 0.9)
        tall = settings.number("frame/tall", 0.0, 0.0, 0.95)
        self.column.tall = tall or None
        self.list.width = int(settings.number("frame/list", LIST, 150, 900))
        self._folded_by_hand = settings.text("frame/folded") == "yes"
        self.pin(settings.text("frame/pinned") == "yes")

    def _changed(self) -> None:
        self.lay()
        self.right_rail.light("viewer" if self.side.open and self.side_folded else "")
        self.changed.emit()

    def _fill_right_rail(self) -> None:
        right = [panel for panel in self.panels if panel.side == "right"]
        items = [
            Item(panel.id, panel.icon, panel.title, partial(self._open_right, panel))
            for panel in right
        ]
        back = Item("unfold", "chevron-left", tr("Show the picture"), self._back, hover=False)
        self.right_rail.put([items], back)

    def _open_right(self, panel: Panel) -> None:
        self.side.pull(hovering=True)
        if panel.id != "viewer":
            self.column.unfold()

    def _back(self) -> None:
        if self.width() < FOLD_AT:
            self.side.pull()
        else:
            self.fold_side(False)
