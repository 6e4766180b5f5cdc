"""What the commands share: exit codes, plain sentences, files and stages by near names."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from nodeforge.errors import BadFile

COMMANDS = ("run", "stages", "families", "check", "bench", "train", "download")

OK = 0
FAILED = 1  # something in the graph failed, or is wrong with it
USAGE = 2  # the command itself could not be understood or begun
CANCELLED = 130  # as shells count Ctrl+C

GRAPH_FILE = "a .nodeforge graph, or a picture that holds one"
Help = argparse.RawDescriptionHelpFormatter


def say(sentence: str) -> None:
    """To the person, beside the output."""
    sys.stderr.write(f"nodeforge: {sentence}\n")


def tell(line: str = "") -> None:
    """To the output."""
    sys.stdout.write(f"{line}\n")


def nearest(word: str, words: Iterable[str]) -> str:
    """A second sentence with the nearest words, or nothing."""
    plain = {other.casefold(): other for other in words}
    near = get_close_matches(word.casefold(), plain, n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(plain[name] for name in near)}?" if near else ""


def existing(path: Path) -> Path:
    """The path; BadFile if there is no file, with a command that may have been meant."""
    if not path.is_file():
        raise BadFile(f"There is no graph file {path}.{nearest(path.name, COMMANDS)}")
    return path
