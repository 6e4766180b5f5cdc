"""The door of the worker process. Importing it costs nothing, so the window may."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing import util
from multiprocessing.connection import Connection
from typing import Any

NICE = 5  # the window comes first: a frame must not wait for a step


def share_cores() -> None:
    """Let threads that wait in vain go to sleep soon, unless the artist has set it otherwise.

    Torch's threads (GNU OpenMP) wait in a busy loop for one another, by default for milliseconds:
    where another program has one of the cores, a picture takes 8 to 50 times as long. Sleeping at
    once would cost 45 % on an idle machine. Measured on 2 cores, 20 steps of 256 px, idle and with
    two busy programs beside: default 1.70 s and 13 to 84 s, asleep at once 2.46 s and 3.2 s, these
    10,000 rounds 1.76 s and 4.4 s. Only heeded before torch is loaded.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "10000")


def choose(chosen: Mapping[str, str]) -> None:
    """Set the variables of this process as they are chosen, but for those set from outside."""
    for name, value in chosen.items():
        if not os.environ.get(name, "").strip():
            os.environ[name] = value


def boot(connection: Connection[Any, Any], folder: str, chosen: Mapping[str, str]) -> None:
    """Run the worker until it is told to quit, then end the process at once.

    folder: for the pictures it hands over. chosen: as `choose` takes it. What stages and libraries
    print goes to the error stream: the standard output belongs to whoever started us, and may be
    JSON.
    """
    with suppress(OSError):  # no streams at all: a program without a console
        os.dup2(2, 1)
    choose(chosen)
    share_cores()
    with suppress(OSError, AttributeError):  # not on Windows
        os.nice(NICE)
    code = 1
    try:
        from nodeforge.engine.worker import main

        main(connection, folder)
        code = 0
    except BaseException as error:  # noqa: BLE001 - the last words of the process
        traceback.print_exc()
        _say(connection, error)
    if sys.stderr:
        sys.stderr.flush()
    util._exit_function()  # type: ignore[attr-defined]  # ends what stages started, and returns the semaphores of libraries
    # At once: nothing is worth the seconds that taking a loaded torch apart would cost.
    os._exit(code)


def _say(connection: Connection[Any, Any], error: BaseException) -> None:
    from nodeforge.engine.messages import Died

    try:
        reason = f"{type(error).__name__}: {error}".strip(": ")
        connection.send([Died(0, f"The worker does not start: {reason}.")])
    except OSError:  # nobody listens any more
        return
