"""Notes follow their nodes, and lie under none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nodeforge.graph.document import NodeId
from nodeforge.graph.lanes import Box
from nodeforge.graph.notes import beside

A, B, NOTE = NodeId("a"), NodeId("b"), NodeId("note")
boxes = st.builds(
    Box,
    st.integers(-900, 900).map(float),
    st.integers(-900, 900).map(float),
    st.integers(40, 300).map(float),
    st.integers(40, 300).map(float),
)
many = st.dictionaries(st.sampled_from([NodeId(f"n{n}") for n in range(12)]), boxes, max_size=12)


def touches(one: Box, other: Box) -> bool:
    across = one.x < other.right and other.x < one.right
    return across and one.y < other.bottom and other.y < one.bottom


def test_a_note_keeps_its_place_beside_its_node() -> None:
    before = {A: Box(0, 0, 200, 100), B: Box(600, 0, 200, 100)}
    after = {A: Box(0, 500, 200, 100), B: before[B]}
    assert beside({NOTE: Box(0, -80, 200, 60)}, before, after) == {NOTE: (0, 420)}
    assert beside({NOTE: Box(600, -80, 200, 60)}, before, after) == {}


def test_a_note_gives_way_to_the_nearest_free_place() -> None:
    before = {A: Box(0, 0, 200, 100), B: Box(600, 0, 200, 100)}
    after = {A: before[A], B: Box(0, 120, 200, 100)}
    assert beside({NOTE: Box(0, 110, 200, 40)}, before, after) == {NOTE: (0, 236)}


@given(many, many, st.lists(boxes, min_size=1, max_size=4))
def test_no_note_lies_on_a_node_or_on_another(
    before: dict[NodeId, Box], after: dict[NodeId, Box], notes: list[Box]
) -> None:
    named = {NodeId(f"note{n}"): box for n, box in enumerate(notes)}
    places = beside(named, before, after)
    now = [box.moved(places.get(id, (box.x, box.y))) for id, box in named.items()]
    assert not any(touches(note, box) for note in now for box in after.values())
    assert not any(touches(a, b) for n, a in enumerate(now) for b in now[:n])


@given(many, st.lists(boxes, min_size=1, max_size=4))
def test_where_all_is_free_nothing_moves(after: dict[NodeId, Box], notes: list[Box]) -> None:
    named = {NodeId(f"note{n}"): box for n, box in enumerate(notes)}
    places = beside(named, after, after)
    once = {id: box.moved(places.get(id, (box.x, box.y))) for id, box in named.items()}
    assert beside(once, after, after) == {}
