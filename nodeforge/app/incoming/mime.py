"""What a drag or the clipboard holds, read from its formats: files, pixels, a link, or text.

Sources offer the same thing in many formats at once. A file goes before the pixels in it, pixels
before the address they came from, and an address before bare text.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage

# The first that is offered is taken: the most faithful go first.
PIXELS = (
    *("image/png", "image/apng", "image/webp", "image/avif", "image/tiff", "image/jp2"),
    *("image/bmp", "image/x-bmp", "image/x-MS-bmp", "image/jpeg", "image/gif"),
)
COPIED = "x-special/gnome-copied-files"
LEGACY = "x-special/nautilus-clipboard"  # the first line of a text, in older file managers
RAW = "application/octet-stream"  # a browser's own file, with its name behind it
_IMG = re.compile(r"""<img\b[^>]*?\bsrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_DATA = re.compile(r"data:image/[\w.+-]+[^,]*,", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?|ftp|blob)://?\S+\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Files:
    """Files and folders of this machine. links: addresses elsewhere that came with them."""

    paths: tuple[Path, ...]
    links: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pixels:
    """A picture without a file. data: as it came, in a picture format; else image. Both are empty
    where they were not fetched yet."""

    data: bytes = field(default=b"", repr=False)
    image: QImage | None = None


@dataclass(frozen=True)
class Remote:
    """Only the address of something elsewhere."""

    url: str


@dataclass(frozen=True)
class Words:
    text: str = field(repr=False)


Content: TypeAlias = Files | Pixels | Remote | Words


def offers(data: QMimeData) -> bool:
    """Whether there is anything that `read` could make something of; looks at formats only."""
    named = data.formats()
    return bool(
        data.hasUrls()
        or data.hasImage()
        or data.hasText()
        or data.hasHtml()
        or COPIED in named
        or _pixel_formats(named)
    )


def read(data: QMimeData, fetch: bool = True) -> Content | None:
    """What is held; None for nothing of use. fetch: with the pixels, which may be many."""
    urls = data.urls() or _copied(data)
    text = data.text() if data.hasText() else ""
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    links = [url.toString() for url in urls if not url.isLocalFile()]
    if paths:
        return Files(tuple(paths), tuple(each for each in links if _is_address(each)))
    if text.lstrip().startswith(("{", "[")) or _is_writing(data, text):
        return Words(text)
    if pixels := _pixels(data, fetch):
        return pixels
    sources = [*links, text.strip(), *_sources(data)]
    for source in sources:
        if found := decode_data_url(source):
            return Pixels(found)
    if here := _paths_in(text):
        return Files(here)
    address = next(filter(_is_address, sources), "")
    if address and (links or not text.strip() or _is_address(text.strip())):
        return Remote(address)
    return Words(text) if text.strip() else None


def read_text(text: str) -> Content | None:
    """The same for a text alone."""
    data = QMimeData()
    data.setText(text)
    return read(data)


def decode_data_url(url: str) -> bytes:
    """The picture in a `data:` URL; empty where it is none."""
    head = _DATA.match(url)
    if head is None:
        return b""
    body = unquote_to_bytes(url[head.end() :])
    if not head.group().lower().endswith(";base64,"):
        return body
    try:
        return base64.b64decode(b"".join(body.split()) + b"==")
    except (binascii.Error, ValueError):
        return b""


def _pixels(data: QMimeData, fetch: bool) -> Pixels | None:
    named = _pixel_formats(data.formats())
    if not fetch:
        return Pixels() if named or data.hasImage() else None
    for name in named:
        if body := bytes(data.data(name).data()):
            return Pixels(body)
    image = data.imageData() if data.hasImage() else None
    return Pixels(image=image) if isinstance(image, QImage) and not image.isNull() else None


def _pixel_formats(names: Iterable[str]) -> list[str]:
    names = list(names)
    raw = [name for name in names if name.startswith(RAW) and "name=" in name]
    return [*(name for name in PIXELS if name in names), *raw]


def _is_writing(data: QMimeData, text: str) -> bool:
    """Whether words were marked and copied; text programs offer a picture of them as well."""
    return data.hasHtml() and bool(text.strip()) and not _sources(data) and not _is_address(text)


def _copied(data: QMimeData) -> list[QUrl]:
    """Files copied in a file manager that says so in a way of its own."""
    lines: list[str] = []
    if data.hasFormat(COPIED):
        lines = bytes(data.data(COPIED).data()).decode("utf-8", "replace").splitlines()
    elif data.hasText() and data.text().startswith(LEGACY):
        lines = data.text().splitlines()[1:]
    if not lines or lines[0] not in ("copy", "cut"):
        return []
    return [QUrl(line) for line in lines[1:] if line.strip()]


def _sources(data: QMimeData) -> list[str]:
    """Where the pictures in a piece of a web page come from."""
    if not data.hasHtml():
        return []
    found = (next(filter(None, match.groups()), "") for match in _IMG.finditer(data.html()))
    return [html.unescape(each) for each in found]


def _paths_in(text: str) -> tuple[Path, ...]:
    """The files that a text names, if it names nothing else."""
    lines = [line.strip().strip("\"'") for line in text.strip().splitlines()]
    if not lines or len(lines) > 1000:
        return ()
    found: list[Path] = []
    for line in lines:
        name = QUrl(line).toLocalFile() if line.startswith("file:") else line
        if not name.startswith(("/", "~/")) and not re.match(r"[A-Za-z]:[\\/]", name):
            return ()
        try:
            path = Path(name).expanduser()
            there = path.exists()
        except (OSError, RuntimeError, ValueError):
            return ()
        if not there:
            return ()
        found.append(path)
    return tuple(found)


def _is_address(text: str) -> bool:
    return bool(_ADDRESS.match(text))
