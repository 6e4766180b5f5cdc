"""The canvas with 500 nodes, and how soon the window stands: `python -m nodeforge.bench.window`."""

from __future__ import annotations

import argparse
import json
import os
import runpy
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from nodeforge.graph.document import Document, Link, Node, NodeId
from nodeforge.graph.spec import Number, Param, Port, StageSpec

if TYPE_CHECKING:
    from nodeforge.app.canvas import Canvas

NODES, FRAMES = 500, 60
COLUMNS = 25
SIZE = (1600, 900)
FLOORS = {
    "pan_ms": 16.0,
    "zoom_ms": 16.0,
    "drag_ms": 16.0,
    "start_ms": 1000.0,
    "window_mb": 250.0,
}
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


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; one flat JSON object with --json, else a table with the floors."""
    parser = argparse.ArgumentParser(prog="window", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--nodes", type=int, default=NODES)
    parser.add_argument("--canvas-only", action="store_true", help="do not start the window")
    parser.add_argument("--watch", type=float, metavar="SECONDS", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.watch:
        return watch(options.watch)
    results: dict[str, float] = {"nodes": options.nodes, **canvas_times(options.nodes)}
    if not options.canvas_only:
        results |= start_times()
    sys.stdout.write(_report(results, options.json))
    return 0


def _report(results: dict[str, float], plain: bool) -> str:
    if plain:
        return json.dumps(results) + "\n"
    lines = [
        f"{name:20} {value:10.2f}" + (f"   floor {FLOORS[name]:g}" if name in FLOORS else "")
        for name, value in results.items()
    ]
    return "\n".join(lines) + "\n"


def canvas_times(count: int = NODES) -> dict[str, float]:
    """Medians over 60 repainted frames at 1600 x 900, raster, without a screen."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtWidgets import QApplication

    from nodeforge.app.canvas import Canvas
    from nodeforge.app.session import Session
    from nodeforge.app.theme import DARK, apply

    app = QApplication.instance() or QApplication(["bench"])
    assert isinstance(app, QApplication)
    apply(app, DARK)
    session = Session([STAGE])
    canvas = Canvas(session, DARK)
    view = canvas.widget
    view.resize(*SIZE)
    view.show()
    began = time.perf_counter()
    session.new(graph(count))
    built = (time.perf_counter() - began) * 1000
    canvas.fit()
    app.processEvents()
    ways = [QPointF(7 * (-1) ** (i // 8), 4 * (-1) ** (i // 5)) for i in range(FRAMES)]
    middle = QPoint(SIZE[0] // 2, SIZE[1] // 2)
    card = canvas.cards[NodeId(f"n{count // 2}")]
    results = {
        "pan_ms": _frames(canvas, lambda i: view.pan_by(ways[i])),
        "zoom_ms": _frames(canvas, lambda i: view.zoom_by(1.03 if i % 8 < 4 else 1 / 1.03, middle)),
    }
    view.look_at(card.sceneBoundingRect().center(), 1.0)
    view.scenery.zooming = False
    view.viewport().repaint()
    results["near_pan_ms"] = _frames(canvas, lambda i: view.pan_by(ways[i]))

    def drag(step: int) -> None:
        card.setPos(card.pos() + ways[step])
        canvas.route()

    results["drag_ms"] = _frames(canvas, drag)
    results["near_zoom_ms"] = _frames(
        canvas, lambda i: view.zoom_by(0.97 if i % 20 < 10 else 1 / 0.97, middle)
    )
    results["build_ms"] = built
    canvas.close()
    session.close()
    return {name: round(value, 2) for name, value in results.items()}


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
        at = (number % COLUMNS * 260.0, number // COLUMNS * 220.0)
        id = NodeId(f"n{number}")
        nodes[id] = Node(id, STAGE.id, links=links, at=at, title=f"Mix {number}")
    return Document(nodes)


def _frames(canvas: Canvas, step: Callable[[int], object]) -> float:
    """Milliseconds from a step to the whole view repainted, the median."""
    times = []
    for number in range(FRAMES):
        began = time.perf_counter()
        step(number)
        canvas.widget.viewport().repaint()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def start_times(limit: float = 60.0) -> dict[str, float]:
    """The window as a process of its own, best of three, disk warm. limit: seconds for each."""
    best: dict[str, float] = {}
    for _ in range(3):
        for name, value in _start(limit).items():
            best[name] = min(best.get(name, value), value)
    return best


def _start(limit: float) -> dict[str, float]:
    environment = dict(os.environ)
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-m", "nodeforge.bench.window", "--watch", str(limit)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=limit + 30,
        check=False,
    )
    told = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not told:
        sys.stderr.write(done.stderr)
        return {}
    seen: dict[str, float] = json.loads(told[-1])
    times = {"start_ms": "drawn_at", "worker_ready_ms": "ready_at"}
    result = {name: (seen[at] - began) * 1000 for name, at in times.items() if at in seen}
    result["window_mb"] = seen["window_mb"]
    return {name: round(value, 1) for name, value in result.items()}


def watch(limit: float) -> int:
    """Be `nodeforge`, and note when the window is drawn and when the worker is ready; then end."""
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QGraphicsView

    from nodeforge.app.start import application

    app = application()
    seen: dict[str, float] = {}

    class Watcher(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
            canvas = watched.parent()
            if event.type() == QEvent.Type.Paint and isinstance(canvas, QGraphicsView):
                app.removeEventFilter(self)
                QTimer.singleShot(0, drawn)
            return False

    def drawn() -> None:
        seen["drawn_at"] = time.time()
        window = next(each for each in app.topLevelWidgets() if hasattr(each, "session"))
        window.session.news.connect(heard)

    def heard(event: object) -> None:
        if type(event).__name__ == "Ready":
            seen["ready_at"] = time.time()
            QTimer.singleShot(200, app.quit)

    watcher = Watcher()
    app.installEventFilter(watcher)
    QTimer.singleShot(int(limit * 1000), app.quit)
    app.aboutToQuit.connect(lambda: seen.update(window_mb=_megabytes()))
    sys.argv = ["nodeforge"]
    try:
        runpy.run_module("nodeforge", run_name="__main__")
    except SystemExit as end:
        sys.stdout.write(json.dumps(seen) + "\n")
        return int(end.code or 0)
    return 1


def _megabytes() -> float:
    """What this process holds in memory, without its worker."""
    import psutil  # type: ignore[import-untyped]

    return float(psutil.Process().memory_info().rss / 1e6)


if __name__ == "__main__":
    sys.exit(main())
