"""Groups kept for reuse: one file each in a folder, of the format of graphs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nodeforge.base.files import write_atomically
from nodeforge.errors import BadFile, DiskError
from nodeforge.graph.clipboard import copy
from nodeforge.graph.document import Document, Group, NodeId
from nodeforge.graph.file import SUFFIX, read

LONGEST = 80  # characters of a file name


@dataclass(frozen=True)
class Kept:
    """document: the group, and all that lies in it."""

    path: Path
    document: Document
    group: Group

    @property
    def name(self) -> str:
        return self.path.stem


def kept(folder: Path) -> tuple[list[Kept], list[str]]:
    """The groups in a folder by name, and a sentence about each file that could not be read."""
    found: list[Kept] = []
    said: list[str] = []
    try:
        paths = sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: path.name.casefold())
    except OSError:
        return [], [f"The folder {folder} cannot be read: look at its permissions."]
    for path in paths:
        try:
            found.append(read_kept(path))
        except BadFile as error:
            said.append(str(error))
    return found, said


def read_kept(path: Path) -> Kept:
    """Raises BadFile where there is no group, or not just one."""
    document, left_out = read(path)
    tops = [thing for thing in document.things() if not thing.group]
    if left_out:
        raise BadFile(f"{path.name} is damaged, so it is not offered. {left_out[0]}")
    if len(tops) != 1 or not isinstance(tops[0], Group):
        raise BadFile(f"{path.name} does not hold just one group: save one from the canvas.")
    return Kept(path, document, tops[0])


def keep(folder: Path, document: Document, group: NodeId) -> Path:
    """Write a group to a file of its own, named after it. Raises DiskError."""
    stem = _plain(document.groups[group].title) or "Group"
    path, number = folder / f"{stem}{SUFFIX}", 1
    while path.exists():
        number += 1
        path = folder / f"{stem} {number}{SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskError(f"The folder {folder} cannot be made ({error.strerror}).") from error
    write_atomically(path, copy(document, [group]).encode())
    return path


def drop(path: Path) -> bytes:
    """Remove a kept group; what its file held, to have it back. Raises DiskError."""
    try:
        data = path.read_bytes()
        path.unlink()
    except OSError as error:
        raise DiskError(f"{path.name} cannot be removed ({error.strerror}).") from error
    return data


def _plain(title: str) -> str:
    """As the name of a file on any system."""
    letters = (each if each.isalnum() or each in " -_" else " " for each in title)
    return " ".join("".join(letters).split())[:LONGEST].strip()
