"""Room for a new node: in a wire, where others move to the right, or in a free place."""

from __future__ import annotations

import math
from collections.abc import Mapping

from nodeforge.graph.document import Document, Group, Node, NodeId, Point, is_dot, wires
from nodeforge.graph.downstream import downstream, takers
from nodeforge.graph.spec import Specs, StageSpec, Text

WIDE, GAP, GRID = 200.0, 48.0, 8.0  # of a node; between two; what places are rounded to
HIGH = 120.0  # of a node of which nothing is known


def with_room(document: Document, id: NodeId, high: Mapping[NodeId, float]) -> Document:
    """A node no nearer than GAP to what feeds it and what it feeds, which give way to the right.

    So does a node it would lie on. With those go all that they feed. A wire that runs backwards
    asks for no room. high: of the nodes, as they are drawn.
    """
    x, y = document.nodes[id].at
    givers = [document.nodes[link.node].at[0] for link in wires(document.nodes[id])]
    left = max((each for each in givers if each <= x), default=x - WIDE - GAP)
    x = max(x, left + WIDE + GAP)
    fed = takers(document)
    behind = [each for each in fed.get(id, ()) if document.nodes[each].at[0] > left]
    ways: dict[NodeId, float] = {}
    for near in (behind, _under(document, id, (x, y), high)):
        first = min((document.nodes[each].at[0] for each in near), default=math.inf)
        way = math.ceil((x + WIDE + GAP - first) / GRID) * GRID if first < math.inf else 0.0
        for each in downstream(fed, near):
            if document.nodes[each].at[0] >= first:
                ways[each] = max(way, ways.get(each, 0.0))
    places: dict[NodeId, Point] = {
        each: (document.nodes[each].at[0] + way, document.nodes[each].at[1])
        for each, way in ways.items()
    }
    return document.move({**places, id: (x, y)})


def free_below(document: Document, specs: Specs, new: Node) -> Point:
    """Where a node lies, or the first place below that where it touches no other of its level."""
    (x, y), high = new.at, _high(specs.get(new.stage))
    level: list[Node | Group] = [*document.nodes.values(), *document.groups.values()]
    others = [
        (each.at[1], each.at[1] + _high(specs.get(each.stage) if isinstance(each, Node) else None))
        for each in level
        if each.group == new.group and abs(each.at[0] - x) < WIDE + GRID
    ]
    for top, bottom in sorted(others):
        if top < y + high + GRID and y < bottom + GRID:
            y = math.ceil((bottom + GAP / 2) / GRID) * GRID
    return x, y


def _high(spec: StageSpec | None) -> float:
    """About how high a node is: its header, its ports, and its first parameters."""
    if spec is None:
        return HIGH
    ports = max(len(spec.inputs), len(spec.outputs))
    lines = sum(isinstance(each.kind, Text) for each in spec.params)
    return 45.0 + 24 * ports + min(26 * len(spec.params), 104) + 46 * min(lines, 1)


def _under(document: Document, id: NodeId, at: Point, high: Mapping[NodeId, float]) -> list[NodeId]:
    """What a node at a place would lie on, but for what feeds it."""
    x, y = at
    fed = {link.node for link in wires(document.nodes[id])}
    low = y + high.get(id, HIGH)
    return [
        other
        for other, node in document.nodes.items()
        if other != id
        and other not in fed
        and not is_dot(node)
        and abs(node.at[0] - x) < WIDE
        and y < node.at[1] + high.get(other, HIGH)
        and node.at[1] < low
    ]
