"""Presets keep what a node has under a name, and give it back; damaged files are passed over."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeforge.errors import DiskError
from nodeforge.graph.document import Document, Link, Node, NodeId
from nodeforge.graph.presets import drop_preset, keep_preset, preset_of, presets, with_preset
from tests.graph.samples import SPECS

ID = NodeId("sample")
SAMPLE = SPECS["generate.sample"]
GRAPH = Document().add(Node(ID, SAMPLE.id, values={"steps": 30, "seed": 7}))


def test_a_preset_leaves_out_seeds_and_what_a_wire_brings() -> None:
    node = Node(ID, SAMPLE.id, values={"steps": 30, "seed": 7, "old": 1})
    assert preset_of(node, SAMPLE) == {"steps": 30}
    wired = Node(ID, SAMPLE.id, values={"steps": 30}, links={"steps": (Link(NodeId("n"), "n"),)})
    assert preset_of(wired, SAMPLE) == {}


def test_taking_a_preset_sets_the_rest_to_the_defaults_but_not_the_seed() -> None:
    after = with_preset(GRAPH, ID, SAMPLE, {"steps": 5})
    assert after.nodes[ID].values == {"steps": 5, "seed": 7}
    assert with_preset(GRAPH, ID, SAMPLE, {}).nodes[ID].values == {"seed": 7}


def test_what_the_stage_does_not_have_or_allow_is_passed_over() -> None:
    after = with_preset(GRAPH, ID, SAMPLE, {"steps": "many", "gone": 1, "seed": 1})
    assert after.nodes[ID].values == {"seed": 7}


@given(steps=st.integers(1, 100))
def test_a_preset_gives_back_what_it_kept(steps: int) -> None:
    document = GRAPH.set(ID, steps=steps)
    kept = preset_of(document.nodes[ID], SAMPLE)
    other = GRAPH.set(ID, steps=1)
    assert with_preset(other, ID, SAMPLE, kept) == document


def test_presets_are_kept_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "presets"
    keep_preset(folder, "a.b", "slow", {"steps": 50})
    keep_preset(folder, "a.b", "Fast", {"steps": 4})
    keep_preset(folder, "a.b", "slow", {"steps": 60})
    assert list(presets(folder, "a.b").items()) == [("Fast", {"steps": 4}), ("slow", {"steps": 60})]
    drop_preset(folder, "a.b", "slow")
    assert list(presets(folder, "a.b")) == ["Fast"]
    assert presets(folder, "a.c") == {}


@pytest.mark.parametrize("text", ["", "[", "[]", '{"a": 1}', "[" * 100_000, "\xff"])
def test_a_damaged_file_has_no_presets(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.b.json").write_text(text, "latin-1")
    assert presets(tmp_path, "a.b") == {}


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskError, match="cannot be made"):
        keep_preset(tmp_path / "file" / "presets", "a.b", "x", {})
