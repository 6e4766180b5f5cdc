"""NodeGraphQt's nodes, ports, pipes and backdrops, reduced to geometry and gestures.

None of them paints: `scenery` draws all of them in one go, which is many times faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from NodeGraphQt.constants import Z_VAL_NODE, Z_VAL_PORT, PortTypeEnum
from NodeGraphQt.qgraphics.node_abstract import AbstractNodeItem
from NodeGraphQt.qgraphics.node_backdrop import BackdropNodeItem
from NodeGraphQt.qgraphics.node_base import NodeItem
from NodeGraphQt.qgraphics.pipe import PipeItem
from NodeGraphQt.qgraphics.port import PortItem
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPainterPathStroker
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsSceneHoverEvent,
    QGraphicsSceneMouseEvent,
)

from nodeforge.app.canvas.curve import curve
from nodeforge.app.canvas.face import HEADER, Face, Pin
from nodeforge.app.canvas.paint import MARGIN, Look
from nodeforge.app.state import IDLE
from nodeforge.graph.document import Link, NodeId

Flag = QGraphicsItem.GraphicsItemFlag
Change = QGraphicsItem.GraphicsItemChange
IN, OUT = PortTypeEnum.IN.value, PortTypeEnum.OUT.value
HIT = QRectF(0, 0, 30, 24)
BESIDE = {True: QRectF(23, 2, 18, 20), False: QRectF(-11, 2, 18, 20)}  # a dot, held in its middle
FRAME_TITLE = 32.0  # of a frame: where it can be taken hold of
Span = tuple[float, float, float, float]  # left, top, right, bottom in the scene
BLANK = Look(Face("", "", ""), IDLE)


def span(box: QRectF) -> Span:
    return box.left(), box.top(), box.right(), box.bottom()


class Port(PortItem):  # type: ignore[misc]
    """A place to press on; the node draws it."""

    def __init__(self, parent: Card, pin: Pin) -> None:
        QGraphicsItem.__init__(self, parent)  # PortItem sets much that we would take back
        self.setAcceptHoverEvents(True)
        self.setFlag(Flag.ItemHasNoContents)
        self.setZValue(Z_VAL_PORT)
        self._pipes: list[Pipe] = []
        self._hovered = self._locked = False
        self.pin = pin
        self.card = parent
        self._name = pin.name
        self._port_type = OUT if pin.out else IN
        self._multi_connection = pin.out or pin.many

    itemChange = QGraphicsItem.itemChange  # noqa: N815 - the node moves the wires

    @property
    def node(self) -> Card:
        return self.card

    def place(self, pin: Pin) -> None:
        self.pin = pin
        self.setPos(pin.x - HIT.width() / 2, pin.y - HIT.height() / 2)

    def boundingRect(self) -> QRectF:
        return BESIDE[self.pin.out] if self.pin.shift else HIT

    def centre(self) -> QPointF:
        """In the scene."""
        return QPointF(self.card.x() + self.pin.x, self.card.y() + self.pin.y)

    def update(self, *_: object) -> None:
        if scene := self.scene():
            scene.update(self.sceneBoundingRect())

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        super().hoverEnterEvent(event)
        here = (port.pin for port in sharing(self))
        self.setToolTip("\n".join(f"{pin.label} \u2014 {pin.type}" for pin in here))
        self.scene().viewer().scenery.hot_port = self
        self.scene().viewer().port_hovered.emit(self)
        self.update()

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        super().hoverLeaveEvent(event)
        self.scene().viewer().port_hovered.emit(None)
        self.update()


class Card(NodeItem):  # type: ignore[misc]
    """A node. look: what it shows; revision and mark are others whenever it looks different."""

    def __init__(self, id: NodeId, moved: Callable[[Card], None]) -> None:
        AbstractNodeItem.__init__(self, "")  # NodeItem's own children are never shown
        self._input_items: dict[Port, None] = {}
        self._output_items: dict[Port, None] = {}
        self._widgets: dict[str, Any] = {}
        self._moved = moved
        self.setCacheMode(QGraphicsItem.CacheMode.NoCache)
        self.setFlag(Flag.ItemHasNoContents)
        self.setFlag(Flag.ItemSendsGeometryChanges)
        self.id = id
        self.look = BLANK
        self.revision = 0
        self.ports: dict[tuple[bool, str], Port] = {}
        self._box = self._bounds = QRectF()
        self._shape = QPainterPath()
        self.span: Span = (0.0, 0.0, 0.0, 0.0)
        self.mark: tuple[Span, object] = (self.span, 0)

    def wear(self, look: Look) -> None:
        """Show this; ports are made, moved and taken away as the face asks."""
        if look == self.look:
            return
        before, self.look = self.look, look
        self.revision += 1
        if look.box != self._box:
            self._update_area()
            self.prepareGeometryChange()
            self._box = look.box
            self._bounds = look.box.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
            self._shape = QPainterPath()
            self._shape.addRect(look.box)
            self._width, self._height = look.box.width(), look.box.height()
        if look.face.pins != before.face.pins:
            self._place_ports(look.face.pins)
        if bool(look.apron) != bool(before.apron):
            self._rise()
        self._properties["disabled"] = False  # muting is ours; NodeGraphQt would cross it out
        if look.selected != before.selected:
            for pipe in self.pipes():
                pipe.settle()
        self._settle()
        self._update_area()

    def _rise(self) -> None:
        """Above others what is selected, and above all what is at fault: a click must reach it."""
        self.setZValue(Z_VAL_NODE + (1 if self.isSelected() else 0) + (2 if self.look.apron else 0))

    def _settle(self) -> None:
        self.span = span(self._bounds.translated(self.pos()))
        self.mark = (self.span, self.revision)

    def sharpened(self, zoom: float) -> None:
        """Its pixmap is another, for this zoom."""
        self.mark = (self.span, (self.revision, zoom))

    def _place_ports(self, pins: tuple[Pin, ...]) -> None:
        wanted = {(pin.out, pin.name): pin for pin in pins}
        for name in [name for name in self.ports if name not in wanted]:
            port = self.ports.pop(name)
            for pipe in list(port.connected_pipes):
                pipe.delete()
            port.setParentItem(None)
            if scene := self.scene():
                scene.removeItem(port)
        for name, pin in wanted.items():
            if name not in self.ports:
                self.ports[name] = Port(self, pin)
            self.ports[name].place(pin)
        self._input_items = {port: None for port in self.ports.values() if not port.pin.out}
        self._output_items = {port: None for port in self.ports.values() if port.pin.out}
        self._moved(self)

    def _update_area(self) -> None:
        if scene := self.scene():
            scene.update(self._bounds.translated(self.pos()))

    @property
    def entries(self) -> Iterable[Port]:
        """The input ports; `inputs` of NodeGraphQt makes a list each time."""
        return self._input_items

    def pipes(self) -> list[Pipe]:
        return [pipe for port in self.ports.values() for pipe in port.connected_pipes]

    def post_init(self, viewer: object = None, pos: object = None) -> None:
        """NodeGraphQt's hook; the document says where a node lies."""

    def draw_node(self) -> None:
        """NodeGraphQt's hook; `wear` does it."""

    @property
    def box(self) -> QRectF:
        """The body and what hangs below it, in the scene."""
        return self._box.translated(self.pos())

    @property
    def head(self) -> QRectF:
        """What of it is there however it grows, in the scene."""
        return QRectF(self.x(), self.y(), self._box.width(), min(HEADER, self._box.height()))

    @property
    def room(self) -> QRectF:
        """The box, with the picture that a run would put on it, in the scene."""
        return self.look.room.translated(self.pos())

    def boundingRect(self) -> QRectF:
        return self._bounds

    def shape(self) -> QPainterPath:
        return self._shape

    def paint(self, *_: Any) -> None:
        """Drawn by the scenery."""

    def itemChange(self, change: QGraphicsItem.GraphicsItemChange, value: Any) -> Any:
        if change == Change.ItemPositionHasChanged:
            self._settle()
            self._moved(self)
        elif change == Change.ItemSelectedHasChanged:
            self._rise()
            for pipe in self.pipes():
                pipe.update()
        return QGraphicsItem.itemChange(self, change, value)

    # NodeGraphQt's leaves out Alt, and then the next node that is dragged begins at the origin.
    mouseReleaseEvent = QGraphicsItem.mouseReleaseEvent  # noqa: N815

    def mouseDoubleClickEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and (viewer := self.viewer()):
            viewer.node_double_clicked.emit(self.id)

    def delete(self) -> None:
        for pipe in self.pipes():
            pipe.delete()
        if scene := self.scene():
            self._update_area()
            scene.removeItem(self)


