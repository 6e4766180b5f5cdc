"""Evaluation sees through groups."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nodeforge.engine.cache import MemoryCache
from nodeforge.engine.execute import plan
from nodeforge.engine.keys import keys
from nodeforge.graph.document import Document, NodeId
from nodeforge.graph.groups import grouped, quieted, unpacked
from nodeforge.stages.library import Library
from tests.engine.conftest import Go
from tests.engine.graphs import cached, failures, graph, node, queued
from tests.engine.stages import CALLS
from tests.graph.samples import SPECS, documents

A, B, C = NodeId("a"), NodeId("b"), NodeId("c")
TRIO = graph(node("a", "solid"), node("b", "invert", image="a"), node("c", "invert", image="b"))


@given(documents(), st.data())
def test_no_key_moves_by_grouping_and_unpacking(document: Document, data: st.DataObject) -> None:
    here = [thing.id for thing in document.things() if not thing.group]
    if not here:
        return
    ids = data.draw(st.lists(st.sampled_from(here), min_size=1, unique=True))
    after, id = grouped(document, SPECS, ids)
    assert keys(unpacked(after, [id])[0], SPECS) == keys(document, SPECS)
    muted = {id for id, each in quieted(document).nodes.items() if each.muted}
    before, now = (
        {id: key for id, key in keys(some, SPECS).items() if id not in muted}
        for some in (document, after)
    )
    assert now == before


def test_grouping_and_unpacking_run_nothing_again(go: Go, library: Library) -> None:
    go(TRIO)
    inner, first = grouped(TRIO, library.specs, [B])
    outer, second = grouped(inner, library.specs, [A, first])
    for document in (inner, outer, unpacked(outer, [second])[0], unpacked(inner, [first])[0]):
        assert cached(go(document, "a", "b", "c")) == {"a": True, "b": True, "c": True}
        assert CALLS == []


def test_a_failure_inside_a_group_is_said_at_the_inner_node(go: Go, library: Library) -> None:
    document = TRIO.add(node("b", "fail", image="a"))
    document, _ = grouped(document, library.specs, [B])
    assert set(failures(go(document))) == {"b"}


def test_a_muted_group_runs_nothing_and_passes_what_comes_in(go: Go, library: Library) -> None:
    straight = go(TRIO.connect(A, "image", C, "image"))
    document, id = grouped(TRIO, library.specs, [B])
    muted = go(document.mute(True, id))
    assert cached(muted) == {"a": True, "b": True, "c": True}
    assert queued(muted) == []
    assert straight
    assert queued(go(document)) == ["c"], "b is what c was before"


def test_what_a_muted_group_passes_is_made_before_it_is_taken(go: Go, library: Library) -> None:
    """Without the group, nothing that is made needs what comes in."""
    document = graph(
        node("c", "invert", image="b"),
        node("b", "solid"),
        node("x", "invert", image="a"),
        node("a", "invert", image="z"),
        node("z", "solid"),
    )
    document, id = grouped(document, library.specs, [B, NodeId("x")])
    events = go(document.mute(True, id), "c")
    assert queued(events) == ["z", "a", "c"]
    assert not failures(events)


def test_an_effect_in_a_muted_group_does_not_happen(go: Go, library: Library) -> None:
    document = TRIO.add(node("w", "write", image="c"))
    document, id = grouped(document, library.specs, [NodeId("w")])
    assert queued(go(document.mute(True, id))) == ["a", "b", "c"]


def test_a_plan_sees_through_groups(library: Library, cache: MemoryCache) -> None:
    document, id = grouped(TRIO, library.specs, [A, B])
    assert plan(document, library, cache).fate == {"a": "run", "b": "run", "c": "run"}
    loose = document.mute(True, id)
    fate = plan(loose, library, cache).fate
    assert fate[C].startswith("Needs an image")
