"""Pixels without a file: kept once, as they came, where no one else reads them."""

from __future__ import annotations

import stat
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image as Pil
from PIL.PngImagePlugin import PngInfo
from PySide6.QtGui import QImage

from nodeforge.app.incoming import pixel_store
from nodeforge.app.incoming.mime import Pixels
from nodeforge.app.incoming.pixel_store import keep
from nodeforge.errors import DiskError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "data" / "pasted"
    monkeypatch.setattr(pixel_store, "folder", lambda: place)
    return place


def encoded(form: str = "PNG", colour: str = "red", level: int = 6, **notes: str) -> bytes:
    body, info = BytesIO(), PngInfo()
    for name, words in notes.items():
        info.add_text(name, words)
    Pil.new("RGB", (20, 10), colour).save(body, form, pnginfo=info, compress_level=level)
    return body.getvalue()


def test_bytes_stay_as_they_came(folder: Path) -> None:
    body = encoded(parameters="a cat")
    path = keep(Pixels(body))
    assert path.read_bytes() == body
    assert (path.parent, path.suffix) == (folder, ".png")


def test_the_same_picture_is_one_file_however_it_is_packed() -> None:
    first = keep(Pixels(encoded(level=9)))
    assert keep(Pixels(encoded(level=1))) == first
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(0xFF0000)
    assert keep(Pixels(image=image)) == first
    assert keep(Pixels(encoded(colour="blue"))) != first
    assert keep(Pixels(encoded(parameters="a cat"))) != first


@pytest.mark.parametrize(
    ("form", "suffix"), [("JPEG", ".jpg"), ("WEBP", ".webp"), ("TIFF", ".tif")]
)
def test_other_formats_keep_theirs(form: str, suffix: str) -> None:
    body = encoded(form)
    path = keep(Pixels(body))
    assert (path.suffix, path.read_bytes()) == (suffix, body)


def test_no_one_else_reads_them(folder: Path) -> None:
    keep(Pixels(encoded()))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_transparency_stays() -> None:
    image = QImage(4, 4, QImage.Format.Format_ARGB32)
    image.fill(0x40102030)
    with Pil.open(keep(Pixels(image=image))) as picture:
        assert picture.getpixel((1, 1)) == (0x10, 0x20, 0x30, 0x40)


@pytest.mark.parametrize("pixels", [Pixels(b"nothing"), Pixels(encoded()[:45]), Pixels()])
def test_what_is_no_picture_says_so(pixels: Pixels, folder: Path) -> None:
    with pytest.raises(DiskError, match="picture"):
        keep(pixels)
    assert not folder.exists() or not list(folder.iterdir())


def test_a_full_or_closed_disk_says_so(folder: Path) -> None:
    folder.parent.parent.mkdir(exist_ok=True)
    folder.parent.write_text("a file where the folder should be")
    with pytest.raises(DiskError, match="cannot be kept"):
        keep(Pixels(encoded()))
