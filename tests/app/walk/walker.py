"""Who walks: the window, the hands, and where things are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QGuiApplication, QImage

from nodeforge.app.canvas import Canvas
from nodeforge.app.canvas.items import Card, Port
from nodeforge.app.session import Session
from nodeforge.app.window import Window
from nodeforge.graph.document import NodeId
from tests.app.forge import Forge, wait
from tests.app.walk.film import Caption
from tests.app.walk.hands import Hands, scene, settle


@dataclass
class Walker:
    here: Forge
    hands: Hands
    caption: Caption
    folder: Path

    @property
    def window(self) -> Window:
        return self.here.window

    @property
    def session(self) -> Session:
        return self.here.session

    @property
    def canvas(self) -> Canvas:
        return self.here.window.canvas

    def say(self, text: str) -> None:
        self.caption.say(text)
        settle()

    def card(self, id: NodeId) -> Card:
        return self.canvas.cards[id]

    def header(self, id: NodeId) -> QPoint:
        """A place of a node that moves it."""
        return scene(self.canvas, self.card(id).box.topLeft() + QPointF(90, 14))

    def port(self, id: NodeId, name: str, out: bool = False) -> QPoint:
        port: Port = self.card(id).ports[out, name]
        return scene(self.canvas, port.centre())

    def void(self) -> QPoint:
        """A place of the canvas with nothing near it: below all nodes."""
        boxes = [card.box for card in self.canvas.cards.values()]
        left, low = min(box.left() for box in boxes), max(box.bottom() for box in boxes)
        return scene(self.canvas, QPointF(left + 60, low + 60))

    def seen(self) -> QImage:
        """The screen as it is."""
        settle()
        return QGuiApplication.primaryScreen().grabWindow(0).toImage()

    def until(self, holds: object) -> None:
        """holds: a function; waited for."""
        assert callable(holds)
        wait(holds)
        settle()
