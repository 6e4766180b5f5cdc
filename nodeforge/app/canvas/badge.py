"""The badge at the right of a node's title: how it stands, in a sign and a word.

A made node has a check and no ground, drawn apart from the node, since it fades: see `fading`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from nodeforge.app.canvas.face import HEADER, WIDTH, metrics
from nodeforge.app.state import RunState
from nodeforge.app.theme import TOKENS, Theme, icon
from nodeforge.app.words import tr
from nodeforge.base import units

if TYPE_CHECKING:
    from nodeforge.app.canvas.paint import Look

LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
ORDINALS = {1: "next", 2: "2nd", 3: "3rd"}
HIGH, SIDE, PAD = 18.0, 7.0, 6.0  # of a badge; from the node's right edge; around its words
WILL, MADE = TOKENS["states"]["will"], TOKENS["states"]["made"]
DOT, CHECK = float(WILL["dot"]), float(MADE["icon"])
FRESH, FADED = float(MADE["opacity"]), float(MADE["allMadeOpacity"])
# By style: the tokens of the ground and the words, and the font.
STYLES = {
    "quiet": ("badgeGround", "badgeText", "badge"),
    "needs": ("needsTint", "needs", "badgeStrong"),
    "heat": ("badgeGroundStrong", "heatText", "badgeStrong"),
    "blocked": ("badgeGroundStrong", "error", "badgeStrong"),
    "error": ("", "onErrorHeader", "badgeStrong"),
}


def said(look: Look) -> tuple[str, str, str]:
    """Icon ("dot" is a hollow one), words and style of the badge; no style where there is none."""
    state = look.state
    if look.face.muted:
        return "eye-off", tr("muted"), "quiet"
    match state.phase:
        case "cached":
            return "check", "", "made"
        case "will run":
            return "dot", units.duration(state.seconds) if state.seconds >= 0.1 else "", "quiet"
        case "queued":
            return "clock", ORDINALS.get(state.place, f"{state.place}th"), "quiet"
        case "running":
            return "", _going(state), "heat"
        case "error":
            return "triangle-alert", tr("1 problem"), "error"
        case "missing":
            lacks = state.fixes or state.at_fault
            return ("", _lack(look), "needs") if lacks else ("ban", tr("blocked"), "blocked")
    return "", "", ""


def _going(state: RunState) -> str:
    """How far it is, or the first word of what it does: there is no room for more."""
    if state.steps and not state.doing:
        return f"{state.fraction:.0%}".replace("%", "\u2009%")
    first = tr(state.doing).partition(" ")[0].lower() if state.doing else ""
    return f"{first}…" if first else tr("running")


def _lack(look: Look) -> str:
    """What only the artist can give it."""
    if not look.face.known:
        return tr("not installed")
    lacking = [pin for pin in look.face.pins if look.needs(pin)]
    if len(lacking) != 1:
        return tr("needs you")
    word = lacking[0].label
    return tr("needs an {}" if word[:1] in "aeiou" else "needs a {}").format(word)


def check_box() -> QRectF:
    """Where the check of a made node lies on it."""
    return QRectF(WIDTH - SIDE - PAD - CHECK, (HEADER - 1 - CHECK) / 2, CHECK, CHECK)


def paint(painter: QPainter, theme: Theme, look: Look, ratio: float) -> float:
    """Returns where it begins, so that the title can end before it."""
    image, words, style = said(look)
    if style == "made":
        return check_box().left() - 2
    if not style:
        return WIDTH
    ground, ink, role = STYLES[style]
    title = metrics("nodeTitle").horizontalAdvance(look.face.title)
    if WIDTH - SIDE - _width(image, words, role) - 36 < title:  # the name is worth more
        words = tr("needs you") if style == "needs" else "" if image == "dot" else words
    width = _width(image, words, role)
    box = QRectF(WIDTH - SIDE - width, (HEADER - HIGH) / 2, width, HIGH)
    painter.setPen(Qt.PenStyle.NoPen)
    for colour in _grounds(theme, style, ground):
        painter.setBrush(colour)
        painter.drawRoundedRect(box, 5, 5)
    x = box.x() + PAD
    if image == "dot":
        paint_dot(painter, theme.colour(ink), QPointF(x + DOT / 2, box.center().y()))
        x += DOT + 4
    elif image:
        picture = icon(image, theme.colour(ink), 11, ratio)
        painter.drawPixmap(QRectF(x, box.y() + 3.5, 11, 11), picture, QRectF(picture.rect()))
        x += 15
    if words:
        painter.setFont(theme.font(role))
        painter.setPen(theme.colour(ink))
        painter.drawText(QRectF(x, box.y(), width, HIGH), LEFT, words)
    return box.x()


def paint_dot(painter: QPainter, ink: QColor, centre: QPointF) -> None:
    """The sign of what will run: hollow, for it is still to be filled."""
    painter.setPen(QPen(ink, float(WILL["stroke"])))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(centre, DOT / 2 - 0.75, DOT / 2 - 0.75)


def _grounds(theme: Theme, style: str, token: str) -> tuple[QColor, ...]:
    """One upon another. The tint of what needs the artist is too weak for a coloured header."""
    if style == "error":
        return (QColor(255, 255, 255, 46),)
    if style == "heat" and not theme.dark:
        return (theme.tint("heat"),)
    tint = theme.colour(token)
    return (theme.colour("badgeGroundStrong"), tint) if style == "needs" else (tint,)


def _width(image: str, words: str, role: str) -> float:
    sign = DOT if image == "dot" else 11.0 if image else 0.0
    width = 2 * PAD + sign + (4 if image and words else 0)
    return width + (metrics(role).horizontalAdvance(words) if words else 0)
