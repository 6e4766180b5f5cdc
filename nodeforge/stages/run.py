"""What a long stage may say while it works, and how it hears that it should stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from nodeforge.errors import Cancelled
from nodeforge.interop.metadata import Metadata
from nodeforge.values import Image

T = TypeVar("T")
Preview = Callable[[], Image]
Report = Callable[[float, int, int, Preview | None], None]


def _silent(fraction: float, step: int, steps: int, preview: Preview | None) -> None: ...


def _mute(sentence: str) -> None: ...


def _nothing(index: int) -> Metadata:
    return Metadata()


@dataclass(frozen=True)
class Run:
    """report(fraction, step, steps, preview): preview is only called when it will be shown.

    notes: what a sink may want to know of its picture: "graph" (the document as JSON), "title" (the
    graph's name), "seed", "prompt", "parameters" (of the first of a batch). metadata(index): all
    that may be written into a file with one picture of the batch. say(text): a line for the artist
    from a stage that makes no picture: each path that was written.
    """

    report: Report = _silent
    cancelled: Callable[[], bool] = lambda: False
    notes: Mapping[str, str] = field(default_factory=dict[str, str])
    say: Callable[[str], None] = _mute
    metadata: Callable[[int], Metadata] = _nothing

    def check(self) -> None:
        """Raise Cancelled if the run was cancelled. Cheap: call it between steps."""
        if self.cancelled():
            raise Cancelled

    def step(self, done: int, steps: int, preview: Preview | None = None) -> None:
        """One of `steps` is done."""
        self.report(done / steps, done, steps, preview)
        self.check()

    def over(self, items: Iterable[T], total: int) -> Iterator[T]:
        """Pass each item on, reporting it; stop between items if cancelled."""
        self.check()
        for done, item in enumerate(items, 1):
            yield item
            self.step(done, total)


QUIET = Run()
