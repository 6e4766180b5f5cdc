"""What the hand does with wires beyond joining two ports."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nodeforge.app import settings
from nodeforge.app.canvas import Canvas, dots, hand
from nodeforge.app.session import Session
from nodeforge.graph.document import Node, NodeId, is_dot
from nodeforge.graph.dots import dot_specs
from nodeforge.graph.joining import End
from tests.app.canvas.conftest import BLUR, LOAD, SPECS, B, G, L, drawn, links, wire
from tests.app.canvas.mouse import (
    Button,
    Modifier,
    click,
    double_click,
    drag,
    drag_wire,
    send,
    sweep,
)
from tests.app.canvas.test_wires import VOID, entry, near_end, output

CHAIN = {("l", "image", "b", "image"), ("b", "image", "g", "images")}
ALT, SHIFT, CTRL = Modifier.AltModifier, Modifier.ShiftModifier, Modifier.ControlModifier
GRIP = QPointF(60, 15)


@pytest.fixture
def chain(session: Session) -> Session:
    """Load image -> Blur -> Grid."""
    session.specs |= dot_specs(SPECS)
    session.offered.emit()
    document = wire(session.document, "l", "image", "b", "image")
    session.edit("", wire(document, "b", "image", "g", "images"))
    session.history.break_merge()
    return session


def undone(session: Session) -> set[tuple[str, str, str, str]]:
    session.undo()
    return links(session)


def test_a_wire_in_the_void_asks_for_what_it_can_join(canvas: Canvas, session: Session) -> None:
    asked: list[tuple[End, QPointF]] = []
    canvas.wire_dropped.connect(lambda end, at: asked.append((end, at)))
    before = session.document
    drag(canvas, output(canvas, "l").centre(), VOID)
    drag(canvas, entry(canvas, "b").centre(), VOID)
    assert [end for end, _ in asked] == [End(L, "image", True), End(B, "image", False)]
    assert (asked[0][1] - VOID).manhattanLength() < 2
    assert session.document is before


def test_a_wire_on_a_node_goes_to_its_best_port(canvas: Canvas, session: Session) -> None:
    drag(canvas, output(canvas, "l", "mask").centre(), canvas.cards[B].pos() + QPointF(100, 60))
    assert links(session) == drawn(canvas) == {("l", "mask", "b", "mask")}
    drag(canvas, entry(canvas, "g", "images").centre(), canvas.cards[B].pos() + QPointF(100, 15))
    assert links(session) == {("l", "mask", "b", "mask"), ("b", "image", "g", "images")}
    assert undone(session) == {("l", "mask", "b", "mask")}


def test_a_wire_moves_from_one_node_to_another(canvas: Canvas, chain: Session) -> None:
    chain.edit("", chain.document.add(Node(NodeId("b2"), BLUR.id, at=(-80.0, -300.0))))
    body = canvas.cards[NodeId("b2")].pos() + QPointF(100, 60)
    drag(canvas, entry(canvas, "b").centre(), body)
    assert ("l", "image", "b2", "image") in links(chain)
    assert ("l", "image", "b", "image") not in links(chain)
    assert undone(chain) == CHAIN


def test_a_wire_taken_near_its_beginning_gets_another_one(canvas: Canvas, chain: Session) -> None:
    chain.edit("", chain.document.add(Node(NodeId("l2"), LOAD.id, at=(-400.0, -250.0))))
    drag(canvas, near_end(output(canvas, "l")), output(canvas, "l2").centre())
    assert ("l2", "image", "b", "image") in links(chain)
    assert len(links(chain)) == 2
    assert undone(chain) == CHAIN


def test_why_a_wire_does_not_fit_is_said_at_the_cursor(canvas: Canvas, session: Session) -> None:
    body = canvas.cards[G].pos() + QPointF(100, 60)
    drag(canvas, output(canvas, "l", "mask").centre(), body, release=False)
    live = canvas.widget._LIVE_PIPE
    assert live.said == "Grid takes no mask: choose another node."
    assert live.boundingRect().width() > 0
    over = entry(canvas, "b").centre()
    sweep(canvas, over, over)
    assert not live.isVisible()
    drag(canvas, output(canvas, "l", "mask").centre(), over, release=False)
    assert live.said.startswith("Takes an image on image, not a mask")
    canvas.widget.drop_wire()
    assert live.said == ""
    assert links(session) == set()


def test_a_click_on_a_port_tells_which(canvas: Canvas, chain: Session) -> None:
    clicked: list[End] = []
    canvas.port_clicked.connect(clicked.append)
    click(canvas, entry(canvas, "b", "mask").centre())
    click(canvas, entry(canvas, "b").centre())
    assert clicked == [End(B, "mask", False), End(B, "image", False)]
    assert links(chain) == drawn(canvas) == CHAIN
    assert not canvas.widget._LIVE_PIPE.isVisible()


def test_a_node_taken_out_leaves_the_wire_whole(canvas: Canvas, chain: Session) -> None:
    chain.select([B])
    canvas.take_out()
    assert links(chain) == drawn(canvas) == {("l", "image", "g", "images")}
    assert B in canvas.cards
    assert undone(chain) == CHAIN


def test_a_shaken_node_comes_out_in_one_step_with_its_move(canvas: Canvas, chain: Session) -> None:
    at = canvas.cards[B].pos() + GRIP
    swing = [at + QPointF(x, 200) for x in (0, 60, -60, 60, -60, 0)]
    sweep(canvas, at, *swing)
    assert links(chain) == drawn(canvas) == {("l", "image", "g", "images")}
    moved = chain.document.nodes[B].at
    assert moved[1] > 150
    assert chain.history.undo_label == "Take out"
    assert undone(chain) == CHAIN
    assert chain.document.nodes[B].at == (-80.0, 0.0)
    assert canvas.cards[B].pos() == QPointF(-80, 0)


def test_a_slow_drag_to_and_fro_is_no_shake(
    canvas: Canvas, chain: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(100))
    monkeypatch.setattr("time.perf_counter", lambda: float(next(clock)))
    at = canvas.cards[B].pos() + GRIP
    sweep(canvas, at, *(at + QPointF(x, 200) for x in (0, 60, -60, 60, -60, 0)))
    assert links(chain) == CHAIN


@pytest.mark.parametrize("keys", [ALT, CTRL])
def test_a_drag_with_ctrl_or_alt_leaves_a_copy(
    canvas: Canvas, chain: Session, keys: Qt.KeyboardModifier
) -> None:
    before = chain.document
    at = canvas.cards[B].pos() + GRIP
    drag(canvas, at, at + QPointF(40, 240), keys=keys)
    (copy,) = chain.selection
    assert copy != B
    assert chain.document.nodes[B] == before.nodes[B]
    assert chain.document.nodes[copy].at == (-40.0, 240.0)
    assert not chain.document.nodes[copy].links
    assert chain.history.undo_label == "Duplicate"
    chain.undo()
    assert chain.document == before
    chain.redo()
    assert canvas.cards[copy].pos() == QPointF(-40, 240)


@pytest.mark.parametrize("keys", [ALT, CTRL])
def test_with_shift_the_copy_keeps_the_wires_that_come_in(
    canvas: Canvas, chain: Session, keys: Qt.KeyboardModifier
) -> None:
    at = canvas.cards[B].pos() + GRIP
    drag(canvas, at, at + QPointF(40, 240), keys=keys | SHIFT)
    (copy,) = chain.selection
    assert links(chain) == drawn(canvas) == CHAIN | {("l", "image", copy, "image")}
    assert undone(chain) == CHAIN


@pytest.mark.parametrize("keys", [ALT, CTRL])
def test_after_a_copy_the_next_node_moves_from_where_it_is(
    canvas: Canvas, chain: Session, keys: Qt.KeyboardModifier
) -> None:
    at = canvas.cards[B].pos() + GRIP
    drag(canvas, at, at + QPointF(40, 240), keys=keys)
    start = canvas.cards[G].pos() + GRIP
    click(canvas, start)
    assert chain.document.nodes[G].at == (280.0, 0.0)
    drag(canvas, start, start + QPointF(60, 300))
    assert canvas.cards[G].pos() == QPointF(340, 300)


def test_an_alt_click_changes_nothing(canvas: Canvas, chain: Session) -> None:
    before = chain.document
    click(canvas, canvas.cards[B].pos() + GRIP, keys=ALT)
    assert chain.document is before


def test_a_ctrl_click_adds_to_the_selection_or_takes_from_it(
    canvas: Canvas, chain: Session
) -> None:
    before = chain.document
    chain.select([L])
    click(canvas, canvas.cards[B].pos() + GRIP, keys=CTRL)
    assert chain.selection == (L, B)
    click(canvas, canvas.cards[B].pos() + GRIP, keys=CTRL)
    click(canvas, canvas.cards[G].pos() + GRIP, keys=CTRL | SHIFT)
    assert chain.selection == (L, G)
    assert chain.document is before


def test_what_is_held_with_ctrl_goes_into_no_wire(canvas: Canvas, chain: Session) -> None:
    chain.edit("", chain.document.add(Node(NodeId("b2"), BLUR.id, at=(-100.0, 240.0))))
    start = canvas.cards[NodeId("b2")].pos() + GRIP
    over = entry(canvas, "g", "images").connected_pipes[0].path().pointAtPercent(0.5)
    drag(canvas, start, over + QPointF(-40, -10), release=False)
    assert canvas.scenery.glow is not None
    left = Button.LeftButton
    send(canvas, QEvent.Type.MouseMove, over + QPointF(-40, -11), left, left, CTRL)
    assert canvas.scenery.glow is None
    send(canvas, QEvent.Type.MouseButtonRelease, over + QPointF(-40, -11), left, left, CTRL)
    assert links(chain) == CHAIN


@pytest.mark.parametrize("way", ["ctrl and the right button", "y"])
def test_a_stroke_cuts_what_it_crosses(canvas: Canvas, chain: Session, way: str) -> None:
    across = (QPointF(-140, -100), QPointF(-150, 0), QPointF(-140, 150))
    if way == "y":
        down = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Y, Modifier.NoModifier)
        QApplication.sendEvent(canvas.widget, down)
        sweep(canvas, *across)
        up = QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Y, Modifier.NoModifier)
        QApplication.sendEvent(canvas.widget, up)
    else:
        sweep(canvas, *across, button=Button.RightButton, keys=CTRL)
    assert links(chain) == drawn(canvas) == {("b", "image", "g", "images")}
    assert canvas.scenery.stroke is None
    assert undone(chain) == CHAIN


def test_a_stroke_straight_down_cuts_too(canvas: Canvas, chain: Session) -> None:
    across = (QPointF(-140, -100), QPointF(-140, 0), QPointF(-140, 150))
    sweep(canvas, *across, button=Button.RightButton, keys=CTRL)
    assert links(chain) == drawn(canvas) == {("b", "image", "g", "images")}


def test_a_stroke_beside_wires_cuts_none(canvas: Canvas, chain: Session) -> None:
    before = chain.document
    sweep(canvas, QPointF(-140, 90), QPointF(-120, 160), button=Button.RightButton, keys=CTRL)
    assert chain.document is before


def dotted(canvas: Canvas, session: Session) -> NodeId:
    pipe = entry(canvas, "b").connected_pipes[0]
    double_click(canvas, pipe.path().pointAtPercent(0.5))
    (dot,) = [id for id, node in session.document.nodes.items() if is_dot(node)]
    return dot


def test_a_double_click_on_a_wire_puts_a_dot_there(canvas: Canvas, chain: Session) -> None:
    before = chain.document
    middle = entry(canvas, "b").connected_pipes[0].path().pointAtPercent(0.5)
    dot = dotted(canvas, chain)
    assert chain.document.nodes[dot].stage == "dot.Image"
    assert links(chain) == drawn(canvas) == {
        ("l", "image", dot, "in"), (dot, "out", "b", "image"), ("b", "image", "g", "images"),
    }  # fmt: skip
    assert (canvas.cards[dot].box.center() - middle).manhattanLength() < 3
    assert chain.selection == (dot,)
    chain.undo()
    assert chain.document == before


def test_a_dot_is_dragged_feeds_others_and_heals_when_it_goes(
    canvas: Canvas, chain: Session
) -> None:
    dot = dotted(canvas, chain)
    at = canvas.cards[dot].box.center()
    drag(canvas, at, at + QPointF(0, 120))
    assert (canvas.cards[dot].box.center() - at - QPointF(0, 120)).manhattanLength() < 10
    assert chain.history.undo_label == "Move"
    right = canvas.cards[dot].box.center() + QPointF(14, 0)
    sweep(canvas, right, right + QPointF(40, 0), canvas.cards[G].pos() + QPointF(100, 60))
    assert (dot, "out", "g", "images") in links(chain)
    chain.undo()
    chain.select([dot])
    canvas.delete_selected()
    assert links(chain) == drawn(canvas) == CHAIN


def test_a_dot_by_the_keys(canvas: Canvas, chain: Session) -> None:
    chain.select([L])
    dots.put_after(canvas)
    assert len(chain.document.nodes) == 4
    chain.select([G])
    said: list[str] = []
    canvas.hint.connect(said.append)
    dots.put_after(canvas)
    assert said[-1].startswith("No wire leaves")


def test_delete_and_heal(canvas: Canvas, chain: Session) -> None:
    chain.select([B])
    hand.delete(chain, heal=True)
    assert links(chain) == drawn(canvas) == {("l", "image", "g", "images")}
    assert undone(chain) == CHAIN


def test_pasting_with_inputs_and_without(canvas: Canvas, chain: Session) -> None:
    chain.select([B])
    canvas.copy()
    canvas.paste(inputs=True)
    (copy,) = chain.selection
    assert links(chain) == CHAIN | {("l", "image", copy, "image")}
    chain.undo()
    canvas.paste()
    assert links(chain) == CHAIN


@pytest.mark.parametrize("moving", [True, False])
def test_neighbours_slide_to_make_room(
    canvas: Canvas, chain: Session, qtbot: QtBot, moving: bool
) -> None:
    settings.put("animations", "on" if moving else "off")
    chain.edit("", chain.document.add(Node(NodeId("b2"), BLUR.id, at=(-80.0, -300.0))))
    start = canvas.cards[NodeId("b2")].pos() + GRIP
    middle = output(canvas, "b").connected_pipes[0].path().pointAtPercent(0.5)
    drag(canvas, start, middle + QPointF(-40, -40))
    settings.put("animations", "on")
    assert ("b2", "image", "g", "images") in links(chain)
    assert chain.history.undo_label == "Insert on wire"
    there = QPointF(*chain.document.nodes[G].at)
    assert there.x() > 280
    assert (canvas.cards[G].pos() == there) is not moving
    qtbot.waitUntil(lambda: canvas.cards[G].pos() == there, timeout=2000)
    chain.undo()
    assert canvas.cards[G].pos() == QPointF(280, 0)


def test_alt_keeps_a_dragged_node_off_the_wires(canvas: Canvas, chain: Session) -> None:
    chain.edit("", chain.document.add(Node(NodeId("b2"), BLUR.id, at=(-80.0, -300.0))))
    start = canvas.cards[NodeId("b2")].pos() + GRIP
    middle = output(canvas, "b").connected_pipes[0].path().pointAtPercent(0.5)
    drag(canvas, start, middle + QPointF(-40, -40), release=False)
    assert canvas.scenery.glow is not None
    sweep_on(canvas, middle + QPointF(-40, -38), ALT)
    assert canvas.scenery.glow is None
    assert links(chain) == CHAIN


def sweep_on(canvas: Canvas, at: QPointF, keys: Qt.KeyboardModifier) -> None:
    """A drag goes on with other keys held, and ends."""

    send(canvas, QEvent.Type.MouseMove, at, Button.LeftButton, Button.LeftButton, keys)
    send(canvas, QEvent.Type.MouseButtonRelease, at, Button.LeftButton, Button.NoButton, keys)
    QApplication.processEvents()


def test_replacing_a_taken_input(canvas: Canvas, chain: Session) -> None:
    chain.edit("", chain.document.add(Node(NodeId("l2"), LOAD.id, at=(-400.0, -250.0))))
    drag_wire(canvas, output(canvas, "l2"), entry(canvas, "b"))
    assert ("l2", "image", "b", "image") in links(chain)
    assert ("l", "image", "b", "image") not in links(chain)
    assert undone(chain) == CHAIN
