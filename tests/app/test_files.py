"""Nothing is lost: bad files, full disks, closing, crashes."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nodeforge import resources
from nodeforge.app import settings
from nodeforge.app.files import Answer
from nodeforge.app.incoming.carried import mime
from nodeforge.graph import file
from nodeforge.graph.document import Document, Node, NodeId
from tests.app.conftest import SAMPLE, VIEW, Desk


def edited(desk: Desk) -> Document:
    desk.session.edit("Steps", desk.session.document.set(SAMPLE, steps=7))
    return desk.session.document


HOSTILE = {
    "truncated": '{"format": 1, "nodes": {"a": {"sta',
    "not JSON": "Dear diary",
    "empty": "",
    "a list": "[1, 2, 3]",
    "newer": '{"format": 999, "nodes": {}}',
    "nested": "[" * 100_000 + "]" * 100_000,
    "binary": "\x00\x01\x02" * 50,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_bad_file_is_told_in_a_sentence_and_the_document_stays(
    desk: Desk, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "bad.nodeforge"
    path.write_text(HOSTILE[kind])
    before = desk.session.document
    assert not desk.window.files.open(path)
    assert desk.session.document is before
    toast = desk.window.toasts.shown[-1]
    assert toast.kind == "error"
    assert "bad.nodeforge" in toast.words
    assert desk.window.isVisible()


@pytest.mark.parametrize(
    "nodes",
    [
        {"a": {"stage": "picture.sharpen", "links": {"image": [["a", "image"]]}}},
        {"a": {"stage": "picture.sharpen", "links": {"image": [["gone", "image"]]}}},
        {"a": {"stage": "nobody.knows", "values": {"x": 1}}},
        {"a": {"stage": "generate.sample", "values": {"steps": "many", "seed": -1}}},
        {"a": {"stage": "source.number", "links": {"value": [["b", "x"]]}}, "b": {"stage": "q"}},
    ],
)
def test_a_strange_graph_opens_and_can_be_looked_at(
    desk: Desk, tmp_path: Path, nodes: dict[str, object]
) -> None:
    path = tmp_path / "strange.nodeforge"
    path.write_text(json.dumps({"format": 1, "nodes": nodes}))
    desk.window.files.open(path)
    for id in desk.session.document.nodes:
        desk.session.select([id])
    desk.session.run()
    assert desk.window.isVisible()


def test_opening_and_saving_keep_the_file_and_the_list_of_recent_ones(
    desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "castle.nodeforge"
    after = edited(desk)
    assert desk.session.save(path)
    assert not desk.session.dirty
    assert file.load(path) == after
    desk.session.new()
    assert desk.window.files.open(path)
    assert desk.session.document == after
    assert desk.session.name == "castle"
    assert settings.recent()[0] == path


def test_a_template_opens_as_a_copy_without_a_file(desk: Desk) -> None:
    assert desk.window.files.open(resources.path("graphs/finish.nodeforge"))
    assert desk.session.path is None
    assert desk.session.name == "finish"
    assert not desk.session.dirty


def test_a_full_disk_is_told_and_the_document_is_still_unsaved(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "castle.nodeforge"
    assert desk.session.save(path)
    before = path.read_bytes()
    edited(desk)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("nodeforge.base.files.os.fsync", full)
    assert not desk.window.files.save()
    assert desk.session.dirty
    assert path.read_bytes() == before
    assert desk.window.toasts.shown[-1].kind == "error"


def test_a_folder_that_is_not_there_is_told(desk: Desk, tmp_path: Path) -> None:
    edited(desk)
    assert not desk.session.save(tmp_path / "gone" / "castle.nodeforge")
    assert desk.session.dirty
    assert "castle.nodeforge" in desk.window.toasts.shown[-1].words


@pytest.mark.parametrize(
    ("answer", "closes"), [(Answer.Save, True), (Answer.Discard, True), (Answer.Cancel, False)]
)
def test_closing_with_unsaved_changes_asks(
    desk: Desk, tmp_path: Path, answer: Answer, closes: bool
) -> None:
    desk.session.save(tmp_path / "castle.nodeforge")
    after = edited(desk)
    desk.window.files.ask = lambda: answer
    assert desk.window.files.may_leave() is closes
    saved = file.load(tmp_path / "castle.nodeforge") == after
    assert saved is (answer == Answer.Save)
    if not closes:
        event = QCloseEvent()
        desk.window.closeEvent(event)
        assert not event.isAccepted()


def test_nothing_is_asked_where_nothing_is_unsaved(desk: Desk) -> None:
    def never() -> Answer:
        raise AssertionError

    desk.window.files.ask = never
    assert desk.window.files.may_leave()


def test_the_journal_is_there_while_something_is_unsaved_and_only_then(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    edited(desk)
    qtbot.waitUntil(lambda: len(list(desk.journals.glob(".*.journal"))) == 1, timeout=3000)
    desk.session.save(tmp_path / "castle.nodeforge")
    assert list(desk.journals.glob(".*.journal")) == []


def test_a_run_notes_down_first_what_is_unsaved(desk: Desk) -> None:
    edited(desk)
    desk.session.run()
    assert len(list(desk.journals.glob(".*.journal"))) == 1


CRASH = """
import os, sys
from pathlib import Path
from nodeforge.graph import journal
from nodeforge.graph.document import Document, Node, NodeId
document = Document().add(Node(NodeId("a"), "source.number", values={"value": 3.0}))
folder = Path(sys.argv[1])
journal.write(journal.journal_path(None, folder), document, None)
os._exit(9)
"""


def crash(desk: Desk) -> None:
    """What a window leaves behind that ends without closing."""
    subprocess.run([sys.executable, "-c", CRASH, str(desk.journals)], check=False)


def test_what_a_crash_left_is_offered_and_kept(desk: Desk) -> None:
    crash(desk)
    desk.window.files.look_back()
    banner = desk.window.banner
    assert not banner.isHidden()
    assert "Recovered" in banner.words.text()
    banner.yes.click()
    assert desk.session.document.nodes[NodeId("a")].values == {"value": 3.0}
    assert desk.session.dirty
    assert banner.isHidden()
    assert len(list(desk.journals.glob(".*.journal"))) == 1, "ours now, until it is saved"


def test_what_a_crash_left_can_be_discarded(desk: Desk) -> None:
    crash(desk)
    before = desk.session.document
    desk.window.files.look_back()
    desk.window.banner.no.click()
    assert desk.session.document is before
    assert list(desk.journals.glob(".*.journal")) == []
    desk.window.files.look_back()
    assert desk.window.banner.isHidden()


def test_what_was_not_saved_stays_noted_down_where_the_open_fails_after_it(
    desk: Desk, tmp_path: Path
) -> None:
    edited(desk)
    desk.window.recovery.write()
    desk.window.files.ask = lambda: Answer.Discard
    bad = tmp_path / "bad.nodeforge"
    bad.write_text("Dear diary")
    assert not desk.window.files.open(bad)
    assert len(list(desk.journals.glob(".*.journal"))) == 1
    good = tmp_path / "good.nodeforge"
    file.save(good, desk.session.document)
    assert desk.window.files.open(good)
    assert list(desk.journals.glob(".*.journal")) == []


def test_a_recovered_graph_is_offered_by_what_the_button_does_and_not_over_another_file(
    desk: Desk, tmp_path: Path
) -> None:
    crash(desk)
    desk.window.files.look_back()
    banner = desk.window.banner
    assert banner.yes.text() == "Open it"
    other = tmp_path / "other.nodeforge"
    file.save(other, desk.session.document)
    assert desk.window.files.open(other)
    assert banner.isHidden()
    banner.yes.click()
    assert desk.session.path == other, "a button that is not seen does nothing"
    desk.window.files.look_back()
    assert not banner.isHidden(), "what was left behind is offered again"


def test_a_journal_of_this_window_is_not_offered(desk: Desk) -> None:
    edited(desk)
    desk.window.recovery.write()
    desk.window.files.look_back()
    assert desk.window.banner.isHidden()


def test_a_journal_that_cannot_be_written_is_told_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.journals.parent.mkdir(exist_ok=True)
    desk.journals.write_text("a file where the folder should be")
    edited(desk)
    desk.window.recovery.write()
    desk.window.recovery.write()
    assert [toast.kind for toast in desk.window.toasts.shown] == ["warn"]


@pytest.mark.parametrize("what", ["stage", "picture"])
def test_what_is_dropped_on_the_welcome_falls_on_the_canvas(
    desk: Desk, tmp_path: Path, what: str
) -> None:
    desk.window.files.new()
    QApplication.processEvents()
    welcome, view = desk.window.welcome, desk.window.canvas.widget
    tile = welcome.cards[0]
    at = tile.mapTo(welcome, tile.rect().center())
    data = mime("finish.view")
    if what == "picture":
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(tmp_path / "cat.png"))])
    rest = (
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    for event in (
        QDragEnterEvent(at, *rest),
        QDragMoveEvent(at, *rest),
        QDropEvent(QPointF(at), *rest),
    ):
        QApplication.sendEvent(tile if event.type() == event.Type.DragEnter else welcome, event)
        assert event.isAccepted()
    (card,) = desk.window.canvas.cards.values()
    assert not welcome.isVisible()
    there = view.mapToScene(view.viewport().mapFromGlobal(tile.mapToGlobal(tile.rect().center())))
    assert card.box.contains(there)


def test_a_new_document_is_empty_and_welcomes(desk: Desk) -> None:
    assert desk.window.welcome.isHidden()
    desk.window.files.new()
    assert desk.session.document == Document()
    assert not desk.window.welcome.isHidden()
    desk.session.edit("Add", Document().add(Node(VIEW, "finish.view")))
    assert desk.window.welcome.isHidden()
