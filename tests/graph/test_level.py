from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeforge.errors import BadLink
from nodeforge.graph.document import TOP, Document, Link, NodeId, Spot, wires
from nodeforge.graph.groups import NEW, grouped, reveal_param
from nodeforge.graph.level import Level, entry_rail, exit_rail, level
from tests.graph.samples import SPECS, documents, n, node, picture


def fed(document: Document, id: str, input: str = "image") -> list[str]:
    return [f"{each.node}.{each.output}" for each in document.nodes[n(id)].links.get(input, ())]


def nested() -> tuple[Document, NodeId, NodeId]:
    """load -> ( [ sharp -> soft ] -> blend <- other ) -> view"""
    document = picture().add(
        node("other", "source.load_image"),
        node("soft", "picture.sharpen", "image=sharp.image"),
        node("blend", "picture.blend", "a=soft.image", "b=other.image"),
        node("view", "finish.view", "image=blend.image"),
    )
    document, inner = grouped(document, SPECS, [n("sharp"), n("soft")], "Inner")
    document, outer = grouped(document, SPECS, [inner, n("blend")], "Outer")
    return document, inner, outer


def test_a_graph_without_groups_is_its_own_level() -> None:
    document = picture()
    here = level(document, SPECS)
    assert here.document is document
    assert here.specs is SPECS
    after = document.mute(True, n("sharp"))
    assert here.applied(after) is after


@given(documents(), st.data())
def test_every_level_shows_each_wire_and_leaves_the_whole_alone(
    document: Document, data: st.DataObject
) -> None:
    scope = data.draw(st.sampled_from([TOP, *document.groups]))
    here = level(document, SPECS, scope)
    things = {thing.id for thing in document.things() if thing.group == here.scope}
    assert {thing.id for thing in here.document.things()} == things | set(here.rails)
    assert here.applied(here.document) == document
    for each in here.document.nodes.values():
        assert all(link.node in here.document.nodes for link in wires(each))
        spec = here.specs.get(each.stage)
        if spec and spec.category == "group":
            assert set(each.links) <= set(spec.input)
            assert set(each.values) <= set(spec.param)
    moved = here.document.move(dict.fromkeys(things, (1.5, 2.5)))
    assert level(here.applied(moved), SPECS, scope).document == moved
    gone = data.draw(st.sets(st.sampled_from(sorted(things) or [n("gone")])))
    left = here.applied(here.document.remove(*gone))
    assert left.nodes.keys() == document.nodes.keys() - document.within(gone)


def test_a_group_is_a_node_at_the_level_around_it() -> None:
    document, inner, outer = nested()
    top = level(document, SPECS)
    assert set(top.document.nodes) == {"load", "other", "view", outer}
    assert fed(top.document, outer) == ["load.image"]
    assert fed(top.document, outer, "b") == ["other.image"]
    assert fed(top.document, "view") == [f"{outer}.image"]
    spec = top.specs[top.document.nodes[outer].stage]
    assert [(port.name, port.type) for port in spec.inputs] == [("image", "Image"), ("b", "Image")]
    assert top.document.nodes[outer].title == "Outer"

    inside = level(document, SPECS, outer)
    entry, exit = inside.rails
    assert (entry, exit) == (entry_rail(outer), exit_rail(outer))
    assert set(inside.document.nodes) == {inner, "blend", entry, exit}
    assert fed(inside.document, inner) == [f"{entry}.image"]
    assert fed(inside.document, "blend", "a") == [f"{inner}.image"]
    assert fed(inside.document, "blend", "b") == [f"{entry}.b"]
    assert fed(inside.document, exit) == ["blend.image"]

    deepest = level(document, SPECS, inner)
    assert fed(deepest.document, "sharp") == [f"{entry_rail(inner)}.image"]
    assert deepest.document.nodes[n("soft")] is document.nodes[n("soft")]


def rewired(here: Level, *wire: str, many: bool = False) -> Document:
    source, output, target, input = wire
    return here.applied(here.document.connect(n(source), output, n(target), input, many))


def test_a_wire_to_a_face_is_a_wire_to_what_lies_behind_it() -> None:
    document, _inner, outer = nested()
    after = rewired(level(document, SPECS), "other", "image", outer, "image")
    assert fed(after, "sharp") == ["other.image"]
    assert list(after.groups[outer].inputs) == ["image", "b"]
    loose = level(document, SPECS).applied(
        level(document, SPECS).document.disconnect(outer, "image")
    )
    assert fed(loose, "sharp") == []
    assert loose.groups == document.groups
    assert fed(rewired(level(loose, SPECS), "load", "image", outer, "image"), "sharp") == [
        "load.image"
    ]


