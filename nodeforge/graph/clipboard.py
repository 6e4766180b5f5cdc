"""Nodes on the clipboard: JSON text of the file format, so that it can be pasted anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from nodeforge.errors import BadFile
from nodeforge.graph.document import (
    TOP,
    Document,
    Group,
    Link,
    Node,
    NodeId,
    Point,
    Spot,
    Thing,
    new_id,
)
from nodeforge.graph.file import current, dumps
from nodeforge.graph.reading import document_from
from nodeforge.graph.text import parse

OFFSET: Point = (24.0, 24.0)


def copy(document: Document, ids: Iterable[NodeId], inputs: bool = False) -> str:
    """These nodes, frames, notes and groups (with all in them) as text, with the wires among them.

    inputs: with the wires from other nodes, too, which hold where those nodes still are.
    """
    wanted = document.within(ids)
    taken: list[Thing] = []
    for thing in document.things():
        if thing.id in wanted:
            if isinstance(thing, Node) and not inputs:
                thing = _inner(thing, wanted)
            taken.append(thing if thing.group in wanted else replace(thing, group=TOP))
    return dumps(Document().add(*taken))


def paste(
    document: Document,
    text: str,
    offset: Point = OFFSET,
    group: NodeId = TOP,
    inputs: bool = True,
) -> tuple[Document, tuple[NodeId, ...]]:
    """The document with what the text holds, under new ids, moved by `offset`; and those ids.

    inputs: with the wires from nodes outside of it. It lies in `group`; what lies in groups of its
    own does not move in them, and has no part in the ids. Raises BadFile where the text holds no
    nodes.
    """
    try:
        outside = document.nodes.keys() if inputs else ()
        piece, _ = document_from(current(parse(text)[0]), outside=outside)
    except BadFile as error:
        raise BadFile("The clipboard holds no NodeForge nodes: copy some first.") from error
    things = list(piece.things())
    if not things:
        raise BadFile("The clipboard holds no NodeForge nodes: copy some first.")
    names = {thing.id: new_id() for thing in things}
    pasted = [_renamed(thing, names) for thing in things]
    free = [
        replace(thing, group=group, at=(thing.at[0] + offset[0], thing.at[1] + offset[1]))
        for thing in pasted
        if not thing.group
    ]
    return document.add(*pasted, *free), tuple(thing.id for thing in free)


def _inner(node: Node, ids: set[NodeId]) -> Node:
    kept = {
        name: tuple(link for link in links if link.node in ids)
        for name, links in node.links.items()
    }
    return replace(node, links={name: links for name, links in kept.items() if links})


def _renamed(thing: Thing, names: dict[NodeId, NodeId]) -> Thing:
    """The same under new ids, in whatever refers to them, too."""
    thing = replace(thing, id=names[thing.id], group=names.get(thing.group, TOP))
    match thing:
        case Node():
            links = {
                name: tuple(Link(names.get(link.node, link.node), link.output) for link in old)
                for name, old in thing.links.items()
            }
            return replace(thing, links=links)
        case Group():
            return replace(
                thing,
                inputs={
                    name: tuple(Spot(names[spot.node], spot.name) for spot in spots)
                    for name, spots in thing.inputs.items()
                },
                outputs={
                    name: Link(names[link.node], link.output)
                    for name, link in thing.outputs.items()
                },
                params={
                    name: Spot(names[spot.node], spot.name) for name, spot in thing.params.items()
                },
            )
    return thing
