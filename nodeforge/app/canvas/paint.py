"""Paints one node: a Face in a RunState, at full detail and without asking any widget."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPainterPath, QPen, QPixmap

from nodeforge.app.canvas import apron, badge, values
from nodeforge.app.canvas.dot import paint_dot
from nodeforge.app.canvas.face import HEADER, WIDTH, Face, Pin, metrics
from nodeforge.app.canvas.stack import RADIUS, stack
from nodeforge.app.canvas.tints import tint_colour
from nodeforge.app.state import Phase, RunState
from nodeforge.app.theme import TOKENS, Theme, icon, mix, shape
from nodeforge.app.words import tr

MARGIN = 14.0  # around the body, for shadow, ring and ports
FAINT = 0.42  # of what a muted node holds
WORDS = float(TOKENS["node"]["lod"]["full"])  # device pixels to one of the node: from here, labels
TINT = TOKENS["node"]["headerTint"]
OWN = 0.34  # of a colour the artist gave, in the header
BLACK = QColor(0, 0, 0, 64)
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True)
class Look:
    """All that one node's picture depends on. wired: the names of the inputs and (out:) outputs."""

    face: Face
    state: RunState
    selected: bool = False
    wired: frozenset[str] = frozenset()

    @property
    def fixes(self) -> tuple[str, ...]:
        """The buttons of what would mend it."""
        return self.state.fixes

    def needs(self, pin: Pin) -> bool:
        """Whether it cannot run until a wire comes in here."""
        free = key(pin) not in self.wired and not pin.out and not pin.optional
        return free and not self.face.muted

    @property
    def phase(self) -> Phase:
        """What is muted neither runs nor fails."""
        return "idle" if self.face.muted or self.face.dot else self.state.phase

    @property
    def pictured(self) -> bool:
        return self.state.thumb is not None and not (self.face.folded or self.face.dot)

    @property
    def apron(self) -> tuple[str, ...]:
        """The sentence under a node that failed, or that can be mended, in lines."""
        if self.phase == "error" or (self.phase == "missing" and self.fixes):
            return apron.lines(self.state.message)
        return ()

    @property
    def box(self) -> QRectF:
        """The body and what hangs below it."""
        height = self.face.height(self.pictured) + apron.height(self.apron, self.fixes)
        return QRectF(0, 0, self.face.body if self.face.dot else WIDTH, height)

    @property
    def room(self) -> QRectF:
        """The box, with the picture that a run would put on it."""
        grow = 0.0 if self.pictured or not self.face.shows else self.face.height(True)
        return self.box.adjusted(0, 0, 0, grow and grow - self.face.body)

    def fix_at(self, at: QPointF) -> str:
        """The button at a place on the node, or nothing."""
        boxes = apron.buttons(self.face.height(self.pictured), self.apron, self.fixes)
        pairs = zip(self.fixes, boxes, strict=True) if self.apron else ()
        return next((label for label, box in pairs if box.contains(at)), "")


def key(pin: Pin) -> str:
    return f"out:{pin.name}" if pin.out else pin.name


def header_colour(theme: Theme, type: str, failed: bool, own: str = "") -> QColor:
    """The colour a node wears: its own or what it makes (nothing: grey), or that it failed."""
    if failed:
        return theme.colour("errorHeader")
    if tint := tint_colour(theme, own):
        return tint
    return theme.type_colour(type) if type else theme.colour("idle")


def header_ground(theme: Theme, colour: QColor, own: bool = False) -> QColor:
    """What a title stands on. own: the artist gave the colour."""
    return mix(theme.colour("raised"), colour, OWN if own else float(TINT[theme.name]))


