"""The Inspector and the Controls, which share a place; and F11: the Controls and the picture."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from nodeforge.app.controls import Tabs
from nodeforge.app.frame.shell import Shell
from nodeforge.app.inspector import Inspector
from nodeforge.app.row import Row, in_hand
from nodeforge.app.session import Session
from nodeforge.app.starred import Starred
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr
from nodeforge.graph.document import NodeId

INSPECTOR, CONTROLS = range(2)


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
        self.tabs.chosen.connect(lambda _: self.place())
        session.selected.connect(self.place)
        session.opened.connect(self.place)
        self.starred.counted.connect(lambda number: self.tabs.count(CONTROLS, number))
        self.tabs.count(CONTROLS, len(self.starred.rows))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)
        self.place()

    def place(self) -> None:
        """The open tab; the controls stand in for an Inspector that has no node to show."""
        if self.stack.indexOf(self.starred) < 0:
            return  # they are beside the picture: see Generator
        lent = self.tabs.at == INSPECTOR and self.session.current is None
        self.starred.set_lent(lent)
        self.stack.setCurrentIndex(CONTROLS if lent else self.tabs.at)

    def wear(self, theme: Theme) -> None:
        for part in (self.tabs, self.inspector, self.starred):
            part.wear(theme)

    def open_row(self, node: NodeId, name: str) -> None:
        """Bring a parameter of a node of the level in view to the hand."""
        self.tabs.choose(INSPECTOR)
        self.session.select([node])
        self.inspector.open_row(name)

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

    def __init__(self, panels: Panels, shell: Shell, run: QWidget) -> None:
        super().__init__(panels)
        self.panels, self.shell, self.run = panels, shell, run
        self.on = False

    def toggle(self) -> None:
        panels = self.panels
        panels.session.settling.emit()
        self.on = not self.on
        starred = panels.starred
        starred.set_simple(self.on)
        if self.on:
            starred.set_lent(False)
            self.shell.set_simple(starred)
        else:
            panels.stack.insertWidget(CONTROLS, starred)
            panels.place()
            self.shell.set_simple(None)
        self.run.setVisible(not self.on)
        if self.on:
            first = next(iter(starred.rows.values()), None)
            (first.field if first else starred).setFocus()
        self.turned.emit(self.on)
