"""Frames and notes: how they look, how the hand resizes them, and what puts them there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from nodeforge.app.canvas.gesture import Gesture
from nodeforge.app.canvas.items import Board, Card, Port
from nodeforge.app.canvas.tints import tint_colour
from nodeforge.app.theme import TOKENS, Theme, mix
from nodeforge.app.words import tr
from nodeforge.graph.document import Document, Frame, NodeId, Note, Point, new_id

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas
    from nodeforge.app.canvas.viewer import Viewer

STEP, TRIED = 24.0, 40  # between the places that are tried for a note, and how many across
BAND = 6.0  # screen pixels on either side of an edge where it can be taken
CORNER = 16.0  # of the lower right one, where three strokes show it
LEAST = (96.0, 64.0)
RADIUS = 10.0
WORDS = float(TOKENS["node"]["lod"]["prompt"])  # the zoom from which notes can be read
FAINT = 13.0  # screen pixels below which a frame's title would not be read
CURSORS = {
    "l": Qt.CursorShape.SizeHorCursor,
    "r": Qt.CursorShape.SizeHorCursor,
    "t": Qt.CursorShape.SizeVerCursor,
    "b": Qt.CursorShape.SizeVerCursor,
    "lt": Qt.CursorShape.SizeFDiagCursor,
    "rb": Qt.CursorShape.SizeFDiagCursor,
    "rt": Qt.CursorShape.SizeBDiagCursor,
    "lb": Qt.CursorShape.SizeBDiagCursor,
}
TOP_LEFT = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft


def frame_selected(canvas: Canvas) -> None:
    """A frame around what is selected and the pictures to come; its title can be typed at once."""
    session = canvas.session
    around = QRectF()
    for thing in canvas.selected_things():
        around |= thing.room if isinstance(thing, Card) else thing.box
    if around.isEmpty():
        return
    box = around.adjusted(-24, -48, 24, 24)
    new = Frame(new_id(), tr("Frame"), (box.x(), box.y()), (box.width(), box.height()))
    session.act(tr("Frame"), session.level.document.add(new))
    session.select([new.id])
    canvas.inplace.begin(new.id)


def add_note(canvas: Canvas, at: QPointF | None = None) -> None:
    """A note at a place, or about the middle of the view; its text can be typed at once."""
    session, place = canvas.session, at or _bare(canvas)
    new = Note(new_id(), "", (float(round(place.x())), float(round(place.y()))))
    session.act(tr("Add note"), session.level.document.add(new))
    session.select([new.id])
    canvas.inplace.begin(new.id)


def _bare(canvas: Canvas) -> QPointF:
    """The nearest place to the middle of the view where a note hides nothing, else the middle."""
    seen, size = canvas.widget.visible(), QSizeF(*Note(NodeId("")).size)
    middle = seen.center()
    taken = [thing.box for thing in canvas.things() if isinstance(thing, Card) or thing.note]
    step = max(STEP, seen.width() / TRIED)  # from afar there is too much room to try it all
    across = range(-int(seen.width() / 2 / step), int((seen.width() / 2 - size.width()) / step))
    down = range(-int(seen.height() / 2 / step), int((seen.height() / 2 - size.height()) / step))
    places = [middle + QPointF(x * step, y * step) for x in across for y in down]
    places.sort(key=lambda p: (p - middle).manhattanLength())
    free = (p for p in places if not any(QRectF(p, size).intersects(box) for box in taken))
    return next(free, middle)


def sized(document: Document, id: NodeId, size: Point) -> Document:
    """With a frame or note as large as this."""
    thing = document.frames.get(id) or document.notes.get(id)
    return document.add(replace(thing, size=size)) if thing else document


@dataclass
class Hold:
    """An edge in the hand. side: letters of the edges that move; box: as it was."""

    board: Board
    side: str
    start: QPointF
    box: QRectF

    def pulled(self, to: QPointF) -> QRectF:
        by, box = to - self.start, QRectF(self.box)
        if "l" in self.side:
            box.setLeft(min(box.left() + by.x(), box.right() - LEAST[0]))
        if "r" in self.side:
            box.setRight(max(box.right() + by.x(), box.left() + LEAST[0]))
        if "t" in self.side:
            box.setTop(min(box.top() + by.y(), box.bottom() - LEAST[1]))
        if "b" in self.side:
            box.setBottom(max(box.bottom() + by.y(), box.top() + LEAST[1]))
        return box.toRect().toRectF()


class Edges(Gesture):
    """Frames and notes can be taken by their edges and corners."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas, self.view = canvas, canvas.widget
        self._hold: Hold | None = None

    def pressed(self, event: QMouseEvent) -> bool:
        plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        at = event.position().toPoint()
        if plain and (found := self._at(at)):
            board, side = found
            self._hold = Hold(board, side, self.view.mapToScene(at), board.box)
        return self._hold is not None

    def moved(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self._hold is not None:
            box = self._hold.pulled(self.view.mapToScene(at))
            self._hold.board.setPos(box.topLeft())
            self._hold.board.wear(
                self._hold.board.text, self._hold.board.tint, (box.width(), box.height())
            )
        elif not event.buttons():
            self._hover(at)

    def released(self, event: QMouseEvent) -> None:
        hold, self._hold = self._hold, None
        if hold is None:
            return
        box = hold.pulled(self.view.mapToScene(event.position().toPoint()))
        if box != hold.box:
            session = self.canvas.session
            after = session.level.document.move({hold.board.id: (box.x(), box.y())})
            size = box.width(), box.height()
            session.act(tr("Resize"), sized(after, hold.board.id, size))

    def _hover(self, at: QPoint) -> None:
        """Show by the cursor that an edge can be taken here."""
        found = self._at(at) if self.canvas.scenery.boards else None
        self.cursor = CURSORS[found[1]] if found else None

    def _at(self, at: QPoint) -> tuple[Board, str] | None:
        here, band = self.view.mapToScene(at), BAND / self.view.zoom
        for board in reversed(list(self.canvas.scenery.boards.values())):
            if side := _side(board.box, here, min(band, 12.0)):
                over = any(isinstance(item, Card | Port) for item in self.view.items(at))
                return None if over else (board, side)
        return None


def _side(box: QRectF, at: QPointF, band: float) -> str:
    if not box.adjusted(-band, -band, band, band).contains(at):
        return ""
    corner = box.bottomRight() - at
    if corner.x() < CORNER and corner.y() < CORNER:
        return "rb"
    across = "l" if at.x() < box.left() + band else "r" if at.x() > box.right() - band else ""
    down = "t" if at.y() < box.top() + band else "b" if at.y() > box.bottom() - band else ""
    return across + down


def paint(painter: QPainter, theme: Theme, board: Board, zoom: float) -> None:
    """In the scene. From far away a frame's title stays as large as can be read."""
    box, selected = board.box, board.isSelected()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ink = QColor("white" if theme.dark else "black")
    tint = tint_colour(theme, board.tint)
    if board.note:
        ground = mix(theme.colour("canvas"), tint or theme.colour("warn"), 0.10)
    else:
        ground = QColor(tint or ink)
        ground.setAlphaF(0.09 if tint else 0.028)
    edge = QColor(theme.colour("hand") if selected else tint or ink)
    if not selected:
        edge.setAlphaF(0.45 if tint else 0.13)
    pen = QPen(edge, 2 if selected else 1)
    pen.setCosmetic(zoom < 1)
    painter.setPen(pen)
    painter.setBrush(ground)
    painter.drawRoundedRect(box, RADIUS, RADIUS)
    if zoom >= WORDS:
        painter.setPen(QPen(theme.colour("text3"), 1.2))
        for reach in (6, 10):
            foot = box.bottomRight() - QPointF(4, 4)
            painter.drawLine(foot - QPointF(reach, 0), foot - QPointF(0, reach))
    if board.note:
        _text(painter, theme, board, zoom)
    else:
        _title(painter, theme, board, zoom, tint)
    painter.restore()


def _title(painter: QPainter, theme: Theme, board: Board, zoom: float, tint: QColor | None) -> None:
    font = theme.font("label")
    grow = max(1.0, FAINT / (font.pixelSize() * zoom))
    font.setPixelSize(round(font.pixelSize() * grow))
    painter.setFont(font)
    colour = theme.colour("text2")
    painter.setPen(mix(tint, theme.colour("text"), 0.35) if tint else colour)
    room = board.box.adjusted(12, 8, -12, 0)
    painter.setClipRect(board.box, Qt.ClipOperation.IntersectClip)
    words = painter.fontMetrics().elidedText(
        board.text, Qt.TextElideMode.ElideRight, round(room.width())
    )
    painter.drawText(room, int(TOP_LEFT), words)


def _text(painter: QPainter, theme: Theme, board: Board, zoom: float) -> None:
    if zoom < WORDS:
        return
    painter.setFont(theme.font("body"))
    painter.setPen(theme.colour("text" if board.text else "text3"))
    room = board.box.adjusted(12, 10, -12, -10)
    painter.setClipRect(room.adjusted(-2, -2, 2, 2), Qt.ClipOperation.IntersectClip)
    words = board.text or tr("Double-click to write")
    painter.drawText(room, int(TOP_LEFT | Qt.TextFlag.TextWordWrap), words)


def lie_over(widget: QWidget, view: Viewer, box: QRectF) -> None:
    """Lay a widget over a part of the scene."""
    corner = view.mapFromScene(box.topLeft())
    size = box.size() * view.zoom
    widget.setGeometry(corner.x(), corner.y(), round(size.width()), round(size.height()))
