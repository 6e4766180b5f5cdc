"""What goes on inside a long piece of work, in a few words, for whoever shows it.

Any layer may say it; whoever runs the work hears it, on the thread that does it. Where nobody
listens, saying it costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_hearer: ContextVar[Callable[[str], None] | None] = ContextVar("_hearer", default=None)
_now: ContextVar[str] = ContextVar("_now", default="")


@contextmanager
def heard(tell: Callable[[str], None], first: str = "") -> Iterator[None]:
    """Within this block, hear what is going on; `first` is what goes on when nothing is said."""
    hearer, now = _hearer.set(tell), _now.set(first)
    try:
        yield
    finally:
        _hearer.reset(hearer)
        _now.reset(now)


@contextmanager
def during(words: str) -> Iterator[None]:
    """Within this block, this goes on, as "Loading the model"; then again what went on before."""
    now = _now.set(words)
    _say(words)
    try:
        yield
    finally:
        _now.reset(now)
        _say(_now.get())


def _say(words: str) -> None:
    if tell := _hearer.get():
        tell(words)
