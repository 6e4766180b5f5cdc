"""Captions made false by one word: another colour, number, thing or side, or two things exchanged.

A CLIP that only meets true captions of other pictures learns what is there and not how it is
arranged; captions that are nearly true teach the rest (Yuksekgonul et al., arXiv:2210.01936).
Words are changed as tokens, on the device, so that a picture meets other false captions each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import CLIPTokenizer

from nodeforge.training.data.sprites import Subject
from nodeforge.training.scenes.captions import article
from nodeforge.training.scenes.colours import COLOURS
from nodeforge.training.scenes.words import NUMBERS

Words = tuple[str, ...]

SIZES = (("big", "large", "huge", "giant"), ("small", "little", "tiny"))
TIMES = (("sunset", "dusk"), ("night",), ("dawn", "sunrise"))
HEIGHTS = (("over", "above"), ("below", "under", "beneath"))
# Between two things, these tell which is which: exchanged, the caption is false.
DIRECTED = (
    *("over", "above", "below", "under", "beneath", "left", "right"),
    *("on", "riding", "front", "behind", "wearing"),
)
SIDE = 2.0  # weight of left and right
EXCHANGED = 0.4  # share of captions with two things whose things, or colours, are exchanged


@dataclass(frozen=True)
class Group:
    """Words that may stand for each other. kinds: synonyms together. weight: how often."""

    kinds: tuple[Words, ...]
    weight: float


GROUPS = (
    Group(tuple(colour.words for colour in COLOURS), 1.0),
    Group(tuple(NUMBERS.values()), 1.5),
    Group(HEIGHTS, 1.0),
    Group(SIZES, 0.6),
    Group(TIMES, 0.6),
)
THINGS = 0.6  # weight of nouns


class Swaps:
    """Makes false captions of true ones.

    Args:
        tokenizer: Of the captions.
        subjects: What the captions speak of.
        device: Where the captions are.
    """

    def __init__(
        self, tokenizer: CLIPTokenizer, subjects: Iterable[Subject], device: str = "cpu"
    ) -> None:
        length = len(tokenizer)
        self.tokenizer = tokenizer
        things = nouns(subjects)
        self.words: list[int] = []
        self.weight = torch.zeros(length)
        self.begin, self.count, self.first, self.own = torch.zeros(4, length, dtype=torch.long)
        for group in (*GROUPS, *(Group(kinds, THINGS) for kinds in things)):
            self.add(group)
        self.mirror = torch.arange(length)
        left, right = self.tokens(("left", "right"))
        self.mirror[left], self.mirror[right] = right, left
        self.weight[[left, right]] = SIDE
        names = [word for kinds in things for kind in kinds for word in kind]
        tones = [word for colour in COLOURS for word in colour.words]
        self.noun, self.colour = self.marks(names), self.marks(tones)
        self.vowel = self.marks(w for w in (*names, *tones) if article(w).startswith("an "))
        self.directed = self.marks(DIRECTED)
        self.a, self.an = torch.tensor(self.tokens(("a", "an")))
        self.pool = torch.tensor(self.words)
        for name, table in list(vars(self).items()):
            if isinstance(table, Tensor):
                setattr(self, name, table.to(device))

    def tokens(self, words: Iterable[str]) -> list[int]:
        """The tokens of those words that are one token."""
        told = self.tokenizer(list(words), add_special_tokens=False)["input_ids"]
        return [ids[0] for ids in told if len(ids) == 1]

    def marks(self, words: Iterable[str]) -> Tensor:
        """Which tokens [vocabulary] are among the words."""
        marks = torch.zeros(len(self.tokenizer), dtype=torch.bool)
        marks[self.tokens(words)] = True
        return marks

    def add(self, group: Group) -> None:
        """Note for each token of a group where in `words` the others are."""
        kinds = [self.tokens(kind) for kind in group.kinds]
        begin, total = len(self.words), sum(map(len, kinds))
        for kind in kinds:
            for token in kind:
                if not self.weight[token]:
                    self.begin[token], self.count[token] = begin, total
                    self.first[token], self.own[token] = len(self.words) - begin, len(kind)
                    self.weight[token] = group.weight
            self.words += kind

    def __call__(self, ids: Tensor) -> Tensor:
        """A false caption for each of ids [n, l]; a caption without any such word stays as it is.

        Without synchronisation, and fit for CUDA graphs.
        """
        at = (torch.rand(ids.shape, device=ids.device) * self.weight[ids]).argmax(1, keepdim=True)
        changed = self.put(ids, at, self.other(ids.gather(1, at)))
        sides = self.mirror[ids]
        made = torch.where(sides.gather(1, at) != ids.gather(1, at), sides, changed)
        for marked, directed in ((self.noun, True), (self.colour, False)):
            turned, possible = self.exchange(ids, marked, directed)
            chosen = possible & (torch.rand(len(ids), device=ids.device) < EXCHANGED)
            made = torch.where(chosen[:, None], turned, made)
        return made

    def other(self, tokens: Tensor) -> Tensor:
        """For each token [n, 1] one of its group that is not of its kind; others stay."""
        own, first = self.own[tokens], self.first[tokens]
        chance = torch.rand(tokens.shape, device=tokens.device)
        place = (chance * (self.count[tokens] - own)).long()
        place = place + own * (place >= first)
        return torch.where(own > 0, self.pool[self.begin[tokens] + place], tokens)

    def put(self, ids: Tensor, at: Tensor, tokens: Tensor) -> Tensor:
        """Captions [n, l] with tokens [n, 1] at places [n, 1], and the fitting article before."""
        before = (at - 1).clamp(min=0)
        leading = ids.gather(1, before)
        fitting = torch.where(self.vowel[tokens], self.an, self.a)
        indefinite = (leading == self.a) | (leading == self.an)
        made = ids.scatter(1, before, torch.where(indefinite, fitting, leading))
        return made.scatter(1, at, tokens)

    def exchange(self, ids: Tensor, marked: Tensor, directed: bool) -> tuple[Tensor, Tensor]:
        """Captions with their first two marked words exchanged, and whether there are two [n].

        directed: whether a word that tells which is which must be between them.
        """
        found = marked[ids]
        places = torch.arange(ids.shape[1], device=ids.device)
        first = found.int().argmax(1, keepdim=True)
        later = found & (places > first)
        second = later.int().argmax(1, keepdim=True)
        possible = later.any(1) & (second - first > 2)[:, 0]  # not "black and white"
        if directed:
            between = (places > first) & (places < second)
            possible = possible & (self.directed[ids] & between).any(1)
        one, two = ids.gather(1, first), ids.gather(1, second)
        possible = possible & (self.begin[one] == self.begin[two])[:, 0]  # not "a stars"
        return self.put(self.put(ids, first, two), second, one), possible


def nouns(subjects: Iterable[Subject]) -> list[tuple[Words, ...]]:
    """Names in three groups that never mix: with an article, without, and plurals."""
    groups: dict[tuple[bool, bool], list[Words]] = {}
    for subject in subjects:
        for counted in (True, False):
            mine = [bool(article) == counted for article in subject.articles]
            for plural, words in ((False, subject.names), (True, subject.plurals)):
                kind = tuple(word for word, fits in zip(words, mine, strict=True) if fits)
                if kind and not (plural and not counted):
                    groups.setdefault((counted, plural), []).append(kind)
    return [tuple(kinds) for kinds in groups.values()]
