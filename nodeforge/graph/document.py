"""The document: an immutable value. Every edit returns a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NewType, TypeVar
from uuid import uuid4

from nodeforge.errors import BadLink
from nodeforge.graph.spec import Value

NodeId = NewType("NodeId", str)
Point = tuple[float, float]
T = TypeVar("T", "Node", "Frame", "Note")


def new_id() -> NodeId:
    return NodeId(uuid4().hex[:12])


@dataclass(frozen=True)
class Link:
    """Where an input takes its value from."""

    node: NodeId
    output: str


@dataclass(frozen=True)
class Node:
    """values: only what differs from the defaults. exposed: parameters shown as input ports.

    links: by input (or exposed parameter); one link, or several in order where the port takes many.
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


@dataclass(frozen=True)
class Frame:
    """A coloured rectangle that carries the nodes inside it."""

    id: NodeId
    title: str = ""
    at: Point = (0.0, 0.0)
    size: Point = (400.0, 300.0)
    colour: str = ""


@dataclass(frozen=True)
class Note:
    id: NodeId
    text: str = ""
    at: Point = (0.0, 0.0)
    size: Point = (200.0, 120.0)


@dataclass(frozen=True)
class Document:
    nodes: Mapping[NodeId, Node] = field(default_factory=dict[NodeId, Node])
    frames: Mapping[NodeId, Frame] = field(default_factory=dict[NodeId, Frame])
    notes: Mapping[NodeId, Note] = field(default_factory=dict[NodeId, Note])

    def add(self, *things: Node | Frame | Note) -> Document:
        """With these in it; one with an id already there takes its place."""
        nodes, frames, notes = dict(self.nodes), dict(self.frames), dict(self.notes)
        for thing in things:
            match thing:
                case Node():
                    nodes[thing.id] = thing
                case Frame():
                    frames[thing.id] = thing
                case Note():
                    notes[thing.id] = thing
        return Document(nodes, frames, notes)

    def remove(self, *ids: NodeId) -> Document:
        """Without these nodes, frames or notes, and without the wires that left the nodes."""
        gone = set(ids)
        return Document(
            {id: _without(node, gone) for id, node in self.nodes.items() if id not in gone},
            {id: frame for id, frame in self.frames.items() if id not in gone},
            {id: note for id, note in self.notes.items() if id not in gone},
        )

    def set(self, id: NodeId, **values: Value) -> Document:
        return self._change(id, lambda n: replace(n, values={**n.values, **values}))

    def reset(self, id: NodeId, *names: str) -> Document:
        """Back to the defaults."""
        return self._change(
            id, lambda n: replace(n, values={k: v for k, v in n.values.items() if k not in names})
        )

    def move(self, places: Mapping[NodeId, Point]) -> Document:
        """Nodes, frames and notes to new places."""
        return Document(
            _moved(self.nodes, places), _moved(self.frames, places), _moved(self.notes, places)
        )

    def rename(self, id: NodeId, title: str) -> Document:
        return self._change(id, lambda n: replace(n, title=title))

    def mute(self, muted: bool, *ids: NodeId) -> Document:
        return self.add(*(replace(self.nodes[id], muted=muted) for id in ids))

    def expose(self, id: NodeId, name: str, shown: bool = True) -> Document:
        """Show a parameter as an input port, or take the port (and its wire) away."""
        node = self.nodes[id]
        exposed = tuple(n for n in node.exposed if n != name) + ((name,) if shown else ())
        links = {k: v for k, v in node.links.items() if shown or k != name}
        return self.add(replace(node, exposed=exposed, links=links))

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

    def _change(self, id: NodeId, change: Callable[[Node], Node]) -> Document:
        return replace(self, nodes={**self.nodes, id: change(self.nodes[id])})


def wires(node: Node) -> Iterator[Link]:
    """Every link on the node's inputs."""
    for links in node.links.values():
        yield from links


@dataclass(frozen=True)
class Diff:
    """What a view must touch to go from one document to another."""

    added: tuple[Node | Frame | Note, ...] = ()
    removed: tuple[NodeId, ...] = ()
    changed: tuple[Node | Frame | Note, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def diff(old: Document, new: Document) -> Diff:
    added: list[Node | Frame | Note] = []
    removed: list[NodeId] = []
    changed: list[Node | Frame | Note] = []
    for before, after in (
        (old.nodes, new.nodes),
        (old.frames, new.frames),
        (old.notes, new.notes),
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
    return Diff(tuple(added), tuple(removed), tuple(changed))


def _without(node: Node, gone: set[NodeId]) -> Node:
    if not any(link.node in gone for links in node.links.values() for link in links):
        return node
    kept = {k: tuple(link for link in v if link.node not in gone) for k, v in node.links.items()}
    return replace(node, links={k: v for k, v in kept.items() if v})


def _moved(things: Mapping[NodeId, T], places: Mapping[NodeId, Point]) -> Mapping[NodeId, T]:
    """Only what moves is rebuilt, and a part where nothing moves stays the same object."""
    moved = {
        id: replace(things[id], at=at)
        for id, at in places.items()
        if id in things and things[id].at != at
    }
    return {**things, **moved} if moved else things
