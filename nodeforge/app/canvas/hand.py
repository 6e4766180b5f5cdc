"""What the hand does on the canvas, as edits of the session's document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QGuiApplication

from nodeforge.app.canvas.face import WIDTH, face
from nodeforge.app.canvas.items import Board, Card, Pipe, Port
from nodeforge.app.session import Session
from nodeforge.app.words import tr
from nodeforge.errors import BadFile, BadLink
from nodeforge.graph import clipboard
from nodeforge.graph.document import (
    Diff,
    Document,
    Link,
    Node,
    NodeId,
    Point,
    is_dot,
    new_id,
    wires,
)
from nodeforge.graph.edits import dissolve, extract, fits_wire, insert_on_wire
from nodeforge.graph.level import Level
from nodeforge.graph.room import with_room
from nodeforge.graph.spec import Value, fits

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

SNAP = 8
EDGE, APART = 16.0, 40.0  # from new nodes to the edge of the view, and between their columns
TRIED = 60  # rows that are tried for one
FREE = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier  # goes into no wire
GRIP = QPointF(WIDTH / 2, 15)  # where a new node is held: the middle of its header


def link(output: Port) -> Link:
    return Link(output.node.id, output.name)


def snapped(at: QPointF) -> Point:
    return round(at.x() / SNAP) * SNAP, round(at.y() / SNAP) * SNAP


def add(
    canvas: Canvas,
    stage: str,
    at: QPointF | None,
    values: dict[str, Value],
    title: str = "",
    into: Pipe | None = None,
) -> NodeId:
    """A new node, in a wire if one is given."""
    session = canvas.session
    spec = session.shelf.offer().get(stage)
    node = Node(new_id(), stage, spec.version if spec else 1, values, title=title)
    place = snapped(at - GRIP) if at else free(canvas, face(node, spec).body)
    if stage in session.shelf.kept:
        return session.shelf.add(stage, place)
    node = replace(node, at=place)
    after = session.level.document.add(node)
    if into is not None:
        after = _inserted(canvas, after, node.id, into)
    name = title or (spec.title if spec else stage)
    places = canvas.slide.places()
    session.act(tr("Add {}").format(name), after)
    session.select([node.id])
    if at is None:
        canvas.reveal(canvas.cards[node.id].box)
    canvas.slide.run_from(places)
    return node.id


def free(canvas: Canvas, high: float) -> Point:
    """Where a node so high touches nothing, nearest to the middle of the view.

    In view if there is room there, else the first place below the middle.
    """
    seen, middle = canvas.widget.visible(), canvas.widget.visible().center() - GRIP
    room = seen.adjusted(EDGE, EDGE, -EDGE - WIDTH, -EDGE - high)
    columns = _steps(middle.x(), room.left(), room.right(), WIDTH + APART)
    rows = _steps(middle.y(), room.top(), room.bottom(), max(EDGE, room.height() / TRIED))
    places = [QPointF(x, y) for x in columns for y in rows]
    places.sort(key=lambda place: (place - middle).manhattanLength())
    taken = [card.box.adjusted(-EDGE, -EDGE, EDGE, EDGE) for card in canvas.cards.values()]
    for at in map(snapped, places):
        if not any(box.intersects(QRectF(*at, WIDTH, high)) for box in taken):
            return at
    at = snapped(middle)
    while not is_free(canvas, at, high):
        at = at[0], at[1] + SNAP
    return at


def _steps(start: float, low: float, high: float, step: float) -> list[float]:
    """The start, and what lies whole steps from it within these bounds."""
    down, up = int(max(start - low, 0) / step), int(max(high - start, 0) / step)
    return [start + step * n for n in range(-down, up + 1)]


def is_free(canvas: Canvas, at: Point, high: float) -> bool:
    """Whether a node so high can lie there without touching another."""
    box = QRectF(at[0], at[1], WIDTH, high).adjusted(-SNAP, -SNAP, SNAP, SNAP)
    return not any(box.intersects(card.box) for card in canvas.cards.values())


def delete(session: Session, label: str = "", heal: bool = False) -> None:
    """heal: join what the nodes passed on. Dots always do that: they are only bends of a wire."""
    rails = session.level.rails
    if ids := [id for id in session.selection if id not in rails]:
        what = label or (tr("Delete and heal") if heal else tr("Delete"))
        if len(ids) > 1:
            what = tr("{} {} nodes").format(what, len(ids))
        nodes = session.document.nodes
        bends = [id for id in ids if heal or (id in nodes and is_dot(nodes[id]))]
        after = dissolve(session.document, session.specs, bends).remove(*ids)
        session.edit(what, after)


def take_out(canvas: Canvas) -> None:
    """The selected nodes out of their wires, which go on without them."""
    session = canvas.session
    level = session.level
    ids = [id for id in session.selection if id in level.document.nodes and id not in level.rails]
    after = extract(level.document, level.specs, ids)
    if after != level.document:
        session.act(tr("Take out"), after.move(_where(canvas, ids)), canvas.drag)


def double(canvas: Canvas, inputs: bool) -> None:
    """A copy right where the selection is, to be dragged away."""
    session = canvas.session
    ids = [id for id in session.selection if id not in session.level.rails]
    if not ids:
        return
    text = clipboard.copy(session.document, ids, inputs)
    after, new = clipboard.paste(session.document, text, (0.0, 0.0), session.sight.scope)
    session.edit(tr("Duplicate"), after, canvas.drag)
    session.select(new, same_step=True)


def _where(canvas: Canvas, ids: Iterable[NodeId]) -> dict[NodeId, Point]:
    """Where they are drawn now, in the middle of a drag."""
    cards = (canvas.cards[id] for id in ids if id in canvas.cards)
    return {card.id: (card.x(), card.y()) for card in cards}


def duplicate(session: Session) -> None:
    """A copy beside the selection, fed by the same nodes."""
    if session.selection:
        text = clipboard.copy(session.document, session.selection, inputs=True)
        scope, way = session.sight.scope, (32.0, 32.0)
        _insert(session, tr("Duplicate"), *clipboard.paste(session.document, text, way, scope))


def copy(session: Session) -> None:
    """With the wires from other nodes, which `paste` keeps or leaves."""
    if session.selection:
        text = clipboard.copy(session.document, session.selection, inputs=True)
        QGuiApplication.clipboard().setText(text)


def paste(canvas: Canvas, at: QPointF | None, inputs: bool = False) -> None:
    """The nodes on the clipboard; see `paste_text`."""
    paste_text(canvas, QGuiApplication.clipboard().text(), at, inputs)


def paste_text(canvas: Canvas, text: str, at: QPointF | None, inputs: bool = False) -> None:
    """The nodes in a text, with their top left corner at a place or beside the original.

    inputs: fed by the same nodes as the original, where these still are.
    """
    session = canvas.session
    try:
        scope = session.sight.scope
        after, ids = clipboard.paste(session.document, text, (0.0, 0.0), scope, inputs)
    except BadFile as error:
        canvas.hint.emit(str(error))
        return
    places = {id: thing.at for id in ids if (thing := after.thing(id))}
    left, top = min(x for x, _ in places.values()), min(y for _, y in places.values())
    way = (32.0, 32.0)
    if at is not None:
        x, y = snapped(at)
        way = (x - left, y - top)
    else:
        taken = {node.at for node in session.level.document.nodes.values()}
        while any((x + way[0], y + way[1]) in taken for x, y in places.values()):
            way = (way[0] + 32, way[1] + 32)
    moved = {id: (x + way[0], y + way[1]) for id, (x, y) in places.items()}
    _insert(session, tr("Paste with inputs") if inputs else tr("Paste"), after.move(moved), ids)


def _insert(session: Session, label: str, after: Document, ids: tuple[NodeId, ...]) -> None:
    session.edit(label, after)
    session.select(ids)


def touched(change: Diff, level: Level) -> list[Node]:
    """The nodes to draw anew; those without a stage always, since their ports are their wires."""
    things = {thing.id: thing for thing in (*change.added, *change.changed)}
    lost = {id: node for id, node in level.document.nodes.items() if node.stage not in level.specs}
    return [thing for thing in {**lost, **things}.values() if isinstance(thing, Node)]


def moved(canvas: Canvas, things: list[Card | Board]) -> None:
    """A drag is over: what moved lies where it is, and one node over a wire goes into it."""
    after = canvas.session.level.document.move({each.id: (each.x(), each.y()) for each in things})
    glow, canvas.scenery.glow = canvas.scenery.glow, None
    if glow is not None and len(things) == 1:
        places = canvas.slide.places()
        canvas.session.act(
            tr("Insert on wire"), _inserted(canvas, after, things[0].id, glow), canvas.drag
        )
        canvas.slide.run_from(places)
    else:
        canvas.session.act(tr("Move"), after, canvas.drag)


def _inserted(canvas: Canvas, document: Document, id: NodeId, pipe: Pipe) -> Document:
    """With a node in a wire, and room around it."""
    to = pipe.input_port
    specs = canvas.session.level.specs
    try:
        after = insert_on_wire(document, specs, id, to.node.id, to.name, pipe.link())
    except BadLink as error:
        canvas.hint.emit(str(error))
        return document
    high = {id: card.look.face.height(card.look.pictured) for id, card in canvas.cards.items()}
    return with_room(after, id, high)


def wire_for(canvas: Canvas, card: Card) -> Pipe | None:
    """The wire into which a dragged node would go if it were dropped now; Ctrl or Alt says none."""
    if canvas.widget.modifiers & FREE:
        return None
    level = canvas.session.level
    node = level.document.nodes.get(card.id)
    if node is None or card.id in level.rails or card.pipes() or len(canvas.selected_things()) != 1:
        return None
    band = QRectF(card.x() + 10, card.y(), WIDTH - 20, 70)
    for pipe in wires_in(canvas, band):
        end = pipe.input_port
        if fits_wire(level.document, level.specs, card.id, end.node.id, end.name, pipe.link()):
            return pipe
    return None


def wires_in(canvas: Canvas, box: QRectF) -> list[Pipe]:
    return [item for item in canvas.widget.scene().items(box) if isinstance(item, Pipe)]


def fitting(document: Document, cards: Iterable[Card], start: Port) -> frozenset[Port]:
    """The ports of other nodes that a wire from here may join: of its type, and no circle."""
    barred = _kin(document, start.node.id, down=not start.pin.out)
    return frozenset(
        port
        for card in cards
        if card.id not in barred
        for port in card.ports.values()
        if port.pin.out != start.pin.out and fits(port.pin.type, start.pin.type)
    )


def _kin(document: Document, id: NodeId, down: bool) -> set[NodeId]:
    """The node and all that feed it, or (down) all that it feeds."""
    ahead: dict[NodeId, list[NodeId]] = {other: [] for other in document.nodes}
    for other, node in document.nodes.items():
        for each in wires(node):
            if each.node in ahead:
                (ahead[each.node] if down else ahead[other]).append(other if down else each.node)
    todo, seen = [id], {id}
    while todo:
        for other in ahead.get(todo.pop(), []):
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return seen
