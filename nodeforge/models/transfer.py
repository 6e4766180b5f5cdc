"""Files on their way from a hub: resumed where they stopped, summed up, never half in place.

A file grows as NAME.part beside its place and moves there once its sum is right. Whatever stops a
transfer leaves what has come, so that the next one goes on from there.

huggingface_hub carries the bytes. Not by `hf_hub_download`, which throws away what has come when it
is stopped, and not by Xet, which can be neither stopped nor taken up again: by `http_get`, the part
of both that fetches one address from any byte on, and retries.
"""

from __future__ import annotations

import hashlib
import math
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from nodeforge.base.units import amount
from nodeforge.errors import Cancelled, DiskError, HubError
from nodeforge.models import hub
from nodeforge.models.hub import File, Offer

CHUNK = 2**18  # bytes that are handed on at once: as soon as these have come, a stop is heeded
SPARE = 2**28  # bytes that a disk keeps free
WAITS = (4.0, 8.0, 16.0)  # seconds before each new start, after huggingface_hub's own have failed
OFTEN = 0.1  # seconds between news


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
    _file: str = ""
    _done: int = 0
    _found: bool = False  # the hub said where the file lies
    _told: float = -math.inf
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
        self._done, self._marks, self._told = 0, [], -math.inf
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
        self._file, begun = file.name, self._done
        for wait in (*self.waits, None):
            self._done, self._found = begun, False
            try:
                self._stream(file, _part(place))
                break
            except hub.network_errors() as error:
                if not self._may_pass(error):
                    raise hub.refused(error, self.offer.id) from error
                if wait is None:
                    raise hub.silent(hub.code_of(error)) from error
                if self._stop.wait(wait):
                    raise Cancelled from None
        _part(place).replace(place)

    def _may_pass(self, error: Exception) -> bool:
        """Whether another start may help. Where the file lies, no answer is about the model: an
        address that was good for an hour, say, is asked for anew."""
        code = hub.code_of(error)
        return not hub.is_offline(error) and (not code or code >= 500 or self._found)

    def _stream(self, file: File, path: Path) -> None:
        """The rest of a file. Raises one of the hub's `network_errors`, or HubError if it is bad,
        which takes it away."""
        from huggingface_hub import constants
        from huggingface_hub.file_download import http_get
        from huggingface_hub.utils.tqdm import silent_tqdm

        # Its own 10 MB would let a stop wait for half a minute on a slow line.
        constants.DOWNLOAD_CHUNK_SIZE = CHUNK
        wrong = False
        with _Growing(path, file.size, self._hear) as part:
            if not file.size:  # the hub does not say: none can tell whether it is whole
                part.truncate(0)
            if part.size < file.size or not file.size:
                address, headers = hub.located(self.offer, file, self.token, self.host)
                self._found = True
                bar: Any = silent_tqdm
                try:
                    to: Any = part
                    http_get(address, to, resume_size=part.size, headers=headers, tqdm_class=bar)
                except OSError as error:
                    wrong = error.errno is None and not isinstance(error, hub.network_errors())
                    if not wrong:  # not of another size than the hub says, but of the disk
                        raise
        wrong = wrong or bool(file.size and part.size != file.size)
        if wrong or (file.sha256 and part.sum != file.sha256):
            path.unlink()
            raise HubError(
                f"{file.name} did not come over as the hub has it (its sum is another): download "
                f"it again"
            )

    def _hear(self, size: int, come: bool) -> None:
        """So many bytes more, or fewer. come: by the network. Raises Cancelled after `stop`."""
        self._done += size
        if size < 0:
            self._marks.clear()
        if come:
            self._tell()
        if self._stop.is_set():
            raise Cancelled

    def _tell(self) -> None:
        now = self.now()
        if now - self._told < OFTEN and self._done < self.total:
            return
        self._told = now
        self._marks.append((now, self._done))
        while len(self._marks) > 2 and now - self._marks[0][0] > 5:
            del self._marks[0]
        begun, before = self._marks[0]
        speed = (self._done - before) / (now - begun) if now > begun else 0.0
        left = max(self.total - self._done, 0) / speed if speed else None
        self.news(Status(self._file, self._done, self.total, speed, left))


class _Growing(FileIO):
    """What has come of a file, with its size and its sum.

    most: bytes that it may have, if they are known. heard: how many more there are, or fewer, and
    whether they have come just now.
    """

    def __init__(self, path: Path, most: int, heard: Callable[[int, bool], None]) -> None:
        super().__init__(path, "a+")
        self.most, self.heard = most, heard
        self.size, self._sum = 0, hashlib.sha256()
        self.seek(0)
        while chunk := self.read(2**20):
            self._count(chunk, False)

    @property
    def sum(self) -> str:
        return self._sum.hexdigest()

    def write(self, data: Any) -> int:
        rest = memoryview(data)
        while rest:
            rest = rest[super().write(rest) :]
        self._count(data, True)
        return len(data)

    def truncate(self, size: int | None = None) -> int:
        """To nothing, which is all that is ever wanted: a hub without ranges begins anew."""
        assert not (self.tell() if size is None else size)
        gone, self.size, self._sum = self.size, 0, hashlib.sha256()
        super().truncate(0)
        self.heard(-gone, False)
        return 0

    def _count(self, data: bytes, come: bool) -> None:
        self.size += len(data)
        self._sum.update(data)
        self.heard(len(data), come)
        if come and 0 < self.most < self.size:
            raise OSError("it is larger than the hub says")


def _part(place: Path) -> Path:
    return place.with_name(f"{place.name}.part")


def home() -> Path:
    """Where downloads go unless told otherwise."""
    return user_data_path("nodeforge", appauthor=False) / "models"


def free(folder: Path) -> int:
    """Bytes free on the disk of a folder, which need not exist."""
    there = next(p for p in (folder, *folder.absolute().parents) if p.is_dir())
    return shutil.disk_usage(there).free
