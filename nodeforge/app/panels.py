"""The Inspector and the Controls, which share a place; and F11: the Controls and the picture."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from nodeforge.app.controls import Tabs
from nodeforge.app.inspector import Inspector
from nodeforge.app.row import Row, in_hand
from nodeforge.app.session import Session
from nodeforge.app.starred import Starred
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr

INSPECTOR, CONTROLS = range(2)
WIDTH = 360  # px, of the controls beside the picture


class Panels(QWidget):
    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self.session = session
        self.inspector = Inspector(session, theme)
        self.starred = Starred(session, theme)
        self.tabs = Tabs(theme, tr("Inspector"), tr("Controls"))
        self.stack = QStackedWidget()
        self.stack.addWidget(self.inspector)
        self.stack.addWidget(self.starred)
        self.tabs.chosen.connect(self.stack.setCurrentIndex)
        self.starred.counted.connect(lambda number: self.tabs.count(CONTROLS, number))
        self.tabs.count(CONTROLS, len(self.starred.rows))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)

    def wear(self, theme: Theme) -> None:
        for part in (self.tabs, self.inspector, self.starred):
            part.wear(theme)

    def on_row(self, do: Callable[[Row], object]) -> None:
        """Do this to the parameter under the mouse, else to the one with the focus."""
        row = in_hand([*self.inspector.rows.values(), *self.starred.rows.values()])
        if row:
            do(row)
        else:
            words = tr("Point at a parameter first, or click into it.")
            self.session.told.emit("info", words, "")


class Generator(QObject):
    """The window without its canvas: the controls at the left, the picture beside them."""

    turned = Signal(bool)

    def __init__(
        self, panels: Panels, across: QSplitter, hidden: list[QWidget], run: QWidget
    ) -> None:
        super().__init__(panels)
        self.panels, self.across, self.hidden, self.run = panels, across, hidden, run
        self.on = False
        self._sizes: list[int] = []

    def toggle(self) -> None:
        panels = self.panels
        panels.session.settling.emit()
        self.on = not self.on
        starred = panels.starred
        if self.on:
            self._sizes = self.across.sizes()
            self.across.insertWidget(0, starred)
            self.across.setCollapsible(0, False)
            starred.setMinimumWidth(280)
            starred.show()
        else:
            starred.setMinimumWidth(0)
            panels.stack.insertWidget(CONTROLS, starred)
            panels.stack.setCurrentIndex(panels.tabs.at)
        starred.set_simple(self.on)
        for part in (*self.hidden, panels):
            part.setVisible(not self.on)
        self.run.setVisible(not self.on)
        if self.on:
            self.across.setSizes([WIDTH, 0, 0, max(sum(self._sizes) - WIDTH, 1)])
            first = next(iter(starred.rows.values()), None)
            (first.field if first else starred).setFocus()
        else:
            self.across.setSizes(self._sizes)
        self.turned.emit(self.on)
