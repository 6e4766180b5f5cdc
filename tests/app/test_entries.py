"""What the palette lists, and what a few letters find."""

from __future__ import annotations

import json

import pytest

from nodeforge.app.entries import entries, ranked, score
from nodeforge.graph.spec import StageSpec


def test_variants_are_listed_like_stages_of_their_own(specs: tuple[StageSpec, ...]) -> None:
    names = [entry.name for entry in entries({spec.id: spec for spec in specs})]
    assert names.index("Negative prompt") == names.index("Prompt") + 1
    assert names.index("Load model") < names.index("Prompt") < names.index("Sample")


@pytest.mark.parametrize(
    ("typed", "first"),
    [("samp", "Sample"), ("neg", "Negative prompt"), ("lm", "Load model"), ("shrp", "Sharpen")],
)
def test_a_few_letters_find_the_stage(specs: tuple[StageSpec, ...], typed: str, first: str) -> None:
    assert ranked(typed, entries({spec.id: spec for spec in specs}))[0].name == first


def test_words_that_are_nowhere_find_nothing(specs: tuple[StageSpec, ...]) -> None:
    assert ranked("zzqx", entries({spec.id: spec for spec in specs})) == []


def test_a_wire_narrows_the_list_to_what_it_can_join(specs: tuple[StageSpec, ...]) -> None:
    every = entries({spec.id: spec for spec in specs})
    taking = {entry.name for entry in ranked("", every, takes="Latent")}
    assert "Decode" in taking
    assert "Load model" not in taking
    makers = {entry.name for entry in ranked("", every, makes="Model")}
    assert makers == {"Load model", "Assemble model", "LoRA", "Embedding"}


def test_a_word_begun_goes_before_letters_scattered() -> None:
    assert score("im", "Load image") > score("im", "Trim something") > 0


def test_a_drag_carries_the_stage_with_its_title_and_values(specs: tuple[StageSpec, ...]) -> None:
    every = entries({spec.id: spec for spec in specs})
    negative = next(entry for entry in every if entry.name == "Negative prompt")
    assert json.loads(negative.mime())["stage"] == "guide.prompt"
    assert json.loads(negative.mime())["title"] == "Negative prompt"
