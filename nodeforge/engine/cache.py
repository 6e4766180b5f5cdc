"""Results by key, in memory, within a budget of bytes; the longest unused leave first."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import (
    Callable,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
)
from dataclasses import dataclass, fields, is_dataclass
from threading import RLock
from typing import Any

import numpy as np

from nodeforge.base import memory
from nodeforge.engine.messages import Picture
from nodeforge.engine.metadata import NOWHERE, Origin

ACCELERATOR = 2**30  # bytes kept on an accelerator; latents and prompts are small, weights not here


@dataclass(frozen=True, eq=False)
class Entry:
    """results: the value of each output. seconds: what making them took. picture, text: a face.

    held: bytes of memory under the results. origin: how they were made.
    """

    results: Sequence[object]
    seconds: float = 0.0
    picture: Picture | None = None
    text: str = ""
    held: int = 0
    origin: Origin = NOWHERE


class MemoryCache:
    """budget: bytes of main memory, by default a quarter of what the machine has. accelerator:
    bytes on any other device. kept: results of an earlier worker, read when first asked for.

    An array shared by several results counts once. The newest result stays, however big, so that
    it can be looked at. Safe to use from several threads.
    """

    def __init__(
        self,
        budget: int | None = None,
        accelerator: int = ACCELERATOR,
        kept: MutableMapping[str, Callable[[], Entry | None]] | None = None,
    ) -> None:
        self.budget = memory.total() // 4 if budget is None else budget
        self.kept = {} if kept is None else kept
        self.accelerator = accelerator
        self.used: dict[str, int] = {}  # bytes by device, "cpu" first among them
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._buffers: dict[str, dict[int, tuple[int, str]]] = {}  # by key: id -> bytes, device
        self._holders: dict[int, int] = {}
        self._lock = RLock()

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> Entry | None:
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
            elif (read := self.kept.pop(key, None)) and (entry := read()):
                self.put(key, entry)
            return entry

    def newest(self) -> list[tuple[str, Entry]]:
        """All that is in memory, the last used first."""
        with self._lock:
            return list(reversed(self._entries.items()))

    def put(self, key: str, entry: Entry) -> None:
        with self._lock:
            self.drop(key)
            mine = {at: (size, device) for at, size, device in buffers(entry.results)}
            for at, (size, device) in mine.items():
                self._holders[at] = self._holders.get(at, 0) + 1
                if self._holders[at] == 1:
                    self.used[device] = self.used.get(device, 0) + size
            self._entries[key], self._buffers[key] = entry, mine
            self._shed()

    def drop(self, key: str) -> None:
        with self._lock:
            if self._entries.pop(key, None) is None:
                return
            for at, (size, device) in self._buffers.pop(key).items():
                self._holders[at] -= 1
                if not self._holders[at]:
                    del self._holders[at]
                    self.used[device] -= size

    def clear(self) -> None:
        with self._lock:
            self.kept.clear()
            for key in list(self._entries):
                self.drop(key)

    def _shed(self) -> None:
        for device in list(self.used):
            room = self.budget if device == "cpu" else self.accelerator
            for key in list(self._entries)[:-1] if self.used[device] > room else ():
                if any(where == device for _, where in self._buffers[key].values()):
                    self.drop(key)
                if self.used[device] <= room:
                    break


def buffers(value: object) -> Iterator[tuple[int, int, str]]:
    """The memory under a value: (identity, bytes, device), the same identity where it is shared."""
    todo: list[Any] = [value]
    seen: set[int] = set()
    while todo:
        thing = todo.pop()
        if id(thing) in seen or thing is None:
            continue
        seen.add(id(thing))
        if isinstance(thing, np.ndarray):
            yield _array(thing)
        elif hasattr(thing, "untyped_storage"):  # a tensor, told without importing torch
            storage = thing.untyped_storage()
            device = "cpu" if thing.device.type == "cpu" else str(thing.device)
            yield storage.data_ptr(), storage.nbytes(), device
        elif parts := _parts(thing):
            todo.extend(parts)
        else:
            yield id(thing), sys.getsizeof(thing), "cpu"


def _array(array: np.ndarray[Any, Any]) -> tuple[int, int, str]:
    while isinstance(array.base, np.ndarray):  # a view keeps all that it looks into
        array = array.base
    return id(array), array.nbytes, "cpu"


def _parts(thing: object) -> Iterable[object]:
    if isinstance(thing, Mapping):
        return thing.values()
    if isinstance(thing, list | tuple | set | frozenset):
        return thing
    if is_dataclass(thing):
        return [getattr(thing, f.name) for f in fields(thing)]
    return ()
