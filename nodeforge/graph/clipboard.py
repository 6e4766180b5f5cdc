"""Nodes on the clipboard: JSON text of the file format, so that it can be pasted anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from nodeforge.errors import BadFile
from nodeforge.graph.document import Document, Frame, Link, Node, NodeId, Note, Point, new_id
from nodeforge.graph.file import current, dumps
from nodeforge.graph.reading import document_from
from nodeforge.graph.text import parse

OFFSET: Point = (24.0, 24.0)


def copy(document: Document, ids: Iterable[NodeId], inputs: bool = False) -> str:
    """These nodes, frames and notes as text, with the wires among them.

    inputs: with the wires from other nodes, too, which hold where those nodes still are.
    """
    wanted = set(ids)
    nodes = {id: node for id, node in document.nodes.items() if id in wanted}
    if not inputs:
        nodes = {id: _inner(node, wanted) for id, node in nodes.items()}
    return dumps(
        Document(
            nodes,
            {id: frame for id, frame in document.frames.items() if id in wanted},
            {id: note for id, note in document.notes.items() if id in wanted},
        )
    )


def paste(
    document: Document, text: str, offset: Point = OFFSET
) -> tuple[Document, tuple[NodeId, ...]]:
    """The document with what the text holds, under new ids, moved by `offset`; and those ids.

    Raises BadFile where the text holds no nodes.
    """
    try:
        piece, _ = document_from(current(parse(text)[0]), outside=document.nodes.keys())
    except BadFile as error:
        raise BadFile("The clipboard holds no NodeForge nodes: copy some first.") from error
    things: tuple[Node | Frame | Note, ...] = (
        *piece.nodes.values(),
        *piece.frames.values(),
        *piece.notes.values(),
    )
    if not things:
        raise BadFile("The clipboard holds no NodeForge nodes: copy some first.")
    names = {thing.id: new_id() for thing in things}
    pasted = [_renamed(thing, names, offset) for thing in things]
    return document.add(*pasted), tuple(thing.id for thing in pasted)


def _inner(node: Node, ids: set[NodeId]) -> Node:
    kept = {
        name: tuple(link for link in links if link.node in ids)
        for name, links in node.links.items()
    }
    return replace(node, links={name: links for name, links in kept.items() if links})


def _renamed(
    thing: Node | Frame | Note, names: dict[NodeId, NodeId], offset: Point
) -> Node | Frame | Note:
    at = (thing.at[0] + offset[0], thing.at[1] + offset[1])
    if not isinstance(thing, Node):
        return replace(thing, id=names[thing.id], at=at)
    links = {
        name: tuple(Link(names.get(link.node, link.node), link.output) for link in old)
        for name, old in thing.links.items()
    }
    return replace(thing, id=names[thing.id], at=at, links=links)
