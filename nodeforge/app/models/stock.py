"""The models of this machine, looked for on a thread: what is known shows at once, the rest comes.

Folders of other programs are found, linked and never written to. What the artist added, left out
or was asked about is in the settings.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from nodeforge.app import settings
from nodeforge.app.words import tr
from nodeforge.errors import NodeForgeError
from nodeforge.models import folders
from nodeforge.models.entry import Entry
from nodeforge.models.folders import BOX, Place
from nodeforge.models.index import Index
from nodeforge.models.scan import scan, sha256

BATCH = 200  # entries that the window takes in at once
WATCHED = 400  # folders: systems allow only so many
LEAVE = 3.0  # seconds to wait for a disk that does not answer
CALM = 1500  # ms without a change before a watched folder is looked through
ADDED, LEFT_OUT, MET = "models/added", "models/left_out", "models/met"


class Stock(QObject):
    """entries: by path. changed: some of them did. met: (places, how many models) of programs that
    were never asked about. busy: a scan began or ended."""

    changed: Any = Signal()
    busy: Any = Signal(bool)
    met: Any = Signal(object)
    told: Any = Signal(str, str)  # "error" or "info", a sentence
    wanted = Signal()  # the artist asks for another model
    _came: Any = Signal(object, object)
    _done: Any = Signal(object)
    _hashed: Any = Signal(str, str)

    def __init__(
        self,
        parent: QObject | None = None,
        find: Callable[[], list[Place]] = folders.found,
        index: Callable[[], Index] = Index,
    ) -> None:
        super().__init__(parent)
        self.entries: dict[str, Entry] = {}
        self.places: list[Place] = []
        self.scanning = False
        self._find, self._make_index = find, index
        self._index: Index | None = None
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._again = False
        self._watch = QFileSystemWatcher(self)
        self._calm = QTimer(self, singleShot=True, interval=CALM)
        self._watch.directoryChanged.connect(lambda _: self._calm.start())
        self._calm.timeout.connect(self.start)
        self._came.connect(self._take)
        self._done.connect(self._end)
        self._hashed.connect(self._put_hash)

    # Looking

    def start(self) -> None:
        """Look through all places; what is known already comes first. Again, if it is doing so."""
        if self.scanning:
            self._again = True
            return
        self._stopped.clear()
        self.scanning = True
        self.busy.emit(True)
        added = [Place("", Path(path)) for path in paths(ADDED)]
        left_out = set(paths(LEFT_OUT))
        self._thread = threading.Thread(
            target=self._work, args=(added, left_out), name="models", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop looking, and wait until the thread has."""
        self._stopped.set()
        if watched := self._watch.directories():
            self._watch.removePaths(watched)
        self._calm.stop()
        self.scanning = self._again = False
        if self._thread is not None:
            self._thread.join(LEAVE)
            self._thread = None
        if self._index is not None:
            self._index.close()
            self._index = None

    def _work(self, added: list[Place], left_out: set[str]) -> None:
        if self._index is None:
            self._index = self._make_index()
            if self._index.said:
                self.told.emit("info", self._index.said)
        index = self._index
        known = index.entries()
        places = [folders.embedded(), *added, *self._find()]
        places = [place for place in places if str(place.path) not in left_out]
        chosen = {str(place.path) for place in places}
        self._came.emit([e for e in known.values() if e.place in chosen], [])
        found: dict[Place, int] = {}
        try:
            for place in places:
                found[place] = self._look(index, place, known)
        finally:
            if not self._stopped.is_set():
                self._done.emit({place: found.get(place, 0) for place in places})

    def _look(self, index: Index, place: Place, known: Mapping[str, Entry]) -> int:
        """One place; how many models lie there."""
        before = {path: entry for path, entry in known.items() if entry.place == str(place.path)}
        batch: list[Entry] = []
        met: set[str] = set()
        for entry in scan(place, known, self._stopped.is_set):
            met.add(entry.path)
            if known.get(entry.path) != entry:
                batch.append(index.worded(entry))
            if len(batch) >= BATCH:
                self._put(index, batch)
                batch = []
        self._put(index, batch)
        if self._stopped.is_set():
            return 0
        gone = before.keys() - met
        if place.path.is_dir():
            index.forget(gone)
            self._came.emit([], sorted(gone))
        else:
            self._put(index, [replace(before[path], away=True) for path in gone])
        return len(met)

    def _put(self, index: Index, batch: list[Entry]) -> None:
        if batch:
            index.put(batch)
            self._came.emit(batch, [])

    def _take(self, entries: Iterable[Entry], gone: Iterable[str]) -> None:
        if self._stopped.is_set():
            return
        entries, gone = list(entries), list(gone)
        for entry in entries:
            self.entries[entry.path] = entry
        for path in gone:
            self.entries.pop(path, None)
        if entries or gone:
            self.changed.emit()

    def _end(self, found: Mapping[Place, int]) -> None:
        if self._stopped.is_set():
            return
        self.places = list(found)
        here = {str(place.path) for place in found}
        if outside := [path for path, entry in self.entries.items() if entry.place not in here]:
            self._take([], outside)
        self.scanning = False
        self._look_after()
        self.busy.emit(False)
        asked = set(paths(MET))
        new = {
            place: count
            for place, count in found.items()
            if count and place.program not in ("", BOX) and str(place.path) not in asked
        }
        if new:
            self.met.emit(new)
        if self._again:
            self._again = False
            self.start()

    def _look_after(self) -> None:
        """Watch the folders that models lie in."""
        parents = {str(Path(entry.path).parent) for entry in self.entries.values()}
        roots = [str(place.path) for place in self.places]
        wanted = [path for path in [*roots, *sorted(parents)] if Path(path).is_dir()][:WATCHED]
        old = set(self._watch.directories())
        if stale := sorted(old - set(wanted)):
            self._watch.removePaths(stale)
        if fresh := sorted(set(wanted) - old):
            self._watch.addPaths(fresh)

    # What the artist says

    def add_folder(self, path: Path) -> None:
        """Link a folder: its models show, nothing is copied."""
        put(ADDED, [*paths(ADDED), str(path)])
        put(LEFT_OUT, [each for each in paths(LEFT_OUT) if each != str(path)])
        self.start()

    def leave_out(self, places: Iterable[Place]) -> None:
        """No longer show what lies there."""
        names = [str(place.path) for place in places]
        put(ADDED, [each for each in paths(ADDED) if each not in names])
        put(LEFT_OUT, [*paths(LEFT_OUT), *names])
        self.start()

    def meet(self, places: Iterable[Place]) -> None:
        """Do not ask about these again."""
        put(MET, [*paths(MET), *(str(place.path) for place in places)])

    def say(self, path: str, *, family: str | None = None, remark: str | None = None) -> None:
        """Keep the family or the notes that the artist gives a model."""
        if self._index is None or path not in self.entries:
            return
        try:
            self._take([self._index.say(self.entries[path], family=family, remark=remark)], [])
        except NodeForgeError as error:
            self.told.emit("error", str(error))

    def hash(self, path: str) -> None:
        """Have the SHA-256 of a file computed on a thread of its own."""
        work = threading.Thread(
            target=lambda: self._hashed.emit(path, sha256(Path(path), self._stopped.is_set)),
            name="hash",
            daemon=True,
        )
        work.start()

    def _put_hash(self, path: str, digest: str) -> None:
        entry = self.entries.get(path)
        if entry is None or self._index is None:
            return
        if not digest:
            self.told.emit("error", tr("“{}” could not be read to the end.").format(entry.name))
            return
        hashed = replace(entry, sha256=digest)
        self._index.put([hashed])
        self._take([hashed], [])


def paths(name: str) -> list[str]:
    """A list of paths in the settings."""
    value = settings.store().value(name, [])
    values = [value] if isinstance(value, str) else value
    return [str(each) for each in values] if isinstance(values, list) else []


def put(name: str, values: Iterable[str]) -> None:
    settings.put(name, list(dict.fromkeys(values)))


def stock_of(session: QObject) -> Stock | None:
    """The stock of a session, if it has one."""
    return session.findChild(Stock)
