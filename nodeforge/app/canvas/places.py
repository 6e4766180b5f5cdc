"""Where the view was at each level, so that diving in and out finds it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF

from nodeforge.app.canvas.fitting import FLOOR
from nodeforge.graph.document import TOP, NodeId

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas


class Places(QObject):
    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas.widget)
        self.canvas = canvas
        self._scope = TOP
        self._seen: dict[NodeId, tuple[QPointF, float]] = {}
        canvas.session.sight.dived.connect(self._dived)
        canvas.session.opened.connect(self._seen.clear)
        view = canvas.widget
        view.outgrown.connect(lambda: canvas.fit(whole=view.zoom < FLOOR))  # as it was asked for

    def _dived(self) -> None:
        view, scope = self.canvas.widget, self.canvas.session.sight.scope
        self._seen[self._scope] = (view.visible().center(), view.zoom)
        self._scope = scope
        if scope in self._seen:
            view.look_at(*self._seen[scope])
        else:
            self.canvas.fit()
