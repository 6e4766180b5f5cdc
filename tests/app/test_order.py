"""What puts the canvas in order, by the keys and menus of a real window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from nodeforge.app import settings
from nodeforge.app.canvas import navigation, snapping
from nodeforge.graph import file
from nodeforge.graph.document import Frame, NodeId, Note
from tests.app.canvas.mouse import press
from tests.app.conftest import DECODE, MODEL, PROMPT, SAMPLE, VIEW, Desk

Key, Modifier = Qt.Key, Qt.KeyboardModifier
SHIFT, ALT = Modifier.ShiftModifier, Modifier.AltModifier


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    yield
    for name in (navigation.NAME, snapping.NAME, "map"):
        settings.store().remove(name)


def places(desk: Desk, *ids: NodeId) -> list[tuple[float, float]]:
    return [desk.session.document.nodes[id].at for id in ids]


def scattered(desk: Desk) -> None:
    session = desk.session
    session.edit("", session.document.move({MODEL: (0, 0), PROMPT: (50, 400), DECODE: (500, 900)}))
    session.select([MODEL, PROMPT, DECODE])
    desk.window.canvas.widget.setFocus()


@pytest.mark.parametrize(
    ("key", "keys", "axis", "same"),
    [
        (Key.Key_Left, SHIFT, 0, 0.0),
        (Key.Key_Right, SHIFT, 0, 500.0),
        (Key.Key_Up, SHIFT, 1, 0.0),
        (Key.Key_Up, ALT | SHIFT, 0, 250.0),
    ],
)
def test_keys_line_up_the_selection(
    desk: Desk, key: Qt.Key, keys: Qt.KeyboardModifier, axis: int, same: float
) -> None:
    scattered(desk)
    before = desk.session.document
    press(desk.window.canvas, key, keys)
    assert {at[axis] for at in places(desk, MODEL, PROMPT, DECODE)} == {same}
    desk.session.undo()
    assert desk.session.document == before


def test_keys_spread_the_selection(desk: Desk) -> None:
    scattered(desk)
    press(desk.window.canvas, Key.Key_H, SHIFT)
    xs = [at[0] for at in places(desk, MODEL, PROMPT, DECODE)]
    assert xs == [0, 250, 500]
    press(desk.window.canvas, Key.Key_V, SHIFT)
    cards = [desk.window.canvas.cards[id].box for id in (MODEL, PROMPT, DECODE)]
    gaps = cards[1].top() - cards[0].bottom(), cards[2].top() - cards[1].bottom()
    assert gaps[0] == pytest.approx(gaps[1])


def test_arrows_move_the_selection_in_one_step(desk: Desk) -> None:
    scattered(desk)
    for _ in range(3):
        press(desk.window.canvas, Key.Key_Right)
    press(desk.window.canvas, Key.Key_Down)
    assert places(desk, MODEL) == [(24, 8)]
    desk.session.undo()
    assert places(desk, MODEL) == [(0, 0)]


def test_l_tidies_all_or_what_is_selected(desk: Desk) -> None:
    scattered(desk)
    desk.session.edit("", desk.session.document.move({VIEW: (-900, 0), SAMPLE: (900, -700)}))
    desk.session.select([])
    press(desk.window.canvas, Key.Key_L)
    xs = [at[0] for at in places(desk, MODEL, PROMPT, SAMPLE, DECODE, VIEW)]
    assert xs == sorted(set(xs))
    boxes = [card.box for card in desk.window.canvas.cards.values()]
    assert not [a for i, a in enumerate(boxes) for b in boxes[:i] if a.intersects(b)]
    assert desk.session.history.undo_label == "Tidy"
    desk.session.undo()
    desk.session.select([SAMPLE, DECODE])
    press(desk.window.canvas, Key.Key_L)
    assert places(desk, VIEW) == [(-900, 0)]
    assert places(desk, SAMPLE)[0][0] < places(desk, DECODE)[0][0]


def test_tidying_leaves_in_view_what_was_in_view(desk: Desk) -> None:
    canvas = desk.window.canvas
    heap = dict.fromkeys(desk.session.document.nodes, (0.0, 0.0))
    desk.session.edit("", desk.session.document.move(heap))
    canvas.widget.look_at(QPointF(100, 100), 1.0)
    assert canvas.in_view()
    press(canvas, Key.Key_L)
    assert canvas.in_view()
    assert canvas.widget.zoom < 1
    canvas.widget.look_at(QPointF(100, 100), 1.0)
    at = canvas.widget.visible()
    press(canvas, Key.Key_L)
    assert canvas.widget.visible() == at


def test_tidying_lays_no_note_under_a_node(desk: Desk) -> None:
    session, canvas = desk.session, desk.window.canvas
    heap = {id: (n * 40.0, n * 30.0) for n, id in enumerate(session.document.nodes)}
    note = Note(NodeId("said"), "why", (250, 120), (200, 100))
    session.edit("", session.document.move(heap).add(note))
    session.select([])
    press(canvas, Key.Key_L)
    said = canvas.scenery.boards[note.id].box
    assert not any(said.intersects(card.room) for card in canvas.cards.values())
    after = session.document
    press(canvas, Key.Key_L)
    assert session.document == after, "tidied is tidied"
    session.undo()
    assert session.document.notes[note.id] == note, "one step"


def test_tidying_keeps_frames_around_their_nodes(desk: Desk) -> None:
    scattered(desk)
    session = desk.session
    frame = Frame(NodeId("f"), "Text", (0, 350), (400, 600))
    session.edit("", session.document.add(frame))
    session.select([])
    press(desk.window.canvas, Key.Key_L)
    board, card = desk.window.canvas.scenery.boards[frame.id], desk.window.canvas.cards[PROMPT]
    assert board.box.contains(card.box)


def test_h_collapses_and_unfolds(desk: Desk) -> None:
    scattered(desk)
    press(desk.window.canvas, Key.Key_H)
    nodes = desk.session.document.nodes
    assert [nodes[id].collapsed for id in (MODEL, PROMPT, DECODE)] == [True] * 3
    press(desk.window.canvas, Key.Key_H)
    assert not desk.session.document.nodes[MODEL].collapsed


def test_f2_and_shift_f_write_in_place(desk: Desk) -> None:
    scattered(desk)
    canvas = desk.window.canvas
    desk.window.actions_by_id["rename"].trigger()
    assert canvas.inplace.editor is canvas.inplace.line
    canvas.inplace.line.setText("Out")
    canvas.inplace.keep()
    assert desk.session.document.nodes[DECODE].title == "Out"
    press(canvas, Key.Key_F, SHIFT)
    (frame,) = desk.session.document.frames.values()
    assert canvas.inplace.line.text() == frame.title


def test_bookmarks_come_back_and_are_in_the_file(desk: Desk) -> None:
    canvas, session = desk.window.canvas, desk.session
    view, act = canvas.widget, desk.window.actions_by_id
    view.look_at(QPointF(300, 200), 0.5)
    assert not act["bookmark_go_3"].isEnabled()
    assert "Ctrl+Shift+3" in act["bookmark_go_3"].toolTip()
    press(canvas, Key.Key_3, Modifier.ControlModifier | SHIFT)
    assert session.dirty
    assert act["bookmark_go_3"].isEnabled()
    view.look_at(QPointF(-900, 0), 1.5)
    press(canvas, Key.Key_3, ALT)
    assert view.zoom == pytest.approx(0.5)
    assert (view.visible().center() - QPointF(300, 200)).manhattanLength() < 6
    assert file.loads(file.dumps(session.document)).bookmarks == session.document.bookmarks
    session.undo()
    assert not session.document.bookmarks


def test_a_bookmark_in_a_group_goes_into_it(desk: Desk) -> None:
    canvas, session = desk.window.canvas, desk.session
    session.select([PROMPT, MODEL])
    desk.window.actions_by_id["group"].trigger()
    (group,) = session.document.groups
    session.sight.dive(group)
    press(canvas, Key.Key_1, Modifier.ControlModifier | SHIFT)
    session.sight.up()
    press(canvas, Key.Key_1, ALT)
    assert session.sight.scope == group


def test_m_and_the_status_bar_show_and_hide_the_map(desk: Desk) -> None:
    chart = desk.window.canvas.map
    assert chart.isVisible()
    press(desk.window.canvas, Key.Key_M)
    assert not chart.isVisible()
    desk.window.status.map.pressed.emit()
    assert chart.isVisible()
    desk.session.new()
    assert not chart.isVisible()


def test_the_map_fades_over_nodes_until_the_mouse_is_on_it(desk: Desk) -> None:
    canvas, session = desk.window.canvas, desk.session
    chart, view = canvas.map, canvas.widget
    view.look_at(QPointF(5000, 5000), 1.0)
    QTest.mouseMove(view, view.rect().center())
    assert not chart.faint
    clear = chart.grab().toImage().pixelColor(chart.rect().center())
    corner = view.mapToScene(chart.geometry().center())
    session.edit("", session.document.move({MODEL: (corner.x() - 50, corner.y() - 30)}))
    QApplication.processEvents()
    assert chart.faint
    assert chart.grab().toImage().pixelColor(chart.rect().center()) != clear
    QTest.mouseMove(chart, chart.rect().center())
    QApplication.processEvents()
    assert not chart.faint


def test_a_new_note_hides_no_node(desk: Desk) -> None:
    canvas = desk.window.canvas
    view = canvas.widget
    view.look_at(canvas.cards[SAMPLE].box.center(), 1.0)
    press(canvas, Key.Key_N, SHIFT)
    (note,) = canvas.scenery.boards.values()
    assert not any(note.box.intersects(card.box) for card in canvas.cards.values())
    assert view.visible().contains(note.box)
    assert desk.session.undo()
    assert not desk.session.document.notes


def test_colours_ways_to_move_and_snapping_are_in_the_menus(desk: Desk) -> None:
    menus = {menu.title(): menu for menu in desk.window.menus.menus}
    desk.session.select([MODEL])
    found(menus["Arrange"], "Pink").trigger()
    assert desk.session.document.nodes[MODEL].colour == "Latent"
    found(menus["Arrange"], "The usual colour").trigger()
    assert desk.session.document.nodes[MODEL].colour == ""
    found(menus["View"], "As in Blender").trigger()
    assert desk.window.canvas.widget.navigation is navigation.PRESETS["blender"]
    assert desk.window.actions_by_id["navigate_blender"].isChecked()
    assert not desk.window.actions_by_id["navigate_nodeforge"].isChecked()
    found(menus["Arrange"], "Snap to the grid").trigger()
    assert snapping.chosen() == snapping.GRID
    assert not desk.window.actions_by_id["snap_guides"].isChecked()


def found(menu: QMenu, title: str) -> QAction:
    """The entry of this title, at whatever depth."""
    todo = list(menu.actions())
    for action in todo:
        if action.text() == title:
            return action
        inner = action.menu()
        if isinstance(inner, QMenu):
            todo += inner.actions()
    raise AssertionError(f"no {title} in the menu")
