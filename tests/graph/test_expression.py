"""What may be written where a number is wanted."""

from __future__ import annotations

import pytest

from nodeforge.errors import BadValue
from nodeforge.graph.expression import NotANumber, OutOfRange, begins, evaluate, read
from nodeforge.graph.spec import Dice, Number

GUIDANCE = Number(0, 100, step=0.1)
WIDTH = Number(8, 16384, whole=True)
SEED = Dice(0, 2**64 - 1)
ANY = Number()
LAST = 2**64 - 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("1024*1.5", 1536),
        ("2**10", 1024),
        ("(3+4)*-2", -14),
        ("831 204 771", 831204771),
        ("0,5", 0.5),
        (",5", 0.5),
        (".5", 0.5),
        ("1,2", 1.2),
        ("5,", 5),
        ("007", 7),
        ("1'024", 1024),
        ("1\u2019024", 1024),
        ("1\u00a0024", 1024),
        ("1\u202f024", 1024),
        ("1\u2009024", 1024),
        ("1_024", 1024),
        ("1.024,5", 1024.5),
        ("1,024.5", 1024.5),
        ("1'024.5", 1024.5),
        ("1 024,5", 1024.5),
        ("1,024,048", 1024048),
        ("1.024.048", 1024048),
        ("12,34,567", 1234567),
        ("1024,048", 1024.048),
        ("0,512", 0.512),
        ("1,5*1,024", 1.536),
        ("\u2212" + "3", -3),
        ("\uff0d" + "3", -3),
        ("10 \u2212 4", 6),
        ("3\u00d74\u00f72", 6),
        ("\uff11\uff12", 12),
        ("\uff11\uff0e\uff15", 1.5),
        ("\uff0c\uff15", 0.5),
        ("\u0663\u066b\u0665", 3.5),
        ("\u200e12\u200e", 12),
        ("256 px", 256),
        ("4 \u00d7", 4),
        ("7//2 + 7%4", 6),
        ("1e3", 1000),
    ],
)
def test_a_number_or_a_sum_is_worked_out(text: str, value: float) -> None:
    assert evaluate(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "twelve",
        "1 2",
        "1,2,3",
        "1.024,5,0",
        "0,024,048",
        "1'024'04",
        "5\u00b2",
        "\u00bd",
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
    with pytest.raises(NotANumber, match="is not a number or a sum"):
        evaluate(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1,024", "“1,024” can be read as 1024 or as 1.024: write 1024 or 1.0240"),
        ("1.024", "“1.024” can be read as 1.024 or as 1024: write 1.0240 or 1024"),
        ("2*1,024", "“2*1,024” can be read as 2048 or as 2.048: write 2048 or 2.0480"),
    ],
)
@pytest.mark.parametrize("comma", [False, True])
def test_what_can_be_read_in_two_ways_is_asked_for_again(
    text: str, sentence: str, comma: bool
) -> None:
    with pytest.raises(BadValue) as told:
        read(ANY, text, comma)
    assert str(told.value) == sentence


@pytest.mark.parametrize("comma", [False, True])
def test_what_it_says_to_write_is_taken(comma: bool) -> None:
    assert [read(ANY, "1024", comma), read(ANY, "1.0240", comma)] == [1024, 1.024]


def test_where_only_one_of_two_readings_is_allowed_the_writers_own_is_taken() -> None:
    assert read(WIDTH, "1,024") == 1024
    assert read(WIDTH, "1.024", comma=True) == 1024
    assert read(GUIDANCE, "7.125") == 7.125
    assert read(GUIDANCE, "7,125", comma=True) == 7.125


@pytest.mark.parametrize(
    ("kind", "text", "comma", "write"),
    [
        (WIDTH, "1.024", False, "write 1024"),
        (WIDTH, "1,024", True, "write 1024"),
        (GUIDANCE, "7,125", False, "write 7.1250"),
        (GUIDANCE, "7.125", True, "write 7.1250"),
    ],
)
def test_one_that_is_not_how_the_writer_writes_is_asked_for_again(
    kind: Number, text: str, comma: bool, write: str
) -> None:
    with pytest.raises(BadValue, match=f"can be read as .* {write}$"):
        read(kind, text, comma)


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        (WIDTH, "99999", "99999 is not between 8 and 16384"),
        (WIDTH, "1e9", "1000000000 is not between 8 and 16384"),
        (GUIDANCE, "-0,1", "-0.1 is not between 0 and 100"),
        (GUIDANCE, "1,024,048", "1024048 is not between 0 and 100"),
        (SEED, str(LAST + 1), "18446744073709551616 is not between 0 and 18446744073709551615"),
        (SEED, "-1", "-1 is not between 0 and 18446744073709551615"),
        (Number(low=2), "1", "1 is not 2 or more"),
        (Number(high=2), "3", "3 is not 2 or less"),
    ],
)
def test_what_is_out_of_range_is_said_in_full_and_not_clamped(
    kind: Number, text: str, sentence: str
) -> None:
    with pytest.raises(OutOfRange) as told:
        read(kind, text)
    assert str(told.value) == sentence


def test_a_whole_number_is_not_rounded() -> None:
    with pytest.raises(BadValue, match=r"682\.5 is not a whole number"):
        read(WIDTH, "1365/2")
    assert read(WIDTH, "1365//2") == 682


@pytest.mark.parametrize(
    "text", [str(LAST), "2**64-1", "18'446'744'073'709'551'615", "18 446 744 073 709 551 615"]
)
def test_the_largest_seed_is_exact(text: str) -> None:
    seed = read(SEED, text)
    assert (seed, type(seed)) == (LAST, int)


def test_digits_that_a_float_would_lose_are_said() -> None:
    with pytest.raises(BadValue, match="18446744073709551615 has more digits"):
        read(ANY, str(LAST))


@pytest.mark.parametrize("text", ["5", ",", ".", "-", "\u2212", "(", "\uff15", "\uff0c", "+"])
def test_a_number_may_begin_with_any_of_these(text: str) -> None:
    assert begins(text)


@pytest.mark.parametrize("text", ["", "a", "*", "\r", "\x1b", "="])
def test_and_with_none_of_these(text: str) -> None:
    assert not begins(text)
