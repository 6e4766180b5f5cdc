"""Numbers and sums as people write them: 1024*1.5, 831 204 771, 0,5, 1.024,5, 1'024.

A comma or a point may part the decimals or the thousands. A text is read both ways. Where both make
sense and differ, nobody guesses: it is taken only if one of them is as the writer's country writes,
and the parameter can have no other.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import unicodedata
from collections.abc import Callable

from nodeforge.base.numbers import written
from nodeforge.errors import BadValue
from nodeforge.graph.spec import Number

LONGEST = 200  # characters
ARABIC = "\u066b"  # parts decimals and nothing else
MINUS = "\u2010\u2011\u2012\u2013\u2212\ufe63"
SIGNS = {
    **dict.fromkeys(MINUS, "-"),
    **dict.fromkeys("\u2018\u2019\u02bc\u066c", "'"),
    "\u00d7": "*",
    "\u00f7": "/",
    "\u2215": "/",
    "\u2044": "/",
}
UNIT = re.compile(r"(?<=[\d.,)])\s*(px|°|s|\u00d7)\s*$")
NUMERAL = re.compile(rf"(?:\d|[.,{ARABIC}](?=\d))(?:\d|[.,'_ {ARABIC}](?=\d))*[.,]?")
GROUPS = re.compile(
    r"[1-9]\d{0,2}(?:(?P<mark>[.,'_ ])\d{3})+"
    r"|[1-9]\d?(?:(?P<of>[,' ])\d\d)+(?P=of)\d{3}"  # as in India: 12,34,567
)

_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[float], float]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


class NotANumber(BadValue):
    """It is no number and no sum, or not yet one."""


class OutOfRange(BadValue):
    """A number beyond what the parameter takes."""


def read(kind: Number, text: str, comma: bool = False) -> int | float:
    """The value that was written for a parameter of this kind: an int if it is whole.

    comma: whether a comma parts the decimals where the writer lives. Raises BadValue with a
    sentence for what is no number, out of range, not whole, or could be another number as well.
    """
    found = readings(text)
    fitting = {mark: value for mark, value in found.items() if kind.takes(value)}
    value = found.get(comma, next(iter(found.values())))
    if len(set(found.values())) > 1 and fitting and set(fitting) != {comma}:
        raise _doubtful(text, found, fitting)
    if not kind.low <= value <= kind.high:
        raise OutOfRange(f"{written(value)} is not {kind.range}")
    if kind.whole and value != int(value):
        raise BadValue(f"{written(value)} is not a whole number")
    if not kind.whole and isinstance(value, int) and value != int(float(value)):
        near = int(float(value))
        raise BadValue(f"{value} has more digits than a number with decimals keeps: write {near}")
    return int(value) if kind.whole else float(value)


def evaluate(text: str) -> float:
    """What the sum comes to; whole numbers stay whole. Raises BadValue with a sentence."""
    found = readings(text)
    if len(set(found.values())) > 1:
        raise _doubtful(text, found, found)
    return next(iter(found.values()))


def readings(text: str) -> dict[bool, float]:
    """What the text comes to, by whether a comma (else a point) parts its decimals.

    Never empty: raises NotANumber for what is no number either way.
    """
    plain = "".join(map(_sign, UNIT.sub("", text.strip())))
    found: dict[bool, float] = {}
    for comma in (False, True):
        try:
            value = _value(ast.parse(_pythonic(plain, comma).strip(), mode="eval").body)
            if len(text) <= LONGEST and math.isfinite(value):
                found[comma] = value
        except (SyntaxError, ValueError, TypeError, KeyError, ArithmeticError, RecursionError):
            continue
    if not found:
        raise NotANumber(f"“{text.strip()[:40]}” is not a number or a sum")
    return found


def write(kind: Number, value: float) -> str:
    """The whole value, as it can be typed: `read` gives it back, whatever parts the decimals."""
    if kind.whole:
        return str(int(value))
    return _unmistakable(written(value) if abs(value) < 2**53 else repr(float(value)))


def begins(text: str) -> bool:
    """Whether a number or a sum can begin with this."""
    return bool(text) and all(_sign(sign) in "0123456789.,-+(" for sign in text)


def _doubtful(text: str, found: dict[bool, float], fitting: dict[bool, float]) -> BadValue:
    one, two = (written(value) for value in found.values())
    ways = " or ".join(_clear(value) for value in fitting.values())
    said = text.strip()[:40]
    return BadValue(f"“{said}” can be read as {one} or as {two}: write {ways}")


def _clear(value: float) -> str:
    """Written so that it can be read in one way only."""
    return _unmistakable(written(value))


def _unmistakable(text: str) -> str:
    """1.234 as 1.2340, which cannot be a thousand and some."""
    return re.sub(r"^(-?[1-9]\d{0,2}\.\d{3})(?!\d)", r"\g<1>0", text)


def _sign(sign: str) -> str:
    """A character as it would be on a plain keyboard; nothing for one that is not seen."""
    if sign in SIGNS:
        return SIGNS[sign]
    if "\uff01" <= sign <= "\uff5e":
        sign = chr(ord(sign) - 0xFEE0)
    digit = unicodedata.decimal(sign, None)
    if digit is not None:
        return str(digit)
    if sign.isspace():
        return " "
    return "" if unicodedata.category(sign) == "Cf" else sign


def _pythonic(text: str, comma: bool) -> str:
    return NUMERAL.sub(lambda match: _numeral(match[0], comma), text)


def _numeral(text: str, comma: bool) -> str:
    """Digits with marks between them as Python writes the number. Raises ValueError."""
    point = "," if comma else "."
    whole, *parts = text.replace(ARABIC, point).split(point)
    if len(parts) > 1 or not all(part.isdecimal() or not part for part in parts):
        raise ValueError
    if whole and not whole.isdecimal():
        match = GROUPS.fullmatch(whole)
        mark = match and (match["mark"] or match["of"])
        if not mark or re.sub(r"\d", "", whole).strip(mark):
            raise ValueError
    digits = re.sub(r"\D", "", whole).lstrip("0") or "0"
    return f"{digits}.{parts[0]}" if parts else digits


def _value(tree: ast.expr) -> float:
    match tree:
        case ast.Constant(value=bool()):
            raise ValueError
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=op, operand=operand):
            return _UNARY[type(op)](_value(operand))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](_value(left), _value(right))
        case _:
            raise ValueError


def _power(base: float, exponent: float) -> float:
    """Without the sums that would keep a computer busy for a week."""
    if abs(exponent) > 64 or abs(base) > 1e9:
        raise ValueError
    power = base**exponent
    if isinstance(power, complex):
        raise ValueError
    return float(power) if isinstance(power, float) else power
