"""The wire in the hand: how it looks, where it ends, and what is said while it is dragged."""

from __future__ import annotations

from typing import Any, Protocol

from NodeGraphQt.qgraphics.pipe import LivePipeItem
from NodeGraphQt.widgets.viewer import NodeViewer
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPen, QTransform, QUndoStack
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsSceneMouseEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from nodeforge.app.canvas.curve import curve
from nodeforge.app.canvas.items import Board, Card, Pipe, Port, sharing
from nodeforge.app.canvas.scenery import Scenery
from nodeforge.app.canvas.sign import sign, sign_box, sign_origin

STILL = 4  # px on the screen: a press and a release so near are a click


class Rules(Protocol):
    """What wires may do."""

    def refusal(self, start: Port, over: Port | Card) -> str:
        """Why a wire may not be dropped there; empty if it may."""

    def fitting(self, start: Port) -> frozenset[Port]:
        """All ports that it may join."""

    def target(self, start: Port, card: Card) -> Port | None:
        """The port it joins if it is dropped on a node."""


class LiveWire(LivePipeItem):  # type: ignore[misc]
    """It paints itself, above everything."""

    def __init__(self, scenery: Scenery) -> None:
        super().__init__()
        self.scenery = scenery
        self._idx_pointer.hide()
        self._idx_text.hide()
        self.setCacheMode(QGraphicsItem.CacheMode.NoCache)
        self.start: Port | None = None
        self.said = ""  # at the cursor
        self._tip = QPointF()
        self._zoom = 1.0
        self._shift = QPointF()  # of what is said, into the view, in px of the screen

    def draw_path(
        self,
        start_port: Port | None,
        end_port: Port | None = None,
        cursor_pos: QPointF | None = None,
        color: object = None,
    ) -> None:
        if start_port is None or cursor_pos is None:
            return
        self.prepareGeometryChange()  # what is said lies at the tip, too
        self.start, self._tip = start_port, QPointF(cursor_pos)
        ends = (start_port.centre(), QPointF(cursor_pos))
        self.setPath(curve(*ends) if start_port.pin.out else curve(*ends[::-1]))

    def draw_index_pointer(self, *_: object, **__: object) -> None:
        """NodeGraphQt's arrow at the cursor; the wire is enough."""

    def _draw_direction_pointer(self) -> None:
        self._dir_pointer.hide()

    def shape(self) -> QPainterPath:
        return QPainterPath()  # never in the way of what it is dropped on

    def say(self, words: str, to: QTransform, view: QRectF) -> None:
        """At the tip, within the view. to: scene to viewport."""
        at = to.map(self._tip)
        shift = sign_origin(words, at, view) - at if words else QPointF()
        if (words, to.m11(), shift) != (self.said, self._zoom, self._shift):
            self.prepareGeometryChange()
            self.said, self._zoom, self._shift = words, to.m11(), shift
            self.update()

    def hush(self) -> None:
        self.say("", QTransform(), QRectF())

    def boundingRect(self) -> QRectF:
        """Of the line itself: Qt would ask `shape`, which is empty."""
        box = QRectF(self.path().controlPointRect())
        if self.said:
            words = sign_box(self.said).translated(self._shift)
            near = QRectF(words.topLeft() / self._zoom, words.size() / self._zoom)
            box |= near.translated(self._tip)
        return box.adjusted(-6, -6, 6, 6)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        theme = self.scenery.theme
        colour = theme.type_colour(self.start.pin.type) if self.start else theme.colour("text2")
        painter.setPen(QPen(colour, 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self.path())
        if self.said:
            painter.translate(self._tip)
            painter.scale(1 / self._zoom, 1 / self._zoom)
            painter.translate(self._shift)
            sign(painter, theme, self.said)


class WireView(NodeViewer):  # type: ignore[misc]
    """NodeGraphQt's way of drawing a wire, with the ends it does not know: a node, and the void."""

    refused = Signal(str)
    doing = Signal(str)  # "wire" while one is in the hand
    let_go: Any = Signal(object)  # by Cards; whatever came of it, draw what is true there
    landed: Any = Signal(
        object, object, object
    )  # from a Port (taken off a Port, or None) on a Card
    fell: Any = Signal(object, QPointF)  # from one of these Ports (a tuple), into the void
    port_clicked: Any = Signal(object)  # Port
    port_hovered: Any = Signal(object)  # Port, or None

    _start_port: Port | None
    _detached_port: Port | None  # where the wire in the hand was taken off

    def __init__(self, stack: QUndoStack, scenery: Scenery, rules: Rules) -> None:
        self._LIVE_PIPE: Any = None
        self.scenery, self.rules = scenery, rules
        self._starts: tuple[Port, ...] = ()  # what the wire in the hand may begin at
        self._at = set[Card]()  # whose wires NodeGraphQt may have taken away, or put back
        self._began = QPointF()  # where it was taken, in the scene
        super().__init__(undo_stack=stack)
        live = LiveWire(scenery)
        self.scene().removeItem(self._LIVE_PIPE)
        self._LIVE_PIPE = live
        live.setVisible(False)
        self.scene().addItem(self._LIVE_PIPE)

    @property
    def zoom(self) -> float:
        """Screen pixels to one pixel of the scene."""
        return float(self.transform().m11())

    def establish_connection(self, start_port: Port, end_port: Port) -> Pipe:
        pipe = Pipe()
        self.scenery.pipes[pipe] = None
        self.scene().addItem(pipe)
        pipe.set_connections(start_port, end_port)
        pipe.route()
        return pipe

    def start_live_connection(self, selected_port: Port | None) -> None:
        held = self._detached_port
        pressed = self._over(self.mapToScene(self._origin_pos))
        if held is not None and selected_port is not None and pressed is selected_port:
            # On an input that has a wire: what is taken is this end of it.
            self._detached_port, selected_port = selected_port, held
        super().start_live_connection(selected_port)
        if selected_port is not None:
            self._began = self.mapToScene(self._origin_pos)
            self._begin_at((selected_port,))

    def _begin_at(self, starts: tuple[Port, ...]) -> None:
        self._starts = starts
        ends = (*starts, self._detached_port)
        self._at.update(port.node for port in ends if port is not None)
        self.scenery.fitting = frozenset[Port]().union(*map(self.rules.fitting, starts))
        fit = {port.node for port in self.scenery.fitting} | {starts[0].node}
        self.scenery.dimmed = frozenset(set(self.scenery.cards.values()) - fit)
        self.viewport().update()
        self.doing.emit("wire")

    def take(self, starts: tuple[Port, ...], held: Port | None, at: QPointF) -> None:
        """A wire into the hand, from whichever of these ports will fit; taken off another."""
        self._origin_pos = self._previous_pos = self.mapFromScene(at)
        self._detached_port = held
        self.start_live_connection(starts[0])
        self._begin_at(starts)

    @property
    def idle(self) -> bool:
        """Whether the hand holds neither a wire nor anything that lies on the canvas."""
        return not self._LIVE_PIPE.isVisible() and self.scene().mouseGrabberItem() is None

    def _items_near(self, *args: Any, **kwargs: Any) -> list[QGraphicsItem]:
        """Without wires, which NodeGraphQt would take off at the press."""
        near = super()._items_near(*args, **kwargs)
        return [item for item in near if not isinstance(item, Pipe)]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes what lies under the cursor; with a wire in the hand, no node.

        NodeGraphQt looks above and left of the cursor, so at a node's edge it begins a rubber band
        and does not note where the node was.
        """
        super().mousePressEvent(event)
        taken = self.scene().mouseGrabberItem()
        if taken is not None and self._LIVE_PIPE.isVisible():
            taken.ungrabMouse()
        elif isinstance(taken, Card | Board):
            self._rubber_band.isActive = False
            self._node_positions.setdefault(taken, taken.xy_pos)

    def end_live_connection(self) -> None:
        self._LIVE_PIPE.hush()
        super().end_live_connection()
        self.scenery.fitting, self.scenery.dimmed = frozenset(), frozenset()
        self.viewport().update()
        self.doing.emit("")
        at, self._at = self._at, set()
        self.let_go.emit(at)

    def drop_wire(self) -> None:
        """Let go of the wire in the hand as if it had not been taken."""
        self._detached_port = None
        self.end_live_connection()

    def sceneMouseMoveEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if not self._LIVE_PIPE.isVisible() or self._start_port is None:
            return
        at = event.scenePos()
        over = self._over(at)
        start = self._start_port = self._start_for(self._start_port, over)
        reason, end = "", over
        if over is not None and over is not start:
            reason = self.rules.refusal(start, over)
            if isinstance(over, Card) and not reason:
                end = self.rules.target(start, over)
        self._LIVE_PIPE.draw_path(
            start, cursor_pos=end.centre() if isinstance(end, Port) and not reason else at
        )
        if reason != self._LIVE_PIPE.said:
            self.refused.emit(reason)
        view = QRectF(self.viewport().rect())
        self._LIVE_PIPE.say(reason, self.viewportTransform(), view)

    def apply_live_connection(self, event: QGraphicsSceneMouseEvent) -> None:
        start, held = self._start_port, self._detached_port
        if not self._LIVE_PIPE.isVisible() or start is None:
            return
        at = event.scenePos()
        over = self._over(at)
        way = at - self._began
        if way.manhattanLength() * self.zoom < STILL:
            self.drop_wire()
            if over is not None and over in (start, held):
                self.port_clicked.emit(over)
        elif over is not None and (over in (start, held, start.node) or _back(over, held)):
            self.drop_wire()
        elif isinstance(over, Card):
            self.landed.emit(start, held, over)
            self.drop_wire()
        elif over is None and held is None:
            starts = self._starts
            self.drop_wire()
            self.fell.emit(starts, at)
        else:
            reason = self.rules.refusal(start, over) if over else ""
            super().apply_live_connection(event)
            if reason:
                self.refused.emit(reason)

    def _over(self, at: QPointF) -> Port | Card | None:
        """The port at a place of the scene, else the node; for a dot of many ports, the node."""
        items = self.scene().items(at)
        port = next((item for item in items if isinstance(item, Port)), None)
        if port is not None:
            return port if len(sharing(port)) == 1 else port.node
        return next((item for item in items if isinstance(item, Card)), None)

    def _start_for(self, start: Port, over: Port | Card | None) -> Port:
        """Of the ports that share the dot the wire comes from, the first that fits."""
        if over is None or len(self._starts) == 1:
            return start
        return next((each for each in self._starts if not self.rules.refusal(each, over)), start)

    def _validate_accept_connection(self, from_port: Port, to_port: Port) -> bool:
        return not self.rules.refusal(from_port, to_port)

    def _validate_reject_connection(self, from_port: Port, to_port: Port) -> bool:
        return False

    @staticmethod
    def acyclic_check(start_port: Port, end_port: Port) -> bool:
        return True  # asked above, with the document


def _back(over: Port | Card | None, held: Port | None) -> bool:
    """Whether a wire is dropped on the collapsed node it was taken off."""
    return held is not None and over is held.node and len(sharing(held)) > 1
