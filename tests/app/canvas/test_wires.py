"""Wires, by the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt

from nodeforge.app.canvas import Canvas
from nodeforge.app.canvas.items import HIT, Port
from nodeforge.app.session import Session
from nodeforge.graph.document import Node, NodeId
from tests.app.canvas.conftest import BLUR, LOAD, B, L, drawn, links, wire
from tests.app.canvas.mouse import drag, drag_wire

VOID = QPointF(0, 300)


def output(canvas: Canvas, id: str, name: str = "image") -> Port:
    return canvas.cards[NodeId(id)].ports[True, name]


def entry(canvas: Canvas, id: str, name: str = "image") -> Port:
    return canvas.cards[NodeId(id)].ports[False, name]


def near_end(port: Port, zoom: float = 1.0) -> QPointF:
    """On the wire, a few pixels beside a port."""
    return port.centre() + QPointF((1 if port.pin.out else -1) * (HIT.width() / 2 + 3 / zoom), 0)


def test_a_wire_is_one_undo_step(canvas: Canvas, session: Session) -> None:
    drag_wire(canvas, output(canvas, "l"), entry(canvas, "b"))
    assert links(session) == drawn(canvas) == {("l", "image", "b", "image")}
    session.undo()
    assert links(session) == drawn(canvas) == set()
    session.redo()
    assert drawn(canvas) == {("l", "image", "b", "image")}


def test_a_wire_can_be_drawn_from_the_input(canvas: Canvas, session: Session) -> None:
    drag_wire(canvas, entry(canvas, "b", "mask"), output(canvas, "l", "mask"))
    assert links(session) == {("l", "mask", "b", "mask")}


def test_a_wire_of_another_type_is_refused_and_says_why(canvas: Canvas, session: Session) -> None:
    said: list[str] = []
    canvas.hint.connect(said.append)
    before = session.document
    drag_wire(canvas, output(canvas, "l", "mask"), entry(canvas, "b"))
    assert session.document is before
    assert said[-1].startswith("Takes an image on image, not a mask")


def test_an_output_does_not_join_an_output(canvas: Canvas, session: Session) -> None:
    said: list[str] = []
    canvas.hint.connect(said.append)
    drag_wire(canvas, output(canvas, "l"), output(canvas, "b"))
    assert links(session) == set()
    assert "outputs" in said[-1]


def test_a_circle_is_refused(canvas: Canvas, session: Session) -> None:
    second = Node(NodeId("b2"), BLUR.id, at=(-80.0, -300.0))
    session.edit("", wire(session.document.add(second), "b", "image", "b2", "image"))
    drag_wire(canvas, output(canvas, "b2"), entry(canvas, "b"))
    drag_wire(canvas, output(canvas, "b"), entry(canvas, "b"))
    assert links(session) == {("b", "image", "b2", "image")}


def test_a_wire_on_a_taken_input_takes_its_place(canvas: Canvas, session: Session) -> None:
    second = Node(NodeId("l2"), LOAD.id, at=(-400.0, -200.0))
    session.edit("", wire(session.document.add(second), "l", "image", "b", "image"))
    drag_wire(canvas, output(canvas, "l2"), entry(canvas, "b"))
    assert links(session) == drawn(canvas) == {("l2", "image", "b", "image")}
    session.undo()
    assert links(session) == drawn(canvas) == {("l", "image", "b", "image")}


def test_pulling_a_wire_off_its_input_takes_it_away(canvas: Canvas, session: Session) -> None:
    session.edit("", wire(session.document, "l", "image", "b", "image"))
    drag(canvas, entry(canvas, "b").centre(), VOID)
    assert links(session) == drawn(canvas) == set()
    assert session.history.undo_label == "Disconnect"
    session.undo()
    assert drawn(canvas) == {("l", "image", "b", "image")}


def test_a_wire_dropped_on_the_void_comes_to_nothing(canvas: Canvas, session: Session) -> None:
    before = session.document
    drag(canvas, output(canvas, "l").centre(), VOID)
    assert session.document is before
    assert not canvas.scenery.fitting


def test_a_refused_move_of_a_wire_leaves_it_where_it_was(canvas: Canvas, session: Session) -> None:
    session.edit("", wire(session.document, "l", "image", "b", "image"))
    before = session.document
    drag_wire(canvas, entry(canvas, "b"), entry(canvas, "b", "mask"))
    assert session.document is before
    assert drawn(canvas) == {("l", "image", "b", "image")}


def test_a_wire_end_moves_to_another_input_in_one_step(canvas: Canvas, session: Session) -> None:
    document = session.document.add(Node(NodeId("b2"), BLUR.id, at=(-80.0, -300.0)))
    session.edit("", wire(document, "l", "image", "b", "image"))
    steps = session.history.undo_label
    drag(canvas, near_end(entry(canvas, "b")), entry(canvas, "b2").centre())
    assert links(session) == drawn(canvas) == {("l", "image", "b2", "image")}
    session.undo()
    assert links(session) == {("l", "image", "b", "image")}
    assert session.history.undo_label == steps


def test_an_input_for_many_takes_many_in_order(canvas: Canvas, session: Session) -> None:
    drag_wire(canvas, output(canvas, "b"), entry(canvas, "g", "images"))
    drag_wire(canvas, output(canvas, "l"), entry(canvas, "g", "images"))
    order = [link.node for link in session.document.nodes[NodeId("g")].links["images"]]
    assert order == [B, L]


def test_a_slice_cuts_all_wires_it_meets(canvas: Canvas, session: Session) -> None:
    document = wire(session.document, "l", "image", "b", "image")
    session.edit("", wire(document, "b", "image", "g", "images"))
    keys = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier
    drag(canvas, QPointF(-140, -100), QPointF(-140, 150), keys=keys)
    assert links(session) == drawn(canvas) == {("b", "image", "g", "images")}


def test_the_ports_that_fit_light_up_while_a_wire_is_in_the_hand(canvas: Canvas) -> None:
    drag(canvas, output(canvas, "l").centre(), VOID, release=False)
    assert canvas.scenery.fitting == {entry(canvas, "b"), entry(canvas, "g", "images")}
    assert canvas.scenery.dimmed == frozenset()
    canvas.widget.end_live_connection()


def test_a_wire_of_a_node_that_goes_goes_with_it(canvas: Canvas, session: Session) -> None:
    document = wire(session.document, "l", "image", "b", "image")
    session.edit("", wire(document, "b", "image", "g", "images"))
    session.edit("", session.document.remove(B))
    assert drawn(canvas) == set()
    assert not canvas.cards[L].look.wired
    session.undo()
    assert drawn(canvas) == {("l", "image", "b", "image"), ("b", "image", "g", "images")}
    assert canvas.cards[L].look.wired == {"out:image"}
