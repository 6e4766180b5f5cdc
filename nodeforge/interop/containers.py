"""The parts of a PNG, JPEG or WebP file that hold words, read without decoding a pixel.

After the PNG specification (third edition), JFIF and Exif, Adobe's XMP specification part 3, and
the WebP container specification. Files are hostile until shown otherwise: every length is bounded,
what is compressed is unpacked only so far.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

LIMIT = 64 * 2**20  # bytes of one part, unpacked; no graph is larger
TOTAL = 2 * LIMIT  # bytes of all parts of one file
RATIO = 1032  # bytes that one byte of zlib's can stand for, at most
PARTS = 200_000  # chunks of one file; a PNG of a gigabyte has fewer
PNG = b"\x89PNG\r\n\x1a\n"
EXIF = b"Exif\0\0"
XMP = b"http://ns.adobe.com/xap/1.0/\0"
EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
XMP_KEY = "XML:com.adobe.xmp"


@dataclass
class Parts:
    """format: "png", "jpeg" or "webp". texts: PNG's, by keyword; of one keyword the first counts.
    comments: JPEG's. exif: the TIFF structure, without a head. xmp: the packet. extended: the rest
    of a packet that was too long for one segment of a JPEG."""

    format: str
    texts: dict[str, str] = field(default_factory=dict[str, str])
    comments: list[bytes] = field(default_factory=list[bytes])
    exif: bytes = b""
    xmp: bytes = b""
    extended: bytes = b""


def is_known(head: bytes) -> bool:
    """Whether a file that begins with these 12 bytes is of one of the three kinds."""
    riff = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    return riff or head.startswith((PNG, b"\xff\xd8\xff"))


def parts(file: BinaryIO) -> Parts | None:
    """The parts that hold words; None for a file of another kind."""
    head = file.read(12)
    file.seek(0)
    if head.startswith(PNG):
        return _png(file)
    if head.startswith(b"\xff\xd8\xff"):
        return _jpeg(file)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _webp(file)
    return None


def _png(file: BinaryIO) -> Parts:
    found = Parts("png")
    room = TOTAL
    for kind, size in _chunks(file, len(PNG), ">I4s"):
        if kind == b"IEND":
            break
        if kind not in (b"tEXt", b"zTXt", b"iTXt", b"eXIf") or size > min(LIMIT, room):
            continue
        data = file.read(size)
        if kind == b"eXIf":
            found.exif = found.exif or data
        elif said := _text(kind, data, min(LIMIT, room)):
            keyword, text, work = said
            room -= work
            if not keyword:
                continue
            if keyword == XMP_KEY:
                found.xmp = found.xmp or text.encode(errors="replace")
            else:
                found.texts.setdefault(keyword, text)
    return found


def _chunks(file: BinaryIO, start: int, layout: str) -> Iterator[tuple[bytes, int]]:
    """The kind and size of each chunk, with the file standing at its data."""
    end = file.seek(0, 2)
    at, head = start, struct.calcsize(layout)
    for _ in range(PARTS):
        if at + head > end:
            return
        file.seek(at)
        one, two = struct.unpack(layout, file.read(head))
        kind, size = (two, one) if isinstance(two, bytes) else (one, two)
        if at + head + size > end:
            return
        yield kind, size
        # PNG: a check sum behind; RIFF: padded to an even size
        at += head + size + (4 if layout[0] == ">" else size % 2)


def _text(kind: bytes, data: bytes, room: int) -> tuple[str, str, int] | None:
    """Keyword and text of a tEXt, zTXt or iTXt chunk, and the bytes that were unpacked for it; None
    if it has no keyword. room: as many bytes as it may have. The keyword is empty where it has more
    or is damaged: that was work, too."""
    keyword, nul, rest = data.partition(b"\0")
    if not nul or len(keyword) > 79:
        return None
    packed = kind == b"zTXt"
    if kind == b"iTXt":
        packed, rest = rest[:1] == b"\1", rest[2:]
        _, _, rest = rest.partition(b"\0")  # language
        _, _, rest = rest.partition(b"\0")  # keyword in that language
    elif packed:
        rest = rest[1:]
    body = _unpacked(rest, room) if packed else rest
    if body is None or len(body) > room:
        return "", "", min(room, RATIO * len(rest))
    return keyword.decode("latin-1"), _read(body, utf8=kind == b"iTXt"), len(body)


def _read(body: bytes, utf8: bool) -> str:
    """By the specification tEXt is Latin-1, but many programs write UTF-8 there."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode(errors="replace") if utf8 else body.decode("latin-1")


def _unpacked(data: bytes, room: int) -> bytes | None:
    """None if it is damaged. Of what has no room, one byte more than that."""
    unpacker = zlib.decompressobj()
    try:
        return unpacker.decompress(data, room + 1)
    except zlib.error:
        return None


def _jpeg(file: BinaryIO) -> Parts:
    """Up to the first scan: behind it are only pixels."""
    found, pieces = Parts("jpeg"), dict[int, bytes]()
    at = 2
    room = TOTAL
    for _ in range(PARTS):
        file.seek(at)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            break
        if head[1] == 0xFF:  # a byte to fill
            at += 1
            continue
        if head[1] in (0xDA, 0xD9):
            break
        size = struct.unpack(">H", head[2:])[0]
        at += 2 + size
        if head[1] not in (0xE1, 0xFE) or size < 2 or size > room:
            continue
        data = file.read(size - 2)
        room -= size
        _take_segment(found, pieces, head[1], data)
    found.extended = b"".join(data for _, data in sorted(pieces.items()))
    return found


def _take_segment(found: Parts, pieces: dict[int, bytes], marker: int, data: bytes) -> None:
    if marker == 0xFE:
        found.comments.append(data)
    elif data.startswith(EXIF):
        found.exif = found.exif or data[len(EXIF) :]
    elif data.startswith(XMP):
        found.xmp = found.xmp or data[len(XMP) :]
    elif data.startswith(EXTENDED) and len(data) >= len(EXTENDED) + 40:
        body = data[len(EXTENDED) :]
        pieces[struct.unpack(">I", body[36:40])[0]] = body[40:]


def _webp(file: BinaryIO) -> Parts:
    found = Parts("webp")
    for kind, size in _chunks(file, 12, "<4sI"):
        if kind not in (b"EXIF", b"XMP ") or size > LIMIT:
            continue
        data = file.read(size)
        if kind == b"EXIF":
            found.exif = found.exif or data.removeprefix(EXIF)
        else:
            found.xmp = found.xmp or data
    return found
