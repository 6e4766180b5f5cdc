"""Benchmarks: what is promised about speed, measured against a floor that nobody can beat."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Floor:
    """The least that the work could cost: a value in the unit of the number, and what it is."""

    value: float
    what: str


def show(
    name: str,
    numbers: Mapping[str, float | str],
    floors: Mapping[str, Floor] | None = None,
    as_json: bool = False,
) -> None:
    """Print a table for people, or one flat JSON object of the numbers for programs."""
    if as_json:
        sys.stdout.write(json.dumps(dict(numbers)) + "\n")
        return
    sys.stdout.write(f"{name}\n")
    for key, value in numbers.items():
        said = value if isinstance(value, str) else f"{value:,.3f}"
        line = f"  {key:<22} {said:>14}"
        if (floor := (floors or {}).get(key)) and not isinstance(value, str) and floor.value:
            line += f"   {value / floor.value:6.2f} x {floor.what} ({floor.value:,.3f})"
        sys.stdout.write(line + "\n")


def parser(name: str, words: str | None) -> ArgumentParser:
    """What every benchmark understands; words: what it is about."""
    made = ArgumentParser(prog=f"nodeforge bench {name}", description=words)
    made.add_argument("--json", action="store_true", help="print one flat JSON object")
    return made
