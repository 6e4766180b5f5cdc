"""Edits that need to know the stages: insert on a wire, take out and heal, see through mute."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from nodeforge.errors import BadLink
from nodeforge.graph.document import Document, Link, Node, NodeId, is_dot, wires
from nodeforge.graph.groups import past_groups
from nodeforge.graph.spec import ANY, Specs, StageSpec, fits, input_port


def pass_through(spec: StageSpec) -> dict[str, str]:
    """For each output of a muted node, the input it passes on: the first of the same type."""
    first: dict[str, str] = {}
    for port in spec.inputs:
        first.setdefault(port.type, port.name)
    return {port.name: first[port.type] for port in spec.outputs if port.type in first}


def sources(
    document: Document, specs: Specs, bypassed: Iterable[NodeId] | None = None
) -> dict[Link, Link | None]:
    """Where a link leads when bypassed (default: muted) nodes only pass things on.

    Has the outputs of the bypassed nodes of known stages; None where nothing is passed on. A muted
    group passes on what comes in at its face. Linear, without recursion; a circle leads nowhere.
    """
    around: dict[Link, Link | None] = {}
    if bypassed is None:
        document, around = past_groups(document, specs)
        bypassed = [id for id, node in document.nodes.items() if node.muted or is_dot(node)]
    passing = set(bypassed)
    step: dict[Link, Link | None] = {}
    for id in passing:
        node = document.nodes[id]
        spec = specs.get(node.stage)
        through = pass_through(spec) if spec else {}
        for output in [port.name for port in spec.outputs] if spec else []:
            fed = node.links.get(through.get(output, ""), ())
            step[Link(id, output)] = fed[0] if fed else None
    step |= around
    return {link: _end(link, step, passing) for link in list(step)}


def _end(link: Link, step: dict[Link, Link | None], passing: set[NodeId]) -> Link | None:
    """Follow the steps to their end, and shorten them all on the way."""
    trail: list[Link] = []
    here: Link | None = link
    while here is not None and here in step:
        trail.append(here)
        onward = step[here]
        step[here] = None  # met again, it is a circle: nowhere
        here = onward
    if here is not None and here.node in passing:
        here = None  # an output its stage does not have, or an unknown stage
    for past in trail:
        step[past] = here
    return here


def sinks(document: Document) -> list[NodeId]:
    """The nodes nobody takes from, in the order of the document: what a plain run makes."""
    used = {link.node for node in document.nodes.values() for link in wires(node)}
    return [id for id in document.nodes if id not in used]


def best_ports(
    specs: Specs, source: str, target: str, taken: Iterable[str] = (), params: bool = False
) -> tuple[str, str] | None:
    """The output and the input that a wire between two stages should join, or None.

    source, target: stage ids. taken: inputs to use only when no other fits, since they have a
    wire. The same type goes before "Any", what the target needs before what it can do without.
    params: where no input fits, offer a parameter that the output can drive (expose it first).
    """
    if source not in specs or target not in specs:
        return None
    outputs, busy = specs[source].outputs, set(taken)
    ranked = [
        ((port.name in busy, out.type != port.type, port.optional), out.name, port.name)
        for port in specs[target].inputs
        for out in outputs
        if fits(out.type, port.type)
    ]
    if not ranked and params:
        ranked = [
            ((param.name in busy, False, True), out.name, param.name)
            for param in specs[target].params
            for out in outputs
            if out.type == param.kind.wire
        ]
    if not ranked:
        return None
    _, output, input = min(ranked, key=lambda each: each[0])
    return output, input


def insert_on_wire(
    document: Document, specs: Specs, node_id: NodeId, target: NodeId, input: str, link: Link
) -> Document:
    """Put a node of the document into the wire `link` -> `target`.`input`.

    No other wire is lost: the node takes the value by an input that is free. Raises BadLink where
    the wire is gone, the types do not fit, no input is free or the graph would run in a circle.
    """
    if not {node_id, target} <= document.nodes.keys():
        raise BadLink("A wire needs a node at both ends.")
    node = document.nodes[node_id]
    if link not in document.nodes[target].links.get(input, ()):
        raise BadLink("The wire is no longer there; drop the node on another one.")
    if node_id in (target, link.node):
        raise BadLink("A node cannot go into a wire of its own; drop it on another one.")
    title = specs[node.stage].title if node.stage in specs else node.stage
    pairs = _ports_between(document, specs, node, target, input, link)
    if not pairs:
        raise BadLink(f"{title} does not fit into this wire; drop it on one of another type.")
    free = [pair for pair in pairs if pair[0] not in node.links or _many(specs, node, pair[0])]
    if not free:
        raise BadLink(f"{title} has a wire on {pairs[0][0]} already; take it off first.")
    entry, exit = free[0]
    many = _many(specs, node, entry)
    wired = document.connect(link.node, link.output, node_id, entry, many=many)
    if wired.feeds(target, node_id):
        raise BadLink("A node cannot feed itself, not even by a detour.")
    new = Link(node_id, exit)
    after = wired.nodes[target]
    there = tuple(dict.fromkeys(new if old == link else old for old in after.links[input]))
    return wired.add(replace(after, links={**after.links, input: there}))


def fits_wire(
    document: Document, specs: Specs, node_id: NodeId, target: NodeId, input: str, link: Link
) -> bool:
    """Whether `insert_on_wire` would do it: for the glow while a node is dragged over wires."""
    try:
        insert_on_wire(document, specs, node_id, target, input, link)
    except BadLink:
        return False
    return True


def extract(document: Document, specs: Specs, ids: Iterable[NodeId]) -> Document:
    """Take nodes out of their wires and heal those through; the nodes stay, unwired.

    A wire goes on from what the node would pass on if it were muted; where it passes nothing on,
    the wire goes. Wires among the nodes themselves stay.
    """
    out = set(ids) & document.nodes.keys()
    healed = _healed(document, specs, out)
    return healed.add(
        *(
            _with_links(document.nodes[id], lambda _, link: link if link.node in out else None)
            for id in out
        )
    )


def dissolve(document: Document, specs: Specs, ids: Iterable[NodeId]) -> Document:
    """Delete nodes, frames and notes and heal the wires of the nodes through."""
    gone = set(ids)
    return _healed(document, specs, gone & document.nodes.keys()).remove(*gone)


def _ports_between(
    document: Document, specs: Specs, node: Node, target: NodeId, input: str, link: Link
) -> list[tuple[str, str]]:
    """The inputs and outputs by which a node could go into a wire, the closest types first."""
    spec = specs.get(node.stage)
    if not spec:
        return []
    given, wanted = _output_type(document, specs, link), _input_type(document, specs, target, input)
    pairs = [
        ((entry.type != given, out.type != wanted), (entry.name, out.name))
        for entry in spec.inputs
        for out in spec.outputs
        if fits(given, entry.type) and fits(out.type, wanted)
    ]
    return [pair for _, pair in sorted(pairs, key=lambda each: each[0])]


def _output_type(document: Document, specs: Specs, link: Link) -> str:
    source = document.nodes.get(link.node)
    spec = specs.get(source.stage) if source else None
    port = spec.output.get(link.output) if spec else None
    return port.type if port else ANY


def _input_type(document: Document, specs: Specs, target: NodeId, input: str) -> str:
    spec = specs.get(document.nodes[target].stage)
    port = input_port(spec, input) if spec else None
    return port.type if port else ANY


def _many(specs: Specs, node: Node, input: str) -> bool:
    port = input_port(specs[node.stage], input) if node.stage in specs else None
    return bool(port and port.many)


def _healed(document: Document, specs: Specs, out: set[NodeId]) -> Document:
    """With every other node fed past those in `out`."""
    ends = sources(document, specs, out)

    def past(target: NodeId, input: str, link: Link) -> Link | None:
        if link.node not in out:
            return link
        end = ends.get(link)
        wanted = _input_type(document, specs, target, input)
        return end if end and fits(_output_type(document, specs, end), wanted) else None

    return document.add(
        *(
            _with_links(node, partial(past, id))
            for id, node in document.nodes.items()
            if id not in out and any(link.node in out for link in wires(node))
        )
    )


def _with_links(node: Node, change: Callable[[str, Link], Link | None]) -> Node:
    """Each link changed, or taken off where there is none; never the same one twice on an input."""
    links = {
        name: tuple(dict.fromkeys(new for link in old if (new := change(name, link))))
        for name, old in node.links.items()
    }
    return replace(node, links={name: kept for name, kept in links.items() if kept})
