"""Pictures of other programs come in as Pillow, LittleCMS or a formula say they look."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image as Pil
from PIL import ImageCms

from nodeforge.errors import DiskError
from nodeforge.imaging import formats
from nodeforge.imaging.decode import decode
from nodeforge.stages.run import Run
from nodeforge.stages.source import load_image
from tests.imaging.foreign import (
    ADOBE,
    DEEP,
    HEIC,
    RAMP,
    RGB,
    SRGB,
    WIDE,
    Array,
    Make,
    bytes_,
    chunk,
    cms,
    encoded,
    iccp,
    managed,
    matrix,
    pillow,
    png,
    profile,
    table_profile,
    tiff,
    turned,
    units,
)

ADOBE_RGB = profile("Adobe RGB (1998)", ADOBE, 2.19921875)
LINEAR_GREY = profile("Gray Gamma 1.0", None, 1.0, space=b"GRAY")
LEFT, RIGHT = (200, 40, 90), (20, 160, 60)  # of the HEIC
PLAIN, LEAST = 0.5 / 255, 1e-4  # of 8 bits, and of more
RGBA = np.dstack([RGB, np.where(RAMP > 60, 255, RAMP)])
DEEP_RGBA = np.dstack(
    [DEEP, np.where(RAMP > 60, 65535, RAMP.astype(np.uint16) * 300).astype(np.uint16)]
)
FLOAT = (DEEP / 65535).astype(np.float32)
KEYED = np.where(np.arange(24)[:, None, None] < 6, DEEP[:1, :1], DEEP).astype(np.uint16)
CMYK = Pil.fromarray(np.dstack([RAMP, RAMP[::-1], 255 - RAMP, RAMP // 4]), "CMYK")


def keyed() -> Array:
    """RGB of 16 bits with a transparent colour."""
    alpha = (DEEP[0, 0] != KEYED).any(-1, keepdims=True)
    return np.dstack([KEYED / 65535, alpha])


def half() -> Array:
    """RGBA at half alpha."""
    return np.dstack([RGB // 2 * 2 / 256, np.full(RAMP.shape, 128 / 255)])


FOUR = np.add.outer(np.arange(4), np.arange(16)) % 16


def four_bits() -> bytes:
    packed = (FOUR[:, ::2] << 4 | FOUR[:, 1::2]).astype(np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in packed)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 4, 4, 0, 0, 0, 0))
    key = chunk(b"tRNS", struct.pack(">H", 5))
    body = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + key + body


def boxed(path: Path) -> Array:
    """Its colour by a profile in place of a number."""
    Pil.fromarray(RGB).save(path)
    data = path.read_bytes()
    at = data.index(b"colr") - 4
    box = struct.pack(">I4sBBB", 11 + len(ADOBE_RGB), b"colr", 2, 0, 0) + ADOBE_RGB
    size = int.from_bytes(data[at : at + 4], "big")
    head = data.index(b"jp2h") - 4
    grown = int.from_bytes(data[head : head + 4], "big") + len(box) - size
    whole = data[:head] + struct.pack(">I", grown) + data[head + 4 : at] + box + data[at + size :]
    path.write_bytes(whole)
    return cms(Pil.fromarray(RGB), ADOBE_RGB)


def fifth(path: Path) -> Array:
    """A BMP of the fifth kind, whose profile is behind the pixels."""
    rows = RGB[::-1, :, ::-1].tobytes()
    head = struct.pack("<2sIHHI", b"BM", 138 + len(rows) + len(ADOBE_RGB), 0, 0, 138)
    info = struct.pack("<IiiHHIIiiII", 124, 40, 24, 1, 24, 0, len(rows), 0, 0, 0, 0)
    info += bytes(16) + b"DEBM" + bytes(48) + struct.pack("<I", 4)
    info += struct.pack("<III", 124 + len(rows), len(ADOBE_RGB), 0)
    path.write_bytes(head + info + rows + ADOBE_RGB)
    return cms(Pil.fromarray(RGB), ADOBE_RGB)


def grey_alpha(path: Path) -> Array:
    Pil.fromarray(np.dstack([RAMP, RAMP[::-1]]), "LA").save(path, icc_profile=LINEAR_GREY)
    return np.dstack([cms(Pil.fromarray(RAMP), LINEAR_GREY), RAMP[::-1] / 255])


def inked(inks: Array) -> Array:
    """What `ink_profile` says, by its formula."""
    return encoded(((1 - inks[..., :3]) * (1 - inks[..., 3:])) ** 2.2)


def displayed(units: Array) -> Array:
    """Display P3 by the formula (CSS Color 4, section 10.7)."""
    linear = np.where(units <= 0.04045, units / 12.92, ((units + 0.055) / 1.055) ** 2.4)
    to_srgb = [[1.2249, -0.0420, -0.0197], [-0.2247, 1.0419, -0.0786], [0, 0, 1.0979]]
    return encoded(linear @ np.array(to_srgb))


def straight(array: Array) -> Array:
    return np.dstack([array[..., :3] / np.maximum(array[..., 3:], 1e-9), array[..., 3:]]).clip(0, 1)


CASES: dict[str, tuple[str, float, Make]] = {
    "8 bits of colour": ("png", PLAIN, pillow(RGB)),
    "8 bits with alpha": ("png", PLAIN, pillow(RGBA, seen="RGBA")),
    "grey with alpha": ("png", PLAIN, pillow(RGBA, "LA", "RGBA")),
    "1 bit": ("png", PLAIN, pillow(RAMP > 100)),
    "a palette": ("png", PLAIN, pillow(RGB, "P")),
    "a palette with several alphas": (
        *("png", PLAIN),
        pillow(RGB, "P", "RGBA", transparency=bytes([0, 128] + [255] * 254)),
    ),
    "interlaced lines of a GIF": ("gif", PLAIN, pillow(RAMP)),
    "a WebP": ("webp", PLAIN, pillow(RGBA, seen="RGBA", lossless=True)),
    "an AVIF": ("avif", 1.5 / 255, pillow(RGB, quality=100, subsampling="4:4:4")),
    "a JPEG 2000": ("jp2", PLAIN, pillow(RGB)),
    "a TGA": ("tga", PLAIN, pillow(RGBA, seen="RGBA")),
    "a BMP": ("bmp", PLAIN, pillow(RGB)),
    "a JFIF": ("jfif", PLAIN, pillow(RGB, format="JPEG")),
    "an APNG": (
        *("apng", PLAIN),
        pillow(RGB, format="PNG", save_all=True, append_images=[Pil.fromarray(RGB[::-1])]),
    ),
    "an HEIC": (
        *("heic", 1.5 / 255),
        bytes_(HEIC, np.where(np.mgrid[:16, :32][1][..., None] < 16, LEFT, RIGHT) / 255),
    ),
    "a JPEG of inks": ("jpg", PLAIN, pillow(np.asarray(CMYK), "CMYK", quality=100)),
    "a TIFF of L*a*b*": (
        *("tif", 1.5 / 255),
        lambda path: pillow_lab(path, np.dstack([RAMP, RAMP // 3, RAMP[::-1] // 3])),
    ),
    "YCbCr in a TIFF": ("tif", PLAIN, pillow(RGB, "YCbCr")),
    "premultiplied in a TIFF": (
        *("tif", 3 / 255),  # 8 bits lose that where little is seen
        tiff(
            *(np.dstack([RGBA[..., :3] // 2, np.full_like(RAMP, 128)]), half()),
            photometric="rgb",
            extrasamples=["assocalpha"],
        ),
    ),
    "turned JPEG": ("jpg", PLAIN, pillow(RGB, exif=turned(6), quality=95)),
    "turned PNG of colour": ("png", PLAIN, pillow(RGB, exif=turned(5))),
    "turned PNG of 16 bits": (
        *("png", LEAST),
        bytes_(png(DEEP, 2, chunk(b"eXIf", turned(8).tobytes()[6:])), np.rot90(units(DEEP, 65535))),
    ),
    "turned TIFF of 16 bits": (
        *("tif", LEAST),
        tiff(
            *(DEEP, np.rot90(units(DEEP, 65535), -1)),
            photometric="rgb",
            extratags=[(274, 3, 1, 6, True)],
        ),
    ),
    "16 bits of colour": ("png", LEAST, bytes_(png(DEEP, 2), units(DEEP, 65535))),
    "16 bits with alpha": ("png", LEAST, bytes_(png(DEEP_RGBA, 6), DEEP_RGBA / 65535)),
    "16 bits of grey": ("png", LEAST, bytes_(png(DEEP[..., :1], 0), units(DEEP[..., 0], 65535))),
    "16 bits of grey with alpha": (
        *("png", LEAST),
        bytes_(png(DEEP_RGBA[..., 2:], 4), DEEP_RGBA[..., [2, 2, 2, 3]] / 65535),
    ),
    "16 bits of grey with a transparent colour": (
        *("png", LEAST),
        bytes_(
            png(KEYED[..., :1], 0, chunk(b"tRNS", struct.pack(">H", int(DEEP[0, 0, 0])))),
            np.dstack([*[KEYED[..., 0] / 65535] * 3, KEYED[..., 0] != DEEP[0, 0, 0]]),
        ),
    ),
    "16 bits of colour with a transparent colour": (
        *("png", LEAST),
        bytes_(png(KEYED, 2, chunk(b"tRNS", struct.pack(">3H", *DEEP[0, 0].tolist()))), keyed()),
    ),
    "16 bits in a TIFF": ("tif", LEAST, tiff(DEEP, units(DEEP, 65535), photometric="rgb")),
    "planes of 16 bits, packed, big-endian": (
        *("tif", LEAST),
        tiff(
            *(np.moveaxis(DEEP, -1, 0).copy(), units(DEEP, 65535)),
            photometric="rgb",
            planarconfig="separate",
            compression="lzw",
            predictor=True,
            byteorder=">",
        ),
    ),
    "16 bits, premultiplied": (
        *("tif", LEAST),
        tiff(
            *(DEEP_RGBA, straight(DEEP_RGBA / 65535)),
            photometric="rgb",
            extrasamples=["assocalpha"],
        ),
    ),
    "16 bits of grey where 0 is white": (
        *("tif", LEAST),
        tiff(DEEP[..., 0], 1 - units(DEEP[..., 0], 65535), photometric="miniswhite"),
    ),
    "16 bits of ink": (
        *("tif", LEAST),
        tiff(
            np.dstack([DEEP, DEEP[..., 0] // 2]),
            (1 - DEEP / 65535) * (1 - DEEP[..., :1] // 2 / 65535),
            photometric="separated",
        ),
    ),
    "12 bits in a JPEG 2000": (
        *("jp2", LEAST),
        bytes_(
            bytes(imagecodecs.jpeg2k_encode(DEEP >> 4, reversible=True, level=0, bitspersample=12)),
            (DEEP >> 4) / 4095,
        ),
    ),
    "float colour": (
        *("tif", LEAST),
        tiff(FLOAT, FLOAT, photometric="rgb", compression="zlib", predictor=True),
    ),
    "half floats in tiles": (
        *("tif", 1e-3),
        tiff(FLOAT.astype(np.float16), FLOAT, photometric="rgb", tile=(16, 16)),
    ),
    "float with alpha": (
        *("tif", LEAST),
        tiff(
            *((DEEP_RGBA / 65535).astype(np.float32), DEEP_RGBA / 65535),
            photometric="rgb",
            extrasamples=["unassalpha"],
        ),
    ),
    "32 bits of grey": (
        *("tif", LEAST),
        tiff(DEEP[..., 0].astype(np.uint32) * 65537, units(DEEP[..., 0], 65535)),
    ),
    "Adobe RGB": ("png", 1.5 / 255, managed(Pil.fromarray(RGB), ADOBE_RGB)),
    "Adobe RGB in a JPEG": ("jpg", 1.5 / 255, managed(Pil.fromarray(RGB), ADOBE_RGB, quality=95)),
    "a wide gamut of version 4": (
        *("png", 1.5 / 255),
        managed(Pil.fromarray(RGB), profile("wide", WIDE, 1.8, major=4)),
    ),
    "linear light": (
        "webp",
        1.5 / 255,
        managed(Pil.fromarray(RGB), profile("linear", SRGB, 1.0), lossless=True),
    ),
    "sRGB's colours in linear light, and called sRGB": (
        *("png", 1.5 / 255),
        managed(Pil.fromarray(RGB), profile("sRGB linear", SRGB, 1.0)),
    ),
    "a curve of points": (
        *("png", 1.5 / 255),
        managed(
            Pil.fromarray(RGB),
            profile("points", ADOBE, [round((n / 255) ** 1.6 * 65535) for n in range(256)]),
        ),
    ),
    "a table of colours": ("png", 1.5 / 255, managed(Pil.fromarray(RGB), table_profile())),
    "a palette with a profile": (
        *("png", 1.5 / 255),
        managed(Pil.fromarray(RGB).quantize(16), ADOBE_RGB, as_rgb=True),
    ),
    "grey with a profile": ("png", 1.5 / 255, managed(Pil.fromarray(RAMP), LINEAR_GREY)),
    "grey with a profile of colour": (
        *("png", 1.5 / 255),
        managed(Pil.fromarray(RAMP), ADOBE_RGB, as_rgb=True),
    ),
    "16 bits with a profile": (
        *("png", 2e-3),
        bytes_(png(DEEP, 2, iccp(ADOBE_RGB)), matrix(DEEP / 65535, ADOBE, 2.19921875)),
    ),
    "16 bits of grey with a profile": (
        *("png", 1e-3),
        bytes_(png(DEEP[..., :1], 0, iccp(LINEAR_GREY)), encoded(units(DEEP[..., 0], 65535))),
    ),
    "float with a linear profile": (
        *("tif", 1e-3),
        tiff(*(FLOAT, encoded(FLOAT)), photometric="rgb", iccprofile=profile("linear", SRGB, 1.0)),
    ),
    "a PNG that says linear": (
        *("png", 1e-3),
        bytes_(png(DEEP, 2, chunk(b"gAMA", struct.pack(">I", 100000))), encoded(DEEP / 65535)),
    ),
    "a JPEG 2000 with a profile": ("jp2", 1.5 / 255, lambda path: boxed(path)),
    "a BMP with a profile": ("bmp", 1.5 / 255, lambda path: fifth(path)),
    "grey of 4 bits with a transparent one": (
        *("png", PLAIN),
        bytes_(four_bits(), np.dstack([*[FOUR / 15] * 3, FOUR != 5])),
    ),
    "8 bits of a TIFF that Pillow does not know": (
        *("tif", PLAIN),
        tiff(
            *(np.dstack([RGB, RAMP, RAMP, RAMP]), units(RGB)),
            photometric="rgb",
            extrasamples=["unspecified"] * 3,
        ),
    ),
    "grey with alpha and a profile": (
        *("png", 1.5 / 255),
        lambda path: grey_alpha(path),
    ),
    "16 bits of ink with a profile": (
        *("tif", 1e-2),
        lambda path: tiff(
            np.asarray(CMYK).astype(np.uint16) * 257,
            inked(np.asarray(CMYK) / 255),
            photometric="separated",
            iccprofile=ink_profile(17),
        )(path),
    ),
    "a PNG of Display P3 by its cICP": (
        *("png", 3e-3),
        bytes_(png(DEEP, 2, chunk(b"cICP", bytes([12, 13, 0, 1]))), displayed(DEEP / 65535)),
    ),
    "a PNG of linear light by its cICP, whatever gAMA says": (
        *("png", 2e-3),
        bytes_(
            png(
                DEEP,
                2,
                chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"cICP", bytes([1, 8, 0, 1])),
            ),
            encoded(DEEP / 65535),
        ),
    ),
    "a PNG that says the usual": (
        *("png", LEAST),
        bytes_(png(DEEP, 2, chunk(b"gAMA", struct.pack(">I", 45455))), DEEP / 65535),
    ),
    "a PNG that says linear, and sRGB, which counts": (
        *("png", LEAST),
        bytes_(
            png(DEEP, 2, chunk(b"sRGB", b"\0") + chunk(b"gAMA", struct.pack(">I", 100000))),
            DEEP / 65535,
        ),
    ),
}


def pillow_lab(path: Path, lab: Array) -> Array:
    Pil.fromarray(lab, "LAB").save(path)
    return np.asarray(Pil.open(path).convert("RGB")) / 255


@pytest.mark.parametrize("name", CASES)
def test_a_foreign_picture_looks_as_it_should(tmp_path: Path, name: str) -> None:
    suffix, tolerance, make = CASES[name]
    path = tmp_path / f"a.{suffix}"
    seen = make(path)
    image = load_image(str(path))
    assert image.pixels.dtype == np.float32
    shown = image.pixels[0]
    assert shown.shape[:2] == seen.shape[:2]
    if seen.shape[-1] == 4:
        np.testing.assert_allclose(shown[..., 3], seen[..., 3], atol=tolerance)
        hidden = seen[..., 3] == 0
        seen, shown = np.where(hidden[..., None], 0, seen), np.where(hidden[..., None], 0, shown)
    assert shown.shape == seen.shape
    np.testing.assert_allclose(shown, seen, atol=tolerance)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_every_way_a_camera_is_held(tmp_path: Path, suffix: str, orientation: int) -> None:
    """16 bits, which are turned by us, as Pillow turns 8."""
    path = tmp_path / f"a.{suffix}"
    if suffix == "png":
        path.write_bytes(png(DEEP, 2, chunk(b"eXIf", turned(orientation).tobytes()[6:])))
    else:
        tiff(DEEP, DEEP, photometric="rgb", extratags=[(274, 3, 1, orientation, True)])(path)
    small = tmp_path / "small.png"
    seen = pillow((DEEP >> 8).astype(np.uint8), exif=turned(orientation))(small)
    np.testing.assert_allclose(decode(path).pixels, seen, atol=1.01 / 255)


def test_inks_with_a_profile(tmp_path: Path) -> None:
    """Three colours of ink by a table of our own."""
    icc = ink_profile()
    path = tmp_path / "a.tif"
    CMYK.save(path, icc_profile=icc)
    np.testing.assert_allclose(decode(path).pixels, cms(CMYK, icc), atol=1.5 / 255)


def ink_profile(grid: int = 5) -> bytes:
    steps = np.linspace(0, 1, grid)
    inks = np.stack(np.meshgrid(*[steps] * 4, indexing="ij"), -1)
    linear = ((1 - inks[..., :3]) * (1 - inks[..., 3:])) ** 2.2
    whole = (linear @ np.array(SRGB) / (1 + 32767 / 32768) * 65535).round().astype(">u2")
    lut = b"mft2\0\0\0\0" + bytes([4, 3, grid, 0])
    lut += struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536) + struct.pack(">HH", 2, 2)
    ends = struct.pack(">2H", 0, 65535)
    lut += ends * 4 + whole.tobytes() + ends * 3
    plain = bytearray(profile("inks", None, 1.0, space=b"CMYK").replace(b"kTRC", b"A2B0"))
    plain[12:16] = b"prtr"
    old, entry = plain.rfind(b"curv\0\0\0\0"), plain.rfind(b"A2B0", 0, 300)
    plain[old:] = lut
    plain[entry + 4 : entry + 12] = struct.pack(">II", old, len(lut))
    plain[0:4] = struct.pack(">I", len(plain))
    return bytes(plain)


def test_pictures_of_srgb_by_other_profiles_do_not_move(tmp_path: Path) -> None:
    curve = (decoded_curve() * 65535).round().astype(int).tolist()
    for icc in (
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        profile("camera", SRGB, curve),
    ):
        path = tmp_path / "a.png"
        Pil.fromarray(RGB).save(path, icc_profile=icc)
        np.testing.assert_array_equal(decode(path).pixels, RGB / np.float32(255))


def decoded_curve() -> Array:
    values = np.linspace(0, 1, 1024)
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize(
    ("icc", "said"),
    [
        (b"junk", "damaged"),
        (ADOBE_RGB[:200], "damaged"),
        (LINEAR_GREY, "another kind of picture"),
        (ink_profile(), "another kind of picture"),
    ],
)
def test_a_profile_that_cannot_be_used_is_left_out_and_said(
    tmp_path: Path, icc: bytes, said: str
) -> None:
    path = tmp_path / "a.png"
    Pil.fromarray(RGB).save(path, icc_profile=icc)
    heard: list[str] = []
    image = load_image(str(path), run=Run(say=heard.append))
    np.testing.assert_array_equal(image.bytes8()[0], RGB)
    assert len(heard) == 1
    assert said in heard[0]


def test_hdr_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(DEEP, 2, chunk(b"cICP", bytes([9, 16, 0, 1]))))
    found = decode(path)
    assert found.notes == ("Its HDR (PQ) is left out: the colours are taken as sRGB.",)
    np.testing.assert_allclose(found.pixels, DEEP / 65535, atol=LEAST)


def test_brighter_than_white_is_cut_and_said(tmp_path: Path) -> None:
    light = FLOAT.copy()
    light[0, 0] = (3.5, np.inf, np.nan)
    path = tmp_path / "a.tif"
    tiff(light, light, photometric="rgb")(path)
    found = decode(path)
    assert "up to 3.5" in found.notes[0]
    np.testing.assert_allclose(found.pixels[1:], FLOAT[1:], atol=1e-6)
    assert found.pixels[0, 0].tolist() == [1, 1, 0]


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_darker_than_black_is_said(tmp_path: Path, dtype: type) -> None:
    path = tmp_path / "a.tif"
    top = 32767 if dtype is np.int16 else 1
    tifffile.imwrite(path, ((FLOAT[..., 0] * 2 - 1) * top).astype(dtype))
    found = decode(path)
    assert found.notes == ("It holds numbers below 0, which become black.",)
    np.testing.assert_allclose(found.pixels[..., 0], (FLOAT[..., 0] * 2 - 1).clip(0), atol=1e-4)


def test_float_counts_have_their_white_said(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tiff(FLOAT * 255, FLOAT, photometric="rgb")(path)
    found = decode(path)
    assert "255 is taken as white" in found.notes[0]
    np.testing.assert_allclose(found.pixels, FLOAT, atol=1e-5)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_what_is_in_the_file_counts_not_its_name(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    Pil.fromarray(RGB).save(path, "WEBP", lossless=True)
    np.testing.assert_array_equal(decode(path).pixels, RGB / np.float32(255))


@pytest.mark.parametrize("kind", ["EPS", "PDF", "PCX", "PPM", "ICO", "SGI", "DDS"])
def test_other_kinds_are_not_looked_at(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.png"
    Pil.fromarray(RGB).save(path, kind)
    with pytest.raises(DiskError, match=r"is not a picture that can be read: .* TGA or HEIC"):
        load_image(str(path))


def test_the_help_names_every_kind() -> None:
    doc = load_image.spec.param["file"].doc
    assert doc == f"A {formats.titles()} file."
    assert {".png", ".jfif", ".avif", ".jp2", ".tga", ".apng", ".heic"} <= formats.suffixes()


def test_heic_is_named_only_where_it_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "HEIC", "no_such_package")
    assert "HEIC" not in formats.titles()
    assert ".heic" not in formats.suffixes()
    assert "*.tga" in formats.pattern()


@pytest.mark.parametrize("error", [MemoryError(), OSError("out of memory error when reading")])
def test_full_memory_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def full(*_: object, **__: object) -> None:
        raise error

    path = tmp_path / "a.bmp"
    Pil.fromarray(RGB).save(path)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", full)
    with pytest.raises(MemoryError):
        load_image(str(path))


PEAK = """
import sys
import zlib
from nodeforge.stages.source import load_image

