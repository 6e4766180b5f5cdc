"""Small pictures of models, read on threads and kept: a list never waits for a disk."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QObject, QRunnable, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from nodeforge.errors import NodeForgeError
from nodeforge.models.header import header
from nodeforge.models.sidecars import thumbnail

KEPT = 600  # pictures
SIDE = 72  # px


class Pictures(QObject):
    """ready: one came that was asked for."""

    ready: Any = Signal()
    _read: Any = Signal(str, QImage)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[str, QPixmap] = OrderedDict()
        self._asked: set[str] = set()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(2)
        self._read.connect(self._put)

    def picture(self, path: str) -> QPixmap | None:
        """A square picture; None while it is being read, or if it cannot be."""
        if not path:
            return None
        if (found := self._kept.get(path)) is not None:
            self._kept.move_to_end(path)
            return None if found.isNull() else found
        if path not in self._asked:
            self._asked.add(path)
            self._pool.start(QRunnable.create(lambda: self._load(path)))
        return None

    def close(self) -> None:
        self._pool.clear()
        self._pool.waitForDone()

    def _load(self, path: str) -> None:
        self._read.emit(path, square(path))

    def _put(self, path: str, image: QImage) -> None:
        self._asked.discard(path)
        self._kept[path] = QPixmap.fromImage(image)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.ready.emit()


def square(path: str) -> QImage:
    """The middle of a picture, or of the one in a header; a null image if there is none."""
    reader = QImageReader(path)
    buffer = QBuffer()
    if path.endswith(".safetensors"):
        try:
            buffer.setData(QByteArray(thumbnail(header(Path(path)).metadata)))
        except NodeForgeError:
            return QImage()
        reader = QImageReader(buffer)
    size = reader.size()
    if size.isValid() and min(size.width(), size.height()) > 0:
        reader.setScaledSize(
            size.scaled(QSize(SIDE, SIDE), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        )
    image = reader.read()
    left, top = (image.width() - SIDE) // 2, (image.height() - SIDE) // 2
    return image.copy(max(left, 0), max(top, 0), SIDE, SIDE) if not image.isNull() else image
