"""The set-up: its scripts are sound, its pins are complete, its promises are in the README."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGING = ROOT / "packaging"
SCRIPTS = [PACKAGING / "run", PACKAGING / "test", PACKAGING / "setup.sh", ROOT / ".ci" / "run"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

with_bash = pytest.mark.skipif(
    sys.platform == "win32" or not shutil.which("bash"), reason="the scripts need bash"
)


def bash(script: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a few lines after sourcing the set-up."""
    lines = f"set -euo pipefail; source '{PACKAGING / 'setup.sh'}'; {script}"
    return subprocess.run(
        ["bash", "-c", lines],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required(requirements: list[str]) -> set[str]:
    matches = (re.match(r"[A-Za-z0-9_.-]+", requirement) for requirement in requirements)
    return {canonical(match[0]) for match in matches if match}


@with_bash
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_parse_and_are_executable(path: Path) -> None:
    assert subprocess.run(["bash", "-n", str(path)], check=False).returncode == 0
    assert os.access(path, os.X_OK) or path.suffix == ".sh"


def test_constraints_name_every_requirement_exactly_once() -> None:
    lines = (PACKAGING / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9.+]+", pin) for pin in pins)
    names = [canonical(pin.partition("==")[0]) for pin in pins]
    assert len(names) == len(set(names))
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
    assert required(wanted) <= set(names)


def test_every_imported_library_is_a_requirement() -> None:
    packages = packages_distributions()
    modules = (ROOT / "nodeforge").rglob("*.py")
    items = [item for path in modules for item in ast.walk(ast.parse(path.read_text("utf-8")))]
    names = {alias.name for item in items if isinstance(item, ast.Import) for alias in item.names}
    names |= {item.module for item in items if isinstance(item, ast.ImportFrom) and item.module}
    tops = {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"nodeforge"}
    wanted = required([*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["train"]])
    brought = {"pyside6-essentials", "shiboken6"}  # the one brings the other
    for top in tops - {"triton"}:  # comes with torch, where there is CUDA
        assert {canonical(name) for name in packages[top]} & (wanted | brought), top


def test_the_extras_of_the_readme_exist() -> None:
    assert {"test", "cluster", "train"} <= set(PROJECT["optional-dependencies"])


def test_the_readme_begins_with_both_commands_and_a_picture() -> None:
    head = (ROOT / "README.md").read_text("utf-8").splitlines()[:10]
    for words in ("packaging/run", "packaging/test", "nodeforge/docs/window.png"):
        assert any(words in line for line in head), words


def test_ci_calls_the_test_command_of_the_readme() -> None:
    assert "packaging/test" in (ROOT / ".ci" / "run").read_text("utf-8")


@with_bash
def test_no_python_is_one_clear_sentence(tmp_path: Path) -> None:
    done = bash(
        f"venv='{tmp_path}/none'; has_apt() {{ return 1; }}; make_venv",
        NODEFORGE_PYTHON="python-that-is-not-there",
    )
    assert done.returncode == 2
    assert "needs Python 3.11 or newer" in done.stderr


@with_bash
def test_a_python_without_venv_is_named_with_its_package(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexec "{sys.executable}" "$@"\n'
    )
    python.chmod(0o755)
    done = bash(
        f"venv='{tmp_path}/none'; has_apt() {{ return 1; }}; make_venv",
        NODEFORGE_PYTHON=str(python),
    )
    assert done.returncode == 2
    assert re.search(r"install the package python3\.\d+-venv", done.stderr)


@with_bash
def test_the_second_set_up_installs_nothing(tmp_path: Path) -> None:
    """The environment is current when the stamp holds this hash, with the tests' tools or more."""
    bin = tmp_path / "bin"
    bin.mkdir()
    (bin / "python").symlink_to(sys.executable)
    stamped = 'make_venv() { :; }; echo "$(fingerprint) test" >"$venv/nodeforge.stamp"'
    done = bash(f"venv='{tmp_path}'; {stamped}; prepare; prepare test; echo quick")
    assert (done.returncode, done.stdout, done.stderr) == (0, "quick\n", "")


@with_bash
def test_missing_qt_libraries_are_named_with_the_command_when_not_root() -> None:
    fake = (
        "uname() { echo Linux; }; missing_libraries() { echo libxcb-cursor.so.0 libEGL.so.1; };"
        "has_apt() { return 0; }; is_root() { return 1; }; prepare_window"
    )
    done = bash(fake)
    assert done.returncode == 1
    assert "sudo apt-get install -y libegl1 libxcb-cursor0" in done.stderr


@with_bash
@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libxcb-cursor.so.0", "libxcb-cursor0"),
        ("libxcb-icccm.so.4", "libxcb-icccm4"),
        ("libxcb-render-util.so.0", "libxcb-render-util0"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
        ("libwayland-client.so.0", "libwayland-client0"),
        ("libGL.so.1", "libgl1"),
        ("libdbus-1.so.3", "libdbus-1-3"),
    ],
)
def test_a_library_has_its_debian_package(library: str, package: str) -> None:
    assert bash(f"package_of {library}").stdout.strip() == package


@with_bash
@pytest.mark.parametrize(
    ("words", "started"),
    [
        ("", "run {starter}"),
        ("--headless", "run {starter}"),
        ("--headless --seed 7", "run {starter} --seed 7"),
        ("--headless other.nodeforge --json", "run other.nodeforge --json"),
    ],
)
def test_run_without_a_display_makes_the_starter_picture(
    words: str, started: str, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    shutil.copytree(PACKAGING, root / "packaging")
    python = root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)
    with (root / "packaging" / "setup.sh").open("a") as setup:
        setup.write("\nprepare() { :; }\n")
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    run = [str(root / "packaging" / "run"), *words.split()]
    done = subprocess.run(run, env=env, capture_output=True, text=True, check=False)
    starter = root / "resources" / "graphs" / "text-to-image.nodeforge"
    assert done.stdout.strip() == f"-m nodeforge {started.format(starter=starter)}"
