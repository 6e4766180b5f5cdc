"""Lays new nodes out: at the cursor, beside what they feed, side by side; in one step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from nodeforge.app.canvas import hand
from nodeforge.app.canvas.face import FIRST_PORT, WIDTH, face
from nodeforge.app.incoming.placement import Landing, Source, Target, landing, place
from nodeforge.app.words import tr
from nodeforge.graph.document import Document, Node, NodeId, Point, new_id
from nodeforge.graph.room import with_room
from nodeforge.graph.spec import Specs

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

APART, GAP = 48.0, 24.0  # px to the node that is fed; between nodes side by side


def choose(
    document: Document, specs: Specs, targets: Sequence[Target], source: Source
) -> tuple[Target, Landing]:
    """Of the things under the cursor, the first that a source does something with, else the last.

    targets: at least one.
    """
    found = [(each, landing(document, specs, each, source)) for each in targets]
    return next((pair for pair in found if pair[1].act != "add"), found[-1])


def put(
    canvas: Canvas, sources: Sequence[Source], targets: Sequence[Target]
) -> tuple[Landing, NodeId]:
    """All of them as one undo step: the first where it was dropped, the others beside each other.

    Returns what became of the first, and its node. sources, targets: at least one.
    """
    session = canvas.session
    level = session.level
    document = level.document
    session.history.break_merge()
    target, first = choose(document, level.specs, targets, sources[0])
    shown: list[NodeId] = []
    rest = list(sources)
    if first.act != "add" or target.node is not None:
        several = _takes_several(document, level.specs, first)
        count = len(rest) if several else 1
        for source in rest[:count]:
            new = _node(level.specs, source)
            if first.node is not None and first.act != "insert":
                new = _beside(canvas, document, first, new)
            elif target.at is not None:
                new = _at(new, hand.snapped(QPointF(*target.at) - hand.GRIP))
            document = place(document, level.specs, first, new)
            id = first.node if first.act == "change" and first.node else new.id
            if first.act == "insert":
                document = with_room(document, new.id, _heights(canvas))
            shown.append(id)
        rest = rest[count:]
    if rest:
        nodes = [_node(level.specs, source) for source in rest]
        at = None if shown and target.node is not None else target.at
        document = document.add(*_side_by_side(canvas, document, nodes, at))
        shown += [node.id for node in nodes]
    places = canvas.slide.places()
    session.act(_label(level.specs, sources, first), document)
    session.select(shown)
    canvas.slide.run_from(places)
    if targets[0].at is None and shown[0] in canvas.cards:
        canvas.reveal(canvas.cards[shown[0]].box)
    return first, shown[0]


def _label(specs: Specs, sources: Sequence[Source], first: Landing) -> str:
    if first.act == "change":
        return tr("Change the file")
    spec = specs.get(sources[0].stage)
    title = spec.title if spec else sources[0].stage
    if len(sources) > 1:
        return tr("Add {} × {}").format(len(sources), title)  # noqa: RUF001
    return tr("Insert {}").format(title) if first.act == "insert" else tr("Add {}").format(title)


def _node(specs: Specs, source: Source) -> Node:
    spec = specs.get(source.stage)
    return Node(new_id(), source.stage, spec.version if spec else 1, dict(source.values))


def _at(node: Node, at: Point) -> Node:
    return replace(node, at=at)


def _takes_several(document: Document, specs: Specs, first: Landing) -> bool:
    node = document.nodes.get(first.node) if first.node else None
    spec = specs.get(node.stage) if node else None
    port = spec.input.get(first.input) if spec else None
    return first.act == "connect" and first.link is None and bool(port and port.many)


def _beside(canvas: Canvas, document: Document, first: Landing, new: Node) -> Node:
    """At the left of the node, level with the port that it feeds."""
    assert first.node is not None
    x, y = document.nodes[first.node].at
    card = canvas.cards.get(first.node)
    port = card.ports.get((False, first.input)) if card and first.input else None
    if port is not None:
        y = port.centre().y() - FIRST_PORT
    high = _high(canvas, new)
    at = hand.snapped(QPointF(x - WIDTH - APART, y))
    while not _free(canvas, document, QRectF(*at, WIDTH, high)):
        at = at[0], at[1] + hand.SNAP
    return _at(new, at)


def _side_by_side(
    canvas: Canvas, document: Document, nodes: list[Node], at: Point | None
) -> list[Node]:
    """In rows, the first under the cursor; the whole goes down until it covers nothing."""
    high = _high(canvas, nodes[0])
    if len(nodes) == 1:
        if at is not None:
            return [_at(nodes[0], hand.snapped(QPointF(*at) - hand.GRIP))]
        return [_at(nodes[0], _open_place(canvas, document, WIDTH, high))]
    columns = math.ceil(math.sqrt(len(nodes)))
    rows = math.ceil(len(nodes) / columns)
    wide, tall = columns * (WIDTH + GAP) - GAP, rows * (high + GAP) - GAP
    if at is None:
        left, top = _open_place(canvas, document, wide, tall)
    else:
        left, top = hand.snapped(QPointF(*at) - hand.GRIP)
        while not _free(canvas, document, QRectF(left, top, wide, tall)):
            top += hand.SNAP
    placed: list[Node] = []
    for number, node in enumerate(nodes):
        row, column = divmod(number, columns)
        place = QPointF(left + column * (WIDTH + GAP), top + row * (high + GAP))
        placed.append(_at(node, hand.snapped(place)))
    return placed


def _open_place(canvas: Canvas, document: Document, wide: float, high: float) -> Point:
    if wide <= WIDTH:
        at = hand.free(canvas, high)
        if _free(canvas, document, QRectF(*at, wide, high)):
            return at
    middle = canvas.widget.visible().center()
    left, top = hand.snapped(middle - QPointF(wide / 2, high / 2))
    while not _free(canvas, document, QRectF(left, top, wide, high)):
        top += hand.SNAP
    return left, top


def _high(canvas: Canvas, node: Node) -> float:
    """With the picture that it will show."""
    return face(node, canvas.session.level.specs.get(node.stage)).height(True)


def _heights(canvas: Canvas) -> dict[NodeId, float]:
    return {id: card.look.face.height(card.look.pictured) for id, card in canvas.cards.items()}


def _free(canvas: Canvas, document: Document, box: QRectF) -> bool:
    """Whether it touches neither what is drawn nor what this very drop put there."""
    wide = box.adjusted(-hand.SNAP, -hand.SNAP, hand.SNAP, hand.SNAP)
    if any(wide.intersects(card.box) for card in canvas.cards.values()):
        return False
    new = (node for id, node in document.nodes.items() if id not in canvas.cards)
    return not any(wide.intersects(QRectF(*node.at, WIDTH, _high(canvas, node))) for node in new)
