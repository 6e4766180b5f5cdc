"""The desktop's own file dialog, where it has one that any program may ask for."""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterable, MutableMapping
from pathlib import Path

SERVICE = "dbus-1/services/org.freedesktop.portal.Desktop.service"
CHOOSER = "org.freedesktop.impl.portal.FileChooser"
THEME = "QT_QPA_PLATFORMTHEME"


def prefer_portal(environment: MutableMapping[str, str]) -> None:
    """Have Qt ask the desktop's portal for files, unless the artist chose another way.

    Qt itself has GTK's dialog on GNOME; elsewhere, as on KDE, it would draw one of its own.
    """
    if sys.platform != "linux" or environment.get(THEME):
        return
    named = environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    if has_bus(environment) and has_chooser(Path(each) for each in named.split(":") if each):
        environment[THEME] = "xdgdesktopportal"


def has_bus(environment: MutableMapping[str, str]) -> bool:
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    return bool(environment.get("DBUS_SESSION_BUS_ADDRESS")) or (
        bool(runtime) and os.path.exists(os.path.join(runtime, "bus"))
    )


def has_chooser(folders: Iterable[Path]) -> bool:
    """Whether the portal is installed with a part that chooses files."""
    service = chooser = False
    for folder in folders:
        service = service or (folder / SERVICE).is_file()
        for file in (folder / "xdg-desktop-portal/portals").glob("*.portal"):
            chooser = chooser or _chooses(file)
    return service and chooser


def _chooses(file: Path) -> bool:
    told = configparser.ConfigParser(interpolation=None)
    try:
        told.read(file, "utf-8")
        return CHOOSER in told.get("portal", "Interfaces", fallback="").split(";")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return False
