"""Ports and parameters of a group renamed and put in order: nothing else moves."""

from __future__ import annotations

from dataclasses import replace

from nodeforge.graph import file
from nodeforge.graph.document import Document, Group, NodeId, Spot, diff
from nodeforge.graph.faces import face_names, face_ordered, face_renamed
from nodeforge.graph.groups import NEW, grouped, reveal_param
from nodeforge.graph.level import level
from tests.graph.samples import SPECS, n, node


def group() -> tuple[Document, NodeId]:
    """A blend of two pictures, sharpened, with two parameters on the face."""
    document = Document().add(
        node("one", "source.load_image"),
        node("two", "source.load_image"),
        node("blend", "picture.blend", "a=one.image", "b=two.image"),
        node("sharp", "picture.sharpen", "image=blend.image"),
        node("view", "finish.view", "image=sharp.image"),
    )
    document, id = grouped(document, SPECS, [n("blend"), n("sharp")])
    for spot in (Spot(n("blend"), "clip"), Spot(n("sharp"), "amount")):
        document = reveal_param(document, id, spot)
    return document, id


def test_a_port_has_another_name_and_the_same_wires() -> None:
    document, id = group()
    after = face_renamed(document, SPECS, id, "inputs", "a", "below")
    assert face_names(after, SPECS, id)["inputs"] == ("below", "b")
    assert after.nodes == document.nodes
    face = level(after, SPECS).document.nodes[id]
    assert face.links["below"] == level(document, SPECS).document.nodes[id].links["a"]
    assert file.loads(file.dumps(after)) == after
    out = face_renamed(after, SPECS, id, "outputs", "image", "mixture")
    assert face_names(out, SPECS, id)["outputs"] == ("mixture",)
    assert level(out, SPECS).document.nodes[n("view")].links["image"][0].output == "mixture"


def test_a_port_of_a_crossing_wire_stays_without_its_wire_once_it_has_a_name() -> None:
    document = Document().add(
        node("one", "source.load_image"), node("inside", "picture.sharpen", "image=one.image")
    )
    id = NodeId("g")
    document = document.add(Group(id), replace(document.nodes[n("inside")], group=id))
    assert face_names(document, SPECS, id)["inputs"] == ("image",)
    after = face_renamed(document, SPECS, id, "inputs", "image", "picture")
    for each, names in ((document, ()), (after, ("picture",))):
        assert face_names(each.remove(n("one")), SPECS, id)["inputs"] == names


def test_names_that_are_taken_get_a_number_and_empty_ones_change_nothing() -> None:
    document, id = group()
    after = face_renamed(document, SPECS, id, "params", "amount", "clip")
    assert face_names(after, SPECS, id)["params"] == ("clip", "clip_2")
    assert after.groups[id].params["clip_2"] == Spot(n("sharp"), "amount")
    for name in ("", "  ", NEW, "amount"):
        assert face_renamed(document, SPECS, id, "params", "amount", name) is document
    assert face_renamed(document, SPECS, id, "params", "gone", "new") is document


def test_order_is_that_of_the_names_and_survives_the_file() -> None:
    document, id = group()
    after = face_ordered(document, SPECS, id, "inputs", ["b", "a"])
    after = face_ordered(after, SPECS, id, "params", ["amount", "clip"])
    assert face_names(after, SPECS, id)["inputs"] == ("b", "a")
    spec = level(after, SPECS).specs[level(after, SPECS).document.nodes[id].stage]
    assert [port.name for port in spec.inputs] == ["b", "a"]
    assert [param.name for param in spec.params] == ["amount", "clip"]
    assert after.nodes == document.nodes
    assert after != document
    assert diff(document, after).changed
    back = file.loads(file.dumps(after))
    assert face_names(back, SPECS, id) == face_names(after, SPECS, id)
    assert face_ordered(document, SPECS, id, "inputs", ["a", "b"]) is document
