from __future__ import annotations

import pytest
from hypothesis import given

from nodeforge.graph.document import Document
from nodeforge.graph.groups import grouped
from nodeforge.graph.problems import problems
from nodeforge.graph.remedies import MOST, Remedy, remedies
from tests.graph.samples import SPECS, documents, n, node, picture


def of(document: Document, id: str, said: str = "") -> dict[str, Document]:
    found = problems(document, SPECS).get(n(id), [])
    return {each.label: each.after for each in remedies(document, SPECS, n(id), found, said)}


def test_a_sound_node_needs_none() -> None:
    for id in picture().nodes:
        assert of(picture(), id) == {}


def test_what_is_missing_is_added_beside_the_node_and_wired() -> None:
    document = Document().add(node("x", "finish.view"))
    after = of(document, "x")["Add Load image"]
    assert not problems(after, SPECS).get(n("x"))
    new = next(each for each in after.nodes.values() if each.id != n("x"))
    assert new.stage == "source.load_image"
    assert new.at[0] < document.nodes[n("x")].at[0]


def test_what_is_there_already_is_connected_first() -> None:
    document = Document().add(node("m", "source.load_model"), node("x", "guide.prompt"))
    assert list(of(document, "x")) == ["Connect Load model", "Add Load model"]
    after = of(document, "x")["Connect Load model"]
    assert after.nodes[n("x")].links["model"][0].node == n("m")
    assert len(after.nodes) == 2


def test_a_muted_giver_can_be_unmuted() -> None:
    document = Document().add(node("m", "source.load_model"), node("x", "guide.prompt"))
    document = document.connect(n("m"), "model", n("x"), "model").mute(True, n("m"))
    assert not problems(of(document, "x")["Unmute Load model"], SPECS).get(n("x"))


def test_a_muted_group_around_the_giver_can_be_unmuted() -> None:
    document = Document().add(node("m", "source.load_model"), node("x", "guide.prompt"))
    document = document.connect(n("m"), "model", n("x"), "model")
    document, group = grouped(document, SPECS, [n("m")])
    document = document.mute(True, group)
    assert problems(document, SPECS)
    after = of(document, "x")["Unmute Group"]
    assert not after.groups[group].muted
    assert not problems(after, SPECS).get(n("x"))


def test_a_stage_no_pack_has_can_be_deleted() -> None:
    document = Document().add(node("x", "lost.stage"))
    assert of(document, "x") == {"Delete the node": Document()}


def test_a_value_that_the_failure_names_can_be_the_default_again() -> None:
    document = Document().add(node("m", "source.load_model")).set(n("m"), file="castles-xl")
    said = "There is no model “castles-xl”: choose another."
    (remedy,) = remedies(document, SPECS, n("m"), [], said)
    assert remedy.label.startswith("Use ")
    assert not remedy.after.nodes[n("m")].values


@given(documents())
def test_every_remedy_makes_another_sound_document(document: Document) -> None:
    for id, problem in problems(document, SPECS).items():
        found = remedies(document, SPECS, id, problem)
        assert len(found) <= MOST
        for remedy in found:
            assert isinstance(remedy, Remedy)
            assert remedy.after != document
            remedy.after.order()


@pytest.mark.parametrize("said", ["", "It failed."])
def test_a_muted_node_needs_none(said: str) -> None:
    document = Document().add(node("x", "finish.view")).mute(True, n("x"))
    assert of(document, "x", said) == {}
