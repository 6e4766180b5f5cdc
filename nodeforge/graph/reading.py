"""From plain data to a document: keep all that can be understood, and say what was not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from nodeforge.errors import BadFile
from nodeforge.graph.document import (
    TOP,
    Bookmark,
    Document,
    Frame,
    Group,
    Link,
    Node,
    NodeId,
    Note,
    Point,
    Spot,
    Thing,
    new_id,
    wires,
)
from nodeforge.graph.spec import Value

Board = TypeVar("Board", Frame, Note)
PARTS = ("format", "nodeforge", "nodes", "frames", "notes", "groups", "bookmarks")
FIELDS = (
    *("stage", "version", "title", "at", "muted"),
    *("exposed", "starred", "values", "links", "group", "collapsed", "colour", "files"),
)
FACE = (
    *("title", "at", "colour", "muted", "collapsed", "group"),
    *("inputs", "outputs", "params", "entry", "exit"),
)
SHOWN = 20  # warnings; a file with more is damaged all over
REACH = 1e7  # pixels from the middle; further out no canvas can draw
WHOLE = 2**64  # beyond any seed
DEEP = 64  # groups in one another


def document_from(
    data: Mapping[str, object], outside: Collection[NodeId] = ()
) -> tuple[Document, list[str]]:
    """The document in the data, and a sentence about each thing that had to be left out.

    data: of the newest format. outside: nodes elsewhere that links may lead to. Raises BadFile
    if the nodes, frames, notes or groups are not there as such.
    """
    reader = _Reader()
    nodes = dict(reader.nodes(_part(data, "nodes")))
    taken = set(nodes)
    frames = reader.things(_part(data, "frames"), taken, reader.frame)
    notes = reader.things(_part(data, "notes"), taken, reader.note)
    groups = dict(reader.groups(_part(data, "groups"), taken))
    reader.unknown("The file", data, PARTS)
    nodes = {id: reader.without_dangling(node, nodes, outside) for id, node in nodes.items()}
    bookmarks = dict(reader.bookmarks(data.get("bookmarks", {})))
    document = Document(_acyclic(nodes, reader.say), frames, notes, groups, bookmarks)
    return reader.sheltered(document), reader.warnings()


class _Reader:
    """Collects what had to be left out."""

    def __init__(self) -> None:
        self._said: dict[str, None] = {}

    def say(self, warning: str) -> None:
        self._said[warning] = None

    def warnings(self) -> list[str]:
        shown = list(self._said)[:SHOWN]
        rest = len(self._said) - len(shown)
        return [*shown, f"And {rest:,} more like these."] if rest else shown

    def unknown(self, where: str, data: Mapping[str, object], known: Collection[str]) -> None:
        for name in data:
            if name not in known:
                self.say(
                    f"{where} has {name!r}, which this version does not know: "
                    "update NodeForge before you save, or it is lost."
                )

    def nodes(self, part: Mapping[str, object]) -> Iterator[tuple[NodeId, Node]]:
        for key, data in part.items():
            stage = data.get("stage") if isinstance(data, dict) else None
            if not key or not isinstance(data, dict) or not isinstance(stage, str) or not stage:
                self.say(f"The node {key!r} does not say what it is, so it was left out.")
                continue
            id, where = NodeId(key), f"The node {key!r} ({stage})"
            self.unknown(where, data, FIELDS)
            version = data.get("version", 1)
            if type(version) is not int or not 1 <= version < 2**31:
                self.say(f"{where} has no sensible version; the first was taken.")
                version = 1
            yield (
                id,
                Node(
                    id,
                    stage,
                    version,
                    values=dict(self.values(where, data.get("values", {}))),
                    links=dict(self.links(where, data.get("links", {}))),
                    at=self.point(where, data.get("at", [0, 0])),
                    title=self.text(where, "title", data.get("title", "")),
                    muted=self.flag(where, data.get("muted", False)),
                    exposed=self.names(where, data.get("exposed", [])),
                    starred=self.names(where, data.get("starred", [])),
                    files=self.files(data.get("files", {})),
                    group=self.home(where, data),
                    collapsed=self.flag(where, data.get("collapsed", False), "collapsed"),
                    colour=self.text(where, "colour", data.get("colour", "")),
                ),
            )

    def values(self, where: str, data: object) -> Iterator[tuple[str, Value]]:
        if not isinstance(data, dict):
            self.say(f"{where} has no proper values; the defaults were taken.")
            return
        for name, value in data.items():
            if not isinstance(value, bool | int | float | str):
                self.say(f"{where} has a {name} that is no value; the default was taken.")
            elif type(value) is int and abs(value) >= WHOLE:
                self.say(f"{where} has a {name} that is far too large; the default was taken.")
            else:
                yield name, value

    def links(self, where: str, data: object) -> Iterator[tuple[str, tuple[Link, ...]]]:
        if not isinstance(data, dict):
            self.say(f"{where} has no proper wires; they were left out.")
            return
        for name, ends in data.items():
            links: dict[Link, None] = {}
            for end in ends if isinstance(ends, list) else [None]:
                match end:
                    case [str(id), str(output)]:
                        links[Link(NodeId(id), output)] = None
                    case _:
                        self.say(f"{where} has a wire on {name} from nowhere; it was left out.")
            if links:
                yield name, tuple(links)

    def names(self, where: str, data: object) -> tuple[str, ...]:
        if isinstance(data, list) and all(isinstance(name, str) for name in data):
            return tuple(dict.fromkeys(data))
        self.say(f"{where} shows parameters that have no names; they were left out.")
        return ()

    def point(self, where: str, data: object) -> Point:
        match data:
            case [int() | float() as x, int() | float() as y] if abs(x) < REACH and abs(y) < REACH:
                return float(x), float(y)
            case _:
                self.say(f"{where} has no sensible place; it was put in the middle.")
                return 0.0, 0.0

    def size(self, where: str, data: object, usual: Point) -> Point:
        match data:
            case [int() | float() as x, int() | float() as y] if 0 < x < REACH and 0 < y < REACH:
                return float(x), float(y)
            case _:
                self.say(f"{where} has no sensible size; the usual one was taken.")
                return usual

    def text(self, where: str, what: str, data: object) -> str:
        if isinstance(data, str):
            return data
        self.say(f"{where} has a {what} that is no text; it was left out.")
        return ""

    def files(self, data: object) -> dict[str, str]:
        """Hints only: what is damaged of them is not missed."""
        told = data if isinstance(data, dict) else {}
        return {path: text for path, text in told.items() if isinstance(text, str)}

    def flag(self, where: str, data: object, what: str = "muted") -> bool:
        if isinstance(data, bool):
            return data
        self.say(f"{where} is neither {what} nor not; it was taken as not {what}.")
        return False

    def things(
        self,
        part: Mapping[str, object],
        taken: set[NodeId],
        read: Callable[[NodeId, Mapping[str, object]], Board],
    ) -> dict[NodeId, Board]:
        """Frames or notes; one whose id is taken gets a new one, since nothing refers to it."""
        found: dict[NodeId, Board] = {}
        for key, data in part.items():
            if not isinstance(data, dict):
                self.say(f"The frame or note {key!r} is damaged, so it was left out.")
                continue
            id = NodeId(key) if key and key not in taken else new_id()
            taken.add(id)
            found[id] = read(id, data)
        return found

    def frame(self, id: NodeId, data: Mapping[str, object]) -> Frame:
        where = f"The frame {id!r}"
        self.unknown(where, data, ("title", "at", "size", "colour", "group"))
        return Frame(
            id,
            self.text(where, "title", data.get("title", "")),
            self.point(where, data.get("at", [0, 0])),
            self.size(where, data.get("size", list(Frame.size)), Frame.size),
            self.text(where, "colour", data.get("colour", "")),
            self.home(where, data),
        )

    def note(self, id: NodeId, data: Mapping[str, object]) -> Note:
        where = f"The note {id!r}"
        self.unknown(where, data, ("text", "at", "size", "colour", "group"))
        return Note(
            id,
            self.text(where, "text", data.get("text", "")),
            self.point(where, data.get("at", [0, 0])),
            self.size(where, data.get("size", list(Note.size)), Note.size),
            self.home(where, data),
            self.text(where, "colour", data.get("colour", "")),
        )

    def bookmarks(self, part: object) -> Iterator[tuple[str, Bookmark]]:
        """One that cannot be read is only a view lost: it is left out, and said."""
        for name, data in part.items() if isinstance(part, dict) else ():
            where = f"The bookmark {name!r}"
            zoom = data.get("zoom") if isinstance(data, dict) else None
            if not isinstance(data, dict) or not isinstance(zoom, int | float) or not 0 < zoom < 99:
                self.say(f"{where} is damaged, so it was left out.")
                continue
            at = self.point(where, data.get("at", [0, 0]))
            yield name, Bookmark(at, float(zoom), self.home(where, data))

    def home(self, where: str, data: Mapping[str, object]) -> NodeId:
        """The group it says it lies in."""
        group = data.get("group", TOP)
        if isinstance(group, str):
            return NodeId(group)
        self.say(f"{where} does not lie in just one group; it was taken out.")
        return TOP

    def groups(
        self, part: Mapping[str, object], taken: set[NodeId]
    ) -> Iterator[tuple[NodeId, Group]]:
        for key, data in part.items():
            if not key or not isinstance(data, dict) or key in taken:
                self.say(f"The group {key!r} is damaged, so what lies in it was taken out.")
                continue
            id, where = NodeId(key), f"The group {key!r}"
            self.unknown(where, data, FACE)
            inputs = self.ports(where, data.get("inputs", {}))
            yield (
                id,
                Group(
                    id,
                    title=self.text(where, "title", data.get("title", "")),
                    at=self.point(where, data.get("at", [0, 0])),
                    colour=self.text(where, "colour", data.get("colour", "")),
                    muted=self.flag(where, data.get("muted", False)),
                    collapsed=self.flag(where, data.get("collapsed", False), "collapsed"),
                    group=self.home(where, data),
                    inputs={name: tuple(Spot(*end) for end in ends) for name, ends in inputs},
                    outputs={
                        name: Link(*ends[0])
                        for name, ends in self.ports(where, data.get("outputs", {}))
                    },
                    params={
                        name: Spot(*ends[0])
                        for name, ends in self.ports(where, data.get("params", {}))
                    },
                    entry=self.point(where, data.get("entry", list(Group.entry))),
                    exit=self.point(where, data.get("exit", list(Group.exit))),
                ),
            )

    def ports(self, where: str, data: object) -> Iterator[tuple[str, list[tuple[NodeId, str]]]]:
        """Name, and the node and its port or parameter that it stands for; an input, several."""
        if not isinstance(data, dict):
            self.say(f"{where} has no proper ports; they were left out.")
            return
        for name, ends in data.items():
            found: dict[tuple[NodeId, str], None] = {}
            for end in ends if isinstance(ends, list) else [None]:
                match end:
                    case [str(id), str(port)]:
                        found[NodeId(id), port] = None
                    case _:
                        self.say(f"{where} has a {name} that stands for nothing; it was left out.")
            if found:
                yield name, list(found)

    def sheltered(self, document: Document) -> Document:
        """With everything in a group that is there, and ports only for what lies inside."""
        if not document.groups and not any(thing.group for thing in document.things()):
            return document
        lost = [
            replace(thing, group=TOP)
            for thing in document.things()
            if self.homeless(thing, document)
        ]
        document = document.add(*lost)
        for id in document.groups:
            if self.buried(document, id):
                document = document.add(replace(document.groups[id], group=TOP))
        return document.add(*(self.with_inner_ports(document, id) for id in document.groups))

    def homeless(self, thing: Thing, document: Document) -> bool:
        gone = bool(thing.group) and thing.group not in document.groups
        if gone:
            self.say(f"The group {thing.group!r} is not in the file; what lay in it was taken out.")
        return gone

    def buried(self, document: Document, id: NodeId) -> bool:
        """Whether a group lies in itself, or deeper than anyone would go."""
        here, depth = document.groups[id].group, 0
        while here and here != id and depth < DEEP:
            here, depth = document.groups[here].group, depth + 1
        if here:
            self.say(f"The group {id!r} lies in itself or far too deep; it was taken out.")
        return bool(here)

    def with_inner_ports(self, document: Document, id: NodeId) -> Group:
        group = document.groups[id]
        ends = {spot.node for spots in group.inputs.values() for spot in spots}
        ends |= {link.node for link in group.outputs.values()}
        ends |= {spot.node for spot in group.params.values()}
        inside = {end for end in ends if end in document.nodes and id in document.path(end)}
        inputs = {
            name: tuple(spot for spot in spots if spot.node in inside)
            for name, spots in group.inputs.items()
        }
        kept = replace(
            group,
            inputs={name: spots for name, spots in inputs.items() if spots},
            outputs={name: link for name, link in group.outputs.items() if link.node in inside},
            params={name: spot for name, spot in group.params.items() if spot.node in inside},
        )
        if kept != group:
            self.say(f"The group {id!r} has ports of nodes outside of it; they were left out.")
        return kept

    def without_dangling(
        self, node: Node, nodes: Collection[NodeId], outside: Collection[NodeId]
    ) -> Node:
        if all(link.node in nodes or link.node in outside for link in wires(node)):
            return node
        links: dict[str, tuple[Link, ...]] = {}
        for name, old in node.links.items():
            kept = tuple(link for link in old if link.node in nodes or link.node in outside)
            if len(kept) < len(old):
                self.say(
                    f"The wire on {name} of the node {node.id!r} ({node.stage}) came from a node "
                    "that is not in the file; it was left out."
                )
            if kept:
                links[name] = kept
        return replace(node, links=links)


def _part(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = data.get(name, {})
    if not isinstance(part, dict):
        raise BadFile(f"Its {name} are damaged: choose an older copy.")
    return part


def _acyclic(nodes: dict[NodeId, Node], say: Callable[[str], None]) -> dict[NodeId, Node]:
    """Without the wires that close a circle, found depth first in the order of the nodes."""
    done: set[NodeId] = set()
    open_: dict[NodeId, Iterator[Link]] = {}
    closing: set[tuple[NodeId, NodeId]] = set()
    for start in nodes:
        todo = [] if start in done else [start]
        while todo:
            id = todo[-1]
            if id not in open_:
                open_[id] = wires(nodes[id])
            link = next(open_[id], None)
            if link is None:
                del open_[id]
                done.add(id)
                todo.pop()
            elif link.node in open_:
                closing.add((link.node, id))
            elif link.node in nodes and link.node not in done:
                todo.append(link.node)
    result = dict(nodes)
    for source, target in sorted(closing):
        say(f"The wire from the node {source!r} to {target!r} closed a circle; it was left out.")
        node = result[target]
        links = {k: tuple(link for link in v if link.node != source) for k, v in node.links.items()}
        result[target] = replace(node, links={k: v for k, v in links.items() if v})
    return result
