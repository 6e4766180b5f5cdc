"""Files on their way from a hub: resumed where they stopped, summed up, never half in place.

A file grows as NAME.part beside its place and moves there once its sum is right. Whatever stops a
transfer leaves what has come, so that the next one goes on from there.
"""

from __future__ import annotations

import hashlib
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from platformdirs import user_data_path

from nodeforge.base.units import amount
from nodeforge.errors import Cancelled, DiskError, HubError
from nodeforge.models import hub
from nodeforge.models.hub import File, Offer

CHUNK = 2**20
TRIES = 5  # after a cut connection
SPARE = 2**28  # bytes that a disk keeps free
WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)  # seconds before each of them


@dataclass(frozen=True)
class Status:
    """done, total: bytes. speed: bytes a second, lately. left: seconds, or None while unknown."""

    file: str
    done: int
    total: int
    speed: float = 0.0
    left: float | None = None


def no_news(status: Status) -> None:
    """Nobody listens."""


@dataclass
class Transfer:
    """Some files of an offer, into a folder. `stop` may be called from another thread.

    host: another hub's address. news: hears how far it is, on the transfer's thread.
    """

    offer: Offer
    files: Sequence[File]
    folder: Path
    token: str = ""
    host: str = ""
    news: Callable[[Status], None] = no_news
    waits: Sequence[float] = WAITS
    now: Callable[[], float] = time.monotonic
    _stop: threading.Event = field(default_factory=threading.Event)
    _done: int = 0
    _marks: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])

    @property
    def total(self) -> int:
        return sum(file.size for file in self.files)

    def stop(self) -> None:
        """Pause: `run` raises Cancelled soon; another `run` goes on."""
        self._stop.set()

    def discard(self) -> None:
        """Take away what has come of unfinished files, and folders left empty."""
        for file in self.files:
            part = _part(self._place(file))
            part.unlink(missing_ok=True)
            for folder in part.parents:
                if not folder.is_relative_to(self.folder) or not folder.is_dir():
                    break
                if any(folder.iterdir()):
                    break
                folder.rmdir()

    def run(self) -> Path:
        """Fetch what is not here yet; the folder, or the only file.

        Raises HubError, DiskError, or Cancelled after `stop`.
        """
        self._stop.clear()
        self._done, self._marks = 0, []
        self._check_room()
        try:
            for file in self.files:
                self._fetch(file)
        except OSError as error:
            raise DiskError(
                f"“{self.folder}” cannot be written ({error.strerror or error}): make room, or "
                f"choose another folder, and go on from here"
            ) from error
        only = [self._place(file) for file in self.files]
        return only[0] if len(only) == 1 else self.folder

    def _place(self, file: File) -> Path:
        return self.folder.joinpath(*file.name.split("/"))

    def _check_room(self) -> None:
        here = sum(self._arrived(file) for file in self.files)
        there = free(self.folder)
        if (wanted := self.total - here) + SPARE > there:
            raise DiskError(
                f"There is no room for “{self.offer.id}” in “{self.folder}”: {amount(wanted)} are "
                f"to come and {amount(there)} are free, so make room or choose another disk"
            )

    def _arrived(self, file: File) -> int:
        place = self._place(file)
        found = place if place.is_file() else _part(place)
        return found.stat().st_size if found.is_file() else 0

    def _fetch(self, file: File) -> None:
        place = self._place(file)
        if place.is_file() and place.stat().st_size == file.size:
            self._done += file.size
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        begun = self._done
        for wait in (*self.waits, None):
            self._done = begun
            try:
                self._stream(file, _part(place))
                break
            except (HTTPException, _Cut) as error:
                if wait is None:
                    raise hub.refused(error, self.offer.id) from error
                if self._stop.wait(wait):
                    raise Cancelled from None
        _part(place).replace(place)

    def _stream(self, file: File, part: Path) -> None:
        """The rest of a file. Raises _Cut if the connection ends early, HubError if it is bad."""
        seen = hashlib.sha256()
        here = self._summed(part, seen) if part.is_file() else 0
        if file.size and here >= file.size:
            return self._check(file, part, here, seen.hexdigest())
        try:
            answer = hub.opened(hub.address(self.offer, file, self.host), self.token, here)
        except HTTPError as error:
            if error.code < 500:
                raise hub.refused(error, self.offer.id) from error
            raise _Cut(str(error)) from error
        except OSError as error:
            raise _Cut(str(error)) from error
        with answer:
            if here and answer.status != 206:  # it cannot go on: from the start
                self._done -= here
                seen, here = hashlib.sha256(), 0
            with part.open("ab" if here else "wb") as out:
                here = self._copy(answer, out, seen, here, file)
        if file.size and here < file.size:
            raise _Cut("the connection ended early")
        return self._check(file, part, here, seen.hexdigest())

    def _copy(self, answer: Any, out: Any, seen: Any, here: int, file: File) -> int:
        while chunk := _read(answer):
            out.write(chunk)
            seen.update(chunk)
            here += len(chunk)
            self._done += len(chunk)
            if file.size and here > file.size:
                break
            self._tell(file)
            if self._stop.is_set():
                raise Cancelled
        return here

    def _summed(self, part: Path, seen: Any) -> int:
        """Bytes of what is here already, summed up."""
        size = 0
        with part.open("rb") as file:
            while chunk := file.read(CHUNK):
                seen.update(chunk)
                size += len(chunk)
        self._done += size
        return size

    def _check(self, file: File, part: Path, size: int, sha256: str) -> None:
        if (file.sha256 and sha256 != file.sha256) or (file.size and size != file.size):
            part.unlink()
            raise HubError(
                f"{file.name} did not come over as the hub has it (its sum is another): download "
                f"it again"
            )

    def _tell(self, file: File) -> None:
        now = self.now()
        self._marks.append((now, self._done))
        while len(self._marks) > 2 and now - self._marks[0][0] > 5:
            del self._marks[0]
        begun, before = self._marks[0]
        speed = (self._done - before) / (now - begun) if now > begun else 0.0
        left = max(self.total - self._done, 0) / speed if speed else None
        self.news(Status(file.name, self._done, self.total, speed, left))


class _Cut(Exception):
    """The connection ended, and may come back."""


def _read(answer: Any) -> bytes:
    try:
        return bytes(answer.read(CHUNK))
    except OSError as error:
        raise _Cut(str(error)) from error


def _part(place: Path) -> Path:
    return place.with_name(f"{place.name}.part")


def home() -> Path:
    """Where downloads go unless told otherwise."""
    return user_data_path("nodeforge", appauthor=False) / "models"


def free(folder: Path) -> int:
    """Bytes free on the disk of a folder, which need not exist."""
    there = next(p for p in (folder, *folder.absolute().parents) if p.is_dir())
    return shutil.disk_usage(there).free
