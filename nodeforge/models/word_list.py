"""The words that a model was taught, where it says so: `words.json` in its folder, or beside it.

    {"format": 1, "name": "Forge Tiny", "words": ["cat", ...], "phrases": ["ice cream", ...],
     "near": {"ice": ["ice cube", "snow"], ...}}

`words` mean something by themselves, the most used first; `phrases` hold words that do so only in
them; `near` says, for words that are not known, which known ones mean nearly the same.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from nodeforge.graph.wording import wording

FILE = "words.json"
FORMAT = 1
LIMIT = 8 * 2**20  # bytes
OFFERED = 3
LEAST = 3  # letters of a word that is looked at: shorter ones carry little, but for 猫 and its like
ALIKE = 0.8  # of the letters of a word that may be a slip of the finger
_WORD = re.compile(r"[^\W\d_]+")
_ENDINGS = ("s", "es", "ed", "ing", "d")
# No words to draw: an address, the tag of another program, what is short for a verb or an owner
_PASSED = re.compile(
    r"(?i)https?://\S+|<(?:lora|lyco|hypernet):[^<>\n]*>|\bembedding:"
    r"|\b\w+n['\u2019]t\b|(?<=\w)['\u2019](?:s|re|ve|ll|d|m)\b"
)


@dataclass(frozen=True)
class UnknownWord:
    """A word of a prompt, from `start` to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, eq=False)
class WordList:
    """name: of the model, as sentences call it."""

    name: str
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    near: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    @cached_property
    def known(self) -> frozenset[str]:
        return frozenset(map(_compared, self.words))

    @cached_property
    def starts(self) -> Mapping[str, tuple[tuple[str, ...], ...]]:
        """Phrases by their first word, the longest first."""
        found: dict[str, list[tuple[str, ...]]] = {}
        for phrase in self.phrases:
            parts = tuple(word for _, _, word in _words(phrase))
            if parts:
                found.setdefault(parts[0], []).append(parts)
        return {first: tuple(sorted(each, key=len, reverse=True)) for first, each in found.items()}

    def unknown(self, text: str, also: Iterable[str] = ()) -> list[UnknownWord]:
        """The words of a prompt that the model never learnt, in order; comments are passed over.

        also: what else wakes something here, as the words of a LoRA or an embedding.
        """
        taught = self.known.union(part for word in also for _, _, part in _words(word))
        found = list(_words(_masked(text)))
        words = [word for _, _, word in found]
        missing: list[UnknownWord] = []
        at = 0
        while at < len(found):
            if size := self._phrase(words, at):
                at += size
                continue
            start, end, word = found[at]
            at += 1
            if word not in taught and _is_looked_at(word):
                missing.append(UnknownWord(start, end, text[start:end]))
        return missing

    def _phrase(self, words: list[str], at: int) -> int:
        """How many words from here on are a phrase that is known."""
        follows = words[at + 1] if at + 1 < len(words) else ""
        for phrase in self.starts.get(words[at], ()):
            alone = len(phrase) == 1 or phrase[1] == follows
            if alone and tuple(words[at : at + len(phrase)]) == phrase:
                return len(phrase)
        return 0

    def nearest(self, word: str) -> list[str]:
        """Known words that may be meant: of nearly the same spelling, then of nearly the same
        meaning."""
        low = _folded(unicodedata.normalize("NFKC", word))
        meant = next((self.near[form] for form in _forms(low) if form in self.near), ())
        spelt = get_close_matches(low, (*self.words, *self.phrases), 2 * OFFERED, ALIKE)
        spelt = sorted(spelt, key=lambda each: each[0] != low[0])  # the first letter is seldom off
        slips = [each for each in spelt if each.removesuffix("s") not in spelt or each[-1] != "s"]
        order = (*meant, *slips) if low in self.near else (*slips, *meant)
        return list(dict.fromkeys(order))[:OFFERED]


def word_list(model: str | Path) -> WordList | None:
    """That of a model folder or a single file; None if it brings none, or one that is damaged."""
    path = Path(model)
    file = path / FILE if path.is_dir() else path.with_name(f"{path.stem}.{FILE}")
    try:
        stat = file.stat()
    except OSError:
        return None
    return _read(file, stat.st_mtime_ns, stat.st_size) if stat.st_size <= LIMIT else None


@lru_cache(maxsize=8)
def _read(file: Path, changed: int, size: int) -> WordList | None:
    """changed, size: a file that was written anew is read anew."""
    try:
        body: Any = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        return None
    near = body.get("near")
    return WordList(
        name=str(body.get("name") or file.parent.name),
        words=tuple(_texts(body.get("words"))),
        phrases=tuple(_texts(body.get("phrases"))),
        near={_folded(str(word)): tuple(_texts(others)) for word, others in near.items()}
        if isinstance(near, dict)
        else {},
    )


def _texts(value: object) -> Iterator[str]:
    yield from (each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _words(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each word begins and ends, and how it is compared. Marks over and under letters, as of
    Hindi or a letter with its accent apart, divide no word."""
    start = end = -1
    for match in _WORD.finditer(text):
        if match.start() != end:
            if start >= 0:
                yield start, end, _compared(text[start:end])
            start = match.start()
        end = match.end()
        while text[end : end + 1] > "~" and unicodedata.category(text[end])[0] == "M":
            end += 1
    if start >= 0:
        yield start, end, _compared(text[start:end])


def _compared(word: str) -> str:
    return word.casefold() if word.isascii() else unicodedata.normalize("NFC", word.casefold())


def _is_looked_at(word: str) -> bool:
    """In a script without capitals, a word may be a single sign."""
    return len(word) >= LEAST or (not word.isascii() and word.upper() == word.lower())


def _folded(word: str) -> str:
    """In small letters without accents: how a word is looked up that is spelt another way."""
    apart = unicodedata.normalize("NFD", word.casefold())
    return "".join(sign for sign in apart if unicodedata.category(sign) != "Mn")


def _masked(text: str) -> str:
    """With blanks for what is not drawn as words, of the same length."""
    pieces, at = list[str](), 0
    for comment in wording(text).comments:
        pieces += [text[at : comment.start], " " * (comment.end - comment.start)]
        at = comment.end
    return _PASSED.sub(lambda match: " " * len(match[0]), "".join((*pieces, text[at:])))


def _forms(word: str) -> Iterator[str]:
    """The word, and what it may be a form of."""
    yield word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= LEAST:
            stem = word.removesuffix(ending)
            yield stem
            yield stem + "e"
