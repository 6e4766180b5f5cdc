"""Every test runs offline, on the CPU, without a screen, and far from the user's own files.

Those marked `gpu` run with NODEFORGE_DEVICE=cuda.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Before Qt, torch or the hub are imported, and for the processes that tests start.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ.setdefault("NODEFORGE_DEVICE", "cpu")
if os.environ.setdefault("QT_QPA_PLATFORM", "offscreen") == "offscreen":  # 800 x 800 by itself
    _screen = Path(__file__).parent / "offscreen.json"
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={_screen}"
os.environ.setdefault("GOMP_SPINCOUNT", "10000")  # see nodeforge.engine.boot.share_cores
for _threads in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, str(min(4, os.cpu_count() or 1)))

settings.register_profile("nodeforge", deadline=None)  # a busy disk is no fault
settings.load_profile("nodeforge")

_home = tempfile.TemporaryDirectory(prefix="nodeforge-tests-")
for _folder in ("CONFIG", "CACHE", "DATA", "STATE"):
    os.environ[f"XDG_{_folder}_HOME"] = str(Path(_home.name) / _folder.lower())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ["NODEFORGE_DEVICE"].startswith("cuda"):
        return
    for item in items:
        if item.get_closest_marker("gpu"):
            item.add_marker(pytest.mark.skip(reason="NODEFORGE_DEVICE=cuda is not set"))


@pytest.fixture(scope="session", autouse=True)
def _clean_home() -> Iterator[None]:
    yield
    _home.cleanup()
