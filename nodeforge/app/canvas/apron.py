"""What hangs below a node that cannot run: one sentence, and up to two buttons that mend it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from nodeforge.app.canvas.face import LINE, WIDTH, metrics, wrapped
from nodeforge.app.canvas.stack import RADIUS
from nodeforge.app.theme import Theme, mix
from nodeforge.app.words import tr

PAD, HIGH, GAP = 10.0, 24.0, 6.0  # around the words; of a button; between two


def lines(message: str) -> tuple[str, ...]:
    return wrapped(message or tr("It failed."), WIDTH - 2 * PAD, 6)


def height(said: tuple[str, ...], fixes: tuple[str, ...]) -> float:
    if not said:
        return 0.0
    below = [box.bottom() for box in _boxes(fixes)]
    return 2 * PAD + LINE * len(said) + (max(below) + 8 if below else 0.0)


def buttons(top: float, said: tuple[str, ...], fixes: tuple[str, ...]) -> list[QRectF]:
    """Where they lie on the node. top: where the apron begins."""
    under = top + PAD + LINE * len(said) + 8
    return [box.translated(PAD, under) for box in _boxes(fixes)]


def _boxes(fixes: tuple[str, ...]) -> list[QRectF]:
    """Side by side if there is room, else one below the other."""
    room = WIDTH - 2 * PAD
    wide = [min(metrics("strong").horizontalAdvance(each) + 20, room) for each in fixes]
    if sum(wide) + GAP * (len(wide) - 1) <= room:
        lefts = [sum(wide[:number]) + GAP * number for number in range(len(wide))]
        return [QRectF(x, 0, w, HIGH) for x, w in zip(lefts, wide, strict=True)]
    return [QRectF(0, (HIGH + GAP) * number, room, HIGH) for number in range(len(wide))]


def paint(
    painter: QPainter,
    theme: Theme,
    box: QRectF,
    top: float,
    said: tuple[str, ...],
    fixes: tuple[str, ...],
    failed: bool,
) -> None:
    """box: the whole node, whose corners the apron shares. failed: red; calm where it only lacks
    something."""
    body = (
        theme.colour("errorBody")
        if failed
        else mix(theme.colour("raised"), theme.colour("needs"), 0.1)
    )
    ink = theme.colour("onErrorBody" if failed else "text")
    main = theme.colour("errorHeader") if failed else mix(body, ink, 0.14)
    on_main = theme.colour("onErrorHeader") if failed else ink
    clip = QPainterPath()
    clip.addRoundedRect(box, RADIUS, RADIUS)
    painter.save()
    painter.setClipPath(clip)
    painter.fillRect(QRectF(0, top, WIDTH, box.height() - top), body)
    painter.restore()
    painter.setPen(ink)
    painter.setFont(theme.font("body"))
    left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    for number, line in enumerate(said):
        row = QRectF(PAD, top + PAD + LINE * number, WIDTH - 2 * PAD, LINE)
        painter.drawText(row, left, line)
    painter.setFont(theme.font("strong"))
    for number, (label, place) in enumerate(zip(fixes, buttons(top, said, fixes), strict=True)):
        first = number == 0
        ground = main if first else body
        edge = mix(ground, ink, 0.0 if first else 0.35)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(on_main if first else ink)
        words = metrics("strong").elidedText(label, Qt.TextElideMode.ElideRight, place.width() - 12)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
