"""The short hashes by which A1111 and Civitai know a file again, without waiting for a large one.

AutoV2 is the SHA-256 of the whole file, ten digits; of a LoRA A1111 shows twelve of what lies
behind its header, which stays when only notes in it change (AutoV3). Read on a thread, once for
each content of a file, and kept from one start to the next.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import struct
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from platformdirs import user_cache_path

from nodeforge.base.files import write_atomically
from nodeforge.errors import DiskError

BLOCK = 2**22  # bytes read at once
HEADER = 100_000_000  # bytes at most before the tensors of a safetensors file
KEPT = 2000  # hashes in the file
_lock = threading.Lock()
_known: dict[str, str] = {}
_loaded = False
_reading: dict[str, threading.Thread] = {}


def cache_file() -> Path:
    return user_cache_path("nodeforge", appauthor=False) / "hashes.json"


def autov2(path: str, wait: float = 0.0) -> str:
    """Ten digits of a model; of a diffusers folder those of its denoiser's weights. "" where they
    are not known after so many seconds, or the file cannot be read."""
    return _hash(path, False, wait)[:10]


def autov3(path: str, wait: float = 0.0) -> str:
    """Twelve digits of what lies behind the header of a file in safetensors; else as `autov2`."""
    return _hash(path, True, wait)[:12]


def _hash(path: str, behind: bool, wait: float) -> str:
    files = weights(Path(path))
    key = _key(files, behind)
    if not key:
        return ""
    with _lock:
        _load()
        if found := _known.get(key):
            return found
        if key not in _reading:
            thread = threading.Thread(target=_read, args=(key, files, behind), daemon=True)
            _reading[key] = thread
            thread.start()
        reading = _reading[key]
    if wait > 0:
        reading.join(wait)
    with _lock:
        return _known.get(key, "")


def weights(path: Path) -> list[Path]:
    """The file itself, or the weights of a folder's denoiser; none if there are no such."""
    if path.is_file():
        return [path]
    for inner in ("unet", "transformer", "."):
        if found := sorted((path / inner).glob("*.safetensors")):
            return found
    return []


def _key(files: Iterable[Path], behind: bool) -> str:
    """Another one when the content may be another."""
    try:
        parts = [(str(f), (stat := f.stat()).st_size, stat.st_mtime_ns) for f in files]
    except OSError:
        return ""
    return hashlib.sha256(repr((parts, behind)).encode()).hexdigest()[:32] if parts else ""


def _read(key: str, files: list[Path], behind: bool) -> None:
    seen = hashlib.sha256()
    try:
        for path in files:
            _feed(seen.update, path, behind)
        found = seen.hexdigest()
    except OSError:
        found = ""
    with _lock:
        _reading.pop(key, None)
        if found:
            _known[key] = found
            _keep()


def _feed(take: Callable[[bytes], None], path: Path, behind: bool) -> None:
    with path.open("rb") as file:
        if behind and path.suffix == ".safetensors":
            (size,) = struct.unpack("<Q", file.read(8).ljust(8, b"\0"))
            file.seek(8 + size if size < HEADER else 0)
        while block := file.read(BLOCK):
            take(block)
            time.sleep(0)  # whoever draws goes first


def _load() -> None:
    global _loaded
    if _loaded:
        return
    _loaded = True
    with contextlib.suppress(OSError, ValueError, AttributeError, RecursionError):
        told = json.loads(cache_file().read_text("utf-8"))
        _known.update({str(key): str(found) for key, found in told.items()})


def _keep() -> None:
    """A cache: where it cannot be written the next start reads again."""
    kept = dict(list(_known.items())[-KEPT:])
    with contextlib.suppress(OSError, DiskError):
        cache_file().parent.mkdir(parents=True, exist_ok=True)
        write_atomically(cache_file(), json.dumps(kept, indent=1).encode(), durable=False)
