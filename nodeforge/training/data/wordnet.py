"""WordNet's database files: which senses a word has, and what lies above each.

The format is that of wndb(5WN): a line of an index is a lemma with its senses, the most used
first; a line of data is a set of synonyms with pointers (@ to what it is a kind of, & to what is
similar) and a definition.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from nodeforge.training.data.packages import members

Synset = tuple[str, int]  # part of speech, and where its line begins
FILES = {"n": "noun", "v": "verb", "a": "adj"}
FOLDER = "package/dict"
KIND_OF, INSTANCE_OF, SIMILAR = "@", "@i", "&"
_ENDINGS = {"v": ("ing", "s", "ed"), "a": ("er", "est"), "n": ("s",)}


@dataclass(frozen=True)
class _Entry:
    words: tuple[str, ...]
    above: tuple[Synset, ...]
    similar: tuple[Synset, ...]
    gloss: str


@dataclass(frozen=True, eq=False)
class WordNet:
    """lemmas: for each part of speech, words with their senses. used: those that WordNet's own
    texts hold in some sense."""

    entries: dict[Synset, _Entry]
    lemmas: dict[str, dict[str, tuple[Synset, ...]]]
    used: frozenset[str]
    _above: dict[Synset, dict[Synset, int]] = field(default_factory=dict[Synset, dict[Synset, int]])

    @classmethod
    def read(cls, archive: Path) -> WordNet:
        """From the package's archive. Raises NodeForgeError if it is not whole."""
        wanted = [
            f"{FOLDER}/{kind}.{name}" for name in FILES.values() for kind in ("index", "data")
        ]
        texts = {name: body.decode() for name, body in members(archive, wanted).items()}
        entries: dict[Synset, _Entry] = {}
        lemmas: dict[str, dict[str, tuple[Synset, ...]]] = {}
        used: set[str] = set()
        for part, name in FILES.items():
            for line in texts[f"{FOLDER}/data.{name}"].splitlines():
                if not line.startswith(" "):
                    entries[part, int(line[:8])] = _entry(line)
            lemmas[part] = {}
            for line in texts[f"{FOLDER}/index.{name}"].splitlines():
                if line.startswith(" "):
                    continue
                words = line.split()
                count = int(words[2])
                lemma = words[0].replace("_", " ")
                lemmas[part][lemma] = tuple((part, int(at)) for at in words[-count:])
                if int(words[-count - 1]):  # senses that are tagged in texts
                    used.add(lemma)
        return cls(entries, lemmas, frozenset(used))

    def senses(self, word: str, part: str) -> tuple[Synset, ...]:
        """The most used first; none if it is not such a word."""
        return self.lemmas[part].get(word, ())

    def words(self) -> list[str]:
        """All single words, in lower case."""
        found = {word for known in self.lemmas.values() for word in known}
        return sorted(word for word in found if word.isalpha())

    def gloss(self, synset: Synset) -> str:
        """The definition, without examples."""
        return self.entries[synset].gloss

    def like(self, synset: Synset) -> list[str]:
        """Words of the same meaning, and of similar ones."""
        entry = self.entries[synset]
        similar = [word for other in entry.similar for word in self.entries[other].words]
        return [*entry.words, *similar]

    def ancestors(self, synset: Synset) -> dict[Synset, int]:
        """All that it is a kind of, itself among them, with the steps up to each."""
        if synset not in self._above:
            found = {synset: 0}
            todo = [synset]
            while todo:
                each = todo.pop(0)
                for above in self.entries[each].above:
                    if above not in found:
                        found[above] = found[each] + 1
                        todo.append(above)
            self._above[synset] = found
        return self._above[synset]

    def depth(self, synset: Synset) -> int:
        """Steps from the top, by the shortest way; the top itself is 1."""
        return max(self.ancestors(synset).values()) + 1

    def forms(self, word: str, part: str) -> list[str]:
        """Regular forms of a word, as “flying” of “fly”."""
        return [form for end in _ENDINGS[part] for form in _ended(word, end)]


def _entry(line: str) -> _Entry:
    data, _, gloss = line.partition(" | ")
    parts = data.split()
    count = int(parts[3], 16)
    words = tuple(parts[4 + 2 * n].partition("(")[0].replace("_", " ") for n in range(count))
    at = 4 + 2 * count
    above, similar = list[Synset](), list[Synset]()
    for n in range(int(parts[at])):
        sign, place, part, _ = parts[at + 1 + 4 * n : at + 5 + 4 * n]
        if sign in (KIND_OF, INSTANCE_OF):
            above.append((part, int(place)))
        elif sign == SIMILAR:
            similar.append(("a", int(place)))
    return _Entry(words, tuple(above), tuple(similar), gloss.partition('"')[0].strip())


@cache
def _ended(word: str, end: str) -> tuple[str, ...]:
    """With an ending, as English may spell it."""
    stem = word[:-1] if word.endswith("e") and end != "s" else word
    doubled = word + word[-1] if end != "s" and word[-1:] not in "aeiouwxy" else word
    return tuple(dict.fromkeys((stem + end, doubled + end)))
