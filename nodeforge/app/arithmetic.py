"""Numbers as people type them: 1024*1.5, 2**10, 831 204 771, 0,5."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable

from nodeforge.errors import BadValue
from nodeforge.graph.spec import Dice, Number

LONGEST = 200  # characters
THIN = "\u2009"  # between groups of three digits

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


def evaluate(text: str) -> float:
    """What the sum comes to; whole numbers stay whole. Raises BadValue with a sentence."""
    plain = re.sub(r"(?<=\d)[\s\u2009\u202f](?=\d)", "", text.strip())
    plain = re.sub(r"(?<=\d),(?=\d)", ".", plain)
    plain = re.sub(r"(?<=[\d.)])\s*(px|°|s)$", "", plain)
    refused = BadValue(f"“{text.strip()[:40]}” is not a number or a sum.")
    if not plain or len(plain) > LONGEST:
        raise refused
    try:
        value = _value(ast.parse(plain, mode="eval").body)
    except (SyntaxError, ValueError, TypeError, KeyError, ArithmeticError, RecursionError):
        raise refused from None
    if not math.isfinite(value):
        raise refused
    return value


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


def fitted(kind: Number, value: float) -> int | float:
    """The nearest number that the parameter allows."""
    value = min(max(value, kind.low), kind.high)
    return round(value) if kind.whole else value


def shown(kind: Number, value: float) -> str:
    """As the field shows it: enough decimals for the step, groups in long whole numbers."""
    if kind.whole:
        text = f"{int(value):,}".replace(",", THIN) if abs(value) >= 10_000 else str(int(value))
    else:
        least = max(0, -math.floor(math.log10(kind.step) + 1e-9)) if kind.step < 1 else 1
        exact = f"{value:.6f}".rstrip("0")
        text = f"{value:.{max(least, min(4, len(exact.partition('.')[2])))}f}"
    return f"{text}{THIN}{kind.unit}" if kind.unit else text


def span(kind: Number) -> tuple[float, float] | None:
    """The range a field fills and a drag crosses; None where it has no sensible ends."""
    if kind.soft is not None:
        return kind.soft
    if math.isfinite(kind.low) and math.isfinite(kind.high) and kind.high - kind.low <= 1e5:
        return kind.low, kind.high
    return None


def bar(kind: Number) -> tuple[float, float] | None:
    """The range that a bar behind the value shows; None where its ends mean nothing."""
    return span(kind) if kind.bar and not isinstance(kind, Dice) else None


def stepped(kind: Number, value: float, fine: bool = False) -> int | float:
    """On the grid of the parameter's step (fine: a tenth of it), within its range."""
    step = kind.step / 10 if fine and not kind.whole else kind.step
    if fine and kind.whole:
        step = 1
    origin = kind.low if math.isfinite(kind.low) and kind.whole else 0.0
    return fitted(kind, round(origin + round((value - origin) / step) * step, 9))
