"""Frames of the whole window on 500 nodes with thumbnails, while the worker samples.

A frame is a gesture's step, everything that waits in the event loop, and the repaint: what lies
between a move of the hand and the picture of it.
"""

from __future__ import annotations

import atexit
import io
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from nodeforge.bench.busy import Busy
from nodeforge.engine.messages import Event, Finished, Picture
from nodeforge.graph.document import Document, Link, Node, NodeId
from nodeforge.graph.spec import Number, Param, Port, StageSpec

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from nodeforge.app.window import Window

COLUMNS = 25
SIZE = (1600, 900)
FRAMES = 100  # of each gesture at each zoom
ZOOMS = (0.0, 0.5, 1.0)  # 0: all in view
STAGES = 500
STAGE = StageSpec(
    "bench.mix",
    "Mix",
    "bench",
    "Five ports and two values.",
    icon="blend",
    inputs=tuple(Port(name, "Image", optional=True) for name in "abc"),
    outputs=(Port("image", "Image"), Port("rest", "Image")),
    params=(
        Param("amount", Number(0, 1, step=0.01), 0.5),
        Param("size", Number(1, 64, whole=True, unit="px"), 8),
    ),
)


def graph(count: int) -> Document:
    """Rows of nodes, each wired to its left and upper neighbours: 5 ports and 2 wires a node."""
    nodes = {}
    for number in range(count):
        left, above = number - 1, number - COLUMNS
        links = {}
        if number % COLUMNS:
            links["a"] = (Link(NodeId(f"n{left}"), "image"),)
        if above >= 0:
            links["b"] = (Link(NodeId(f"n{above}"), "rest"),)
        at = (number % COLUMNS * 260.0, number // COLUMNS * 300.0)
        id = NodeId(f"n{number}")
        nodes[id] = Node(id, STAGE.id, links=links, at=at, title=f"Mix {number}")
    return Document(nodes)


def stages(count: int) -> tuple[StageSpec, ...]:
    """The one on the canvas, and others to search among."""
    words = ("Blur", "Blend", "Upscale", "Sharpen", "Mask", "Crop", "Decode", "Sample", "Prompt")
    others = (
        replace(STAGE, id=f"bench.s{n}", title=f"{words[n % len(words)]} {n}", doc=f"Does {n}.")
        for n in range(count - 1)
    )
    return (STAGE, *others)


def thumb(number: int) -> Picture:
    """A small picture of noise, as the worker would send it."""
    import numpy as np
    from PIL import Image

    noise = np.random.default_rng(number).integers(0, 255, (8, 8, 3), np.uint8)
    data = io.BytesIO()
    Image.fromarray(noise).resize((160, 160), Image.Resampling.BICUBIC).save(data, "JPEG")
    return Picture(data.getvalue(), 1024, 1024)


@dataclass
class Bench:
    """An open window on the graph, its worker at work.

    frames: the milliseconds of each, by gesture and zoom; work: those of them in which the window
    really had a core. busy: the latter, of the last frame.
    """

    window: Window
    worker: Busy
    painted: int = 0
    zoom: float = 0.0
    busy: float = 0.0
    frames: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    work: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def frame(self, step: Callable[[], object]) -> float:
        """Milliseconds, of the clock on the wall."""
        from PySide6.QtWidgets import QApplication

        before = self.painted
        began, busy = time.perf_counter(), time.thread_time()
        step()
        QApplication.processEvents()
        if self.painted == before:
            self.window.canvas.widget.viewport().repaint()
        self.busy = (time.thread_time() - busy) * 1000
        return (time.perf_counter() - began) * 1000

    def take(self, name: str, steps: Sequence[Callable[[], object]]) -> None:
        """Frames of a gesture, kept apart for each zoom."""
        key = f"{name} {self.zoom:g}"
        times, work = self.frames.setdefault(key, []), self.work.setdefault(key, [])
        for step in steps:
            times.append(self.frame(step))
            work.append(self.busy)
        self.worker.check()

    def worst(self, name: str) -> dict[str, float]:
        """The median and the 99th percentile of a gesture, at the zoom where each is worst."""
        keys = [key for key in self.frames if key.split()[0] == name]
        return {
            f"{name}_ms": max(median(self.frames[key]) for key in keys),
            f"{name}_p99": max(quantiles(self.frames[key], n=100)[98] for key in keys),
            f"{name}_work_ms": max(median(self.work[key]) for key in keys),
        }


def roomy_screen() -> None:
    """Where there is no screen, one that the window fits on; before there is a QApplication."""
    if os.environ.setdefault("QT_QPA_PLATFORM", "offscreen") == "offscreen":
        screen = {"name": "bench", "x": 0, "y": 0, "width": 3840, "height": 2160}
        file = Path(tempfile.gettempdir()) / f"nodeforge-screen-{os.getpid()}.json"
        file.write_text(json.dumps({"screens": [screen]}))
        atexit.register(file.unlink, missing_ok=True)
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={file}"


@contextmanager
def bench(count: int) -> Iterator[Bench]:
    """A window whose canvas is 1600 x 900, on so many nodes that all have thumbnails."""
    roomy_screen()
    from PySide6.QtCore import QEvent, QObject, QSettings
    from PySide6.QtWidgets import QApplication

    from nodeforge.app.session import Session
    from nodeforge.app.theme import DARK
    from nodeforge.app.window import Window

    app = QApplication.instance() or QApplication(["bench"])
    with tempfile.TemporaryDirectory() as folder:
        scope = QSettings.Scope.UserScope
        QSettings.setPath(QSettings.Format.NativeFormat, scope, folder)  # not those of the artist
        session = Session(stages(STAGES))
        window = Window(session, DARK, Path(folder))
        ids = [NodeId(f"n{number}") for number in range(count)]
        workers: list[Busy] = []

        def connect(say: Callable[[Event], None]) -> Busy:
            workers.append(Busy(say, tuple(session.specs.values()), ids[count // 2 :]))
            return workers[0]

        session.start(connect)
        window.show()
        view = window.canvas.widget
        for _ in range(8):  # the picture beside it takes a part of what is added
            window.resize(
                window.width() + SIZE[0] - view.width(), window.height() + SIZE[1] - view.height()
            )
            app.processEvents()
        session.new(graph(count))
        made = Bench(window, workers[0])

        class Watch(QObject):
            def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
                made.painted += event.type() == QEvent.Type.Paint
                return False

        watch = Watch()
        view.viewport().installEventFilter(watch)
        try:
            session.run()
            _wait(lambda: workers[0].steps > 0 or bool(workers[0].fault))
            pictures = [thumb(number) for number in range(16)]
            for number, id in enumerate(ids):
                session.runs.hear(Finished(1, id, id, False, 0.1, pictures[number % 16]))
            workers[0].check()
            _wait(lambda: False, 1.0)
            yield made
        finally:
            view.viewport().removeEventFilter(watch)
            window.hide()
            session.close()
            window.canvas.close()


def _wait(until: Callable[[], bool], limit: float = 120.0) -> None:
    from PySide6.QtWidgets import QApplication

    ends = time.monotonic() + limit
    while not until() and time.monotonic() < ends:
        QApplication.processEvents()
        time.sleep(0.01)


def measure(count: int = 500, frames: int = FRAMES) -> dict[str, float]:
    """Milliseconds. Floor: a frame of the same window on an empty canvas, beside the same worker.

    Medians of each gesture, and the 99th percentile (_p99), at the worst of three zooms. _work_ms:
    without the time in which other programs had the cores.
    """
    with bench(count) as made:
        for made.zoom in ZOOMS:
            _gestures(made, made.zoom, frames, count)
        results: dict[str, float] = {}
        for name in ("pan", "zoom", "drag", "wire"):
            results |= made.worst(name)
        results |= _popup(made)
        results |= _large(made, 2 * count)
        results |= _floor(made, frames)
    return {name: round(value, 2) for name, value in results.items()}


def _gestures(made: Bench, zoom: float, frames: int, count: int) -> None:
    from PySide6.QtCore import QPoint, QPointF

    canvas = made.window.canvas
    view = canvas.widget
    middle = QPoint(SIZE[0] // 2, SIZE[1] // 2)
    node = NodeId(f"n{COLUMNS * (count // COLUMNS // 2) + COLUMNS // 2}")

    def look() -> None:
        canvas.fit(whole=True)
        if zoom:
            view.look_at(canvas.cards[node].sceneBoundingRect().center(), zoom)
        for _ in range(3):
            made.frame(lambda: None)

    way = QPointF(7, 4)
    look()
    made.take("pan", [lambda s=s: view.pan_by(way * s) for s in _swing(frames)])  # type: ignore[misc]
    look()
    steps = [1.03 if s > 0 else 1 / 1.03 for s in _swing(frames)]
    made.take("zoom", [lambda f=f: view.zoom_by(f, middle) for f in steps])  # type: ignore[misc]
    made.take("zoom", [view._sharpen])
    look()
    card = canvas.cards[node]
    grip = view.mapFromScene(card.pos() + QPointF(100, 15))
    made.take("drag", _moves(made, grip, frames))
    made.window.session.undo()
    look()
    if zoom >= ZOOMS[1]:
        place = canvas.cards[node].ports[True, "image"].centre()
        made.take("wire", _moves(made, view.mapFromScene(place), frames, lift=True))
    made.window.session.select([])


def _swing(frames: int) -> list[int]:
    """Forth and back, ten steps each way."""
    return [1 if step // 10 % 2 == 0 else -1 for step in range(frames)]


def _moves(
    made: Bench, start: QPoint, frames: int, lift: bool = False
) -> list[Callable[[], object]]:
    """A press, moves away and back, which is no shake, and the release beside the start, with Alt:
    a node goes into no wire. lift: Esc ends it."""
    from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
    from PySide6.QtGui import QKeyEvent, QMouseEvent
    from PySide6.QtWidgets import QApplication

    view, kinds, none = made.window.canvas.widget, QEvent.Type, Qt.MouseButton.NoButton
    left, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    alt = Qt.KeyboardModifier.AltModifier
    port = view.viewport()

    def send(
        kind: QEvent.Type,
        at: QPoint,
        button: Qt.MouseButton,
        held: Qt.MouseButton,
        keys: Qt.KeyboardModifier = plain,
    ) -> None:
        place = QPointF(at)
        event = QMouseEvent(kind, place, QPointF(port.mapToGlobal(place)), button, held, keys)
        QApplication.sendEvent(port, event)

    send(kinds.MouseMove, start, none, none)
    send(kinds.MouseButtonPress, start, left, left)
    path = [start + QPoint(6, 4) * min(step, frames - step) for step in range(frames)]
    moves: list[Callable[[], object]] = [
        lambda at=at: send(kinds.MouseMove, at, none, left)  # type: ignore[misc]
        for at in path
    ]

    def end() -> None:
        if lift:
            QApplication.sendEvent(view, QKeyEvent(kinds.KeyPress, Qt.Key.Key_Escape, plain))
        beside = start + QPoint(6, 4)
        send(kinds.MouseMove, beside, none, left, alt)
        send(kinds.MouseButtonRelease, beside, left, none, alt)

    return [*moves, end]


def _popup(made: Bench) -> dict[str, float]:
    """The search among 500 stages: opened, and a letter typed."""
    window, times = made.window, dict[str, list[float]](open=[], letter=[])
    line = window.search.line
    for _ in range(9):
        times["open"].append(made.frame(window.ask_node))
        for text in ("u", "up", "ups"):
            times["letter"].append(made.frame(lambda text=text: line.setText(text)))  # type: ignore[misc]
        made.frame(window.search.hide)
    return {"search_ms": max(median(each) for each in times.values())}


def _large(made: Bench, count: int) -> dict[str, float]:
    """Twice as many nodes: opened, and edited one at a time."""
    session, canvas = made.window.session, made.window.canvas
    document = graph(count)
    opened: list[tuple[float, float]] = []
    for _ in range(5):
        session.new()
        made.frame(lambda: None)
        opened.append((made.frame(lambda: session.new(document)), made.busy))
    canvas.fit(whole=True)
    _wait(lambda: False, 1.0)
    made.frame(lambda: None)
    edits: list[tuple[float, float]] = []
    for number in range(60):
        id, before = NodeId(f"n{number * 7 + 30}"), session.document
        after = (
            before.set(id, amount=number / 100),
            before.connect(NodeId(f"n{number}"), "rest", id, "c"),
            before.move({id: (number * 11.0, number * 5.0)}),
        )[number % 3]
        edits.append((made.frame(lambda after=after: session.edit("Edit", after)), made.busy))  # type: ignore[misc]
    return {
        "open_1000_ms": median(wall for wall, _ in opened),
        "open_1000_work_ms": median(work for _, work in opened),
        "edit_ms": median(wall for wall, _ in edits),
        "edit_work_ms": median(work for _, work in edits),
    }


def _floor(made: Bench, frames: int) -> dict[str, float]:
    made.window.session.new()
    _wait(lambda: False, 1.0)  # what the last graph left is collected
    update = made.window.canvas.widget.viewport().update
    times = [made.frame(update) for _ in range(frames)]
    return {"floor_ms": median(times), "floor_p99": quantiles(times, n=100)[98]}
