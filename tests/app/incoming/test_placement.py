"""What each place does with what is dropped there, decided without a window."""

from __future__ import annotations

import pytest

from nodeforge.app.incoming.placement import Landing, Source, Target, landing, place
from nodeforge.graph.document import Document, Link, Node, NodeId
from nodeforge.graph.spec import Specs, StageSpec

A, B, P, E = NodeId("a"), NodeId("b"), NodeId("p"), NodeId("e")
HERE = (10.0, 20.0)
CAT = Source("source.load_image", "file", "image", {"file": "cat.png"})
STYLE = Source("guide.lora", "file", "lora", {"file": "style.safetensors"})


@pytest.fixture
def known(specs: tuple[StageSpec, ...]) -> Specs:
    return {spec.id: spec for spec in specs}


def graph() -> Document:
    """Load image into Blend's first input; an Encode with nothing on it."""
    return (
        Document()
        .add(Node(A, "source.load_image"), Node(B, "picture.blend"), Node(E, "generate.encode"))
        .connect(A, "image", B, "a")
    )


def dropped(
    document: Document, known: Specs, target: Target, source: Source
) -> tuple[Landing, Document]:
    found = landing(document, known, target, source)
    return found, place(document, known, found, Node(NodeId("new"), source.stage, 1, source.values))


def test_the_void_gets_a_node(known: Specs) -> None:
    found, after = dropped(graph(), known, Target(HERE), CAT)
    assert (found.act, found.words, found.why) == ("add", "Add Load image", "")
    assert after.nodes[NodeId("new")].values == {"file": "cat.png"}


def test_a_node_that_loads_a_picture_gets_the_file(known: Specs) -> None:
    found, after = dropped(graph(), known, Target(HERE, A), CAT)
    assert (found.act, found.words) == ("change", "Change the file of Load image")
    assert after.nodes.keys() == graph().nodes.keys()
    assert after.nodes[A].values == {"file": "cat.png"}


def test_its_port_is_the_node_too(known: Specs) -> None:
    assert landing(graph(), known, Target(HERE, A, "file"), CAT).act == "change"


def test_a_node_with_an_open_port_is_fed_by_it(known: Specs) -> None:
    found, after = dropped(graph(), known, Target(HERE, E), CAT)
    assert (found.act, found.words) == ("connect", "Connect to image")
    assert after.nodes[E].links == {"image": (Link(NodeId("new"), "image"),)}
    found, after = dropped(graph(), known, Target(HERE, B), CAT)
    assert found.input == "b"
    assert after.nodes[B].links["a"] == (Link(A, "image"),)


def test_a_wired_port_is_fed_by_it_instead(known: Specs) -> None:
    found, after = dropped(graph(), known, Target(HERE, B, "a"), CAT)
    assert found.words == "Connect to a instead of Load image"
    assert after.nodes[B].links["a"] == (Link(NodeId("new"), "image"),)


def test_the_end_of_a_wire_is_fed_by_it_instead(known: Specs) -> None:
    target = Target(HERE, B, "a", Link(A, "image"))
    found, after = dropped(graph(), known, target, CAT)
    assert found.words == "Connect to a instead of Load image"
    assert after.nodes[B].links["a"] == (Link(NodeId("new"), "image"),)


def test_one_of_several_wires_is_the_one_that_goes(known: Specs) -> None:
    document = (
        Document()
        .add(*(Node(NodeId(id), "source.load_image") for id in "xyz"), Node(P, "guide.prompt"))
        .connect(NodeId("x"), "image", P, "reference", many=True)
        .connect(NodeId("y"), "image", P, "reference", many=True)
        .connect(NodeId("z"), "image", P, "reference", many=True)
    )
    target = Target(HERE, P, "reference", Link(NodeId("y"), "image"))
    _, after = dropped(document, known, target, CAT)
    assert [link.node for link in after.nodes[P].links["reference"]] == ["x", "new", "z"]
    _, after = dropped(document, known, Target(HERE, P, "reference"), CAT)
    assert [link.node for link in after.nodes[P].links["reference"]] == ["x", "y", "z", "new"]


def test_what_goes_through_a_wire_goes_into_it(known: Specs) -> None:
    model, prompt = Node(A, "source.load_model"), Node(P, "guide.prompt")
    document = Document().add(model, prompt).connect(A, "model", P, "model")
    found, after = dropped(document, known, Target(HERE, P, "model", Link(A, "model")), STYLE)
    assert (found.act, found.words) == ("insert", "Insert LoRA")
    assert after.nodes[P].links["model"] == (Link(NodeId("new"), "model"),)
    assert after.nodes[NodeId("new")].links["model"] == (Link(A, "model"),)


def test_a_wire_of_another_type_is_left_alone(known: Specs) -> None:
    model, prompt = Node(A, "source.load_model"), Node(P, "guide.prompt")
    document = Document().add(model, prompt).connect(A, "model", P, "model")
    found, after = dropped(document, known, Target(HERE, P, "model", Link(A, "model")), CAT)
    assert found.act == "add"
    assert after.nodes[P].links == document.nodes[P].links


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (Target(HERE, A), "comes by a wire"),
        (Target(HERE, B), "has a wire already"),
        (Target(HERE, NodeId("m")), "takes no image"),
        (Target(HERE, E, "model"), "takes no image"),
    ],
)
def test_what_takes_none_says_why(known: Specs, target: Target, why: str) -> None:
    document = graph().add(Node(NodeId("m"), "source.load_model"), Node(NodeId("t"), "source.text"))
    document = document.connect(A, "image", B, "b").expose(A, "file")
    document = document.connect(NodeId("t"), "value", A, "file")
    if target.input:
        document = document.connect(A, "image", E, "image")
    found, after = dropped(document, known, target, CAT)
    assert found.act == "add"
    assert why in found.why
    assert NodeId("new") in after.nodes


def test_a_stage_nobody_knows_is_left_alone(known: Specs) -> None:
    document = Document().add(Node(A, "pack.unknown"))
    found, after = dropped(document, known, Target(HERE, A), CAT)
    assert found.act == "add"
    assert len(after.nodes) == 2