def sharing(port: Port) -> tuple[Port, ...]:
    """The ports at its place: one, or all at that side of a collapsed node, free ones first."""
    card = port.node
    if not card.look.face.folded:
        return (port,)
    side = [other for other in card.ports.values() if other.pin.out == port.pin.out]
    return tuple(sorted(side, key=lambda p: bool(p.connected_pipes) and not p.multi_connection))


def lead(port: Port) -> Port:
    """Of the ports at its place, the one whose shape is drawn."""
    card = port.node
    if not card.look.face.folded:
        return port
    pin = next(pin for pin in card.look.face.pins if pin.out == port.pin.out)
    return card.ports[pin.out, pin.name]


class Pipe(PipeItem):  # type: ignore[misc]
    """A wire between two ports.

    strong: the mouse is on it, or an end is selected. mark: another whenever it looks different.
    """

    def __init__(self) -> None:
        QGraphicsPathItem.__init__(self)  # PipeItem adds an arrow, and a pen for each mood
        self.setZValue(-1)
        self.setAcceptHoverEvents(True)
        self.setFlag(Flag.ItemHasNoContents)
        self._active = self._highlight = False
        self._input_port = self._output_port = None
        self.type = ""
        self.strong = False
        self.span: Span = (0.0, 0.0, 0.0, 0.0)
        self.mark: tuple[Span, object] = (self.span, None)

    def set_connections(self, port1: Port, port2: Port) -> None:
        super().set_connections(port1, port2)
        self.giver: Card
        self.taker: Card
        self.giver, self.taker = (port.node for port in self.ends())

    def link(self) -> Link:
        """Where the input takes its value from."""
        return Link(self.giver.id, self.output_port.name)

    def ends(self) -> tuple[Port, Port]:
        return self.output_port, self.input_port

    def route(self) -> None:
        if self.input_port and self.output_port:
            path = curve(self.output_port.centre(), self.input_port.centre())
            self.setPath(path)
            self.span = span(path.controlPointRect().adjusted(-8, -8, 8, 8))
            self.settle()

    def settle(self) -> None:
        self.type = self.output_port.pin.type
        self.strong = self._active or self.giver.look.selected or self.taker.look.selected
        self.mark = (self.span, (self.type, self.strong))

    def draw_path(self, *_: object, **__: object) -> None:
        self.route()

    def shape(self) -> QPainterPath:
        """A band along the wire; Qt's own takes in all between the curve and its chord."""
        stroker = QPainterPathStroker()
        stroker.setWidth(8)
        return stroker.createStroke(self.path())

    def boundingRect(self) -> QRectF:
        return super().boundingRect().adjusted(-8, -8, 8, 8)  # type: ignore[no-any-return]

    def delete(self) -> None:
        if scene := self.scene():
            scene.viewer().scenery.pipes.pop(self, None)
        super().delete()

    def update(self, *_: object) -> None:
        if scene := self.scene():
            scene.update(self.sceneBoundingRect())

    def activate(self) -> None:
        self._active = True
        self.settle()
        self.update()

    def highlight(self) -> None:
        """NodeGraphQt's hook; whether an end is selected is asked when drawing."""

    def reset(self) -> None:
        self._active = False
        self.settle()
        self.update()

    itemChange = QGraphicsItem.itemChange  # noqa: N815


