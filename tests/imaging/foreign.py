"""Picture files as other programs write them, made without our own code, with what they show.

What they should come in as is said by Pillow, by its LittleCMS, or by a formula.
"""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageCms, ImageOps

Array = NDArray[Any]
Make = Callable[[Path], Array]  # writes the file; (height, width, channels), 0 to 1

RAMP = np.add.outer(np.arange(24) * 5, np.arange(40) * 3).astype(np.uint8)
RGB = np.stack([RAMP, RAMP[::-1], RAMP[:, ::-1]], -1)
DEEP = np.stack([RAMP, RAMP[::-1], RAMP[:, ::-1]], -1).astype(np.uint16) * 257 + 7
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
ADOBE = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
WIDE = ((0.79767, 0.28804, 0.0), (0.13519, 0.71188, 0.0), (0.03134, 0.00009, 0.82491))  # ProPhoto
# 32 by 16 px: left (200, 40, 90), right (20, 160, 60); from libheif, without loss
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAX5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAA"
    "AAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABogABAAAAAAAAAXcAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABo"
    "dmMxAAAAAA5waXRtAAAAAAABAAAA/mlwcnAAAADeaXBjbwAAAHdodmNDAQQIAAAAnjgAAAAA//AA/P/4+AAADwNgAAEA"
    "F0ABDAH//wQIAAADAJ44AAADAAD/ugJAYQABACpCAQEECAAAAwCeOAAAAwAA/5AEECCy3VXTXNwENBgQAAADAZAAAAMA"
    "EIBiAAEACEQBwXAwYLEgAAAAE2NvbHJuY2x4AAEADQAGgAAAABRpc3BlAAAAAAAAAEAAAABAAAAAKGNsYXAAAAAgAAAA"
    "AQAAABAAAAAB////4AAAAAL////QAAAAAgAAABBwaXhpAAAAAAMICAgAAAAYaXBtYQAAAAAAAAABAAEFgQIDBYQAAAF/"
    "bWRhdAAAAXMoAa8FsgitQD2ALwXEs//9v7Po8GDBgwYcOHDhw4cJUP//kTVv6qyVQMf/Y+kAM+efztc02HlOU5TlOVtW"
    "1bVtW1bVtWJSkitiWIWSbgoIUAdj0HxjGMata1rWrKj+1iv//gC9wySSSSS3XXXXXW53Oa/f//z6jnu6dYiRHLHLHLHL"
    "HXfXfXfXfXfXfXfOWgAAVhvBSXZbEI9p+T4ZAACYn//fFxtmeswAArAzMp7Ol3pQp6HHfVaAMWT3sO//KfIay8sR/cMN"
    "14AAAhnVDuIeHWjO5AANAiOz0z+5mnr+FwAAsZmZc04WkyzAAA3f//0CGcN/gRH1OUMAy1T//1u1GUo7gf8QAD9AAevI"
    "9C8yVMEl+AAfFPhr+MEKxOsJEAAhwzMr64L1T9QABPx//uzBQkHQzkPWSAA6NX/5A70JbOouTgAjkAFwYNWXXkU9RHAA"
    "LQLfN9r1a5DRr5gA6vMzAIn4iAlAADszMyZvXNu5gYOOcg=="
)


def profile(
    name: str, rgb: Any, gamma: float | list[int], major: int = 2, space: bytes = b"RGB "
) -> bytes:
    """A small ICC profile, byte by byte. rgb: XYZ of the primaries (D50), None for grey. gamma:
    of its curves, or their points."""

    note = _text("none", major) if major == 4 else b"text\0\0\0\0none\0"
    curve = _curve(gamma, major)
    tags = {b"desc": _text(name, major), b"cprt": note, b"wtpt": _xyz((0.9642, 1, 0.8249))}
    if rgb is None:
        tags[b"kTRC"] = curve
    else:
        for letter, value in zip("rgb", rgb, strict=True):
            tags[letter.encode() + b"XYZ"] = _xyz(value)
            tags[letter.encode() + b"TRC"] = curve
    at, table, content = 128 + 4 + 12 * len(tags), b"", b""
    for tag, value in tags.items():
        value += b"\0" * (-len(value) % 4)
        table += tag + struct.pack(">II", at + len(content), len(value))
        content += value
    head = struct.pack(
        ">I4sI4s4s4s", at + len(content), b"lcms", major << 24, b"mntr", space, b"XYZ "
    )
    head += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    head += _s15(0.9642) + _s15(1) + _s15(0.8249)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + content


