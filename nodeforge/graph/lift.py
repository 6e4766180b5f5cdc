"""What was edited at one level of the graph, carried over to the whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from nodeforge.errors import BadLink
from nodeforge.graph.document import TOP, Document, Group, Link, Node, NodeId, Spot, Thing, diff
from nodeforge.graph.groups import NEW, free_name

if TYPE_CHECKING:
    from nodeforge.graph.level import Level

PARTS = ("nodes", "frames", "notes", "groups")


class Lift:
    """whole: the document, with one of its levels edited. Raises BadLink for a circle."""

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
        shown = replace(group, at=face.at, title=face.title, colour=face.colour)
        self.whole = self.whole.add(replace(shown, muted=face.muted, collapsed=face.collapsed))

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
        if any(link.node in self.level.rails for link in links):
            raise BadLink("What comes into a group cannot go straight out: put a node between.")
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
            for around in self.whole.path(scope):
                self._give_on(self.whole.groups[around], old, new)

    def _give_on(self, face: Group, old: Link, new: Link | None) -> None:
        """A group around ours gives the new output in place of the old one."""
        outputs = {
            name: each
            for name, link in face.outputs.items()
            if (each := new if link == old else link)
        }
        self.whole = self.whole.add(replace(face, outputs=outputs))

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
