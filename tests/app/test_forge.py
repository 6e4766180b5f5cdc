"""From a word to a picture, by mouse and keys, with the real worker and the embedded model."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.app.entries import entries
from nodeforge.app.fields import ChoiceField, WordsField
from nodeforge.app.library import mime
from nodeforge.app.outgoing import Whole
from nodeforge.engine.client import Engine
from nodeforge.engine.messages import Died, Ended, Event, Finished, Progress
from nodeforge.graph.document import Link, Node, NodeId
from nodeforge.graph.spec import StageSpec
from nodeforge.interop.a1111 import parse_parameters
from nodeforge.interop.metadata import graph_of, read
from nodeforge.interop.xmp import DRAWN
from tests.app.canvas import mouse
from tests.app.conftest import DECODE, MODEL, NEGATIVE, PROMPT, SAMPLE, VIEW
from tests.app.forge import Forge, forge, made, wait

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
SIZE = NodeId("size")


@pytest.fixture(scope="module")
def running(
    specs: tuple[StageSpec, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Forge]:
    with forge(specs, tmp_path_factory.mktemp("journals")) as here:
        here.begin()
        here.ran(lambda: QTest.mouseClick(here.window.top.run, LEFT))
        yield here


@pytest.fixture
def here(running: Forge) -> Forge:
    """With the starter graph open and made."""
    running.begin()
    running.ran(running.session.run)
    return running


def test_the_first_run_ends_with_the_full_picture_in_the_viewer(here: Forge) -> None:
    viewer = here.window.viewer
    wait(lambda: viewer.view.image is not None and viewer.view.image.width() == 256)
    assert viewer.node == VIEW
    assert "256" in viewer.view.notes[1]
    phases = {here.session.state(id).phase for id in here.session.document.nodes}
    assert phases == {"cached"}


def test_what_is_saved_from_the_viewer_tells_how_it_was_drawn(here: Forge, tmp_path: Path) -> None:
    viewer, path = here.window.viewer, tmp_path / "a.jpg"
    wait(lambda: isinstance(viewer.whole(), Whole))
    viewer.save_as(path)
    wait(path.exists)
    told = read(path)
    found = parse_parameters(told.parameters)
    assert found is not None
    assert found.seed == here.session.document.nodes[SAMPLE].values["seed"]
    assert (found.width, found.model, told.source) == (256, "forge-tiny", DRAWN)
    assert graph_of(path)[0].nodes == here.session.document.nodes


def test_editing_the_prompt_and_ctrl_enter_reruns_only_what_depends_on_it(here: Forge) -> None:
    here.session.select([PROMPT])
    here.window.activateWindow()
    control = here.window.inspector.rows["text"].field
    assert isinstance(control, WordsField)
    control.words.setFocus()
    control.words.selectAll()

    def act() -> None:
        QTest.keyClicks(control.words, "a red castle")
        QTest.keyClick(control.words, Qt.Key.Key_Return, CTRL)

    computed, cached = made(here.ran(act))
    assert computed == {PROMPT, SAMPLE, DECODE, VIEW}
    assert cached <= {MODEL, NEGATIVE, SIZE}
    here.session.undo()
    back, _ = made(here.ran(here.session.run))
    assert back == set(), "what was made before is still there"


def test_another_sampler_chosen_by_mouse_keeps_all_before_it(here: Forge) -> None:
    here.session.select([SAMPLE])
    QApplication.processEvents()
    control = here.window.inspector.rows["sampler"].field
    assert isinstance(control, ChoiceField)
    before = control.combo.currentText()
    QTest.mouseClick(control.combo, LEFT)
    shown = control.combo.view()
    wait(shown.isVisible)
    row = shown.visualRect(shown.model().index(4, 0)).center()

    def chosen() -> bool:  # a list takes no click in its first moment
        QTest.mouseMove(shown.viewport(), row)
        QTest.mouseClick(shown.viewport(), LEFT, pos=row)
        return control.combo.currentText() != before

    wait(chosen)
    computed, cached = made(here.ran(lambda: QTest.mouseClick(here.window.top.run, LEFT)))
    assert computed == {SAMPLE, DECODE, VIEW}
    assert cached <= {MODEL, PROMPT, NEGATIVE, SIZE}


def test_sharpen_dropped_on_the_wire_and_deleted_again(here: Forge) -> None:
    canvas, session = here.window.canvas, here.session
    output = canvas.cards[DECODE].ports[True, "image"]
    entry = canvas.cards[VIEW].ports[False, "image"]
    entry_at = (output.centre() + entry.centre()) / 2
    sharpen = next(e for e in entries(session.specs) if e.spec.id == "picture.sharpen")
    mouse.drop(canvas, mime(sharpen), entry_at)
    new = session.current
    assert new is not None
    assert new.stage == "picture.sharpen"
    assert session.document.nodes[VIEW].links["image"][0].node == new.id
    computed, cached = made(here.ran(lambda: QTest.mouseClick(here.window.top.run, LEFT)))
    assert computed == {new.id, VIEW}
    assert SAMPLE not in computed
    assert DECODE in cached or session.state(DECODE).phase == "cached"

    session.edit("Move", session.document.move({new.id: (900.0, 400.0)}))
    QApplication.processEvents()
    mouse.click(canvas, canvas.cards[new.id].scenePos() + QPointF(60, 12))
    mouse.press(canvas, Qt.Key.Key_Delete)
    assert new.id not in session.document.nodes
    output = canvas.cards[DECODE].ports[True, "image"]
    mouse.drag_wire(canvas, output, canvas.cards[VIEW].ports[False, "image"])
    assert session.document.nodes[VIEW].links["image"][0].node == DECODE
    computed, _ = made(here.ran(lambda: QTest.mouseClick(here.window.top.run, LEFT)))
    assert computed == set(), "this picture was made before"


def test_a_model_that_is_not_there_is_said_at_its_node(here: Forge) -> None:
    session = here.session
    session.select([MODEL])
    session.edit("File", session.document.set(MODEL, file="no-such-model"))
    here.ran(session.run)
    state = session.state(MODEL)
    assert state.phase == "error"
    assert here.window.inspector.state.words.text() == state.message
    assert len(state.message) > 10
    assert "Traceback" not in state.message
    wait(here.window.status.wrong.isVisible)


def test_a_graph_whose_results_are_there_fills_the_viewer_without_a_run(here: Forge) -> None:
    session, viewer = here.session, here.window.viewer
    document = session.document
    heard: list[Event] = []
    session.news.connect(heard.append)
    session.new(document, "again")
    assert viewer.view.image is None
    wait(lambda: viewer.view.image is not None and viewer.view.image.width() == 256)
    session.news.disconnect(heard.append)
    assert not [event for event in heard if isinstance(event, Finished | Ended)]
    assert {session.state(id).phase for id in document.nodes} == {"cached"}


def test_what_does_not_need_an_unknown_stage_is_made_and_the_reason_is_said(here: Forge) -> None:
    session = here.session
    links = {"images": (Link(VIEW, "image"),)}
    strange = Node(NodeId("strange"), "comfy.preview", links=links)
    session.edit("Add", session.document.set(SAMPLE, seed=11).add(strange))
    computed, _ = made(here.ran(session.run))
    assert computed == {SAMPLE, DECODE, VIEW}
    assert here.window.toasts.shown[-1].words.startswith(
        "Not everything ran. comfy.preview is not installed"
    )


def test_an_engine_that_is_ended_hands_on_what_was_made(here: Forge) -> None:
    session = here.session
    session.edit("Steps", session.document.set(SAMPLE, steps=400, seed=6))
    heard: list[Event] = []
    session.news.connect(heard.append)
    session.run()
    wait(lambda: any(isinstance(e, Progress) and e.step >= 2 for e in heard))
    session.runs.end_engine()
    wait(lambda: any(isinstance(e, Died) for e in heard))
    session.news.disconnect(heard.append)
    assert not session.running
    session.edit("Steps", session.document.set(SAMPLE, steps=2))
    computed, cached = made(here.ran(session.run))
    assert computed == {SAMPLE, DECODE, VIEW}
    assert {PROMPT, NEGATIVE} <= cached, "the model need not read them again"


def test_a_cancelled_run_stops_within_a_step(here: Forge) -> None:
    session = here.session
    session.edit("Steps", session.document.set(SAMPLE, steps=400, seed=4))
    heard: list[Event] = []
    session.news.connect(heard.append)
    session.run()
    wait(lambda: any(isinstance(e, Progress) and e.step >= 2 for e in heard))
    here.window.activateWindow()
    QTest.keyClick(here.window.canvas.widget, Qt.Key.Key_Escape)
    wait(lambda: any(isinstance(e, Ended) for e in heard))
    session.news.disconnect(heard.append)
    ended = next(e for e in heard if isinstance(e, Ended))
    assert ended.cancelled
    assert not session.running


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_worker_is_said_at_the_node_and_the_next_run_succeeds(here: Forge) -> None:
    session = here.session
    session.edit("Steps", session.document.set(SAMPLE, steps=400, seed=5))
    session.select([SAMPLE])
    heard: list[Event] = []
    session.news.connect(heard.append)
    session.run()
    wait(lambda: any(isinstance(e, Progress) and e.step >= 2 for e in heard))
    assert isinstance(session.worker, Engine)
    pid = session.worker.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait(lambda: any(isinstance(e, Died) for e in heard))
    session.news.disconnect(heard.append)
    state = session.state(SAMPLE)
    assert state.phase == "error"
    assert state.message
    assert here.window.inspector.state.words.text() == state.message
    assert here.window.isVisible()

    session.edit("Steps", session.document.set(SAMPLE, steps=2))
    computed, _ = made(here.ran(session.run))
    assert {SAMPLE, DECODE, VIEW} <= computed
    assert session.state(VIEW).phase == "cached"


def test_another_way_to_run_models_makes_the_same_picture_anew(here: Forge) -> None:
    """Last: the worker that it leaves runs otherwise."""
    session, window = here.session, here.window
    heard = here.ran(session.run)
    assert made(heard) == (set(), set(session.document.nodes))
    before = shown(heard)
    worker = session.worker
    assert isinstance(worker, Engine)
    pid = worker.pid
    box = window.show_preferences().choices["memory_"]
    QTest.keyClicks(box, "Blocks")
    QApplication.processEvents()
    assert window.actions_by_id["memory_stream"].isChecked()
    heard = here.ran(session.run)
    assert worker.pid != pid
    assert made(heard) == (set(session.document.nodes), set())
    assert shown(heard) == before, "bit by bit"
    wait(lambda: window.memory.held.plan.startswith("stream"))


def shown(heard: list[Event]) -> dict[NodeId, bytes]:
    """The small picture of each node that has one."""
    done = [event for event in heard if isinstance(event, Finished)]
    return {event.node: event.picture.data for event in done if event.picture}
