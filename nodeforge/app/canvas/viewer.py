"""The view: pan and zoom, and the mouse. NodeGraphQt's own gestures for nodes and wires stay."""

from __future__ import annotations

from typing import Any, TypeAlias

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHideEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTransform,
    QUndoStack,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsView

from nodeforge.app.canvas import navigation
from nodeforge.app.canvas.band import Band
from nodeforge.app.canvas.damage import Damage
from nodeforge.app.canvas.face import HEADER
from nodeforge.app.canvas.gesture import Gesture
from nodeforge.app.canvas.items import Board, Card, Pipe
from nodeforge.app.canvas.keyview import KeyView, Modifier
from nodeforge.app.canvas.live import Rules
from nodeforge.app.canvas.navigation import PRESETS
from nodeforge.app.canvas.scenery import Scenery
from nodeforge.app.words import tr

NEAREST, FARTHEST = 3.0, 0.08
WORLD = QRectF(-200_000, -200_000, 400_000, 400_000)
SETTLE = 120  # ms without a zoom step until nodes are drawn sharp again
Button: TypeAlias = Qt.MouseButton


class Viewer(KeyView):
    """modifiers: at the last move."""

    zoomed = Signal(float)
    outgrown = Signal()  # all there is was in view, and the view has another size now
    menu_asked = Signal(QPoint, QPointF)  # on the screen, in the scene
    dragged: Any = Signal(object)  # Card or Board under the cursor
    wire_doubled: Any = Signal(object, QPointF)  # Pipe
    pressed = Signal()  # a button of the mouse: before anything comes of it
    named: Any = Signal(str)  # a node, frame or note: its title or text is to be written
    fixed: Any = Signal(str, str)  # a node's id, and the button below it
    _rubber_band: Band

    def __init__(self, stack: QUndoStack, scenery: Scenery, rules: Rules) -> None:
        self.navigation = PRESETS[navigation.chosen()]
        self.gestures: tuple[Gesture, ...] = ()
        self.modifiers = Modifier.NoModifier
        self._middle: QPointF | None = None  # of the view, before it was resized or hidden
        self._whole: tuple[float, int, int] | None = None  # where all there is was brought in view
        self._busy: Gesture | None = None
        self.damage = Damage(self, scenery)
        super().__init__(stack, scenery, rules)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setSceneRect(WORLD)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Canvas"))
        self.scene().removeItem(self._cursor_text)
        self._rubber_band.deleteLater()
        self._rubber_band = Band(self, scenery)
        self._still = QTimer(self, singleShot=True, interval=SETTLE)
        self._still.timeout.connect(self._sharpen)
        self.centerOn(0, 0)

    def leave(self) -> None:
        """Let go of the scene; Qt deletes what no window owns."""
        self.hide()
        self.setScene(None)
        self._search_widget.deleteLater()
        if self.parent() is None:
            self.deleteLater()

    # Where we look

    def look_at(self, centre: QPointF, zoom: float, whole: bool = False) -> None:
        """whole: all there is is in view, and stays so when the window's size changes, until the
        artist looks elsewhere."""
        zoom = min(max(zoom, FARTHEST), NEAREST)
        changed = zoom != self.zoom
        self.scenery.zooming = self.scenery.sharpening = False
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self.centerOn(centre)
        self._whole = self.spot if whole else None
        if changed:
            self.zoomed.emit(zoom)

    @property
    def spot(self) -> tuple[float, int, int]:
        return self.zoom, self.horizontalScrollBar().value(), self.verticalScrollBar().value()

    def zoom_by(self, factor: float, at: QPoint) -> None:
        """at: the place in the viewport that stays where it is."""
        zoom = min(max(self.zoom * factor, FARTHEST), NEAREST)
        if abs(zoom - 1) < 0.02:
            zoom = 1.0
        held = self.mapToScene(at)
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self.pan_by(QPointF(at - self.mapFromScene(held)))
        self.scenery.zooming, self.scenery.sharpening = True, False
        self._still.start(SETTLE)
        self.zoomed.emit(zoom)

    def toggle_costs(self) -> None:
        """Show what each node cost, or no longer."""
        self.scenery.costs = not self.scenery.costs
        self.damage.overlay()

    def light(self, on: bool) -> None:
        """Show what a run would do, or no longer."""
        self.scenery.lit = on
        self.damage.overlay()

    def pan_by(self, way: QPointF) -> None:
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() - round(way.x()))
        down.setValue(down.value() - round(way.y()))

    def visible(self) -> QRectF:
        """What of the scene is in view."""
        return QRectF(self.mapToScene(self.viewport().rect()).boundingRect())

    def _sharpen(self) -> None:
        """Some of the nodes, in each frame until all are."""
        self.scenery.zooming, self.scenery.sharpening = False, True
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.damage.exposed = event.region()
        super().paintEvent(event)

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        size, ratio = self.viewport().size(), self.devicePixelRatioF()
        self.damage.painted(self.scenery.draw(painter, size, self.viewportTransform(), ratio))
        if self.scenery.sharpening:
            self._still.start(0)

    def _update_scene(self) -> None:
        """NodeGraphQt fits its range into the view, up to a rounding; we place the view."""

    def _combined_rect(self, nodes: list[Card | Board]) -> QRectF:
        result = QRectF()
        for item in nodes:
            result |= item.sceneBoundingRect()
        return result

    def hideEvent(self, event: QHideEvent) -> None:
        self._middle = self.visible().center()
        QGraphicsView.hideEvent(self, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.oldSize().isValid():
            old = event.oldSize()
            self._middle = self.mapToScene(QPoint(old.width() // 2, old.height() // 2))
        whole = self._whole is not None and self._whole == self.spot
        QGraphicsView.resizeEvent(self, event)
        if self._middle is not None:
            self.centerOn(self._middle)
        if whole:
            self.outgrown.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y() or event.angleDelta().x()
        match self.navigation.turned(event.modifiers()):
            case "across":
                self.pan_by(QPointF(turn / 120 * navigation.TURN, 0))
            case "down":
                self.pan_by(QPointF(0, turn / 120 * navigation.TURN))
            case _:
                self.zoom_by(1.0015**turn, event.position().toPoint())
        event.accept()

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()
        self._busy = next((each for each in self.gestures if each.pressed(event)), None)
        if self._busy is not None:
            return
        held, button = event.modifiers(), event.button()
        self.clear_key_state()
        if button == Button.LeftButton and (fix := self._fix_at(event.position().toPoint())):
            self.fixed.emit(*fix)
        elif button == Button.RightButton:
            self._take(event.position().toPoint())
        elif held & (Modifier.ShiftModifier | Modifier.ControlModifier):
            self._extend(event)
        else:
            super().mousePressEvent(event)
            if button == Button.LeftButton and self.idle:
                self._band(event.position().toPoint())

    def hand_over(self, event: QMouseEvent | None) -> None:
        """The drag that a gesture has is the view's from now on, as if begun by this press."""
        self._busy = None
        if event is not None:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.modifiers = event.modifiers()
        for gesture in self.gestures:
            gesture.moved(event)
        if not event.buttons() and not self.spaced:
            shapes = (each.cursor for each in self.gestures if each.cursor is not None)
            shape = next(shapes, Qt.CursorShape.ArrowCursor)
            if shape != self.viewport().cursor().shape():
                self.viewport().setCursor(shape)
        if self._busy is not None:
            return
        super().mouseMoveEvent(event)
        grabbed = self.scene().mouseGrabberItem()
        if event.buttons() & Button.LeftButton and isinstance(grabbed, Card | Board):
            self.dragged.emit(grabbed)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        busy, self._busy = self._busy, None
        for gesture in self.gestures:
            gesture.released(event)
        if busy is not None:
            return
        super().mouseReleaseEvent(event)
        self.clear_key_state()
        self.scenery.snapping.rest()
        self.scenery.glow = None
        self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at, left = event.position().toPoint(), event.button() == Button.LeftButton
        item = self.itemAt(at)
        if item is None and left:
            self.asked.emit(event.globalPosition().toPoint())
        elif isinstance(item, Pipe) and left:
            self.wire_doubled.emit(item, self.mapToScene(at))
        elif left and (thing := self._titled_at(at)):
            self.named.emit(thing.id)
        else:
            QGraphicsView.mouseDoubleClickEvent(self, event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.modifiers() & Modifier.ControlModifier:
            return  # a stroke begins
        at = self._chosen() if event.reason() == event.Reason.Keyboard else event.pos()
        self.menu_asked.emit(self.viewport().mapToGlobal(at), self.mapToScene(at))

    def _chosen(self) -> QPoint:
        """Where something selected is in view, else the middle."""
        seen, head = self.viewport().rect(), QPointF(HEADER, HEADER / 2)
        places = [self.mapFromScene(each.pos() + head) for each in self.scene().selectedItems()]
        return QPoint(next(filter(seen.contains, places), seen.center()))

    def thing_at(self, at: QPoint) -> Card | Board | None:
        """The node, frame or note at a place in the viewport."""
        for item in self.items(at):
            if isinstance(item, Card | Board):
                return item
        return None

    def started(self, thing: Card | Board) -> QPointF | None:
        """Where what is dragged was when the hand took it."""
        at = self._node_positions.get(thing)
        return QPointF(*at) if at else None

    def _titled_at(self, at: QPoint) -> Card | Board | None:
        """What can be named here: a note, and the title of a frame or a node, not of a group."""
        thing = self.thing_at(at)
        if not isinstance(thing, Card):
            return thing
        low = self.mapToScene(at).y() - thing.y() > HEADER
        return None if low or thing.look.face.stack or thing.look.face.rail else thing

    def _fix_at(self, at: QPoint) -> tuple[str, str] | None:
        thing = self.thing_at(at)
        if not isinstance(thing, Card) or not thing.look.fixes:
            return None
        label = thing.look.fix_at(self.mapToScene(at) - thing.pos())
        return (thing.id, label) if label else None

    def _take(self, at: QPoint) -> None:
        """Right click: what is under the cursor becomes the selection, unless it is in it."""
        thing = self.thing_at(at)
        if thing is not None and not thing.isSelected():
            self.scene().clearSelection()
            thing.setSelected(True)

    def choose(self, thing: Card | Board, keys: Modifier) -> None:
        """A click: it alone is selected; with Shift or Ctrl it comes to the others, or goes."""
        more = bool(keys & (Modifier.ShiftModifier | Modifier.ControlModifier))
        if not more:
            self.scene().clearSelection()
        thing.setSelected(not (more and thing.isSelected()))

    def _extend(self, event: QMouseEvent) -> None:
        """Shift or Ctrl: add to the selection or take from it, or begin a rubber band that adds."""
        at = event.position().toPoint()
        if thing := self.thing_at(at):
            self.choose(thing, event.modifiers())
            return
        self.LMB_state = self.SHIFT_state = True
        self._prev_selection_nodes, self._prev_selection_pipes = self.selected_items()
        self._band(at)

    def _band(self, at: QPoint) -> None:
        """A rubber band begins, also close beside a wire or a node."""
        self._origin_pos = self._previous_pos = at
        self._rubber_band.setGeometry(QRect(at, at))
        self._rubber_band.isActive = True
