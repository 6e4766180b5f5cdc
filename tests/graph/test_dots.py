"""Dots bend wires: typed by what flows, gone without a trace, and no part of any key."""

from __future__ import annotations

import pytest

from nodeforge.engine.keys import keys
from nodeforge.errors import BadLink
from nodeforge.graph.document import Document, Link, NodeId
from nodeforge.graph.dots import dot_specs, with_dot
from nodeforge.graph.edits import dissolve
from nodeforge.graph.file import dumps, opened
from nodeforge.graph.groups import grouped
from nodeforge.graph.problems import check_link, problems
from tests.graph.samples import SPECS, node

ALL = {**SPECS, **dot_specs(SPECS.values())}
LOAD, SHARP, VIEW = NodeId("load"), NodeId("sharp"), NodeId("view")


@pytest.fixture
def document() -> Document:
    made = Document().add(
        node(LOAD, "source.load_image"), node(SHARP, "picture.sharpen"), node(VIEW, "finish.view")
    )
    return made.connect(LOAD, "image", SHARP, "image").connect(SHARP, "image", VIEW, "image")


def test_a_dot_takes_and_gives_what_flows_through(document: Document) -> None:
    after, dot = with_dot(document, ALL, VIEW, "image", Link(SHARP, "image"), (5.0, 5.0))
    assert after.nodes[VIEW].links["image"] == (Link(dot, "out"),)
    assert after.nodes[dot].links["in"] == (Link(SHARP, "image"),)
    assert after.nodes[dot].stage == "dot.Image"
    latent = after.add(node("latent", "source.empty_latent"))
    assert check_link(latent, ALL, NodeId("latent"), "latent", dot, "in")
    assert opened(dumps(after)) == (after, [])
    assert not problems(after, ALL).get(dot)


def test_a_wire_that_is_gone_takes_no_dot(document: Document) -> None:
    with pytest.raises(BadLink):
        with_dot(document, ALL, VIEW, "image", Link(LOAD, "image"), (0.0, 0.0))


def test_a_dot_that_goes_leaves_the_wire(document: Document) -> None:
    after, dot = with_dot(document, ALL, VIEW, "image", Link(SHARP, "image"), (5.0, 5.0))
    again, other = with_dot(after, ALL, VIEW, "image", Link(dot, "out"), (9.0, 9.0))
    assert dissolve(again, ALL, [dot, other]) == document
    assert dissolve(again, ALL, [dot]).nodes[VIEW].links["image"] == (Link(other, "out"),)


def test_no_key_knows_of_dots(document: Document) -> None:
    plain = keys(document, ALL)
    after, dot = with_dot(document, ALL, SHARP, "image", Link(LOAD, "image"), (5.0, 5.0))
    after, _ = with_dot(after, ALL, SHARP, "image", Link(dot, "out"), (9.0, 9.0))
    dotted = keys(after, ALL)
    assert {id: dotted[id] for id in plain} == plain
    inside, _ = grouped(after, ALL, [dot, SHARP])
    assert {id: keys(inside, ALL)[id] for id in plain} == plain


def test_a_dot_nothing_comes_through_is_told_where_it_is_missed(document: Document) -> None:
    after, dot = with_dot(document, ALL, VIEW, "image", Link(SHARP, "image"), (5.0, 5.0))
    cut = after.disconnect(dot, "in")
    (problem,) = problems(cut, ALL)[VIEW]
    assert "connect something to the dot" in problem.message
