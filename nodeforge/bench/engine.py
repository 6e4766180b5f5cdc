"""How fast the engine finds out that there is nothing to do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from hashlib import blake2b
from statistics import median
from time import perf_counter

from nodeforge.bench import Floor, parser, show
from nodeforge.engine.cache import MemoryCache
from nodeforge.engine.execute import execute
from nodeforge.engine.keys import keys
from nodeforge.engine.messages import Event, Finished, Start
from nodeforge.graph.document import Document, Link, Node, NodeId
from nodeforge.stages.library import Library
from nodeforge.stages.stage import stage

REPEATS = 7
BYTES = 96  # that a node of the chain gives to its key


@stage(category="bench")
def link(number: float = 0.0, amount: float = 0.5, name: str = "") -> float:
    """One part of the chain."""
    return number + amount


def chain(length: int) -> Document:
    """Nodes with two values each, in one long row."""
    ids = [NodeId(f"n{i}") for i in range(length)]
    wires = [{}, *({"number": (Link(id, "number"),)} for id in ids)]
    return Document(
        {
            id: Node(id, "bench.link", values={"amount": i / 7, "name": "part"}, links=wires[i])
            for i, id in enumerate(ids)
        }
    )


def measure() -> dict[str, float]:
    """The numbers by name; times are medians.

    cached_us_per_node, cached_ms_300: a whole run of 10,000 or 300 nodes where all is cached.
    keys_ms_...: the keys alone. floor_...: hashing as many bytes, node by node, and no more.
    """
    library = Library()
    library.add(sys.modules[__name__])
    found: dict[str, float] = {}
    for length in (300, 1000, 10_000):
        document = chain(length)
        cache = MemoryCache(2**30)
        execute(Start(1, document), library, cache, lambda event: None)
        found[f"cached_ms_{length}"] = 1000 * _cached(document, library, cache)
        found[f"keys_ms_{length}"] = 1000 * _timed(lambda d=document: keys(d, library.specs))  # type: ignore[misc]
        found[f"floor_ms_{length}"] = 1000 * _timed(lambda n=length: _hash(n))  # type: ignore[misc]
    found["cached_us_per_node"] = found["cached_ms_10000"] / 10
    return found


def main(argv: Sequence[str] = ()) -> int:
    """Print a table, or with --json one flat object."""
    given = parser("engine", __doc__).parse_args(argv)
    numbers = measure()
    hashing = "blake2b of the same bytes"
    floors = {
        name: Floor(numbers[f"floor_ms_{name.rpartition('_')[2]}"], hashing)
        for name in numbers
        if name.startswith(("keys_", "cached_ms_"))
    }
    floors["cached_us_per_node"] = Floor(numbers["floor_ms_10000"] / 10, hashing)
    show("engine", numbers, floors, given.json)
    return 0


def _cached(document: Document, library: Library, cache: MemoryCache) -> float:
    events: list[Event] = []

    def rerun() -> None:
        events.clear()
        execute(Start(2, document), library, cache, events.append)

    seconds = _timed(rerun)
    assert sum(isinstance(e, Finished) and e.cached for e in events) == len(document.nodes)
    return seconds


def _hash(nodes: int) -> None:
    for i in range(nodes):
        blake2b(i.to_bytes(BYTES, "big"), digest_size=16).hexdigest()


def _timed(work: Callable[[], object]) -> float:
    def once() -> float:
        began = perf_counter()
        work()
        return perf_counter() - began

    return median(once() for _ in range(REPEATS))
