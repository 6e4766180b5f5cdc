"""Draws all of the canvas in one go: grid, frames, notes, wires and nodes.

A node is painted once into a pixmap and then only copied; from far away nodes are rectangles of a
few colours, drawn together. While the zoom moves, the old pixmaps are stretched; then they are made
sharp a few at a time. What has not changed since the last frame is taken from the plate.
"""

from __future__ import annotations

import time
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import TypeVar

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QRegion,
    QTransform,
)

from nodeforge.app.canvas import badge, costs, fading, far, frames, ghost, ground, light
from nodeforge.app.canvas.curve import curve
from nodeforge.app.canvas.edge import Edge
from nodeforge.app.canvas.far import DIMMED
from nodeforge.app.canvas.items import Board, Card, Pipe, Port, lead, sharing
from nodeforge.app.canvas.landing import Mark
from nodeforge.app.canvas.paint import MARGIN, picture, port
from nodeforge.app.canvas.plate import Marks, Plate, Span
from nodeforge.app.canvas.sign import beat, sign_beside
from nodeforge.app.canvas.snapping import Snapping
from nodeforge.app.theme import TOKENS, Theme
from nodeforge.graph.document import NodeId

LOD = TOKENS["node"]["lod"]
FAR, BARE = float(LOD["prompt"]), float(LOD["rects"])
CASING = 0.75  # the zoom from which a wire is set off from those it crosses
BUDGET = 96 * 2**20  # bytes of node pixmaps
SHARPENING = 0.006  # seconds of a frame spent on sharp pixmaps, after a zoom
Painter = QPainter
Thing = TypeVar("Thing", Card, Pipe, Board)


