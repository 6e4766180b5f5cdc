"""The session: one gate for edits, and the worker's news sorted."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from nodeforge.engine.messages import (
    Died,
    Ended,
    Failed,
    Finished,
    Planned,
    Progress,
    Queued,
    Ready,
)
from nodeforge.graph.document import Diff, Document, Node, NodeId
from tests.app.conftest import DECODE, MODEL, PROMPT, SAMPLE, VIEW, Desk


def test_an_edit_is_told_as_a_difference_and_can_be_undone(desk: Desk) -> None:
    heard: list[Diff] = []
    desk.session.changed.connect(heard.append)
    before = desk.session.document
    desk.session.edit("Steps", before.set(SAMPLE, steps=7))
    assert [node.id for node in heard[-1].changed] == [SAMPLE]
    assert desk.session.dirty
    assert desk.session.undo()
    assert desk.session.document == before
    assert not desk.session.dirty
    assert desk.session.redo()
    assert desk.session.document.nodes[SAMPLE].values["steps"] == 7


def test_a_node_follows_its_run_from_the_line_to_the_picture(desk: Desk) -> None:
    desk.session.run()
    desk.hear(Queued(1, (SAMPLE, DECODE, VIEW)), Finished(1, MODEL, "k", cached=True))
    assert desk.session.state(SAMPLE).place == 1
    desk.hear(Progress(1, SAMPLE, 0.65, 13, 20))
    running = desk.session.state(SAMPLE)
    assert (running.phase, running.step, running.steps) == ("running", 13, 20)
    assert desk.session.state(DECODE).place == 1
    assert desk.session.state(VIEW).place == 2
    desk.hear(Finished(1, SAMPLE, "s", cached=False, seconds=2.0))
    assert desk.session.state(SAMPLE).phase == "cached"
    assert desk.session.state(SAMPLE).seconds == 2.0


def test_progress_never_slides_back(desk: Desk) -> None:
    desk.session.run()
    desk.hear(Progress(1, SAMPLE, 0.6, 12, 20), Progress(1, SAMPLE, 0.2, 4, 20))
    assert desk.session.state(SAMPLE).fraction == 0.6


def test_news_of_an_older_job_is_dropped(desk: Desk) -> None:
    desk.session.run()
    desk.session.runs.replace()
    desk.hear(Failed(1, SAMPLE, "old"), Ended(1))
    assert desk.session.state(SAMPLE).phase != "error"
    assert desk.session.running


def test_an_edit_asks_what_will_run_once_the_hand_rests(desk: Desk, qtbot: QtBot) -> None:
    for steps in (5, 6, 7):
        desk.session.edit("Steps", desk.session.document.set(SAMPLE, steps=steps), "drag")
    already = desk.worker.words().count("plan")
    qtbot.waitUntil(lambda: desk.worker.words().count("plan") == already + 1, timeout=2000)
    desk.hear(Planned(0, {MODEL: "cached", SAMPLE: "run", DECODE: "Connect a latent."}))
    phases = [desk.session.state(id).phase for id in (MODEL, SAMPLE, DECODE)]
    assert phases == ["cached", "will run", "missing"]
    assert desk.session.state(DECODE).message == "Connect a latent."


def test_a_failed_node_keeps_its_sentence_until_something_it_needs_is_edited(desk: Desk) -> None:
    desk.session.run()
    desk.hear(Queued(1, (SAMPLE,)), Failed(1, SAMPLE, "No.", "trace"), Ended(1, failed=True))
    desk.hear(Planned(0, {SAMPLE: "run"}))
    assert desk.session.state(SAMPLE).message == "No."
    desk.session.edit("Words", desk.session.document.set(PROMPT, text="a cat"))
    desk.hear(Planned(0, {SAMPLE: "run"}))
    assert desk.session.state(SAMPLE).phase == "will run"


def test_a_cancelled_run_leaves_nothing_running(desk: Desk) -> None:
    desk.session.run()
    desk.hear(Queued(1, (SAMPLE, DECODE)), Progress(1, SAMPLE, 0.5, 10, 20))
    desk.session.cancel()
    assert desk.worker.words()[-1] == "stop"
    desk.hear(Ended(1, cancelled=True))
    assert {desk.session.state(id).phase for id in (SAMPLE, DECODE)} == {"will run"}
    assert not desk.session.running


def test_the_death_of_the_worker_is_told_at_the_node_it_was_running(desk: Desk) -> None:
    desk.session.run()
    desk.hear(Queued(1, (SAMPLE, DECODE)), Progress(1, SAMPLE, 0.5, 10, 20))
    desk.hear(Died(1, "The worker stopped. Run again.", SAMPLE))
    assert desk.session.state(SAMPLE).message == "The worker stopped. Run again."
    assert desk.session.state(DECODE).phase == "will run"
    assert not desk.session.running
    desk.hear(Ready(tuple(desk.session.specs.values())))
    desk.session.run()
    desk.hear(Queued(2, (SAMPLE,)), Finished(2, SAMPLE, "s", cached=False))
    assert desk.session.state(SAMPLE).phase == "cached"


def test_another_document_starts_with_a_clean_slate(desk: Desk) -> None:
    desk.session.run()
    desk.hear(Queued(1, (SAMPLE,)))
    desk.session.select([SAMPLE])
    desk.session.new(Document().add(Node(NodeId("x"), "source.number")))
    assert not desk.session.running
    assert desk.session.states == {}
    assert desk.session.selection == ()
    desk.hear(Finished(1, SAMPLE, "s", cached=False), Ended(1))
    assert desk.session.states == {}


def test_a_run_asked_for_before_the_worker_is_there_is_made_when_it_is(desk: Desk) -> None:
    session = desk.session
    session.runs.worker = None
    session.run((VIEW,))
    session.start(lambda say: desk.worker)
    assert desk.worker.told[-1][0] == "run"
    assert desk.worker.told[-1][2] == (VIEW,)


def test_removing_a_node_lets_go_of_its_state_and_selection(desk: Desk) -> None:
    desk.session.run()
    desk.hear(Queued(1, (SAMPLE,)))
    desk.session.select([VIEW, SAMPLE])
    desk.session.edit("Delete", desk.session.document.remove(SAMPLE))
    assert SAMPLE not in desk.session.states
    assert desk.session.selection == (VIEW,)
