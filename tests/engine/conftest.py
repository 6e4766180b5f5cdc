"""A library of toy stages, and a run that gives back its events."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nodeforge.engine.cache import MemoryCache
from nodeforge.engine.execute import execute
from nodeforge.engine.messages import Event, Start
from nodeforge.graph.document import Document, NodeId
from nodeforge.stages.library import Library
from tests.engine import stages


@pytest.fixture(scope="session")
def library() -> Library:
    library = Library()
    library.add(stages)
    return library


@pytest.fixture
def cache() -> MemoryCache:
    return MemoryCache(2**26)


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    stages.CALLS.clear()


Go = Callable[..., list[Event]]


@pytest.fixture
def go(library: Library, cache: MemoryCache) -> Go:
    def go(document: Document, *targets: str) -> list[Event]:
        events: list[Event] = []
        stages.CALLS.clear()
        execute(Start(1, document, tuple(map(NodeId, targets))), library, cache, events.append)
        return events

    return go
