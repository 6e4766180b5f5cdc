"""Two small windows that say something: the shortcuts, and what this program is."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QSize, Qt, qVersion
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nodeforge import __version__
from nodeforge.app.actions import MENUS
from nodeforge.app.frame.dialog import EDGE, Dialog, closing
from nodeforge.app.frame.geometry import areas
from nodeforge.app.frame.logo import Logo
from nodeforge.app.keys import Keymap
from nodeforge.app.session import Session
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr

COLUMNS = 3
SHARE = 0.9  # of the window that the list may cover, across and down

Lines = Sequence[tuple[str, str]]  # keys or a gesture, and what it does


def gestures() -> tuple[tuple[str, Lines], ...]:
    """What the mouse does on the canvas, by headings."""
    return (
        (
            tr("Mouse"),
            (
                (tr("Drag"), tr("Select")),
                (tr("Middle drag, Space and drag"), tr("Pan")),
                (tr("Wheel"), tr("Zoom at the cursor")),
                (tr("Double-click"), tr("Add a node; on a wire, a dot")),
                (tr("Shift+Enter in the search"), tr("Add, and go on from it")),
                (tr("Ctrl and right drag, Y and drag"), tr("Cut wires")),
                (tr("Point at Run"), tr("See what a run would do")),
                (tr("Double-click the picture's edge"), tr("Large, or usual")),
                (tr("Click the zoom figure"), tr("All of it, or 1:1")),
            ),
        ),
        (
            tr("Keys on the canvas"),
            (
                (tr("Tab, Space"), tr("Add a node")),
                (tr("Ctrl and an arrow"), tr("To the next node along the wires")),
                (tr("Arrow"), tr("Move a little")),
                (tr("Esc in a note"), tr("Keep what is written")),
            ),
        ),
        (
            tr("Mouse on a node"),
            (
                (tr("Drag onto a wire"), tr("Insert it there; with Ctrl, do not")),
                (tr("Ctrl or Alt and drag"), tr("Duplicate; with Shift, its inputs too")),
                (tr("Double-click a title"), tr("Rename")),
                (tr("Double-click a node"), tr("See what it made, also a latent or a mask")),
                (tr("Shake"), tr("Take out of its wires")),
                (tr("Drag on a number"), tr("Change it; Shift fine, Ctrl coarse, Esc back")),
                (tr("Click a value"), tr("Type it, turn it, or choose; Tab: the next one")),
                (tr("Double-click a value from afar"), tr("Edit it in the Inspector")),
                (tr("Drag a label to a group's edge"), tr("Show it on the group")),
            ),
        ),
        (
            tr("Mouse on a port"),
            (
                (tr("Drag to a port or a node"), tr("Wire")),
                (tr("Drag onto nothing"), tr("Add a node that fits")),
                (tr("Drag a wire close to its end"), tr("Take it elsewhere")),
                (tr("Drag a wire in its middle"), tr("Bend it")),
                (tr("Click an open input"), tr("Add or connect the best match")),
            ),
        ),
        (
            tr("Drop or paste"),
            (
                (tr("Picture, copied pixels"), tr("Load it; on a node or a wire, use it there")),
                (tr("Picture of NodeForge"), tr("Open its graph, use it, or take its settings")),
                (tr("Model or its folder"), tr("Add the node that takes it")),
                (tr("Graph"), tr("A file opens, text becomes nodes")),
                (tr("Generation data"), tr("Take prompt, steps, seed, size, ticked")),
            ),
        ),
        (
            tr("Mouse in the Viewer"),
            (
                (tr("Drag, wheel"), tr("Pan, zoom at the cursor")),
                (tr("Ctrl or Alt and drag"), tr("The picture as a file, for any program")),
            ),
        ),
    )


class Shortcuts(Dialog):
    """Every key and gesture, in columns of about one height; scrolls where the window is small."""

    def __init__(self, parent: QWidget, keymap: Keymap) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("shortcuts")
        self.setWindowTitle(tr("Shortcuts"))
        whole = areas()[0].size() - QSize(2 * EDGE, 2 * EDGE)
        room = (parent.window().size() * SHARE).expandedTo(QSize(520, 300)).boundedTo(whole)
        scroll = QScrollArea(self, widgetResizable=True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        bar = scroll.verticalScrollBar().sizeHint().width()
        sections = [*_keyed(keymap), *gestures()]
        inside, hint = QWidget(self), room
        for count in range(COLUMNS, 0, -1):  # as many columns as there is room for
            inside.setParent(None)
            inside.deleteLater()
            inside = _page(sections, count, self)
            hint = inside.sizeHint() + QSize(bar + 4, 4)
            if hint.width() <= room.width():
                break
        scroll.setWidget(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scroll)
        foot = closing(self)
        column.addLayout(foot)
        self.fit((hint + QSize(0, foot.sizeHint().height())).boundedTo(room))


def _page(sections: Sequence[tuple[str, Lines]], count: int, parent: QWidget) -> QWidget:
    """All sections in so many columns at most."""
    inside = QWidget(parent)
    row = QHBoxLayout(inside)
    edge = 24 if count > 1 else 12
    row.setContentsMargins(edge, 12, edge, 20)
    row.setSpacing(36)
    row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetMinimumSize)
    for part in _columns(sections, count):
        grid = QGridLayout()
        grid.setHorizontalSpacing(20 if count > 1 else 10)
        grid.setVerticalSpacing(0)
        for title, lines in part:
            _section(grid, title, lines)
        grid.setRowStretch(grid.rowCount(), 1)
        row.addLayout(grid)
    for label in inside.findChildren(QLabel):
        label.ensurePolished()  # only then it knows its size
        label.updateGeometry()
    row.activate()
    return inside


def _keyed(keymap: Keymap) -> Iterator[tuple[str, Lines]]:
    """Acts that have a key, by menu."""
    for title in MENUS:
        acts = [act for act in keymap.acts.values() if act.menu == title and not act.within]
        lines = [(keymap.shown(act.id), act.title.rstrip("…")) for act in acts if keymap.of(act.id)]
        if lines:
            yield title, lines


def _columns(sections: Sequence[tuple[str, Lines]], count: int) -> list[list[tuple[str, Lines]]]:
    """Sections in their order, the tallest column as short as can be."""
    heights = [len(lines) + 2 for _, lines in sections]
    limit = next(
        limit for limit in range(max(heights), sum(heights) + 1) if _fits(heights, limit, count)
    )
    columns: list[list[tuple[str, Lines]]] = [[]]
    left = limit
    for section, height in zip(sections, heights, strict=True):
        if height > left:
            columns.append([])
            left = limit
        columns[-1].append(section)
        left -= height
    return columns


def _fits(heights: Sequence[int], limit: int, most: int) -> bool:
    columns, left = 1, limit
    for height in heights:
        if height > left:
            columns, left = columns + 1, limit
        left -= height
    return columns <= most


def _section(grid: QGridLayout, title: str, lines: Lines) -> None:
    label = QLabel(title)
    label.setProperty("role", "heading")
    row = grid.rowCount() + 1
    grid.setRowMinimumHeight(row - 1, 10)
    grid.addWidget(label, row, 0, 1, 2)
    for number, (keys, what) in enumerate(lines, row + 1):
        said = QLabel(keys)
        said.setProperty("role", "dim")
        grid.addWidget(said, number, 0)
        grid.addWidget(QLabel(what), number, 1)


class About(Dialog):
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
        column.addSpacing(8)
        column.addLayout(closing(self, 0))
