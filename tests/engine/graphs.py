"""Short ways to write a document and to read what became of it."""

from __future__ import annotations

from collections.abc import Iterable

from nodeforge.engine.messages import Event, Failed, Finished, Queued
from nodeforge.graph.document import Document, Link, Node, NodeId
from nodeforge.graph.spec import Value


def node(id: str, stage: str, values: dict[str, Value] | None = None, **links: str) -> Node:
    """links: input="source" or "source.output", several with a space between."""
    wires = {name: tuple(_link(end) for end in ends.split()) for name, ends in links.items()}
    return Node(NodeId(id), f"toy.{stage}", values=values or {}, links=wires)


def graph(*nodes: Node) -> Document:
    return Document().add(*nodes)


def chain(length: int) -> Document:
    """A colour, inverted again and again; the last is the only sink."""
    inverts = (node(f"n{i}", "invert", image=f"n{i - 1}") for i in range(1, length))
    return graph(node("n0", "solid"), *inverts)


def cached(events: Iterable[Event]) -> dict[str, bool]:
    return {str(e.node): e.cached for e in events if isinstance(e, Finished)}


def failures(events: Iterable[Event]) -> dict[str, str]:
    return {str(e.node): e.message for e in events if isinstance(e, Failed)}


def queued(events: Iterable[Event]) -> list[str]:
    return [str(id) for e in events if isinstance(e, Queued) for id in e.nodes]


def finished(events: Iterable[Event], id: str) -> Finished:
    return next(e for e in events if isinstance(e, Finished) and e.node == id)


def _link(end: str) -> Link:
    id, _, output = end.partition(".")
    return Link(NodeId(id), output or "image")
