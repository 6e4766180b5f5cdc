"""Another program with a picture to drag: `python -m tests.app.walk.album FILE...`."""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

SIDE = 90


class Album(QLabel):
    """A small window at the lower left; what is dragged from it are files."""

    def __init__(self, files: list[str]) -> None:
        super().__init__(
            "\n".join(file.rpartition("/")[2] for file in files),
            alignment=Qt.AlignmentFlag.AlignCenter,
        )
        self.files = files
        self.setWindowTitle("album")
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setFixedSize(2 * SIDE, SIDE)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(file) for file in self.files])
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)


def main(files: list[str]) -> None:
    app = QApplication([])
    album = Album(files)
    room = app.primaryScreen().availableGeometry()
    album.move(room.left() + 20, room.bottom() - SIDE - 60)
    album.show()
    app.processEvents()
    at = album.mapToGlobal(album.rect().center())
    sys.stdout.write(f"{at.x()} {at.y()}\n")
    sys.stdout.flush()
    app.exec()


if __name__ == "__main__":
    main(sys.argv[1:])
