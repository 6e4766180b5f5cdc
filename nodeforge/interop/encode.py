"""The one writer of pictures: pixels and what they tell, as the bytes of a file.

Save image, and the Viewer's save, copy and drag, all write through here.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from hashlib import md5
from io import BytesIO
from typing import Any, Literal, TypeAlias

from PIL import Image as Pil
from PIL.PngImagePlugin import PngInfo

from nodeforge.errors import DiskError
from nodeforge.interop import xmp
from nodeforge.interop.containers import EXTENDED, XMP_KEY
from nodeforge.interop.metadata import EXIF_IFD, GRAPH, PARAMETERS, USER_COMMENT, Metadata

Format: TypeAlias = Literal["png", "jpeg", "webp"]
SUFFIX: dict[Format, str] = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}
FORMATS: dict[str, Format] = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".jfif": "jpeg",
    ".webp": "webp",
}
LARGEST: dict[Format, int] = {"png": 2**31 - 1, "jpeg": 65_500, "webp": 16_383}  # px a side
SEGMENT = 65_533  # bytes of data in one segment of a JPEG
PIECE = 65_400  # bytes of an extended packet in one
EXIF_VERSION, LONG, UNDEFINED = 0x9000, 4, 7  # of the TIFF structure: a tag and two types
NAMES = {"png": "PNG", "jpeg": "JPEG", "webp": "WebP"}
NOTHING = Metadata()
Keep: TypeAlias = Literal["everything", "settings only", "nothing"]


def encode(
    picture: Pil.Image,
    format: Format,
    quality: int = 92,
    told: Metadata = NOTHING,
    quick: bool = False,
) -> bytes:
    """The bytes of a file. quality: 1 to 100, for JPEG and WebP; JPEG lays what is transparent on
    white. quick: a larger PNG, sooner. Raises DiskError for what the format cannot hold."""
    check_size(picture.width, picture.height, format)
    clean = Metadata(_clean(told.graph), _clean(told.parameters), source=told.source)
    if format == "png":
        return _png(picture, clean, 1 if quick else 6)
    options: dict[str, Any] = {"quality": quality}
    if clean.parameters:
        options["exif"] = _exif(clean.parameters)
    if format == "webp":
        if clean:
            options["xmp"] = xmp.packet(clean.source, clean.graph)
        return _saved(picture, "webp", options)
    return _jpeg(picture, options, clean)


def kept(told: Metadata, keep: str) -> Metadata:
    """What of it is to be written. The mark that a model drew it has a switch of its own."""
    return replace(
        told,
        graph=told.graph if keep == "everything" else "",
        parameters=told.parameters if keep != "nothing" else "",
    )


def check_size(width: int, height: int, format: Format) -> None:
    """Raise DiskError if the format has no room for a picture this large."""
    side, most = max(width, height), LARGEST[format]
    if side > most:
        raise DiskError(
            f"This picture is {side:,} px long, and {NAMES[format]} holds {most:,} at most: "
            f"choose png"
        )


def _png(picture: Pil.Image, told: Metadata, level: int) -> bytes:
    info = PngInfo()
    for keyword, text in ((GRAPH, told.graph), (PARAMETERS, told.parameters)):
        if text:
            info.add_text(keyword, text)
    if told:
        info.add_itxt(XMP_KEY, xmp.packet(told.source).decode())
    return _saved(picture, "png", {"pnginfo": info, "compress_level": level})


def _jpeg(picture: Pil.Image, options: dict[str, Any], told: Metadata) -> bytes:
    if len(options.get("exif", b"")) > SEGMENT:
        raise DiskError("A JPEG has no room for a prompt this long: choose png")
    # at high quality colours keep their full resolution
    options["subsampling"] = 0 if options["quality"] >= 90 else 2
    if not told:
        return _saved(flat(picture), "jpeg", options)
    options["xmp"] = xmp.packet(told.source, told.graph)
    if len(options["xmp"]) + 29 <= SEGMENT:
        return _saved(flat(picture), "jpeg", options)
    rest = xmp.extension(told.graph, "")
    name = md5(rest, usedforsecurity=False).hexdigest().upper()
    options["xmp"] = xmp.packet(told.source, rest=name)
    data = _saved(flat(picture), "jpeg", options)
    return _after_xmp(data, _segments(rest, name))


def _segments(rest: bytes, name: str) -> bytes:
    """An extended packet in as many segments as it takes (XMP specification, part 3, 1.1.3.1)."""
    made: list[bytes] = []
    for at in range(0, len(rest), PIECE):
        head = EXTENDED + name.encode() + struct.pack(">II", len(rest), at)
        body = head + rest[at : at + PIECE]
        made.append(b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body)
    return b"".join(made)


def _after_xmp(data: bytes, segments: bytes) -> bytes:
    """Behind the segments for programs, before the first that says how to decode."""
    at = 2
    while data[at] == 0xFF and 0xE0 <= data[at + 1] <= 0xEF:
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return data[:at] + segments + data[at:]


def _exif(parameters: str) -> bytes:
    """UserComment as A1111 writes it: UNICODE and UTF-16, high byte first as the whole."""
    comment = b"UNICODE\0" + parameters.encode("utf-16-be")
    own = 26  # where the IFD of Exif begins, behind that of the picture
    entries = (
        struct.pack(">HHI4s", EXIF_VERSION, UNDEFINED, 4, b"0232"),
        struct.pack(">HHII", USER_COMMENT, UNDEFINED, len(comment), own + 30),
    )
    return b"".join(
        (
            b"Exif\0\0MM\0*",
            struct.pack(">IHHHIII", 8, 1, EXIF_IFD, LONG, 1, own, 0),
            struct.pack(">H", len(entries)),
            *entries,
            struct.pack(">I", 0),
            comment,
        )
    )


def flat(picture: Pil.Image) -> Pil.Image:
    """Without transparency: laid on white, so that no colour hidden under it shows."""
    if picture.mode not in ("RGBA", "LA"):
        return picture if picture.mode == "L" else picture.convert("RGB")
    rgba = picture.convert("RGBA")
    return Pil.alpha_composite(Pil.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def _saved(picture: Pil.Image, format: Format, options: dict[str, Any]) -> bytes:
    data = BytesIO()
    try:
        picture.save(data, format, **options)
    except (OSError, ValueError, zlib.error, struct.error) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        said = f"{NAMES[format]} cannot hold this picture ({error}): choose png"
        raise DiskError(said) from error
    return data.getvalue()


def _clean(text: str) -> str:
    """Half a letter (a lone surrogate) has no bytes."""
    return text.encode(errors="replace").decode()
