"""A picture file as pixels: upright, sRGB, float, with no more memory than the result needs."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageOps, UnidentifiedImageError

from nodeforge.imaging import colour, deep, formats
from nodeforge.imaging.deep import Raw, Samples

Floats: TypeAlias = NDArray[np.float32]
STRIP = 2**18  # pixels that are converted at once
BAD_PROFILE = "Its {fault} is left out: the colours are taken as sRGB."
BRIGHT = "It holds numbers up to {most:.4g}, where 1 is white: what is brighter is cut to white."
DARK = "It holds numbers below 0, which become black."
COUNTED = "Most of its numbers are above 1 (up to {most:.4g}): {white} is taken as white."
FLOAT_WHITES = (255.0, 65535.0)


@dataclass(frozen=True, eq=False)
class Decoded:
    """pixels: float32, (height, width, 3 or 4), 0 to 1, sRGB, straight alpha. notes: sentences on
    what could not be taken as the file has it."""

    pixels: Floats
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Source:
    """Rows of samples, as of `Raw`, from wherever they lie."""

    height: int
    width: int
    rows: Callable[[int, int], Samples]
    space: str
    alpha: bool
    white: float
    premultiplied: bool = False
    profile: bytes = b""


def decode(path: Path) -> Decoded:
    """The first picture of a file of one of the kinds in `formats`, told by what is in it.

    16 bits and float keep their precision. A profile that is damaged is left out, which is noted.
    Raises OSError, Pillow's UnidentifiedImageError for other kinds, DecompressionBombError for
    what is too large, MemoryError, or anything at all on a damaged file.
    """
    with path.open("rb") as file:
        head = file.read(64)
    if head[:4] in deep.TIFF and (raw := deep.tiff(path)):
        return _from_raw(raw, [])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Pil.DecompressionBombWarning)
        try:
            with opened(path, head) as picture:
                return _read(path, head, picture)
        except UnidentifiedImageError:
            if head[:4] in deep.TIFF and (raw := deep.tiff(path, every=True)):
                return _from_raw(raw, [])
            raise
        except OSError as error:
            if "out of memory" in str(error):  # as Pillow's decoders say it
                raise MemoryError(str(error)) from error
            raise


def opened(path: Path, head: bytes) -> Pil.Image:
    """The picture as Pillow opens it; a PNG with texts that are damaged or long opens, too.

    head: the first 64 bytes. Raises what Pillow raises.
    """
    kinds = codecs(path, head)
    try:
        return Pil.open(path, formats=kinds)
    except (ValueError, UnidentifiedImageError):
        if not head.startswith(deep.PNG):
            raise
    return Pil.open(BytesIO(deep.without_words(path.read_bytes())), formats=kinds)


def floats(picture: Pil.Image, into: Floats) -> None:
    """A Pillow picture as it is, 0 to 1; profiles are not looked at. into: (height, width, 3 or 4),
    of the picture's size, or ValueError."""
    if into.shape[:2] != (picture.height, picture.width):
        raise ValueError(f"a picture of {picture.size} among others of {into.shape[1::-1]}")
    _converted(_from_rows(picture, "RGBA" if into.shape[-1] == 4 else "RGB", b""), [], into)


def _read(path: Path, head: bytes, picture: Pil.Image) -> Decoded:
    notes: list[str] = []
    code = deep.png_chunk(path, b"cICP") if picture.format == "PNG" else b""
    profile = _profile(picture, notes, code) or deep.profile(path, picture.format or "")
    if picture.format == "PNG" and deep.is_direct(head):
        return _png(path, picture, profile, notes)
    if picture.format == "JPEG2000" and picture.mode in ("RGB", "RGBA"):
        data = path.read_bytes()
        if deep.jpeg2000_depth(data) > 8:
            channels, turned = len(picture.getbands()), _orientation(picture)
            return _from_raw(deep.jpeg2000(data, channels, profile, turned), notes)
    picture.load()
    return _from_pillow(_upright(picture), profile, notes)


def codecs(path: Path, head: bytes) -> list[str]:
    """Pillow's names of the decoders that may look at the file."""
    heic = head[4:8] == b"ftyp" and find_spec(formats.HEIC) is not None
    if heic:
        import pi_heif

        pi_heif.register_heif_opener(thumbnails=False)
    left_out = {"TGA"} if heic else {"TGA", "HEIF"}  # Pillow does not know it before
    known = [codec for each in formats.FORMATS for codec in each.codecs if codec not in left_out]
    # a TGA has no mark at its beginning: anything might be one
    return [*known, "TGA"] if _may_be_tga(path) else known


def _may_be_tga(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 26, 0))
        return path.suffix.lower() == ".tga" or b"TRUEVISION-XFILE" in file.read()


