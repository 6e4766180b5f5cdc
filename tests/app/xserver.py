"""An X server of our own for a test, with a window manager if one is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

SIZE = "1600x1000x24"
MANAGER = "openbox"


@contextmanager
def xserver(managed: bool = False) -> Iterator[dict[str, str]]:
    """Ready to be drawn on; the environment of programs that are to draw there.

    managed: with a window manager, which hands the keyboard to windows.
    """
    read, write = os.pipe()
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", SIZE, "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as told:
        display = f":{told.readline().strip()}"  # said when it is ready
    # On the CPU, where a seed gives the same picture everywhere.
    screen = {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "NODEFORGE_DEVICE": "cpu"}
    running = [server]
    if managed and shutil.which(MANAGER):
        quiet = subprocess.DEVNULL
        environment = os.environ | screen
        running.append(subprocess.Popen([MANAGER], env=environment, stderr=quiet, stdout=quiet))
    try:
        yield screen
    finally:
        for each in reversed(running):
            each.terminate()
            each.wait()
