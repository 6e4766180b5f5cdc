"""The real window on a real X screen, with the real worker and the embedded model."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.test_shots import compare
from tests.app.xserver import xserver

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")
def test_the_picture_is_made_on_a_real_screen(tmp_path: Path) -> None:
    shot = tmp_path / "screen.png"
    words = [sys.executable, "-m", "tests.app.screen", str(shot)]
    with xserver() as screen:
        subprocess.run(words, env=os.environ | screen, cwd=ROOT, check=True, timeout=180)
    compare(shot)
