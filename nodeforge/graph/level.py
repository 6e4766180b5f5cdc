"""One level of the graph as a document of its own, in which groups are nodes.

What the canvas shows: the top, or what lies in one group, with that group's ports as two rails, one
node at each side. An edit of the level is an edit of the whole (`applied`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from nodeforge.graph.document import (
    TOP,
    Diff,
    Document,
    Group,
    Link,
    Node,
    NodeId,
    Spot,
    diff,
)
from nodeforge.graph.groups import NEW, Doors, doors, param_at, port_at, type_of
from nodeforge.graph.lift import Lift
from nodeforge.graph.spec import ANY, Param, Port, Specs, StageSpec, Value

STAGE = "group"  # of a face
RAIL = "group.rail"
INTO = "arrow-right"


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
        return Lift(self, after).whole


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
            collapsed=group.collapsed,
            colour=group.colour,
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
