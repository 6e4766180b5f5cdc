"""The window with 500 nodes while the worker runs, and how soon it stands."""

from __future__ import annotations

import argparse
import json
import os
import runpy
import subprocess
import sys
import time
from collections.abc import Sequence

from nodeforge.bench.frames import measure

NODES = 500
GOALS = {
    **dict.fromkeys(("pan_ms", "zoom_ms", "drag_ms", "wire_ms"), 16.0),
    **dict.fromkeys(("pan_p99", "zoom_p99", "drag_p99", "wire_p99"), 33.0),
    "search_ms": 50.0,
    "open_1000_ms": 1000.0,
    "edit_ms": 16.0,
    "start_ms": 1000.0,
    "window_mb": 250.0,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; one flat JSON object with --json, else a table with the goals."""
    parser = argparse.ArgumentParser(prog="window", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--nodes", type=int, default=NODES)
    parser.add_argument("--canvas-only", action="store_true", help="do not start the window")
    parser.add_argument("--watch", type=float, metavar="SECONDS", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.watch:
        return watch(options.watch)
    results: dict[str, float] = {"nodes": options.nodes, **measure(options.nodes)}
    if not options.canvas_only:
        results |= start_times()
    sys.stdout.write(_report(results, options.json))
    return 0


def _report(results: dict[str, float], plain: bool) -> str:
    if plain:
        return json.dumps(results) + "\n"
    lines = [
        f"{name:20} {value:10.2f}" + (f"   at most {GOALS[name]:g}" if name in GOALS else "")
        for name, value in results.items()
    ]
    return "\n".join(lines) + "\n"


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
