"""Prompts read as they are meant, and their text changed by keys."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeforge.graph.rewording import STEP, reweighted, toggled
from nodeforge.graph.wording import Phrase, wording

ANYTHING = st.text("ab c,()\\:/*1.2\n", max_size=40)
WORDS = st.text("ab c,", max_size=20)


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("a red dragon", [("a red dragon", 1)]),
        ("", []),
        ("a (red:1.2) cat", [("a ", 1), ("red", 1.2), (" cat", 1)]),
        ("(red)", [("red", 1.1)]),
        ("(red: .5 )", [("red", 0.5)]),
        ("(far:-1)", [("far", -1)]),
        ("(a (b:2):1.5)", [("a ", 1.5), ("b", 3)]),
        ("(a:b)", [("a:b", 1.1)]),
        ("16:9", [("16:9", 1)]),
        (r"a \(b\) \c", [(r"a (b) \c", 1)]),
        ("a /* no */b", [("a b", 1)]),
        ("a // no\nb", [("a \nb", 1)]),
        ("see http://a.b", [("see http://a.b", 1)]),
        ("(a /* ) */ b:2)", [("a  b", 2)]),
    ],
)
def test_phrases_and_weights(text: str, phrases: list[tuple[str, float]]) -> None:
    read = wording(text)
    assert list(read.phrases) == [Phrase(*each) for each in phrases]
    assert not read.faults
    assert read.weighted == any(weight != 1 for _, weight in phrases)


@pytest.mark.parametrize(
    ("text", "start", "plain"),
    [("a (b", 2, "a (b"), ("a) b", 1, "a) b"), ("a:2)", 3, "a:2)"), ("a /* b", 2, "a ")],
)
def test_what_has_no_partner_is_a_fault_at_its_place(text: str, start: int, plain: str) -> None:
    read = wording(text)
    assert [fault.start for fault in read.faults] == [start]
    assert read.faults[0].message.endswith(".")
    assert read.plain == plain


@given(ANYTHING)
def test_any_text_can_be_read(text: str) -> None:
    read = wording(text)
    for bracket in read.brackets:
        assert text[bracket.start] == "("
        assert text[bracket.end - 1] == ")"
        assert bracket.start < bracket.stop < bracket.end
    if not set(text) & set("()/\\"):
        assert read.plain == text


@pytest.mark.parametrize("text", ["(", ")", "((a:2)", "a/*", "\\("])
def test_a_hundred_thousand_brackets_take_no_time(text: str) -> None:
    began = time.perf_counter()
    wording(text * 100_000)
    assert time.perf_counter() - began < 5


def mark(text: str) -> tuple[str, int, int]:
    """The text without its bars, and where they were."""
    start = text.index("|")
    end = text.rindex("|")
    return text.replace("|", ""), start, max(end - 1, start)


def marked(found: tuple[str, int, int]) -> str:
    text, start, end = found
    return text[:start] + "|" + (text[start:end] + "|" if end > start else "") + text[end:]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a r|ed cat", "a (r|ed:1.05) cat"),
        ("a red| cat", "a (red|:1.05) cat"),
        ("a |red cat|", "a (|red cat|:1.05)"),
        ("a | red |cat", "a  (|red|:1.05) cat"),
        ("a (r|ed:1.05) cat", "a (r|ed:1.10) cat"),
        ("a (|red|:1.05) cat", "a (|red|:1.10) cat"),
        ("a |(red:1.05)| cat", "a (|red|:1.10) cat"),
        ("a (red:1.0|5) cat", "a (red|:1.10) cat"),
        ("a (r|ed) cat", "a (r|ed:1.15) cat"),
        ("a (r|ed:0.95) cat", "a r|ed cat"),
        ("|a (red| cat:2)", "(|a (red cat:2)|:1.05)"),
        ("(a |red| cat:2)", "(a (|red|:1.05) cat:2)"),
        ("a /* r|ed */", "a /* r|ed */"),
        ("a , | , b", "a , | , b"),
        (r"\(r|ed\)", r"(\(r|ed\):1.05)"),
        ("|", "|"),
    ],
)
def test_more_weight(before: str, after: str) -> None:
    assert marked(reweighted(*mark(before))) == after


def test_weights_end_at_nothing() -> None:
    assert reweighted("(a:0.02)", 2, 2, -STEP)[0] == "(a:0.00)"
    assert reweighted("(a:20)", 2, 2)[0] == "(a:20.00)"


@given(WORDS, st.data())
def test_less_weight_takes_more_weight_back(text: str, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(text)))
    start = data.draw(st.integers(0, end))
    if text[start:end].strip() != text[start:end]:
        return
    more = reweighted(text, start, end)
    assert reweighted(*more, -STEP) == (text, start, end)


@given(ANYTHING, st.data(), st.sampled_from([STEP, -STEP]))
def test_weights_never_change_the_words(text: str, data: st.DataObject, by: float) -> None:
    end = data.draw(st.integers(0, len(text)))
    start = data.draw(st.integers(0, end))
    new, first, last = reweighted(text, start, end, by)
    assert wording(new).plain == wording(text).plain
    assert len(wording(new).faults) == len(wording(text).faults)
    assert 0 <= first <= last <= len(new)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a cat, red| hat, house", "a cat, |/* red hat, */| house"),
        ("a cat, hou|se", "a cat, |/* house */|"),
        ("a |red| cat", "a |/* red */| cat"),
        ("a /* r|ed */ cat", "a |red| cat"),
        ("a // r|ed\nb", "a |red|\nb"),
        ("(a, b|:2), c", "|/* (a, b:2), */| c"),
        ("|a (b| c:2)", "|/* a (b c:2) */|"),
        ("a, |, b", "a, |, b"),
    ],
)
def test_a_phrase_becomes_a_comment_and_words_again(before: str, after: str) -> None:
    assert marked(toggled(*mark(before))) == after


@given(WORDS, st.data())
def test_twice_out_is_in(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    assert toggled(*toggled(text, at, at))[0] == text


@given(ANYTHING, st.data())
def test_a_comment_adds_no_fault(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    new, start, end = toggled(text, at, at)
    assert len(wording(new).faults) <= len(wording(text).faults)
    assert 0 <= start <= end <= len(new)
