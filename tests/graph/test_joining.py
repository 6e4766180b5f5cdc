"""The wires one would draw next anyway."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nodeforge.errors import BadLink
from nodeforge.graph.document import Document, Link, Node, NodeId
from nodeforge.graph.habits import kind, learnt
from nodeforge.graph.joining import (
    End,
    between_ends,
    fed,
    gone_on,
    joined,
    likeliest,
    nearest_above,
)
from tests.graph.samples import SPECS, node

MODEL, PROMPT, SAMPLE, SIZE = NodeId("m"), NodeId("p"), NodeId("s"), NodeId("e")


@pytest.fixture
def document() -> Document:
    made = Document().add(
        node(MODEL, "source.load_model"), node(PROMPT, "guide.prompt"),
        node(SAMPLE, "generate.sample"), node(SIZE, "source.empty_latent"),
    )  # fmt: skip
    return made.connect(MODEL, "model", PROMPT, "model")


def test_a_node_takes_from_the_selected_one(document: Document) -> None:
    after = gone_on(document, SPECS, [PROMPT], SAMPLE)
    assert after.nodes[SAMPLE].links == {"positive": (Link(PROMPT, "conditioning"),)}


def test_several_selected_ones_each_get_an_input_of_their_own(document: Document) -> None:
    after = gone_on(document, SPECS, [MODEL, PROMPT, SIZE], SAMPLE)
    assert set(after.nodes[SAMPLE].links) == {"model", "positive", "latent"}


def test_a_node_with_nothing_to_take_feeds_the_selected_one(document: Document) -> None:
    after = gone_on(document, SPECS, [SAMPLE], SIZE)
    assert after.nodes[SAMPLE].links["latent"] == (Link(SIZE, "latent"),)


def test_no_wire_that_is_there_is_replaced(document: Document) -> None:
    full = document.connect(SIZE, "latent", SAMPLE, "latent")
    full = full.add(node("e2", "source.empty_latent"))
    assert gone_on(full, SPECS, [SAMPLE], NodeId("e2")) == full


def test_what_else_it_needs_comes_from_up_the_wires(document: Document) -> None:
    after = fed(gone_on(document, SPECS, [PROMPT], SAMPLE), SPECS, SAMPLE)
    assert after.nodes[SAMPLE].links["model"] == (Link(MODEL, "model"),)
    assert "latent" not in after.nodes[SAMPLE].links


def test_a_node_that_feeds_is_fed_from_beside(document: Document) -> None:
    wired = document.connect(MODEL, "model", SAMPLE, "model").add(node("n", "guide.prompt"))
    after = fed(gone_on(wired, SPECS, [SAMPLE], NodeId("n")), SPECS, NodeId("n"))
    assert after.nodes[NodeId("n")].links["model"] == (Link(MODEL, "model"),)


def test_of_two_as_near_neither_is_taken(document: Document) -> None:
    two = document.add(node("m2", "source.load_model"), node("p2", "guide.prompt"))
    two = two.connect(NodeId("m2"), "model", NodeId("p2"), "model")
    two = gone_on(two, SPECS, [PROMPT, NodeId("p2")], SAMPLE)
    assert nearest_above(two, SPECS, End(SAMPLE, "model", out=False)) is None


def test_the_only_output_there_is_is_taken_from_anywhere(document: Document) -> None:
    entry = End(SAMPLE, "model", out=False)
    assert nearest_above(document, SPECS, entry) is None
    assert likeliest(document, SPECS, entry) == Link(MODEL, "model")
    assert likeliest(document.add(node("m2", "source.load_model")), SPECS, entry) is None
    used = document.connect(PROMPT, "conditioning", SAMPLE, "positive")
    assert likeliest(used, SPECS, End(SAMPLE, "negative", out=False)) is None


def test_what_a_node_feeds_is_nothing_to_take(document: Document) -> None:
    """Nor, further down, what that feeds; a thousand of them are looked at once."""
    entry = End(NodeId("d0"), "image", out=False)
    chain = document.add(node("d0", "picture.sharpen"), node("d1", "picture.sharpen"))
    assert likeliest(chain, SPECS, entry) == Link(NodeId("d1"), "image")
    chain = chain.connect(NodeId("d0"), "image", NodeId("d1"), "image")
    assert likeliest(chain, SPECS, entry) is None
    for number in range(2, 1000):
        chain = chain.add(node(f"d{number}", "picture.sharpen"))
        chain = chain.connect(NodeId(f"d{number - 1}"), "image", NodeId(f"d{number}"), "image")
    looked: list[NodeId] = []

    class Counted(dict[NodeId, Node]):
        def __getitem__(self, id: NodeId) -> Node:
            looked.append(id)
            return super().__getitem__(id)

    counted = replace(chain, nodes=Counted(chain.nodes))
    assert likeliest(counted, SPECS, entry) is None
    assert len(looked) < 5 * len(chain.nodes)


def test_a_wire_on_a_node_finds_the_best_port(document: Document) -> None:
    free = between_ends(document, SPECS, End(PROMPT, "conditioning", out=True), SAMPLE)
    assert free == (Link(PROMPT, "conditioning"), End(SAMPLE, "positive", out=False))
    wired = joined(document, SPECS, End(PROMPT, "conditioning", out=True), SAMPLE)
    found = between_ends(wired, SPECS, End(PROMPT, "conditioning", out=True), SAMPLE)
    assert found is not None
    assert found[1].name == "negative"
    back = joined(document, SPECS, End(SAMPLE, "latent", out=False), SIZE)
    assert back.nodes[SAMPLE].links["latent"] == (Link(SIZE, "latent"),)


def test_a_node_that_takes_nothing_of_the_kind_says_so(document: Document) -> None:
    with pytest.raises(BadLink, match="takes no latent"):
        joined(document, SPECS, End(SIZE, "latent", out=True), PROMPT)


def test_habits_are_counted(document: Document) -> None:
    after = fed(gone_on(document, SPECS, [PROMPT], SAMPLE), SPECS, SAMPLE)
    habits = learnt([after, after], SPECS)
    assert habits.after("source.load_model") == {
        ("guide.prompt", ""): 2.0,
        ("generate.sample", ""): 1.0,
    }
    assert habits.before("generate.sample", "positive") == {("guide.prompt", ""): 2}
    assert habits.usual("generate.sample", "positive")
    assert not habits.usual("generate.sample", "latent")
    assert habits.last == {("generate.sample", ""): 2, ("source.empty_latent", ""): 2}
    assert habits.first == {("source.load_model", ""): 2, ("source.empty_latent", ""): 2}
    assert kind(after.nodes[PROMPT], SPECS) == ("guide.prompt", "")
