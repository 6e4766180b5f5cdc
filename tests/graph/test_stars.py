"""Starred parameters: kept in the document, in its order, without moving a key."""

from __future__ import annotations

from nodeforge.graph import file
from nodeforge.graph.document import Document, Group, Node, NodeId, Spot
from nodeforge.graph.stars import controls, real_spot, star_usual
from tests.graph.samples import SPECS

PROMPT, SAMPLE = NodeId("prompt"), NodeId("sample")
GRAPH = Document().add(Node(PROMPT, "guide.prompt"), Node(SAMPLE, "generate.sample"))


def test_controls_come_in_the_order_of_the_document() -> None:
    document = GRAPH.star(SAMPLE, "steps").star(PROMPT, "text").star(SAMPLE, "seed")
    spots = [spot for spot, _ in controls(document, SPECS)]
    assert spots == [Spot(PROMPT, "text"), Spot(SAMPLE, "steps"), Spot(SAMPLE, "seed")]
    assert controls(document.star(PROMPT, "text", False), SPECS)[0][0].node == SAMPLE
    assert document.star(PROMPT, "text") == document


def test_what_is_gone_is_no_control() -> None:
    document = GRAPH.star(SAMPLE, "nothing").star(PROMPT, "text").remove(PROMPT)
    assert controls(document, SPECS) == []


def test_stars_are_in_the_file() -> None:
    document = GRAPH.star(SAMPLE, "steps")
    assert file.loads(file.dumps(document)) == document
    assert "starred" not in file.dumps(GRAPH)


def test_the_usual_ones_are_prompts_and_what_samples() -> None:
    names = {spot.name for spot, _ in controls(star_usual(GRAPH, SPECS), SPECS)}
    assert {"text", "seed", "steps"} <= names
    assert star_usual(star_usual(GRAPH, SPECS), SPECS) == star_usual(GRAPH, SPECS)


def test_a_parameter_on_the_face_of_a_group_is_that_of_the_node_inside() -> None:
    group = Group(NodeId("g"), params={"words": Spot(PROMPT, "text")})
    document = GRAPH.add(group)
    assert real_spot(document, group.id, "words") == Spot(PROMPT, "text")
    assert real_spot(document, SAMPLE, "steps") == Spot(SAMPLE, "steps")
