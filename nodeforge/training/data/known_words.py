"""What a model was taught to draw, as `words.json`: its words, and for others those nearest.

Words are taken from captions, as training made them. What other words mean comes from WordNet
(Miller 1995, “WordNet: A Lexical Database for English”): two nouns are near if their common
ancestor is deep (Wu and Palmer 1994, “Verbs Semantics and Lexical Selection”), or if one is in the
other's definition; other words if they share a meaning.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from nodeforge.training.data import packages, subjects
from nodeforge.training.data.packages import Echo
from nodeforge.training.data.sprites import LOOKS, Pack, Sprite, Subject
from nodeforge.training.data.tokenizer import split
from nodeforge.training.data.wordnet import Synset, WordNet
from nodeforge.training.scenes import backdrops
from nodeforge.training.scenes.sampler import Sampler
from nodeforge.training.scenes.words import PLACES, RELATIONS, SCENERY

FORMAT = 1
SCENES = 60_000  # captions that are read; training saw a hundred times as many
OFFERED = 4  # words that are named for one that is not known
ENOUGH = 0.82  # how near a noun must be
RARE = 0.9  # the same for a word that WordNet's own texts do not hold
SENSES = 2  # of a word, the most used first
MOVING = 0.4  # and a verb, of which there are few
LATER = 0.05  # what each later sense is farther away
DEFINED = 0.22  # how much nearer a word is that stands in the other's definition
MENTIONED = 0.84  # how near it is by that alone
MOVES = frozenset({"flying", "swimming", "floating", "walking", "standing", "sitting"})
# For each kind of thing, the word for all of them; else it is an artifact.
ABOVE = {
    **dict.fromkeys(("animal", "animalface", "bird", "bug", "flybug", "sea", "dragon"), "animal"),
    **dict.fromkeys(("person", "hero", "face"), "person"),
    **dict.fromkeys(("plant", "flower"), "plant"),
    "food": "food",
}
# What a definition says of many things, and does not mean.
EMPTY = frozenset(
    (
        *("a", "an", "the", "of", "in", "on", "to", "and", "or", "with", "by", "for"),
        *("from", "as", "is", "it", "at", "that", "top", "set", "two", "small", "large", "big"),
        *(
            "long",
            "short",
            "usually",
            "used",
            "made",
            "having",
            "one",
            "side",
            "back",
            "face",
            "light",
            "bright",
        ),
        *("white", "black"),
    )
)


def build(out: Path, downloads: Path, echo: Echo, *, name: str = "Forge Tiny") -> None:
    """Write the file `out`; the archive of WordNet is kept in `downloads`.

    Raises NodeForgeError if WordNet cannot be had.
    """
    net = WordNet.read(packages.fetch(packages.WORDNET, downloads, echo))
    things = subjects.load()
    echo(f"reading {SCENES:,} captions")
    words, phrases = known(things, captions(things, SCENES))
    echo(f"looking for the nearest of {len(words)} words and {len(phrases)} phrases")
    body = {
        "format": FORMAT,
        "name": name,
        "words": words,
        "phrases": phrases,
        "near": nearest(net, set(words), set(phrases), things),
    }
    out.write_text(json.dumps(body, ensure_ascii=False, indent=0) + "\n", "utf-8")


def captions(things: Sequence[Subject], count: int) -> Iterator[str]:
    """Captions of so many scenes with these things, always the same ones."""
    sprites = [Sprite(at, look, 1, 0.8, None) for at in range(len(things)) for look in LOOKS]
    pack = Pack(64, tuple(things), tuple(sprites), np.zeros((0, 64, 64, 4), np.uint8))
    sampler = Sampler(pack, backdrops.plan(900, 1))
    return (sampler.sample(seed).caption for seed in range(count))


def known(things: Iterable[Subject], said: Iterable[str]) -> tuple[list[str], list[str]]:
    """Words that mean something by themselves, and names of which a word does so only in them.

    What captions say most comes first.
    """
    names = {tuple(split(name)) for each in things for name in (*each.names, *each.plurals) if name}
    longest = max(map(len, names))
    found = Counter(dict.fromkeys(names, 1))
    for caption in said:
        left = split(caption)
        while left:
            sizes = range(min(longest, len(left)), 1, -1)
            size = next((n for n in sizes if tuple(left[:n]) in names), 1)
            found[tuple(left[:size])] += 1
            del left[:size]
    words = [name[0] for name, _ in found.most_common() if len(name) == 1 and name[0].isalpha()]
    alone = set(words)
    phrases = [" ".join(name) for name, _ in found.most_common() if not alone.issuperset(name)]
    return words, [name for name in phrases if " " in name]


def nearest(
    net: WordNet, words: set[str], phrases: set[str], things: Iterable[Subject]
) -> dict[str, list[str]]:
    """For each word of WordNet that is not known, the nearest that are, the nearest first."""
    nouns = _Nouns(net, {**_scenery(net, words), **_things(net, things)})
    found: dict[str, list[str]] = {}
    doing = _verbs(net, words)
    for verb in net.used:
        near = _near_verbs(net, verb, doing)
        for form in net.forms(verb, "v"):
            if form not in words and form.endswith("ing"):
                found[form] = near
    for word in net.words():
        if word in words or word in phrases or word in found or len(word) < 3:
            continue
        near = _near(net, nouns, word, words, ENOUGH if word in net.used else RARE)
        if near:
            found[word] = near
    return {word: near for word, near in sorted(found.items()) if near}


def _verbs(net: WordNet, words: set[str]) -> dict[str, Synset]:
    """What captions say that things do, as “flying”, in the first sense."""
    forms = {form: verb for verb in net.lemmas["v"] for form in net.forms(verb, "v")}
    texts = [text for each in RELATIONS.values() for text in each.forward]
    told = {word for text in texts for word in split(text)} | MOVES
    said = {word for word in told & words if word.endswith("ing") and word in forms}
    return {word: net.senses(forms[word], "v")[0] for word in said}


def _near_verbs(net: WordNet, verb: str, doing: Mapping[str, Synset]) -> list[str]:
    scores: dict[str, float] = {}
    for synset in net.senses(verb, "v")[:1]:
        above = net.ancestors(synset)
        for word, other in doing.items():
            common = max(map(net.depth, above.keys() & net.ancestors(other).keys()), default=0)
            scores[word] = 2 * common / (net.depth(synset) + net.depth(other))
    best = sorted(scores, key=lambda word: (-scores[word], word))
    return [word for word in best if scores[word] >= MOVING][:OFFERED]


def _things(net: WordNet, things: Iterable[Subject]) -> dict[str, Synset]:
    """The names of things, each with the sense that is drawn: an animal, not a bold person."""
    found: dict[str, Synset] = {}
    for thing in things:
        above = net.senses(ABOVE.get(thing.kind, "artifact"), "n")
        for name in (name.lower() for name in thing.names):
            senses = net.senses(name, "n")
            fitting = [each for each in senses if not net.ancestors(each).keys().isdisjoint(above)]
            if senses:
                found.setdefault(name, (fitting or senses)[0])
    return found


def _scenery(net: WordNet, words: set[str]) -> dict[str, Synset]:
    """The nouns of places, in their first sense."""
    texts = [text for each in (*SCENERY.values(), *PLACES.values()) for text in each]
    told = {word for text in texts for word in split(text)}
    nouns = {word for word in told & words if not net.senses(word, "a")} - EMPTY
    return {word: net.senses(word, "n")[0] for word in nouns if net.senses(word, "n")}


def _near(net: WordNet, nouns: _Nouns, word: str, words: set[str], enough: float) -> list[str]:
    scores: defaultdict[str, float] = defaultdict(float)
    for place, synset in enumerate(net.senses(word, "n")[:SENSES]):
        for other, score in nouns.near(synset, word):
            scores[other] = max(scores[other], score - LATER * place)
    for kind in ("a", "v"):
        for place, synset in enumerate(net.senses(word, kind)[:SENSES]):
            for other in net.like(synset):
                for form in (other, *net.forms(other, kind)):
                    if form in words and form != word:
                        scores[form] = max(scores[form], 0.95 - LATER * place)
    best = sorted(scores, key=lambda other: (-round(scores[other], 4), other))
    return [other for other in best if scores[other] >= enough][:OFFERED]


class _Nouns:
    """What is known, by its place among the nouns."""

    def __init__(self, net: WordNet, offered: Mapping[str, Synset]) -> None:
        self.net, self.named = net, offered.keys()
        self.below: defaultdict[Synset, list[tuple[str, Synset]]] = defaultdict(list)
        self.defined: defaultdict[str, set[str]] = defaultdict(set)  # by the words that define them
        # To be a person too is not to be alike, and to be alive less so.
        people = net.senses("person", "n")
        self.broad = {above for synset in people for above in net.ancestors(synset)}
        for word, synset in offered.items():
            for ancestor in net.ancestors(synset):
                self.below[ancestor].append((word, synset))
            for part in set(split(net.gloss(synset))) - EMPTY:
                self.defined[part].add(word)

    def near(self, synset: Synset, named: str) -> Iterator[tuple[str, float]]:
        """Known nouns and how near they are, 0 to 1 and somewhat more. named: what it is called."""
        net = self.net
        defining = {word for word in split(net.gloss(synset)) if word not in EMPTY}
        depth = net.depth(synset)
        for ancestor in net.ancestors(synset):
            common = net.depth(ancestor)
            if common < 4 or ancestor in self.broad:
                continue
            for word, other in self.below.get(ancestor, ()):
                score = 2 * common / (depth + net.depth(other))
                yield word, score + (DEFINED if word in defining else 0)
        for word in (defining & self.named) | self.defined.get(named, set()):
            yield word, MENTIONED
