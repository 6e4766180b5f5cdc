"""What browsers, file managers and programs put on a drag or the clipboard, format by format."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from PIL import Image as Pil
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage

from nodeforge.app.incoming.mime import Files, Pixels, Remote, Words, offers, read

URL = "https://example.org/gallery/cat.png"


@pytest.fixture
def png(tmp_path: Path) -> Path:
    path = tmp_path / "ü cat #1%20.png"
    Pil.new("RGB", (4, 4), "red").save(path)
    return path


def held(**formats: bytes) -> QMimeData:
    """A drag with these formats; / is written __ and - is written _."""
    data = QMimeData()
    for name, body in formats.items():
        data.setData(name.replace("__", "/").replace("_", "-"), body)
    return data


def image() -> QImage:
    made = QImage(3, 3, QImage.Format.Format_RGB32)
    made.fill(0xFF00FF)
    return made


def test_files_come_as_paths_whatever_their_names_hold(png: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(png)), QUrl(URL)])
    assert read(data) == Files((png,), (URL,))


@pytest.mark.parametrize("first", ["copy", "cut"])
def test_files_copied_in_a_file_manager_come_as_paths(png: Path, first: str) -> None:
    url = QUrl.fromLocalFile(str(png)).toString(QUrl.ComponentFormattingOption.FullyEncoded)
    data = QMimeData()
    data.setData("x-special/gnome-copied-files", f"{first}\n{url}".encode())
    assert offers(data)
    assert read(data) == Files((png,))
    text = QMimeData()
    text.setText(f"x-special/nautilus-clipboard\n{first}\n{url}\n")
    assert read(text) == Files((png,))


def test_a_browsers_picture_is_its_pixels_not_its_address(png: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl(URL)])
    data.setHtml(f'<img src="{URL}">')
    data.setText(URL)
    data.setData("image/png", png.read_bytes())
    assert read(data) == Pixels(png.read_bytes())


def test_the_most_faithful_format_is_taken(png: Path) -> None:
    data = held(image__jpeg=b"jpeg", image__webp=b"webp", image__png=png.read_bytes())
    assert read(data) == Pixels(png.read_bytes())
    assert read(held(image__jpeg=b"jpeg", image__tiff=b"tiff")) == Pixels(b"tiff")


def test_a_browsers_own_file_is_taken(png: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl(URL)])
    data.setData('application/octet-stream;name="cat.png"', png.read_bytes())
    assert read(data) == Pixels(png.read_bytes())


def test_pixels_of_this_very_program_are_taken_as_they_are() -> None:
    data = QMimeData()
    data.setImageData(image())
    found = read(data)
    assert isinstance(found, Pixels)
    assert found.image == image()


def test_pixels_are_not_fetched_while_the_mouse_moves(png: Path) -> None:
    fetched: list[str] = []

    class Far(QMimeData):
        def formats(self) -> list[str]:
            return ["image/png"]

        def retrieveData(self, mimetype: str, kind: object) -> object:
            fetched.append(mimetype)
            return png.read_bytes()

    data = Far()
    assert offers(data)
    assert read(data, fetch=False) == Pixels()
    assert not [name for name in fetched if name.startswith("image/")]


@pytest.mark.parametrize("where", ["url", "html", "text"])
def test_a_picture_in_a_data_url_is_taken(png: Path, where: str) -> None:
    url = "data:image/png;base64," + base64.b64encode(png.read_bytes()).decode()
    data = QMimeData()
    if where == "url":
        data.setUrls([QUrl(url)])
    elif where == "html":
        data.setHtml(f"<meta charset='utf-8'><img alt='' src='{url}'>")
    else:
        data.setText(url)
    assert read(data) == Pixels(png.read_bytes())


@pytest.mark.parametrize("where", ["url", "html", "text"])
def test_an_address_alone_is_only_that(where: str) -> None:
    data = QMimeData()
    if where == "url":
        data.setUrls([QUrl(URL)])
    elif where == "html":
        data.setHtml(f'<a href="x"><img class="big" src="{URL}"></a>')
    else:
        data.setText(f" {URL}\n")
    assert read(data) == Remote(URL)


def test_words_that_a_text_program_also_offers_as_a_picture_are_words(png: Path) -> None:
    data = held(image__png=png.read_bytes())
    data.setHtml("<p>a red <b>dragon</b></p>")
    data.setText("a red dragon")
    assert read(data) == Words("a red dragon")


def test_a_text_that_names_files_is_the_files(png: Path) -> None:
    data = QMimeData()
    data.setText(f'"{png}"\n{png.parent}\n')
    assert read(data) == Files((png, png.parent))
    data.setText(f"{png} is a cat")
    assert read(data) == Words(f"{png} is a cat")
    data.setText("/no/such/file.png")
    assert read(data) == Words("/no/such/file.png")


def test_nothing_is_nothing() -> None:
    assert read(QMimeData()) is None
    assert not offers(QMimeData())
    assert not offers(held(application__x_unknown=b"1"))
    data = QMimeData()
    data.setText("  \n")
    assert read(data) is None
