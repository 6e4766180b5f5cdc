"""What a file, a folder or a text from outside is, told by its first bytes where its name does not.

Reading may touch slow disks: `inspect` is for a thread; `guess` goes by the name alone.
"""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from nodeforge.app.words import tr
from nodeforge.errors import BadFile, BadModel, NodeForgeError
from nodeforge.graph import file
from nodeforge.imaging import formats
from nodeforge.models.entry import PICKLES
from nodeforge.models.folder import folder_kind, is_model
from nodeforge.models.header import header
from nodeforge.models.kinds import EMBEDDING, UNKNOWN, Kind
from nodeforge.models.probe import probe
from nodeforge.models.scan import FILES as WEIGHTS

PICTURES = formats.suffixes()
TEXTS = frozenset((".json", ".txt", ".md", ".yaml", ".yml"))
SMALL = 16 * 2**20  # bytes: a pickle above it is no embedding
LOOKED = 2000  # names in a folder
_BEGINNINGS: tuple[tuple[int, bytes], ...] = (
    *((0, b"\x89PNG\r\n\x1a\n"), (0, b"\xff\xd8\xff"), (0, b"GIF87a"), (0, b"GIF89a")),
    *((0, b"II*\0"), (0, b"MM\0*"), (8, b"WEBP"), (0, b"\0\0\0\x0cjP  "), (0, b"\xff\x4f\xff\x51")),
    *((4, b"ftypavif"), (4, b"ftypheic"), (4, b"ftypheix"), (4, b"ftypmif1")),
)


@dataclass(frozen=True)
class Picture:
    """A file that Load image reads."""

    path: Path


@dataclass(frozen=True)
class Graph:
    """A file of ours."""

    path: Path


@dataclass(frozen=True)
class Model:
    """kind: what it is, by its header."""

    path: Path
    kind: Kind


@dataclass(frozen=True)
class Note:
    """A file with words, or words without a file."""

    text: str
    path: Path | None = None


@dataclass(frozen=True)
class Foreign:
    """What is not taken. why: a sentence: what it is and what would be taken."""

    path: Path
    why: str


Item: TypeAlias = Picture | Graph | Model | Note | Foreign


def guess(path: Path) -> type[Item] | None:
    """What it will be, by its name; None where only looking tells."""
    suffix = path.suffix.lower()
    if suffix in PICTURES:
        return Picture
    if suffix == file.SUFFIX:
        return Graph
    if suffix in WEIGHTS:
        return Model
    if suffix in TEXTS:
        return Note
    return Foreign if foreign(path) else None


