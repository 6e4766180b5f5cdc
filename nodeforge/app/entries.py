"""What the Library and the search list: every stage, and its variants, ranked by what is typed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nodeforge.graph.dots import CATEGORY
from nodeforge.graph.habits import Kind
from nodeforge.graph.spec import ANY, Specs, StageSpec, Value, fits

MIME = "application/x-nodeforge-stage"
NEXT = 12.0  # what a weight of 1 counts beside a score of at most 100
ORDER = ("source", "guide", "generate", "picture", "finish")


@dataclass(frozen=True)
class Entry:
    """title: empty where the stage is meant as it is. type: what it makes, for the colour."""

    spec: StageSpec
    name: str
    icon: str
    title: str = ""
    values: Mapping[str, Value] = field(default_factory=dict[str, Value], hash=False)

    @property
    def kind(self) -> Kind:
        return self.spec.id, self.title

    @property
    def type(self) -> str:
        return self.spec.outputs[0].type if self.spec.outputs else ""

    @property
    def sentence(self) -> str:
        words = self.spec.doc.strip().split("\n\n")[0].replace("\n", " ")
        return words.split(". ")[0].rstrip(".") + "." if words else ""

    def mime(self) -> bytes:
        data = {"stage": self.spec.id, "title": self.title, "values": dict(self.values)}
        return json.dumps(data).encode()


def entries(specs: Specs) -> list[Entry]:
    """All of them, in the order of the palette: by category, as declared."""
    found: list[Entry] = []
    for spec in specs.values():
        if spec.category == CATEGORY:
            continue  # a dot is put on a wire
        found.append(Entry(spec, spec.title, spec.icon))
        found += [
            Entry(spec, v.title, v.icon or spec.icon, v.title, v.values) for v in spec.variants
        ]
    return sorted(found, key=lambda entry: place(entry.spec.category))


def place(category: str) -> tuple[int, str]:
    """Our categories in the order of the work, then those of packs by name."""
    known = category.lower() in ORDER
    return (ORDER.index(category.lower()) if known else len(ORDER), category.lower())


def score(query: str, text: str) -> float:
    """How well a query fits a text: 0 for not at all, more for words begun than for letters met."""
    query, text = query.lower().strip(), text.lower()
    if not query:
        return 1.0
    if text.startswith(query):
        return 100.0 - len(text) / 100
    words = text.replace("-", " ").split()
    if any(word.startswith(query) for word in words):
        return 80.0 - len(text) / 100
    if "".join(word[0] for word in words).startswith(query):
        return 70.0
    if query in text:
        return 60.0 - len(text) / 100
    return _scattered(query, text)


def _scattered(query: str, text: str) -> float:
    """The letters in order, with gaps; the fewer gaps the better."""
    at, gaps = -1, 0.0
    for letter in query.replace(" ", ""):
        next_at = text.find(letter, at + 1)
        if next_at < 0:
            return 0.0
        gaps += next_at - at - 1 if at >= 0 else next_at / 2
        at = next_at
    return max(40.0 - 2 * gaps, 0.0)


def ranked(
    query: str,
    all: Iterable[Entry],
    takes: str = "",
    makes: str = "",
    weights: Mapping[Kind, float] | None = None,
) -> list[Entry]:
    """The entries that fit what is typed, the best first.

    takes: only those with an input for this wire type; makes: only those with an output of it.
    weights: what often comes next goes before what fits as well otherwise.
    """
    scored: list[tuple[float, int, Entry]] = []
    for number, entry in enumerate(all):
        if not _joins(entry.spec, takes, makes):
            continue
        best = max(score(query, entry.name), 0.9 * score(query, entry.spec.id.split(".")[-1]))
        words = score(query, entry.spec.doc) if len(query) > 2 else 0.0
        best = max(best, 0.3 * words if words >= 50 else 0.0)
        if best > 0:
            best += NEXT * (weights or {}).get(entry.kind, 0.0) + _waits(entry.spec, takes)
            scored.append((-best, number, entry))
    return [entry for _, _, entry in sorted(scored, key=lambda each: each[:2])]


def _waits(spec: StageSpec, takes: str) -> bool:
    """Whether it cannot do without this wire type: such a stage goes before one that only may."""
    return bool(takes) and any(p.type == takes and not p.optional for p in spec.inputs)


def _joins(spec: StageSpec, takes: str, makes: str) -> bool:
    inward = not takes or any(fits(takes, port.type) for port in spec.inputs)
    driven = takes and any(p.kind.wire == takes for p in spec.params if p.kind.wire != ANY)
    outward = not makes or any(fits(port.type, makes) for port in spec.outputs)
    return (inward or bool(driven)) and outward
