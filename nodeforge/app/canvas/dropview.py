"""The view's drags from elsewhere: what they hover over, where they are dropped, that they left."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPointF, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent

from nodeforge.app.canvas.items import Card, Port
from nodeforge.app.canvas.live import WireView
from nodeforge.app.groups import PARAM_MIME
from nodeforge.app.incoming import mime
from nodeforge.app.incoming.carried import STAGE_MIME
from nodeforge.app.incoming.file_drop import copying


class DropView(WireView):
    dropped = Signal(QMimeData, QPointF)  # at a place of the scene
    hovered = Signal(QMimeData, QPointF)
    left = Signal()  # it comes, goes or was dropped: what was hovered over is old

    def over(self, at: QPointF) -> Port | Card | None:
        """The port at a place of the scene, else the node."""
        return self._over(at)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.left.emit()
        self.dragMoveEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        data, action = event.mimeData(), copying(event)
        ours = any(map(data.hasFormat, (STAGE_MIME, PARAM_MIME)))
        if action is None or not (ours or mime.offers(data)):
            event.ignore()
            return
        self.hovered.emit(data, self.mapToScene(event.position().toPoint()))
        event.setDropAction(action)
        event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.left.emit()

    def dropEvent(self, event: QDropEvent) -> None:
        action = copying(event)
        self.left.emit()
        if action is None:
            event.ignore()
            return
        self.dropped.emit(event.mimeData(), self.mapToScene(event.position().toPoint()))
        event.setDropAction(action)
        event.accept()
