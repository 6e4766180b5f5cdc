"""The walk of a person through the window, by real mouse and keys on a screen of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.xserver import xserver

ROOT = Path(__file__).parents[2]
NEEDED = ("Xvfb", "xdotool", "openbox")


@pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason=f"needs {', '.join(NEEDED)}")
def test_a_person_walks_through_the_window() -> None:
    """`python -m tests.app.walk --slow` shows it, `--film walk.webp` keeps it."""
    with xserver(managed=True) as screen:
        done = subprocess.run(
            [sys.executable, "-m", "tests.app.walk"],
            env=os.environ | screen,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    assert done.returncode == 0, done.stderr
