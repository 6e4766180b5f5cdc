"""The real thing under one roof: window, worker process and the embedded model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QEventLoop
from PySide6.QtWidgets import QApplication

from nodeforge import resources
from nodeforge.app import settings
from nodeforge.app.session import Session
from nodeforge.app.start import application
from nodeforge.app.theme import DARK
from nodeforge.app.window import Window
from nodeforge.engine.messages import Ended, Event, Finished
from nodeforge.graph import file
from nodeforge.graph.document import NodeId
from nodeforge.graph.spec import StageSpec
from tests.app.conftest import SAMPLE, shut

PATIENCE = 120_000  # ms; a slow machine loads the model
STEPS = 3


def wait(until: Callable[[], object], limit: int = PATIENCE) -> None:
    """Let the window live until something holds."""
    clock = QElapsedTimer()
    clock.start()
    while not until():
        assert clock.elapsed() < limit, "it took too long"
        flag = QEventLoop.ProcessEventsFlag.WaitForMoreEvents
        QApplication.processEvents(flag, 50)


@dataclass(frozen=True)
class Forge:
    window: Window
    session: Session

    def ran(self, act: Callable[[], object]) -> list[Event]:
        """Do something that starts a run, and all that was said until its end."""
        heard: list[Event] = []
        self.session.news.connect(heard.append)
        act()
        assert self.session.running
        wait(lambda: any(isinstance(event, Ended) for event in heard))
        self.session.news.disconnect(heard.append)
        return heard

    def begin(self) -> None:
        """The starter graph as it was, with fewer steps."""
        graph = file.load(resources.path("graphs/text-to-image.nodeforge"))
        self.session.new(graph.set(SAMPLE, steps=STEPS), "castle")
        QApplication.processEvents()
        self.window.canvas.fit()
        QApplication.processEvents()


def made(events: list[Event]) -> tuple[set[NodeId], set[NodeId]]:
    """The nodes that were computed, and those that were there already."""
    done = [event for event in events if isinstance(event, Finished)]
    return (
        {event.node for event in done if not event.cached},
        {event.node for event in done if event.cached},
    )


@contextmanager
def forge(specs: tuple[StageSpec, ...], journals: Path) -> Iterator[Forge]:
    """A window with its worker ready."""
    application()
    settings.store().clear()
    session = Session(specs)
    window = Window(session, DARK, journals)
    window.resize(1600, 1000)
    window.show()
    session.start()
    wait(lambda: session.device)
    try:
        yield Forge(window, session)
    finally:
        shut(window)