def inspect(path: Path) -> Item:
    """What lies there. Never raises; what cannot be read is Foreign, and says so."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        if guess(path) is Picture and not isinstance(error, ValueError):
            return Picture(path)  # its node says that it is missing, and takes another
        return Foreign(path, tr("“{}” is not there: was it moved or renamed?").format(path.name))
    if stat.S_ISDIR(found.st_mode):
        return _folder(path)
    if not stat.S_ISREG(found.st_mode):
        return Foreign(path, tr("“{}” is no file but a device.").format(path.name))
    try:
        return _file(path, found.st_size)
    except OSError as error:
        why = error.strerror or tr("it is locked or damaged")
        return Foreign(path, tr("“{}” cannot be read: {}.").format(path.name, why))


def _file(path: Path, size: int) -> Item:
    match guess(path):
        case kind if kind is Picture:
            return Picture(path)
        case kind if kind is Graph:
            return Graph(path)
        case kind if kind is Model:
            return _model(path, size)
        case kind if kind is Note:
            return _note(path)
        case kind if kind is Foreign:
            return Foreign(path, foreign(path))
    with path.open("rb") as opened:
        start = opened.read(4096)
    if is_picture(start):
        return Picture(path)
    words = tr(
        "“{}” is nothing that NodeForge reads: it takes pictures, graphs (.nodeforge) and models "
        "(.safetensors, .gguf)."
    )
    return Foreign(path, words.format(path.name))


def is_picture(start: bytes) -> bool:
    """Whether bytes begin as a picture does."""
    return any(start[at : at + len(mark)] == mark for at, mark in _BEGINNINGS)


def _note(path: Path) -> Item:
    try:
        return Note(file.content(path), path)
    except BadFile as error:
        return Foreign(path, f"“{path.name}”: {error}")


def _model(path: Path, size: int) -> Item:
    if path.suffix.lower() in PICKLES:
        if path.suffix.lower() in (".pt", ".bin") and size <= SMALL:
            return Model(path, Kind(EMBEDDING, layout="pickle"))
        words = tr(
            "“{}” is in an old format that may hold programs, which no node runs: take the model "
            "as .safetensors."
        )
        return Foreign(path, words.format(path.name))
    try:
        return _told(Model(path, probe(header(path))))
    except BadModel as error:
        return Foreign(path, f"{error}.".replace("..", "."))


def _told(model: Model) -> Item:
    """What no node takes although its header is fine says what it is."""
    kind = model.kind
    if kind.kind != UNKNOWN or not kind.release:
        return model
    words = tr("“{}” is for {}, which no node takes yet.")
    return Foreign(model.path, words.format(model.path.name, kind.release))


def _folder(path: Path) -> Item:
    try:
        if is_model(path):
            return _told(Model(path, folder_kind(path)))
    except NodeForgeError as error:
        return Foreign(path, f"{error}.".replace("..", "."))
    kinds: Counter[type[Item] | None] = Counter()
    try:
        with os.scandir(path) as entries:
            for entry, _ in zip(entries, range(LOOKED), strict=False):
                kinds[guess(Path(entry.name))] += 1
    except OSError as error:
        why = error.strerror or tr("it is locked")
        return Foreign(path, tr("“{}” cannot be opened: {}.").format(path.name, why))
    if kinds[Model]:
        words = tr("“{}” is a folder with models: File ▸ Add a folder with models… lists them.")
    elif kinds[Picture]:
        words = tr("“{}” is a folder: drop the pictures in it instead.")
    else:
        words = tr("“{}” is a folder that holds no model: drop pictures, graphs or models.")
    return Foreign(path, words.format(path.name))


def foreign(path: Path) -> str:
    """What a file of a well-known other kind is, and what to do with it; "" if it is none."""
    suffix = path.suffix.lower().lstrip(".")
    named = "“{}” "
    for names, words in (
        (
            "mp4 mov mkv webm avi m4v mpg",
            tr("is a video: save one of its pictures, and drop that."),
        ),
        ("svg svgz", tr("is a drawing of lines, not of pixels: export it as PNG, and drop that.")),
        (
            "psd psb xcf kra clip ora afphoto pdn procreate",
            tr("is the file of a paint program: export it there as PNG or TIFF, and drop that."),
        ),
        (
            "cr2 cr3 nef arw dng orf rw2 raf pef",
            tr("is a raw photo: develop it to TIFF or JPEG first, and drop that."),
        ),
        ("exr hdr", tr("is a high-dynamic-range picture: save it as PNG or TIFF, and drop that.")),
        (
            "heic heif hif",
            tr("is HEIC, which this system cannot read: export it as JPEG, and drop that."),
        ),
        ("ico icns cur", tr("is an icon: save it as PNG, and drop that.")),
        ("pdf eps ps ai", tr("is a page, not a picture: export it as PNG, and drop that.")),
        ("zip rar 7z gz tar xz", tr("is an archive: unpack it, and drop what is in it.")),
        ("mp3 wav flac ogg m4a", tr("is sound: NodeForge takes pictures.")),
        ("onnx trt engine tflite", tr("is a model in a format that no node takes.")),
    ):
        if suffix in names.split():
            return f"{named.format(path.name)}{words}"
    return ""


# Text


def workflow(text: str) -> str:
    """The sentence about a workflow of another program; "" if the text is none."""
    if not re.match(r"\s*[{\[]", text):
        return ""
    if re.search(r'"class_type"\s*:', text) or (
        re.search(r'"nodes"\s*:\s*\[', text) and re.search(r'"links"\s*:\s*\[', text)
    ):
        return tr(
            "This is a ComfyUI workflow, which NodeForge cannot read yet; nothing was changed."
        )
    if '"exposedFields"' in text or ('"edges"' in text and '"invocation' in text):
        return tr("This is an InvokeAI workflow, which NodeForge cannot read; nothing was changed.")
    return ""


def is_graph(text: str) -> bool:
    """Whether a text is a graph of ours, or a part of one."""
    return bool(re.match(r"\s*\{", text)) and bool(
        re.search(r'"format"\s*:\s*\d', text) and re.search(r'"(nodes|frames|notes|groups)"', text)
    )
