"""Edits of a prompt's text: more or less weight, a phrase out or in. The marked words stay marked.

Places count characters. Every edit takes and gives the text and the two ends of what is marked.
"""

from __future__ import annotations

from typing import TypeAlias

from nodeforge.graph.wording import Bracket, Comment, Wording, wording

Marked: TypeAlias = tuple[str, int, int]

STEP = 0.05
MOST = 10.0
_BREAKS = ",\n"
_EDGES = " \t\n,.;:!?\"'()"  # what is no part of a word


def reweighted(text: str, start: int, end: int, by: float = STEP) -> Marked:
    """The marked words, or those under the cursor, weigh this much more.

    Words that are all of a bracket change its number; at 1 the bracket goes. Otherwise they get
    brackets of their own; a mark that cuts through a bracket grows to take all of it in. Where
    there is nothing to weigh, as in a comment, all stays as it is.
    """
    before = wording(text)
    marked = _reweighted(text, before, start, end, by)
    after = wording(marked[0])
    same = after.plain == before.plain and len(after.faults) == len(before.faults)
    return marked if same else (text, start, end)


def toggled(text: str, start: int, end: int) -> Marked:
    """The marked words, or the phrase between the commas, become a comment, or words again."""
    read = wording(text)
    first, last = _trimmed(text, start, end) if start != end else (start, end)
    if comment := read.comment_at(first, last):
        marked = _uncommented(text, comment)
    else:
        first, last = _balanced(read, first, last) if start != end else _phrase(text, read, start)
        words = text[first:last]
        if not words:
            return text, start, end
        marked = f"{text[:first]}/* {words} */{text[last:]}", first, last + 6
    return marked if len(wording(marked[0]).faults) <= len(read.faults) else (text, start, end)


def _reweighted(text: str, read: Wording, start: int, end: int, by: float) -> Marked:
    marked = start != end
    first, last = _trimmed(text, start, end) if marked else (start, end)
    bracket = _exactly(read, first, last) if marked else _around(read, start)
    if bracket is None:
        first, last = _balanced(read, first, last) if marked else _word(text, read, start)
        bracket = _exactly(read, first, last)
    if bracket is not None:
        return _weighed(text, bracket, by, start, end)
    if first == last:
        return text, start, end
    new = f"{text[:first]}({text[first:last]}:{1 + by:.2f}){text[last:]}"
    return (new, first + 1, last + 1) if marked else (new, start + 1, end + 1)


def _uncommented(text: str, comment: Comment) -> Marked:
    whole = text[comment.start : comment.end]
    words = whole[2:].removesuffix("*/").strip(" \t") if whole[1] == "*" else whole[2:].lstrip()
    new = text[: comment.start] + words + text[comment.end :]
    return new, comment.start, comment.start + len(words)


def _weighed(text: str, bracket: Bracket, by: float, start: int, end: int) -> Marked:
    """With another number in this bracket, or without it."""
    weight = round(min(max(bracket.weight + by, 0.0), max(MOST, bracket.weight)), 2)
    words = text[bracket.start + 1 : bracket.stop]
    opened, closed = ("", "") if weight == 1 else ("(", f":{weight:.2f})")
    shift = len(opened) - 1

    def moved(place: int) -> int:
        inside = min(max(place, bracket.start + 1), bracket.stop)
        if place >= bracket.end and start != end:
            return bracket.start + len(opened) + len(words)
        return inside + shift

    new = text[: bracket.start] + opened + words + closed + text[bracket.end :]
    return new, moved(start), moved(end)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without white space at the ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _exactly(read: Wording, start: int, end: int) -> Bracket | None:
    """The bracket that is marked, with or without its ends."""
    for bracket in read.brackets:
        inner = (bracket.start + 1, bracket.stop)
        if (start, end) == inner or (start, end) == (bracket.start, bracket.end):
            return bracket
    return None


def _around(read: Wording, at: int) -> Bracket | None:
    """The innermost bracket that the cursor is in."""
    inside = [bracket for bracket in read.brackets if bracket.start < at < bracket.end]
    return inside[-1] if inside else None


def _balanced(read: Wording, start: int, end: int) -> tuple[int, int]:
    """Grown until it cuts through no bracket and no comment."""
    spans = [(each.start, each.stop, each.end) for each in read.brackets]
    spans += [(each.start, each.end, each.end) for each in read.comments]
    grown = True
    while grown:
        grown = False
        for first, stop, last in spans:
            apart = end <= first or start >= last
            inside = first < start and end <= stop
            around = start <= first and last <= end
            if not (apart or inside or around):
                start, end, grown = min(start, first), max(end, last), True
    return start, end


def _solid(text: str, read: Wording) -> list[bool]:
    """Which characters are part of a word; an escaped bracket is."""
    solid = [character not in _EDGES for character in text]
    for place in range(1, len(text)):
        if text[place] in "()" and text[place - 1] == "\\":
            solid[place] = True
    for comment in read.comments:
        solid[comment.start : comment.end] = [False] * (comment.end - comment.start)
    return solid


def _word(text: str, read: Wording, at: int) -> tuple[int, int]:
    """The word that the cursor is in or touches; nothing where there is none."""
    solid = _solid(text, read)
    start = end = at
    while start > 0 and solid[start - 1]:
        start -= 1
    while end < len(text) and solid[end]:
        end += 1
    return start, end


def _phrase(text: str, read: Wording, at: int) -> tuple[int, int]:
    """From comma to comma, with the one behind it; no comma inside a bracket counts."""
    covered = _covered(text, read)
    start = end = at
    while start > 0 and (covered[start - 1] or text[start - 1] not in _BREAKS):
        start -= 1
    while end < len(text) and (covered[end] or text[end] not in _BREAKS):
        end += 1
    for comment in read.comments:  # a phrase beside a comment ends at it
        if comment.end <= at:
            start = max(start, comment.end)
        elif comment.start >= at:
            end = min(end, comment.start)
    start, end = _trimmed(text, start, end)
    if start < end < len(text) and text[end] == ",":
        end += 1
    return start, end


def _covered(text: str, read: Wording) -> list[bool]:
    """Which characters lie in a bracket or a comment."""
    covered = [False] * len(text)
    spans = [(each.start, each.end) for each in read.brackets]
    for start, end in [*spans, *((each.start, each.end) for each in read.comments)]:
        covered[start:end] = [True] * (end - start)
    return covered
