"""Who walks: the window, the hands, and where things are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, QRect
from PySide6.QtGui import QGuiApplication, QImage

from nodeforge.app.canvas import Canvas
from nodeforge.app.canvas.items import Card, Port
from nodeforge.app.session import Session
from nodeforge.app.window import Window
from nodeforge.graph.document import NodeId
from tests.app.forge import Forge, wait
from tests.app.walk.film import Caption
from tests.app.walk.hands import Hands, scene, settle

SPACE = 50  # px around a free place
PATIENCE = 120_000  # ms; a picture may be made meanwhile


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
        """A place of the canvas in view with nothing near it."""
        view, near = self.canvas.widget, QRect(-SPACE, -SPACE, 2 * SPACE, 2 * SPACE)
        room = view.viewport().rect().adjusted(SPACE, SPACE, -SPACE, -3 * SPACE)
        places = (
            QPoint(x, y)
            for y in range(room.bottom(), room.top(), -SPACE)
            for x in range(room.center().x(), room.right(), SPACE)
        )
        free = (
            at
            for at in places
            if not view.items(near.translated(at)) and view.viewport().childAt(at) is None
        )
        place: QPoint = view.viewport().mapToGlobal(next(free))
        return place

    def seen(self) -> QImage:
        """The screen as it is."""
        settle()
        return QGuiApplication.primaryScreen().grabWindow(0).toImage()

    def until(self, holds: Callable[[], object]) -> None:
        """holds: a function; waited for."""
        wait(holds, PATIENCE)
        settle()
