"""What may be typed where a number is wanted."""

from __future__ import annotations

import pytest

from nodeforge.app.arithmetic import THIN, evaluate, fitted, shown, span, stepped
from nodeforge.errors import BadValue
from nodeforge.graph.spec import Dice, Number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("1024*1.5", 1536),
        ("2**10", 1024),
        ("(3+4)*-2", -14),
        ("831 204 771", 831204771),
        ("0,5", 0.5),
        ("256 px", 256),
        ("7//2 + 7%4", 6),
    ],
)
def test_a_sum_is_worked_out(text: str, value: float) -> None:
    assert evaluate(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "twelve",
        "1/0",
        "True",
        "'1'",
        "__import__('os')",
        "(1).real",
        "[1][0]",
        "9**9**9",
        "10**400",
        "1e999",
        "(-8)**0.5",
        "1" * 300,
        "(" * 150 + "1" + ")" * 150,
    ],
)
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadValue, match="is not a number or a sum"):
        evaluate(text)


def test_a_number_out_of_range_becomes_the_nearest_allowed_one() -> None:
    kind = Number(8, 64, whole=True)
    assert [fitted(kind, value) for value in (3, 12.6, 900)] == [8, 13, 64]


def test_a_number_shows_the_decimals_of_its_step() -> None:
    assert shown(Number(0, 1, step=0.01), 0.5) == "0.50"
    assert shown(Number(0, 20, step=0.1), 5.0) == "5.0"
    assert shown(Number(0, 20, step=0.1), 5.125) == "5.125"
    assert shown(Number(whole=True, unit="px"), 256) == f"256{THIN}px"
    assert shown(Dice(whole=True), 831204771) == f"831{THIN}204{THIN}771"


def test_a_drag_moves_on_the_grid_of_the_step() -> None:
    kind = Number(8, 16384, step=8, whole=True, soft=(64, 2048))
    assert stepped(kind, 261) == 264
    assert stepped(Number(0, 1, step=0.01), 0.333) == 0.33
    assert stepped(Number(0, 1, step=0.01), 0.3333, fine=True) == 0.333
    assert span(kind) == (64, 2048)
    assert span(Number()) is None