class Board(BackdropNodeItem):  # type: ignore[misc]
    """A frame, which carries the nodes inside it, or a note, which carries none.

    stamp grows whenever it looks different.
    """

    ItemIsMovable = Flag.ItemIsMovable  # NodeGraphQt asks the item for it, where Qt has it no more

    def __init__(self, id: NodeId, note: bool, moved: Callable[[Board], None]) -> None:
        self.stamp = 0  # first: NodeGraphQt's __init__ already moves the grip
        self._told = moved
        super().__init__("")
        self.note = note
        self.id = id
        self.text = self.tint = ""
        for item in (self, self._sizer):
            item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
            item.setFlag(Flag.ItemHasNoContents)
        self.setFlag(Flag.ItemSendsGeometryChanges)
        self._sizer.hide()  # all edges can be taken: see `frames`

    def wear(self, text: str, tint: str, size: tuple[float, float]) -> None:
        self.text, self.tint = text, tint
        if (self._width, self._height) != size:
            self.prepareGeometryChange()
            self.width, self.height = size
        self._moved(self)

    def _moved(self, _: Board) -> None:
        self.stamp += 1
        self._told(self)

    @property
    def box(self) -> QRectF:
        return QRectF(self.x(), self.y(), self._width, self._height)

    @property
    def span(self) -> Span:
        return span(self.box.adjusted(-8, -8, 8, 8))

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(0, 0, self._width, self._height if self.note else FRAME_TITLE)
        return path

    def get_nodes(self, inc_intersects: bool = False) -> list[Any]:
        """What it carries: a node that outgrew it with its picture, too."""
        if self.note:
            return []
        heads = ((n, n.head if isinstance(n, Card) else n.box) for n in super().get_nodes(True))
        return [each for each, head in heads if self.box.contains(head)]

    def on_sizer_pos_changed(self, pos: QPointF) -> None:
        """NodeGraphQt's grip follows the size; here it has no say in it."""

    def itemChange(self, change: QGraphicsItem.GraphicsItemChange, value: Any) -> Any:
        if change in (Change.ItemPositionHasChanged, Change.ItemSelectedHasChanged):
            self._moved(self)
        return QGraphicsItem.itemChange(self, change, value)

    def update(self, *_: object) -> None:
        self._moved(self)
