"""Many random edits of levels: the document stays whole, and every level stays a graph."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from nodeforge.errors import BadFile, BadLink
from nodeforge.graph.clipboard import copy, paste
from nodeforge.graph.document import TOP, Document, NodeId, Spot, new_id, wires
from nodeforge.graph.edits import best_ports, dissolve, insert_on_wire
from nodeforge.graph.file import dumps, opened
from nodeforge.graph.groups import grouped, reveal_param, unpacked
from nodeforge.graph.history import History
from nodeforge.graph.level import Level, level
from nodeforge.graph.problems import check_link
from nodeforge.graph.spec import input_port
from tests.graph.samples import SPECS, node

Name = TypeVar("Name", bound=str)
STAGES = ["source.load_image", "picture.sharpen", "picture.blend", "picture.stack", "finish.view"]


class Hand:
    """Someone who knows no better, at one level or another."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.history = History()
        self.scope: NodeId = TOP

    @property
    def whole(self) -> Document:
        return self.history.document

    @property
    def level(self) -> Level:
        if self.scope not in self.whole.groups:
            self.scope = TOP
        return level(self.whole, SPECS, self.scope)

    def one(self, ids: Iterable[Name]) -> Name | None:
        some = list(ids)
        return self.data.draw(st.sampled_from(some)) if some else None

    def some(self) -> list[NodeId]:
        here = [id for id in self.level.document.nodes if id not in self.level.rails]
        return self.data.draw(st.lists(st.sampled_from(here), unique=True)) if here else []

    def add(self) -> None:
        new = node(new_id(), self.data.draw(st.sampled_from(STAGES)))
        self.history.do("", self.level.applied(self.level.document.add(new)))

    def wire(self) -> None:
        here = self.level
        source, target = self.one(here.document.nodes), self.one(here.document.nodes)
        if source is None or target is None:
            return
        giver = here.specs[here.document.nodes[source].stage]
        taker = here.specs[here.document.nodes[target].stage]
        output, input = self.one(giver.output), self.one(taker.input)
        if output is None or input is None:
            return
        if check_link(here.document, here.specs, source, output, target, input):
            return
        port = input_port(taker, input)
        after = here.document.connect(source, output, target, input, bool(port and port.many))
        self.history.do("", here.applied(after))

    def best(self) -> None:
        here = self.level
        source, target = self.one(here.document.nodes), self.one(here.document.nodes)
        if source is None or target is None:
            return
        giver, taker = here.document.nodes[source].stage, here.document.nodes[target].stage
        if ports := best_ports(here.specs, giver, taker):
            after = here.document.connect(source, ports[0], target, ports[1])
            self.history.do("", here.applied(after))

    def unwire(self) -> None:
        here = self.level
        wired = [id for id, each in here.document.nodes.items() if each.links]
        if id := self.one(wired):
            input = self.one(here.document.nodes[id].links)
            assert input is not None
            link = self.data.draw(st.sampled_from(here.document.nodes[id].links[input]))
            self.history.do("", here.applied(here.document.disconnect(id, input, link)))

    def insert(self) -> None:
        here = self.level
        wired = [id for id, each in here.document.nodes.items() if each.links]
        if id := self.one(wired):
            input = self.one(here.document.nodes[id].links)
            assert input is not None
            link = here.document.nodes[id].links[input][0]
            new = node(new_id(), "picture.sharpen")
            grown = here.document.add(new)
            after = insert_on_wire(grown, here.specs, new.id, id, input, link)
            self.history.do("", here.applied(after))

    def delete(self) -> None:
        self.history.do("", self.whole.remove(*self.some()))

    def dissolve(self) -> None:
        here = self.level
        self.history.do("", here.applied(dissolve(here.document, here.specs, self.some())))

    def mute(self) -> None:
        here = self.level
        self.history.do("", here.applied(here.document.mute(True, *self.some())))

    def move(self) -> None:
        here = self.level
        places = {
            id: (float(self.data.draw(st.integers(-9, 9))), 1.0) for id in here.document.nodes
        }
        self.history.do("", here.applied(here.document.move(places)))

    def group(self) -> None:
        after, _ = grouped(self.whole, SPECS, self.some())
        self.history.do("", after)

    def unpack(self) -> None:
        here = [id for id, group in self.whole.groups.items() if group.group == self.level.scope]
        if id := self.one(here):
            self.history.do("", unpacked(self.whole, [id])[0])

    def reveal(self) -> None:
        inner = [id for id, each in self.whole.nodes.items() if each.stage == "picture.sharpen"]
        if (id := self.one(inner)) and (around := self.whole.path(id)):
            spot = Spot(id, "amount")
            self.history.do("", reveal_param(self.whole, around[-1], spot))

    def dive(self) -> None:
        self.scope = self.one([TOP, *self.whole.groups]) or TOP

    def duplicate(self) -> None:
        text = copy(self.whole, self.some(), inputs=True)
        with contextlib.suppress(BadFile):
            self.history.do("", paste(self.whole, text, group=self.level.scope)[0])

    def undo(self) -> None:
        self.history.undo()

    def redo(self) -> None:
        self.history.redo()


def whole(document: Document) -> None:
    """Whether it can be saved, made, and looked at from anywhere."""
    assert opened(dumps(document)) == (document, [])
    document.order()
    for scope in (TOP, *document.groups):
        here = level(document, SPECS, scope)
        assert here.applied(here.document) == document
        for each in here.document.nodes.values():
            assert all(link.node in here.document.nodes for link in wires(each))
            spec = here.specs[each.stage]
            assert set(each.links) <= set(spec.input)
            for link in wires(each):
                assert link.output in here.specs[here.document.nodes[link.node].stage].output


ACTS = [
    *("add", "add", "wire", "wire", "best", "best", "unwire", "insert", "delete", "dissolve"),
    *("mute", "move", "group", "group", "unpack", "reveal", "dive", "dive", "duplicate"),
    *("undo", "redo"),
]


@settings(max_examples=60)
@given(st.data())
def test_whatever_a_hand_does_the_document_stays_whole(data: st.DataObject) -> None:
    hand = Hand(data)
    for _ in range(3):
        hand.add()
    for act in data.draw(st.lists(st.sampled_from(ACTS), min_size=5, max_size=40)):
        with contextlib.suppress(BadLink):
            getattr(hand, act)()
        whole(hand.whole)
