"""How much main memory there is, heeding what a container may take of it.

Linux tells a container's limit in a folder of files for each control group: "memory.max" in version
2, "memory.limit_in_bytes" in version 1. A group's parents limit it, too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path, PurePosixPath

GUESS = 8 * 10**9  # bytes, where no system says
ROOT = Path("/")


@dataclass(frozen=True)
class Limit:
    """What a control group may take, and holds without what the system can drop, in bytes."""

    size: int
    used: int


def total(root: Path = ROOT) -> int:
    """Bytes of main memory that this process may use at most. root: where the system's files lie"""
    return min([_physical(), *(limit.size for limit in limits(root))])


def available(root: Path = ROOT) -> int:
    """Bytes that could be taken now without any of them being swapped out."""
    free = int(import_module("psutil").virtual_memory().available)
    return max(0, min([free, *(limit.size - limit.used for limit in limits(root))]))


def used() -> int:
    """Bytes that this process holds."""
    return int(import_module("psutil").Process().memory_info().rss)


def limits(root: Path = ROOT) -> list[Limit]:
    """Of the control groups that this process is in; none where there are no such things."""
    return [limit for folder in _folders(root) if (limit := _read(folder))]


def _physical() -> int:
    with suppress(ValueError, OSError, AttributeError):
        if (pages := os.sysconf("SC_PHYS_PAGES")) > 0:
            return pages * os.sysconf("SC_PAGE_SIZE")
    with suppress(ImportError, OSError, RuntimeError):
        return int(import_module("psutil").virtual_memory().total)
    return GUESS


def _folders(root: Path) -> Iterator[Path]:
    """Of the groups of this process, and of those around them.

    A container often sees the path that its group has outside, but only its own folders: so what is
    not there is passed over, up to the top, which is then the container's own.
    """
    lines = ""
    with suppress(OSError, UnicodeDecodeError):
        lines = (root / "proc/self/cgroup").read_text("utf-8")
    for line in lines.splitlines():
        number, _, rest = line.partition(":")
        kinds, _, path = rest.partition(":")
        if "memory" in kinds.split(","):
            top = root / "sys/fs/cgroup/memory"
        elif number == "0" and not kinds:
            top = root / "sys/fs/cgroup"
            if not (top / "cgroup.controllers").exists() and (top / "unified").is_dir():
                top /= "unified"
        else:
            continue
        inner = PurePosixPath(path.lstrip("/"))
        if ".." in inner.parts:  # it lies outside what this process sees
            inner = PurePosixPath()
        yield from (top / each for each in (inner, *inner.parents))


def _read(folder: Path) -> Limit | None:
    for size, used, idle in (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        most = _number(folder / size)
        if most is not None:
            return Limit(most, max(0, (_number(folder / used) or 0) - _stat(folder, idle)))
    return None


def _number(path: Path) -> int | None:
    """None for no number: "max", or no such file."""
    with suppress(OSError, ValueError):
        return int(path.read_text("ascii"))
    return None


def _stat(folder: Path, name: str) -> int:
    with suppress(OSError, ValueError):
        for line in (folder / "memory.stat").read_text("ascii").splitlines():
            key, _, count = line.partition(" ")
            if key == name:
                return int(count)
    return 0
