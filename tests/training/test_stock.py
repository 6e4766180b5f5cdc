"""A stock of scenes: the oldest go, and what is owed is made."""

from __future__ import annotations

import torch
from torch import Tensor

from nodeforge.training.stock import Stock


class Counter:
    """Makes rows 0, 1, 2…, twice: as floats and as small integers."""

    made = 0

    def __call__(self, count: int) -> tuple[Tensor, Tensor]:
        rows = torch.arange(self.made, self.made + count)
        self.made += count
        return rows.float(), rows.to(torch.int16)


def drawn(stock: Stock) -> set[int]:
    floats, integers = stock.draw(300)
    assert torch.equal(floats, integers.float())
    return set(integers.tolist())


def test_only_what_is_there_is_drawn_and_the_oldest_go() -> None:
    stock = Stock(Counter(), 6, 4)
    assert drawn(stock) == {0, 1, 2, 3}
    stock.add(4)
    assert drawn(stock) == {2, 3, 4, 5, 6, 7}
    assert int(stock.rows.filled) == 6


def test_it_is_full_unless_told() -> None:
    assert drawn(Stock(Counter(), 5)) == {0, 1, 2, 3, 4}


def test_what_is_owed_is_made_when_a_chunk_is_due() -> None:
    source = Counter()
    stock = Stock(source, 4)
    for _ in range(7):
        stock.owe(0.5)
    assert source.made == 4
    stock.owe(0.5)
    assert source.made == 8
    assert drawn(stock) == {4, 5, 6, 7}
