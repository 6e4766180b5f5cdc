"""What `nodeforge` says where the libraries that Qt needs are not there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nodeforge.cli.libraries import ALWAYS, WAYLAND, X11, refuse_missing
from nodeforge.errors import NodeForgeError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="of Linux")
UBUNTU = 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n'
FEDORA = "NAME=Fedora\nID=fedora\n"
MANJARO = "ID=manjaro\nID_LIKE=arch\n"
X = {"DISPLAY": ":0"}
BOTH = {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}


def told(environment: dict[str, str], gone: set[str], release: Path) -> str:
    try:
        refuse_missing(environment, lambda library: library not in gone, release)
    except NodeForgeError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("system", "command"),
    [
        (UBUNTU, "sudo apt install libxcb-cursor0 libxcb-xkb1"),
        (FEDORA, "sudo dnf install libxcb xcb-util-cursor"),
        (MANJARO, "sudo pacman -S libxcb xcb-util-cursor"),
    ],
)
def test_it_names_the_packages_of_the_system(tmp_path: Path, system: str, command: str) -> None:
    release = tmp_path / "os-release"
    release.write_text(system)
    said = told(X, {"libxcb-cursor.so.0", "libxcb-xkb.so.1"}, release)
    assert f"`{command}`" in said
    assert "libxcb-cursor.so.0" in said
    assert "Reinstalling" not in said


def test_on_another_system_it_names_the_libraries(tmp_path: Path) -> None:
    said = told(X, {"libxcb-cursor.so.0"}, tmp_path / "none")
    assert "install libxcb-cursor.so.0 with your system's package manager" in said


def test_one_display_that_works_is_enough(tmp_path: Path) -> None:
    release = tmp_path / "os-release"
    release.write_text(UBUNTU)
    assert not told(BOTH, set(X11), release)
    assert not told(BOTH, set(WAYLAND), release)
    assert "libwayland-client0" in told(BOTH, {*X11, *WAYLAND}, release)
    assert "libegl1" in told(BOTH, {"libEGL.so.1"}, release)
    assert not told({**X, "QT_QPA_PLATFORM": "offscreen"}, set(ALWAYS) | set(X11), release)
    assert "libxcb-cursor0" in told({**BOTH, "QT_QPA_PLATFORM": "xcb"}, set(X11), release)


def test_here_nothing_is_missing() -> None:
    refuse_missing(X)
