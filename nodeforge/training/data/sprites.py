"""The sprite pack: cut-out pictures of nameable things, from which all training scenes are made.

On disk a pack is a folder of two files. `sprites.bin` holds WEBP pictures end to end;
`sprites.json` says what they show and where each begins:

    {"format": 1, "size": 208,
     "subjects": [{"label": ..., "kind": ..., "colourable": ..., "names": [...], "plurals": [...],
                   "articles": [...], "weight": ...}, ...],
     "sprites": [[subject, look, width, height, colour, offset, length], ...]}
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nodeforge.errors import DiskError

FORMAT = 1
LOOKS = ("3d", "flat", "noto")
INDEX, PICTURES = "sprites.json", "sprites.bin"


@dataclass(frozen=True)
class Subject:
    """A thing a caption can name. Names, plurals and articles go by the same index."""

    label: str  # what emojibase calls it; unique
    kind: str  # how it is placed in a scene: animal, bird, sea, building, ...
    colourable: bool  # whether a caption may give it another colour
    names: tuple[str, ...]  # the first is the main one; a name belongs to one subject of a pack
    plurals: tuple[str, ...]
    articles: tuple[str, ...]  # a, an, the, or nothing
    weight: float  # how often it is drawn, relative to the others


@dataclass(frozen=True)
class Sprite:
    """One rendition of a subject."""

    subject: int  # index into the subjects
    look: str  # one of LOOKS
    width: float  # of the tight box around it, share of the square's side
    height: float
    colour: str | None  # the word for its colour, if one colour prevails


@dataclass(frozen=True)
class Pack:
    size: int  # pixels of a side of a sprite's square
    subjects: tuple[Subject, ...]
    sprites: tuple[Sprite, ...]
    pictures: NDArray[np.uint8]  # [sprites, size, size, 4], straight-alpha RGBA


def read(folder: Path, pictures: bool = True, processes: int = 1) -> Pack:
    """The pack in `folder`; without its pictures, `pictures` is (0, size, size, 4).

    Decoding takes two milliseconds a sprite: `processes` share it.
    Raises DiskError if the pack is missing or broken.
    """
    try:
        index = json.loads((folder / INDEX).read_text("utf-8"))
        if index["format"] != FORMAT:
            raise DiskError(
                f"The sprite pack in “{folder}” has format {index['format']}, and this version "
                f"reads {FORMAT}: build the pack again"
            )
        size = int(index["size"])
        subjects = tuple(_subject(entry) for entry in index["subjects"])
        sprites = tuple(_sprite(row, len(subjects)) for row in index["sprites"])
        pixels = np.zeros((0, size, size, 4), np.uint8)
        if pictures:
            blob = (folder / PICTURES).read_bytes()
            pixels = _decoded([_cut(blob, row) for row in index["sprites"]], size, processes)
    except FileNotFoundError as error:
        raise DiskError(f"There is no sprite pack in “{folder}”: build one first") from error
    except OSError as error:
        raise _broken(folder, error) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _broken(folder, error) from error
    return Pack(size, subjects, sprites, pixels)


def write(
    folder: Path,
    size: int,
    subjects: Sequence[Subject],
    sprites: Iterable[tuple[Sprite, bytes]],
) -> None:
    """Writes a pack: each sprite with its WEBP picture of `size` by `size` pixels.

    Raises DiskError if the folder cannot be written.
    """
    rows: list[list[Any]] = []
    blob = bytearray()
    for sprite, picture in sprites:
        box = [round(sprite.width, 3), round(sprite.height, 3)]
        place = [len(blob), len(picture)]
        rows.append([sprite.subject, sprite.look, *box, sprite.colour, *place])
        blob += picture
    entries = [asdict(subject) for subject in subjects]
    index = {"format": FORMAT, "size": size, "subjects": entries, "sprites": rows}
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / PICTURES).write_bytes(blob)
        (folder / INDEX).write_text(text, "utf-8")
    except OSError as error:
        raise DiskError(f"The sprite pack cannot be written to “{folder}”: {error}") from error


def _broken(folder: Path, error: Exception) -> DiskError:
    return DiskError(f"The sprite pack in “{folder}” is broken ({error}): build the pack again")


def _subject(entry: dict[str, Any]) -> Subject:
    lists = {key: tuple(map(str, entry[key])) for key in ("names", "plurals", "articles")}
    if not lists["names"] or len({len(words) for words in lists.values()}) != 1:
        raise ValueError(f"names of {entry['label']} without plural or article")
    return Subject(
        str(entry["label"]),
        str(entry["kind"]),
        bool(entry["colourable"]),
        weight=float(entry["weight"]),
        **lists,
    )


def _sprite(row: list[Any], subjects: int) -> Sprite:
    subject, look, width, height, colour = row[:5]
    if not 0 <= subject < subjects or look not in LOOKS:
        raise ValueError(f"a sprite of subject {subject}, look {look}")
    return Sprite(int(subject), look, float(width), float(height), colour)


def _cut(blob: bytes, row: list[Any]) -> bytes:
    start, length = row[5:]
    if not 0 <= start <= start + length <= len(blob):
        raise ValueError(f"{PICTURES} ends too early")
    return blob[start : start + length]


def _decoded(files: list[bytes], size: int, processes: int) -> NDArray[np.uint8]:
    """[files, size, size, 4] uint8."""
    pixels = np.empty((len(files), size, size, 4), np.uint8)
    decode = partial(_picture, size=size)
    if processes <= 1:
        for number, picture in enumerate(map(decode, files)):
            pixels[number] = picture
        return pixels
    with ProcessPoolExecutor(processes) as pool:
        for number, picture in enumerate(pool.map(decode, files, chunksize=32)):
            pixels[number] = picture
    return pixels


def _picture(file: bytes, size: int) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(file)) as image:
        if image.size != (size, size):
            raise ValueError(f"a sprite of {image.width} by {image.height} pixels, not {size}")
        return np.asarray(image.convert("RGBA"))
