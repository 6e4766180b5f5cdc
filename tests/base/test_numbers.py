"""Numbers on faces: what is shown is the value, or says that it is cut."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from nodeforge.base.numbers import CUT, THIN, counted, shown, written
from nodeforge.graph.expression import read, readings, write
from nodeforge.graph.spec import Dice, Number

VALUES = st.floats(allow_nan=False, allow_infinity=False) | st.floats(-1000, 1000)
STEPS = st.sampled_from([1e-7, 0.0001, 0.001, 0.01, 0.05, 0.1, 0.125, 0.25, 0.5, 1, 2.5, 8, 1 / 3])
UNITS = st.sampled_from(["", "px", "°", "s", "×"])  # noqa: RUF001


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [
        (0.5, 0.01, "0.50"),
        (5, 0.1, "5.0"),
        (7.25, 0.1, "7.25"),
        (7.25, 0.5, "7.25"),
        (5.125, 0.1, "5.125"),
        (0.9999, 0.01, "0.9999"),
        (0.99999, 0.01, "0.99999"),
        (0.9999999, 0.01, "0.9999…"),
        (-0.9999999, 0.01, "-0.9999…"),
        (1 / 3, 0.01, "0.3333…"),
        (0.1 + 0.2, 0.1, "0.3000…"),
        (1.5, 0.25, "1.50"),
        (3, 1, "3.0"),
        (1e-9, 0.01, "1e-9"),
        (-1.25e-9, 0.01, "-1.25e-9"),
        (1e-9 / 3, 0.01, "3.333…e-10"),
        (0.00001, 0.0001, "0.00001"),
        (1e22, 0.1, "1e+22"),
        (-0.0, 0.1, "0.0"),
    ],
)
def test_a_value_is_shown_with_what_tells_it_apart(value: float, step: float, text: str) -> None:
    assert shown(value, step) == text


def test_whole_numbers_are_in_groups_and_units_follow() -> None:
    assert shown(256, whole=True, unit="px") == f"256{THIN}px"
    assert shown(831204771, whole=True) == f"831{THIN}204{THIN}771"
    assert shown(2**64 - 1, whole=True).replace(THIN, "") == "18446744073709551615"
    assert counted(-12345) == f"-12{THIN}345"
    assert counted(9999) == "9999"


@given(VALUES, VALUES, STEPS)
@example(0.9999999, 1.0, 0.01)
@example(7.25, 7.2, 0.1)
@example(1e-300, 0.0, 0.1)
def test_two_values_that_are_not_cut_never_read_alike(one: float, two: float, step: float) -> None:
    assume(one != two)
    texts = shown(one, step), shown(two, step)
    assert texts[0] != texts[1] or CUT in texts[0]


@given(VALUES, STEPS, st.sampled_from([-1, 1]))
def test_neighbours_on_the_step_never_read_alike(value: float, step: float, way: int) -> None:
    """Also where both are off the grid, and cut."""
    near = value + way * step
    assume(math.isfinite(near) and abs(abs(near - value) - step) < step / 1000)
    assert shown(value, step) != shown(near, step)


@given(st.integers(-(10**6), 10**6), STEPS)
def test_values_on_the_grid_and_its_tenths_are_shown_in_full(count: int, step: float) -> None:
    assume(step in (0.0001, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 8))
    value = round(count * step / 10, 9)
    assert float(shown(value, step)) == value


@given(VALUES, STEPS, UNITS)
def test_what_is_not_cut_reads_back(value: float, step: float, unit: str) -> None:
    text = shown(value, step, unit=unit)
    assert CUT in text or value in readings(text).values()


@given(st.integers(-(2**70), 2**70), UNITS)
def test_whole_numbers_read_back(value: int, unit: str) -> None:
    assert read(Number(whole=True), shown(value, whole=True, unit=unit)) == value


@given(VALUES | st.integers(-(2**60), 2**60).map(float), st.booleans())
@example(1.234, True)
@example(1.234e-9, True)
@example(-999.125, False)
@example(1.234e300, True)
def test_what_a_field_begins_with_reads_back(value: float, comma: bool) -> None:
    assert read(Number(), write(Number(), value), comma) == value


@given(st.integers(0, 2**64 - 1), st.booleans())
def test_what_a_field_of_seeds_begins_with_reads_back(value: int, comma: bool) -> None:
    assert read(Dice(0, 2**64 - 1), write(Dice(), value), comma) == value


@given(VALUES)
def test_a_number_in_a_sentence_is_the_number(value: float) -> None:
    assume(abs(value) < 2**128)
    assert float(written(value)) == value


def test_a_value_just_beyond_the_range_is_not_said_to_be_its_end() -> None:
    assert written(1.00000000001) == "1.00000000001"
    assert written(1e300) == "a number this large"
    assert written(math.inf) == "a number this large"
    assert written(math.nan) == "no number"
