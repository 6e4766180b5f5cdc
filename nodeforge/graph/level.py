"""One level of the graph as a document of its own, in which groups are nodes.

What the canvas shows: the top, or what lies in one group, with that group's ports as two rails, one
node at each side. An edit of the level is an edit of the whole (`applied`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace

from nodeforge.errors import BadLink
from nodeforge.graph.document import (
    TOP,
    Diff,
    Document,
    Group,
    Link,
    Node,
    NodeId,
    Spot,
    Thing,
    diff,
)
from nodeforge.graph.groups import Doors, doors, free_name, param_at, port_at, type_of
from nodeforge.graph.spec import ANY, Param, Port, Specs, StageSpec, Value

STAGE = "group"  # of a face
RAIL = "group.rail"
INTO = "arrow-right"
NEW = "+"  # the port of a rail that makes another one
PARTS = ("nodes", "frames", "notes", "groups")


def entry_rail(group: NodeId) -> NodeId:
    return NodeId(f"{group}<")


def exit_rail(group: NodeId) -> NodeId:
    return NodeId(f"{group}>")


def is_rail(node: Node) -> bool:
    return node.stage.startswith(f"{RAIL}.")


@dataclass(frozen=True)
class Level:
    """scope: the group whose inside this is, or TOP. specs: with one for each face and rail."""

    whole: Document
    scope: NodeId
    document: Document
    specs: Specs
    doors: Mapping[NodeId, Doors] = field(default_factory=dict[NodeId, Doors])

    @property
    def rails(self) -> tuple[NodeId, ...]:
        return (entry_rail(self.scope), exit_rail(self.scope)) if self.scope else ()

    def applied(self, after: Document) -> Document:
        """The whole document, with its level edited to `after`. Raises BadLink for a circle."""
        if self.document is self.whole:
            return after
        return _Applied(self, after).whole


def level(whole: Document, specs: Specs, scope: NodeId = TOP) -> Level:
    """A graph without groups is its own level, at no cost."""
    if not whole.groups:
        return Level(whole, TOP, whole, specs)
    return _Shown(whole, specs, scope).level()


def faces_changed(before: Level, after: Level) -> Diff:
    """What a view must touch to go from one level to another: also faces with other ports."""
    change = diff(before.document, after.document)
    if after.document is after.whole:
        return change
    touched = {thing.id for thing in (*change.added, *change.changed)}
    other = [
        node
        for node in after.document.nodes.values()
        if node.id not in touched and before.specs.get(node.stage) != after.specs.get(node.stage)
    ]
    return replace(change, changed=(*change.changed, *other))


class _Shown:
    """Makes a level: where each node is seen, and which ports its wires run between."""

    def __init__(self, whole: Document, specs: Specs, scope: NodeId) -> None:
        self.whole, self.specs, self.scope = whole, specs, scope
        self.doors = doors(whole, specs)
        self.faces = [group for group in whole.groups.values() if group.group == scope]
        self.seen_as = self._seen_as()
        self.edge = self.doors.get(scope, Doors())

    def level(self) -> Level:
        whole = self.whole
        nodes = {
            id: self._node(node) for id, node in whole.nodes.items() if node.group == self.scope
        }
        specs = dict(self.specs)
        for face in self.faces:
            nodes[face.id], specs[f"{STAGE}.{face.id}"] = self._face(face)
        if self.scope:
            for rail, spec in self._rails(whole.groups[self.scope]):
                nodes[rail.id], specs[rail.stage] = rail, spec
        document = replace(
            whole,
            nodes=nodes,
            frames={id: each for id, each in whole.frames.items() if each.group == self.scope},
            notes={id: each for id, each in whole.notes.items() if each.group == self.scope},
            groups={},
        )
        return Level(whole, self.scope, document, specs, self.doors)

    def _seen_as(self) -> dict[NodeId, NodeId]:
        """The face behind which each group lies, for those that lie at this level or deeper."""
        faces = {face.id for face in self.faces}
        found: dict[NodeId, NodeId] = {}
        for id in self.whole.groups:
            for around in (id, *self.whole.path(id)):
                if around in faces:
                    found[id] = around
        return found

    def _link(self, link: Link, inside: NodeId = TOP) -> Link | None:
        """A wire's beginning as it is seen here; None for one that comes from outside.

        Nor is one seen that begins behind the face `inside`.
        """
        node = self.whole.nodes.get(link.node)
        if node is None:
            return None
        if node.group == self.scope:
            return link
        face = self.seen_as.get(node.group)
        return Link(face, self.doors[face].exits[link]) if face and face != inside else None

    def _links(self, spots: Iterable[Spot], inside: NodeId = TOP) -> tuple[Link, ...]:
        """What is seen to feed these inputs, which lie behind the face `inside`.

        What comes from outside comes from the rail, and so does what would if it were wired.
        """
        found: dict[Link, None] = {}
        for spot in spots:
            node = self.whole.nodes.get(spot.node)
            for link in node.links.get(spot.name, ()) if node else ():
                if seen := self._link(link, inside):
                    found[seen] = None
            if name := self.edge.entries.get(spot, ""):
                found[Link(entry_rail(self.scope), name)] = None
        return tuple(found)

    def _node(self, node: Node) -> Node:
        names = dict.fromkeys(node.links)
        if self.scope:
            names |= {s.name: None for s in self.edge.entries if s.node == node.id}
        links = {name: self._links([Spot(node.id, name)]) for name in names}
        links = {name: some for name, some in links.items() if some}
        return node if links == node.links else replace(node, links=links)

    def _face(self, group: Group) -> tuple[Node, StageSpec]:
        here = self.doors[group.id]
        params = dict(self._params(group))
        spec = StageSpec(
            f"{STAGE}.{group.id}",
            "Group",
            STAGE,
            "Part of the graph: double-click to go in.",
            icon="group",
            inputs=tuple(self._port(name, spots) for name, spots in here.inputs.items()),
            outputs=tuple(
                Port(name, type_of(self.whole, self.specs, link))
                for name, link in here.outputs.items()
            ),
            params=tuple(params.values()),
        )
        values: dict[str, Value] = {}
        for name, spot in group.params.items():
            inner = self.whole.nodes[spot.node].values
            if name in params and spot.name in inner:
                values[name] = inner[spot.name]
        links = {name: self._links(spots, group.id) for name, spots in here.inputs.items()}
        node = Node(
            group.id,
            spec.id,
            values=values,
            links={name: some for name, some in links.items() if some},
            at=group.at,
            title=group.title,
            muted=group.muted,
            group=group.group,
        )
        return node, spec

    def _params(self, group: Group) -> Iterator[tuple[str, Param]]:
        for name, spot in group.params.items():
            if param := param_at(self.whole, self.specs, spot):
                yield name, replace(param, name=name)

    def _port(self, name: str, spots: tuple[Spot, ...]) -> Port:
        inner = [port_at(self.whole, self.specs, spot) for spot in spots]
        return Port(
            name,
            inner[0].type,
            optional=all(port.optional for port in inner),
            many=all(port.many for port in inner),
            doc=inner[0].doc,
        )

    def _rails(self, group: Group) -> Iterator[tuple[Node, StageSpec]]:
        entry, exit = entry_rail(group.id), exit_rail(group.id)
        gives = tuple(self._port(name, spots) for name, spots in self.edge.inputs.items())
        takes = tuple(
            Port(name, type_of(self.whole, self.specs, link), optional=True)
            for name, link in self.edge.outputs.items()
        )
        new = Port(NEW, ANY, optional=True)
        yield (
            Node(entry, f"{RAIL}.{entry}", at=group.entry, group=group.id),
            StageSpec(f"{RAIL}.{entry}", "Inputs", STAGE, "", icon=INTO, outputs=(*gives, new)),
        )
        links = {
            name: (seen,) for name, link in self.edge.outputs.items() if (seen := self._link(link))
        }
        yield (
            Node(exit, f"{RAIL}.{exit}", at=group.exit, group=group.id, links=links),
            StageSpec(f"{RAIL}.{exit}", "Outputs", STAGE, "", icon=INTO, inputs=(*takes, new)),
        )


class _Applied:
    """Carries what was edited at one level over to the whole."""

    def __init__(self, level: Level, after: Document) -> None:
        self.level, self.whole = level, level.whole
        for each in fields(Document):
            if each.name not in PARTS:
                self.whole = replace(self.whole, **{each.name: getattr(after, each.name)})
        change = diff(level.document, after)
        self.whole = self.whole.remove(*change.removed)
        things = [*change.added, *change.changed]
        for thing in things:
            self._put(thing)
        rewired = [thing for thing in things if isinstance(thing, Node) and self._wire(thing)]
        if rewired:
            try:
                self.whole.order()
            except BadLink as error:
                raise BadLink("A node cannot feed itself, not even by a detour.") from error

    def _put(self, thing: Thing) -> None:
        """All of a thing but its wires."""
        group = self.whole.groups.get(thing.id)
        if thing.id in self.level.rails:
            face = self.whole.groups[self.level.scope]
            entry = thing.id == self.level.rails[0]
            face = replace(face, entry=thing.at) if entry else replace(face, exit=thing.at)
            self.whole = self.whole.add(face)
        elif isinstance(thing, Node) and group:
            self._put_face(thing, group)
        elif isinstance(thing, Node):
            old = self.whole.nodes.get(thing.id)
            links = old.links if old else {}
            self.whole = self.whole.add(replace(thing, links=links, group=self.level.scope))
        else:
            self.whole = self.whole.add(replace(thing, group=self.level.scope))

    def _put_face(self, face: Node, group: Group) -> None:
        before = self.level.document.nodes[face.id].values
        for name, spot in group.params.items():
            if name in face.values and face.values[name] != before.get(name):
                self.whole = self.whole.set(spot.node, **{spot.name: face.values[name]})
            elif name in before and name not in face.values:
                self.whole = self.whole.reset(spot.node, spot.name)
        self.whole = self.whole.add(replace(group, at=face.at, title=face.title, muted=face.muted))

    def _wire(self, thing: Node) -> bool:
        """Make the wires into a node those that the level has now; whether any is another."""
        before = self.level.document.nodes.get(thing.id)
        old = before.links if before else {}
        names = [n for n in {**old, **thing.links} if old.get(n, ()) != thing.links.get(n, ())]
        for name in names:
            links = thing.links.get(name, ())
            if thing.id in self.level.rails:
                self._give_out(name, links)
            elif thing.id in self.whole.groups:
                for spot in self.level.doors[thing.id].inputs.get(name, ()):
                    self._feed(spot, links, thing.id)
            else:
                self._feed(Spot(thing.id, name), links)
        return bool(names)

    def _feed(self, spot: Spot, links: Iterable[Link], behind: NodeId = TOP) -> None:
        """Feed an input. behind: the face it lies behind, whose own wires to it stay."""
        if spot.node not in self.whole.nodes:
            return
        node = self.whole.nodes[spot.node]
        kept = [
            link
            for link in node.links.get(spot.name, ())
            if behind and behind in self.whole.path(link.node)
        ]
        found = dict.fromkeys(kept)
        rail = ""
        for link in links:
            if link.node in self.level.rails:
                rail = self._let_in(link.output, spot)
                found |= dict.fromkeys(self._outside(rail, spot))
            elif real := self._real(link):
                found[real] = None
        if not rail:
            self._shut(spot)
        wires = {name: some for name, some in node.links.items() if name != spot.name}
        if found:
            wires[spot.name] = tuple(found)
        self.whole = self.whole.add(replace(self.whole.nodes[spot.node], links=wires))

    def _real(self, link: Link) -> Link | None:
        here = self.level.doors.get(link.node)
        return here.outputs.get(link.output) if here else link

    def _outside(self, name: str, spot: Spot) -> Iterator[Link]:
        """What feeds a port of our own face, seen from inside."""
        port = self.level.doors[self.level.scope].inputs.get(name, ())
        for each in (spot,) if spot in port else port:
            node = self.level.whole.nodes[each.node]
            for link in node.links.get(each.name, ()):
                if self.level.scope not in self.level.whole.path(link.node):
                    yield link

    def _let_in(self, name: str, spot: Spot) -> str:
        """Let a port of our own face feed this input, too; or a new one."""
        face = self.whole.groups[self.level.scope]
        there = self.level.doors[face.id]
        if name == NEW:
            name = free_name(spot.name, there.inputs)
        inputs = {other: _but(spots, spot) for other, spots in face.inputs.items()}
        inputs[name] = tuple(dict.fromkeys((*inputs.get(name, there.inputs.get(name, ())), spot)))
        self._set_inputs(inputs)
        return name

    def _shut(self, spot: Spot) -> None:
        """No port of our own face feeds this input any more."""
        if self.level.scope:
            face = self.whole.groups[self.level.scope]
            self._set_inputs({name: _but(spots, spot) for name, spots in face.inputs.items()})

    def _set_inputs(self, inputs: Mapping[str, tuple[Spot, ...]]) -> None:
        face = self.whole.groups[self.level.scope]
        kept = {name: spots for name, spots in inputs.items() if spots}
        self.whole = self.whole.add(replace(face, inputs=kept))

    def _give_out(self, name: str, links: tuple[Link, ...]) -> None:
        """Let a port of our own face give this; what took the old one takes the new one."""
        scope = self.level.scope
        face = self.whole.groups[scope]
        old = self.level.doors[scope].outputs.get(name)
        new = self._real(links[-1]) if links else None
        outputs = {other: link for other, link in face.outputs.items() if other != name}
        if new and name == NEW:
            outputs[free_name(new.output, face.outputs)] = new
        elif new:
            outputs = {**face.outputs, name: new}
        self.whole = self.whole.add(replace(face, outputs=outputs))
        if old:
            self._retake(old, new)

    def _retake(self, old: Link, new: Link | None) -> None:
        """Outside of our group, take the new output for the old one."""
        for node in list(self.whole.nodes.values()):
            if not any(old in links for links in node.links.values()):
                continue
            if self.level.scope in self.whole.path(node.id):
                continue
            links = {
                name: tuple(
                    dict.fromkeys(each for link in some if (each := new if link == old else link))
                )
                for name, some in node.links.items()
            }
            kept = {name: some for name, some in links.items() if some}
            self.whole = self.whole.add(replace(node, links=kept))


def _but(spots: Iterable[Spot], spot: Spot) -> tuple[Spot, ...]:
    return tuple(each for each in spots if each != spot)
