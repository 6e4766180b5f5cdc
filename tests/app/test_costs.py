"""T shows what each node cost, and marks the slowest."""

from __future__ import annotations

from PySide6.QtCore import Qt

from nodeforge.app.canvas import costs
from nodeforge.app.state import IDLE, finished
from nodeforge.engine.messages import Finished
from nodeforge.graph.document import NodeId
from tests.app import states
from tests.app.canvas import mouse
from tests.app.conftest import SAMPLE, Desk

BIG = 300 * 10**6


def test_time_memory_and_how_often_a_node_was_spared() -> None:
    first = finished(IDLE, Finished(1, SAMPLE, "k", False, 1.94, held=12 * 10**6))
    assert costs.words(first) == "1.9 s · 12 MB · 0 of 1 cached"
    again = finished(first, Finished(2, SAMPLE, "k", True, 1.94, held=BIG))
    assert costs.words(again) == "1.9 s · 300 MB · 1 of 2 cached"
    assert costs.words(IDLE) == ""


def test_only_what_took_a_good_part_of_the_time_is_slow() -> None:
    times = [0.1, 0.2, 4.0, 0.0]
    made = [finished(IDLE, Finished(1, SAMPLE, "k", False, each)) for each in times]
    limit = costs.slow(made)
    assert [each >= limit for each in times] == [False, False, True, False]


def test_t_shows_and_hides_them(desk: Desk) -> None:
    window = desk.window
    desk.session.new(states.graph())
    window.canvas.zoom_to(1.0)
    window.canvas.centre([NodeId("model")])
    states.mid_run(desk)
    plain = window.canvas.widget.grab().toImage()
    window.canvas.widget.setFocus()
    mouse.press(window.canvas, Qt.Key.Key_T)
    if not window.canvas.scenery.costs:  # without a window system, shortcuts need a push
        window.actions_by_id["costs"].trigger()
    assert window.actions_by_id["costs"].isCheckable()
    assert window.canvas.widget.grab().toImage() != plain
    window.actions_by_id["costs"].trigger()
    assert window.canvas.widget.grab().toImage() == plain
