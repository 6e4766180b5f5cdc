from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeforge.errors import BadFile
from nodeforge.graph.clipboard import copy, paste
from nodeforge.graph.document import Document, Frame, Link, Note
from nodeforge.graph.file import dumps
from tests.graph.samples import documents, n, picture


@given(documents(), st.data())
def test_what_is_pasted_is_what_was_copied_under_new_ids(
    document: Document, data: st.DataObject
) -> None:
    everything = [*document.nodes, *document.frames, *document.notes]
    ids = data.draw(st.lists(st.sampled_from(everything), min_size=1, unique=True))
    after, new = paste(document, copy(document, ids), (10, 20))
    assert len(new) == len(ids)
    assert not set(new) & set(everything)
    assert after.remove(*new) == document
    originals = [id for id in everything if id in ids]
    names = dict(zip(originals, new, strict=True))
    for old, fresh in names.items():
        if old in document.nodes:
            was, now = document.nodes[old], after.nodes[fresh]
            assert (now.stage, now.values, now.title) == (was.stage, was.values, was.title)
            assert now.at == (was.at[0] + 10, was.at[1] + 20)
            inner = [
                Link(names[link.node], link.output)
                for links in was.links.values()
                for link in links
                if link.node in names
            ]
            assert sorted(map(repr, inner)) == sorted(
                repr(link) for links in now.links.values() for link in links
            )
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
