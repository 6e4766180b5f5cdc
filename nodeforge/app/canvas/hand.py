"""What the hand does on the canvas, as edits of the session's document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QGuiApplication

from nodeforge.app.canvas.face import WIDTH
from nodeforge.app.canvas.items import Card, Pipe, Port
from nodeforge.app.session import Session
from nodeforge.app.words import tr
from nodeforge.errors import BadFile, BadLink
from nodeforge.graph import clipboard
from nodeforge.graph.document import (
    Diff,
    Document,
    Frame,
    Link,
    Node,
    NodeId,
    Note,
    Point,
    new_id,
    wires,
)
from nodeforge.graph.edits import fits_wire, insert_on_wire
from nodeforge.graph.level import Level
from nodeforge.graph.spec import Value, fits

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

SNAP = 8
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
    place = snapped((at or free(canvas)) - GRIP)
    if stage in session.shelf.kept:
        return session.shelf.add(stage, place)
    spec = session.specs.get(stage)
    version = spec.version if spec else 1
    node = Node(new_id(), stage, version, values, at=place, title=title)
    after = session.level.document.add(node)
    if into is not None:
        target = into.input_port
        try:
            after = insert_on_wire(
                after, session.level.specs, node.id, target.node.id, target.name, into.link()
            )
        except BadLink as error:
            canvas.hint.emit(str(error))
    name = title or (spec.title if spec else stage)
    session.act(tr("Add {}").format(name), after)
    session.select([node.id])
    return node.id


def free(canvas: Canvas) -> QPointF:
    """The middle of the view, or beside what lies there."""
    at = canvas.widget.visible().center()
    taken = {node.at for node in canvas.session.level.document.nodes.values()}
    while snapped(at - GRIP) in taken:
        at += QPointF(24, 24)
    return at


def delete(session: Session, label: str = "Delete") -> None:
    rails = session.level.rails
    if ids := [id for id in session.selection if id not in rails]:
        what = "" if len(ids) == 1 else f" {len(ids)} nodes"
        session.edit(label + what, session.document.remove(*ids))


def duplicate(session: Session) -> None:
    """A copy beside the selection, fed by the same nodes."""
    if session.selection:
        text = clipboard.copy(session.document, session.selection, inputs=True)
        scope, way = session.sight.scope, (32.0, 32.0)
        _insert(session, "Duplicate", *clipboard.paste(session.document, text, way, scope))


def copy(session: Session) -> None:
    if session.selection:
        text = clipboard.copy(session.document, session.selection)
        QGuiApplication.clipboard().setText(text)


def paste(canvas: Canvas, at: QPointF | None) -> None:
    """What is on the clipboard, with its top left corner at a place or beside the original."""
    session = canvas.session
    try:
        text = QGuiApplication.clipboard().text()
        scope = session.sight.scope
        after, ids = clipboard.paste(session.document, text, (0.0, 0.0), scope)
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
    _insert(session, "Paste", after.move(moved), ids)


def _insert(session: Session, label: str, after: Document, ids: tuple[NodeId, ...]) -> None:
    session.edit(label, after)
    session.select(ids)


def frame(session: Session, around: QRectF) -> None:
    if not around.isEmpty():
        box = around.adjusted(-10, -42, 10, 10)
        new = Frame(new_id(), "Frame", (box.x(), box.y()), (box.width(), box.height()))
        session.act(tr("Frame"), session.level.document.add(new))
        session.select([new.id])


def note(session: Session, at: QPointF) -> None:
    new = Note(new_id(), "Note", snapped(at))
    session.act(tr("Add note"), session.level.document.add(new))
    session.select([new.id])


def touched(change: Diff, level: Level) -> list[Node]:
    """The nodes to draw anew; those without a stage always, since their ports are their wires."""
    things = {thing.id: thing for thing in (*change.added, *change.changed)}
    lost = {id: node for id, node in level.document.nodes.items() if node.stage not in level.specs}
    return [thing for thing in {**lost, **things}.values() if isinstance(thing, Node)]


def wire_for(canvas: Canvas, card: Card) -> Pipe | None:
    """The wire into which a dragged node would go if it were dropped now."""
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
