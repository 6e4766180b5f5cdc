"""`nodeforge check`: what is wrong with a graph, without running it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from nodeforge.cli.nodes import place
from nodeforge.cli.opening import installed, opened
from nodeforge.cli.words import FAILED, GRAPH_FILE, OK, Help, tell
from nodeforge.graph.problems import problems


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="nodeforge check",
        formatter_class=Help,
        description="Say what is wrong with a graph, one line a problem, without running it.",
        epilog="exit codes: 0 nothing is wrong, 1 there are problems, 2 it cannot be read",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help=GRAPH_FILE)
    given = parser.parse_args(argv)
    library = installed()
    document, specs = opened(given.file, library), library.known
    found = problems(document, specs)
    for id, faults in found.items():
        for fault in faults:
            tell(f"{place(document, document.nodes[id], specs)} ({id}): {fault.message}")
    if not any(found.values()):
        tell(f"{given.file}: {len(document.nodes)} nodes, no problems")
        return OK
    return FAILED
