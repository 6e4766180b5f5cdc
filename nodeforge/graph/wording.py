"""A prompt as it is meant: phrases with weights, comments left out, faults with their places.

    a red dragon, (sunset:1.2), (castle), /* rain, */ golden light  // try snow

`(words:1.2)` weighs 1.2 and `(words)` 1.1; brackets in brackets multiply. `\\(` is a bracket to be
read, `/* … */` a comment, and so is `//` up to the end of its line. A bracket without its partner
is read as it stands, and is a fault.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

SLIGHTLY = 1.1  # what brackets without a number weigh
_TOKEN = re.compile(
    r"(?P<comment>/\*.*?(?:\*/|\Z)|(?<!:)//[^\n]*)"
    r"|(?P<escape>\\[()\\])"
    r"|(?P<open>\()"
    r"|(?P<close>(?::[ \t]*(?P<weight>[+-]?(?:\d{1,4}(?:\.\d*)?|\.\d+))[ \t]*)?\))",
    re.DOTALL,
)


@dataclass(frozen=True)
class Phrase:
    text: str
    weight: float


@dataclass(frozen=True)
class Bracket:
    """From its `(` at `start` to behind its `)` at `end`; the words go up to `stop`.

    weight: its own, without that of the brackets around it.
    """

    start: int
    stop: int
    end: int
    weight: float


@dataclass(frozen=True)
class Comment:
    start: int
    end: int


@dataclass(frozen=True)
class Fault:
    """What is wrong from `start` to `end`, in a sentence."""

    start: int
    end: int
    message: str


@dataclass(frozen=True)
class Wording:
    """brackets: outer ones before those inside them."""

    phrases: tuple[Phrase, ...] = ()
    brackets: tuple[Bracket, ...] = ()
    comments: tuple[Comment, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def plain(self) -> str:
        """The words alone, as a model without weights would read them."""
        return "".join(phrase.text for phrase in self.phrases)

    @property
    def weighted(self) -> bool:
        return any(phrase.weight != 1 for phrase in self.phrases)

    def comment_at(self, start: int, end: int) -> Comment | None:
        """The first comment that this stretch lies in or touches."""
        return next((c for c in self.comments if c.start <= end and start <= c.end), None)


@lru_cache(maxsize=64)
def wording(text: str) -> Wording:
    """Linear, without recursion. Text without brackets, comments or escapes is one phrase."""
    tokens = list(_TOKEN.finditer(text))
    partner, faults = _paired(tokens)
    phrases: list[Phrase] = []
    brackets: list[Bracket] = []
    comments: list[Comment] = []
    weights = [1.0]
    at = 0
    for place, token in enumerate(tokens):
        _say(phrases, text[at : token.start()], weights[-1])
        at = token.end()
        match token.lastgroup:
            case "comment":
                comments.append(Comment(token.start(), token.end()))
                if token[0].startswith("/*") and not token[0][2:].endswith("*/"):
                    message = "This comment goes on to the end: close it with */."
                    faults.append(Fault(token.start(), token.start() + 2, message))
            case "escape":
                _say(phrases, token[0][1:], weights[-1])
            case "open" if place in partner:
                close = tokens[partner[place]]
                own = float(close["weight"]) if close["weight"] else SLIGHTLY
                brackets.append(Bracket(token.start(), close.start(), close.end(), own))
                weights.append(weights[-1] * own)
            case "close" if place in partner:
                weights.pop()
            case _:
                _say(phrases, token[0], weights[-1])
    _say(phrases, text[at:], weights[-1])
    faults.sort(key=lambda fault: fault.start)
    return Wording(tuple(phrases), tuple(brackets), tuple(comments), tuple(faults))


def _paired(tokens: list[re.Match[str]]) -> tuple[dict[int, int], list[Fault]]:
    """For each bracket that has one, its partner; and the faults of those that have none."""
    partner: dict[int, int] = {}
    faults: list[Fault] = []
    open_: list[int] = []
    for place, token in enumerate(tokens):
        if token.lastgroup == "open":
            open_.append(place)
        elif token.lastgroup == "close" and open_:
            partner[open_[-1]] = place
            partner[place] = open_.pop()
        elif token.lastgroup == "close":
            message = "No bracket opens for this one: take it away, or write \\) to have it read."
            faults.append(Fault(token.end() - 1, token.end(), message))
    for place in open_:
        message = "This bracket is never closed: add a ), or write \\( to have it read."
        faults.append(Fault(tokens[place].start(), tokens[place].end(), message))
    return partner, faults


def _say(phrases: list[Phrase], text: str, weight: float) -> None:
    """Add words; those of one weight in a row are one phrase."""
    if text and phrases and phrases[-1].weight == weight:
        phrases[-1] = Phrase(phrases[-1].text + text, weight)
    elif text:
        phrases.append(Phrase(text, weight))
