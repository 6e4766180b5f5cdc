"""Room for a node that was put into a wire: what lies behind it moves to the right."""

from __future__ import annotations

import math

from nodeforge.graph.document import Document, NodeId, Point, wires

WIDE, GAP, GRID = 200.0, 48.0, 8.0  # of a node; between two; what places are rounded to


def with_room(document: Document, id: NodeId) -> Document:
    """A node no nearer than GAP to what feeds it and what it feeds, which give way to the right.

    With those go all that they feed. A wire that runs backwards asks for no room.
    """
    x, y = document.nodes[id].at
    givers = [document.nodes[link.node].at[0] for link in wires(document.nodes[id])]
    left = max((each for each in givers if each <= x), default=x - WIDE - GAP)
    x = max(x, left + WIDE + GAP)
    places: dict[NodeId, Point] = {id: (x, y)}
    takers = _takers(document)
    near = [each for each in takers.get(id, ()) if document.nodes[each].at[0] > left]
    first = min((document.nodes[each].at[0] for each in near), default=math.inf)
    way = math.ceil((x + WIDE + GAP - first) / GRID) * GRID if first < math.inf else 0.0
    if way > 0:
        for each in _below(takers, near):
            ex, ey = document.nodes[each].at
            if ex >= first:
                places[each] = (ex + way, ey)
    return document.move(places)


def _takers(document: Document) -> dict[NodeId, list[NodeId]]:
    found: dict[NodeId, list[NodeId]] = {}
    for id, node in document.nodes.items():
        for link in wires(node):
            found.setdefault(link.node, []).append(id)
    return found


def _below(takers: dict[NodeId, list[NodeId]], ids: list[NodeId]) -> set[NodeId]:
    """These, and all that they feed."""
    todo, found = list(ids), set(ids)
    while todo:
        new = [id for id in takers.get(todo.pop(), ()) if id not in found]
        found.update(new)
        todo += new
    return found
