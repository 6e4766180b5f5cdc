"""Frames, notes, titles in place, snapping, collapsing and the map, by mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nodeforge.app import settings
from nodeforge.app.canvas import Canvas, frames, navigation, snapping
from nodeforge.app.canvas.face import HEADER
from nodeforge.app.session import Session
from nodeforge.app.state import RunState
from nodeforge.graph.document import Frame, NodeId, Note
from tests.app.canvas.conftest import B, G, L, drawn, wire
from tests.app.canvas.mouse import Button, double_click, drag

Key, Modifier = Qt.Key, Qt.KeyboardModifier
F, N = NodeId("f"), NodeId("n")
FRAME = Frame(F, "Front", (-430.0, -60.0), (280.0, 300.0))


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    yield
    for name in (navigation.NAME, snapping.NAME, "map"):
        settings.store().remove(name)


def write(canvas: Canvas, text: str) -> None:
    """Into the editor that is open."""
    editor = canvas.inplace.editor
    assert editor is not None
    assert editor.isVisible()
    QTest.keyClicks(editor, text)


def finish(canvas: Canvas, key: Qt.Key, keys: Qt.KeyboardModifier = Modifier.NoModifier) -> None:
    editor = canvas.inplace.editor
    assert editor is not None
    QTest.keyClick(editor, key, keys)


def test_a_frame_goes_around_the_selection_and_asks_for_its_title(
    canvas: Canvas, session: Session
) -> None:
    session.select([L, B])
    frames.frame_selected(canvas)
    (frame,) = session.document.frames.values()
    assert frame.at[0] < -400
    assert frame.at[0] + frame.size[0] > 120
    write(canvas, "Sources")
    finish(canvas, Key.Key_Return)
    assert session.document.frames[frame.id].title == "Sources"
    assert session.history.undo_label == "Rename"
    assert canvas.inplace.editor is None
    session.undo()
    session.undo()
    assert not session.document.frames


def test_a_frame_has_room_for_pictures_and_carries_what_outgrew_it(
    canvas: Canvas, session: Session
) -> None:
    session.select([L, B])
    frames.frame_selected(canvas)
    (frame,) = session.document.frames.values()
    finish(canvas, Key.Key_Escape)
    thumb = QImage(64, 64, QImage.Format.Format_RGB32)
    session.states[B] = RunState("cached", thumb=thumb)
    session.stated.emit(B)
    board = canvas.scenery.boards[frame.id]
    assert board.box.contains(canvas.cards[B].box)
    session.edit("", frames.sized(session.document, frame.id, (frame.size[0], 140.0)))
    assert not board.box.contains(canvas.cards[B].box)
    session.select([])
    title = board.box.topLeft() + QPointF(90, 12)
    drag(canvas, title, title + QPointF(0, -80))
    assert session.document.nodes[L].at == (-400, -80)
    assert session.document.nodes[B].at == (-80, -80)
    assert session.document.nodes[G].at == (280, 0)


def test_the_title_being_written_is_in_view(canvas: Canvas, session: Session) -> None:
    """Also where the frame begins to the left of what is seen."""
    session.select([L, B])
    canvas.widget.look_at(QPointF(300, 100), 1.0)
    frames.frame_selected(canvas)
    editor = canvas.inplace.editor
    assert editor is not None
    assert canvas.widget.viewport().rect().contains(editor.geometry().topLeft())


@pytest.mark.parametrize(
    ("edge", "at", "size"),
    [
        (QPointF(-430, 100), (-390.0, -60.0), (240.0, 300.0)),
        (QPointF(-150, 100), (-430.0, -60.0), (320.0, 300.0)),
        (QPointF(-300, 240), (-430.0, -60.0), (280.0, 330.0)),
        (QPointF(-300, -60), (-430.0, -30.0), (280.0, 270.0)),
        (QPointF(-430, -60), (-390.0, -30.0), (240.0, 270.0)),
        (QPointF(-152, 238), (-430.0, -60.0), (320.0, 330.0)),
    ],
)
def test_a_frame_is_resized_by_its_edges(
    canvas: Canvas,
    session: Session,
    edge: QPointF,
    at: tuple[float, float],
    size: tuple[float, float],
) -> None:
    session.edit("", session.document.add(FRAME))
    before = session.document
    drag(canvas, edge, edge + QPointF(40, 30))
    frame = session.document.frames[F]
    assert frame.at == pytest.approx(at, abs=1)
    assert frame.size == pytest.approx(size, abs=1)
    assert session.document.nodes[L].at == (-400, 0)
    assert canvas.scenery.boards[F].box.width() == frame.size[0]
    session.undo()
    assert session.document == before
    assert canvas.scenery.boards[F].box.getRect() == (-430, -60, 280, 300)


def test_a_frame_never_turns_inside_out(canvas: Canvas, session: Session) -> None:
    session.edit("", session.document.add(FRAME))
    drag(canvas, QPointF(-150, 100), QPointF(-560, 100))
    assert session.document.frames[F].size[0] == frames.LEAST[0]


def test_the_cursor_tells_of_an_edge(canvas: Canvas, session: Session) -> None:
    session.edit("", session.document.add(FRAME))
    drag(canvas, QPointF(-430, 100), QPointF(-430, 100))
    assert canvas.widget.viewport().cursor().shape() == Qt.CursorShape.SizeHorCursor
    drag(canvas, QPointF(300, -200), QPointF(300, -200))
    assert canvas.widget.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor


def test_a_note_is_written_in_place(canvas: Canvas, session: Session) -> None:
    frames.add_note(canvas, QPointF(0, 250))
    write(canvas, "Why")
    finish(canvas, Key.Key_Return)
    write(canvas, "so")
    finish(canvas, Key.Key_Return, Modifier.ControlModifier)
    (note,) = session.document.notes.values()
    assert note.text == "Why\nso"
    double_click(canvas, QPointF(60, 300))
    write(canvas, "other")
    finish(canvas, Key.Key_Escape)
    assert session.document.notes[note.id].text == "other"
    session.undo()
    assert session.document.notes[note.id].text == "Why\nso"
    double_click(canvas, QPointF(60, 300))
    write(canvas, "Kept")
    canvas.widget.setFocus()
    assert session.document.notes[note.id].text == "Kept"
    session.undo()
    assert canvas.scenery.boards[note.id].text == "Why\nso"


def test_a_node_is_named_where_its_title_stands(canvas: Canvas, session: Session) -> None:
    opened: list[object] = []
    canvas.activated.connect(opened.append)
    double_click(canvas, QPointF(-20, 15))
    write(canvas, "Soften")
    finish(canvas, Key.Key_Return)
    assert session.document.nodes[B].title == "Soften"
    assert canvas.cards[B].look.face.title == "Soften"
    assert not opened
    session.select([B])
    canvas.inplace.begin_selected()
    write(canvas, "Blur")
    finish(canvas, Key.Key_Return)
    assert session.document.nodes[B].title == ""


def test_what_is_half_typed_counts_when_the_graph_runs(canvas: Canvas, session: Session) -> None:
    canvas.inplace.begin(B)
    write(canvas, "Half")
    session.settling.emit()
    assert session.document.nodes[B].title == "Half"


def test_the_editor_follows_the_view(canvas: Canvas) -> None:
    canvas.inplace.begin(B)
    editor = canvas.inplace.editor
    assert editor is not None
    before = editor.geometry()
    canvas.widget.pan_by(QPointF(50, 0))
    assert editor.geometry() == before.translated(50, 0)
    canvas.zoom_to(2)
    assert editor.width() > before.width()


def test_a_collapsed_node_is_its_header_and_keeps_its_wires(
    canvas: Canvas, session: Session
) -> None:
    document = wire(session.document, "l", "image", "b", "image")
    session.edit("", wire(document, "b", "image", "g", "images"))
    wires = drawn(canvas)
    session.edit("", session.document.collapse(True, B))
    card = canvas.cards[B]
    assert card.look.box.height() == HEADER
    assert {port.pin.y for port in card.ports.values()} == {HEADER / 2}
    assert drawn(canvas) == wires
    pipe = card.ports[False, "image"].connected_pipes[0]
    assert pipe.path().currentPosition() == QPointF(-80, HEADER / 2)
    session.undo()
    assert card.look.box.height() > 100


def test_what_is_dragged_snaps_to_its_neighbours(canvas: Canvas, session: Session) -> None:
    drag(canvas, QPointF(340, 15), QPointF(340, 19), release=False)
    drag(canvas, QPointF(340, 19), QPointF(340, 19))
    session.edit("", session.document.move({G: (280.0, 90.0)}))
    start = QPointF(340, 105)
    drag(canvas, start, start + QPointF(30, -86), release=False)
    assert canvas.cards[G].y() == 0
    assert canvas.scenery.snapping.lines
    drag(canvas, start, start, release=True)
    assert not canvas.scenery.snapping.lines


def test_what_is_dragged_snaps_to_the_grid_or_not(canvas: Canvas, session: Session) -> None:
    canvas.scenery.snapping.choose(snapping.GRID)
    drag(canvas, QPointF(-20, 15), QPointF(-20, 15) + QPointF(35, 133))
    assert session.document.nodes[B].at == (-48, 144)
    session.undo()
    canvas.scenery.snapping.choose(snapping.OFF)
    drag(canvas, QPointF(-20, 15), QPointF(-20, 15) + QPointF(35, 133))
    assert session.document.nodes[B].at == pytest.approx((-45, 133))


@pytest.mark.parametrize(
    ("name", "button", "keys", "moves"),
    [
        ("nodeforge", Button.MiddleButton, Modifier.NoModifier, True),
        ("nodeforge", Button.LeftButton, Modifier.NoModifier, False),
        ("nuke", Button.LeftButton, Modifier.AltModifier, True),
        ("nuke", Button.MiddleButton, Modifier.NoModifier, True),
        ("blender", Button.MiddleButton, Modifier.ShiftModifier, True),
        ("blender", Button.LeftButton, Modifier.NoModifier, False),
        ("comfyui", Button.LeftButton, Modifier.NoModifier, True),
        ("comfyui", Button.LeftButton, Modifier.ControlModifier, False),
    ],
)
def test_the_hand_moves_the_view_as_in_other_programs(
    canvas: Canvas,
    session: Session,
    name: str,
    button: Qt.MouseButton,
    keys: Qt.KeyboardModifier,
    moves: bool,
) -> None:
    canvas.widget.navigation = navigation.choose(name)
    assert navigation.chosen() == name
    before = canvas.widget.visible().center()
    view = canvas.widget
    start = QPointF(-450, -160)
    session.select([])
    drag(canvas, start, start + QPointF(100, 60), button, keys, release=False)
    moved = view.visible().center() != before
    assert moved == moves
    drag(canvas, view.mapToScene(QPoint(5, 5)), view.mapToScene(QPoint(5, 5)), button, keys)


def test_a_drag_of_the_middle_button_zooms(canvas: Canvas) -> None:
    canvas.widget.navigation = navigation.choose("blender")
    start = QPointF(0, -100)
    drag(canvas, start, start + QPointF(80, 0), Button.MiddleButton, Modifier.ControlModifier)
    assert canvas.widget.zoom > 1.3


def test_comfyuis_click_on_nothing_lets_go_of_the_selection(
    canvas: Canvas, session: Session
) -> None:
    canvas.widget.navigation = navigation.choose("comfyui")
    session.select([B])
    drag(canvas, QPointF(0, -200), QPointF(0, -200))
    assert not session.selection
    drag(canvas, QPointF(-450, -60), QPointF(0, 250), keys=Modifier.ControlModifier)
    assert set(session.selection) == {L, B}


def test_blenders_wheel_goes_down_and_across(canvas: Canvas) -> None:
    canvas.widget.navigation = navigation.choose("blender")
    before = canvas.widget.visible().center()
    for keys in (Modifier.ShiftModifier, Modifier.ControlModifier):
        at = QPointF(100, 100)
        event = QWheelEvent(
            at, at, QPoint(), QPoint(0, -120), Button.NoButton, keys,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(canvas.widget.viewport(), event)
    after = canvas.widget.visible().center()
    assert after - before == QPointF(navigation.TURN, navigation.TURN)
    assert canvas.widget.zoom == 1


def test_the_map_goes_where_the_hand_goes(canvas: Canvas, session: Session) -> None:
    chart, view = canvas.map, canvas.widget
    assert chart.on
    chart.grab()
    middle = chart.rect().center()
    QTest.mouseClick(chart, Button.LeftButton, pos=QPoint(20, middle.y()))
    left = view.visible().center().x()
    chart.grab()
    QTest.mousePress(chart, Button.LeftButton, pos=QPoint(150, 20))
    QTest.mouseMove(chart, QPoint(160, 40))
    QTest.mouseRelease(chart, Button.LeftButton, pos=QPoint(160, 40))
    assert view.visible().center().x() > left
    chart.toggle()
    assert not chart.on
    assert settings.text("map") == "off"
    chart.toggle()


def test_the_map_is_drawn_anew_after_an_edit(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    before = canvas.map.grab().toImage()
    session.edit("", session.document.move({G: (280.0, 900.0)}))
    qtbot.waitUntil(lambda: canvas.map.grab().toImage() != before)


def test_a_note_and_a_frame_wear_their_colour(canvas: Canvas, session: Session) -> None:
    note = Note(N, "Look", (-80.0, 300.0))
    session.edit("", session.document.add(FRAME, note).tint("Latent", F, N, B))
    assert canvas.scenery.boards[F].tint == canvas.scenery.boards[N].tint == "Latent"
    assert canvas.cards[B].look.face.colour == "Latent"
    session.undo()
    assert canvas.scenery.boards == {}
