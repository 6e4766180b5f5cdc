"""The document: an immutable value. Every edit returns a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import NamedTuple, NewType, TypeAlias, TypeVar
from uuid import uuid4

from nodeforge.errors import BadLink
from nodeforge.graph.spec import Value

NodeId = NewType("NodeId", str)
Point = tuple[float, float]
T = TypeVar("T", "Node", "Frame", "Note", "Group")
TOP = NodeId("")  # outside of all groups


def new_id() -> NodeId:
    return NodeId(uuid4().hex[:12])


@dataclass(frozen=True)
class Link:
    """Where an input takes its value from."""

    node: NodeId
    output: str


class Spot(NamedTuple):
    """An input or a parameter of a node."""

    node: NodeId
    name: str


@dataclass(frozen=True)
class Node:
    """values: only what differs from the defaults. exposed: parameters shown as input ports.

    links: by input (or exposed parameter); one link, or several in order where the port takes many.
    starred: parameters kept at hand, among the controls. group: the group it lies in.
    collapsed: only its header is shown. colour: of the header, a wire type or "#rrggbb".
    files: what is known of the files in its values, to find them again elsewhere; no part of keys.
    """

    id: NodeId
    stage: str
    version: int = 1
    values: Mapping[str, Value] = field(default_factory=dict[str, Value])
    links: Mapping[str, tuple[Link, ...]] = field(default_factory=dict[str, tuple[Link, ...]])
    at: Point = (0.0, 0.0)
    title: str = ""
    muted: bool = False
    exposed: tuple[str, ...] = ()
    starred: tuple[str, ...] = ()
    group: NodeId = TOP
    collapsed: bool = False
    colour: str = ""
    files: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Frame:
    """A coloured rectangle that carries the nodes inside it."""

    id: NodeId
    title: str = ""
    at: Point = (0.0, 0.0)
    size: Point = (400.0, 300.0)
    colour: str = ""
    group: NodeId = TOP


@dataclass(frozen=True)
class Note:
    id: NodeId
    text: str = ""
    at: Point = (0.0, 0.0)
    size: Point = (200.0, 120.0)
    group: NodeId = TOP
    colour: str = ""


@dataclass(frozen=True)
class Group:
    """A part of the graph under one face; what lies in it says so by its `group`.

    Wires run between the nodes themselves, so a group changes no key. inputs: what each port of
    the face feeds; outputs: what each gives; params: inner parameters shown on the face, all by
    their names there. entry, exit: where the rails with its ports lie, inside.
    """

    id: NodeId
    title: str = ""
    at: Point = (0.0, 0.0)
    colour: str = ""
    muted: bool = False
    group: NodeId = TOP
    inputs: Mapping[str, tuple[Spot, ...]] = field(default_factory=dict[str, tuple[Spot, ...]])
    outputs: Mapping[str, Link] = field(default_factory=dict[str, Link])
    params: Mapping[str, Spot] = field(default_factory=dict[str, Spot])
    entry: Point = (-300.0, 0.0)
    exit: Point = (300.0, 0.0)
    collapsed: bool = False

    def __eq__(self, other: object) -> bool:
        """The order of the ports and parameters counts, too."""
        return isinstance(other, Group) and self._told() == other._told()

    def _told(self) -> list[object]:
        parts = [getattr(self, each.name) for each in fields(self)]
        return [list(part.items()) if isinstance(part, Mapping) else part for part in parts]


@dataclass(frozen=True)
class Bookmark:
    """A view to come back to: the middle, the zoom, and the group one is in."""

    at: Point
    zoom: float = 1.0
    group: NodeId = TOP


Thing: TypeAlias = Node | Frame | Note | Group


@dataclass(frozen=True)
class Document:
    nodes: Mapping[NodeId, Node] = field(default_factory=dict[NodeId, Node])
    frames: Mapping[NodeId, Frame] = field(default_factory=dict[NodeId, Frame])
    notes: Mapping[NodeId, Note] = field(default_factory=dict[NodeId, Note])
    groups: Mapping[NodeId, Group] = field(default_factory=dict[NodeId, Group])
    bookmarks: Mapping[str, Bookmark] = field(default_factory=dict[str, Bookmark])

    def add(self, *things: Thing) -> Document:
        """With these in it; one with an id already there takes its place."""
        nodes, frames, notes = dict(self.nodes), dict(self.frames), dict(self.notes)
        groups = dict(self.groups)
        for thing in things:
            match thing:
                case Node():
                    nodes[thing.id] = thing
                case Frame():
                    frames[thing.id] = thing
                case Note():
                    notes[thing.id] = thing
                case Group():
                    groups[thing.id] = thing
        return replace(self, nodes=nodes, frames=frames, notes=notes, groups=groups)

    def remove(self, *ids: NodeId) -> Document:
        """Without these nodes, frames, notes or groups with all in them, and without the wires
        that left the nodes."""
        gone = self.within(ids)
        return replace(
            self,
            nodes={id: _without(node, gone) for id, node in self.nodes.items() if id not in gone},
            frames={id: frame for id, frame in self.frames.items() if id not in gone},
            notes={id: note for id, note in self.notes.items() if id not in gone},
            groups={id: _pruned(each, gone) for id, each in self.groups.items() if id not in gone},
        )

    def things(self) -> Iterator[Thing]:
        """All nodes, frames, notes and groups."""
        yield from self.nodes.values()
        yield from self.frames.values()
        yield from self.notes.values()
        yield from self.groups.values()

    def thing(self, id: NodeId) -> Thing | None:
        return (
            self.nodes.get(id) or self.frames.get(id) or self.notes.get(id) or self.groups.get(id)
        )

    def within(self, ids: Iterable[NodeId]) -> set[NodeId]:
        """These, and all that lies in the groups among them."""
        found = set(ids)
        todo = [id for id in found if id in self.groups]
        if not todo:
            return found
        members: dict[NodeId, list[NodeId]] = {}
        for thing in self.things():
            members.setdefault(thing.group, []).append(thing.id)
        while todo:
            new = [id for id in members.get(todo.pop(), ()) if id not in found]
            found.update(new)
            todo += [id for id in new if id in self.groups]
        return found

    def path(self, id: NodeId) -> list[NodeId]:
        """The groups that a thing lies in, the innermost first."""
        thing = self.thing(id)
        found: list[NodeId] = []
        while thing and thing.group in self.groups:
            found.append(thing.group)
            thing = self.groups[thing.group]
        return found

    def set(self, id: NodeId, **values: Value) -> Document:
        return self._change(id, lambda n: replace(n, values={**n.values, **values}))

    def reset(self, id: NodeId, *names: str) -> Document:
        """Back to the defaults."""
        return self._change(
            id, lambda n: replace(n, values={k: v for k, v in n.values.items() if k not in names})
        )

    def move(self, places: Mapping[NodeId, Point]) -> Document:
        """Nodes, frames, notes and groups to new places."""
        return replace(
            self,
            nodes=_moved(self.nodes, places),
            frames=_moved(self.frames, places),
            notes=_moved(self.notes, places),
            groups=_moved(self.groups, places),
        )

    def rename(self, id: NodeId, title: str) -> Document:
        return self.add(replace(self._face(id), title=title))

    def mute(self, muted: bool, *ids: NodeId) -> Document:
        return self.add(*(replace(self._face(id), muted=muted) for id in ids))

    def collapse(self, collapsed: bool, *ids: NodeId) -> Document:
        """Show only the headers of these nodes and groups, or all of them again."""
        return self.add(*(replace(self._face(id), collapsed=collapsed) for id in ids))

    def tint(self, colour: str, *ids: NodeId) -> Document:
        """Nodes, frames, notes and groups in a colour of their own; empty for the usual one."""
        things = (self.thing(id) for id in ids)
        return self.add(*(replace(thing, colour=colour) for thing in things if thing))

    def mark(self, name: str, view: Bookmark) -> Document:
        return replace(self, bookmarks={**self.bookmarks, name: view})

    def expose(self, id: NodeId, name: str, shown: bool = True) -> Document:
        """Show a parameter as an input port, or take the port (and its wire) away."""
        node = self.nodes[id]
        exposed = tuple(n for n in node.exposed if n != name) + ((name,) if shown else ())
        links = {k: v for k, v in node.links.items() if shown or k != name}
        return self.add(replace(node, exposed=exposed, links=links))

    def star(self, id: NodeId, name: str, on: bool = True) -> Document:
        """Keep a parameter at hand, or no longer."""
        rest = tuple(n for n in self.nodes[id].starred if n != name)
        return self._change(id, lambda n: replace(n, starred=rest + ((name,) if on else ())))

    def connect(
        self, source: NodeId, output: str, target: NodeId, input: str, many: bool = False
    ) -> Document:
        """Wire an output to an input, in place of the wire there, or (many) after the others."""
        if source not in self.nodes or target not in self.nodes:
            raise BadLink("A wire needs a node at both ends.")
        if self.feeds(target, source):
            raise BadLink("A node cannot feed itself, not even by a detour.")
        link = Link(source, output)

        def change(node: Node) -> Node:
            before = node.links.get(input, ()) if many else ()
            after = (*(old for old in before if old != link), link)
            return replace(node, links={**node.links, input: after})

        return self._change(target, change)

    def disconnect(self, target: NodeId, input: str, link: Link | None = None) -> Document:
        """Take one wire off an input, or all of them."""

        def change(node: Node) -> Node:
            rest = tuple(old for old in node.links.get(input, ()) if link and old != link)
            links = {k: v for k, v in node.links.items() if k != input}
            return replace(node, links={**links, input: rest} if rest else links)

        return self._change(target, change)

    def feeds(self, source: NodeId, target: NodeId) -> bool:
        """Whether `target` is `source` or needs it."""
        todo, seen = [target], set[NodeId]()
        while todo:
            id = todo.pop()
            if id == source:
                return True
            if id not in seen and id in self.nodes:
                seen.add(id)
                todo.extend(link.node for link in wires(self.nodes[id]))
        return False

    def order(self, targets: Iterable[NodeId] | None = None) -> list[NodeId]:
        """The targets (default: all nodes) and all they need, each after what it needs.

        Linear, without recursion; stable in the order of the document. Raises BadLink on a cycle.
        """
        placed: dict[NodeId, bool] = {}  # False while its inputs are being placed
        todo = list(self.nodes if targets is None else targets)[::-1]
        while todo:
            id = todo[-1]
            if placed.get(id):
                todo.pop()
            elif id in placed:
                placed.pop(id)
                placed[id] = True
                todo.pop()
            else:
                placed[id] = False
                for link in reversed(list(wires(self.nodes[id]))):
                    if placed.get(link.node) is False:
                        raise BadLink("The graph runs in a circle; take one wire of it away.")
                    if link.node not in placed and link.node in self.nodes:
                        todo.append(link.node)
        return list(placed)

    def _face(self, id: NodeId) -> Node | Group:
        return self.groups[id] if id in self.groups else self.nodes[id]

    def _change(self, id: NodeId, change: Callable[[Node], Node]) -> Document:
        return replace(self, nodes={**self.nodes, id: change(self.nodes[id])})


def is_dot(node: Node) -> bool:
    """Whether it is only a bend of a wire."""
    return node.stage.startswith("dot.")


def wires(node: Node) -> Iterator[Link]:
    """Every link on the node's inputs."""
    for links in node.links.values():
        yield from links