def paint(
    painter: QPainter, theme: Theme, look: Look, ratio: float = 1.0, words: bool = True
) -> None:
    """At (0, 0), in a painter scaled to the zoom. ratio: device pixels to one pixel of the node.

    words: with labels and values, which are too small to read from far away.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    box = look.box
    if look.face.dot:
        paint_dot(painter, theme, look.face.type, look.selected)
        return
    _ground(painter, theme, look, box)
    _header(painter, theme, look, ratio)
    painter.save()
    if look.face.muted:
        painter.setOpacity(FAINT)
    values.paint(painter, theme, look.face, words)
    painter.restore()
    _picture(painter, theme, look)
    if said := look.apron:
        top, failed = look.face.height(look.pictured), look.phase == "error"
        apron.paint(painter, theme, box, top, said, look.fixes, failed)
    _edge(painter, theme, look, box)
    _ports(painter, theme, look, words)


def _ground(painter: QPainter, theme: Theme, look: Look, box: QRectF) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    shadow = theme.colour("shadow")
    shadow.setAlphaF(shadow.alphaF() / (5 if theme.dark else 9))
    painter.setBrush(shadow)
    for step in range(5):
        grow = 1 + step * 1.8
        painter.drawRoundedRect(
            box.adjusted(-grow, 3 - grow, grow, 3 + grow), RADIUS + grow, RADIUS + grow
        )
    if look.phase == "running":
        for grow, part in ((5.0, 0.07), (3.0, 0.16)):
            halo = theme.colour("heat")
            halo.setAlphaF(part)
            painter.setBrush(halo)
            painter.drawRoundedRect(
                box.adjusted(-grow, -grow, grow, grow), RADIUS + grow, RADIUS + grow
            )
    if look.selected:
        painter.setBrush(theme.colour("canvas"))
        painter.setPen(QPen(theme.colour("hand"), 2))
        painter.drawRoundedRect(box.adjusted(-4, -4, 4, 4), RADIUS + 4, RADIUS + 4)
        painter.setPen(Qt.PenStyle.NoPen)
    if look.face.stack:
        stack(painter, theme, box)
    painter.setBrush(theme.colour("raised"))
    painter.drawRoundedRect(box, RADIUS, RADIUS)


def _header(painter: QPainter, theme: Theme, look: Look, ratio: float) -> None:
    failed = look.phase == "error"
    colour = header_colour(theme, look.face.type, failed, look.face.colour)
    tint = colour if failed else header_ground(theme, colour, bool(look.face.colour))
    if look.face.folded:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint)
        painter.drawRoundedRect(QRectF(0, 0, WIDTH, HEADER), RADIUS, RADIUS)
    top = QPainterPath()
    top.moveTo(0, HEADER)
    top.lineTo(0, RADIUS)
    top.arcTo(0, 0, 2 * RADIUS, 2 * RADIUS, 180, -90)
    top.lineTo(WIDTH - RADIUS, 0)
    top.arcTo(WIDTH - 2 * RADIUS, 0, 2 * RADIUS, 2 * RADIUS, 90, -90)
    top.lineTo(WIDTH, HEADER)
    top.closeSubpath()
    if not look.face.folded:
        painter.fillPath(top, tint)
        line = QColor(BLACK)
        if not theme.dark:
            line.setAlphaF(0.1)
        painter.fillRect(QRectF(0, HEADER - 1, WIDTH, 1), line)
    if look.phase == "running":
        _progress(painter, theme, look.state.fraction)
    left = badge.paint(painter, theme, look, ratio)
    painter.save()
    if look.face.muted:
        painter.setOpacity(FAINT)
    ink = theme.colour("onErrorHeader" if failed else "text")
    image = icon(look.face.icon, theme.colour("onErrorHeader") if failed else colour, 14, ratio)
    painter.drawPixmap(QRectF(9, 8, 14, 14), image, QRectF(image.rect()))
    painter.setFont(theme.font("nodeTitle"))
    painter.setPen(ink)
    room = left - 36
    title = metrics("nodeTitle").elidedText(look.face.title, Qt.TextElideMode.ElideRight, room)
    painter.drawText(QRectF(30, 0, room + 4, HEADER - 1), LEFT, title)
    painter.restore()


def _progress(painter: QPainter, theme: Theme, fraction: float) -> None:
    painter.fillRect(QRectF(0, HEADER, WIDTH, 3), theme.colour("field"))
    heat = QLinearGradient(0, 0, WIDTH, 0)
    heat.setColorAt(0, theme.colour("heat"))
    heat.setColorAt(1, theme.colour("heatEnd"))
    painter.fillRect(QRectF(0, HEADER, WIDTH * fraction, 3), QBrush(heat))


def _picture(painter: QPainter, theme: Theme, look: Look) -> None:
    thumb = look.state.thumb
    if thumb is None or look.face.folded:
        return
    box = look.face.picture
    clip = QPainterPath()
    clip.addRoundedRect(box, 4, 4)
    painter.save()
    painter.setClipPath(clip)
    painter.fillRect(box, theme.colour("nodeField"))
    if look.face.muted:
        painter.setOpacity(FAINT)
    grow = max(box.width() / thumb.width(), box.height() / thumb.height())
    width, height = box.width() / grow, box.height() / grow
    part = QRectF((thumb.width() - width) / 2, (thumb.height() - height) / 2, width, height)
    painter.drawImage(box, thumb, part)
    painter.restore()
    note = ""
    if look.state.phase == "running" and look.state.steps:
        note = f"{look.state.step} / {look.state.steps}"
    elif look.state.stale:
        note = tr("before this edit")
    elif look.state.count > 1:
        note = tr("1 of {}").format(look.state.count)
    if note:
        wide = metrics("badge").horizontalAdvance(note) + 12
        hud = QRectF(box.right() - wide - 5, box.bottom() - 22, wide, 17)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("hud"))
        painter.drawRoundedRect(hud, 4, 4)
        painter.setPen(QColor("#ECEDF0"))
        painter.setFont(theme.font("badge"))
        painter.drawText(hud, Qt.AlignmentFlag.AlignCenter, note)


def _edge(painter: QPainter, theme: Theme, look: Look, box: QRectF) -> None:
    pen = QPen(theme.colour("lineStrong"), 1)
    if look.phase in ("running", "error"):
        colour = "heat" if look.phase == "running" else "error"
        pen = QPen(theme.colour(colour), 1.5)
    elif look.face.rail or not look.face.known:
        pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inset = pen.widthF() / 2
    painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)


def _ports(painter: QPainter, theme: Theme, look: Look, words: bool) -> None:
    face = look.face
    for entry, out in face.through:
        pen = QPen(theme.type_colour(out.type), 2)
        pen.setDashPattern([2.5, 2.5])
        painter.setPen(pen)
        painter.drawLine(QPointF(entry.x, entry.y), QPointF(out.x, out.y))
    if words and not face.muted and not face.folded:
        painter.setFont(theme.font("nodeLabel"))
        painter.setPen(theme.colour("text2"))
        beside = {row.name for row in face.rows if row.wide}  # they name themselves
        for pin in (pin for pin in face.pins if pin.out or pin.name not in beside):
            box = QRectF(14, pin.y - 10, WIDTH - 28, 20)
            painter.drawText(box, RIGHT if pin.out else LEFT, pin.label)
    pins = {pin.out: pin for pin in reversed(face.pins)}.values() if face.folded else face.pins
    for pin in pins:
        wired = key(pin) in look.wired or (face.folded and _any_wired(look, pin.out))
        needed = look.needs(pin) and not wired
        port(painter, theme, pin, QPointF(pin.x, pin.y), wired, needed)


def _any_wired(look: Look, out: bool) -> bool:
    return any(pin.out == out and key(pin) in look.wired for pin in look.face.pins)


def port(
    painter: QPainter,
    theme: Theme,
    pin: Pin,
    at: QPointF,
    wired: bool,
    needed: bool = False,
    radius: float = 5.5,
) -> None:
    """One port: filled where a wire hangs on it, hollow where none does, a halo where it must."""
    outline = shape(pin.type, radius, pin.many)
    colour = theme.type_colour(pin.type)
    painter.save()
    painter.translate(at)
    ring = QPen(theme.colour("canvas"), 6)
    ring.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(ring)
    painter.setBrush(theme.colour("canvas"))
    painter.drawPath(outline)
    if needed:
        painter.setPen(QPen(theme.colour("needs"), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(), radius + 4, radius + 4)
    pen = QPen(colour, 1.2 if wired else 1.8)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(colour if wired else theme.colour("raised"))
    painter.drawPath(outline)
    painter.restore()


def pin_picture(theme: Theme, pin: Pin) -> QPixmap:
    """A port as a menu shows it, 16 px."""
    result = QPixmap(16, 16)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.type_colour(pin.type))
    painter.translate(8, 8)
    painter.drawPath(shape(pin.type, 5.5, pin.many))
    painter.end()
    return result


def picture(theme: Theme, look: Look, scale: float, ratio: float) -> QPixmap:
    """The node with its margin as a pixmap. scale: the zoom; ratio: the screen's pixel ratio."""
    box = look.box.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
    size = (box.size() * scale * ratio).toSize()
    result = QPixmap(max(1, size.width() + 1), max(1, size.height() + 1))
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.scale(scale * ratio, scale * ratio)
    painter.translate(MARGIN, MARGIN)
    sharp = max(1.0, round(scale * ratio * 4) / 4)
    paint(painter, theme, look, sharp, words=scale * ratio >= WORDS)
    painter.end()
    result.setDevicePixelRatio(ratio)
    return result
