"""The things Forge Tiny can draw: subjects.toml, with plurals and articles worked out."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from nodeforge.training.data.sprites import Subject

WEIGHTS = {"often": 5.0, "seldom": 1.0}
ARTICLES = ("a", "an", "the")


def load() -> tuple[Subject, ...]:
    """All subjects of the list, in its order; labels are those of emojibase."""
    tables: dict[str, Any] = tomllib.loads(
        Path(__file__).with_name("subjects.toml").read_text("utf-8")
    )
    plain_kinds, plain_labels = (set(tables["uncoloured"][key]) for key in ("kinds", "labels"))
    return tuple(
        _subject(label, kind, kind not in plain_kinds and label not in plain_labels, row, weight)
        for level, weight in WEIGHTS.items()
        for kind, rows in tables[level].items()
        for label, row in rows.items()
    )


def plural(name: str) -> str:
    """More than one of them, by the rules of English spelling; exceptions are up to the caller.

    The noun is the last word, or the one before “of”: cup of tea, cups of tea.
    """
    head, of, rest = name.partition(" of ")
    if re.search(r"(s|x|z|ch|sh)$", head):
        head += "es"
    elif re.search(r"[^aeiou]y$", head):
        head = head[:-1] + "ies"
    elif re.search(r"(potat|tomat)o$", head):
        head += "es"
    else:
        head += "s"
    return head + of + rest


def _subject(label: str, kind: str, colourable: bool, row: str, weight: float) -> Subject:
    names, plurals, articles = zip(*(_name(text) for text in row.split(", ")), strict=True)
    return Subject(label, kind, colourable, names, plurals, articles, weight)


def _name(text: str) -> tuple[str, str, str]:
    """Name, plural, article of a name as it is written in the list."""
    single, _, several = text.partition("/")
    article, _, name = single.partition(" ")
    if article not in ARTICLES:
        return single, several or single, ""
    return name, several or plural(name), article
