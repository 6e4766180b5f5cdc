"""Moving, adding, deleting, copying and looking, by mouse and keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtWidgets import QApplication

from nodeforge.app.canvas import Canvas
from nodeforge.app.incoming.carried import mime
from nodeforge.app.session import Session
from nodeforge.graph.document import Frame, Node, NodeId, Note
from tests.app.canvas.conftest import BLUR, B, G, L, drawn, links, wire
from tests.app.canvas.mouse import Button, click, double_click, drag, drop, let_go, press, sweep

Key, Modifier = Qt.Key, Qt.KeyboardModifier
WAY = QPointF(40, 130)


def grip(canvas: Canvas, id: NodeId) -> QPointF:
    card = canvas.cards[id]
    return QPointF(card.x() + 60, card.y() + 15)


def test_a_drag_moves_a_node_in_one_step(canvas: Canvas, session: Session) -> None:
    start = grip(canvas, L)
    drag(canvas, start, start + WAY)
    assert session.document.nodes[L].at == pytest.approx((-360, 130))
    assert session.history.undo_label == "Move"
    session.undo()
    assert session.document.nodes[L].at == (-400, 0)
    assert canvas.cards[L].pos() == QPointF(-400, 0)
    assert not session.history.can_undo


def test_a_drag_moves_all_that_is_selected(canvas: Canvas, session: Session) -> None:
    session.select([L, B])
    start = grip(canvas, L)
    drag(canvas, start, start + WAY)
    assert session.document.nodes[B].at == pytest.approx((-40, 130))
    assert session.document.nodes[G].at == (280, 0)
    session.undo()
    assert session.document.nodes[B].at == (-80, 0)
    assert not session.history.can_undo


def test_wires_follow_a_moved_node(canvas: Canvas, session: Session) -> None:
    session.edit("", wire(session.document, "l", "image", "b", "image"))
    start = grip(canvas, B)
    drag(canvas, start, start + WAY)
    port = canvas.cards[B].ports[False, "image"]
    assert port.connected_pipes[0].path().currentPosition() == port.centre()


def test_a_click_selects_here_and_in_the_session(canvas: Canvas, session: Session) -> None:
    click(canvas, grip(canvas, B))
    assert session.selection == (B,)
    assert canvas.cards[B].look.selected
    click(canvas, grip(canvas, L), Modifier.ShiftModifier)
    assert set(session.selection) == {B, L}
    assert session.selection[-1] == L
    click(canvas, grip(canvas, B), Modifier.ControlModifier)
    assert session.selection == (L,)
    click(canvas, QPointF(0, 300))
    assert not session.selection
    session.select([G])
    assert canvas.cards[G].isSelected()


def test_a_rubber_band_selects_what_it_meets(canvas: Canvas, session: Session) -> None:
    drag(canvas, QPointF(-450, -60), QPointF(0, 250))
    assert set(session.selection) == {L, B}


@pytest.mark.parametrize("zoom", [0.6464, 1.0, 1.7])
@pytest.mark.parametrize("beside", [-0.4, 0.0, 0.4])
def test_a_node_taken_by_its_left_edge_goes_alone(
    canvas: Canvas, session: Session, zoom: float, beside: float
) -> None:
    canvas.zoom_to(zoom)
    canvas.centre()
    before = session.document
    card, others = canvas.cards[L], [canvas.cards[id] for id in (B, G)]
    start = card.pos() + QPointF(beside, 12)
    places = [other.pos() for other in others]
    sweep(canvas, start, *(other.box.center() for other in others), start + QPointF(0, 300))
    assert [other.pos() for other in others] == places
    assert card.pos() == QPointF(*session.document.nodes[L].at)
    assert session.document.nodes[B] is before.nodes[B]


def test_delete_takes_the_wires_too_and_comes_back_whole(canvas: Canvas, session: Session) -> None:
    document = wire(session.document, "l", "image", "b", "image")
    session.edit("", wire(document, "b", "image", "g", "images"))
    before = session.document
    click(canvas, grip(canvas, B))
    press(canvas, Key.Key_Delete)
    assert set(session.document.nodes) == {L, G}
    assert drawn(canvas) == set()
    session.undo()
    assert session.document is before
    assert len(drawn(canvas)) == 2


def test_a_duplicate_is_fed_by_the_same_nodes(canvas: Canvas, session: Session) -> None:
    session.edit("", wire(session.document, "l", "image", "b", "image"))
    session.select([B])
    press(canvas, Key.Key_D, Modifier.ControlModifier)
    (copy,) = session.selection
    assert copy not in (L, B, G)
    assert ("l", "image", copy, "image") in drawn(canvas)
    session.undo()
    assert set(canvas.cards) == {L, B, G}


def test_copy_and_paste_keep_the_wires_among_them(canvas: Canvas, session: Session) -> None:
    session.edit("", wire(session.document, "l", "image", "b", "image"))
    session.select([L, B])
    press(canvas, Key.Key_C, Modifier.ControlModifier)
    press(canvas, Key.Key_V, Modifier.ControlModifier)
    press(canvas, Key.Key_V, Modifier.ControlModifier)
    assert len(session.document.nodes) == 7
    assert len(links(session)) == 3
    assert len({node.at for node in session.document.nodes.values()}) == 7


def test_pasting_what_is_no_graph_only_says_so(canvas: Canvas, session: Session) -> None:
    said: list[str] = []
    canvas.hint.connect(said.append)
    QApplication.clipboard().setText("a shopping list")
    canvas.paste()
    assert len(session.document.nodes) == 3
    assert "clipboard" in said[0]


def test_cut_is_one_step(canvas: Canvas, session: Session) -> None:
    session.select([L, B])
    canvas.cut()
    assert set(session.document.nodes) == {G}
    session.undo()
    assert not session.history.can_undo
    canvas.paste(QPointF(0, 304))
    assert min(n.at[0] for i, n in session.document.nodes.items() if i not in (L, B, G)) == 0


def test_d_mutes_and_unmutes(canvas: Canvas, session: Session) -> None:
    session.select([B])
    press(canvas, Key.Key_D)
    assert session.document.nodes[B].muted
    assert [(a.name, b.name) for a, b in canvas.cards[B].look.face.through] == [("image", "image")]
    press(canvas, Key.Key_D)
    assert not session.document.nodes[B].muted


def test_a_stage_dropped_lands_under_the_cursor(canvas: Canvas, session: Session) -> None:
    drop(canvas, mime(BLUR.id, "Soften", {"radius": 3.0}), QPointF(100, 255))
    (id,) = session.selection
    node = session.document.nodes[id]
    assert (node.stage, node.title, node.values) == (BLUR.id, "Soften", {"radius": 3.0})
    assert node.at == (0, 240)
    assert canvas.cards[id].look.face.title == "Soften"


def test_a_stage_dropped_on_a_wire_goes_into_it(canvas: Canvas, session: Session) -> None:
    session.edit("", wire(session.document, "l", "image", "g", "images"))
    session.edit("", session.document.remove(B))
    pipe = canvas.cards[G].ports[False, "images"].connected_pipes[0]
    drop(canvas, mime(BLUR.id), pipe.path().pointAtPercent(0.5))
    (id,) = session.selection
    assert links(session) == {("l", "image", id, "image"), (id, "image", "g", "images")}
    session.undo()
    assert links(session) == drawn(canvas) == {("l", "image", "g", "images")}


def test_a_node_dragged_on_a_wire_glows_and_goes_into_it(canvas: Canvas, session: Session) -> None:
    document = session.document.move({B: (-80.0, 300.0)})
    session.edit("", wire(document, "l", "image", "g", "images"))
    steps = session.history.undo_label
    start = grip(canvas, B)
    drag(canvas, start, start + QPointF(0, -285), release=False)
    assert canvas.scenery.glow is not None
    let_go(canvas, start + QPointF(0, -285))
    assert links(session) == {("l", "image", "b", "image"), ("b", "image", "g", "images")}
    session.undo()
    assert session.document.nodes[B].at == (-80, 300)
    assert session.history.undo_label == steps


def test_a_picture_dropped_from_outside_is_loaded(
    canvas: Canvas, session: Session, tmp_path: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in ("a.png", "b.txt")])
    drop(canvas, data, QPointF(0, 300))
    (id,) = session.selection
    assert session.document.nodes[id].values == {"file": str(tmp_path / "a.png")}


def test_a_frame_carries_the_nodes_inside_it(canvas: Canvas, session: Session) -> None:
    frame = Frame(NodeId("f"), "Front", (-430.0, -60.0), (280.0, 300.0))
    session.edit("", session.document.add(frame, Note(NodeId("n"), "Look", (-80.0, 300.0))))
    drag(canvas, QPointF(-300, -45), QPointF(-260, -5))
    assert session.document.frames[frame.id].at == pytest.approx((-390, -20))
    assert session.document.nodes[L].at == pytest.approx((-360, 40))
    assert session.document.nodes[B].at == (-80, 0)
    drag(canvas, QPointF(0, 350), QPointF(40, 390))
    assert session.document.notes[NodeId("n")].at == pytest.approx((-40, 340))
    session.undo()
    session.undo()
    assert session.document.nodes[L].at == (-400, 0)


def test_a_double_click_opens_a_node_or_asks_for_one(canvas: Canvas) -> None:
    opened: list[object] = []
    asked: list[object] = []
    canvas.activated.connect(opened.append)
    canvas.asked.connect(asked.append)
    double_click(canvas, grip(canvas, B) + QPointF(0, 60))
    assert (opened, asked) == ([B], [])
    double_click(canvas, QPointF(0, 300))
    assert len(asked) == 1
    press(canvas, Key.Key_Tab)
    press(canvas, Key.Key_Space)
    assert len(asked) == 3


def test_the_wheel_zooms_to_the_cursor_within_limits(canvas: Canvas) -> None:
    view = canvas.widget
    at = view.viewport().rect().center()
    held = view.mapToScene(at)
    view.zoom_by(1.5, at)
    assert view.zoom == pytest.approx(1.5)
    assert (view.mapToScene(at) - held).manhattanLength() < 2
    for _ in range(40):
        view.zoom_by(0.5, at)
    assert view.zoom == pytest.approx(0.08)
    for _ in range(40):
        view.zoom_by(2, at)
    assert view.zoom == 3


def test_the_middle_button_and_space_pan(canvas: Canvas, session: Session) -> None:
    before = canvas.widget.visible().center()
    drag(canvas, QPointF(0, 300), QPointF(50, 340), Button.MiddleButton)
    assert canvas.widget.visible().center() != before
    assert session.selection == ()
    assert not session.history.can_undo


def test_fit_brings_everything_into_view(canvas: Canvas, session: Session) -> None:
    session.edit("", session.document.add(Node(NodeId("far"), BLUR.id, at=(5000.0, 2000.0))))
    canvas.fit(whole=True)
    assert canvas.in_view()
    canvas.zoom_to(1.0)
    assert canvas.widget.zoom == 1
