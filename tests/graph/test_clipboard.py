from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeforge.errors import BadFile
from nodeforge.graph.clipboard import copy, paste
from nodeforge.graph.document import Document, Frame, Group, Link, Node, Note, wires
from nodeforge.graph.file import dumps
from tests.graph.samples import documents, n, picture


@given(documents(), st.data())
def test_what_is_pasted_is_what_was_copied_under_new_ids(
    document: Document, data: st.DataObject
) -> None:
    everything = [thing.id for thing in document.things()]
    ids = data.draw(st.lists(st.sampled_from(everything), min_size=1, unique=True))
    after, free = paste(document, copy(document, ids), (10, 20))
    taken = document.within(ids)
    originals = [thing for thing in document.things() if thing.id in taken]
    pasted = [thing for thing in after.things() if thing.id not in everything]
    assert len(pasted) == len(originals)
    assert after.remove(*free) == document
    names = {was.id: now.id for was, now in zip(originals, pasted, strict=True)}
    for was, now in zip(originals, pasted, strict=True):
        way = (0, 0) if was.group in taken else (10, 20)
        assert now.at == (was.at[0] + way[0], was.at[1] + way[1])
        assert now.group == names.get(was.group, "")
        assert (now.id in free) == (was.group not in taken)
        if isinstance(was, Node):
            assert isinstance(now, Node)
            assert (now.stage, now.values, now.title) == (was.stage, was.values, was.title)
            inner = [
                Link(names[link.node], link.output) for link in wires(was) if link.node in names
            ]
            assert sorted(map(repr, inner)) == sorted(map(repr, wires(now)))
        if isinstance(was, Group):
            assert isinstance(now, Group)
            assert list(now.inputs) == list(was.inputs)
            assert {names[link.node] for link in was.outputs.values()} == {
                link.node for link in now.outputs.values()
            }
    after.order()


def test_wires_from_outside_are_kept_on_demand_where_the_nodes_still_are() -> None:
    document = picture()
    text = copy(document, [n("sharp"), n("view")], inputs=True)
    after, (sharp, view) = paste(document, text)
    assert after.nodes[sharp].links == {"image": (Link(n("load"), "image"),)}
    assert after.nodes[view].links == {"image": (Link(sharp, "image"),)}
    elsewhere, (sharp, _) = paste(Document(), text)
    assert elsewhere.nodes[sharp].links == {}
    after, (sharp, _) = paste(document, copy(document, [n("sharp"), n("view")]))
    assert after.nodes[sharp].links == {}


def test_frames_and_notes_are_copied_too_and_a_whole_file_can_be_pasted() -> None:
    document = picture().add(Frame(n("f"), "Finish"), Note(n("t"), "Look"))
    after, ids = paste(Document(), dumps(document))
    assert len(ids) == 5
    assert [frame.title for frame in after.frames.values()] == ["Finish"]
    assert [note.text for note in after.notes.values()] == ["Look"]


@pytest.mark.parametrize(
    "text", ["", "a dragon flying", "[1]", "{}", '{"format": 1}', '{"format": 9}', "[" * 99_999]
)
def test_foreign_text_is_refused(text: str) -> None:
    with pytest.raises(BadFile, match="holds no NodeForge nodes: copy some first"):
        paste(picture(), text)
