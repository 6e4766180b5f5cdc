"""The walk: section by section, each step with a check of what came of it."""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtTest import QTest

from nodeforge.stages.library import Library
from tests.app.forge import forge
from tests.app.walk import gestures, incoming, on_nodes, outgoing, running
from tests.app.walk.film import Caption, Film
from tests.app.walk.hands import Hands, settle
from tests.app.walk.walker import Walker

SECTIONS = {
    "gestures": gestures.walk,
    "values": on_nodes.walk,
    "runs": running.walk,
    "incoming": incoming.walk,
    "outgoing": outgoing.walk,
}
PACE = 0.25  # seconds a move takes, with --slow


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.app.walk")
    parser.add_argument("--slow", action="store_true", help="at the pace of a hand")
    parser.add_argument("--film", type=Path, help="an animated WebP of it")
    parser.add_argument("sections", nargs="*", help=f"of {', '.join(SECTIONS)}; all by default")
    given = parser.parse_args()
    specs = tuple(Library.installed().known.values())
    with TemporaryDirectory() as folder, forge(specs, Path(folder) / "journals") as here:
        assert QTest.qWaitForWindowExposed(here.window)
        here.window.activateWindow()
        settle()
        film = Film(given.film)
        walker = Walker(here, Hands(PACE if given.slow else 0.0), Caption(), Path(folder))
        try:
            for name in given.sections or SECTIONS:
                SECTIONS[name](walker)
        finally:
            film.end()


if __name__ == "__main__":
    main()
