"""What all fields of parameters share, and those of numbers and seeds."""

from __future__ import annotations

import random
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from nodeforge.app.controls import Button
from nodeforge.app.scrub import Scrub
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr
from nodeforge.graph.spec import Dice, Number, Value

LARGEST_DICE = 2**32 - 1


class Field(QWidget):
    """A parameter's control. put: show a value and tell nobody. settle: take what is half typed."""

    edited: Any = Signal(object, str)  # Value, merge key
    refused = Signal(str)
    tall = False  # its label goes above it

    def __init__(self) -> None:
        super().__init__()
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(6)

    def put(self, value: Value) -> None: ...

    def mark(self, changed: bool) -> None:
        """Whether the value is another than the stage brings: a heavier one."""
        part = self.focusProxy()
        if part is not None and bool(part.property("changed")) != changed:
            part.setProperty("changed", changed)
            part.style().unpolish(part)
            part.style().polish(part)

    def settle(self) -> None: ...


class NumberField(Field):
    def __init__(self, theme: Theme, kind: Number) -> None:
        super().__init__()
        self.scrub = Scrub(theme, kind)
        self.scrub.edited.connect(self.edited)
        self.scrub.refused.connect(self.refused)
        self.setFocusProxy(self.scrub)
        self.row.addWidget(self.scrub, 1)

    def put(self, value: Value) -> None:
        self.scrub.put(value)

    def mark(self, changed: bool) -> None:
        self.scrub.mark(changed)

    def settle(self) -> None:
        self.scrub.settle()


class SeedField(NumberField):
    """Another seed and that of the last picture lie in the field itself."""

    def __init__(self, theme: Theme, kind: Dice) -> None:
        super().__init__(theme, kind)
        self.dice = Button(theme, image="dice-5")
        self.dice.setToolTip(tr("Another seed"))
        self.dice.setAccessibleName(tr("Another seed"))
        self._most = int(min(kind.high, LARGEST_DICE))
        self.dice.clicked.connect(lambda: self._take(random.randint(0, self._most)))
        self.again = Button(theme, image="history")
        self.again.setAccessibleName(tr("The seed of the last picture"))
        self.again.clicked.connect(self._take_last)
        self._last: int | None = None
        inside = QHBoxLayout(self.scrub)
        inside.setContentsMargins(0, 0, 2, 0)
        inside.setSpacing(0)
        inside.addStretch(1)
        for button in (self.again, self.dice):
            button.setFixedSize(24, 22)
            button.setCursor(Qt.CursorShape.ArrowCursor)
            inside.addWidget(button)
        self.scrub.taken = 2 * 24 + 2
        self.offer_last(None)

    def offer_last(self, seed: int | None) -> None:
        """The seed that the last picture was made with, if any was."""
        self._last = seed
        self.again.setEnabled(seed is not None and seed != self.scrub.value)
        if seed is None:
            self.again.setToolTip(tr("Back to the seed of the last picture: none was made yet"))
        else:
            here = ": it is this one" if seed == self.scrub.value else f": {seed}"
            self.again.setToolTip(tr("Back to the seed of the last picture{}").format(here))

    def _take_last(self) -> None:
        if self._last is not None:
            self._take(self._last)

    def _take(self, seed: int) -> None:
        self.put(seed)
        self.edited.emit(seed, "")