@dataclass
class Scenery:
    """What is on the canvas. fitting, dimmed: while a wire is in the hand; glow: a wire to drop on.

    zooming: the zoom is still moving, so stretched pixmaps will do. sharpening: it has come to
    rest, and they are replaced, some in each frame. costs: what each node cost is shown. pending: a
    wire that was dropped in the void, while it is asked what goes there. stroke: across wires, to
    cut them. offer: words beside a port. ghost: where what is held over the canvas would land.
    beating: ports, and how far their beat is, 0 to 1. check: the opacity of made nodes' checks;
    fading: it changes.
    """

    theme: Theme
    cards: dict[NodeId, Card] = field(default_factory=dict)
    pipes: dict[Pipe, None] = field(default_factory=dict)
    boards: dict[NodeId, Board] = field(default_factory=dict)
    fitting: frozenset[Port] = frozenset()
    dimmed: frozenset[Card] = frozenset()
    glow: Pipe | None = None
    hot_port: Port | None = None
    zooming: bool = False
    sharpening: bool = False
    costs: bool = False
    lit: bool = False  # by what a run would do
    edge: Edge = field(default_factory=Edge)
    pending: tuple[Port, QPointF] | None = None
    stroke: QPainterPath | None = None
    offer: tuple[Port, str] | None = None
    ghost: QRectF | None = None
    mark: Mark | None = None  # of what a drop would do
    beating: tuple[tuple[Port, ...], float] = ((), 0.0)
    snapping: Snapping = field(default_factory=Snapping)
    check: float = badge.FRESH
    fading: bool = False
    _plate: Plate = field(default_factory=Plate)
    _shots: OrderedDict[Card, tuple[int, float, QPixmap]] = field(default_factory=OrderedDict)
    _bytes: int = 0

    def forget(self) -> None:
        """Drop every pixmap: the theme is another."""
        self._shots.clear()
        self._bytes = 0
        self._plate.forget()

    def forget_plate(self) -> None:
        """Paint all that is in view anew, from the pixmaps there are."""
        self._plate.forget()

    @property
    def overlaid(self) -> bool:
        """Whether something lies over the canvas that no plate holds."""
        hot = self.hot_port is not None and self.hot_port.hovered
        marked = hot or self.glow or self.ghost or self.mark or self.pending or self.offer
        shown = self.lit or self.costs or self.edge.waits or self.fitting or self.snapping.lines
        return bool(marked or self.beating[0] or shown or self.stroke is not None or self.zooming)

    def reach(self, cards: Iterable[Card], pipes: Iterable[Pipe]) -> QRegion:
        """Where nodes and wires show in the viewport, and where they were last painted."""
        spans: list[tuple[object, Span]] = [(card, card.span) for card in cards]
        return self._plate.reach([*spans, *((pipe, pipe.mark[0]) for pipe in pipes)])

    def draw(
        self, painter: Painter, size: QSize, transform: QTransform, ratio: float
    ) -> Sequence[QRect]:
        """The parts of the viewport that were painted anew.

        size: of the viewport. transform: scene to viewport.
        """
        back = transform.inverted()[0]
        whole = QRectF(0, 0, size.width(), size.height())
        anew = self._draw_plate(painter, size, transform, ratio)
        if transform.m11() >= FAR:
            self._draw_fitting(painter, back.mapRect(whole))
        if self.pending is not None and self.pending[0].scene():
            self._draw_pending(painter, *self.pending)
        ports, part = self.beating
        for beating in ports:
            beat(painter, self.theme, beating.centre(), part)
        if self.offer is not None and self._offered(self.offer[0]):
            painter.save()
            painter.translate(self.offer[0].centre())
            painter.scale(1 / transform.m11(), 1 / transform.m11())
            sign_beside(painter, self.theme, self.offer[1])
            painter.restore()
        if self.stroke is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = QPen(self.theme.colour("error"), 2, Qt.PenStyle.DashLine)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(self.stroke)
        self._draw_landing(painter, whole, transform)
        self.snapping.paint(painter, self.theme)
        self._draw_told(painter, whole, transform)
        rails = (card.box for card in self.cards.values() if card.look.face.rail)
        self.edge.paint(painter, self.theme, whole, rails, transform)
        return anew

    def _draw_landing(self, painter: Painter, view: QRectF, transform: QTransform) -> None:
        """What becomes of what is in the hand."""
        if self.ghost is not None:
            ghost.paint(painter, self.theme, self.ghost)
        if self.glow is not None:
            self._draw_glow(painter, self.glow.path())
        if self.mark is not None:
            self.mark.paint(painter, self.theme, view, transform)

    def _draw_told(self, painter: Painter, view: QRectF, transform: QTransform) -> None:
        """What a run would do, and what runs cost."""
        if not (self.lit or self.costs):
            return
        seen = transform.inverted()[0].mapRect(view.adjusted(-30, -30, 30, 90))
        shown = [card for card in self.cards.values() if card.box.intersects(seen)]
        if self.lit:
            light.draw(painter, self.theme, self.pipes, shown, transform, view.width())
        if self.costs:
            costs.draw(painter, self.theme, shown, self.cards.values(), transform)

    def _draw_plate(
        self, painter: Painter, size: QSize, transform: QTransform, ratio: float
    ) -> Sequence[QRect]:
        """What is on the canvas: where it did not change, as it was."""
        stretched = self.zooming and self._plate.stretched(size, ratio, transform)
        if self.sharpening and not self.zooming:
            view = transform.inverted()[0].mapRect(QRectF(0, 0, size.width(), size.height()))
            self._sharpen(view, transform.m11(), ratio)
        marks = None if stretched else self._marks()
        parts = [] if marks is None else self._plate.bring(size, ratio, transform, marks)
        if parts:
            on_plate = QPainter(self._plate.picture)
            self._paint_parts(on_plate, parts, transform, ratio)
            on_plate.end()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        self._paint_parts(painter, self._plate.copy(painter, size, transform), transform, ratio)
        painter.restore()
        return parts

    def _paint_parts(
        self, painter: Painter, parts: Sequence[QRect], transform: QTransform, ratio: float
    ) -> None:
        """Parts of the viewport. They lie near to each other: what is there is looked up once."""
        if not parts:
            return
        back = transform.inverted()[0]
        around = back.mapRect(QRectF(reduce(QRect.united, parts, QRect())))
        cards, pipes = _within(around, self.cards.values()), _within(around, self.pipes)
        for part in parts:
            rect = back.mapRect(QRectF(part))
            painter.save()
            painter.setClipRect(part)
            painter.setTransform(transform)
            self._paint(painter, rect, transform, ratio, _within(rect, cards), _within(rect, pipes))
            painter.restore()

    def _sharpen(self, rect: QRectF, zoom: float, ratio: float) -> None:
        """Make some pixmaps of the nodes in view anew; `sharpening` until there are no more."""
        until = time.perf_counter() + SHARPENING
        stale = [
            card
            for card in self.cards.values()
            if (had := self._shots.get(card)) and had[1] != zoom and card.box.intersects(rect)
        ]
        self.sharpening = zoom >= FAR and bool(stale)
        for card in stale if self.sharpening else ():
            self._take(card, zoom, ratio)
            card.sharpened(zoom)
            if time.perf_counter() > until:
                return
        self.sharpening = False

    def _marks(self) -> Marks:
        """All that is on the canvas: where, and what its look depends on."""
        marks: Marks = {card: card.mark for card in self.cards.values()}
        marks.update([(pipe, pipe.mark) for pipe in self.pipes])
        for card in self.dimmed:
            marks[card] = (card.span, (card.mark, DIMMED))
        for board in self.boards.values():
            marks[board] = (board.span, board.stamp)
        if self.fading:
            marks |= fading.marks(self.cards.values(), self.check)
        return marks

    def _paint(
        self,
        painter: Painter,
        rect: QRectF,
        transform: QTransform,
        ratio: float,
        cards: list[Card],
        pipes: list[Pipe],
    ) -> None:
        """Everything in a part of the scene."""
        zoom = transform.m11()
        painter.fillRect(rect.adjusted(-2, -2, 2, 2), self.theme.colour("canvas"))
        ground.paint(painter, self.theme, rect, zoom)
        for board in _within(rect, self.boards.values()):
            frames.paint(painter, self.theme, board, zoom)
        self._draw_wires(painter, pipes, zoom)
        if zoom < FAR:
            far.paint(painter, self.theme, cards, zoom >= BARE)
        else:
            self._draw_near(painter, cards, transform, ratio)

    # Nodes

    def _draw_near(
        self, painter: Painter, cards: list[Card], transform: QTransform, ratio: float
    ) -> None:
        zoom = transform.m11()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not self.zooming)
        for card in sorted(cards, key=Card.zValue):
            shot, scale = self._shot(card, zoom, ratio)
            x = (card.x() - MARGIN) * zoom + transform.dx()
            y = (card.y() - MARGIN) * zoom + transform.dy()
            if card in self.dimmed:
                painter.setOpacity(DIMMED)
            if scale == zoom:
                painter.drawPixmap(round(x), round(y), shot)
            else:
                size = shot.deviceIndependentSize() * (zoom / scale)
                painter.drawPixmap(QRectF(QPointF(x, y), size), shot, QRectF(shot.rect()))
            if card.look.phase == "cached":
                corner = QPointF(round(x), round(y)) + QPointF(MARGIN, MARGIN) * zoom
                fading.paint(painter, self.theme, corner, zoom, ratio, self.check)
            painter.setOpacity(1.0)
        painter.restore()

    def _draw_fitting(self, painter: Painter, rect: QRectF) -> None:
        """Rings around the ports that the wire in the hand may join, and the port under it."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        near = (
            place for card in _within(rect, self.cards.values()) for place in card.ports.values()
        )
        for place in near if self.fitting else ():
            if place in self.fitting and rect.contains(centre := place.centre()):
                painter.setPen(QPen(self.theme.type_colour(place.pin.type), 2))
                painter.drawEllipse(centre, 10.5, 10.5)
        hot = self.hot_port
        if hot is not None and hot.hovered and hot.scene():
            wired = any(each.connected_pipes for each in sharing(hot))
            port(painter, self.theme, lead(hot).pin, hot.centre(), wired, radius=7)

    def _shot(self, card: Card, zoom: float, ratio: float) -> tuple[QPixmap, float]:
        """The node's pixmap and the zoom it was made for."""
        had = self._shots.get(card)
        rough = self.zooming or self.sharpening  # a stretched one will do
        if had and had[0] == card.revision and (rough or had[1] == zoom):
            self._shots.move_to_end(card)
            return had[2], had[1]
        return self._take(card, zoom, ratio), zoom

    def _take(self, card: Card, zoom: float, ratio: float) -> QPixmap:
        """Paint the node's pixmap, and keep it while there is room."""
        had = self._shots.get(card)
        shot = picture(self.theme, card.look, zoom, ratio)
        if had:
            self._bytes -= _bytes(had[2])
        self._shots[card] = (card.revision, zoom, shot)
        self._shots.move_to_end(card)
        self._bytes += _bytes(shot)
        while self._bytes > BUDGET and len(self._shots) > 1:
            self._bytes -= _bytes(self._shots.popitem(last=False)[1][2])
        return shot

    def drop(self, card: Card) -> None:
        """The node is gone."""
        if had := self._shots.pop(card, None):
            self._bytes -= _bytes(had[2])

    # Wires

    def _draw_wires(self, painter: Painter, pipes: list[Pipe], zoom: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        casing = _round_pen(self.theme.colour("canvas"), 2 + 3.5)
        groups: dict[tuple[str, bool], list[Pipe]] = defaultdict(list)
        for pipe in pipes:
            groups[pipe.type, pipe.strong].append(pipe)
        for type, strong in sorted(groups, key=lambda group: group[::-1]):
            width = 3.0 if strong else 2.0
            pen = _round_pen(self.theme.type_colour(type), width)
            if width * zoom <= 1:  # Qt draws lines of one screen pixel many times faster
                pen = QPen(self.theme.type_colour(type), 1)
                pen.setCosmetic(True)
            for pipe in groups[type, strong]:
                path = pipe.path()
                if zoom >= CASING:
                    painter.setPen(casing)
                    painter.drawPath(path)
                painter.setPen(pen)
                painter.drawPath(path)

    def _offered(self, place: Port) -> bool:
        return bool(place.scene()) and not place.connected_pipes and not self.fitting

    def _draw_pending(self, painter: Painter, start: Port, at: QPointF) -> None:
        ends = (start.centre(), at)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_round_pen(self.theme.type_colour(start.pin.type), 2.5))
        painter.drawPath(curve(*(ends if start.pin.out else ends[::-1])))

    def _draw_glow(self, painter: Painter, path: QPainterPath) -> None:
        """The wire to drop on, above the node that is dragged over it."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        halo = self.theme.colour("hand")
        halo.setAlphaF(0.25)
        for pen in (_round_pen(halo, 12), _round_pen(self.theme.colour("hand"), 3.5)):
            painter.setPen(pen)
            painter.drawPath(path)


def _within(rect: QRectF, things: Iterable[Thing]) -> list[Thing]:
    """Those that show in a part of the scene."""
    left, top, right, bottom = rect.left(), rect.top(), rect.right(), rect.bottom()
    return [
        thing
        for thing in things
        if (span := thing.span)[0] < right and span[2] > left and span[1] < bottom and span[3] > top
    ]


def _round_pen(colour: QColor, width: float) -> QPen:
    return QPen(
        colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    )


def _bytes(shot: QPixmap) -> int:
    return shot.width() * shot.height() * 4
