"""Tidy, align and distribute: nothing overlaps, wires run to the right, and it takes no time."""

from __future__ import annotations

import time
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeforge.graph.document import Document, NodeId, wires
from nodeforge.graph.lanes import Box, Boxes, Order, Places
from nodeforge.graph.layout import aligned, around, distributed, laid_out
from tests.graph.samples import chain, documents, n, node, picture

HEIGHTS = (30.0, 120.0, 260.0)


def boxes_of(document: Document) -> dict[NodeId, Box]:
    return {
        id: Box(i * 37.0 % 400, i * 91.0 % 300, 200.0, HEIGHTS[i % 3])
        for i, id in enumerate(document.nodes)
    }


def overlapping(boxes: Boxes) -> list[tuple[NodeId, NodeId]]:
    return [
        (a, b)
        for a, b in combinations(boxes, 2)
        if boxes[a].x < boxes[b].right - 1
        and boxes[b].x < boxes[a].right - 1
        and boxes[a].y < boxes[b].bottom - 1
        and boxes[b].y < boxes[a].bottom - 1
    ]


def moved(boxes: Boxes, places: Places) -> dict[NodeId, Box]:
    return {id: box.moved(places[id]) for id, box in boxes.items()}


@given(documents())
def test_nothing_overlaps_and_wires_run_to_the_right(document: Document) -> None:
    boxes = boxes_of(document)
    places, shown = laid_out(document, boxes)
    after = moved(boxes, places)
    assert not shown
    assert not overlapping(after)
    for id, each in document.nodes.items():
        for link in wires(each):
            assert after[link.node].right < after[id].x


def test_a_chain_lies_in_one_line_from_where_it_was() -> None:
    boxes = {id: Box(80.0, 240.0 + i, 200, 100) for i, id in enumerate(picture().nodes)}
    places, _ = laid_out(picture(), boxes)
    assert places[n("load")] == (80, 240)
    assert len({y for _, y in places.values()}) == 1
    assert places[n("load")][0] < places[n("sharp")][0] < places[n("view")][0]


def test_what_lies_in_a_frame_stays_in_it() -> None:
    document = picture().add(node("other", "picture.sharpen", "image=load.image"))
    boxes = {
        n("load"): Box(0, 0, 200, 100),
        n("sharp"): Box(300, 0, 200, 100),
        n("view"): Box(900, 50, 200, 100),
        n("other"): Box(310, 10, 200, 100),
    }
    frames = {
        n("outer"): Box(-60, -90, 700, 300),
        n("inner"): Box(-20, -40, 260, 200),
        n("empty"): Box(2000, 0, 100, 100),
    }
    places, shown = laid_out(document, boxes, frames)
    after = moved(boxes, places)
    assert set(shown) == {n("outer"), n("inner")}
    assert shown[n("inner")].holds(after[n("load")])
    assert shown[n("outer")].holds(shown[n("inner")])
    assert shown[n("outer")].holds(after[n("sharp")])
    assert not shown[n("outer")].holds(after[n("view")])
    assert not overlapping(after)
    assert not overlapping({n("view"): after[n("view")], n("outer"): shown[n("outer")]})


def test_frames_that_feed_one_another_in_a_circle_are_laid_out_all_the_same() -> None:
    boxes = {id: Box(i * 300.0, 0, 200, 100) for i, id in enumerate(picture().nodes)}
    boxes[n("view")] = Box(0, 150, 200, 100)
    frames = {n("f"): Box(-10, -10, 220, 270)}
    places, shown = laid_out(picture(), boxes, frames)
    assert not overlapping({**shown, n("sharp"): boxes[n("sharp")].moved(places[n("sharp")])})


def test_a_wire_passes_above_or_below_what_lies_between_its_ends() -> None:
    document = Document().add(
        node("load", "source.load_image"),
        node("soft", "picture.sharpen", "image=load.image"),
        node("hard", "picture.sharpen", "image=load.image"),
        node("blend", "picture.blend", "a=soft.image", "b=hard.image"),
        node("last", "picture.blend", "a=blend.image", "b=load.image"),
    )
    boxes = {id: Box(0, 0, 200, 120) for id in document.nodes}
    ports = {"a": 40.0, "b": 60.0}
    places, _ = laid_out(document, boxes, None, lambda id, port, out: ports.get(port, 40.0))
    after = moved(boxes, places)
    ends = after[n("load")].y + 40, after[n("last")].y + 60
    for id in (n("soft"), n("hard"), n("blend")):
        assert max(ends) < after[id].y or min(ends) > after[id].bottom


def test_rules_that_contradict_are_left_out_and_the_others_hold() -> None:
    order = Order([n("a"), n("b"), n("c")])
    assert order.put(n("c"), n("b"), 10)
    assert order.put(n("b"), n("a"), 20)
    assert not order.put(n("a"), n("c"), 0)
    assert not order.put(n("a"), n("a"), 0)
    down = order.nearest({n("a"): 0, n("b"): 0, n("c"): 0})
    assert down == {n("c"): -15, n("b"): -5, n("a"): 15}
    assert order.room(n("b"), down) == (-5, -5)


def tangle(length: int) -> Document:
    """A chain in which each also feeds one far behind, and the first feeds all."""
    document = chain(length)
    for i in range(length):
        for far in {i % 50, 0} & set(range(i)):
            document = document.connect(n(f"n{far}"), "image", n(f"n{i}"), f"far{far}")
    return document


@pytest.mark.parametrize(
    "document", [chain(1000), chain(10_000), tangle(1000)], ids=["chain", "long chain", "tangle"]
)
def test_many_nodes_take_no_time(document: Document) -> None:
    count = len(document.nodes)
    began = time.perf_counter()
    laid_out(document, boxes_of(document))
    assert time.perf_counter() - began < count / 1000


def test_lining_up() -> None:
    boxes = {n("a"): Box(0, 0, 100, 50), n("b"): Box(30, 80, 200, 50), n("c"): Box(60, 300, 40, 90)}
    assert {x for x, _ in aligned(boxes, "left").values()} == {0}
    assert aligned(boxes, "right") == {n("a"): (130, 0), n("b"): (30, 80), n("c"): (190, 300)}
    assert aligned(boxes, "centre")[n("c")] == (95, 300)
    assert {y for _, y in aligned(boxes, "top").values()} == {0}
    assert aligned(boxes, "bottom")[n("a")] == (0, 340)
    assert aligned({}, "left") == {}


def boxes_fit(boxes: Boxes) -> bool:
    return sum(box.width for box in boxes.values()) <= around(boxes.values()).width


@given(st.lists(st.tuples(*[st.integers(0, 999)] * 3), min_size=3, max_size=9))
def test_spreading_leaves_equal_gaps(rows: list[tuple[int, int, int]]) -> None:
    boxes = {n(str(i)): Box(x, y, 10 + wide, 20) for i, (x, y, wide) in enumerate(rows)}
    places = distributed(boxes, across=True)
    after = sorted(moved(boxes, places).values(), key=lambda box: (box.x, box.right))
    gaps = [second.x - first.right for first, second in pairwise(after)]
    if min(gaps) >= 0 and boxes_fit(boxes):
        assert max(gaps) - min(gaps) < 1e-6
    assert around(after).x == around(boxes.values()).x
    assert distributed(dict(list(boxes.items())[:2]), across=True) == {}