@dataclass(frozen=True)
class Diff:
    """What a view must touch to go from one document to another."""

    added: tuple[Thing, ...] = ()
    removed: tuple[NodeId, ...] = ()
    changed: tuple[Thing, ...] = ()
    marked: bool = False  # the bookmarks are others

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.marked)


def diff(old: Document, new: Document) -> Diff:
    added: list[Thing] = []
    removed: list[NodeId] = []
    changed: list[Thing] = []
    for before, after in (
        (old.nodes, new.nodes),
        (old.frames, new.frames),
        (old.notes, new.notes),
        (old.groups, new.groups),
    ):
        if before is after:
            continue
        removed += [id for id in before if id not in after]
        for id, thing in after.items():
            was = before.get(id)
            if was is None:
                added.append(thing)
            elif was is not thing and was != thing:
                changed.append(thing)
    marked = old.bookmarks != new.bookmarks
    return Diff(tuple(added), tuple(removed), tuple(changed), marked)


def _without(node: Node, gone: set[NodeId]) -> Node:
    if not any(link.node in gone for links in node.links.values() for link in links):
        return node
    kept = {k: tuple(link for link in v if link.node not in gone) for k, v in node.links.items()}
    return replace(node, links={k: v for k, v in kept.items() if v})


def _pruned(group: Group, gone: set[NodeId]) -> Group:
    """Without the ports and parameters of nodes that are gone."""
    inputs = {
        name: tuple(spot for spot in spots if spot.node not in gone)
        for name, spots in group.inputs.items()
    }
    kept = replace(
        group,
        inputs={name: spots for name, spots in inputs.items() if spots},
        outputs={name: link for name, link in group.outputs.items() if link.node not in gone},
        params={name: spot for name, spot in group.params.items() if spot.node not in gone},
    )
    return group if kept == group else kept


def _moved(things: Mapping[NodeId, T], places: Mapping[NodeId, Point]) -> Mapping[NodeId, T]:
    """Only what moves is rebuilt, and a part where nothing moves stays the same object."""
    moved = {
        id: replace(things[id], at=at)
        for id, at in places.items()
        if id in things and things[id].at != at
    }
    return {**things, **moved} if moved else things
