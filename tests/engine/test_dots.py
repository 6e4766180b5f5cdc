"""A dot in a wire: runs look past it."""

from __future__ import annotations

from nodeforge.graph.document import Link, NodeId
from nodeforge.graph.dots import with_dot
from nodeforge.stages.library import Library
from tests.engine.conftest import Go
from tests.engine.graphs import cached, graph, node, queued
from tests.engine.stages import CALLS

PAIR = graph(node("a", "solid"), node("b", "invert", image="a"))


def test_a_dot_runs_nothing_again(go: Go, library: Library) -> None:
    go(PAIR)
    dotted, _dot = with_dot(
        PAIR, library.known, NodeId("b"), "image", Link(NodeId("a"), "image"), (0, 0)
    )
    events = go(dotted)
    assert cached(events)["b"]
    assert queued(events) == []
    assert CALLS == []


def test_a_graph_that_ends_in_a_dot_makes_what_comes_to_it(go: Go, library: Library) -> None:
    dotted, _ = with_dot(
        PAIR, library.known, NodeId("b"), "image", Link(NodeId("a"), "image"), (0, 0)
    )
    assert queued(go(dotted.remove(NodeId("b")))) == ["a"]
