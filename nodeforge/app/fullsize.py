"""Full pictures from the worker: read away from the window's thread, as they come."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QRunnable, Signal
from PySide6.QtGui import QImage

from nodeforge.engine.messages import Fetched


class Arrival(QObject):
    came: Any = Signal(object, object, object)  # Fetched, QImage or None, its bytes


class Reading(QRunnable):
    """Reads a raw picture file away from the window's thread, and deletes it."""

    def __init__(
        self, event: Fetched, tell: Callable[[Fetched, QImage | None, bytes], None]
    ) -> None:
        super().__init__()
        self._event, self._tell = event, tell

    def run(self) -> None:
        path = Path(self._event.path)
        image, data = None, b""
        with suppress(OSError, RuntimeError):
            data = path.read_bytes()
            image = raw_image(data, self._event.shape)
        with suppress(OSError):
            path.unlink()
        with suppress(RuntimeError):  # the window closed meanwhile
            self._tell(self._event, image, data if self._event.shape[2] == 4 else b"")


def raw_image(data: bytes, shape: tuple[int, int, int]) -> QImage | None:
    """From uint8 (height, width, channels); None where the bytes do not fit the shape."""
    height, width, channels = shape
    formats = {
        1: QImage.Format.Format_Grayscale8,
        3: QImage.Format.Format_RGB888,
        4: QImage.Format.Format_RGBA8888,
    }
    if len(data) != height * width * channels or channels not in formats:
        return None
    image = QImage(data, width, height, width * channels, formats[channels])
    fast = (
        QImage.Format.Format_ARGB32_Premultiplied if channels == 4 else QImage.Format.Format_RGB32
    )
    return image.convertToFormat(fast)  # a copy, so the bytes may go
