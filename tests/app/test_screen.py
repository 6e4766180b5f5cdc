"""The real window on a real X screen, with the real worker and the embedded model."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.test_shots import compare

ROOT = Path(__file__).parents[2]


@pytest.fixture
def display() -> Iterator[str]:
    """An X server of our own, ready to be drawn on."""
    read, write = os.pipe()
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as told:
        yield f":{told.readline().strip()}"  # said when it is ready
    server.terminate()
    server.wait()


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")
def test_the_picture_is_made_on_a_real_screen(display: str, tmp_path: Path) -> None:
    shot = tmp_path / "screen.png"
    # On the CPU, where a seed gives the same picture as in the kept shot.
    screen = {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "NODEFORGE_DEVICE": "cpu"}
    words = [sys.executable, "-m", "tests.app.screen", str(shot)]
    subprocess.run(words, env=os.environ | screen, cwd=ROOT, check=True, timeout=180)
    compare(shot)
