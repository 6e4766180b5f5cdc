from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeforge.errors import BadLink
from nodeforge.graph.document import Document, Link, wires
from nodeforge.graph.edits import (
    best_ports,
    dissolve,
    extract,
    fits_wire,
    insert_on_wire,
    pass_through,
    sinks,
    sources,
)
from tests.graph.samples import SPECS, chain, documents, n, node, picture


def fed(document: Document, id: str, input: str = "image") -> list[str]:
    return [f"{each.node}.{each.output}" for each in document.nodes[n(id)].links.get(input, ())]


@pytest.mark.parametrize(
    ("stage", "passes"),
    [
        ("picture.sharpen", {"image": "image"}),
        ("picture.blend", {"image": "a"}),
        ("generate.sample", {"latent": "latent"}),
        ("generate.decode", {}),
        ("source.load_model", {}),
        ("any.relay", {"thing": "thing"}),
    ],
)
def test_a_muted_node_passes_its_first_input_of_the_outputs_type(
    stage: str, passes: dict[str, str]
) -> None:
    assert {out.name: passes.get(out.name) for out in SPECS[stage].outputs} == {
        out.name: pass_through(SPECS[stage]).get(out.name) for out in SPECS[stage].outputs
    }


def test_muted_nodes_are_looked_through_to_the_first_that_is_not() -> None:
    document = chain(10_000)
    muted = document.mute(True, *list(document.nodes)[1:])
    started = time.process_time()
    ends = sources(muted, SPECS)
    assert time.process_time() - started < 2
    assert set(ends.values()) == {Link(n("n0"), "image")}
    assert set(sources(muted.mute(True, n("n0")), SPECS).values()) == {None}
    assert sources(document, SPECS) == {}


def test_a_circle_of_muted_nodes_leads_nowhere() -> None:
    ring = Document().add(
        node("a", "picture.sharpen", "image=b.image"), node("b", "picture.sharpen", "image=a.image")
    )
    assert set(sources(ring.mute(True, n("a"), n("b")), SPECS).values()) == {None}


def test_sinks_are_the_nodes_nobody_takes_from() -> None:
    assert sinks(picture().add(node("alone", "source.text"))) == ["view", "alone"]


@pytest.mark.parametrize(
    ("source", "target", "ports"),
    [
        ("source.load_model", "generate.sample", ("model", "model")),
        ("guide.prompt", "generate.sample", ("conditioning", "positive")),
        ("source.load_image", "picture.blend", ("image", "a")),
        ("source.load_image", "any.relay", ("image", "thing")),
        ("source.text", "guide.prompt", None),
        ("source.load_image", "generate.decode", None),
        ("pack.unknown", "finish.view", None),
        ("finish.view", "pack.unknown", None),
    ],
)
def test_the_best_ports_are_of_the_same_type(
    source: str, target: str, ports: tuple[str, str] | None
) -> None:
    assert best_ports(SPECS, source, target) == ports


def test_the_best_input_is_a_free_one_and_may_be_a_parameter() -> None:
    assert best_ports(SPECS, "guide.prompt", "generate.sample", taken=["positive"]) == (
        "conditioning",
        "negative",
    )
    assert best_ports(SPECS, "source.load_image", "finish.view", taken=["image"]) == (
        "image",
        "image",
    )
    assert best_ports(SPECS, "source.text", "guide.prompt", params=True) == ("text", "text")


def test_a_node_goes_into_a_wire() -> None:
    document = picture().add(node("blend", "picture.blend", "a=load.image"))
    link = Link(n("sharp"), "image")
    after = insert_on_wire(document, SPECS, n("blend"), n("view"), "image", link)
    assert fed(after, "blend", "a") == ["load.image"]
    assert fed(after, "blend", "b") == ["sharp.image"]
    assert fed(after, "view") == ["blend.image"]
    assert fits_wire(document, SPECS, n("blend"), n("view"), "image", link)