def peak():
    return next(int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmHWM"))

load_image(sys.argv[1])
before = peak()
picture = load_image(sys.argv[2])
print((peak() - before) * 1024 / (picture.width * picture.height))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("name", "most"), [("a.png", 13), ("b.png", 14), ("c.jpg", 18)])
def test_a_large_picture_takes_little_more_than_its_result(
    tmp_path: Path, name: str, most: int
) -> None:
    """Bytes a pixel at the peak, of which 12 are the result. b.png has a profile. Pillow, which
    reads all but PNG, takes 4 for what it decodes."""
    small, large = tmp_path / "small.png", tmp_path / name
    Pil.new("RGB", (8, 8), (90, 20, 10)).save(small)
    icc = ADOBE_RGB if name == "b.png" else None
    Pil.new("RGB", (2500, 2500), (90, 20, 10)).save(large, icc_profile=icc)
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(small), str(large)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) < most


@pytest.mark.parametrize(
    "words",
    [
        chunk(b"zTXt", b"workflow\0\0" + zlib.compress(b"ab" * 2**20)),
        chunk(b"iTXt", b"workflow\0\1\0\0\0" + zlib.compress(b"ab" * 2**20)),
        chunk(b"tEXt", b"workflow\0" + b"a" * (65 * 2**20)),
        chunk(b"tEXt", b"workflow\0{}")[:-4] + b"oops",
        chunk(b"zTXt", b"workflow\0\7{}"),
    ],
    ids=["long", "long and international", "very long", "a wrong sum", "an unknown way"],
)
def test_words_that_pillow_refuses_do_not_keep_a_png_out(tmp_path: Path, words: bytes) -> None:
    path = tmp_path / "a.png"
    noise = np.random.default_rng(3).integers(0, 255, (9, 7, 3), np.uint8)
    Pil.fromarray(noise).save(path)
    data = path.read_bytes()
    for at in (33, len(data) - 12):  # before the pixels, and behind them
        path.write_bytes(data[:at] + words + data[at:])
        assert np.array_equal(decode(path).pixels, noise.astype(np.float32) / np.float32(255))