def test_a_wire_from_a_face_is_a_wire_from_what_lies_behind_it() -> None:
    document, _, outer = nested()
    document = document.add(node("extra", "finish.view"))
    after = rewired(level(document, SPECS), outer, "image", "extra", "image")
    assert fed(after, "extra") == ["blend.image"]


def test_a_wire_from_the_rail_lets_the_port_feed_one_more() -> None:
    document, inner, outer = nested()
    here = level(document, SPECS, outer)
    after = rewired(here, entry_rail(outer), "b", "blend", "mask")
    assert fed(after, "blend", "mask") == ["other.image"]
    assert after.groups[outer].inputs["b"] == (Spot(n("blend"), "b"), Spot(n("blend"), "mask"))
    again = level(after, SPECS, outer)
    back = again.applied(again.document.disconnect(n("blend"), "mask"))
    assert back == document
    replaced = rewired(here, inner, "image", "blend", "b")
    assert fed(replaced, "blend", "b") == ["soft.image"]
    assert "b" not in replaced.groups[outer].inputs


def test_a_wire_to_the_rail_gives_another_output() -> None:
    document, inner, outer = nested()
    here = level(document, SPECS, outer)
    after = rewired(here, inner, "image", exit_rail(outer), "image")
    assert fed(after, "view") == ["soft.image"]
    more = rewired(here, inner, "image", exit_rail(outer), NEW)
    assert more.groups[outer].outputs["image_2"] == Link(n("soft"), "image")
    assert fed(more, "view") == ["blend.image"]
    none = here.applied(here.document.disconnect(exit_rail(outer), "image"))
    assert fed(none, "view") == []
    assert not none.groups[outer].outputs


def test_a_wire_from_the_plus_of_the_rail_makes_a_port() -> None:
    document, _, outer = nested()
    here = level(document, SPECS, outer)
    after = rewired(here, entry_rail(outer), NEW, "blend", "mask")
    assert after.groups[outer].inputs["mask"] == (Spot(n("blend"), "mask"),)
    assert fed(after, "blend", "mask") == []
    assert fed(level(after, SPECS, outer).document, "blend", "mask") == [
        f"{entry_rail(outer)}.mask"
    ]


def test_a_circle_through_the_outside_is_refused() -> None:
    document = picture().add(node("soft", "picture.sharpen", "image=view.image"))
    document, id = grouped(document, SPECS, [n("sharp"), n("soft")])
    here = level(document, SPECS, id)
    with pytest.raises(BadLink, match="detour"):
        rewired(here, "soft", "image", "sharp", "image")


def test_values_title_and_mute_of_a_face_are_those_of_the_group() -> None:
    document, inner, outer = nested()
    document = reveal_param(document, outer, Spot(n("sharp"), "amount"))
    here = level(document, SPECS)
    assert here.document.nodes[outer].values == {"amount": 0.5}
    after = here.applied(here.document.set(outer, amount=2.0).rename(outer, "Crisp"))
    assert after.nodes[n("sharp")].values == {"amount": 2.0}
    assert after.groups[outer].title == "Crisp"
    assert here.applied(here.document.reset(outer, "amount")).nodes[n("sharp")].values == {}
    assert here.applied(here.document.mute(True, outer)).groups[outer].muted
    assert not after.groups[inner].muted


def test_what_is_added_at_a_level_lies_in_its_group() -> None:
    document, _, outer = nested()
    here = level(document, SPECS, outer)
    new = node("new", "picture.sharpen", "image=blend.image")
    after = here.applied(here.document.add(new))
    assert after.nodes[n("new")] == replace(new, group=outer)
    moved = here.applied(here.document.move({entry_rail(outer): (7.0, 8.0)}))
    assert moved.groups[outer].entry == (7, 8)


def test_what_comes_in_cannot_go_straight_out() -> None:
    document, _, outer = nested()
    here = level(document, SPECS, outer)
    with pytest.raises(BadLink, match="put a node between"):
        rewired(here, entry_rail(outer), "image", exit_rail(outer), NEW)


def test_an_output_taken_off_a_group_is_taken_off_those_around_it_too() -> None:
    document, inner = grouped(picture(), SPECS, [n("load")])
    document, outer = grouped(document, SPECS, [inner, n("sharp")])
    here = level(document, SPECS, outer)
    document = rewired(here, inner, "image", exit_rail(outer), NEW)
    assert Link(n("load"), "image") in document.groups[outer].outputs.values()
    deeper = level(document, SPECS, inner)
    after = deeper.applied(deeper.document.disconnect(exit_rail(inner), "image"))
    assert Link(n("load"), "image") not in after.groups[outer].outputs.values()
    assert fed(after, "sharp") == []
