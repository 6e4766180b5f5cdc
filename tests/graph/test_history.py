from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nodeforge.graph.document import Document
from nodeforge.graph.file import dumps, loads
from nodeforge.graph.history import History
from tests.graph.samples import documents, n, picture


@given(st.lists(st.tuples(documents(4), st.sampled_from(["", "drag"]), st.booleans())))
def test_any_edits_can_be_undone_to_the_first_document_and_redone_to_the_last(
    edits: list[tuple[Document, str, bool]],
) -> None:
    history = History()
    for after, merge, released in edits:
        history.do("edit", after, merge)
        assert history.document == after
        if released:
            history.break_merge()
    last, steps = history.document, [history.document]
    while history.undo():
        steps.append(history.document)
        assert loads(dumps(history.document)) == history.document
    assert history.document == Document()
    for step in reversed(steps[:-1]):
        assert history.redo()
        assert history.document == step
    assert not history.can_redo
    assert history.document == last


def test_a_drag_is_one_step_and_the_next_drag_another() -> None:
    history = History(picture())
    start = history.document
    for x in (1, 2, 3):
        history.do("Move", history.document.move({n("view"): (x, 0)}), "move view")
    history.break_merge()
    for x in (4, 5):
        history.do("Move", history.document.move({n("view"): (x, 0)}), "move view")
    assert history.undo()
    assert history.document.nodes[n("view")].at == (3, 0)
    assert history.undo()
    assert history.document is start
    assert not history.undo()


def test_a_drag_that_ends_where_it_began_leaves_no_step() -> None:
    history = History(picture())
    start = history.document
    history.do("Move", start.move({n("view"): (5, 0)}), "move")
    history.do("Move", start.move({n("view"): (0, 0)}), "move")
    assert not history.can_undo
    assert not history.dirty


def test_an_edit_that_changes_nothing_leaves_no_step_and_keeps_what_can_be_redone() -> None:
    history = History(picture())
    history.do("Mute", history.document.mute(True, n("view")))
    history.undo()
    history.do("Nothing", history.document.mute(False, n("view")))
    assert not history.can_undo
    assert history.redo_label == "Mute"


def test_labels_name_what_undo_and_redo_would_do() -> None:
    history = History(picture())
    assert (history.undo_label, history.redo_label) == ("", "")
    history.do("Delete View", history.document.remove(n("view")))
    assert history.undo_label == "Delete View"
    history.undo()
    assert (history.undo_label, history.redo_label) == ("", "Delete View")
    history.redo()
    assert history.undo_label == "Delete View"


def test_an_edit_after_undo_does_not_merge_with_the_step_before() -> None:
    history = History(picture())
    history.do("Set", history.document.set(n("sharp"), amount=1), "slider")
    history.do("Mute", history.document.mute(True, n("view")))
    history.undo()
    history.do("Set", history.document.set(n("sharp"), amount=2), "slider")
    history.undo()
    assert history.document.nodes[n("sharp")].values["amount"] == 1


def test_the_document_is_dirty_until_it_is_saved_or_taken_back_to_what_was() -> None:
    history = History(picture())
    assert not history.dirty
    history.do("Set", history.document.set(n("sharp"), amount=1), "slider")
    assert history.dirty
    history.mark()
    assert not history.dirty
    history.do("Set", history.document.set(n("sharp"), amount=2), "slider")
    assert history.dirty
    history.undo()
    assert not history.dirty
    history.undo()
    assert history.dirty
    history.unmark()
    history.redo()
    assert history.dirty


def test_the_oldest_steps_are_forgotten() -> None:
    history = History(picture(), limit=3)
    for amount in range(10):
        history.do("Set", history.document.set(n("sharp"), amount=amount))
    assert [history.undo() for _ in range(4)] == [True, True, True, False]
    assert history.document.nodes[n("sharp")].values["amount"] == 6
