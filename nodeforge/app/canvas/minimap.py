"""The whole graph in a corner, while some of it is out of view: a rectangle that the hand can move
is what is in view."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from nodeforge.app import settings
from nodeforge.app.canvas.paint import header_colour
from nodeforge.app.canvas.tints import tint_colour
from nodeforge.app.theme import mix
from nodeforge.app.words import tr

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

SIZE = QSize(168, 104)
LEAST = 420  # px, of a canvas of which the map is not the better part
APART, INSET = 14, 9  # from the corner of the canvas; of the graph from the edge
STRONG = 0.75  # of a node's colour
REST, LATEST = 120, 500  # ms: drawn so long after the last change, and after the first not drawn
FAINT = 0.3  # of the map where it lies over nodes and the mouse is not on it
NAME = "map"  # of the setting
PHASES = {"cached": "ok", "running": "heat", "error": "errorHeader"}


class MiniMap(QWidget):
    """The picture of the nodes is kept, and made anew only after one has changed."""

    def __init__(self, canvas: Canvas) -> None:
        view = canvas.widget
        super().__init__(view)
        self.canvas = canvas
        self._picture = QPixmap()
        self._place = QTransform()  # scene to map
        self._whole: QRectF | None = None  # around all there is; None once it may be another
        self._held: QPointF | None = None  # from the middle of the view to the hand, in the scene
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._limit = QTimer(self, singleShot=True, interval=LATEST)
        for timer in (self._rest, self._limit):
            timer.timeout.connect(self._forget)
        self.setFixedSize(SIZE)
        self.setAccessibleName(tr("Map"))
        self.setToolTip(tr("The whole graph: click or drag to go there, turn the wheel to zoom"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        session = canvas.session
        for signal in (session.sight.seen, session.stated):
            signal.connect(self._changed)
        view.dragged.connect(self._dragged)
        session.selected.connect(self._changed)
        view.zoomed.connect(lambda _: self._looked())
        for bar in (view.horizontalScrollBar(), view.verticalScrollBar()):
            bar.valueChanged.connect(lambda _: self._looked())
        view.installEventFilter(self)
        self.on = settings.text(NAME, "on") == "on"
        self._appear()

    def toggle(self) -> None:
        self.on = not self.on
        settings.put(NAME, "on" if self.on else "off")
        self._appear()
        self._forget()
        if self.on and self.isHidden():
            self.canvas.hint.emit(tr("The map shows itself while a node is out of view."))

    @property
    def faint(self) -> bool:
        """Whether it would hide what lies below it."""
        view = self.canvas.widget
        left, top, right, bottom = view.mapToScene(self.geometry()).boundingRect().getCoords()
        spans = (card.span for card in self.canvas.cards.values())
        return not self.underMouse() and any(
            span[0] < right and span[2] > left and span[1] < bottom and span[3] > top
            for span in spans
        )

    def forget(self) -> None:
        """The theme is another."""
        self._forget()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            view = self.canvas.widget
            self.move(APART, view.height() - SIZE.height() - APART)
            self._looked()
        return False

    def _appear(self) -> None:
        """Only while something is out of view, and there is room."""
        view = self.canvas.widget
        beyond = view.width() >= LEAST and not view.visible().contains(self._around())
        self.setVisible(self.on and (beyond or self._held is not None))

    def _around(self) -> QRectF:
        """All there is; nothing has a place in any view."""
        if self._whole is None:
            self._whole = QRectF()
            for thing in self.canvas.things():
                self._whole |= thing.box
        return self._whole if self._whole.isValid() else self.canvas.widget.visible()

    def _dragged(self, *_: object) -> None:
        """Drawn when the hand rests."""
        self._whole = None
        self._rest.start()

    def _changed(self, *_: object) -> None:
        self._whole = None
        self._appear()
        if self.isVisible():
            self._rest.start()
            if not self._limit.isActive():
                self._limit.start()

    def _forget(self) -> None:
        self._rest.stop()
        self._limit.stop()
        self._picture = QPixmap()
        self._appear()
        self.update()

    def _looked(self) -> None:
        if self.on:
            self._appear()
            self.update()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if self._picture.isNull() or self._picture.devicePixelRatio() != ratio:
            self._draw(ratio)
        painter = QPainter(self)
        painter.setOpacity(FAINT if self.faint else 1.0)
        painter.drawPixmap(0, 0, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect()).adjusted(4, 4, -4, -4)
        seen = self._place.mapRect(self.canvas.widget.visible()).intersected(room)
        colour = self.canvas.scenery.theme.colour
        painter.setPen(QPen(colour("text2"), 1))
        fill = QColor(colour("text"))
        fill.setAlphaF(0.06)
        painter.setBrush(fill)
        painter.drawRoundedRect(seen.toAlignedRect(), 3, 3)

    def _draw(self, ratio: float) -> None:
        scenery = self.canvas.scenery
        theme = scenery.theme
        self._picture = QPixmap((self.size().toSizeF() * ratio).toSize())
        self._picture.setDevicePixelRatio(ratio)
        self._picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(theme.colour("panel"))
        ground.setAlphaF(0.94)
        painter.setBrush(ground)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        self._place = self._fitted()
        painter.setPen(Qt.PenStyle.NoPen)
        for board in scenery.boards.values():
            tint = tint_colour(theme, board.tint) or theme.colour("text3")
            tint.setAlphaF(0.3)
            painter.setBrush(tint)
            painter.drawRect(self._place.mapRect(board.box))
        boxes: dict[tuple[str, str, str, bool], list[QRectF]] = defaultdict(list)
        for card in scenery.cards.values():
            look, box = card.look, self._place.mapRect(card.box)
            wide, high = max(box.width(), 2.0), max(box.height(), 2.0)
            boxes[look.face.type, look.face.colour, look.phase, look.selected].append(
                QRectF(box.x(), box.y(), wide, high)
            )
        for wears, some in boxes.items():
            painter.setBrush(self._colour(*wears))
            painter.drawRects(some)
        painter.end()

    def _colour(self, type: str, own: str, phase: str, selected: bool) -> QColor:
        """Of a node on the map."""
        theme = self.canvas.scenery.theme
        if selected:
            return theme.colour("hand")
        plain = header_colour(theme, type, False, own)
        colour = theme.colour(PHASES[phase]) if phase in PHASES else plain
        return mix(theme.colour("panel"), colour, STRONG)

    def _fitted(self) -> QTransform:
        """All there is, in the middle of the map."""
        whole = self._around().adjusted(-60, -60, 60, 60)
        room = QRectF(self.rect()).adjusted(INSET, INSET, -INSET, -INSET)
        scale = min(room.width() / whole.width(), room.height() / whole.height(), 0.12)
        middle = room.center() - whole.center() * scale
        return QTransform(scale, 0, 0, scale, middle.x(), middle.y())

    # The hand

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def _scene(self, at: QPointF) -> QPointF:
        return self._place.inverted()[0].map(at)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            view, at = self.canvas.widget, self._scene(event.position())
            seen = view.visible()
            self._held = at - seen.center() if seen.contains(at) else QPointF()
            view.look_at(at - self._held, view.zoom)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            view = self.canvas.widget
            view.look_at(self._scene(event.position()) - self._held, view.zoom)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        self._appear()
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        view = self.canvas.widget
        turn = event.angleDelta().y()
        view.zoom_by(1.0015**turn, view.viewport().rect().center())
        event.accept()
