"""Wires that come off when the hand moves, and those pulled from a collapsed node."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QLineF, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QMenu

from nodeforge.app.canvas import Canvas
from nodeforge.app.canvas.items import HIT, Pipe, lead
from nodeforge.app.canvas.pulling import part_at
from nodeforge.app.session import Session
from nodeforge.graph.document import Node, NodeId, is_dot
from nodeforge.graph.dots import dot_specs
from nodeforge.graph.joining import End
from tests.app.canvas.conftest import BLUR, SPECS, B, G, L, drawn, links, wire
from tests.app.canvas.mouse import Button, click, drag, let_go, press, send
from tests.app.canvas.test_wires import VOID, entry, near_end, output

WIRED = {("l", "image", "b", "image")}


@pytest.fixture
def pipe(canvas: Canvas, session: Session) -> Pipe:
    session.specs |= dot_specs(SPECS)
    session.offered.emit()
    session.edit("", wire(session.document, "l", "image", "b", "image"))
    (pipe,) = entry(canvas, "b").connected_pipes
    return pipe  # type: ignore[no-any-return]


def claims_escape(canvas: Canvas) -> bool:
    """Before the shortcut of the window that stops a run."""
    asks = QEvent.Type.ShortcutOverride
    event = QKeyEvent(asks, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    QApplication.sendEvent(canvas.widget, event)
    return event.isAccepted()


def fold(session: Session, *ids: NodeId) -> None:
    nodes = session.document.nodes
    session.edit("", session.document.add(*(replace(nodes[id], collapsed=True) for id in ids)))


@pytest.mark.parametrize("part", [0.1, 0.5, 0.8, 0.97])
@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.0])
def test_a_press_leaves_a_wire_alone(
    canvas: Canvas, session: Session, pipe: Pipe, part: float, zoom: float
) -> None:
    canvas.widget.look_at(pipe.path().pointAtPercent(0.5), zoom)
    before, at = session.document, pipe.path().pointAtPercent(part)
    drag(canvas, at, at + QPointF(4, 0) / zoom, release=False)
    assert entry(canvas, "b").connected_pipes == [pipe]
    assert not canvas.widget._LIVE_PIPE.isVisible()
    let_go(canvas, at)
    assert session.document is before
    assert drawn(canvas) == WIRED


def test_a_press_on_a_wired_input_takes_nothing_off(
    canvas: Canvas, session: Session, pipe: Pipe
) -> None:
    at = entry(canvas, "b").centre()
    drag(canvas, at, at + QPointF(3, 0), release=False)
    assert entry(canvas, "b").connected_pipes == [pipe]
    clicked: list[End] = []
    canvas.port_clicked.connect(clicked.append)
    let_go(canvas, at)
    assert clicked == [End(B, "image", False)]


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.5])
def test_a_wire_can_be_taken_a_few_pixels_beside_it(
    canvas: Canvas, session: Session, pipe: Pipe, zoom: float, side: int
) -> None:
    canvas.widget.look_at(pipe.path().pointAtPercent(0.5), zoom)
    at = near_end(entry(canvas, "b"), zoom) + QPointF(0, 4 * side) / zoom
    drag(canvas, at, at + QPointF(0, 60) / zoom, release=False)
    live = canvas.widget._LIVE_PIPE
    assert live.isVisible()
    assert live.start is output(canvas, "l")
    assert claims_escape(canvas)
    press(canvas, Qt.Key.Key_Escape)
    assert not live.isVisible()
    assert not claims_escape(canvas)
    assert drawn(canvas) == WIRED
    let_go(canvas, at)
    assert links(session) == drawn(canvas) == WIRED


def test_a_wire_laid_back_is_no_step(canvas: Canvas, session: Session, pipe: Pipe) -> None:
    before, label = session.document, session.history.undo_label
    start, end = near_end(entry(canvas, "b")), entry(canvas, "b").centre()
    drag(canvas, start, VOID, release=False)
    send(canvas, QEvent.Type.MouseMove, end, Button.LeftButton, Button.LeftButton)
    let_go(canvas, end)
    assert session.document is before
    assert session.history.undo_label == label
    assert drawn(canvas) == WIRED


@pytest.mark.parametrize("part", [0.42, 0.5, 0.58])
@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.0])
def test_a_wire_dragged_in_its_middle_is_bent_there(
    canvas: Canvas, session: Session, pipe: Pipe, part: float, zoom: float
) -> None:
    at = pipe.path().pointAtPercent(part)
    canvas.widget.look_at(at, zoom)
    before, to = session.document, at + QPointF(0, -160) / zoom
    drag(canvas, at, to)
    (dot,) = [id for id, node in session.document.nodes.items() if is_dot(node)]
    assert links(session) == drawn(canvas) == {
        ("l", "image", dot, "in"), (dot, "out", "b", "image"),
    }  # fmt: skip
    assert (canvas.cards[dot].box.center() - to).manhattanLength() < 12
    assert session.selection == (dot,)
    session.undo()
    assert session.document == before
    assert drawn(canvas) == WIRED


@pytest.mark.parametrize(
    ("part", "aside"),
    [*((0.5, 9.0), (0.8, 9.0), (0.8, 16.0)), *((0.2, 0.0), (0.35, 0.0), (0.65, 0.0), (0.8, 0.0))],
)
def test_on_a_wire_and_beside_it_a_rubber_band_begins(
    canvas: Canvas, session: Session, pipe: Pipe, part: float, aside: float
) -> None:
    far = session.document.move({B: (300.0, 120.0), G: (-80.0, 500.0)})
    session.edit("", far)
    canvas.widget.look_at(pipe.path().pointAtPercent(0.5), 1.0)
    session.select([G])
    at = pipe.path().pointAtPercent(part) + QPointF(0, aside)
    to = canvas.cards[B].box.center()
    before = session.document
    drag(canvas, at, to)
    assert session.selection == (B,)
    assert session.document is before
    assert drawn(canvas) == WIRED


@pytest.mark.parametrize("zoom", [0.25, 0.5, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("long", [120.0, 400.0, 2000.0])
def test_only_close_to_its_ends_can_a_wire_be_taken_off(
    canvas: Canvas, session: Session, pipe: Pipe, zoom: float, long: float
) -> None:
    """Within 24 pixels on the screen, or what a port leaves of it; of a short one, a quarter."""
    session.edit("", session.document.move({B: (-200.0 + long, 0.0)}))
    parts = [n / 400 for n in range(401)]
    path, ends = pipe.path(), [port.centre() for port in pipe.ends()]
    taken = [part_at(pipe, path.pointAtPercent(part), zoom) for part in parts]
    assert taken[0] == "output"
    assert taken[-1] == "input"
    assert taken[200] == "middle"
    for part, what in zip(parts, taken, strict=True):
        at = path.pointAtPercent(part)
        apart = min(QLineF(at, end).length() for end in ends)
        off = min(24 / zoom, path.length() / 4)
        port = HIT.width() / 2 + 6 / zoom  # where a port hides more than that, so much beside it
        assert (what in ("output", "input")) == (apart <= max(off, port))
        if what == "middle":
            assert QLineF(at, path.pointAtPercent(0.5)).length() * zoom <= 40
    assert None in taken or long * zoom < 150


def test_the_cursor_shows_what_of_a_wire_can_be_taken(
    canvas: Canvas, session: Session, pipe: Pipe
) -> None:
    session.edit("", session.document.move({B: (300.0, 120.0)}))
    none, shapes = Button.NoButton, Qt.CursorShape
    path = pipe.path()
    for place, shape in (
        (near_end(output(canvas, "l")), shapes.PointingHandCursor),
        (path.pointAtPercent(0.3), shapes.ArrowCursor),
        (path.pointAtPercent(0.5), shapes.CrossCursor),
        (near_end(entry(canvas, "b")), shapes.PointingHandCursor),
        (VOID, shapes.ArrowCursor),
    ):
        send(canvas, QEvent.Type.MouseMove, place, none, none)
        assert canvas.widget.viewport().cursor().shape() == shape


def menu(canvas: Canvas) -> QMenu:
    menus: list[QMenu] = canvas.widget.findChildren(QMenu)
    return next(each for each in menus if each.isVisible())


def test_a_wire_from_a_collapsed_node_begins_at_the_port_that_fits(
    canvas: Canvas, session: Session
) -> None:
    fold(session, L)
    drag(canvas, output(canvas, "l").centre(), entry(canvas, "b", "mask").centre())
    assert links(session) == drawn(canvas) == {("l", "mask", "b", "mask")}
    drag(canvas, output(canvas, "l").centre(), entry(canvas, "b").centre())
    assert links(session) == {("l", "mask", "b", "mask"), ("l", "image", "b", "image")}
    session.undo()
    assert links(session) == drawn(canvas) == {("l", "mask", "b", "mask")}


def test_all_that_a_shared_dot_may_join_lights_up(canvas: Canvas, session: Session) -> None:
    fold(session, L)
    drag(canvas, output(canvas, "l").centre(), VOID, release=False)
    fit = {entry(canvas, "b"), entry(canvas, "b", "mask"), entry(canvas, "g", "images")}
    assert canvas.scenery.fitting == fit
    press(canvas, Qt.Key.Key_Escape)
    let_go(canvas, VOID)
    assert canvas.scenery.fitting == frozenset()


def test_a_wire_dropped_on_the_dot_of_a_collapsed_node_goes_to_its_best_port(
    canvas: Canvas, session: Session
) -> None:
    fold(session, B)
    drag(canvas, output(canvas, "l", "mask").centre(), entry(canvas, "b").centre())
    drag(canvas, output(canvas, "l").centre(), entry(canvas, "b").centre())
    assert links(session) == {("l", "mask", "b", "mask"), ("l", "image", "b", "image")}


def test_from_the_inputs_of_a_collapsed_node_a_free_one_comes_first(
    canvas: Canvas, session: Session
) -> None:
    second = Node(NodeId("b2"), BLUR.id, at=(-80.0, -300.0), links={})
    session.edit("", wire(session.document.add(second), "l", "image", "b", "image"))
    fold(session, B)
    drag(canvas, entry(canvas, "b").centre(), output(canvas, "l", "mask").centre())
    assert links(session) == WIRED | {("l", "mask", "b", "mask")}
    drag(canvas, entry(canvas, "b").centre(), output(canvas, "b2").centre())
    assert links(session) == {("l", "mask", "b", "mask"), ("b2", "image", "b", "image")}


def test_in_the_void_the_artist_says_which_of_the_ports(canvas: Canvas, session: Session) -> None:
    fold(session, L)
    asked: list[End] = []
    canvas.wire_dropped.connect(lambda end, at: asked.append(end))
    before = session.document
    drag(canvas, output(canvas, "l").centre(), VOID)
    shown = menu(canvas)
    assert [act.text() for act in shown.actions()] == ["Image", "Mask"]
    assert not asked
    shown.actions()[1].trigger()
    shown.close()
    assert asked == [End(L, "mask", True)]
    click(canvas, output(canvas, "l").centre())
    menu(canvas).close()
    QApplication.processEvents()
    assert session.document is before


def test_a_wire_taken_off_a_collapsed_node_and_laid_back_is_where_it_was(
    canvas: Canvas, session: Session, pipe: Pipe
) -> None:
    fold(session, B)
    before = session.document
    start = near_end(entry(canvas, "b"))
    end = entry(canvas, "b").centre()
    drag(canvas, start, VOID, release=False)
    send(canvas, QEvent.Type.MouseMove, end, Button.LeftButton, Button.LeftButton)
    let_go(canvas, end)
    assert session.document is before
    drag(canvas, start, VOID)
    assert links(session) == drawn(canvas) == set()
    session.undo()
    assert links(session) == WIRED


def test_a_shared_dot_offers_nothing_in_particular_and_names_all(
    canvas: Canvas, session: Session
) -> None:
    canvas.wiring.offer = lambda end: f"Add {end.name}"
    at = entry(canvas, "b").centre()
    send(canvas, QEvent.Type.MouseMove, at, Button.NoButton, Button.NoButton)
    assert canvas.scenery.offer == (entry(canvas, "b"), "Add image")
    send(canvas, QEvent.Type.MouseMove, VOID, Button.NoButton, Button.NoButton)
    fold(session, B)
    at = entry(canvas, "b").centre()
    send(canvas, QEvent.Type.MouseMove, at, Button.NoButton, Button.NoButton)
    assert canvas.scenery.offer is None
    hot = canvas.scenery.hot_port
    assert hot is not None
    assert hot.toolTip() == "image \u2014 Image\nmask \u2014 Mask"
    assert lead(hot) is entry(canvas, "b")