def _png(path: Path, picture: Pil.Image, profile: bytes, notes: list[str]) -> Decoded:
    """Decoded into the end of the memory of the result, which is then filled from its beginning."""
    data = path.read_bytes()
    turned = 1
    if b"eXIf" in deep.chunks(data) or {"xmp", "Raw profile type exif"} & picture.info.keys():
        with opened(path, data[:64]) as again:  # which Pillow decodes to get there
            turned = _orientation(again)
    width, height = picture.size
    channels = deep.png_channels(data)
    wide = 4 if channels in (2, 4) else 3
    depth = np.uint16 if data[24] == 16 else np.uint8
    if turned != 1:
        return _from_raw(deep.png(data, profile, turned, None), notes)
    result = np.empty((height, width, wide), np.float32)
    count = height * width * channels
    tail = result.reshape(-1).view(depth)[-count:]
    shape = (height, width) if channels == 1 else (height, width, channels)
    raw = deep.png(data, profile, 1, tail.reshape(shape))
    return _from_raw(raw, notes, result)


def _from_raw(raw: Raw, notes: list[str], into: Floats | None = None) -> Decoded:
    samples = _turned(raw.samples, raw.turned)
    white = _float_white(samples, raw.alpha, notes) if raw.white is None else raw.white
    if raw.space != "lab" and samples.dtype.kind in "if" and (samples < 0).any():
        notes.append(DARK)
    height, width = samples.shape[:2]
    source = _Source(
        height,
        width,
        lambda top, bottom: samples[top:bottom],
        raw.space,
        raw.alpha,
        white,
        raw.premultiplied,
        raw.profile,
    )
    return Decoded(_converted(source, notes, into), tuple(notes))


def from_pillow(picture: Pil.Image) -> Decoded:
    """A Pillow picture in the colours of its profile."""
    notes: list[str] = []
    return _from_pillow(picture, _profile(picture, notes), notes)


def _from_pillow(picture: Pil.Image, profile: bytes, notes: list[str]) -> Decoded:
    clear = picture.has_transparency_data
    if picture.mode.startswith(("I", "F")):
        samples = np.asarray(picture)[..., None]
        white = None if picture.mode == "F" else 65535.0
        return _from_raw(Raw(samples, "gray", False, white, profile=profile), notes)
    if picture.mode in ("1", "L", "LA", "La"):
        mode = "LA" if clear else "L"
    elif picture.mode == "CMYK" and colour.space(profile) == "cmyk":
        mode = "CMYK"
    else:
        mode = "RGBA" if clear else "RGB"
        if picture.mode in ("CMYK", "LAB"):
            profile = b""  # Pillow has made sRGB of it
    return Decoded(_converted(_from_rows(picture, mode, profile), notes), tuple(notes))


def _from_rows(picture: Pil.Image, mode: str, profile: bytes) -> _Source:
    """Strip by strip in another of Pillow's modes: L, LA, RGB, RGBA or CMYK."""

    def rows(top: int, bottom: int) -> Samples:
        strip = picture.crop((0, top, picture.width, bottom))
        samples = np.asarray(strip if strip.mode == mode else strip.convert(mode))
        return samples[..., None] if samples.ndim == 2 else samples

    space = {"L": "gray", "LA": "gray", "CMYK": "cmyk"}.get(mode, "rgb")
    alpha = mode in ("LA", "RGBA")
    return _Source(picture.height, picture.width, rows, space, alpha, 255.0, profile=profile)


def _converted(source: _Source, notes: list[str], into: Floats | None = None) -> Floats:
    """(height, width, 3 or 4). into: its memory, in whose end the samples may lie: no row is
    written before it was read."""
    profile = _fitting(source, notes)
    shape = (source.height, source.width, 3 + source.alpha)
    result = np.empty(shape, np.float32) if into is None else into
    for top, bottom in _strips(source.height, source.width):
        part, rows = source.rows(top, bottom), result[top:bottom]
        if source.alpha:
            opaque = _unit(part[..., -1:], source.white)
            colours = _colours(part[..., :-1], source, profile, opaque)
            rows[..., 3:] = opaque
            rows[..., :3] = colours
        else:
            rows[...] = _colours(part, source, profile, None)
    return result


def _colours(part: Samples, source: _Source, profile: bytes, opaque: Floats | None) -> Floats:
    """Colours of a strip as sRGB, (rows, columns, 3) or (rows, columns, 1)."""
    if source.premultiplied and opaque is not None:
        part = _unit(part, source.white) / np.where(opaque > 0, opaque, np.float32(1))
    if source.space == "lab":
        return _from_lab(part, source.white)
    white = 1.0 if source.premultiplied else source.white
    if not profile:
        units = _unit(part, white)
        return (1 - units[..., :3]) * (1 - units[..., 3:]) if source.space == "cmyk" else units
    if (part.dtype.name, white) not in (("uint8", 255.0), ("uint16", 65535.0)):
        part = _unit(part, white, cut=part.dtype.kind != "f")
    grey = colour.space(profile) == "gray"
    if source.space == "gray" and not grey:
        part = np.repeat(part, 3, axis=-1)
    return colour.to_srgb(part[..., 0] if grey else part, profile)


