"""Two small windows that say something: the shortcuts, and what this program is."""

from __future__ import annotations

import platform

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QVBoxLayout, QWidget

from nodeforge import __version__
from nodeforge.app.actions import MENUS
from nodeforge.app.keys import Keymap
from nodeforge.app.session import Session
from nodeforge.app.theme import Theme
from nodeforge.app.topbar import Logo
from nodeforge.app.words import tr

MOUSE = (
    ("Drag on the canvas", "Select"),
    ("Middle drag, Space and drag", "Pan"),
    ("Wheel", "Zoom at the cursor"),
    ("Tab, Space, double-click", "Add a node"),
    ("Drag from a port", "Wire"),
    ("Drop a node on a wire", "Insert it there"),
    ("Drag on a number", "Change it; Shift fine, Ctrl coarse"),
)


class Shortcuts(QDialog):
    def __init__(self, parent: QWidget, keymap: Keymap) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("shortcuts")
        self.setWindowTitle(tr("Shortcuts"))
        grid = QGridLayout(self)
        grid.setContentsMargins(24, 20, 24, 24)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(2)
        row = 0
        for title in MENUS:
            keyed = [act for act in keymap.acts.values() if act.menu == title and not act.within]
            keyed = [act for act in keyed if keymap.of(act.id)]
            if not keyed:
                continue
            row = _heading(grid, row, 0, title)
            for act in keyed:
                row = _line(grid, row, 0, keymap.shown(act.id), act.title.rstrip("…"))
        row = _heading(grid, 0, 2, "Mouse")
        for what, does in MOUSE:
            row = _line(grid, row, 2, what, does)


def _heading(grid: QGridLayout, row: int, column: int, title: str) -> int:
    label = QLabel(title)
    label.setProperty("role", "heading")
    label.setContentsMargins(0, 10 if row else 0, 0, 2)
    grid.addWidget(label, row, column, 1, 2)
    return row + 1


def _line(grid: QGridLayout, row: int, column: int, keys: str, title: str) -> int:
    label = QLabel(keys)
    label.setProperty("role", "dim")
    grid.addWidget(label, row, column)
    grid.addWidget(QLabel(title), row, column + 1)
    return row + 1


class About(QDialog):
    def __init__(self, parent: QWidget, theme: Theme, session: Session) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("About NodeForge"))
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 20, 28, 24)
        column.addWidget(Logo(theme))
        device = session.device or tr("a worker that is starting")
        lines = (
            tr("Version {}").format(__version__) + "\n",
            tr("A node editor for making images with diffusion models."),
            tr("Pictures are made on: {}").format(device),
            f"Python {platform.python_version()} · Qt {qVersion()}",
        )
        words = QLabel("\n".join(lines))
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(words)
