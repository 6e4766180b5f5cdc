"""Parts of the window beside the canvas on which things are dropped: they say what will happen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QRectF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from nodeforge.app.canvas.sign import sign, sign_box
from nodeforge.app.incoming import mime
from nodeforge.app.incoming.file_drop import copying
from nodeforge.app.incoming.mime import Content
from nodeforge.app.theme import Theme

# What a drop there would do, in words; whether it would be refused.
Foretell = Callable[[Content | None], tuple[str, bool]]


class Veil(QWidget):
    """Lies over a part while something hovers: its edge is lit, and words say what a drop does."""

    def __init__(self, part: QWidget, theme: Callable[[], Theme]) -> None:
        super().__init__(part)
        self._part, self._theme = part, theme
        self.words, self.refused = "", False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def say(self, words: str, refused: bool) -> None:
        self.words, self.refused = words, refused
        self.setGeometry(self._part.rect())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = "error" if self.refused else "hand"
        painter.setPen(QPen(self._theme().colour(colour), 3))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 6, 6)
        box = sign_box(self.words)
        middle = QRectF(self.rect()).center() - box.center()
        painter.translate(middle)
        sign(painter, self._theme(), self.words, colour)


class DropPlace(QObject):
    """Makes a part take drops. takes: does it, with what is held and where on the screen."""

    def __init__(
        self,
        part: QWidget,
        theme: Callable[[], Theme],
        foretell: Foretell,
        takes: Callable[[QMimeData, QPoint], object],
    ) -> None:
        super().__init__(part)
        self.part, self.foretell, self.takes = part, foretell, takes
        self.veil = Veil(part, theme)
        self._said: tuple[str, bool] | None = None
        part.setAcceptDrops(True)
        part.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event:
            case QDragEnterEvent():
                return self._hover(event, mime.read(event.mimeData(), fetch=False))
            case QDragMoveEvent():
                return self._hover(event, None)
            case QDropEvent():
                return self._drop(event)
        if event.type() == QEvent.Type.DragLeave:
            self._rest()
        return False

    def _hover(self, event: QDragMoveEvent, content: Content | None) -> bool:
        """content: read when it came in; None for a move after that."""
        action = copying(event)
        if action is None or not mime.offers(event.mimeData()):
            return False
        if content is not None or self._said is None:
            self._said = self.foretell(content)
        words, refused = self._said
        self.veil.say(words, refused)
        event.setDropAction(action)
        event.accept()
        return True

    def _drop(self, event: QDropEvent) -> bool:
        action = copying(event)
        self._rest()
        if action is None or not mime.offers(event.mimeData()):
            return False
        self.takes(event.mimeData(), self.part.mapToGlobal(event.position().toPoint()))
        event.setDropAction(action)
        event.accept()
        return True

    def _rest(self) -> None:
        self._said = None
        self.veil.hide()
