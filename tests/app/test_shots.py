"""The window looks as it did when it was last looked at: see the pictures in `shots`.

Set NODEFORGE_SHOTS=write to renew them, and look at them before they are committed.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pil
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from nodeforge.app.theme import DARK, LIGHT, Theme
from nodeforge.bench.frames import STAGE, graph, thumb
from nodeforge.engine.messages import (
    Ended,
    Event,
    Failed,
    Fetched,
    Finished,
    Memory,
    Picture,
    Progress,
    Queued,
    Ready,
)
from nodeforge.graph import file
from nodeforge.graph.document import NodeId
from tests.app import states
from tests.app.conftest import DECODE, MODEL, NEGATIVE, PROMPT, SAMPLE, VIEW, Desk
from tests.app.forge import wait

SHOTS = Path(__file__).parent / "shots"
CASTLE = SHOTS / "picture.png"  # what the starter graph makes
SIZE = NodeId("size")
State = Callable[[Desk], None]
MIDDLE = NodeId("n237")
SMALL = (200, 125)  # what is compared: the look, not the pixels
FIRST = {MODEL: 0.8, SIZE: 0.0, PROMPT: 0.1, NEGATIVE: 0.1}


def picture(side: int) -> Picture:
    data = io.BytesIO()
    Pil.open(CASTLE).convert("RGB").resize((side, side)).save(data, "PNG")
    return Picture(data.getvalue(), 256, 256)


def begun() -> list[Event]:
    every = (*FIRST, SAMPLE, DECODE, VIEW)
    made = [Finished(1, id, id, False, seconds) for id, seconds in FIRST.items()]
    return [Queued(1, every), *made, Memory(int(1.2e9), int(24e9))]


def running(desk: Desk) -> None:
    desk.hear(*begun(), Progress(1, SAMPLE, 0.65, 13, 20, picture(32)))
    desk.window.top.eta.setText("0.7 s")  # the clock differs from shot to shot
    desk.window.top.fit()


def finished(desk: Desk) -> None:
    done: list[Event] = [
        Finished(1, SAMPLE, "s", False, 2.0, picture(32)),
        Finished(1, DECODE, "d", False, 0.2, picture(160)),
        Finished(1, VIEW, "v", False, 0.0, picture(160)),
    ]
    desk.hear(*begun(), *done, Ended(1, seconds=3.2))
    raw = desk.journals.parent / "raw"
    raw.write_bytes(Pil.open(CASTLE).convert("RGB").tobytes())
    view = desk.window.viewer.view
    desk.hear(Fetched(VIEW, "v", 0, str(raw), (256, 256, 3)))
    wait(lambda: view.image is not None and view.image.width() == 256)


def wrong(desk: Desk) -> None:
    message = "There is no model “castles-xl”: choose a file or folder that is there."
    desk.hear(Queued(1, (MODEL,)), Failed(1, MODEL, message, "Traceback"), Ended(1, failed=True))
    desk.session.told.emit("error", "castle.nodeforge cannot be written: the disk is full.", "")


def empty(desk: Desk) -> None:
    for card in desk.window.welcome.cards:  # the templates may change; the look should not
        card._picture = QPixmap(str(CASTLE))
    desk.session.new()


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("state", [finished, running, wrong, empty])
def test_the_window_looks_as_before(desk: Desk, state: State, theme: Theme) -> None:
    window = desk.window
    desk.session.new(file.load(SHOTS / "graph.nodeforge"), "castle")
    window.wear(theme)
    window.resize(1600, 1000)
    wait(lambda: window.top.width() == 1600)
    desk.hear(Ready(tuple(desk.session.specs.values()), "CPU"))
    desk.session.select([MODEL if state is wrong else SAMPLE])
    QApplication.processEvents()
    window.canvas.fit()
    desk.session.run()
    state(desk)
    QApplication.processEvents()
    name = f"{getattr(state, '__name__', '')}-{theme.name}.png"
    shot = desk.journals.parent / name
    assert window.grab().save(str(shot))
    compare(shot)


def states_of_a_run(desk: Desk) -> None:
    desk.window.canvas.zoom_to(0.8)
    desk.session.select([NodeId("again")])
    states.mid_run(desk)


def commands(desk: Desk) -> None:
    states.mid_run(desk)
    desk.window.ask_command()
    desk.window.palette_box.line.setText("s")


def costs(desk: Desk) -> None:
    states.mid_run(desk)
    desk.window.canvas.zoom_to(1.0)
    desk.window.canvas.centre([NodeId("prompt")])
    desk.window.canvas.widget.toggle_costs()


def far_away(desk: Desk) -> None:
    specs = (*desk.session.specs.values(), STAGE)
    desk.hear(Ready(specs, "CPU"))
    desk.session.new(graph(500), "five hundred")
    QApplication.processEvents()
    desk.window.canvas.fit(whole=True)
    desk.session.run()
    ids = [NodeId(f"n{number}") for number in range(500)]
    pictures = [thumb(number) for number in range(16)]
    job = desk.session.job
    made = [Finished(job, id, id, False, 0.1, pictures[n % 16]) for n, id in enumerate(ids[:260])]
    desk.hear(Queued(job, tuple(ids)), *made, Progress(job, ids[260], 0.4, 8, 20, pictures[0]))
    desk.session.select([MIDDLE])


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("state", [states_of_a_run, commands, costs, far_away])
def test_the_canvas_looks_as_before(desk: Desk, state: State, theme: Theme) -> None:
    window = desk.window
    desk.session.new(states.graph(), "states")
    window.wear(theme)
    window.resize(1600, 1000)
    wait(lambda: window.top.width() == 1600)
    desk.hear(Ready(tuple(desk.session.specs.values()), "CPU"))
    QApplication.processEvents()
    window.canvas.fit()
    state(desk)
    window.top.eta.setText("0.7 s")
    window.top.fit()
    for _ in range(2):  # layouts within layouts
        QApplication.processEvents()
    name = f"{getattr(state, '__name__', '')}-{theme.name}.png".replace("_", "-")
    shot = desk.journals.parent / name
    assert window.grab().save(str(shot))
    compare(shot)


def compare(shot: Path) -> None:
    """Fail if a shot differs from the kept one of its name by more than a badge's number."""
    name = shot.name
    if os.environ.get("NODEFORGE_SHOTS") == "write":
        (SHOTS / name).write_bytes(shot.read_bytes())
    now, before = looked_at(shot), looked_at(SHOTS / name)
    off = np.abs(now - before)
    if off.mean() > 2.5 or (off.max(axis=2) > 48).mean() > 0.02:
        (SHOTS / "failed").mkdir(exist_ok=True)
        (SHOTS / "failed" / name).write_bytes(shot.read_bytes())
        pytest.fail(f"{name} looks different: compare it with shots/failed/{name}")


def looked_at(path: Path) -> NDArray[np.float32]:
    image = Pil.open(path).convert("RGB").resize(SMALL, Pil.Resampling.BOX)
    return np.asarray(image, np.float32)
