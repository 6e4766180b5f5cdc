from __future__ import annotations

import time
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nodeforge.graph.document import TOP, Document, Frame, Link, Node, Note, Spot
from nodeforge.graph.edits import sources
from nodeforge.graph.groups import Paths, doors, grouped, quieted, reveal_param, unpacked
from nodeforge.graph.problems import problems
from tests.graph.samples import SPECS, chain, documents, n, node, picture


def wired(document: Document) -> set[tuple[Link, Spot]]:
    return {
        (link, Spot(id, name))
        for id, each in document.nodes.items()
        for name, links in each.links.items()
        for link in links
    }


def finishing() -> Document:
    """load -> [ sharp, blend <- other ] -> view, and what sharp gives goes out, too."""
    return picture().add(
        node("other", "source.load_image"),
        node("blend", "picture.blend", "a=sharp.image", "b=other.image"),
        node("view", "finish.view", "image=blend.image"),
        node("small", "finish.view", "image=sharp.image"),
    )


@given(documents(), st.data())
def test_what_is_grouped_and_unpacked_is_as_it_was(document: Document, data: st.DataObject) -> None:
    things = list(document.things())
    scope = data.draw(st.sampled_from([thing.group for thing in things]))
    here = [thing.id for thing in things if thing.group == scope]
    ids = data.draw(st.lists(st.sampled_from(here), min_size=1, unique=True))
    after, id = grouped(document, SPECS, ids)
    assert {thing.id for thing in after.things() if thing.group == id} == set(ids)
    assert wired(after) == wired(document)
    assert after.groups[id].group == scope
    back, free = unpacked(after, [id])
    assert back == document
    assert set(free) == set(ids)


@given(documents())
def test_every_wire_across_an_edge_has_one_port_on_each_face(document: Document) -> None:
    ports, paths = doors(document, SPECS), Paths(document)
    assert set(ports) == set(document.groups)
    for link, spot in wired(document):
        into, out = paths.crossed(link.node, spot.node)
        for id in into:
            assert spot in ports[id].inputs[ports[id].entries[spot]]
        for id in out:
            assert ports[id].outputs[ports[id].exits[link]] == link
    for each in ports.values():
        spots = [spot for some in each.inputs.values() for spot in some]
        assert len(spots) == len(set(spots)) == len(each.entries)


def test_the_face_has_a_port_for_each_source_and_for_each_output_that_is_taken() -> None:
    document = finishing().connect(n("other"), "image", n("blend"), "mask")
    after, id = grouped(document, SPECS, [n("sharp"), n("blend")], "Finish")
    group = after.groups[id]
    assert dict(group.inputs) == {
        "image": (Spot(n("sharp"), "image"),),
        "b": (Spot(n("blend"), "b"), Spot(n("blend"), "mask")),
    }
    assert dict(group.outputs) == {
        "image": Link(n("blend"), "image"),
        "image_2": Link(n("sharp"), "image"),
    }


def test_outputs_that_would_share_a_name_are_called_as_what_they_go_to() -> None:
    document = Document().add(
        node("good", "guide.prompt"),
        node("bad", "guide.prompt"),
        node("draw", "generate.sample", "positive=good.conditioning", "negative=bad.conditioning"),
    )
    after, id = grouped(document, SPECS, [n("good"), n("bad")])
    assert dict(after.groups[id].outputs) == {
        "positive": Link(n("good"), "conditioning"),
        "negative": Link(n("bad"), "conditioning"),
    }
    alone, id = grouped(document, SPECS, [n("good")])
    assert list(alone.groups[id].outputs) == ["conditioning"]


def test_what_has_no_wire_yet_can_be_wired_at_the_face() -> None:
    document = Document().add(
        node("sharp", "picture.sharpen"),
        node("stack", "picture.stack", "images=sharp.image"),
        node("load", "source.load_image"),
    )
    after, id = grouped(document, SPECS, [n("sharp"), n("stack")])
    group = after.groups[id]
    assert dict(group.inputs) == {"image": (Spot(n("sharp"), "image"),)}
    assert dict(group.outputs) == {"image": Link(n("stack"), "image")}
    crossing = after.connect(n("load"), "image", n("stack"), "images", many=True)
    assert doors(crossing, SPECS)[id].inputs["images"] == (Spot(n("stack"), "images"),)


def test_groups_lie_in_groups_and_leave_them_with_their_members() -> None:
    document, inner = grouped(finishing(), SPECS, [n("sharp"), n("blend")])
    document, outer = grouped(document, SPECS, [inner, n("view")])
    assert document.path(n("sharp")) == [inner, outer]
    assert document.within([outer]) == {outer, inner, "sharp", "blend", "view"}
    assert set(doors(document, SPECS)[outer].inputs) == {"image", "b"}
    assert Link(n("sharp"), "image") in doors(document, SPECS)[outer].outputs.values()
    after, free = unpacked(document, [outer])
    assert set(free) == {inner, "view"}
    assert after.groups[inner].group == TOP


def test_only_what_lies_side_by_side_is_grouped() -> None:
    document, _ = grouped(finishing(), SPECS, [n("sharp")])
    after, id = grouped(document, SPECS, [n("view"), n("sharp"), n("gone")])
    assert [thing.id for thing in after.things() if thing.group == id] == ["view"]
    assert grouped(document, SPECS, [n("gone")]) == (document, TOP)


