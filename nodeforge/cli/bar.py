"""Progress on a terminal: one line that fills; in a log, a line a node."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from nodeforge.base.units import clock, duration
from nodeforge.engine.messages import Event, Failed, Finished, Progress, Queued
from nodeforge.graph.document import NodeId

WIDTH = 24


class Stream(Protocol):
    def isatty(self) -> bool: ...
    def write(self, text: str, /) -> object: ...
    def flush(self) -> None: ...


class Bar:
    """Hears a run's events and draws them on a stream.

    titles: what to call the nodes. Times come from `now`, in seconds.
    """

    def __init__(
        self,
        stream: Stream,
        titles: Mapping[NodeId, str],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream, self._titles, self._now = stream, titles, now
        self._live = stream.isatty()
        self._queue: frozenset[NodeId] = frozenset()
        self._done = 0
        self._node: NodeId | None = None
        self._since = 0.0
        self._told = 0.0

    def __call__(self, event: Event) -> None:
        match event:
            case Queued(nodes=nodes):
                self._queue = frozenset(nodes)
            case Progress():
                self._progress(event)
            case Finished(cached=False, node=node, seconds=seconds):
                self._done += 1
                self._line(f"{self._place(node)}  {duration(seconds)}")
            case Failed(node=node, message=message):
                self._done += node in self._queue
                self._line(f"{self._place(node)}  failed: {message}")

    def close(self) -> None:
        """Leave the line clean for what comes next."""
        if self._live:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _progress(self, event: Progress) -> None:
        if event.node != self._node:
            self._node, self._since, self._told = event.node, self._now(), 0.0
        spent = self._now() - self._since
        left = spent / event.fraction * (1 - event.fraction) if event.fraction else 0.0
        steps = f"  {event.step}/{event.steps}" if event.steps else ""
        eta = f"  {clock(left)} left" if event.fraction > 0 else ""
        if self._live:
            full = round(event.fraction * WIDTH)
            bar = "█" * full + "░" * (WIDTH - full)
            place = self._place(event.node, 1)
            self._stream.write(f"\r\x1b[K{place}  {bar}{steps}{eta}")
            self._stream.flush()
        elif event.fraction - self._told >= 0.25 and event.fraction < 1:  # a log wants few lines
            self._told = event.fraction
            self._line(f"{self._place(event.node, 1)}  {event.fraction:.0%}{steps}{eta}")

    def _place(self, node: NodeId, ahead: int = 0) -> str:
        title = self._titles.get(node, node)
        if node not in self._queue:  # it could not even be queued
            return title
        return f"[{self._done + ahead}/{len(self._queue)}] {title}"

    def _line(self, text: str) -> None:
        self._stream.write(f"\r\x1b[K{text}\n" if self._live else f"{text}\n")
        self._stream.flush()
