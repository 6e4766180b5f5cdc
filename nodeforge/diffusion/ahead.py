"""Files of a model read ahead, while libraries are imported and the text encoder works.

The system keeps what was read, so that who loads a component later finds it in memory.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from threading import Thread

from nodeforge.base import memory
from nodeforge.diffusion import recipes
from nodeforge.errors import NodeForgeError
from nodeforge.values import Model

CHUNK = 2**22  # bytes at a time
SHARE = 0.5  # of the memory that is free; with less room the system would drop what was read
_begun: set[tuple[Path, int]] = set()


def begin(model: Model) -> Thread | None:
    """Read all that a drawing with this model loads, in the order in which it does, on a thread
    of its own; each version of a file once. None where nothing is to be read, or too much."""
    with suppress(NodeForgeError, OSError):  # who loads it says what is wrong
        fresh = [path for path in _files(model) if _print(path) not in _begun]
        _begun.update(map(_print, fresh))
        if fresh and sum(path.stat().st_size for path in fresh) <= SHARE * memory.available():
            thread = Thread(target=_read, args=(fresh,), daemon=True, name="read ahead")
            thread.start()
            return thread
    return None


def _files(model: Model) -> list[Path]:
    family = recipes.family(model)
    names = [
        n
        for n in (*family.text.components, family.pipelines.denoiser, "vae")
        if recipes.has(model, n)
    ]
    return list(dict.fromkeys(p for name in names for p in recipes.part(model, name).weights))


def _read(paths: list[Path]) -> None:
    buffer = bytearray(CHUNK)
    for path in paths:
        with suppress(OSError), path.open("rb", buffering=0) as file:
            while file.readinto(buffer):
                pass


def _print(path: Path) -> tuple[Path, int]:
    return path, path.stat().st_mtime_ns
