from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeforge.errors import BadLink
from nodeforge.graph.document import Document, Frame, Link, Note, diff, wires
from tests.graph.samples import chain, documents, n, node, picture


@given(documents())
def test_every_node_comes_after_what_it_needs(document: Document) -> None:
    order = document.order()
    assert sorted(order) == sorted(document.nodes)
    place = {id: i for i, id in enumerate(order)}
    for each in document.nodes.values():
        assert all(place[link.node] < place[each.id] for link in wires(each))


@given(documents(), st.data())
def test_an_edit_of_a_node_leaves_the_order_of_the_keys_and_the_other_nodes_alone(
    document: Document, data: st.DataObject
) -> None:
    if not document.nodes:
        return
    id = data.draw(st.sampled_from(sorted(document.nodes)))
    for after in (
        document.set(id, amount=2),
        document.move({id: (1.5, 2.5)}),
        document.rename(id, "new"),
        document.mute(True, id),
        document.collapse(True, id),
        document.tint("Image", id),
        document.expose(id, "amount"),
    ):
        assert list(after.nodes) == list(document.nodes)
        assert all(after.nodes[o] is document.nodes[o] for o in document.nodes if o != id)


@given(documents(), documents())
def test_a_diff_says_all_that_leads_from_one_document_to_the_other(
    old: Document, new: Document
) -> None:
    change = diff(old, new)
    kept = Document(
        {id: each for id, each in old.nodes.items() if id not in change.removed},
        {id: each for id, each in old.frames.items() if id not in change.removed},
        {id: each for id, each in old.notes.items() if id not in change.removed},
        {id: each for id, each in old.groups.items() if id not in change.removed},
        new.bookmarks,
    )
    assert kept.add(*change.added, *change.changed) == new
    assert bool(change) == (old != new)
    assert change.marked == (old.bookmarks != new.bookmarks)


def test_moving_moves_nodes_frames_and_notes_and_passes_over_what_is_gone() -> None:
    document = picture().add(Frame(n("f")), Note(n("t")))
    moved = document.move({n("f"): (1, 1), n("t"): (2, 2), n("gone"): (3, 3)})
    assert (moved.frames[n("f")].at, moved.notes[n("t")].at) == ((1, 1), (2, 2))
    assert moved.nodes is document.nodes
    assert document.move({n("view"): document.nodes[n("view")].at}) == document


def test_removing_a_node_takes_its_wires() -> None:
    document = picture().remove(n("sharp"))
    assert not document.nodes[n("view")].links
    assert document.nodes[n("load")] is document.nodes[n("load")]


def test_an_input_takes_one_wire_or_many_in_order() -> None:
    document = Document().add(node("a", "x"), node("b", "x"), node("c", "x"))
    one = document.connect(n("a"), "o", n("c"), "i").connect(n("b"), "o", n("c"), "i")
    assert one.nodes[n("c")].links == {"i": (Link(n("b"), "o"),)}
    many = document.connect(n("a"), "o", n("c"), "i", many=True)
    many = many.connect(n("b"), "o", n("c"), "i", many=True)
    assert many.nodes[n("c")].links["i"] == (Link(n("a"), "o"), Link(n("b"), "o"))
    assert many.disconnect(n("c"), "i", Link(n("a"), "o")).nodes[n("c")].links["i"] == (
        Link(n("b"), "o"),
    )
    assert not many.disconnect(n("c"), "i").nodes[n("c")].links


def test_a_circle_is_refused() -> None:
    with pytest.raises(BadLink, match="detour"):
        picture().connect(n("view"), "image", n("sharp"), "image")
    with pytest.raises(BadLink):
        picture().connect(n("view"), "image", n("view"), "image")
    ring = Document().add(node("a", "x", "i=b.o"), node("b", "x", "i=a.o"))
    with pytest.raises(BadLink, match="circle"):
        ring.order()


def test_a_chain_of_ten_thousand_nodes_needs_no_recursion() -> None:
    document = chain(10_000)
    assert document.order([n("n9999")]) == list(document.nodes)
    assert document.feeds(n("n0"), n("n9999"))
    assert not document.feeds(n("n9999"), n("n0"))
