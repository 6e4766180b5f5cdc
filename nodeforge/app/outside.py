"""A press of the mouse beside a box closes it, also on what takes no focus, as a button may not."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget


class Outside(QObject):
    def __init__(self, box: QWidget) -> None:
        super().__init__(box)
        self.box = box
        box.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        app = QApplication.instance()
        if watched is self.box and app is not None:
            if event.type() == QEvent.Type.Show:
                app.installEventFilter(self)
            elif event.type() == QEvent.Type.Hide:
                app.removeEventFilter(self)
        elif (
            event.type() == QEvent.Type.MouseButtonPress
            and isinstance(watched, QWidget)
            and not self.box.isAncestorOf(watched)
        ):
            self.box.hide()
        return False
