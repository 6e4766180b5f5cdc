"""Finding models in a library of tens of thousands, while one types."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path

from nodeforge.models.entry import Entry
from nodeforge.models.kinds import KINDS

_ORDER = {kind: place for place, kind in enumerate(KINDS)}


def haystack(entry: Entry) -> str:
    """The small letters that a search looks through."""
    folders = " ".join(entry.path.replace("\\", "/").rsplit("/", 3)[1:])
    told = (entry.name, folders, entry.badge, entry.kind.release, entry.kind.variant)
    words = (entry.kind.precision, entry.beside.title, *entry.beside.words[:20], entry.remark)
    return " ".join((*told, *words, entry.autov2)).lower()


def order(entry: Entry) -> tuple[int, str, str]:
    """What lists are sorted by: the kind, then the name."""
    return _ORDER.get(entry.kind.kind, 99), entry.name.lower(), entry.path


def nearest(
    entries: Iterable[Entry], kinds: Iterable[str], name: str, family: str = "", mark: str = ""
) -> list[Entry]:
    """What could stand for a model that is not there, the best first: the same file by its mark,
    then one of its name, then others of its family whose names are like it."""
    allowed = set(kinds)
    scored: list[tuple[float, str, Entry]] = []
    for entry in entries:
        if entry.kind.kind not in allowed or entry.away or entry.fault:
            continue
        if score := _score(entry, name, family, mark):
            scored.append((-score, entry.path, entry))
    return [entry for *_, entry in sorted(scored, key=lambda each: each[:2])]


def _score(entry: Entry, name: str, family: str, mark: str) -> float:
    if mark and entry.mark == mark:
        return 4.0
    alike = _alike(Path(name).stem.lower(), Path(entry.path).stem.lower())
    if alike == 1.0:
        return 3.0
    if family and entry.family != family:
        return 0.0
    return (1.0 if family else 0.0) + alike if alike > 0.5 or family else 0.0


def _alike(one: str, other: str) -> float:
    """How alike two names are, 0 to 1: by how they begin, or by their pairs of letters."""
    if one == other:
        return 1.0
    begun = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    )
    begin = begun / max(min(len(one), len(other)), 1) if begun > 4 else 0.0
    pairs = [{name[i : i + 2] for i in range(len(name) - 1)} for name in (one, other)]
    both = len(pairs[0] | pairs[1])
    return min(0.99, max(begin, len(pairs[0] & pairs[1]) / both if both else 0.0))
