"""The system libraries that Qt needs for a window on Linux, and the packages that bring them."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from nodeforge.errors import NodeForgeError

# What PySide6's platform plugins and QtGui ask the system for: library, then the packages of
# Debian and Ubuntu, of Fedora, and of Arch.
ALWAYS = {
    "libEGL.so.1": ("libegl1", "libglvnd-egl", "libglvnd"),
    "libGL.so.1": ("libgl1", "libglvnd-glx", "libglvnd"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon", "libxkbcommon"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig", "fontconfig"),
    "libfreetype.so.6": ("libfreetype6", "freetype", "freetype2"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs", "dbus"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2", "glib2"),
}
X11 = {
    "libX11-xcb.so.1": ("libx11-xcb1", "libX11-xcb", "libx11"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image", "xcb-util-image"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb", "libxcb"),
    "libxcb-render-util.so.0": (
        "libxcb-render-util0",
        "xcb-util-renderutil",
        "xcb-util-renderutil",
    ),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb", "libxcb"),
    "libxcb-sync.so.1": ("libxcb-sync1", "libxcb", "libxcb"),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0", "libxcb", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb", "libxcb"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
}
WAYLAND = {
    "libwayland-client.so.0": ("libwayland-client0", "libwayland-client", "wayland"),
    "libwayland-cursor.so.0": ("libwayland-cursor0", "libwayland-cursor", "wayland"),
}
INSTALLERS = (
    (("debian", "ubuntu"), "sudo apt install {}"),
    (("fedora", "rhel", "centos"), "sudo dnf install {}"),
    (("arch",), "sudo pacman -S {}"),
)
RELEASE = Path("/etc/os-release")


def there(library: str) -> bool:
    """Whether the system's loader finds it."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def refuse_missing(
    environment: Mapping[str, str],
    finds: Callable[[str], bool] = there,
    release: Path = RELEASE,
) -> None:
    """NodeForgeError that says what to install, where Qt cannot open a window without it.

    With Wayland and X11 both there, one of them is enough: Qt takes what works.
    """
    if sys.platform != "linux":
        return
    chosen = environment.get("QT_QPA_PLATFORM", "").partition(":")[0]
    wayland = chosen.startswith("wayland") or (not chosen and environment.get("WAYLAND_DISPLAY"))
    x11 = chosen == "xcb" or (not chosen and environment.get("DISPLAY"))
    ways = [needed for needed, wanted in ((WAYLAND, wayland), (X11, x11)) if wanted]
    if not ways:
        return
    missing = min(([lib for lib in (*ALWAYS, *way) if not finds(lib)] for way in ways), key=len)
    if missing:
        raise NodeForgeError(_words(missing, _kin(release)))


def _words(missing: list[str], kin: set[str]) -> str:
    every = ALWAYS | X11 | WAYLAND
    names = ", ".join(missing)
    for column, (systems, command) in enumerate(INSTALLERS):
        if kin & set(systems):
            packages = " ".join(sorted({every[library][column] for library in missing}))
            return (
                f"The window needs system libraries that are not here ({names}): "
                f"run `{command.format(packages)}`, then start NodeForge again."
            )
    return (
        f"The window needs system libraries that are not here: install {names} with your "
        "system's package manager, then start NodeForge again."
    )


def _kin(release: Path) -> set[str]:
    """The system's id, and those it says it is like."""
    try:
        lines = release.read_text("utf-8").splitlines()
    except OSError:
        return set()
    told = dict(line.split("=", 1) for line in lines if "=" in line)
    return {
        each
        for name in ("ID", "ID_LIKE")
        for each in told.get(name, "").strip().strip("\"'").lower().split()
    }
