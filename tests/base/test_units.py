"""Bytes and seconds as text: one teller, one base, and nothing that rounds into the next unit."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeforge.base.units import GB, KB, MB, TB, amount, clock, duration, read_amount, share
from nodeforge.errors import BadValue

SIZES = st.integers(0, 2000 * TB)
UNITS = {"byte": 1, "bytes": 1, "kB": KB, "MB": MB, "GB": GB, "TB": TB}


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (9_949_999, "9.9 MB"),
        (9_960_000, "10 MB"),
        (143_700_000, "144 MB"),
        (999_600_000, "1.0 GB"),
        (6_938_041_050, "6.9 GB"),
        (12_340_000_000, "12.3 GB"),
        (99_960_000_000, "100 GB"),
        (1_230_000_000_000, "1.2 TB"),
    ],
)
def test_bytes_are_told_as_disks_and_hubs_tell_them(size: int, text: str) -> None:
    assert amount(size) == text


@given(SIZES)
def test_a_size_is_right_to_half_of_its_last_digit(size: int) -> None:
    count, unit = amount(size).split()
    last = UNITS[unit] // (10 if "." in count else 1)
    assert abs(float(count) * UNITS[unit] - size) <= last / 2 + 1e-6 * size
    assert len(count.replace(".", "")) <= 3 or unit == "TB"


@given(SIZES, SIZES)
def test_a_larger_size_never_reads_smaller(one: int, two: int) -> None:
    small, large = sorted((one, two))
    read = [float(c) * UNITS[u] for c, u in (amount(n).split() for n in (small, large))]
    assert read[0] <= read[1]


@given(st.integers(MB, 2000 * TB))
def test_what_is_told_can_be_written_as_a_limit(size: int) -> None:
    told = amount(size)
    assert amount(read_amount(told, lambda: 0)) == told


def test_a_part_is_told_in_the_unit_of_the_whole() -> None:
    assert share(300 * MB, 85_000_000_000) == "0.3 / 85.0 GB"
    assert share(0, 192 * GB) == "0.0 / 192 GB"
    assert share(3, 10) == "3 / 10 bytes"


@pytest.mark.parametrize("text", ["12", "999 kB", "0 GB", "-3 GB", "101 %", "much", "3 PB", "GB"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(BadValue, match="write a size such as 12 GB"):
        read_amount(text, lambda: 10)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.02, "0.02 s"),
        (0.097, "0.1 s"),
        (1.94, "1.9 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (119.7, "2 min 00 s"),
        (125, "2 min 05 s"),
        (3599.6, "1 h 00 min"),
        (3725, "1 h 02 min"),
        (90_000, "25 h 00 min"),
    ],
)
def test_how_long_something_took(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@given(st.floats(0, 1e6))
def test_no_duration_has_sixty_of_anything(seconds: float) -> None:
    assert not re.search(r"\b60(\.0)? (s|min)", duration(seconds))


def test_what_is_left_reads_as_a_clock() -> None:
    assert [clock(s) for s in (7.2, 59.7, 750, 3723)] == ["0:07", "1:00", "12:30", "1:02:03"]
