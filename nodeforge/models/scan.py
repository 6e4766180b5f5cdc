"""Looks through folders for models: only what is new or changed is opened, and only its header."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from nodeforge.errors import BadModel
from nodeforge.models import invoke
from nodeforge.models.entry import PICKLES, Entry, mark
from nodeforge.models.folder import CONFIG, INDEX, folder_kind, weights
from nodeforge.models.folders import HINTS, INVOKE, Place
from nodeforge.models.header import header
from nodeforge.models.kinds import UNKNOWN, Kind
from nodeforge.models.probe import probe
from nodeforge.models.sidecars import INFOS, PICTURES, beside

FILES = (".safetensors", ".sft", ".gguf", *PICKLES)
_DEEP = 8  # folders in folders
_SKIPPED = {"blobs", "refs", "__pycache__", "node_modules", "venv", "configs", "custom_nodes"}
_SMALL = 1024  # bytes: below it is no model, not even an embedding, but a pointer or a remnant
_BLOCK = 2**22  # bytes read at once for a hash
_BESIDE = (*INFOS, *PICTURES, ".txt")
Stop = Callable[[], bool]


def scan(place: Place, known: Mapping[str, Entry], stop: Stop = lambda: False) -> Iterator[Entry]:
    """Every model in a place, the known ones as they were, the others looked into.

    known: by path, from the last time. stop() ends it between two files. Never raises: what
    cannot be read has its reason as `fault`, a folder that cannot be opened is passed over.
    """
    records = invoke.told(place.path) if place.program == INVOKE else {}
    for path, names in models(place.path, stop):
        if stop():
            return
        try:
            size, stamp = _stamp(path, names)
        except OSError:
            continue
        old = known.get(str(path))
        if old is not None and old.stamp == stamp:
            yield replace(old, away=False, place=str(place.path), program=place.program)
        elif size >= _SMALL or path.is_dir():
            fresh = Entry(str(path), str(place.path), place.program, stamp, size)
            entry = _looked_into(_kept(fresh, old), names)
            if records:
                near = invoke.named(entry.beside, path, place.path, records)
                entry = replace(entry, beside=near)
            yield entry


def models(root: Path, stop: Stop = lambda: False) -> Iterator[tuple[Path, Mapping[str, float]]]:
    """Files and folders that look like models, each with the names (and times) beside it."""
    seen: set[str] = set()
    queue = [(root, 0)]
    while queue and not stop():
        folder, deep = queue.pop()
        real = os.path.realpath(folder)
        if real in seen:
            continue
        seen.add(real)
        files, folders = _listed(folder)
        if INDEX in files or (CONFIG in files and _has_weights(files)):
            yield folder, files
            continue
        if deep < _DEEP:
            queue += [(folder / name, deep + 1) for name in _chosen(folder, folders)]
        for name in sorted(files):
            if name.lower().endswith(FILES):
                yield folder / name, files


def sha256(path: Path, stop: Stop = lambda: False) -> str:
    """Of a whole file, which takes a second for a gigabyte or more; "" if stopped or unreadable."""
    seen = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                if stop():
                    return ""
                seen.update(block)
    except OSError:
        return ""
    return seen.hexdigest()


def _listed(folder: Path) -> tuple[dict[str, float], list[str]]:
    """Names in a folder: of files with their times, and of folders. Empty if it cannot be read."""
    files: dict[str, float] = {}
    folders: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for each in entries:
                if each.name.startswith("."):
                    continue
                if each.is_dir():
                    folders.append(each.name)
                elif each.name.lower().endswith((*FILES, *_BESIDE)):
                    files[each.name] = each.stat().st_mtime if each.is_file() else 0.0
    except OSError:
        return files, folders
    return files, sorted(folders, reverse=True)


def _chosen(folder: Path, names: list[str]) -> list[str]:
    """Folders worth a look; of the hub's snapshots only the one that `main` names."""
    if folder.name == "snapshots" and folder.parent.name.startswith("models--"):
        try:
            main = (folder.parent / "refs" / "main").read_text("utf-8").strip()
        except OSError:
            main = ""
        return [main] if main in names else names[:1]
    return [name for name in names if name not in _SKIPPED and not name.startswith("datasets--")]


def _has_weights(files: Mapping[str, float]) -> bool:
    return any(name.startswith(("diffusion_pytorch_model", "model", "adapter_")) for name in files)


def _stamp(path: Path, names: Mapping[str, float]) -> tuple[int, str]:
    """(bytes, what moves with every change of it or beside it). Raises OSError."""
    if path.is_dir():
        held = [path / INDEX, *weights(path), *path.glob("*/*.safetensors"), *path.glob("*/*.json")]
        stats = [each.stat() for each in held if each.is_file()]
        parts = [(stat.st_size, stat.st_mtime_ns) for stat in stats]
        parts += [(0, int(time)) for time in names.values()]
        size = sum(each.stat().st_size for each in held if each.suffix == ".safetensors")
    else:
        stat = path.stat()
        size, stem = stat.st_size, f"{path.stem}."
        own = [(name, time) for name, time in names.items() if name.startswith(stem)]
        parts = [(size, stat.st_mtime_ns), *((len(n), int(t)) for n, t in sorted(own))]
    return size, hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _kept(fresh: Entry, old: Entry | None) -> Entry:
    """The artist's own words about it, which hold for the changed file too."""
    return replace(fresh, picked=old.picked, remark=old.remark) if old else fresh


def _looked_into(entry: Entry, names: Mapping[str, float]) -> Entry:
    path = Path(entry.path)
    notes: Mapping[str, str] = {}
    kind, fault = Kind(UNKNOWN), ""
    try:
        if path.is_dir():
            kind = folder_kind(path)
        elif entry.pickle:
            kind = Kind(UNKNOWN, layout="pickle")
        else:
            head = header(path)
            kind, notes = probe(head), head.metadata
    except (BadModel, OSError) as error:
        fault = str(error)
    if kind.kind == UNKNOWN and not kind.release:
        kind = replace(kind, kind=_hinted(path, Path(entry.place)))
    near = beside(path, notes, None if path.is_dir() else names)
    sample = _main_file(path)
    size = sample.stat().st_size if sample else 0
    return replace(
        entry, kind=kind, fault=fault, beside=near, mark=mark(sample, size) if sample else ""
    )


def _main_file(path: Path) -> Path | None:
    """The file by which a model is known again: itself, or the largest of its denoiser."""
    if not path.is_dir():
        return path
    inner = [*path.glob("unet/*.safetensors"), *path.glob("transformer/*.safetensors")]
    found = sorted(inner or weights(path) or path.glob("*/*.safetensors"))
    return found[0] if found else None


def _hinted(path: Path, place: Path) -> str:
    """What the nearest folder that has a known name is for."""
    for part in (*reversed(path.parent.relative_to(place).parts), place.name):
        if kind := HINTS.get(part.lower()):
            return kind
    return UNKNOWN
