"""The command line: the same engine without a window, and the door to the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper

from nodeforge.cli.words import CANCELLED, COMMANDS, USAGE, say
from nodeforge.engine.boot import share_cores
from nodeforge.errors import Cancelled, NodeForgeError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: see `nodeforge --help`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that lacks a letter is no reason to stop
            stream.reconfigure(errors="backslashreplace")
    share_cores()
    words = list(sys.argv[1:] if argv is None else argv)
    name = words.pop(0) if words and words[0] in COMMANDS else "window"
    try:
        # Only the asked for: the window must not wait for what the other commands import.
        code = int(import_module(f"nodeforge.cli.{name}").main(words))
        if sys.stdout:
            sys.stdout.flush()  # here, where a reader that left is no error
        return code
    except NodeForgeError as error:
        if os.environ.get("NODEFORGE_DEBUG"):
            raise
        say(str(error))
        return USAGE
    except (KeyboardInterrupt, Cancelled):
        say("Cancelled.")
        return CANCELLED
    except BrokenPipeError:  # the reader of our output has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
