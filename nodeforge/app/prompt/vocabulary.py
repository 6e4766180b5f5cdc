"""The words a prompt may be completed with: what models draw and what the graph says."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nodeforge.graph.document import Document
from nodeforge.graph.spec import Specs, Text
from nodeforge.graph.wording import wording
from nodeforge.models.entry import Entry
from nodeforge.models.kinds import EMBEDDING, LORA

LEAST = 2  # letters, before words are offered
_WORD = re.compile(r"[^\W\d_][\w'-]{2,}")
_BEGUN = re.compile(r"[^\W\d_][\w'-]*\Z")


def used(document: Document, specs: Specs) -> list[str]:
    """The words of all prompts in the graph."""
    found: dict[str, None] = {}
    for node in document.nodes.values():
        for param in specs[node.stage].params if node.stage in specs else ():
            if isinstance(param.kind, Text) and param.kind.prompt:
                text = str(node.values.get(param.name, param.default))
                found |= dict.fromkeys(_WORD.findall(wording(text).plain))
    return list(found)


def learnt(entries: Iterable[Entry]) -> list[str]:
    """What wakes the LoRAs and embeddings among these models, and their names."""
    some = [each for each in entries if each.kind.kind in (LORA, EMBEDDING) and not each.fault]
    found = dict.fromkeys(word for each in some for word in each.beside.words)
    return list(found | dict.fromkeys(each.name for each in some))


def begun(before: str) -> str:
    """The word that the text before the cursor ends in, if enough of it is there."""
    match = _BEGUN.search(before[-60:])
    return match[0] if match and len(match[0]) >= LEAST else ""


def offered(start: str, words: Iterable[str], most: int) -> list[str]:
    """Words that go on from this start, the first ones first; a word that is whole is not."""
    low = start.lower()
    found: dict[str, None] = {}
    for word in words:
        if word.lower().startswith(low) and len(word) > len(start):
            found[word] = None
            if len(found) == most:
                break
    return list(found)
