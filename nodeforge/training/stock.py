"""A stock of scenes on the device: what networks learn from, renewed bit by bit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

CHUNK = 256  # rows made at a time


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
    """Rows that `make` makes, drawn at random and slowly replaced by new ones.

    Args:
        make: A number n to some tensors of n rows each, all on one device.
        size: Rows to hold.
        first: How many are made at once; all, unless told.
    """

    def __init__(
        self, make: Callable[[int], Sequence[Tensor]], size: int, first: int | None = None
    ) -> None:
        self.make, self.size, self.rows = make, size, Rows(size)
        self.chunk = min(CHUNK, size)
        self.due = 0.0
        self.add(size if first is None else first)

    @torch.no_grad()
    def add(self, count: int) -> None:
        """Put so many new rows in the place of the oldest."""
        for at in range(0, count, self.chunk):
            self.rows.put(*self.make(min(self.chunk, count - at)))

    def owe(self, rows: float) -> None:
        """Add a fraction of a row or many; they are made when a whole chunk is due."""
        self.due += rows
        if self.due >= self.chunk:
            self.add(int(self.due))
            self.due -= int(self.due)

    def draw(self, count: int) -> tuple[Tensor, ...]:
        """Rows drawn at random, with replacement; fit for CUDA graphs."""
        return self.rows.draw(count)


class Rows:
    """The newest rows of some tensors, on the device of the first ones put in.

    Attributes:
        filled: [] float32 on the device, how many are there; a tensor, for CUDA graphs.
    """

    def __init__(self, size: int) -> None:
        self.size, self.count, self.place = size, 0, 0
        self.columns: list[Tensor] = []
        self.filled = torch.zeros(())

    def put(self, *columns: Tensor) -> None:
        """Add rows; the oldest go. All columns have the same number of rows, at most `size`."""
        if not self.columns:
            self.columns = [c.new_empty(self.size, *c.shape[1:]) for c in columns]
            self.filled = self.filled.to(columns[0].device)
        new = len(columns[0])
        for held, column in zip(self.columns, columns, strict=True):
            end = min(self.size - self.place, new)
            held[self.place : self.place + end] = column[:end]
            held[: new - end] = column[end:]
        self.count = min(self.size, self.count + new)
        self.place = (self.place + new) % self.size
        self.filled.fill_(self.count)

    def draw(self, count: int) -> tuple[Tensor, ...]:
        """Rows drawn at random, with replacement; fit for CUDA graphs."""
        at = (torch.rand(count, device=self.filled.device) * self.filled).long()
        return tuple(column[at] for column in self.columns)