def _s15(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_s15, values))


def _text(words: str, major: int) -> bytes:
    if major == 4:
        body = words.encode("utf-16-be")
        return b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", len(body), 28) + body
    body = words.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(body)) + body + bytes(78)


def _curve(gamma: float | list[int], major: int) -> bytes:
    if isinstance(gamma, list):
        return b"curv\0\0\0\0" + struct.pack(f">I{len(gamma)}H", len(gamma), *gamma)
    if major == 4:
        return b"para\0\0\0\0" + struct.pack(">HH", 0, 0) + _s15(gamma)
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


def table_profile() -> bytes:
    """One whose colours lie in a table (A2B0), as printers and scanners have them: red and blue
    change places and all gets darker."""
    grid = 9
    steps = np.linspace(0, 1, grid)
    red, green, blue = np.meshgrid(steps, steps, steps, indexing="ij")
    linear = np.stack([blue, green, red], -1) ** 2.2 * 0.7
    xyz = linear @ np.array(SRGB)
    whole = (xyz / (1 + 32767 / 32768) * 65535).round().clip(0, 65535).astype(">u2")
    lut = b"mft2\0\0\0\0" + bytes([3, 3, grid, 0])
    lut += struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536) + struct.pack(">HH", 2, 2)
    lut += (
        struct.pack(">6H", *[0, 65535] * 3) + whole.tobytes() + struct.pack(">6H", *[0, 65535] * 3)
    )
    plain = bytearray(profile("table", None, 1.0, space=b"RGB "))
    plain = plain.replace(b"kTRC", b"A2B0")
    old = plain.rfind(b"curv\0\0\0\0")
    entry = plain.rfind(b"A2B0", 0, 300)
    plain[old:] = lut
    plain[entry + 4 : entry + 12] = struct.pack(">II", old, len(lut))
    plain[0:4] = struct.pack(">I", len(plain))
    return bytes(plain)


def png(array: Array, kind: int, extra: bytes = b"") -> bytes:
    """A PNG of uint16 (height, width, channels). kind: 0 grey, 2 RGB, 4 grey and alpha, 6 RGBA."""
    height, width = array.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in array)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + extra + body


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def iccp(icc: bytes) -> bytes:
    return chunk(b"iCCP", b"p\0\0" + zlib.compress(icc))


def cms(picture: Pil.Image, icc: bytes) -> Array:
    """What LittleCMS makes of it, in 8 bits."""
    own = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    made = ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert made is not None
    return np.asarray(made) / 255


def matrix(units: Array, primaries: Any, gamma: float) -> Array:
    """What a profile of primaries and a curve means, by the formula."""
    linear = units.astype(float) ** gamma @ np.array(primaries) @ np.linalg.inv(np.array(SRGB))
    return encoded(linear)


def encoded(linear: Array) -> Array:
    """sRGB's curve (IEC 61966-2-1)."""
    linear = linear.clip(0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def units(array: Array, top: float = 255) -> Array:
    """Grey becomes RGB."""
    scaled = array.astype(float) / top
    return np.repeat(scaled[..., None], 3, -1) if scaled.ndim == 2 else scaled


def pillow(array: Array, mode: str | None = None, seen: str = "RGB", **options: Any) -> Make:
    """Written by Pillow; comes in as Pillow's convert makes it."""

    def make(path: Path) -> Array:
        picture = Pil.fromarray(array)
        if mode:
            picture = picture.convert(mode)
        picture.save(path, **options)
        with Pil.open(path) as again:
            return np.asarray(ImageOps.exif_transpose(again).convert(seen)) / 255

    return make


def managed(picture: Pil.Image, icc: bytes, as_rgb: bool = False, **options: Any) -> Make:
    """Written by Pillow with a profile; comes in as LittleCMS converts what Pillow reads."""

    def make(path: Path) -> Array:
        picture.save(path, icc_profile=icc, **options)
        with Pil.open(path) as again:
            return cms(again.convert("RGB") if as_rgb else again.copy(), icc)

    return make


def bytes_(data: bytes, seen: Array) -> Make:
    def make(path: Path) -> Array:
        path.write_bytes(data)
        return seen

    return make


def tiff(array: Array, seen: Array, **options: Any) -> Make:
    def make(path: Path) -> Array:
        tifffile.imwrite(path, array, **options)
        return seen

    return make


def turned(orientation: int) -> Pil.Exif:
    exif = Pil.Exif()
    exif[0x112] = orientation
    return exif
