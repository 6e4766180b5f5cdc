"""A small CLIP tokenizer: 8,192 entries, chosen so that our captions take one token a word.

Byte pair encoding merges letters to words by ranked rules. OpenAI published 262,144 of them with
CLIP (Radford et al. 2021, “Learning Transferable Visual Models From Natural Language Supervision”;
the list ships inside the package open_clip_torch), of which CLIP takes the first 48,894. We take
from all of them every rule that the given words use, and fill up with the highest ranked.
"""

from __future__ import annotations

import gzip
import itertools
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from transformers import CLIPTokenizer

from nodeforge.errors import NodeForgeError
from nodeforge.training.data.sprites import Subject

ENTRIES = 8192
START, END = "<|startoftext|>", "<|endoftext|>"
WORD_END = "</w>"
LENGTH = 77  # tokens of a caption, with start and end

Rule = tuple[str, str]


def build(words: Iterable[str], merges: Path, out: Path) -> None:
    """Writes the tokenizer that knows `words`, in the layout of transformers.

    `merges` is CLIP's bpe_simple_vocab_16e6.txt.gz. The same words, in any order, give the same
    files. Raises NodeForgeError if the words need more entries than there are.
    """
    rules = read_rules(merges)
    ranks = {rule: rank for rank, rule in enumerate(rules)}
    letters = list(_letters())
    room = ENTRIES - 2 * len(letters) - 2
    kept = {rank for word in words for rank in _used(word, ranks)}
    if len(kept) > room:
        raise NodeForgeError(
            f"The words need {len(kept)} rules, and the tokenizer has room for {room}: give fewer"
        )
    rest = (rank for rank in range(len(rules)) if rank not in kept)
    kept.update(rank for rank, _ in zip(rest, range(room - len(kept)), strict=False))
    chosen = [rules[rank] for rank in sorted(kept)]
    entries = [*letters, *(letter + WORD_END for letter in letters), *map("".join, chosen)]
    _save({entry: place for place, entry in enumerate([*entries, START, END])}, chosen, out)


def words() -> list[str]:
    """The words that the embedded models' tokenizer was built for: names and what captions say."""
    return Path(__file__).with_name("words.txt").read_text("utf-8").split()


def words_of(subjects: Iterable[Subject]) -> set[str]:
    """Every word in the names of the subjects, one or many of them."""
    return {
        word
        for subject in subjects
        for name in (*subject.names, *subject.plurals)
        for word in split(name)
    }


def split(text: str) -> list[str]:
    """The words of a text as CLIP sees them: runs of letters, single digits."""
    return re.findall(r"[a-z]+|[0-9]", text.lower())


def read_rules(merges: Path) -> list[Rule]:
    """The merge rules, the highest ranked first. Raises NodeForgeError if there are none."""
    try:
        lines = gzip.decompress(merges.read_bytes()).decode("utf-8").split("\n")
        rules = [_rule(line) for line in lines[1:] if line]
    except (OSError, ValueError, EOFError) as error:
        raise NodeForgeError(
            f"“{merges}” is not the list of CLIP's merge rules ({error}): download it again"
        ) from error
    return rules


def _rule(line: str) -> Rule:
    first, second = line.split()
    return first, second


def _used(word: str, ranks: dict[Rule, int]) -> Iterator[int]:
    """Ranks of the rules that merge the word, as byte pair encoding applies them."""
    parts = [*word[:-1], word[-1] + WORD_END]
    while len(parts) > 1:
        best = min(itertools.pairwise(parts), key=lambda pair: ranks.get(pair, len(ranks)))
        if best not in ranks:
            return
        yield ranks[best]
        parts = list(_merged(parts, best))


def _merged(parts: list[str], rule: Rule) -> Iterator[str]:
    place = 0
    while place < len(parts):
        if tuple(parts[place : place + 2]) == rule:
            yield "".join(rule)
            place += 2
        else:
            yield parts[place]
            place += 1


def _letters() -> Iterator[str]:
    """A visible character for each of the 256 bytes, in CLIP's order."""
    visible = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    yield from map(chr, visible)
    yield from (chr(256 + n) for n in range(256 - len(visible)))


def _save(vocabulary: dict[str, int], rules: list[Rule], out: Path) -> None:
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=rules, model_max_length=LENGTH)
    tokenizer.save_pretrained(str(out))
    settings = {
        "backend": "tokenizers",
        "bos_token": START,
        "do_lower_case": True,
        "eos_token": END,
        "model_max_length": LENGTH,
        "pad_token": END,
        "tokenizer_class": "CLIPTokenizer",
        "unk_token": END,
    }
    text = json.dumps(settings, indent=2) + "\n"
    (out / "tokenizer_config.json").write_text(text, "utf-8")
