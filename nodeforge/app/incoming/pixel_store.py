"""Pixels that came without a file are kept in one of ours, named by what they show.

The same picture pasted twice is one file. What came as a file's bytes stays as it came, with all
that is written in it beside the pixels.
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

from platformdirs import user_data_path
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage

from nodeforge.app.incoming.mime import Pixels
from nodeforge.app.words import tr
from nodeforge.base.files import write_atomically
from nodeforge.errors import DiskError

SUFFIXES = {
    "PNG": ".png",
    "JPEG": ".jpg",
    "WEBP": ".webp",
    "GIF": ".gif",
    "TIFF": ".tif",
    "AVIF": ".avif",
    "JPEG2000": ".jp2",
    "BMP": ".bmp",
    "TGA": ".tga",
}
DIGITS = 20  # of the name
NONE = "What came holds no picture: copy the picture itself, and try again."


def folder() -> Path:
    """Where they lie: among the artist's own data, for no one else to read."""
    return user_data_path("nodeforge", appauthor=False) / "pasted"


def keep(pixels: Pixels) -> Path:
    """The file that holds them, written if it is not there. For a thread.

    Raises DiskError where the bytes are no picture, or the file cannot be written.
    """
    place = folder()
    path = place / (_named(pixels.data) if pixels.data else _named_by_pixels(pixels.image))
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        words = tr("The picture cannot be kept in “{}” ({}): free some space there.")
        raise DiskError(words.format(place, error.strerror or error)) from error
    if not path.is_file():
        write_atomically(path, pixels.data or _encoded(pixels.image), durable=False)
    return path


def _encoded(image: QImage | None) -> bytes:
    body, buffer = QByteArray(), QBuffer()
    buffer.setBuffer(body)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if image is None or not image.save(buffer, "PNG", 80):  # type: ignore[call-overload]
        raise DiskError(tr(NONE))
    return bytes(body.data())


def _named_by_pixels(image: QImage | None) -> str:
    """The same name that the bytes of its file would get."""
    if image is None or image.isNull():
        raise DiskError(tr(NONE))
    size = (image.width(), image.height())
    seen = hashlib.sha256(repr((size, [])).encode())
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)  # held while its bits are read
    seen.update(plain.constBits())
    return f"{seen.hexdigest()[:DIGITS]}.png"


def _named(body: bytes) -> str:
    """By the pixels and the words beside them, and by the format."""
    from PIL import Image as Pil

    try:
        with Pil.open(BytesIO(body)) as picture:
            picture.load()
            beside = sorted(
                (key, value)
                for key, value in picture.info.items()
                if isinstance(key, str) and isinstance(value, str | bytes)
            )
            seen = hashlib.sha256(repr((picture.size, beside)).encode())
            plain = picture.mode in ("1", "L", "LA", "P", "PA", "RGB")
            seen.update((picture.convert("RGBA") if plain else picture).tobytes())
            suffix = SUFFIXES.get(picture.format or "", ".png")
            return f"{seen.hexdigest()[:DIGITS]}{suffix}"
    except Exception as error:  # a damaged picture can make a decoder raise anything
        said = tr("What came is no picture that can be read: save it as a file, and drop that.")
        raise DiskError(said) from error
