"""Picture files with more than 8 bits a channel, which Pillow would cut to 8 or not read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

Samples: TypeAlias = NDArray[Any]
PNG, TIFF = b"\x89PNG\r\n\x1a\n", (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
ORIENTATION, PROFILE = 274, 34675  # tags of a TIFF


@dataclass(frozen=True, eq=False)
class Raw:
    """Samples as a file holds them.

    samples: (height, width, channels): whole numbers, or float. space: "gray", "rgb", "cmyk" or
    "lab". alpha: whether the last channel is alpha. white: the number that is full, None where a
    float file does not say. premultiplied: whether the colours are. turned: EXIF's orientation.
    """

    samples: Samples
    space: str
    alpha: bool
    white: float | None
    premultiplied: bool = False
    turned: int = 1
    profile: bytes = b""


def png(data: bytes, profile: bytes, turned: int, out: Samples | None) -> Raw:
    """A PNG that `is_direct`. out: where the samples are put. May raise anything on a damaged
    file."""
    import imagecodecs

    samples = np.asarray(imagecodecs.png_decode(data, out=out))
    samples = samples[..., None] if samples.ndim == 2 else samples
    channels = samples.shape[-1]
    kind, white = "gray" if channels < 3 else "rgb", 65535 if samples.dtype == np.uint16 else 255
    return Raw(samples, kind, channels in (2, 4), white, turned=turned, profile=profile)


def is_direct(data: bytes) -> bool:
    """Whether a PNG is one that `png` is for: 16 bits, 8 in colour, which then needs no second
    copy, or grey of 2 or 4, of which Pillow loses the transparent one."""
    if data[:8] != PNG or len(data) < 29 or data[12:16] != b"IHDR":
        return False
    depth, kind = data[24], data[25]
    return kind != 3 and (depth in (2, 4, 16) or (depth == 8 and kind in (2, 6)))


def png_channels(data: bytes) -> int:
    """How many channels `png` makes of it, a transparent colour included."""
    base = {0: 1, 2: 3, 4: 2, 6: 4}[data[25]]
    return base + (base in (1, 3) and b"tRNS" in chunks(data))


def jpeg2000(data: bytes, channels: int, profile: bytes, turned: int) -> Raw:
    """A JPEG 2000 of 9 to 16 bits. channels: 3 or 4. May raise anything."""
    import imagecodecs

    samples = np.asarray(imagecodecs.jpeg2k_decode(data))
    white = 2 ** jpeg2000_depth(data) - 1
    return Raw(samples, "rgb", channels == 4, white, turned=turned, profile=profile)


def jpeg2000_depth(data: bytes) -> int:
    """Bits a channel; 8 where the head cannot be read."""
    at = data.find(b"\xff\x4f\xff\x51", 0, 1 << 20)  # start of the codestream, then its sizes
    return (data[at + 42] & 127) + 1 if 0 <= at < len(data) - 42 else 8


def tiff(path: Path, every: bool = False) -> Raw | None:
    """The first picture of a TIFF, if it has more than 8 bits a channel; every: also of 8.

    None for what only Pillow reads. Raises Pillow's DecompressionBombError, or anything on a
    damaged file.
    """
    import tifffile

    with tifffile.TiffFile(path) as file:
        page: Any = file.pages[0]
        dtype = np.dtype(page.dtype) if page.dtype is not None else np.dtype(np.uint8)
        plain = dtype.itemsize == 1 and not every
        if plain or page.photometric.name not in SPACES or page.imagedepth > 1:
            return None
        if page.samplesperpixel > MOST_SAMPLES or dtype.kind not in "uif":
            return None
        if page.imagewidth * page.imagelength > 2 * (Pil.MAX_IMAGE_PIXELS or 2**62):
            raise Pil.DecompressionBombError
        samples = np.asarray(page.asarray())
        if page.planarconfig == tifffile.PLANARCONFIG.SEPARATE and samples.ndim == 3:
            samples = np.moveaxis(samples, 0, -1)
        tags = {number: page.tags[number].value for number in KEPT if number in page.tags}
        return _from_tiff(samples, page, dtype, tags)


SPACES = {
    "MINISBLACK": "gray",
    "MINISWHITE": "gray",
    "RGB": "rgb",
    "SEPARATED": "cmyk",
    "CIELAB": "lab",
}
MOST_SAMPLES = 16  # a pixel
COLOURS = {"gray": 1, "rgb": 3, "cmyk": 4, "lab": 3}
KEPT = (ORIENTATION, PROFILE)


def _from_tiff(samples: Samples, page: Any, dtype: np.dtype[Any], tags: dict[int, Any]) -> Raw:
    kind = SPACES[page.photometric.name]
    samples = samples[..., None] if samples.ndim == 2 else samples
    colours = COLOURS[kind]
    alpha = samples.shape[-1] > colours and bool(page.extrasamples)
    kinds = [int(extra) for extra in page.extrasamples]
    alpha = alpha and kinds[0] in (1, 2)  # 0 is another channel that has nothing to do with it
    samples = samples[..., : colours + alpha]
    white: float | None = None
    if dtype.kind in "ui":
        bits = page.bitspersample if isinstance(page.bitspersample, int) else page.bitspersample[0]
        white = float(2 ** (bits - (dtype.kind == "i")) - 1)
    if page.photometric.name == "MINISWHITE":
        top = white if white is not None else 1.0
        samples = np.concatenate([top - samples[..., :1], samples[..., 1:]], axis=-1)
        samples = samples.astype(dtype)
    turned, profile = tags.get(ORIENTATION, 1), tags.get(PROFILE, b"")
    return Raw(
        samples,
        kind,
        alpha,
        white,
        premultiplied=alpha and kinds[0] == 1,
        turned=int(turned) if isinstance(turned, int) else 1,
        profile=bytes(profile) if isinstance(profile, bytes) else b"",
    )


def chunks(data: bytes) -> Iterator[bytes]:
    """The names of a PNG's chunks, in order, as far as they can be told."""
    at = 8
    while at + 8 <= len(data):
        yield data[at + 4 : at + 8]
        at += 12 + int.from_bytes(data[at : at + 4], "big")