def test_a_node_keeps_the_place_of_the_wire_among_many() -> None:
    document = Document().add(
        *(node(id, "source.load_image") for id in "abc"),
        node("stack", "picture.stack", "images=a.image", "images=b.image", "images=c.image"),
        node("sharp", "picture.sharpen"),
    )
    link = Link(n("b"), "image")
    after = insert_on_wire(document, SPECS, n("sharp"), n("stack"), "images", link)
    assert fed(after, "stack", "images") == ["a.image", "sharp.image", "c.image"]
    back = dissolve(after, SPECS, [n("sharp")])
    assert fed(back, "stack", "images") == ["a.image", "b.image", "c.image"]


@pytest.mark.parametrize(
    ("id", "target", "link", "word"),
    [
        ("decode", "view", "sharp", "Decode does not fit into this wire"),
        ("glow", "view", "sharp", "pack.glow does not fit"),
        ("new", "view", "load", "no longer there"),
        ("view", "view", "sharp", "a wire of its own"),
        ("sharp", "view", "sharp", "a wire of its own"),
        ("gone", "view", "sharp", "both ends"),
        ("busy", "view", "sharp", "Sharpen has a wire on image already; take it off first"),
        ("tail", "sharp", "load", "detour"),
        ("before", "sharp", "load", "detour"),
    ],
)
def test_a_node_that_does_not_fit_into_a_wire_says_why(
    id: str, target: str, link: str, word: str
) -> None:
    document = picture().add(
        node("before", "picture.sharpen"),
        node("load", "picture.sharpen", "image=before.image"),
        node("decode", "generate.decode"),
        node("glow", "pack.glow"),
        node("new", "picture.sharpen"),
        node("busy", "picture.sharpen", "image=before.image"),
        node("tail", "picture.blend", "a=sharp.image"),
    )
    wire = Link(n(link), "image")
    with pytest.raises(BadLink, match=word):
        insert_on_wire(document, SPECS, n(id), n(target), "image", wire)
    assert not fits_wire(document, SPECS, n(id), n(target), "image", wire)


def test_an_extracted_node_stays_unwired_and_its_wires_are_healed() -> None:
    after = extract(picture(), SPECS, [n("sharp")])
    assert fed(after, "view") == ["load.image"]
    assert fed(after, "sharp") == []
    assert list(after.nodes) == ["load", "sharp", "view"]


def test_a_dissolved_chain_is_healed_through_and_a_group_keeps_its_own_wires() -> None:
    document = chain(5)
    middle = [n("n1"), n("n2"), n("n3")]
    assert fed(dissolve(document, SPECS, middle), "n4") == ["n0.image"]
    after = extract(document, SPECS, middle)
    assert (fed(after, "n4"), fed(after, "n1"), fed(after, "n3")) == (
        ["n0.image"],
        [],
        ["n2.image"],
    )


def test_where_nothing_can_be_passed_on_the_wire_goes() -> None:
    assert fed(dissolve(picture(), SPECS, [n("load")]), "sharp") == []
    document = Document().add(
        node("latent", "source.empty_latent"),
        node("relay", "any.relay", "thing=latent.latent"),
        node("glow", "pack.glow", "x=latent.latent"),
        node("view", "finish.view", "image=relay.thing"),
        node("other", "finish.view", "image=glow.image"),
    )
    after = dissolve(document, SPECS, [n("relay"), n("glow")])
    assert (fed(after, "view"), fed(after, "other")) == ([], [])


@given(documents(), st.data())
def test_healing_never_leaves_a_loose_end_or_a_circle(
    document: Document, data: st.DataObject
) -> None:
    ids = data.draw(st.sets(st.sampled_from([*document.nodes, n("gone")])))
    for after in (dissolve(document, SPECS, ids), extract(document, SPECS, ids)):
        after.order()
        for each in after.nodes.values():
            assert all(link.node in after.nodes for link in wires(each))
            if each.id not in ids:
                assert not any(link.node in ids for link in wires(each))
