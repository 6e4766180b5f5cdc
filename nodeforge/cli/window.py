"""`nodeforge`: the window, if there is a screen for it and a Qt that fits."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from nodeforge import __version__
from nodeforge.cli.libraries import refuse_missing
from nodeforge.cli.words import GRAPH_FILE, USAGE, Help, existing, say
from nodeforge.errors import NodeForgeError

SCREENLESS = {"offscreen", "minimal", "vnc", "linuxfb", "eglfs"}  # Qt platforms of their own

EPILOG = """\
commands:
  nodeforge run FILE       make a graph's pictures without a window
  nodeforge stages [NAME]  list the stages a graph can be made of, or show all about one
  nodeforge check FILE     say what is wrong with a graph, without running it
  nodeforge bench NAME     measure how fast it is here: engine, sample or window
  nodeforge train NAME     train the models in the box anew, or a LoRA on your pictures
  nodeforge families       list the kinds of models there are, and what each can do
  nodeforge download ID    fetch a model from a hub
Each has its own --help.

examples:
  nodeforge                                           open the window
  nodeforge castle.nodeforge --run                    open a graph and run it
  nodeforge run castle.nodeforge --seed 7 --out .     no window, one picture
  nodeforge run castle.nodeforge --set sample.steps=30
  nodeforge stages resize                             what Resize takes and makes
"""


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="nodeforge",
        formatter_class=Help,
        usage="nodeforge [FILE] [--run]\n"
        "       nodeforge {run,stages,families,check,bench,train,download} ...",
        description="A node editor for making images. Without a command, opens the window.",
        epilog=EPILOG,
    )
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE",
        help=GRAPH_FILE,
    )
    parser.add_argument("--run", action="store_true", help="run the graph once it is open")
    parser.add_argument("--version", action="version", version=f"NodeForge {__version__}")
    given = parser.parse_args(argv)
    if given.file is not None:
        existing(given.file)
    refuse_qt(qt_version(), sys.version_info[:2])
    if not has_screen():
        say(
            "There is no display for a window; `nodeforge run FILE` makes a graph's pictures "
            "without one, and `packaging/run --headless` the starter graph's."
        )
        return USAGE
    refuse_missing(os.environ)
    # By name: the window's modules must not be loaded before the checks above.
    try:
        start = import_module("nodeforge.app.start").start
    except ImportError as error:
        raise NodeForgeError(
            f"Qt cannot start ({error}); a system library is missing, which packaging/run "
            "installs or names."
        ) from error
    return int(start(given.file, run=given.run))


def qt_version() -> str:
    """The installed PySide6's version; NodeForgeError if there is none."""
    for name in ("PySide6-Essentials", "PySide6"):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    raise NodeForgeError("The window needs PySide6: run `pip install PySide6-Essentials`.")


def refuse_qt(qt: str, python: tuple[int, ...]) -> None:
    """NodeForgeError where this Qt crashes on this Python, as 6.12 does before Python 3.12."""
    major, minor = (int(part) for part in qt.split(".")[:2])
    if (major, minor) >= (6, 12) and python < (3, 12):
        raise NodeForgeError(
            f"PySide6 {qt} does not work on Python {python[0]}.{python[1]}: "
            'run `pip install "PySide6-Essentials<6.12"`, or use Python 3.12 or newer.'
        )


def has_screen() -> bool:
    """Whether a window could be shown: on Linux there must be a display, or a Qt without one."""
    if (
        sys.platform != "linux"
        or os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0] in SCREENLESS
    ):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
