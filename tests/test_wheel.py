"""The wheel is complete: installed on its own, far from the checkout, it makes a picture."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


def run(*words: str | Path, cwd: Path, path: str = "") -> str:
    """What a command prints; its errors fail the test."""
    env = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(
        list(map(str, words)), cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel installed in it, and nothing else."""
    pytest.importorskip("hatchling", reason="the build backend is in the extra `test`")
    wheels, site = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("site")
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", wheels)
    run(*PIP, "wheel", ROOT, *options, cwd=wheels)
    (wheel,) = wheels.glob("nodeforge-*.whl")
    run(*PIP, "install", "--no-deps", "--no-index", "--target", site, wheel, cwd=wheels)
    return site


def test_the_wheel_carries_resources_docs_and_types(installed: Path) -> None:
    inside = installed / "nodeforge"
    for name in ("_resources/graphs/index.json", "_resources/tokens.json", "docs", "py.typed"):
        assert (inside / name).exists(), name
    assert (inside / "_resources/models/forge-tiny/model_index.json").is_file()
    assert not (installed / "tests").exists()


def test_the_wheel_lists_stages_and_makes_the_starter_picture(
    installed: Path, tmp_path: Path
) -> None:
    def python(*words: str | Path) -> str:
        return run(sys.executable, *words, cwd=tmp_path, path=str(installed))

    found = python("-c", "from nodeforge import resources; print(resources.path())").strip()
    assert Path(found) == installed / "nodeforge" / "_resources"
    assert "generate.sample" in python("-m", "nodeforge", "stages")
    graph = Path(found) / "graphs" / "text-to-image.nodeforge"
    few = ("--set", "sample.steps=2")
    report = json.loads(python("-m", "nodeforge", "run", graph, *few, "--json"))
    assert [Path(picture).parent for picture in report["pictures"]] == [tmp_path / "renders"]
