"""The badge at the right of a node's title: how it stands, in a sign and a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from nodeforge.app.canvas.face import WIDTH, metrics
from nodeforge.app.theme import Theme, icon
from nodeforge.app.words import tr

if TYPE_CHECKING:
    from nodeforge.app.canvas.paint import Look

LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
ORDINALS = {1: "next", 2: "2nd", 3: "3rd"}


def said(look: Look) -> tuple[str, str, str]:
    """Icon, words and colour of the badge; no colour where there is none."""
    state = look.state
    if look.face.muted:
        return "eye-off", tr("muted"), "idle"
    seconds = f"{state.seconds:.1f} s" if state.seconds >= 0.1 else ""
    match state.phase:
        case "cached":
            return "check", seconds, "ok"
        case "will run":
            return "flame", seconds, "warn"
        case "queued":
            return "clock", ORDINALS.get(state.place, f"{state.place}th"), "idle"
        case "running":
            return "", f"{state.fraction:.0%}".replace("%", "\u2009%"), "heat"
        case "error":
            return "triangle-alert", tr("1 problem"), "error"
        case "missing":
            lacks = ("ban", tr("not ready"), "warn")
            return lacks if state.fixes else ("ban", tr("blocked"), "error")
    return "", "", ""


def paint(painter: QPainter, theme: Theme, look: Look, ratio: float) -> float:
    """Returns where it begins, so that the title can end before it."""
    image, words, colour = said(look)
    if not colour:
        return WIDTH
    failed = look.phase == "error"
    ink = theme.colour("heatText" if colour == "heat" else colour)
    ground = theme.tint(colour)
    if failed:
        ink, ground = theme.colour("onErrorHeader"), QColor(255, 255, 255, 46)
    title = metrics("nodeTitle").horizontalAdvance(look.face.title)
    width = _width(image, words)
    if colour == "ok" and WIDTH - 7 - width - 36 < title:  # the name is worth more than the time
        words = ""
        width = _width(image, words)
    box = QRectF(WIDTH - 7 - width, 6.5, width, 17)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(box, 5, 5)
    x = box.x() + 6
    if image:
        picture = icon(image, ink, 11, ratio)
        painter.drawPixmap(QRectF(x, box.y() + 3, 11, 11), picture, QRectF(picture.rect()))
        x += 15
    if words:
        painter.setFont(theme.font("badge"))
        painter.setPen(ink)
        painter.drawText(QRectF(x, box.y(), width, 17), LEFT, words)
    return box.x()


def _width(image: str, words: str) -> float:
    width = 12.0 + (11 if image else 0) + (4 if image and words else 0)
    return width + (metrics("badge").horizontalAdvance(words) if words else 0)
