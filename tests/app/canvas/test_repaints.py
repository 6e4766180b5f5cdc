"""Whatever is in the hand is seen, and nothing of it stays behind: asked of each pixel."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, QRectF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from nodeforge.app.canvas import Canvas
from nodeforge.app.canvas.items import Pipe
from nodeforge.app.canvas.sign import sign_box
from nodeforge.app.incoming.carried import mime
from nodeforge.app.session import Session
from nodeforge.app.state import RunState
from nodeforge.graph.document import Frame, Node, NodeId, Note, is_dot
from nodeforge.graph.dots import dot_specs
from tests.app.canvas.conftest import BLUR, SPECS, B, G, L, links, wire
from tests.app.canvas.mouse import Button, Modifier, carry, let_go, send
from tests.app.canvas.repaints import Watch, settled
from tests.app.canvas.test_wires import VOID, entry, output

NONE, CTRL = Modifier.NoModifier, Modifier.ControlModifier
ALT, SHIFT = Modifier.AltModifier, Modifier.ShiftModifier
GRIP = QPointF(60, 15)
pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def wired(session: Session) -> Session:
    """Load image -> Blur -> Grid."""
    session.specs |= dot_specs(SPECS)
    session.offered.emit()
    document = wire(session.document, "l", "image", "b", "image")
    session.edit("", wire(document, "b", "image", "g", "images"))
    session.history.break_merge()
    return session


def middle(one: QPointF, two: QPointF, part: float = 0.5) -> QPointF:
    return one + (two - one) * part


def pipe(canvas: Canvas, *ends: str) -> Pipe:
    (found,) = entry(canvas, *ends).connected_pipes
    return found  # type: ignore[no-any-return]


# Wires


@pytest.mark.parametrize("zoom", [0.4, 1.0, 2.0])
def test_a_wire_in_the_hand_is_seen(canvas: Canvas, session: Session, zoom: float) -> None:
    start = output(canvas, "l").centre()
    canvas.widget.look_at(start, zoom)
    watch = Watch(canvas.widget)
    there = start + QPointF(100, 240) / zoom
    carry(canvas, start, start + QPointF(90, -200) / zoom, there)
    watch.check([middle(start, there), there])
    let_go(canvas, there)
    watch.check()


def test_a_wire_from_an_input_is_seen(canvas: Canvas, session: Session) -> None:
    watch = Watch(canvas.widget)
    start = entry(canvas, "b").centre()
    carry(canvas, start, VOID + QPointF(-250, 0))
    watch.check([middle(start, VOID + QPointF(-250, 0)), VOID + QPointF(-250, 0)])
    let_go(canvas, VOID)
    watch.check()


@pytest.mark.parametrize("output_end", [False, True])
def test_a_wire_taken_off_comes_along(canvas: Canvas, wired: Session, output_end: bool) -> None:
    taken = pipe(canvas, "b")
    ends = [port.centre() for port in taken.ends()]
    start = taken.path().pointAtPercent(0.0 if output_end else 1.0)
    start += QPointF(20 if output_end else -20, 0)
    watch = Watch(canvas.widget)
    carry(canvas, start, VOID)
    watch.check([middle(ends[output_end], VOID), VOID])
    assert canvas.widget._LIVE_PIPE.isVisible()
    let_go(canvas, VOID)
    watch.check()
    assert ("l", "image", "b", "image") not in links(wired)


def test_a_refusal_is_seen_at_the_cursor_and_goes(canvas: Canvas, session: Session) -> None:
    start = output(canvas, "l", "mask").centre()
    body = canvas.cards[G].pos() + QPointF(100, 60)
    watch = Watch(canvas.widget)
    carry(canvas, start, body)
    assert canvas.widget._LIVE_PIPE.said
    said = canvas.widget.mapFromScene(body) + QPoint(60, 26)
    watch.check([middle(start, body), QRect(said, said + QPoint(90, 10))])
    carry_on(canvas, body, body + QPointF(40, 20), body + QPointF(60, 300))
    watch.check([body + QPointF(60, 300)])
    assert not canvas.widget._LIVE_PIPE.said
    let_go(canvas, body + QPointF(60, 300))
    watch.check()


def test_a_refusal_at_the_edge_of_the_view_is_seen_whole(canvas: Canvas, session: Session) -> None:
    body = canvas.cards[G].pos() + QPointF(100, 60)
    view = canvas.widget
    corner = QPoint(view.viewport().width() - 60, view.viewport().height() - 12)
    way = view.mapFromScene(body) - corner
    view.horizontalScrollBar().setValue(view.horizontalScrollBar().value() + way.x())
    view.verticalScrollBar().setValue(view.verticalScrollBar().value() + way.y())
    start = output(canvas, "l", "mask").centre()
    watch = Watch(view)
    carry(canvas, start, body)
    live = view._LIVE_PIPE
    assert live.said
    said = sign_box(live.said).translated(live._shift)
    box = said.translated(QPointF(view.mapFromScene(live._tip)))
    assert QRectF(view.viewport().rect()).contains(box)
    watch.check([box.toRect()])
    let_go(canvas, body)
    watch.check()


def carry_on(canvas: Canvas, *places: QPointF) -> None:
    """From where it is held."""
    left = Button.LeftButton
    for one, two in pairwise(places):
        for step in range(1, 6):
            send(canvas, QEvent.Type.MouseMove, middle(one, two, step / 5), left, left)
            settled()


def test_a_wire_in_the_hand_goes_along_when_the_view_moves(
    canvas: Canvas, session: Session
) -> None:
    watch = Watch(canvas.widget)
    body = canvas.cards[G].pos() + QPointF(100, 60)
    carry(canvas, output(canvas, "l", "mask").centre(), body)
    turn(canvas, body, 240)
    watch.check()
    canvas.widget.pan_by(QPointF(-40, 30))
    watch.check()
    let_go(canvas, VOID)
    watch.check()


def turn(canvas: Canvas, at: QPointF, by: int) -> None:
    """The wheel, until nodes are sharp again."""
    view = canvas.widget
    place = view.mapFromScene(at)
    there = QPointF(view.viewport().mapToGlobal(place))
    none, phase = Button.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(QPointF(place), there, QPoint(), QPoint(0, by), none, NONE, phase, False)
    QApplication.sendEvent(view.viewport(), event)
    settled()
    view._still.stop()
    view._sharpen()
    while view.scenery.sharpening:
        QApplication.processEvents()


# Nodes


def test_a_node_in_the_hand_is_seen_where_it_is_and_no_longer_where_it_was(
    canvas: Canvas, wired: Session
) -> None:
    start = canvas.cards[B].pos() + GRIP
    watch = Watch(canvas.widget)
    carry(canvas, start, start + QPointF(30, -150), start + QPointF(60, 200))
    watch.check([start, start + QPointF(60, 200)])
    let_go(canvas, start + QPointF(60, 200))
    watch.check([start, start + QPointF(60, 200)])


def test_guides_come_and_go_with_a_node_in_the_hand(canvas: Canvas, session: Session) -> None:
    start = canvas.cards[B].pos() + GRIP
    watch = Watch(canvas.widget)
    carry(canvas, start, start + QPointF(40, 80), start + QPointF(60, 3))
    assert canvas.scenery.snapping.lines
    watch.check([line.center() for line in canvas.scenery.snapping.lines])
    carry_on(canvas, start + QPointF(60, 3), start + QPointF(60, 40))
    assert not canvas.scenery.snapping.lines
    watch.check()
    let_go(canvas, start + QPointF(60, 40))
    watch.check()


def test_the_wire_that_a_node_is_held_over_glows(canvas: Canvas, wired: Session) -> None:
    new = NodeId("b2")
    wired.edit("", wired.document.add(Node(new, BLUR.id, at=(-100.0, 240.0))))
    start = canvas.cards[new].pos() + GRIP
    over = pipe(canvas, "g", "images").path().pointAtPercent(0.5)
    watch = Watch(canvas.widget)
    send(canvas, QEvent.Type.MouseMove, start, Button.NoButton, Button.NoButton)
    send(canvas, QEvent.Type.MouseButtonPress, start, Button.LeftButton, Button.LeftButton)
    carry_on(canvas, start, over + QPointF(-40, -10))
    assert canvas.scenery.glow is pipe(canvas, "g", "images")
    watch.check([over])
    carry_on(canvas, over + QPointF(-40, -10), over + QPointF(-40, 250))
    assert canvas.scenery.glow is None
    watch.check()
    let_go(canvas, over + QPointF(-40, 250))
    watch.check()


@pytest.mark.parametrize("keys", [ALT, CTRL])
def test_a_copy_in_the_hand_is_seen_beside_its_original(
    canvas: Canvas, wired: Session, keys: Qt.KeyboardModifier
) -> None:
    start = canvas.cards[B].pos() + GRIP
    end = start + QPointF(0, 220)
    watch = Watch(canvas.widget)
    carry(canvas, start, end, keys=keys)
    assert len(canvas.cards) == 4
    watch.check([end])
    let_go(canvas, end)
    watch.check([end])


def test_a_frame_is_carried_with_what_is_in_it(canvas: Canvas, wired: Session) -> None:
    frame = Frame(NodeId("f"), "Blurred", (-120.0, -60.0), (300.0, 260.0))
    wired.edit("", wired.document.add(frame))
    watch = Watch(canvas.widget)
    start = QPointF(-60, -45)
    carry(canvas, start, start + QPointF(-20, 150))
    watch.check([start, start + QPointF(-20, 150), QPointF(-20, 120)])
    let_go(canvas, start + QPointF(-20, 150))
    watch.check()


@pytest.mark.parametrize("note", [False, True])
def test_an_edge_in_the_hand_is_seen(canvas: Canvas, session: Session, note: bool) -> None:
    thing = Note(NodeId("n"), "Words", (-100.0, 200.0), (200.0, 100.0))
    frame = Frame(NodeId("n"), "Words", (-100.0, 200.0), (200.0, 100.0))
    session.edit("", session.document.add(thing if note else frame))
    watch = Watch(canvas.widget)
    carry(canvas, QPointF(99, 298), QPointF(300, 340), QPointF(220, 330))
    watch.check([QPointF(220, 260), QPointF(100, 330), QPointF(100, 260)])
    let_go(canvas, QPointF(220, 330))
    watch.check([QPointF(220, 260)])


# Under the mouse


def point(canvas: Canvas, at: QPointF) -> None:
    send(canvas, QEvent.Type.MouseMove, at, Button.NoButton, Button.NoButton)
    settled()


def test_a_port_under_the_mouse_says_what_a_click_does(canvas: Canvas, session: Session) -> None:
    canvas.wiring.offer = lambda end: "Connect Load image"
    watch = Watch(canvas.widget)
    at = entry(canvas, "b", "mask").centre()
    point(canvas, at)
    watch.check([at, at - QPointF(60, 0)])
    point(canvas, VOID)
    assert (watch.check() == watch.before).all()


def test_a_wire_under_the_mouse_is_stronger(canvas: Canvas, wired: Session) -> None:
    watch = Watch(canvas.widget)
    at = pipe(canvas, "g", "images").path().pointAtPercent(0.5)
    point(canvas, at)
    watch.check([at])
    point(canvas, VOID)
    watch.check()


@pytest.mark.parametrize("zoom", [0.1, 0.3, 0.7, 1.0, 2.5])
def test_what_is_selected_is_seen_at_every_zoom(
    canvas: Canvas, wired: Session, zoom: float
) -> None:
    frame = Frame(NodeId("f"), "All of these are in a frame", (-420.0, -80.0), (900.0, 400.0))
    wired.edit("", wired.document.add(frame))
    canvas.widget.look_at(canvas.cards[B].box.center(), zoom)
    watch = Watch(canvas.widget)
    for ids in ([B], [B, L], [NodeId("f")], [], [G, NodeId("f")]):
        wired.select(ids)
        watch.check()
    canvas.select_all()
    watch.check()
    start = canvas.cards[B].pos() + GRIP
    carry(canvas, start, start + QPointF(40, 60) / zoom)
    watch.check([start + QPointF(40, 60) / zoom])
    let_go(canvas, start + QPointF(40, 60) / zoom)
    watch.check()


@pytest.mark.parametrize("over", ["costs", "lit"])
def test_what_lies_over_the_nodes_goes_along_with_them(
    canvas: Canvas, wired: Session, over: str
) -> None:
    for id, phase in ((L, "cached"), (B, "will run"), (G, "missing")):
        wired.states[id] = RunState(phase, seconds=1.5, held=2**20)  # type: ignore[arg-type]
        wired.stated.emit(id)
    watch = Watch(canvas.widget)
    canvas.widget.toggle_costs() if over == "costs" else canvas.widget.light(True)
    watch.check([canvas.widget.rect()])
    start = canvas.cards[B].pos() + GRIP
    carry(canvas, start, start + QPointF(60, 180))
    watch.check()
    let_go(canvas, start + QPointF(60, 180))
    canvas.widget.toggle_costs() if over == "costs" else canvas.widget.light(False)
    watch.check()


def test_the_wire_that_was_dropped_stays_while_it_is_asked_what_goes_there(
    canvas: Canvas, session: Session
) -> None:
    port = output(canvas, "l")
    watch = Watch(canvas.widget)
    canvas.scenery.pending = (port, VOID)
    canvas.widget.viewport().update()
    watch.check([middle(port.centre(), VOID)])
    canvas.scenery.pending = None
    canvas.widget.viewport().update()
    assert (watch.check() == watch.before).all()


# Nothing, and everything


def test_a_rubber_band_is_seen(canvas: Canvas, wired: Session) -> None:
    watch = Watch(canvas.widget)
    far = canvas.cards[B].box.bottomRight() + QPointF(30, 30)
    carry(canvas, QPointF(-180, -150), far + QPointF(100, 90), far)
    assert wired.selection == (B,)
    watch.check([QPointF(-180, 0), QPointF(far.x(), 0), QPointF(0, far.y()), QPointF(0, -150)])
    let_go(canvas, far)
    watch.check()


@pytest.mark.parametrize("keys", [CTRL, ALT | SHIFT])
def test_a_stroke_across_wires_is_seen(
    canvas: Canvas, wired: Session, keys: Qt.KeyboardModifier
) -> None:
    cut = pipe(canvas, "g", "images").path().pointAtPercent(0.5)
    ways = [cut + QPointF(0, y) for y in (-120, 60, 120)]
    watch = Watch(canvas.widget)
    button = Button.RightButton if keys is CTRL else Button.LeftButton
    carry(canvas, *ways, button=button, keys=keys)
    watch.check([cut + QPointF(0, -60), cut + QPointF(0, 60)])
    send(canvas, QEvent.Type.MouseButtonRelease, ways[-1], button, Button.NoButton, keys)
    watch.check([cut])
    assert links(wired) == {("l", "image", "b", "image")}


def test_a_dot_drawn_out_of_a_wire_is_seen(canvas: Canvas, wired: Session) -> None:
    start = pipe(canvas, "g", "images").path().pointAtPercent(0.5)
    end = start + QPointF(20, 190)
    watch = Watch(canvas.widget)
    carry(canvas, start, end)
    assert any(is_dot(node) for node in wired.document.nodes.values())
    watch.check([end])
    let_go(canvas, end)
    watch.check([end])


# What comes from elsewhere


def hover(canvas: Canvas, data: QMimeData, *places: QPointF) -> None:
    port = canvas.widget.viewport()
    rest = (Qt.DropAction.CopyAction, data, Button.LeftButton, NONE)
    QApplication.sendEvent(port, QDragEnterEvent(canvas.widget.mapFromScene(places[0]), *rest))
    settled()
    for place in places:
        QApplication.sendEvent(port, QDragMoveEvent(canvas.widget.mapFromScene(place), *rest))
        settled()


def leave(canvas: Canvas) -> None:
    QApplication.sendEvent(canvas.widget.viewport(), QDragLeaveEvent())


def test_a_stage_from_the_list_shows_where_it_would_go(canvas: Canvas, wired: Session) -> None:
    over = pipe(canvas, "g", "images").path().pointAtPercent(0.5)
    watch = Watch(canvas.widget)
    hover(canvas, mime(BLUR.id), VOID, over)
    assert canvas.scenery.glow is not None
    watch.check([over])
    hover(canvas, mime(BLUR.id), over, VOID)
    watch.check([VOID])
    leave(canvas)
    watch.check()
    assert (watch.check() == watch.before).all()


def test_a_file_over_the_canvas_shows_where_it_would_go(canvas: Canvas, session: Session) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/sea.png")])
    watch = Watch(canvas.widget)
    hover(canvas, data, VOID, VOID + QPointF(30, -20))
    watch.check([VOID + QPointF(30, -20)])
    leave(canvas)
    assert (watch.check() == watch.before).all()


def test_what_takes_a_file_glows_and_what_refuses_it_says_so(
    canvas: Canvas, wired: Session
) -> None:
    data, clip = QMimeData(), QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/sea.png")])
    clip.setUrls([QUrl.fromLocalFile("/tmp/sea.mp4")])
    port = canvas.cards[NodeId("g")].ports[False, "images"].centre()
    over = pipe(canvas, "g", "images").path().pointAtPercent(0.5)
    watch = Watch(canvas.widget)
    for held, places in ((data, (VOID, port, over)), (clip, (over, VOID))):
        hover(canvas, held, *places)
        assert canvas.scenery.mark is not None
        watch.check([places[-1] + QPointF(60, 30)])  # where the words are
    leave(canvas)
    assert (watch.check() == watch.before).all()
