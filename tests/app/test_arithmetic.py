"""How numbers are shown and stepped."""

from __future__ import annotations

from nodeforge.app.arithmetic import ends, span, stepped
from nodeforge.graph.spec import Dice, Number


def test_a_drag_moves_on_the_grid_of_the_step() -> None:
    kind = Number(8, 16384, step=8, whole=True, soft=(64, 2048))
    assert stepped(kind, 261) == 264
    assert stepped(Number(0, 1, step=0.01), 0.333) == 0.33
    assert stepped(Number(0, 1, step=0.01), 0.3333, fine=True) == 0.333
    assert span(kind) == (64, 2048)
    assert span(Number()) is None
    assert span(Dice(0, 2**64 - 1)) is None


def test_a_step_keeps_the_largest_seeds_exact() -> None:
    seed = Dice(0, 2**64 - 1)
    assert [stepped(seed, 2**64 - 2 + way) for way in (0, 1, 2)] == [2**64 - 2, *[2**64 - 1] * 2]


def test_a_range_is_said_in_whole_numbers() -> None:
    assert ends(Dice(0, 2**64 - 1)) == "0 to 18446744073709551615"
    assert ends(Number(0, 100)) == "0 to 100"
    assert ends(Number(0.5)) == "0.5 or more"
    assert ends(Number(high=3)) == "3 or less"
