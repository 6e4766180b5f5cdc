"""The left side: Nodes and Models, which share a place; and what joins the models to the window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from nodeforge.app.actions import Act
from nodeforge.app.canvas import hand
from nodeforge.app.controls import Button, Tabs
from nodeforge.app.library import Library
from nodeforge.app.models import missing
from nodeforge.app.models.downloads import Downloads
from nodeforge.app.models.panel import Models
from nodeforge.app.models.placing import stage, values
from nodeforge.app.models.stock import ADDED, Stock, paths
from nodeforge.app.session import Session
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr
from nodeforge.models.entry import Entry
from nodeforge.models.folders import Place

if TYPE_CHECKING:
    from nodeforge.app.window import Window

NODES, MODELS = range(2)


class Offer(QFrame):
    """NodeForge found 214 models in ComfyUI: a strip that can be left alone."""

    def __init__(self, stock: Stock, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("offer")
        self.stock = stock
        self.places: list[Place] = []
        self.words = QLabel(wordWrap=True)
        self.show_them = Button(theme, tr("Show"), kind="default")
        self.leave_out = Button(theme, tr("Leave out"))
        line = QHBoxLayout(self)
        line.setContentsMargins(16, 6, 12, 6)
        line.setSpacing(8)
        line.addWidget(self.words, 1)
        line.addWidget(self.leave_out)
        line.addWidget(self.show_them)
        self.show_them.clicked.connect(self._met)
        self.leave_out.clicked.connect(self._left)
        stock.met.connect(self.ask)
        self.hide()

    def ask(self, found: Mapping[Place, int]) -> None:
        self.places = list(found)
        counts: Counter[str] = Counter()
        for place, count in found.items():
            counts[place.program] += count
        where = " and ".join(
            tr("{:,} in {}").format(count, program) for program, count in counts.items()
        )
        self.words.setText(tr("Found models: {}. They stay where they are.").format(where))
        self.show()

    def wear(self, theme: Theme) -> None:
        self.show_them.wear(theme)
        self.leave_out.wear(theme)

    def _met(self) -> None:
        self.stock.meet(self.places)
        self.hide()

    def _left(self) -> None:
        self.stock.meet(self.places)
        self.stock.leave_out(self.places)
        self.hide()


class LeftSide(QWidget):
    """The stage library and the models, below one strip of tabs. wanted: a page is to be seen."""

    wanted = Signal()

    def __init__(self, session: Session, library: Library, stock: Stock, theme: Theme) -> None:
        super().__init__()
        self.library, self.stock = library, stock
        self.models = Models(session, stock, theme)
        self.offer = Offer(stock, theme)
        self.tabs = Tabs(theme, tr("Nodes"), tr("Models"))
        self.stack = QStackedWidget()
        library.bar.hide()
        self.stack.addWidget(library)
        self.stack.addWidget(self.models)
        self.tabs.chosen.connect(self.stack.setCurrentIndex)
        self.offer.show_them.clicked.connect(lambda: self.open(MODELS))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)

    def wear(self, theme: Theme) -> None:
        for part in (self.tabs, self.library, self.models, self.offer):
            part.wear(theme)

    def open(self, tab: int) -> None:
        """Show a page and go to its search line."""
        self.wanted.emit()
        self.tabs.choose(tab)
        page = self.models if tab == MODELS else self.library
        page.search.setFocus()
        page.search.selectAll()


class Supply(QObject):
    """What the window does with models: adds them, mends nodes whose model is gone."""

    def __init__(self, window: Window, stock: Stock) -> None:
        super().__init__(window)
        self.window, self.session, self.stock = window, window.session, stock
        window.left.models.chosen.connect(self.add)
        stock.told.connect(lambda kind, words: self.session.noticed.emit(kind, words, ""))
        stock.wanted.connect(self.download)
        missing.Missing(self.session, stock)
        self.downloads: Downloads | None = None

    def download(self) -> None:
        """Show the download page: the same one as before, so that what runs goes on."""
        if self.downloads is None:
            self.downloads = Downloads(self.window, self.window.theme)
            self.downloads.arrived.connect(lambda place: self._arrived(place))
        self.downloads.show()
        self.downloads.raise_()

    def _arrived(self, place: Path) -> None:
        """Its folder is looked through from now on."""
        if str(place.parent) in paths(ADDED):
            self.stock.start()
        else:
            self.stock.add_folder(place.parent)

    def add(self, entry: Entry) -> None:
        """A node for this model in the middle of the view; or why there can be none."""
        spec = stage(self.session.specs, entry)
        if spec is None:
            words = tr("“{}” is a {}, which no node takes alone.")
            said = words.format(entry.name, entry.kind.kind)
            self.session.told.emit("info", said, "")
            return
        self.session.history.break_merge()
        hand.add(self.window.canvas, spec.id, None, values(spec, entry))
        self.window.canvas.widget.setFocus()

    def close(self) -> None:
        if self.downloads is not None:
            self.downloads.close()
        self.window.left.models.pictures.close()
        self.stock.close()


def model_acts(window: Window) -> tuple[Act, ...]:
    """Commands about models."""
    return (
        Act(
            "nodes_page",
            tr("Nodes"),
            lambda: window.left.open(NODES),
            ("Ctrl+Shift+L",),
            "",
            "View",
            opens=True,
        ),
        Act(
            "models_page",
            tr("Models"),
            lambda: window.left.open(MODELS),
            ("Ctrl+L",),
            "box",
            "View",
        ),
        Act(
            "models_folder",
            tr("Add a folder with models…"),
            window.left.models.ask_folder,
            menu="File",
            opens=True,
        ),
        Act(
            "models_download",
            tr("Download a model…"),
            lambda: window.supply.download(),
            icon="download",
            menu="File",
        ),
        Act("models_again", tr("Look for models again"), window.left.stock.start, menu="File"),
    )
