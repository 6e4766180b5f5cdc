"""Groups in the window: by keys, mouse and menu; what is drawn, undone and told."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.app.canvas import frames, hand
from nodeforge.app.library import ENTRY, mime
from nodeforge.engine.messages import Ended, Failed, Finished, Progress, Queued
from nodeforge.graph.document import TOP, Frame, Link, Node, NodeId, Spot
from nodeforge.graph.groups import NEW, reveal_param
from nodeforge.graph.level import entry_rail, exit_rail
from tests.app.canvas import mouse
from tests.app.canvas.conftest import drawn
from tests.app.conftest import DECODE, MODEL, PROMPT, SAMPLE, VIEW, Desk

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


def press(desk: Desk, key: Qt.Key, keys: Qt.KeyboardModifier = mouse.NONE) -> None:
    desk.window.activateWindow()
    desk.window.canvas.widget.setFocus()
    QTest.keyClick(desk.window.canvas.widget, key, keys)
    QApplication.processEvents()


def mirrors(desk: Desk) -> None:
    """The canvas shows just the level in view."""
    canvas, shown = desk.window.canvas, desk.session.level.document
    assert set(canvas.cards) == set(shown.nodes)
    assert drawn(canvas) == {
        (link.node, link.output, id, name)
        for id, node in shown.nodes.items()
        for name, links in node.links.items()
        for link in links
    }


def gathered(desk: Desk, *ids: NodeId) -> NodeId:
    """These in a group, by its key."""
    desk.session.select(ids or (SAMPLE, DECODE))
    press(desk, Key.Key_G, CTRL)
    (group,) = desk.session.selection
    return group


def test_ctrl_g_gathers_and_ctrl_shift_g_unpacks_each_in_one_step(desk: Desk) -> None:
    before = desk.session.document
    group = gathered(desk)
    assert desk.session.history.undo_label == "Group"
    assert {id for id, n in desk.session.document.nodes.items() if n.group} == {SAMPLE, DECODE}
    assert set(desk.window.canvas.cards) == set(before.nodes) - {SAMPLE, DECODE} | {group}
    mirrors(desk)
    assert desk.window.canvas.cards[group].look.face.stack
    press(desk, Key.Key_G, CTRL | SHIFT)
    assert desk.session.document == before
    assert set(desk.session.selection) == {SAMPLE, DECODE}
    mirrors(desk)
    desk.session.undo()
    desk.session.undo()
    assert desk.session.document == before
    assert not desk.session.history.can_undo
    mirrors(desk)


def test_return_and_a_double_click_dive_in_u_and_the_breadcrumbs_lead_out(desk: Desk) -> None:
    window, canvas = desk.window, desk.window.canvas
    assert window.crumbs.isHidden()
    group = gathered(desk)
    looked = canvas.widget.visible().center()
    press(desk, Key.Key_Return)
    assert desk.session.sight.scope == group
    assert set(canvas.cards) == {SAMPLE, DECODE, entry_rail(group), exit_rail(group)}
    mirrors(desk)
    assert canvas.widget.visible().contains(canvas.cards[SAMPLE].pos())
    assert [title for _, title in window.crumbs.steps] == ["castle", "Group"]
    press(desk, Key.Key_U)
    assert desk.session.sight.scope == TOP
    assert desk.session.selection == (group,)
    assert (canvas.widget.visible().center() - looked).manhattanLength() < 8
    assert window.crumbs.isHidden()
    mouse.double_click(canvas, canvas.cards[group].pos() + QPointF(60, 15))
    QApplication.processEvents()
    assert desk.session.sight.scope == group
    QTest.mouseClick(window.crumbs.buttons[0], Qt.MouseButton.LeftButton)
    assert desk.session.sight.scope == TOP
    mirrors(desk)


def test_groups_in_groups_are_dived_one_by_one(desk: Desk) -> None:
    inner = gathered(desk)
    outer = gathered(desk, inner, VIEW)
    assert outer in desk.window.canvas.cards
    press(desk, Key.Key_Return)
    assert inner in desk.window.canvas.cards
    mirrors(desk)
    desk.session.select([inner])
    press(desk, Key.Key_Return)
    assert SAMPLE in desk.window.canvas.cards
    assert len(desk.window.crumbs.steps) == 3
    mirrors(desk)
    press(desk, Key.Key_U)
    press(desk, Key.Key_U)
    assert desk.session.sight.scope == TOP


def test_undoing_a_group_we_are_in_leads_out_of_it(desk: Desk) -> None:
    group = gathered(desk)
    desk.session.sight.dive(group)
    desk.session.undo()
    assert desk.session.sight.scope == TOP
    mirrors(desk)
    assert desk.window.crumbs.isHidden()


def test_a_frame_in_a_group_is_seen_only_there(desk: Desk) -> None:
    desk.session.edit("", desk.session.document.add(Frame(NodeId("f"), "Front")))
    group = gathered(desk, SAMPLE, NodeId("f"))
    assert not desk.window.canvas.scenery.boards
    desk.session.sight.dive(group)
    assert set(desk.window.canvas.scenery.boards) == {NodeId("f")}


def test_a_group_moves_is_copied_and_deleted_with_its_members(desk: Desk) -> None:
    session, canvas = desk.session, desk.window.canvas
    group = gathered(desk)
    inside = session.document.nodes[SAMPLE].at
    start = canvas.cards[group].pos() + QPointF(60, 15)
    mouse.drag(canvas, start, start + QPointF(40, 90))
    assert session.history.undo_label == "Move"
    assert session.document.nodes[SAMPLE].at == inside
    press(desk, Key.Key_C, CTRL)
    press(desk, Key.Key_V, CTRL)
    (copy,) = session.selection
    assert copy in session.document.groups
    assert len(session.document.nodes) == 9
    mirrors(desk)
    press(desk, Key.Key_D, CTRL)
    (double,) = session.selection
    assert session.level.document.nodes[double].links == session.level.document.nodes[copy].links
    session.select([group])
    press(desk, Key.Key_Delete)
    assert SAMPLE not in session.document.nodes
    assert not session.document.nodes[VIEW].links
    mirrors(desk)
    session.undo()
    assert session.document.nodes[VIEW].links
    mirrors(desk)


def test_what_is_added_and_pasted_inside_stays_inside(desk: Desk) -> None:
    session = desk.session
    group = gathered(desk)
    session.select([PROMPT])
    press(desk, Key.Key_C, CTRL)
    session.sight.dive(group)
    press(desk, Key.Key_V, CTRL)
    (pasted,) = session.selection
    new = hand.add(desk.window.canvas, "picture.sharpen", None, {})
    frames.add_note(desk.window.canvas)
    (note,) = session.selection
    document = session.document
    homes = {document.nodes[pasted].group, document.nodes[new].group, document.notes[note].group}
    assert homes == {group}
    mirrors(desk)


def test_wires_at_the_face_are_dragged_like_any_other(desk: Desk) -> None:
    session, canvas = desk.session, desk.window.canvas
    group = gathered(desk)
    face = canvas.cards[group]
    assert [pin.name for pin in face.look.face.pins if not pin.out] == [
        "model", "positive", "negative", "latent",
    ]  # fmt: skip
    session.edit("", session.document.disconnect(DECODE, "model").disconnect(SAMPLE, "model"))
    mirrors(desk)
    mouse.drag_wire(canvas, canvas.cards[MODEL].ports[True, "model"], face.ports[False, "model"])
    fed = Link(MODEL, "model")
    assert session.document.nodes[SAMPLE].links["model"] == (fed,)
    assert session.document.nodes[DECODE].links["model"] == (fed,)
    assert session.history.undo_label == "Connect"
    mirrors(desk)


def test_the_plus_of_a_rail_makes_a_port(desk: Desk) -> None:
    session, canvas = desk.session, desk.window.canvas
    group = gathered(desk)
    session.sight.dive(group)
    plus = canvas.cards[exit_rail(group)].ports[False, NEW]
    mouse.drag_wire(canvas, canvas.cards[SAMPLE].ports[True, "latent"], plus)
    assert session.document.groups[group].outputs["latent"] == Link(SAMPLE, "latent")
    mirrors(desk)
    plus = canvas.cards[entry_rail(group)].ports[True, NEW]
    mouse.drag_wire(canvas, plus, canvas.cards[SAMPLE].ports[False, "mask"])
    assert session.document.groups[group].inputs["mask"] == (Spot(SAMPLE, "mask"),)
    mirrors(desk)
    session.select([entry_rail(group)])
    press(desk, Key.Key_Delete)
    assert entry_rail(group) in canvas.cards
    session.sight.up()
    assert {"latent", "image"} <= {port.name for port in canvas.cards[group].outputs}


def test_inner_parameters_are_edited_at_the_face(desk: Desk) -> None:
    session = desk.session
    group = gathered(desk)
    session.edit("", reveal_param(session.document, group, Spot(SAMPLE, "steps")))
    rows = desk.window.inspector.rows
    assert list(rows) == ["steps"]
    assert [row.label for row in desk.window.canvas.cards[group].look.face.rows] == ["steps"]
    rows["steps"].field.edited.emit(7, "")
    assert session.document.nodes[SAMPLE].values["steps"] == 7
    assert desk.window.canvas.cards[group].look.face.rows[0].value == "7"
    rows["steps"].reset()
    assert "steps" not in session.document.nodes[SAMPLE].values
    assert desk.window.inspector.title.text() == "Group"
    desk.window.inspector.rename()
    desk.window.inspector.line.setText("Picture maker")
    desk.window.inspector._renamed()
    assert session.document.groups[group].title == "Picture maker"
    assert desk.window.canvas.cards[group].look.face.title == "Picture maker"


def test_progress_and_errors_inside_show_at_the_face(desk: Desk) -> None:
    group = gathered(desk)
    desk.session.run()
    job = desk.session.job
    desk.hear(Queued(job, (SAMPLE, DECODE, VIEW)), Progress(job, SAMPLE, 0.5, 10, 20))
    state = desk.window.canvas.cards[group].look.state
    assert (state.phase, state.step) == ("running", 10)
    assert state.fraction == pytest.approx(0.25)
    desk.hear(Finished(job, SAMPLE, "s", False, 2.0))
    assert desk.window.canvas.cards[group].look.state.phase == "queued"
    desk.hear(Failed(job, DECODE, "There is no room."), Ended(job, failed=True))
    state = desk.window.canvas.cards[group].look.state
    assert (state.phase, state.message) == ("error", "Decode: There is no room.")
    assert desk.window.inspector.state.words.text() == "Decode: There is no room."
    desk.session.sight.dive(group)
    assert desk.window.canvas.cards[DECODE].look.state.phase == "error"
    assert desk.window.canvas.cards[SAMPLE].look.state.phase == "cached"


def test_d_mutes_a_group_by_its_face(desk: Desk) -> None:
    group = gathered(desk, DECODE, VIEW)
    press(desk, Key.Key_D)
    assert desk.session.document.groups[group].muted
    assert not desk.session.document.nodes[DECODE].muted
    assert desk.window.canvas.cards[group].look.face.muted
    desk.session.undo()
    assert not desk.window.canvas.cards[group].look.face.muted


def test_the_menu_offers_what_a_group_can_do(desk: Desk) -> None:
    group = gathered(desk)
    at = QPointF()
    names = [action.text() for action in desk.window.menus.context(group, at).actions()]
    assert {"Group", "Unpack the group", "Go into the group"} <= set(names)
    desk.session.sight.dive(group)
    names = [action.text() for action in desk.window.menus.context(None, at).actions()]
    assert "Go up" in names
    rail = desk.window.menus.context(entry_rail(group), at)
    assert [action.text() for action in rail.actions()] == ["Go up"]


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr("nodeforge.app.shelf.folder", lambda: tmp_path / "groups")
    return tmp_path / "groups"


def test_a_kept_group_is_offered_and_added_like_a_stage(desk: Desk, shelf: Path) -> None:
    session, window = desk.session, desk.window
    group = gathered(desk)
    session.edit("", session.document.rename(group, "Maker"))
    assert window.actions_by_id["keep_group"].isEnabled()
    window.actions_by_id["keep_group"].trigger()
    assert (shelf / "Maker.nodeforge").is_file()
    tree = window.library.tree
    last = tree.topLevelItem(tree.topLevelItemCount() - 1)
    assert last is not None
    assert last.text(0) == "My groups"
    entry = last.child(0).data(0, ENTRY)
    assert (entry.name, entry.type) == ("Maker", "Image")

    before = session.document
    at = window.canvas.widget.visible().center()
    mouse.drop(window.canvas, mime(entry), at)
    (new,) = session.selection
    assert session.document.groups[new].title == "Maker"
    assert window.canvas.cards[new].sceneBoundingRect().contains(at)
    mirrors(desk)
    session.undo()
    assert session.document == before

    session.select([PROMPT])
    window.ask_node()
    window.search.line.setText("maker")
    QTest.keyClick(window.search.line, Key.Key_Return)
    (found,) = session.selection
    assert found in session.document.groups
    wired = session.level.document.nodes[found].links
    assert wired == {
        "positive": (Link(PROMPT, "conditioning"),),
        "model": (Link(MODEL, "model"),),
    }
    session.undo()
    assert session.document == before


def test_a_kept_group_is_removed_by_key_or_menu_and_offered_back(desk: Desk, shelf: Path) -> None:
    window, tree = desk.window, desk.window.library.tree
    group = gathered(desk)
    desk.session.edit("", desk.session.document.rename(group, "Maker"))
    window.actions_by_id["keep_group"].trigger()
    path = shelf / "Maker.nodeforge"
    held = path.read_bytes()

    (item,) = tree.findItems("Maker", Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)
    tree.scrollToItem(item)
    at = tree.visualItemRect(item).center()
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.keyClick(tree, Key.Key_Delete)
    assert group in desk.session.document.groups
    assert not path.exists()
    assert not desk.session.shelf.kept
    toast = window.toasts.shown[-1]
    assert "Maker" in toast.words
    QTest.mouseClick(toast.act, Qt.MouseButton.LeftButton)
    assert path.read_bytes() == held
    assert toast not in window.toasts.shown
    (item,) = tree.findItems("Maker", Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)
    tree.setCurrentItem(item)
    menu = window.library.menu()
    assert menu is not None
    (off,) = [each for each in menu.actions() if "Remove" in each.text()]
    off.trigger()
    assert not path.exists()
    stage = tree.topLevelItem(0)
    assert stage is not None
    tree.setCurrentItem(stage.child(0))
    said = list(window.toasts.shown)
    QTest.keyClick(tree, Key.Key_Delete)
    assert window.toasts.shown == said, "a stage stays where it is"


def test_a_broken_file_among_the_kept_groups_is_told_in_one_sentence(
    desk: Desk, shelf: Path
) -> None:
    shelf.mkdir()
    (shelf / "bad.nodeforge").write_text("{")
    desk.session.shelf.load()
    (toast,) = desk.window.toasts.shown
    assert toast.words.startswith("bad.nodeforge cannot be opened.")
    assert not desk.session.shelf.kept


def test_what_was_made_is_made_anew_at_once_when_d_mutes(desk: Desk) -> None:
    session, worker = desk.session, desk.worker
    session.select([DECODE])
    press(desk, Key.Key_D)
    assert "run" not in worker.words(), "nothing was made yet"
    press(desk, Key.Key_D)
    session.run()
    done = [Finished(1, id, id, False, 0.1) for id in (SAMPLE, DECODE, VIEW)]
    desk.hear(Queued(1, (SAMPLE, DECODE, VIEW)), *done, Ended(1))
    press(desk, Key.Key_D)
    assert worker.told[-1][0] == "run"
    assert worker.told[-1][2] == (VIEW,)
    desk.hear(Ended(2))
    session.select([MODEL])
    assert desk.window.canvas.cards[DECODE].look.phase == "idle"
    assert session.document.nodes[DECODE].muted


def test_muting_writes_no_file(desk: Desk) -> None:
    session = desk.session
    save = Node(NodeId("save"), "finish.save_image", links={"image": (Link(DECODE, "image"),)})
    session.edit("", session.document.add(save).remove(VIEW))
    session.run()
    done = [Finished(1, id, id, False, 0.1) for id in (DECODE, save.id)]
    desk.hear(*done, Ended(1))
    session.select([SAMPLE])
    press(desk, Key.Key_D)
    assert desk.worker.told[-1][2] == (DECODE,)
