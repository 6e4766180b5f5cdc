"""What is done is written at the foot of the screen, and the screen is kept as a film."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image as Pil
from PySide6.QtCore import QBuffer, QIODevice, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

EVERY = 250  # ms between two pictures
SIZE = (960, 600)


class Caption(QLabel):
    """A line above all windows that takes neither mouse nor keys."""

    def __init__(self) -> None:
        window = Qt.WindowType
        super().__init__(None, window.ToolTip | window.WindowTransparentForInput)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setStyleSheet(
            "background: #101114; color: white; padding: 8px 14px; border: 1px solid #4A4D57;"
            "font-size: 15px;"
        )

    def say(self, text: str) -> None:
        sys.stderr.write(f"{text}\n")
        self.setText(text)
        self.adjustSize()
        room = QGuiApplication.primaryScreen().availableGeometry()
        self.move(room.center().x() - self.width() // 2, room.bottom() - self.height() - 40)
        self.show()
        self.raise_()


class Film:
    """Pictures of the screen, a few each second; a WebP at the end."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.pictures: list[bytes] = []
        self._clock = QTimer(interval=EVERY)
        self._clock.timeout.connect(self.take)
        if path is not None:
            self._clock.start()

    def take(self) -> None:
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        screen = QGuiApplication.primaryScreen().grabWindow(0)
        screen.scaled(*SIZE).save(buffer, "JPEG", 88)
        self.pictures.append(bytes(buffer.data().data()))

    def end(self) -> None:
        self._clock.stop()
        if self.path is None or not self.pictures:
            return
        import io

        first, *rest = (Pil.open(io.BytesIO(each)) for each in self.pictures)
        first.save(self.path, "WEBP", save_all=True, append_images=rest, duration=EVERY, quality=70)
