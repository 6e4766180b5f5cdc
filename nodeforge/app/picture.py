"""A picture to look at closely: zoom at the cursor, pan, one to one, fit."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from nodeforge.app.theme import Theme
from nodeforge.app.words import tr

ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
LEAST, MOST = 0.02, 64.0  # zoom: screen pixels a picture pixel
SHARP = 2.0  # from here on pixels are shown as squares
MARGIN = 12  # px around a fitted picture
CELL = 8  # px, of the checkerboard under transparency


class PictureView(QWidget):
    """`size` may differ from the image's own: a preview is drawn as large as what it stands for."""

    moved = Signal()  # zoom or place
    turned = Signal(int)  # to the next (1) or the last (-1) picture of the batch
    dragged_out = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.image: QImage | None = None
        self.notes: tuple[str, str] = ("", "")  # lower left, lower right
        self._soft = False
        self.zoom = 1.0
        self.fitted = True
        self.full = QSize(0, 0)
        self._centre = QPointF()  # of the view, in picture pixels
        self._held: QPointF | None = None
        self._small: tuple[int, float, QImage] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 120)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Picture"))

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def put(self, image: QImage | None, full: tuple[int, int] = (0, 0), soft: bool = False) -> None:
        """Show another picture; one of the same size keeps the zoom and the place.

        soft: a preview, whose pixels are not worth being seen as squares.
        """
        self._soft = soft
        size = QSize(*full) if full[0] > 0 else (image.size() if image else QSize(0, 0))
        fresh = size != self.full
        self.image, self.full, self._small = image, size, None
        if fresh or self.fitted:
            self.fit()
        self.update()

    def fit(self) -> None:
        """The whole picture; grown at most to where its pixels would show."""
        self.fitted = True
        room = QSize(max(self.width() - 2 * MARGIN, 8), max(self.height() - 2 * MARGIN, 8))
        if not self.full.isEmpty():
            across = room.width() / self.full.width()
            down = room.height() / self.full.height()
            self.zoom = min(max(min(across, down), LEAST), MOST)
        self._centre = QPointF(self.full.width() / 2, self.full.height() / 2)
        self._moved()

    def one_to_one(self) -> None:
        """A picture pixel for every pixel of the screen."""
        self.zoom_to(1 / self.devicePixelRatioF(), QRectF(self.rect()).center())

    def zoom_to(self, zoom: float, at: QPointF) -> None:
        """`at`: the point of the widget that stays under the cursor."""
        zoom = min(max(zoom, LEAST), MOST)
        self.fitted = False
        middle = QRectF(self.rect()).center()
        point = self._centre + (at - middle) / self.zoom
        self.zoom = zoom
        self._centre = point - (at - middle) / zoom
        self._moved()

    def place(self) -> QRectF:
        """Where the picture is, in the widget."""
        middle = QRectF(self.rect()).center() - self._centre * self.zoom
        return QRectF(
            middle.x(),
            middle.y(),
            self.full.width() * self.zoom,
            self.full.height() * self.zoom,
        )

    def _moved(self) -> None:
        x = min(max(self._centre.x(), 0.0), float(self.full.width()))
        y = min(max(self._centre.y(), 0.0), float(self.full.height()))
        self._centre = QPointF(x, y)
        self.update()
        self.moved.emit()

    # Hands

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y() or event.pixelDelta().y()
        if self.image is not None and turn:
            self.zoom_to(self.zoom * 1.25 ** (turn / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus()
        if event.button() == Qt.MouseButton.LeftButton and self._figure().contains(
            event.position()
        ):
            self.toggle_fit(event.position())
            return
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._held = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is None:
            over = self._figure().contains(event.position())
            self.setToolTip(tr("Fit, or 1:1") if over else "")
            self.setCursor(
                Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
            )
            return
        # many desktops keep Alt and a drag for themselves
        if event.modifiers() & (ALT | CONTROL):
            self._held = None
            self.unsetCursor()
            self.dragged_out.emit()
            return
        self.fitted = False
        self._centre -= (event.position() - self._held) / self.zoom
        self._held = event.position()
        self._moved()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._figure().contains(event.position()):
            self.toggle_fit(event.position())

    def toggle_fit(self, at: QPointF) -> None:
        """Between all of it and one to one, where this point stays."""
        if self.fitted:
            self.zoom_to(1 / self.devicePixelRatioF(), at)
        else:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        middle = QRectF(self.rect()).center()
        match event.key():
            case Qt.Key.Key_Left:
                self.turned.emit(-1)
            case Qt.Key.Key_Right:
                self.turned.emit(1)
            case Qt.Key.Key_F if not event.modifiers():
                self.fit()
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_to(self.zoom * 1.25, middle)
            case Qt.Key.Key_Minus:
                self.zoom_to(self.zoom / 1.25, middle)
            case _:
                super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.fitted:
            self.fit()

    # Looks

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("viewer"))
        if self.image is None:
            return
        place = self.place()
        if self.image.hasAlphaChannel():
            painter.setBrushOrigin(place.topLeft())
            painter.fillRect(place, _checkerboard())
        self._paint_image(painter, place)
        self._paint_notes(painter)

    def _paint_image(self, painter: QPainter, place: QRectF) -> None:
        image = self.image
        assert image is not None
        scale = place.width() / max(image.width(), 1) * self.devicePixelRatioF()
        preview = self._soft or image.size() != self.full
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, preview or self.zoom < SHARP
        )
        if scale < 0.5:
            image = self._shrunk(scale)
        shown = place.intersected(QRectF(self.rect()))
        if not shown.isEmpty():
            ratio_x, ratio_y = image.width() / place.width(), image.height() / place.height()
            source = QRectF(
                (shown.x() - place.x()) * ratio_x,
                (shown.y() - place.y()) * ratio_y,
                shown.width() * ratio_x,
                shown.height() * ratio_y,
            )
            painter.drawImage(shown, image, source)

    def _shrunk(self, scale: float) -> QImage:
        """Averaged down once for a zoom: below half size, drawing would skip pixels."""
        assert self.image is not None
        key = self.image.cacheKey()
        if self._small is None or self._small[:2] != (key, scale):
            width = max(1, round(self.image.width() * scale))
            height = max(1, round(self.image.height() * scale))
            small = self.image.scaled(
                width,
                height,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            self._small = (key, scale, small)
        return self._small[2]

    def _figure(self) -> QRectF:
        """Where the size and the zoom stand; empty without a picture."""
        return self._note_box(self.notes[1], left=False) if self.image is not None else QRectF()

    def _note_box(self, words: str, left: bool) -> QRectF:
        if not words:
            return QRectF()
        width = QFontMetrics(self.theme.font("hud")).horizontalAdvance(words) + 16.0
        width = min(width, self.width() - 20)
        return QRectF(10 if left else self.width() - width - 10, self.height() - 32, width, 22)

    def _paint_notes(self, painter: QPainter) -> None:
        """The right one whole; the left one above it, where both have no room beside each other."""
        left, right = (
            self._note_box(words, at) for words, at in zip(self.notes, (True, False), strict=True)
        )
        if left.intersects(right.adjusted(-6, 0, 0, 0)):
            left.moveTop(left.top() - 26)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.theme.font("hud"))
        for box, words in zip((left, right), self.notes, strict=True):
            if words:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self.theme.colour("hud"))
                painter.drawRoundedRect(box, 5, 5)
                painter.setPen(QColor("#ECEDF0"))
                room = int(box.width()) - 12
                fitting = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, fitting)


def _checkerboard() -> QBrush:
    tile = QPixmap(2 * CELL, 2 * CELL)
    tile.fill(QColor("#8a8a8a"))
    painter = QPainter(tile)
    painter.fillRect(0, 0, CELL, CELL, QColor("#b4b4b4"))
    painter.fillRect(CELL, CELL, CELL, CELL, QColor("#b4b4b4"))
    painter.end()
    return QBrush(tile)
