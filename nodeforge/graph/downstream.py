"""What lies behind a node: all that its outputs reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nodeforge.graph.document import Document, NodeId, wires


def takers(document: Document) -> dict[NodeId, list[NodeId]]:
    """The nodes that each node feeds, once a wire; one that feeds none is not in it."""
    found: dict[NodeId, list[NodeId]] = {}
    for id, node in document.nodes.items():
        for link in wires(node):
            found.setdefault(link.node, []).append(id)
    return found


def downstream(takers: Mapping[NodeId, Sequence[NodeId]], ids: Iterable[NodeId]) -> set[NodeId]:
    """These nodes, and all that they feed, in linear time."""
    found = set(ids)
    todo = list(found)
    while todo:
        new = {id for id in takers.get(todo.pop(), ()) if id not in found}
        found |= new
        todo += new
    return found
