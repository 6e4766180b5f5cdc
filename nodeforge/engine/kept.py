"""Results that outlive their worker: written down by the one that must end, found by the next.

They lie in the window's own folder, which nobody else may read or write, and go with it. They are
pickled as all that crosses between the two processes is; nothing from outside is ever read here.
"""

from __future__ import annotations

import pickle
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the window's side only counts them, and needs no numpy for that
    from nodeforge.engine.cache import Entry, MemoryCache

FOLDER, SUFFIX = "kept", ".result"
SECONDS = 1.5  # to write them in, the last used first; what is left is made again


def keep(cache: MemoryCache, folder: Path, seconds: float = SECONDS) -> int:
    """Write down what the cache holds, and say how many; what cannot be written is left out."""
    until, done = time.monotonic() + seconds, 0
    place = folder / FOLDER
    with suppress(OSError):
        place.mkdir(exist_ok=True)
    for key, entry in cache.newest():
        if time.monotonic() > until:
            break
        part = place / f"{key}.part"
        try:
            with part.open("wb") as file:
                pickle.dump(entry, file, protocol=pickle.HIGHEST_PROTOCOL)
            part.replace(place / f"{key}{SUFFIX}")  # in one move: it may be killed any moment
            done += 1
        except OSError:  # no room is left
            with suppress(OSError):
                part.unlink()
            break
        except Exception:  # noqa: BLE001 - a pack's results may refuse to be pickled
            with suppress(OSError):
                part.unlink()
    return done


def found(
    folder: Path, ready: Callable[[], object] = bool
) -> dict[str, Callable[[], Entry | None]]:
    """By key, what reads a result that an earlier worker left, and takes it away.

    ready: waits until what the results are made of is imported. To read one may import torch, and
    two threads that import it at once can each find it half made.
    """
    files = (folder / FOLDER).glob(f"*{SUFFIX}")
    return {path.stem: partial(_read, path, ready) for path in files}


def count(folder: Path) -> int:
    """How many results lie here."""
    return len(list((folder / FOLDER).glob(f"*{SUFFIX}")))


def clear(folder: Path) -> None:
    """Let go of all of them."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)


def _read(path: Path, ready: Callable[[], object]) -> Entry | None:
    ready()
    try:
        with path.open("rb") as file:
            entry: Entry = pickle.load(file)
        path.unlink()
    except Exception:  # noqa: BLE001 - then it is made again
        return None
    return entry
