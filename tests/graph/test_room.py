"""Neighbours give way to a node that is put between them."""

from __future__ import annotations

from dataclasses import replace

from nodeforge.graph.document import Document, NodeId
from nodeforge.graph.room import GAP, WIDE, with_room
from tests.graph.samples import node

A, B, C, D = (NodeId(name) for name in "abcd")


def chain(*xs: float) -> Document:
    """a -> b -> c -> d, at these places from left to right."""
    stages = ("source.load_image", "picture.sharpen", "picture.sharpen", "finish.view")
    document = Document()
    for id, stage, x in zip("abcd", stages, xs, strict=True):
        document = document.add(replace(node(id, stage), at=(x, 0.0)))
    for one, two in ((A, B), (B, C), (C, D)):
        document = document.connect(one, "image", two, "image")
    return document


def xs(document: Document) -> list[float]:
    return [document.nodes[id].at[0] for id in (A, B, C, D)]


def test_with_room_nothing_moves() -> None:
    document = chain(0, 248, 496, 744)
    assert with_room(document, B, {}) == document


def test_all_that_it_feeds_moves_as_far() -> None:
    assert xs(with_room(chain(0, 124, 248, 500), B, {})) == [0, 248, 496, 748]


def test_what_lies_at_the_left_stays() -> None:
    assert xs(with_room(chain(0, 248, 300, -400), B, {})) == [0, 248, 500, -400]


def test_a_wire_that_runs_backwards_asks_for_nothing() -> None:
    document = chain(600, 800, 0, 248)
    after = with_room(document, B, {})
    assert xs(after) == [600, 600 + WIDE + GAP, 0, 248]


def test_what_it_would_lie_on_gives_way_with_all_that_it_feeds() -> None:
    """A picture with two ways on: the upper one gets a node, which is as wide as the gap."""
    document = chain(0, 100, 600, 900)
    view = replace(node("v", "finish.view"), at=(248.0, -60.0))
    save = replace(node("w", "finish.view"), at=(300.0, 400.0))
    document = document.add(view, save).connect(A, "image", NodeId("v"), "image")
    document = document.connect(NodeId("v"), "image", NodeId("w"), "image")
    after = with_room(document, B, {B: 100.0, NodeId("v"): 61.0})
    assert after.nodes[B].at == (248.0, 0.0)
    assert after.nodes[NodeId("v")].at == (496.0, -60.0)
    assert after.nodes[NodeId("w")].at == (548.0, 400.0), "it goes with what feeds it"
    assert xs(after)[2:] == [600, 900], "they have room"
    assert with_room(document, B, {NodeId("v"): 60.0}).nodes[NodeId("v")].at == (248.0, -60.0)
