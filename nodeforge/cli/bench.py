"""`nodeforge bench`: the benchmarks, by name."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module

from nodeforge.cli.words import OK, Help

BENCHMARKS = {
    "engine": "keys, caching and execution of graphs of up to 10,000 nodes",
    "library": "models told by their headers, looked for, listed and searched",
    "sample": "sampling next to the bare diffusers pipeline",
    "window": "start-up, memory, and frames on a canvas of 500 nodes",
}


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="nodeforge bench",
        formatter_class=Help,
        description="Measure how fast NodeForge is on this machine.",
        epilog="benchmarks:\n"
        + "".join(f"  {name:8} {what}\n" for name, what in BENCHMARKS.items())
        + "\n`nodeforge bench engine --help` shows the options of one.",
    )
    parser.add_argument("name", choices=list(BENCHMARKS), metavar="NAME", help="one of the below")
    parser.add_argument("options", nargs=argparse.REMAINDER, help="such as --json")
    given = parser.parse_args(argv)
    code = import_module(f"nodeforge.bench.{given.name}").main(given.options)
    return int(code or OK)
