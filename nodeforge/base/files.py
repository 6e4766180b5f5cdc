"""Writing files so that the old one stays whole until the new one is."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from nodeforge.errors import DiskError

FULL = (errno.ENOSPC, errno.EDQUOT)
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


def write_atomically(path: Path, data: bytes, durable: bool = True) -> None:
    """Put a new file with this content in the place of the old one, in one move.

    A link is followed, and the old file's permissions are kept. durable: wait until the disk has
    it, so that a power cut loses neither. Raises DiskError; the old file is then as it was, and
    nothing is left behind.
    """
    with replacing(path, durable) as temporary, temporary.open("xb") as file:
        file.write(data)


@contextlib.contextmanager
def replacing(path: Path, durable: bool = True) -> Iterator[Path]:
    """As `write_atomically`, for what writes its file itself: to the path that this gives, which
    does not exist yet. Raises DiskError, also for an OSError or ValueError of the writer's."""
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
        if target.exists() and not os.access(target, os.W_OK):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        with _temporary(target.parent) as temporary:
            yield temporary
            if durable:
                _sync(temporary)
            if target.exists():
                shutil.copymode(target, temporary)
            os.replace(temporary, target)
    except (OSError, ValueError) as error:
        raise DiskError(_sentence(path, error)) from error
    if durable:
        _sync_folder(target.parent)


def write_new(folder: Path, stem: str, suffix: str, data: bytes) -> Path:
    """A new file under the first of stem, stem-2, stem-3… that is free; no half file is seen.

    Raises OSError, or ValueError for a name that no file can have; nothing is left behind then.
    """
    with _temporary(folder) as temporary:
        with temporary.open("xb") as file:
            file.write(data)
        _sync(temporary)
        path = _claimed(folder, stem, suffix)
        try:
            os.replace(temporary, path)
        except OSError:
            path.unlink(missing_ok=True)
            raise
    return path


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    path = folder / f".{uuid4().hex[:12]}.tmp"
    try:
        yield path
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _claimed(folder: Path, stem: str, suffix: str) -> Path:
    """The first free name, taken with an empty file."""
    for count in itertools.count(1):
        path = folder / f"{stem}{'' if count == 1 else f'-{count}'}{suffix}"
        with contextlib.suppress(FileExistsError):
            path.open("x").close()
            break
    return path


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """The new name on disk, too, where the system knows how; the content is there already."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sentence(path: Path, error: OSError | ValueError) -> str:
    name, folder = path.name or str(path), path.parent
    number = error.errno if isinstance(error, OSError) else None
    if number in FULL:
        return f"The disk is full, so {name} was not saved: make room, or save it elsewhere."
    if number in CLOSED:
        return f"{name} may not be written in {folder}: save it in another folder."
    if number in (errno.ENOENT, errno.ENOTDIR):
        return f"There is no folder {folder}: save {name} in another one."
    if number == errno.EISDIR:
        return f"{path} is no file but a folder or a device: save under another name."
    if number == errno.ENAMETOOLONG:
        return "The file name is too long: save under a shorter one."
    why = error.strerror if isinstance(error, OSError) and error.strerror else error
    return f"{name} could not be saved ({why}): save it elsewhere."
