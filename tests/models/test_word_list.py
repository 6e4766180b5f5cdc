"""What a model says of the words it was taught: read, asked, and damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nodeforge import resources
from nodeforge.graph import file
from nodeforge.models.word_list import WordList, word_list
from nodeforge.training.scenes import held_out

BOXED = resources.path("models") / "forge-tiny"


@pytest.fixture(scope="module")
def tiny() -> WordList:
    known = word_list(BOXED)
    assert known is not None
    return known


def unknown(known: WordList, text: str, *also: str) -> list[str]:
    return [each.text for each in known.unknown(text, also)]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("a penguin on the ice", ["ice"]),
        ("an ice cream on a table, Ice Cubes", []),
        ("ice-cream", []),
        ("a (watercolor:1.2) of a dragon, // a lorry\nat sunset", []),
        ("two owls, 3 cats and a t-rex, 8k", []),
        ("the owl's nest, the owl\u2019s NEST", ["nest", "NEST"]),
        ("Caf\u00e9, \u732b and a lorry\U0001f600", ["Caf\u00e9", "\u732b", "lorry"]),
        ("nai\u0308ve", ["nai\u0308ve"]),
        ("\u0915\u094d\u092f\u093e, \u0642\u0637", ["\u0915\u094d\u092f\u093e", "\u0642\u0637"]),
        ("an owl doesn't and can\u2019t", []),
        ("<lora:inkish:0.8> an owl, embedding:owl, https://a.org/nest owl", []),
        ("slice", ["slice"]),
        ("a slice of pizza", []),
        ("", []),
    ],
)
def test_words_that_were_never_learnt_are_found(
    tiny: WordList, text: str, missing: list[str]
) -> None:
    assert unknown(tiny, text) == missing


@pytest.mark.parametrize(
    "word", ["c\u00e4stle", "ca\u0308stle", "\uff43\uff41\uff53\uff54\uff4c\uff45"]
)
def test_a_word_with_accents_or_wide_letters_finds_its_like(tiny: WordList, word: str) -> None:
    assert unknown(tiny, word) == [word]
    assert "castle" in tiny.nearest(word)


def test_marks_of_a_list_and_of_a_prompt_may_be_composed_in_two_ways() -> None:
    known = WordList("x", ("caf\u00e9",), ("cr\u00e8me bru\u0302le\u0301e",))
    assert unknown(known, "cafe\u0301, cre\u0300me br\u00fbl\u00e9e") == []


def test_places_are_those_of_the_text(tiny: WordList) -> None:
    text = "a red lorry, /* a bus */ the owl's nest"
    assert [text[each.start : each.end] for each in tiny.unknown(text)] == ["lorry", "nest"]


def test_every_prompt_of_the_exam_and_of_the_templates_is_known(tiny: WordList) -> None:
    asked = [prompt.caption for prompt in held_out.read()]
    graphs = [file.load(path) for path in resources.path("graphs").glob("*.nodeforge")]
    nodes = [node for graph in graphs for node in graph.nodes.values()]
    drawn = [str(node.values["text"]) for node in nodes if "text" in node.values]
    assert len(asked) == 200
    assert drawn
    assert [text for text in (*asked, *drawn) if unknown(tiny, text, "blueprint")] == []


@pytest.mark.parametrize(
    ("word", "instead"),
    [("ice", "snow"), ("lorry", "truck"), ("dragn", "dragon"), ("castel", "castle")],
)
def test_the_nearest_word_is_one_that_is_known(tiny: WordList, word: str, instead: str) -> None:
    found = tiny.nearest(word)
    assert instead in found
    assert unknown(tiny, ", ".join(found)) == []


def test_every_word_that_is_offered_is_known(tiny: WordList) -> None:
    offered = {other for others in tiny.near.values() for other in others}
    assert {word for word in offered if unknown(tiny, word)} == set()
    assert tiny.known.isdisjoint(tiny.near)


def test_words_of_loras_and_embeddings_are_known(tiny: WordList) -> None:
    assert unknown(tiny, "blueprint of a castle") == ["blueprint"]
    assert unknown(tiny, "blueprint of a castle", "Blueprint") == []


def test_a_single_file_has_its_list_beside_it(tmp_path: Path) -> None:
    body = {"format": 1, "name": "Mine", "words": ["cat"]}
    (tmp_path / "mine.words.json").write_text(json.dumps(body), "utf-8")
    found = word_list(tmp_path / "mine.safetensors")
    assert found is not None
    assert (found.name, unknown(found, "cat and dog")) == ("Mine", ["and", "dog"])
    (tmp_path / "mine.words.json").write_text(json.dumps({**body, "words": ["dog", "and"]}))
    again = word_list(tmp_path / "mine.safetensors")
    assert again is not None
    assert unknown(again, "cat and dog") == ["cat"], "a file that changed is read again"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"format": 2}', "[" * 100_000, '{"format": 1, "words":', "\xed\xa0\x80"],
)
def test_a_damaged_list_is_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "words.json").write_text(text, "latin-1")
    assert word_list(tmp_path) is None


def test_odd_parts_of_a_list_are_passed_over(tmp_path: Path) -> None:
    body = {"format": 1, "words": [1, None, "cat"], "phrases": "x", "near": {"dog": ["cat", 3]}}
    (tmp_path / "words.json").write_text(json.dumps(body), "utf-8")
    found = word_list(tmp_path)
    assert found is not None
    assert (found.words, found.phrases, found.nearest("dog")) == (("cat",), (), ["cat"])
