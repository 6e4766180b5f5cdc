"""What the window remembers from one start to the next."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings

RECENT = 12


def store() -> QSettings:
    return QSettings("NodeForge", "NodeForge")


def recent() -> list[Path]:
    """Graph files opened or saved lately, newest first, that are still there."""
    return [path for path in _recent() if path.is_file()]


def remember(path: Path) -> None:
    path = path.absolute()
    names = [str(path)] + [str(old) for old in _recent() if old != path]
    store().setValue("recent", names[:RECENT])


def text(name: str, default: str = "") -> str:
    value = store().value(name, default)
    return value if isinstance(value, str) else default


def put(name: str, value: object) -> None:
    store().setValue(name, value)


def number(name: str, default: float, least: float, most: float) -> float:
    """A remembered number; the default where there is none, or none from least to most."""
    value = store().value(name)
    try:
        found = float(str(value))
    except ValueError:
        return default
    return found if least <= found <= most else default


def _recent() -> list[Path]:
    value = store().value("recent", [])
    names = [value] if isinstance(value, str) else value
    return [Path(str(name)) for name in names] if isinstance(names, list) else []
