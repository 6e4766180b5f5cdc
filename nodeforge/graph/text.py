"""JSON as we read and write it: strict, safe with hostile text, and good to look at in a diff."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping

from nodeforge.base.units import amount
from nodeforge.errors import BadFile

LIMIT = 64 * 2**20  # characters; a graph of ten thousand nodes has two million


def parse(text: str) -> tuple[object, list[str]]:
    """The data, and a sentence for each name that is there twice (the last one counts).

    Raises BadFile for anything that is not JSON, NaN and infinity included, or that is larger or
    nested deeper than any graph.
    """
    if len(text) > LIMIT:
        raise BadFile(f"It is larger than any graph ({amount(LIMIT)}): choose another file.")
    twice: dict[str, None] = {}

    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(items)
        if len(found) < len(items):
            counts = Counter(name for name, _ in items)
            twice.update({name: None for name, count in counts.items() if count > 1})
        return found

    try:
        data = json.loads(
            text, object_pairs_hook=pairs, parse_constant=_refuse, parse_float=_finite
        )
    except RecursionError:
        raise BadFile("It is nested deeper than any graph: choose another file.") from None
    except json.JSONDecodeError as error:
        raise BadFile(
            f"It is damaged or no NodeForge graph (line {error.lineno}: {error.msg.lower()}): "
            "choose another file or an older copy."
        ) from None
    except ValueError:  # a whole number of thousands of digits
        raise BadFile("It has a number that is far too long: choose an older copy.") from None
    return data, [f"{name!r} is there twice: the last one was kept." for name in twice]


def pretty(data: object) -> str:
    """JSON with a line for each named thing and lists kept on one line; ends in a newline."""
    text = _lines(data, "", ascii=False) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character, which only an escape can hold
        return _lines(data, "", ascii=True) + "\n"
    return text


def compact(data: object) -> str:
    """JSON in one line, in plain ASCII."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False)


def _lines(data: object, indent: str, ascii: bool) -> str:
    if not isinstance(data, Mapping) or not data:
        return json.dumps(data, ensure_ascii=ascii, allow_nan=False)
    inner = indent + "  "
    lines = [
        f"{inner}{json.dumps(name, ensure_ascii=ascii)}: {_lines(value, inner, ascii)}"
        for name, value in data.items()
    ]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _refuse(name: str) -> object:
    raise BadFile(f"It has {name} where a number belongs: choose an older copy.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise BadFile(f"It has {digits[:20]} where a number belongs: choose an older copy.")
    return number