def _fitting(source: _Source, notes: list[str]) -> bytes:
    """The profile, if the colours have to be converted from it."""
    profile = source.profile
    if not profile:
        return b""
    try:
        kind = colour.space(profile)
        if kind != source.space and (source.space, kind) != ("gray", "rgb"):
            raise colour.BadProfile(
                "colour profile of another kind of picture" if kind else "damaged colour profile"
            )
        if kind == "rgb" and colour.is_srgb(profile):
            return b""
        trial = np.zeros((1, 1, {"gray": 1, "rgb": 3, "cmyk": 4}.get(kind, 3)), np.uint8)
        colour.to_srgb(trial[..., 0] if kind == "gray" else trial, profile)
    except colour.BadProfile as fault:
        notes.append(BAD_PROFILE.format(fault=fault))
        return b""
    return profile


def _unit(part: Samples, white: float, cut: bool = True) -> Floats:
    """From 0 to 1, as float32; what is no number is 0."""
    units = np.divide(part, np.float32(white), dtype=np.float32)
    if part.dtype.kind == "f":
        np.nan_to_num(units, copy=False, nan=0.0)
    return units.clip(0, 1, out=units) if cut and part.dtype != np.uint8 else units


def _from_lab(part: Samples, white: float) -> Floats:
    """TIFF's L*a*b*: whole numbers with L from 0 and signed a and b, 256 to a unit in 16 bits."""
    lab = np.asarray(part, np.float64)
    if part.dtype.kind != "f":
        signed = np.where(lab[..., 1:] > white / 2, lab[..., 1:] - white - 1, lab[..., 1:])
        lab = np.concatenate([lab[..., :1] * (100 / white), signed * (255 / white)], axis=-1)
    return colour.lab_to_srgb(np.asarray(lab, np.float32))


def _float_white(samples: Samples, alpha: bool, notes: list[str]) -> float:
    """What is white in a float file, which does not say it: 1, as paint programs have it, but in
    a file of counts. What is decided beyond that is noted."""
    colours = samples[..., :-1] if alpha else samples
    finite = colours[np.isfinite(colours)]
    most = float(finite.max()) if finite.size else 1.0
    if most <= 1:
        return 1.0
    if most <= FLOAT_WHITES[-1] and float(np.median(finite[finite > 0])) > 1:
        white = next(white for white in FLOAT_WHITES if most <= white)
        notes.append(COUNTED.format(most=most, white=int(white)))
        return white
    notes.append(BRIGHT.format(most=most))
    return 1.0


def _strips(height: int, width: int) -> Iterator[tuple[int, int]]:
    rows = max(STRIP // max(width, 1), 1)
    return ((top, min(top + rows, height)) for top in range(0, height, rows))


def _profile(picture: Pil.Image, notes: list[str], code: bytes = b"") -> bytes:
    """The ICC profile, or what a PNG says of its colours otherwise: first cICP, last gAMA.

    code: what stands in cICP.
    """
    given: Any = picture.info.get("icc_profile")
    grey = picture.mode in ("1", "L", "LA") or picture.mode.startswith("I")
    if len(code) == 4:
        try:
            return colour.cicp_profile(code[0], code[1], grey)
        except colour.BadProfile as fault:
            notes.append(BAD_PROFILE.format(fault=fault))
    if given or "srgb" in picture.info:
        return bytes(given or b"")
    gamma, chromaticity = picture.info.get("gamma"), picture.info.get("chromaticity")
    if gamma is None and chromaticity is None:
        return b""
    return colour.png_profile(gamma, chromaticity, grey)


def _upright(picture: Pil.Image) -> Pil.Image:
    """Turned as the camera was held; a picture whose EXIF data are damaged stays as it is."""
    try:
        ImageOps.exif_transpose(picture, in_place=True)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  the picture itself is fine
        pass
    return picture


def _orientation(picture: Pil.Image) -> int:
    try:
        return int(picture.getexif().get(deep.ORIENTATION, 1))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  the picture itself is fine
        return 1


def _turned(samples: Samples, orientation: int) -> Samples:
    """A view of (height, width, channels) the right way up, by EXIF's orientation."""
    if orientation in (2, 3, 7, 8):
        samples = samples[:, ::-1]
    if orientation in (3, 4, 6, 7):
        samples = samples[::-1]
    return samples.swapaxes(0, 1) if orientation in (5, 6, 7, 8) else samples
