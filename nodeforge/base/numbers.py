"""Numbers as text: in full in a sentence, short on a node, and never two that differ alike."""

from __future__ import annotations

import math
from decimal import ROUND_DOWN, Decimal

THIN = "\u2009"  # between groups of three digits, and before a unit
CUT = "…"  # here digits are left out
LARGE = 1e16  # from here on a float has no decimals
LONGEST = 6  # decimals that are shown in full
SHORT = 4  # decimals of what has more than those


def written(value: float) -> str:
    """A number in a sentence: whole ones in full, unless no float is so large; others as short as
    they can be read back."""
    if value != value:
        return "no number"
    if abs(value) >= 2**128:
        return "a number this large"
    return str(int(value)) if value == int(value) else repr(float(value))


def shown(value: float, step: float = 1, whole: bool = False, unit: str = "") -> str:
    """A number in a field or on a node: "0.50", "7.25", "0.9999", "256 px", "831 204 771".

    As many decimals as its step has (one for a step of whole numbers), and more where the value has
    more. Beyond six they are cut, not rounded, and end in an ellipsis: so the text is the value, or
    it says that it is not; and values a step apart never read alike.
    """
    text = counted(int(value)) if whole else _decimal(value, step)
    return f"{text}{THIN}{unit}" if unit else text


def counted(value: int) -> str:
    """A whole number, in groups of three digits where it is long."""
    return f"{value:,}".replace(",", THIN) if abs(value) >= 10_000 else str(value)


def decimals(step: float) -> int:
    """How many decimals a field shows at least, so that steps read apart; 1 for whole steps."""
    own = -_exponent(Decimal(repr(float(step))))
    return max(1, min(own, 1 - math.floor(math.log10(step))) if step < 1 else own)


def _decimal(value: float, step: float) -> str:
    if abs(value) >= LARGE:
        return repr(value)
    exact = Decimal(repr(value)) if value else Decimal(0)
    least, own = decimals(step), -_exponent(exact)
    if own <= max(least, LONGEST):
        return f"{exact:.{max(least, own)}f}"
    if abs(value) < 10.0**-SHORT and least <= LONGEST:
        return _tiny(exact)
    places = max(SHORT, least + 1)
    if own <= places:
        return f"{exact:.{own}f}"
    return f"{exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN):f}{CUT}"


def _tiny(exact: Decimal) -> str:
    """A number that decimals would show as nothing: 1.25e-9."""
    digits = "".join(map(str, exact.normalize().as_tuple().digits))
    sign, more = "-" if exact < 0 else "", CUT if len(digits) > SHORT else ""
    first, rest = digits[0], digits[1:SHORT]
    return f"{sign}{first}{'.' if rest else ''}{rest}{more}e{exact.adjusted()}"


def _exponent(exact: Decimal) -> int:
    exponent = exact.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
