"""A run is never silent: what it does, why it cannot, what waits, and how it is stopped."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nodeforge.app.toasts import Toast
from nodeforge.engine.messages import (
    Died,
    Ended,
    Face,
    Failed,
    Finished,
    Planned,
    Progress,
    Queued,
    Ready,
)
from nodeforge.graph.document import Document, Link, Node, NodeId
from tests.app.canvas import mouse
from tests.app.conftest import DECODE, MODEL, PROMPT, SAMPLE, VIEW, Desk
from tests.app.test_viewer import picture

SAVE = NodeId("save")


def said(desk: Desk) -> list[str]:
    return [toast.words for toast in desk.window.toasts.shown]


def runs(desk: Desk) -> int:
    return desk.worker.words().count("run")


# Never silent


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (Document(), "The graph is empty: add a node, or open a template."),
        (Document().add(Node(VIEW, "finish.view", muted=True)), "Everything is muted: unmute"),
        (Document().add(Node(VIEW, "dot.Image")), "There are only dots in wires"),
    ],
)
def test_a_run_of_nothing_says_why(desk: Desk, document: Document, sentence: str) -> None:
    desk.session.new(document)
    desk.session.run()
    assert runs(desk) == 0
    assert not desk.session.running
    assert said(desk)[-1].startswith(f"Nothing to run. {sentence}")


def test_where_nothing_can_run_one_sentence_says_why_and_the_node_is_marked(desk: Desk) -> None:
    lost = NodeId("lost")
    desk.session.edit("Add", desk.session.document.add(Node(lost, "comfy.ksampler")))
    desk.session.run((lost,))
    why = "comfy.ksampler is not installed: install the pack it came from, or delete the node."
    desk.hear(Queued(1, ()), Failed(1, lost, why), Ended(1, failed=True))
    assert said(desk) == [f"Nothing to run. {why}"]
    assert desk.session.state(lost).phase == "error"
    assert desk.window.status.wrong.text() == "1 problem"
    desk.session.run()
    assert said(desk) == [], "the next run takes the answer of the last one away"


def test_what_could_not_run_beside_what_did_is_said_with_how_many_there_are(desk: Desk) -> None:
    desk.session.run()
    desk.hear(
        Queued(1, (SAMPLE,)),
        Failed(1, DECODE, "Needs a latent."),
        Failed(1, VIEW, "Needs an image."),
        Finished(1, SAMPLE, "s", False, 1.0),
        Ended(1, failed=True),
    )
    assert said(desk) == ["Not everything ran. Decode: Needs a latent. And 1 more: F8 goes there."]


def test_a_broken_pack_is_named_where_its_stage_is_missing(desk: Desk) -> None:
    desk.hear(Ready(tuple(desk.session.specs.values()), "CPU", {"shards": "No module"}))
    lost = NodeId("lost")
    desk.session.edit("Add", desk.session.document.add(Node(lost, "shards.cut")))
    desk.session.run()
    desk.hear(Queued(1, ()), Failed(1, lost, "shards.cut is not installed."), Ended(1, failed=True))
    assert "The pack shards did not load." in said(desk)[-1]


def test_a_run_of_what_is_made_says_so_only_where_run_was_pressed(desk: Desk) -> None:
    desk.session.run()
    desk.hear(Queued(1, ()), Finished(1, VIEW, "v", True), Ended(1))
    assert said(desk) == ["All is made already; nothing to run."]
    desk.session.runs.run((VIEW,), quiet=True)
    desk.hear(Queued(2, ()), Finished(2, VIEW, "v", True), Ended(2))
    assert said(desk) == []


def test_running_to_a_frame_says_to_select_a_node(desk: Desk) -> None:
    desk.session.select([])
    desk.window.run_selected()
    assert said(desk) == ["Nothing to run. Select a node first."]


# Known before a run


def test_what_a_graph_lacks_is_said_once_when_it_is_opened(desk: Desk) -> None:
    gone = {MODEL: "“dream.safetensors” is not on this machine: choose another model."}
    waits = {SAMPLE: "Waits for Load model, which cannot run."}
    told = Planned(0, gone | waits, frozenset(gone))
    desk.hear(told)
    assert said(desk) == [f"This graph cannot run in full. Load model: {gone[MODEL]}"]
    assert desk.session.state(MODEL).at_fault
    assert not desk.session.state(SAMPLE).at_fault
    assert desk.window.status.wrong.text() == "1 problem"
    desk.window.toasts.forget("run")
    desk.hear(told)
    assert said(desk) == []


# A result that is there


def test_a_graph_whose_results_are_cached_fills_the_viewer_without_a_run(desk: Desk) -> None:
    keys = {SAMPLE: "s", DECODE: "d", VIEW: "v"}
    desk.hear(Planned(0, dict.fromkeys(keys, "cached"), keys=keys))
    assert desk.worker.told[-1][1:] == (0, keys)
    assert desk.worker.words()[-1] == "look"
    desk.hear(Face(0, VIEW, "v", 2.5, picture()))
    viewer = desk.window.viewer
    assert viewer.stack.currentWidget() is viewer.view
    assert desk.worker.told[-1] == ("fetch", VIEW, "v", 0)
    assert desk.session.state(VIEW).seconds == 2.5
    before = desk.worker.words().count("look")
    desk.hear(Planned(0, dict.fromkeys(keys, "cached"), keys=keys))
    assert desk.worker.words().count("look") == before, "each face is asked for once"


def test_an_undone_edit_shows_the_picture_of_then(desk: Desk) -> None:
    desk.session.run()
    desk.hear(Queued(1, (VIEW,)), Finished(1, VIEW, "new", False, 1.0, picture()), Ended(1))
    desk.hear(Planned(0, {VIEW: "cached"}, keys={VIEW: "old"}))
    assert desk.window.viewer.view.notes[0] == "before this edit"
    desk.hear(Face(0, VIEW, "old", 1.0, picture(of="red")))
    assert desk.session.state(VIEW).key == "old"
    assert desk.window.viewer.view.notes[0] == ""


def test_what_a_worker_lost_is_not_called_before_this_edit(desk: Desk) -> None:
    desk.session.run()
    desk.hear(Queued(1, (VIEW,)), Finished(1, VIEW, "v", False, 1.0, picture()), Ended(1))
    desk.hear(Died(1, "The worker crashed.", None))
    desk.hear(Planned(0, {VIEW: "run"}, keys={VIEW: "v"}))
    assert desk.session.state(VIEW).phase == "will run"
    assert desk.window.viewer.view.notes[0] == ""
    assert desk.window.viewer.view.image is not None
    desk.hear(Planned(0, {VIEW: "run"}, keys={VIEW: "other"}))
    assert desk.window.viewer.view.notes[0] == "before this edit"


def saving(desk: Desk) -> None:
    links = {"image": (Link(DECODE, "image"),)}
    save = Node(SAVE, "finish.save_image", links=links, at=(1500.0, 0.0))
    desk.session.edit("Add", desk.session.document.add(save))


def test_save_image_says_where_and_not_before_this_edit(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    def open_url(url: QUrl) -> bool:
        shown.append(url.toLocalFile())
        return True

    monkeypatch.setattr("nodeforge.app.showing.QDesktopServices.openUrl", open_url)
    folder = desk.journals.parent
    saving(desk)
    desk.session.select([SAVE])
    desk.session.run()
    path = str(folder / "castle-1.png")
    desk.hear(
        Queued(1, (SAVE,)),
        Finished(1, SAVE, "d", False, 0.1, picture(), text=path),
        Ended(1),
    )
    toast = desk.window.toasts.shown[-1]
    assert toast.words == f"Saved {path}."
    assert toast.act.text() == "Show in folder"
    QTest.mouseClick(toast.act, Qt.MouseButton.LeftButton)
    desk.hear(Planned(0, {SAVE: "run"}, keys={SAVE: "d"}))
    assert not desk.session.state(SAVE).stale
    line = desk.window.inspector.state
    assert line.words.text() == f"Saved {path}"
    assert not line.folder.isHidden()
    line.folder.click()
    assert shown == [str(folder)] * 2
    desk.session.select([SAMPLE])
    assert line.folder.isHidden()


def test_what_never_ran_does_not_run_again(desk: Desk) -> None:
    desk.session.select([SAMPLE])
    desk.hear(Planned(0, {SAMPLE: "run"}, keys={SAMPLE: "s"}))
    line = desk.window.inspector.state
    assert line.words.text() == "Runs with the next run."
    desk.session.run()
    desk.hear(Finished(1, SAMPLE, "s", False, 2.0), Ended(1))
    assert "saved" not in line.right.text() + desk.window.status.counts.text(), "it was made"
    desk.hear(Planned(0, {SAMPLE: "run"}, keys={SAMPLE: "t"}))
    assert line.words.text() == "Runs again with the next run."


# What goes on


def test_what_a_node_does_is_said_wherever_a_run_is_seen(desk: Desk) -> None:
    top = desk.window.top
    desk.session.run()
    desk.hear(Queued(1, (PROMPT, SAMPLE, VIEW)))
    desk.session.select([PROMPT])
    desk.hear(Progress(1, PROMPT, 0.0, doing="Loading the model"))
    assert top.said.text() == "Prompt · Loading the model…"
    assert desk.window.inspector.state.words.text() == "Loading the model…"
    assert desk.window.viewer.live._text == "Loading the model…"
    assert "Loading the model…" in desk.window.viewer.empty.words.text()
    desk.hear(Finished(1, PROMPT, "p", False), Progress(1, SAMPLE, 0.65, 13, 20))
    assert top.said.text() == "Sample · step 13 of 20"
    assert desk.window.viewer.live._text == "step 13 of 20"


def test_between_the_last_step_and_the_picture_the_preview_stays(desk: Desk) -> None:
    desk.session.run()
    desk.hear(
        Queued(1, (SAMPLE, DECODE, VIEW)),
        Progress(1, SAMPLE, 1.0, 20, 20, picture(8, 6)),
        Finished(1, SAMPLE, "s", False, picture=picture(8, 6)),
        Progress(1, DECODE, 0.0, doing="Decoding"),
    )
    viewer = desk.window.viewer
    assert viewer.stack.currentWidget() is viewer.view
    assert viewer.live._text == "Decoding…"


# Stopping


def test_escape_answers_at_once_and_after_a_while_offers_to_end_the_engine(
    desk: Desk, qtbot: QtBot
) -> None:
    window, top = desk.window, desk.window.top
    window.activateWindow()
    window.canvas.widget.setFocus()
    desk.session.run()
    desk.hear(Queued(1, (SAMPLE,)), Progress(1, SAMPLE, 0.1, 1, 20))
    QTest.keyClick(window.canvas.widget, Qt.Key.Key_Escape)
    assert top.said.text() == "Stopping after this step…"
    assert desk.worker.words()[-1] == "stop"
    desk.hear(Progress(1, SAMPLE, 0.15, 2, 20))
    assert top.said.text() == "Stopping after this step…"
    QTest.keyClick(window.canvas.widget, Qt.Key.Key_Escape)
    assert desk.worker.words().count("stop") == 1
    assert not top.cancel.isEnabled()
    desk.session.runs._patience.start(1)
    qtbot.waitUntil(lambda: desk.session.runs.stuck, timeout=2000)
    assert top.cancel.text() == top.cancel.accessibleName() == "Stop the engine now"
    assert window.panels.starred.stop.text() == "Stop the engine now"
    QTest.mouseClick(top.cancel, Qt.MouseButton.LeftButton)
    assert desk.worker.words()[-1] == "restart"
    desk.hear(Died(1, "The engine was stopped.", SAMPLE, asked=True, kept=4))
    assert said(desk) == ["The engine was stopped. What was made is kept."]
    assert desk.session.state(SAMPLE).phase == "will run", "it did nothing wrong"
    assert not desk.session.running
    assert top.cancel.text() == "Cancel"


def test_a_run_in_its_step_does_not_offer_the_end_of_the_engine_before_its_time(
    desk: Desk,
) -> None:
    desk.session.run()
    desk.session.cancel()
    assert desk.session.runs._patience.interval() == 3000
    desk.hear(Ended(1, cancelled=True))
    assert not desk.session.runs._patience.isActive()
    assert said(desk) == []


# What waits


def test_a_second_run_waits_behind_the_first_and_loses_nothing(desk: Desk) -> None:
    session, top = desk.session, desk.window.top
    first = session.document
    session.run()
    session.edit("Seed", first.set(SAMPLE, seed=5))
    second = session.document
    session.run()
    session.edit("Seed", first.set(SAMPLE, seed=6))
    session.run()
    assert runs(desk) == 1
    assert top.waiting.text() == "2 more"
    assert top.waiting.accessibleName() == "2 more runs wait"
    titles = [action.text() for action in top.waiting.menu().actions() if action.text()]
    assert titles == [
        "Do not run 1. castle · seed 5",
        "Do not run 2. castle · seed 6",
        "Run none of these",
    ]
    desk.hear(Ended(1))
    assert runs(desk) == 2
    assert desk.worker.told[-1][1] == second, "as it was when Run was pressed"
    assert session.running
    desk.hear(Ended(2))
    assert desk.worker.told[-1][1] == session.document
    assert top.waiting.isHidden()
    desk.hear(Ended(3))
    assert not session.running


def test_the_menu_lets_go_of_one_that_waits_or_of_all(desk: Desk) -> None:
    for _ in range(4):
        desk.session.run()
    top = desk.window.top
    top.waiting.menu().actions()[0].trigger()
    assert top.waiting.text() == "2 more"
    desk.window.refresh_actions()
    desk.window.actions_by_id["clear_waiting"].trigger()
    assert top.waiting.isHidden()
    desk.hear(Ended(1))
    assert not desk.session.running


def test_escape_stops_the_run_that_goes_on_and_says_what_waits(desk: Desk) -> None:
    desk.session.run()
    desk.session.run()
    desk.hear(Queued(1, (SAMPLE,)))
    desk.window.escape()
    said = desk.window.top.said
    assert said.text().startswith("Stopping after this step…")
    assert said.toolTip() == "Stopping after this step… · 1 more run waits"
    desk.hear(Ended(1, cancelled=True))
    assert runs(desk) == 2
    desk.hear(Queued(2, (SAMPLE,)))
    assert desk.session.state(SAMPLE).phase == "queued"


def test_alt_enter_replaces_the_run_that_goes_on(desk: Desk) -> None:
    window = desk.window
    window.activateWindow()
    desk.session.run()
    desk.session.run()
    desk.hear(Queued(1, (SAMPLE, VIEW)), Progress(1, SAMPLE, 0.5, 10, 20))
    QTest.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    assert runs(desk) == 2
    assert desk.session.job == 2
    assert window.top.said.text().startswith("Stopping after this step…")
    desk.hear(Finished(1, SAMPLE, "old", False), Ended(1, cancelled=True))
    assert desk.session.state(SAMPLE).key == "", "the old job is old news"
    desk.hear(Queued(2, (SAMPLE,)))
    assert not desk.session.runs.stopping
    desk.hear(Ended(2))
    assert runs(desk) == 3, "what waited, waited behind it"


def test_what_waits_goes_on_with_the_next_engine(desk: Desk) -> None:
    desk.session.run()
    desk.session.run()
    desk.hear(Queued(1, (SAMPLE,)), Progress(1, SAMPLE, 0.5, 10, 20))
    desk.hear(Died(1, "The worker crashed while Sample ran. Run again.", SAMPLE))
    assert "Your graph is safe." in said(desk)[0]
    assert runs(desk) == 2
    desk.hear(Ready(tuple(desk.session.specs.values())), Queued(2, (SAMPLE,)), Ended(2))
    assert not desk.session.running


def test_a_job_that_replaced_a_deaf_one_runs_on_the_next_engine(desk: Desk) -> None:
    desk.session.run()
    desk.hear(Queued(1, (SAMPLE,)), Progress(1, SAMPLE, 0.0))
    desk.session.runs.replace()
    desk.session.runs.end_engine()
    desk.hear(Died(2, "The engine was stopped.", SAMPLE, asked=True))
    assert runs(desk) == 3
    assert desk.session.running


# One document's messages


def test_another_document_takes_the_messages_of_this_one_away(desk: Desk) -> None:
    session = desk.session
    session.told.emit("error", "About this graph.", "")
    session.noticed.emit("error", "About the program.", "")
    session.run()
    desk.hear(Queued(1, ()), Failed(1, SAMPLE, "No."), Ended(1, failed=True))
    session.plan()
    assert len(said(desk)) == 3
    session.new(session.document, "other")
    assert said(desk) == ["About the program."]
    desk.hear(Failed(1, SAMPLE, "Late."), Ended(1, failed=True))
    desk.hear(Planned(0, {SAMPLE: "Needs a model."}, frozenset([SAMPLE])))
    assert session.states == {}
    assert said(desk) == ["About the program."]


def test_runs_that_wait_are_given_up_only_if_the_artist_says_so(desk: Desk) -> None:
    desk.session.run()
    desk.session.run()
    before = desk.session.document
    desk.window.files.ask_runs = lambda: False
    desk.window.files.new()
    assert desk.session.document is before
    desk.window.files.ask_runs = lambda: True
    desk.window.files.new()
    assert desk.session.document == Document()
    assert not desk.session.runs.waiting
    assert not desk.session.running


# The viewer


def shown_at(desk: Desk, id: NodeId) -> None:
    desk.hear(Finished(1, id, str(id), False, picture=picture()))


@pytest.fixture
def made(desk: Desk) -> Desk:
    desk.session.run()
    for id in (SAMPLE, DECODE, VIEW):
        shown_at(desk, id)
    desk.hear(Ended(1))
    return desk


def test_the_viewer_stays_on_the_last_picture_where_a_latent_is_selected(made: Desk) -> None:
    viewer = made.window.viewer
    made.session.select([SAMPLE])
    assert viewer.node == VIEW
    made.session.select([DECODE])
    assert viewer.node == DECODE
    made.session.select([PROMPT])
    assert viewer.node == DECODE


def test_the_key_1_and_a_double_click_ask_for_what_a_node_made(made: Desk) -> None:
    viewer, canvas = made.window.viewer, made.window.canvas
    made.window.activateWindow()
    canvas.widget.setFocus()
    made.session.select([SAMPLE])
    QTest.keyClick(canvas.widget, Qt.Key.Key_1)
    assert viewer.node == SAMPLE
    made.session.edit("Seed", made.session.document.set(SAMPLE, seed=3))
    assert viewer.node == SAMPLE, "an edit does not turn it away"
    made.session.select([VIEW])
    assert viewer.node == VIEW
    mouse.double_click(canvas, canvas.cards[SAMPLE].box.bottomLeft() + QPointF(60, -12))
    assert viewer.node == SAMPLE
    made.session.select([PROMPT])
    QTest.keyClick(canvas.widget, Qt.Key.Key_1)
    assert "nothing to see" in said(made)[-1]


def test_a_pinned_viewer_stays_and_says_so(made: Desk) -> None:
    viewer = made.window.viewer
    made.session.select([DECODE])
    QTest.mouseClick(viewer.pin, Qt.MouseButton.LeftButton)
    assert viewer.pin.isChecked()
    assert "stays here" in viewer.pin.accessibleName()
    made.session.select([VIEW])
    assert viewer.node == DECODE
    made.window.actions_by_id["pin_view"].trigger()
    assert not viewer.pin.isChecked()
    assert viewer.node == VIEW, "it follows the selection again"
    viewer.turn_pin()
    made.session.edit("Delete", made.session.document.remove(VIEW))
    assert viewer.pinned is None
    assert viewer.node != VIEW


def test_toasts_know_what_they_are_about(desk: Desk) -> None:
    desk.window.toasts.report("info", "Of a run.")
    desk.window.toasts.tell("info", "Of the graph.")
    assert [toast.topic for toast in desk.window.toasts.shown] == ["run", "graph"]
    assert isinstance(desk.window.toasts.shown[0], Toast)
    QApplication.processEvents()
