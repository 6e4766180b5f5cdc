"""Real windows: one with a worker that only listens, and one with the real worker and model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nodeforge import resources
from nodeforge.app import settings
from nodeforge.app.files import Answer
from nodeforge.app.session import Session
from nodeforge.app.theme import DARK
from nodeforge.app.window import Window
from nodeforge.engine.messages import Event, Ready
from nodeforge.graph import file
from nodeforge.graph.document import Document, NodeId
from nodeforge.graph.spec import StageSpec
from nodeforge.stages.library import Library

MODEL, PROMPT, NEGATIVE = NodeId("model"), NodeId("prompt"), NodeId("negative")
SAMPLE, DECODE, VIEW = NodeId("sample"), NodeId("decode"), NodeId("view")


@dataclass
class Listener:
    """Takes what a worker is told, and says what a test wants said."""

    say: Callable[[Event], None]
    told: list[tuple[object, ...]] = field(default_factory=list[tuple[object, ...]], repr=False)
    job: int = 0

    def run(self, document: Document, targets: tuple[NodeId, ...] = (), title: str = "") -> int:
        self.job += 1
        self.told.append(("run", document, targets))
        return self.job

    def plan(self, document: Document, targets: tuple[NodeId, ...] = ()) -> int:
        self.told.append(("plan", document))
        return 0

    def fetch(self, node: NodeId, key: str, index: int = 0) -> None:
        self.told.append(("fetch", node, key, index))

    def free(self) -> None:
        self.told.append(("free",))

    def look(self, job: int, keys: Mapping[NodeId, str]) -> None:
        self.told.append(("look", job, dict(keys)))

    def restart(self) -> None:
        self.told.append(("restart",))

    def renew(self) -> None:
        self.told.append(("renew",))

    def stop(self) -> None:
        self.told.append(("stop",))

    def close(self) -> None:
        self.told.append(("close",))

    def words(self) -> list[object]:
        return [told[0] for told in self.told]


@dataclass(frozen=True)
class Desk:
    """A window on the text to image graph; its worker only listens."""

    window: Window
    session: Session
    worker: Listener
    journals: Path

    def hear(self, *events: Event) -> None:
        for event in events:
            self.worker.say(event)
        QApplication.processEvents()


@pytest.fixture(scope="session")
def specs() -> tuple[StageSpec, ...]:
    return tuple(Library.installed().known.values())


@pytest.fixture
def graph() -> Document:
    """The first starter graph, with nothing starred."""
    whole = file.load(resources.path("graphs/text-to-image.nodeforge"))
    return whole.add(*(replace(node, starred=()) for node in whole.nodes.values()))


def swept() -> None:
    """Delete what is to be deleted: no loop runs that would, and styles are set on all alive."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()


@pytest.fixture(autouse=True)
def clean(qapp: QApplication) -> Iterator[None]:
    yield
    swept()


@pytest.fixture
def still(qapp: QApplication) -> Iterator[None]:
    """Nothing moves or blinks by itself."""
    settings.put("animations", "off")
    blink = qapp.cursorFlashTime()
    qapp.setCursorFlashTime(0)
    yield
    qapp.setCursorFlashTime(blink)
    settings.store().remove("animations")


def shut(window: Window) -> None:
    """Close it whatever is unsaved."""
    window.files.ask = lambda: Answer.Discard
    window.files.ask_runs = lambda: True
    window.close()
    window.deleteLater()


def laid(specs: tuple[StageSpec, ...], graph: Document, journals: Path) -> Desk:
    """A new desk; `shut` its window at the end."""
    session = Session(specs)
    window = Window(session, DARK, journals)
    workers: list[Listener] = []

    def connect(say: Callable[[Event], None]) -> Listener:
        workers.append(Listener(say))
        return workers[-1]

    session.start(connect)
    session.new(graph, "castle")
    window.resize(1400, 900)
    window.show()
    here = Desk(window, session, workers[0], journals)
    here.hear(Ready(specs))
    return here


@pytest.fixture
def desk(
    qtbot: QtBot, specs: tuple[StageSpec, ...], graph: Document, tmp_path: Path
) -> Iterator[Desk]:
    settings.store().clear()
    here = laid(specs, graph, tmp_path / "journals")
    yield here
    shut(here.window)
