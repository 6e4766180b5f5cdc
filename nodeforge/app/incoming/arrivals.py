"""Joins what comes in to the window: its canvas, its Viewer, its prompts, and the parts between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QGuiApplication, QKeySequence, QShortcut

from nodeforge.app.incoming import mime
from nodeforge.app.incoming.intake import ANYWHERE
from nodeforge.app.incoming.mime import Content
from nodeforge.app.incoming.placement import Target
from nodeforge.app.incoming.targets import DropPlace
from nodeforge.app.incoming.thumbnails import Thumbnails, picture_param
from nodeforge.app.prompt.editor import SettingsPasted
from nodeforge.app.words import tr

if TYPE_CHECKING:
    from nodeforge.app.window import Window


class Arrivals(QObject):
    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window, self.session = window, window.session
        self.intake = window.canvas.drops.intake
        self.intake.open = window.files.open
        self.intake.show = window.files.show_copy
        self.thumbnails = Thumbnails(window.session)
        self.viewer = DropPlace(
            window.viewer, lambda: window.theme, self._foretell, self._drop_on_viewer
        )
        paste = QShortcut(QKeySequence.StandardKey.Paste, window.viewer)
        paste.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        paste.activated.connect(self._paste_on_viewer)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def close(self) -> None:
        self.intake.close()
        self.thumbnails.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event:
            case SettingsPasted():
                if not event.text:  # a picture or a file, which no prompt takes
                    self.window.canvas.paste()
                    event.accept()
                    return True
                at = event.editor.mapToGlobal(QPoint(0, event.editor.height()))
                event.setAccepted(self.intake.offer_settings(event.text, at, event.words))
                return True
            case QDragEnterEvent() if mime.offers(event.mimeData()):
                # No part under the mouse takes it: the forbidden sign is right, words say where.
                self.window.status.hint(tr("Drop it on the canvas, on a node or on the Viewer."))
        if event.type() == QEvent.Type.DragLeave:
            self.window.status.hint("")
        return False

    def _foretell(self, content: Content | None) -> tuple[str, bool]:
        _, landing, why = self.intake.foresight.foretell(content, self._targets())
        return (landing.words, False) if landing else (why, True)

    def _drop_on_viewer(self, data: QMimeData, at: QPoint) -> None:
        self.intake.drop(data, self._targets(), at)

    def _paste_on_viewer(self) -> None:
        viewer = self.window.viewer
        data = QGuiApplication.clipboard().mimeData() or QMimeData()
        self._drop_on_viewer(data, viewer.mapToGlobal(viewer.rect().center()))

    def _targets(self) -> tuple[Target, ...]:
        """Without the canvas the one node that loads a picture takes it; else a new one does."""
        if not self.window.generator.on:
            return ANYWHERE
        level = self.session.level
        loading = [
            id
            for id, node in level.document.nodes.items()
            if picture_param(level.specs.get(node.stage))
        ]
        return (Target(node=loading[0]), *ANYWHERE) if len(loading) == 1 else ANYWHERE
