"""`nodeforge check`: what is wrong with a graph, without running it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from nodeforge.cli.nodes import place
from nodeforge.cli.opening import installed, opened
from nodeforge.cli.words import FAILED, GRAPH_FILE, OK, Help, tell
from nodeforge.engine.missing import all_problems
from nodeforge.graph.problems import nothing_to_run


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="nodeforge check",
        formatter_class=Help,
        description="Say what is wrong with a graph, one line a problem, without running it: also "
        "which models, pictures and folders are not on this machine.",
        epilog="exit codes: 0 nothing is wrong, 1 there are problems, 2 it cannot be read",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help=GRAPH_FILE)
    given = parser.parse_args(argv)
    library = installed()
    lost: list[str] = []
    document, specs = opened(given.file, library, lost.append), library.known
    for warning in lost:
        tell(f"{given.file}: {warning}")
    found = all_problems(document, specs)
    for id, faults in found.items():
        for fault in faults:
            tell(f"{place(document, document.nodes[id], specs)} ({id}): {fault.message}")
    if idle := nothing_to_run(document):
        tell(f"{given.file}: {idle}")
        return FAILED
    if not (lost or any(found.values())):
        tell(f"{given.file}: {len(document.nodes)} nodes, no problems")
        return OK
    return FAILED