def test_a_group_is_removed_with_all_in_it_and_loses_the_ports_of_what_goes() -> None:
    document = finishing().add(Frame(n("f")), Note(n("t")))
    document, id = grouped(document, SPECS, [n("sharp"), n("blend"), n("f"), n("t")])
    document = reveal_param(document, id, Spot(n("sharp"), "amount"))
    after = document.remove(id)
    assert set(after.nodes) == {"load", "other", "view", "small"}
    assert {*after.frames, *after.notes, *after.groups} == set()
    assert not after.nodes[n("view")].links
    without = document.remove(n("sharp"))
    assert list(without.groups[id].inputs) == ["b"]
    assert list(without.groups[id].outputs) == ["image"]
    assert not without.groups[id].params


def test_a_moved_group_is_unpacked_where_it_lies() -> None:
    document = picture().move({n("sharp"): (100.0, 0.0), n("view"): (300.0, 80.0)})
    document, id = grouped(document, SPECS, [n("sharp"), n("view")])
    assert document.groups[id].at == (200.0, 40.0)
    after, _ = unpacked(document.move({id: (200.0, 540.0)}), [id])
    assert (after.nodes[n("sharp")].at, after.nodes[n("view")].at) == ((100, 500), (300, 580))


def test_a_group_never_hides_the_node_that_its_members_lie_around() -> None:
    places = {n("sharp"): (900.0, 0.0), n("blend"): (900.0, 150.0), n("view"): (900.0, 300.0)}
    document, id = grouped(finishing().move(places), SPECS, [n("sharp"), n("view")])
    assert document.groups[id].at == (900.0, 0.0)
    after, _ = unpacked(document, [id])
    assert after.nodes[n("view")].at == (900.0, 300.0)


def test_inner_parameters_are_shown_on_the_face_under_names_of_their_own() -> None:
    document = picture().add(node("soft", "picture.sharpen", "image=sharp.image"))
    document, id = grouped(document, SPECS, [n("sharp"), n("soft")])
    for each in ("sharp", "soft", "sharp"):
        document = reveal_param(document, id, Spot(n(each), "amount"))
    assert set(document.groups[id].params) == {"amount", "amount_2"}
    document = reveal_param(document, id, Spot(n("sharp"), "amount"), shown=False)
    assert dict(document.groups[id].params) == {"amount_2": Spot(n("soft"), "amount")}


def repaint() -> Document:
    """load -> [ encode -> decode ] -> view"""
    document = Document().add(
        node("load", "source.load_image"),
        node("model", "source.load_model"),
        node("encode", "generate.encode", "image=load.image", "model=model.model"),
        node("decode", "generate.decode", "latent=encode.latent", "model=model.model"),
        node("view", "finish.view", "image=decode.image"),
    )
    document, id = grouped(document, SPECS, [n("encode"), n("decode")])
    return document.mute(True, id)


def test_a_muted_group_passes_its_first_input_of_the_outputs_type() -> None:
    document = repaint()
    assert sources(document, SPECS)[Link(n("decode"), "image")] == Link(n("load"), "image")
    assert not problems(document, SPECS)
    hushed = quieted(document)
    assert [id for id, each in hushed.nodes.items() if each.muted] == ["encode", "decode"]
    loose = document.disconnect(n("encode"), "image")
    assert sources(loose, SPECS)[Link(n("decode"), "image")] is None
    assert list(problems(loose, SPECS)) == ["view"]


def test_of_muted_groups_in_one_another_the_outermost_passes() -> None:
    document = repaint()
    (inner,) = document.groups
    document = document.add(
        Node(n("sharp"), "picture.sharpen", links={"image": (Link(n("decode"), "image"),)})
    ).connect(n("sharp"), "image", n("view"), "image")
    document, outer = grouped(document, SPECS, [inner, n("sharp")])
    ends = sources(document.mute(True, outer), SPECS)
    assert ends[Link(n("sharp"), "image")] == Link(n("load"), "image")


def test_a_muted_group_never_makes_a_circle() -> None:
    document = Document().add(
        node("load", "source.load_image"),
        node("a", "picture.sharpen", "image=load.image"),
        node("between", "picture.sharpen", "image=a.image"),
        node("b", "picture.blend", "a=between.image", "b=load.image"),
        node("view", "finish.view", "image=b.image"),
    )
    document, id = grouped(document, SPECS, [n("b"), n("a")])
    group = document.groups[id]
    inputs = {"a": group.inputs["a"], **group.inputs}  # with what `between` gives first
    ends = sources(document.add(replace(group, inputs=inputs, muted=True)), SPECS)
    assert ends[Link(n("a"), "image")] is None
    assert ends[Link(n("b"), "image")] == Link(n("between"), "image")


def test_ten_thousand_nodes_are_grouped_in_linear_time() -> None:
    document = chain(10_000)
    ids = list(document.nodes)
    started = time.process_time()
    for first in range(0, 10_000, 2500):
        document, _ = grouped(document, SPECS, ids[first : first + 2500])
    after, _ = unpacked(document, document.groups)
    assert time.process_time() - started < 3
    assert after == chain(10_000)
