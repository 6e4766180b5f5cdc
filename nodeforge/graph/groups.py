"""Groups: nodes gathered under one face, with the ports and parameters that it shows.

The wires stay between the nodes themselves: grouping changes no key and re-runs nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from math import hypot

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
    is_dot,
    new_id,
    wires,
)
from nodeforge.graph.spec import ANY, Param, Port, Specs, input_port

ASIDE = 300.0  # from the members to the rails
WIDE, HIGH = 200.0, 140.0  # a node, about
NEW = "+"  # the port of a rail that makes another one
PAST = "\0past"  # no stage has an input of this name


@dataclass
class Doors:
    """The ports of a group's face by name: those it has, and one for whatever else crosses."""

    inputs: dict[str, tuple[Spot, ...]] = field(default_factory=dict[str, tuple[Spot, ...]])
    outputs: dict[str, Link] = field(default_factory=dict[str, Link])
    entries: dict[Spot, str] = field(default_factory=dict[Spot, str])  # by what they feed
    exits: dict[Link, str] = field(default_factory=dict[Link, str])
    _sources: dict[Link, str] = field(default_factory=dict[Link, str])

    def let_in(self, name: str, *spots: Spot) -> None:
        """A port of this name (or its next spots)."""
        if new := tuple(spot for spot in spots if spot not in self.entries):
            self.inputs[name] = (*self.inputs.get(name, ()), *new)
            self.entries.update(dict.fromkeys(new, name))

    def let_out(self, name: str, link: Link) -> None:
        if link not in self.exits:
            self.outputs[name], self.exits[link] = link, name

    def crossed_in(self, link: Link, spot: Spot, many: bool) -> None:
        """A wire comes in: by the port that has the input, or the one for the same source."""
        name = self.entries.get(spot) or ("" if many else self._sources.get(link, ""))
        name = name or free_name(spot.name, self.inputs)
        self.let_in(name, spot)
        if not many:
            self._sources.setdefault(link, name)


def doors(document: Document, specs: Specs) -> dict[NodeId, Doors]:
    """The ports of every group. An input that a node of the group itself feeds has none."""
    found = {id: Doors() for id in document.groups}
    if not found:
        return found
    paths = Paths(document)
    inner, crossing = _wires(document, specs, paths)
    for group in document.groups.values():
        _let_own(found[group.id], group, inner)
    had = {spot for each in found.values() for spot in each.entries}
    for link, spot in sorted(crossing, key=lambda wire: wire[1] not in had):
        into, out = paths.crossed(link.node, spot.node)
        for id in out:
            found[id].let_out(free_name(link.output, found[id].outputs), link)
        many = port_at(document, specs, spot).many
        for id in into:
            found[id].crossed_in(link, spot, many)
    for id in document.groups:
        _let_through(found, paths, id)
    return found


def _let_own(there: Doors, group: Group, inner: set[tuple[NodeId, Spot]]) -> None:
    for name, spots in group.inputs.items():
        there.let_in(name, *(spot for spot in spots if (group.id, spot) not in inner))
    for name, link in group.outputs.items():
        there.let_out(name, link)


def _let_through(found: dict[NodeId, Doors], paths: Paths, id: NodeId) -> None:
    """Whatever goes by a port of a group goes by one of each group further in, too."""
    for link in found[id].exits:
        for inner in paths.up_to(link.node, id):
            found[inner].let_out(free_name(link.output, found[inner].outputs), link)
    for spot in found[id].entries:
        for inner in paths.up_to(spot.node, id):
            if spot not in found[inner].entries:
                found[inner].let_in(free_name(spot.name, found[inner].inputs), spot)


