"""Join a new node to what it goes on from, and feed it from there: the wires drawn next anyway."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nodeforge.errors import BadLink
from nodeforge.graph.document import Document, Link, Node, NodeId, wires
from nodeforge.graph.downstream import downstream, takers
from nodeforge.graph.edits import best_ports
from nodeforge.graph.spec import ANY, Port, Specs, fits, input_port


class End(NamedTuple):
    """A port of a node: where a wire begins or ends."""

    node: NodeId
    name: str
    out: bool


def type_at(document: Document, specs: Specs, end: End) -> str:
    """The wire type of a port; ANY where its stage is not known."""
    node = document.nodes.get(end.node)
    spec = specs.get(node.stage) if node else None
    if spec is None:
        return ANY
    port = spec.output.get(end.name) if end.out else input_port(spec, end.name)
    return port.type if port else ANY


def between_ends(
    document: Document, specs: Specs, end: End, node: NodeId
) -> tuple[Link, End] | None:
    """The wire from a port to the best port of another node, or None where none fits.

    A free input goes before a taken one, the very type before "Any", and what is needed before
    what can be done without.
    """
    other = document.nodes[node]
    spec, type = specs.get(other.stage), type_at(document, specs, end)
    if spec is None or node == end.node:
        return None
    if not end.out:
        givers = [port for port in spec.outputs if fits(port.type, type)]
        best = min(givers, key=lambda port: port.type != type, default=None)
        return (Link(node, best.name), end) if best else None
    exposed = [input_port(spec, name) for name in other.exposed]
    takers = [*spec.inputs, *(port for port in exposed if port)]

    def rank(port: Port) -> tuple[bool, bool, bool]:
        taken = port.name in other.links and not port.many
        return taken, port.type != type, port.optional

    entry = min((port for port in takers if fits(type, port.type)), key=rank, default=None)
    return (Link(end.node, end.name), End(node, entry.name, out=False)) if entry else None


def joined(document: Document, specs: Specs, end: End, node: NodeId) -> Document:
    """A port wired to the best port of another node. Raises BadLink where that cannot be."""
    if found := between_ends(document, specs, end, node):
        return _wired(document, specs, *found)
    title = _title(document.nodes[node], specs)
    word = type_at(document, specs, end).lower()
    raise BadLink(f"{title} {'takes' if end.out else 'gives'} no {word}: choose another node.")


def gone_on(document: Document, specs: Specs, ids: Iterable[NodeId], node: NodeId) -> Document:
    """A node fed by each of these that it can take from; where it takes from none, it feeds them.

    Only inputs that are free are wired.
    """
    for id in ids:
        giver, taker = document.nodes[id], document.nodes[node]
        ports = best_ports(specs, giver.stage, taker.stage, taker.links)
        if ports and _free(taker, specs, ports[1]):
            document = _wired(document, specs, Link(id, ports[0]), End(node, ports[1], out=False))
            continue
        ports = best_ports(specs, taker.stage, giver.stage, giver.links)
        if ports and _free(giver, specs, ports[1]):
            document = _wired(document, specs, Link(node, ports[0]), End(id, ports[1], out=False))
    return document


def nearest_above(document: Document, specs: Specs, end: End) -> Link | None:
    """What feeds an input most likely: the nearest output of its very type up the wires.

    Up from its node and from those this feeds. What feeds the node by another input does not count.
    None where two are as near, or there is none.
    """
    type = type_at(document, specs, end)
    below = [
        id
        for id, node in document.nodes.items()
        if any(link.node == end.node for link in wires(node))
    ]
    depth = dict.fromkeys((end.node, *below), 0)
    todo = deque(depth)
    found: dict[Link, int] = {}
    while todo:
        id = todo.popleft()
        for link in wires(document.nodes[id]):
            if link.node in document.nodes and link.node not in depth:
                depth[link.node] = depth[id] + 1
                todo.append(link.node)
                for name in _outputs(document.nodes[link.node], specs, type):
                    found[Link(link.node, name)] = depth[link.node]
    for link in wires(document.nodes[end.node]):
        found.pop(link, None)
    best = min(found.values(), default=0)
    nearest = [link for link, far in found.items() if far == best]
    if len(nearest) != 1 or document.feeds(end.node, nearest[0].node):
        return None
    return nearest[0]


def likeliest(document: Document, specs: Specs, end: End) -> Link | None:
    """What a click on an open input connects: the nearest output up the wires, else the only one
    of its very type in the graph that the node neither uses yet nor feeds."""
    if link := nearest_above(document, specs, end):
        return link
    type = type_at(document, specs, end)
    not_these, used = downstream(takers(document), [end.node]), set(wires(document.nodes[end.node]))
    free = [
        link
        for id, node in document.nodes.items()
        if id not in not_these
        for name in _outputs(node, specs, type)
        if (link := Link(id, name)) not in used
    ]
    return free[0] if len(free) == 1 else None


def fed(document: Document, specs: Specs, id: NodeId) -> Document:
    """With the inputs that a node needs fed by the nearest output up the wires, where it is clear
    which that is."""
    spec = specs.get(document.nodes[id].stage)
    for port in spec.inputs if spec else ():
        if port.optional or port.type == ANY or port.name in document.nodes[id].links:
            continue
        end = End(id, port.name, out=False)
        if link := nearest_above(document, specs, end):
            document = _wired(document, specs, link, end)
    return document


def _outputs(node: Node, specs: Specs, type: str) -> Iterator[str]:
    if spec := specs.get(node.stage):
        yield from (port.name for port in spec.outputs if port.type == type)


def _free(node: Node, specs: Specs, name: str) -> bool:
    return name not in node.links or _many(node, specs, name)


def _many(node: Node, specs: Specs, name: str) -> bool:
    spec = specs.get(node.stage)
    port = input_port(spec, name) if spec else None
    return bool(port and port.many)


def _wired(document: Document, specs: Specs, link: Link, to: End) -> Document:
    many = _many(document.nodes[to.node], specs, to.name)
    return document.connect(link.node, link.output, to.node, to.name, many)


def _title(node: Node, specs: Specs) -> str:
    spec = specs.get(node.stage)
    return node.title or (spec.title if spec else node.stage)
