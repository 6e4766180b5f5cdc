"""A stock of encoded scenes on the device: what small networks learn from, renewed bit by bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from nodeforge.training.frozen import Frozen

CHUNK = 256  # scenes made at a time


class Scenes(Protocol):
    """What `Feed.take` gives: pictures [n, 3, h, w] of -1..1, captions, ids [n, 77]."""

    @property
    def pictures(self) -> Tensor: ...

    @property
    def captions(self) -> list[str]: ...

    @property
    def ids(self) -> Tensor: ...


class Source(Protocol):
    """Where pictures with captions come from: a Feed, or somebody's own folder."""

    def take(self, count: int) -> Scenes: ...

    def close(self) -> None: ...


class Stock:
    """Encoded scenes on the device, drawn at random and slowly replaced by new ones.

    Args:
        source: Where scenes come from.
        frozen: Whose autoencoder encodes them.
        size: How many are held; they are all made at once.
        more: What else to keep of pictures [n, 3, h, w] of -1..1, or nothing.
    """

    def __init__(
        self,
        source: Source,
        frozen: Frozen,
        size: int,
        more: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        self.source, self.frozen, self.size, self.more = source, frozen, size, more
        self.rows = Rows(size)
        self.chunk = min(CHUNK, size)
        self.due = 0.0
        for _ in range(-(-size // self.chunk)):
            self.renew()

    def renew(self) -> None:
        """Put one chunk of new scenes in the place of the oldest."""
        taken = self.source.take(self.chunk)
        kept = [self.frozen.latents(taken.pictures), taken.ids.to(torch.int16)]
        self.rows.put(*kept, *([self.more(taken.pictures)] if self.more else []))

    def draw(self, count: int, fresh: float = 0.0) -> tuple[Tensor, ...]:
        """Latents [n, 4, h, w] float32, ids [n, 77] int64, and what else is kept of them.

        fresh: new scenes to make for each one drawn.
        """
        self.due += fresh * count
        while self.due >= self.chunk:
            self.due -= self.chunk
            self.renew()
        latents, ids, *more = self.rows.draw(count)
        return latents, ids.long(), *more


class Rows:
    """The newest rows of some tensors, on the device of the first ones put in."""

    def __init__(self, size: int) -> None:
        self.size, self.count, self.place = size, 0, 0
        self.columns: list[Tensor] = []

    def put(self, *columns: Tensor) -> None:
        """Add rows; the oldest go. All columns have the same number of rows, at most `size`."""
        if not self.columns:
            self.columns = [c.new_empty(self.size, *c.shape[1:]) for c in columns]
        new = len(columns[0])
        for held, column in zip(self.columns, columns, strict=True):
            end = min(self.size - self.place, new)
            held[self.place : self.place + end] = column[:end]
            held[: new - end] = column[end:]
        self.count = min(self.size, self.count + new)
        self.place = (self.place + new) % self.size

    def draw(self, count: int) -> tuple[Tensor, ...]:
        """Rows drawn at random, with replacement."""
        at = torch.randint(0, self.count, (count,), device=self.columns[0].device)
        return tuple(column[at] for column in self.columns)