class Paths:
    """Which groups a wire goes into and out of; asked for every wire, so worked out once."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._of: dict[NodeId, tuple[NodeId, ...]] = {}

    def of(self, id: NodeId) -> tuple[NodeId, ...]:
        """The groups a node lies in, the innermost first."""
        node = self._document.nodes.get(id)
        if node is None or not node.group:
            return ()
        if node.group not in self._of:
            self._of[node.group] = (node.group, *self._document.path(node.group))
        return self._of[node.group]

    def up_to(self, id: NodeId, group: NodeId) -> Iterator[NodeId]:
        """The groups between a node and one around it, the innermost first."""
        return takewhile(lambda each: each != group, self.of(id))

    def crossed(self, source: NodeId, target: NodeId) -> tuple[list[NodeId], list[NodeId]]:
        """The groups that a wire goes into and those it comes out of, the innermost first."""
        ours, theirs = self.of(source), self.of(target)
        if ours == theirs:
            return [], []
        common = set(ours) & set(theirs)
        return [id for id in theirs if id not in common], [id for id in ours if id not in common]


def _wires(
    document: Document, specs: Specs, paths: Paths
) -> tuple[set[tuple[NodeId, Spot]], list[tuple[Link, Spot]]]:
    """(group, input) where the group feeds the input itself, and the wires that cross an edge."""
    inner: set[tuple[NodeId, Spot]] = set()
    crossing: list[tuple[Link, Spot]] = []
    for id, node in document.nodes.items():
        for name, links in _as_declared(node, specs):
            for link in links:
                spot = Spot(id, name)
                ours, theirs = paths.of(link.node), paths.of(id)
                if ours != theirs:
                    crossing.append((link, spot))
                if theirs and not port_at(document, specs, spot).many:
                    inner.update((each, spot) for each in theirs if each in ours)
    return inner, crossing


def _as_declared(node: Node, specs: Specs) -> list[tuple[str, tuple[Link, ...]]]:
    """The inputs with wires, in the order of the stage: so they are listed on a face, too."""
    spec = specs.get(node.stage)
    if not spec or len(node.links) < 2:
        return list(node.links.items())
    place = {port.name: number for number, port in enumerate(spec.inputs)}
    return sorted(node.links.items(), key=lambda each: place.get(each[0], len(place)))


def grouped(
    document: Document, specs: Specs, ids: Iterable[NodeId], title: str = ""
) -> tuple[Document, NodeId]:
    """These nodes, frames, notes and groups in a new group, in their middle if there is room.

    Its face has a port for each wire that crosses its edge, for each input that needs a wire, and
    for each output that goes nowhere.
    """
    things = [thing for id in dict.fromkeys(ids) if (thing := document.thing(id))]
    if not things:
        return document, TOP
    scope = things[0].group
    things = [thing for thing in things if thing.group == scope]
    id = new_id()
    left, top, right, bottom = _bounds(things)
    middle = (top + bottom) / 2
    group = Group(
        id,
        title,
        _place(document, things, scope),
        group=scope,
        entry=(left - ASIDE, middle),
        exit=(right + ASIDE - WIDE, middle),
    )
    after = document.add(*(replace(thing, group=id) for thing in things), group)
    return after.add(_with_ports(after, specs, id)), id


def unpacked(document: Document, ids: Iterable[NodeId]) -> tuple[Document, tuple[NodeId, ...]]:
    """What lies in these groups out in the open, where the groups lie; and what that is."""
    out: list[NodeId] = []
    for id in [id for id in dict.fromkeys(ids) if id in document.groups]:
        group = document.groups[id]
        members = [thing for thing in document.things() if thing.group == id]
        x, y = _place(document, members, group.group, id) if members else group.at
        way = (group.at[0] - x, group.at[1] - y)
        freed = [
            replace(thing, group=group.group, at=(thing.at[0] + way[0], thing.at[1] + way[1]))
            for thing in members
        ]
        if group.muted:
            freed = [replace(t, muted=True) if isinstance(t, Node | Group) else t for t in freed]
        groups = {other: each for other, each in document.groups.items() if other != id}
        document = replace(document, groups=groups).add(*freed)
        out += [thing.id for thing in freed]
    return document, tuple(out)


def reveal_param(document: Document, group: NodeId, spot: Spot, shown: bool = True) -> Document:
    """Show a parameter of an inner node on the face of a group, or take it off again."""
    face = document.groups[group]
    params = {name: each for name, each in face.params.items() if shown or each != spot}
    if shown and spot not in params.values():
        params[free_name(spot.name, params)] = spot
    return document.add(replace(face, params=params))


def quieted(document: Document) -> Document:
    """With every node in a muted group muted, too, and every dot: what runs and what does not."""
    muted = [id for id, group in document.groups.items() if group.muted]
    hushed = {id for id, node in document.nodes.items() if is_dot(node)}
    if muted:
        hushed |= document.within(muted) & document.nodes.keys()
    if not hushed:
        return document
    return document.mute(True, *(id for id in hushed if not document.nodes[id].muted))


def past_groups(document: Document, specs: Specs) -> tuple[Document, dict[Link, Link | None]]:
    """Where the outputs of muted groups come from: what comes in by the first port of that type.

    And the document, quieted, in which the nodes behind those outputs need those sources, so that
    they come first in every order. Of groups in one another only the outermost counts; what would
    run in a circle comes from nowhere.
    """
    muted = {id for id, group in document.groups.items() if group.muted}
    document = quieted(document)
    found: dict[Link, Link | None] = {}
    ports = doors(document, specs) if muted else {}
    for id in (id for id in document.groups if id in muted and not muted & set(document.path(id))):
        first = _first_of_type(document, specs, ports[id], document.within([id]))
        for link in ports[id].outputs.values():
            source = first.get(type_of(document, specs, link))
            if source and document.feeds(link.node, source.node):
                source = None
            if source:
                node = document.nodes[link.node]
                past = (*node.links.get(PAST, ()), source)
                document = document.add(replace(node, links={**node.links, PAST: past}))
            found[link] = source
    return document, found


def port_at(document: Document, specs: Specs, spot: Spot) -> Port:
    """The port behind an input of any node; takes anything where the stage is not known."""
    node = document.nodes.get(spot.node)
    spec = specs.get(node.stage) if node else None
    port = input_port(spec, spot.name) if spec else None
    if port:
        return port
    wired = node.links.get(spot.name, ()) if node else ()
    return Port(spot.name, ANY, many=len(wired) > 1, optional=True)


def type_of(document: Document, specs: Specs, link: Link) -> str:
    """What an output of any node gives."""
    node = document.nodes.get(link.node)
    spec = specs.get(node.stage) if node else None
    port = spec.output.get(link.output) if spec else None
    return port.type if port else ANY


def param_at(document: Document, specs: Specs, spot: Spot) -> Param | None:
    """The parameter of an inner node that a face shows, if its stage still has it."""
    node = document.nodes.get(spot.node)
    spec = specs.get(node.stage) if node else None
    return spec.param.get(spot.name) if spec else None


def _first_of_type(
    document: Document, specs: Specs, there: Doors, inside: set[NodeId]
) -> dict[str, Link]:
    """By type, what comes in by the first port of it; not what a later one brings."""
    found: dict[str, Link | None] = {}
    for spots in there.inputs.values():
        fed = (
            link
            for spot in spots
            for link in document.nodes[spot.node].links.get(spot.name, ())
            if link.node not in inside
        )
        found.setdefault(port_at(document, specs, spots[0]).type, next(fed, None))
    return {type: link for type, link in found.items() if link}


def _with_ports(document: Document, specs: Specs, id: NodeId) -> Group:
    """The group with ports of its own for all that its face should offer."""
    there = doors(document, specs)[id]
    inside = document.within([id]) & document.nodes.keys()
    inputs, outputs = dict(there.inputs), _told_apart(document, there.outputs, inside)
    used = {link.node for node in document.nodes.values() for link in wires(node)}
    for node in (node for node in document.nodes.values() if node.id in inside):
        spec = specs.get(node.stage)
        for port in spec.inputs if spec else ():
            if not port.optional and port.name not in node.links:
                inputs[free_name(port.name, inputs)] = (Spot(node.id, port.name),)
        for port in spec.outputs if spec else ():
            if node.id not in used:
                outputs[free_name(port.name, outputs)] = Link(node.id, port.name)
    return replace(document.groups[id], inputs=inputs, outputs=outputs)


def _told_apart(
    document: Document, outputs: Mapping[str, Link], inside: set[NodeId]
) -> dict[str, Link]:
    """The outputs by name: those that would share one are called as the inputs they go to."""
    alike = Counter(link.output for link in outputs.values())
    goes: dict[Link, str] = {}
    for node in document.nodes.values():
        for input, links in (
            node.links.items() if node.id not in inside and not is_dot(node) else ()
        ):
            for link in links:
                goes.setdefault(link, input)
    named: dict[str, Link] = {}
    for name, link in outputs.items():
        wish = goes.get(link, name) if alike[link.output] > 1 else name
        named[free_name(wish, named)] = link
    return named


def free_name(name: str, taken: Mapping[str, object]) -> str:
    """The name, or with the first number that makes it one of its own."""
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _bounds(things: Iterable[Thing]) -> tuple[float, float, float, float]:
    """Around the corners of nodes and groups, and the whole of frames and notes."""
    places = [thing.at for thing in things]
    xs, ys = [x for x, _ in places], [y for _, y in places]
    return min(xs), min(ys), max(xs) + WIDE, max(ys)


def _place(document: Document, members: Sequence[Thing], scope: NodeId, own: NodeId = TOP) -> Point:
    """The middle of the members, or the place of the nearest to it, where no other node lies."""
    inside = {thing.id for thing in members} | {own}
    nodes: list[Thing] = [*document.nodes.values(), *document.groups.values()]
    others = [t.at for t in nodes if t.group == scope and t.id not in inside]
    x, y = middle = _middle(members)
    spots = sorted((hypot(t.at[0] - x, t.at[1] - y), t.at) for t in members)
    return next((at for at in (middle, *(at for _, at in spots)) if _is_free(at, others)), middle)


def _is_free(at: Point, others: Iterable[Point]) -> bool:
    return not any(abs(at[0] - x) < WIDE and abs(at[1] - y) < HIGH for x, y in others)


def _middle(things: Iterable[Thing]) -> Point:
    places = [thing.at for thing in things]
    xs, ys = [x for x, _ in places], [y for _, y in places]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