def without_words(data: bytes) -> bytes:
    """A PNG without its texts, which Pillow wants whole and short even where only pixels count."""
    kept, at = [data[:8]], 8
    for name in chunks(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if name not in (b"tEXt", b"zTXt", b"iTXt"):
            kept.append(data[at:end])
        at = end
    return b"".join(kept)


def png_chunk(path: Path, name: bytes) -> bytes:
    """What stands in a chunk before the pixels of a PNG; empty if there is none."""
    with path.open("rb") as file:
        file.seek(8)
        while len(head := file.read(8)) == 8 and head[4:] not in (b"IDAT", b"IEND"):
            length = int.from_bytes(head[:4], "big")
            if head[4:] == name:
                return file.read(length)
            file.seek(length + 4, 1)
    return b""


def profile(path: Path, kind: str) -> bytes:
    """The ICC profile of a JPEG 2000 or a BMP, which Pillow does not look for; empty if none."""
    with path.open("rb") as file:
        head = file.read(2**21)
    if kind == "JPEG2000":
        at = head.find(b"colr", 0, head.find(b"jp2c"))
        if at >= 4 and head[at + 4 : at + 5] == b"\2":  # a profile, not a number
            return head[at + 7 : at - 4 + int.from_bytes(head[at - 4 : at], "big")]
    if kind == "BMP" and head[14:18] == (124).to_bytes(4, "little") and head[70:74] == b"DEBM":
        start, size = (int.from_bytes(head[at : at + 4], "little") for at in (126, 130))
        with path.open("rb") as file:
            file.seek(14 + start)
            return file.read(min(size, 2**24))
    return b""
