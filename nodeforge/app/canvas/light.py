"""What the next run would do, lit on the canvas: kept, made anew, or blocked and why.

Each has its colour and its line: kept is thin, made anew is thick, blocked is dotted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QTransform

from nodeforge.app.canvas.face import LINE, metrics, wrapped
from nodeforge.app.canvas.items import Card, Pipe, lead, sharing
from nodeforge.app.canvas.paint import port as draw_port
from nodeforge.app.canvas.stack import RADIUS
from nodeforge.app.state import Phase
from nodeforge.app.theme import Theme, icon

Fate: TypeAlias = Literal["kept", "made", "blocked"]
FATES: dict[Phase, Fate] = {
    "cached": "kept",
    "will run": "made",
    "error": "blocked",
    "missing": "blocked",
}
COLOURS: dict[Fate, str] = {"kept": "ok", "made": "heat", "blocked": "error"}
SIGNS: dict[Fate, str] = {"kept": "check", "made": "circle-small", "blocked": "ban"}
WIDTHS: dict[Fate, float] = {"kept": 2.0, "made": 3.5, "blocked": 3.0}
SIGN = 18.0  # screen pixels: the sign of a node too small for its badge
FAR = 0.55  # the zoom below which badges are not read
WIDE, PAD = 260.0, 8.0  # of the box with a reason


def fate(card: Card) -> Fate | None:
    """None where no run was planned, or the node has no part in it."""
    return FATES.get(card.look.phase)


def carried(pipe: Pipe) -> Fate | None:
    """What comes by a wire: blocked if it cannot be used, else as what gives it."""
    if fate(pipe.taker) == "blocked":
        return "blocked"
    giver, passed = pipe.giver, set[Card]()
    while (giver.look.face.dot or giver.look.face.muted) and giver not in passed:
        passed.add(giver)  # a bend, or muted: what comes in passes through
        into = (each for port in giver.entries for each in port.connected_pipes)
        before = next((each for each in into if each.type == pipe.type), None)
        giver = before.giver if before else giver
    return fate(giver)


def draw(
    painter: QPainter,
    theme: Theme,
    pipes: Iterable[Pipe],
    cards: Iterable[Card],
    to: QTransform,
    room: float,
) -> None:
    """cards: those in view. to: scene to viewport. room: the viewport's width."""
    shown = [card for card in cards if not card.look.face.dot]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.save()
    painter.setClipPath(_between(shown), Qt.ClipOperation.IntersectClip)
    _wires(painter, theme, pipes)
    painter.restore()
    lit = [(card, comes) for card in shown if (comes := fate(card))]
    for card, comes in lit:
        painter.setPen(_pen(theme, comes))
        painter.drawRoundedRect(card.box.adjusted(-2, -2, 2, 2), RADIUS + 2, RADIUS + 2)
    if to.m11() >= FAR:
        _ports(painter, theme, shown)
    painter.resetTransform()
    for card, comes in lit:
        _say(painter, theme, card, comes, to, room)
    painter.restore()


def _wires(painter: QPainter, theme: Theme, pipes: Iterable[Pipe]) -> None:
    for pipe in pipes:
        if comes := carried(pipe):
            if comes == "blocked":  # no other colour between the dots
                ground = QPen(theme.colour("canvas"), WIDTHS[comes] + 1)
                ground.setCosmetic(True)
                painter.setPen(ground)
                painter.drawPath(pipe.path())
            painter.setPen(_pen(theme, comes))
            painter.drawPath(pipe.path())


def _ports(painter: QPainter, theme: Theme, cards: Iterable[Card]) -> None:
    """Above the lines, which end at them."""
    for card in cards:
        for place in dict.fromkeys(map(lead, card.ports.values())):
            wired = any(each.connected_pipes for each in sharing(place))
            draw_port(painter, theme, place.pin, place.centre(), wired)


def _between(cards: Iterable[Card]) -> QPainterPath:
    """All but the nodes, below which wires pass."""
    whole, nodes = QPainterPath(), QPainterPath()
    whole.addRect(QRectF(-1e6, -1e6, 2e6, 2e6))
    for card in cards:
        nodes.addRect(card.box)
    return whole.subtracted(nodes)


def _pen(theme: Theme, comes: Fate) -> QPen:
    pen = QPen(theme.colour(COLOURS[comes]), WIDTHS[comes])
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setCosmetic(True)
    if comes == "blocked":
        pen.setDashPattern([0.1, 2.4])
    return pen


def _say(
    painter: QPainter, theme: Theme, card: Card, comes: Fate, to: QTransform, room: float
) -> None:
    """The sign where the badge cannot be read, and the reason where it is not on the node."""
    corner = to.map(card.box.topRight())
    if to.m11() < FAR:
        box = QRectF(corner.x() - SIGN * 0.6, corner.y() - SIGN * 0.4, SIGN, SIGN)
        painter.setPen(QPen(theme.colour(COLOURS[comes]), 1))
        painter.setBrush(theme.colour("panel"))
        painter.drawEllipse(box)
        ratio = painter.device().devicePixelRatio()
        image = icon(SIGNS[comes], theme.colour(COLOURS[comes]), 12, ratio)
        painter.drawPixmap(box.adjusted(3, 3, -3, -3), image, QRectF(image.rect()))
    elif comes == "blocked" and not card.look.apron and card.look.state.message:
        _reason(painter, theme, to.map(card.pos()), card.look.state.message, room)


def _reason(painter: QPainter, theme: Theme, corner: QPointF, words: str, room: float) -> None:
    """Above a node, in pixels of the screen."""
    lines = wrapped(words, WIDE, 3)
    wide = max(metrics("body").horizontalAdvance(line) for line in lines) + 2 * PAD + 2
    high = LINE * len(lines) + 2 * PAD - 2
    x = max(min(round(corner.x()), room - wide - 4), 4.0)
    box = QRectF(x, max(round(corner.y()) - high - 8, 4.0), wide, high)
    painter.setPen(QPen(theme.colour("error"), 1))
    painter.setBrush(theme.colour("raised"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
    painter.setFont(theme.font("body"))
    painter.setPen(theme.colour("text"))
    left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    for number, line in enumerate(lines):
        row = QRectF(box.x() + PAD, box.y() + PAD - 1 + LINE * number, wide, LINE)
        painter.drawText(row, left, line)
