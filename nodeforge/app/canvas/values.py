"""The values on a node: rows with a bar, and the text of a prompt."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from nodeforge.app.canvas.face import INSET, LINE, PADDING, WIDTH, Face, Row, metrics, wrapped
from nodeforge.app.theme import TOKENS, Theme

EDGED = 0.76  # of a range: from here the value stands where a bar's edge would be
FAR_LINE = float(TOKENS["type"]["nodeTextFar"][1])  # of a prompt that is read from far away
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


def paint(painter: QPainter, theme: Theme, face: Face, words: bool) -> None:
    """words: with labels and values, which are too small to read from far away; a prompt is
    written larger there."""
    for row in face.rows:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("nodeField"))
        painter.drawRoundedRect(row.box, 4, 4)
        if row.fill:
            _bar(painter, theme, row)
        if words:
            _value(painter, theme, row)
    _text(painter, theme, face, words)


def _bar(painter: QPainter, theme: Theme, row: Row) -> None:
    """How far in its range the value lies: in blue where a hand has changed it."""
    box, part = row.box, row.fill or 0.0
    painter.save()
    painter.setClipRect(QRectF(box.x(), box.y(), box.width() * part, box.height()))
    painter.setBrush(theme.colour("fillChanged" if row.changed else "fillRest"))
    painter.drawRoundedRect(box, 4, 4)
    if row.changed and part < EDGED:
        x = box.x() + box.width() * part
        painter.fillRect(QRectF(x - 1.5, box.y(), 1.5, box.height()), theme.colour("hand"))
    painter.restore()


def _value(painter: QPainter, theme: Theme, row: Row) -> None:
    role = "nodeValueChanged" if row.changed else "nodeValue"
    inner, measure = row.box.adjusted(PADDING, 0, -PADDING, 0), metrics(role)
    value = measure.elidedText(row.value, Qt.TextElideMode.ElideMiddle, inner.width() - 40)
    room = inner.width() - measure.horizontalAdvance(value) - 8
    painter.setFont(theme.font("nodeLabel"))
    painter.setPen(theme.colour("text2" if row.changed else "text3"))
    label = metrics("nodeLabel").elidedText(row.label, Qt.TextElideMode.ElideRight, room)
    painter.drawText(inner, LEFT, label)
    painter.setFont(theme.font(role))
    painter.setPen(theme.colour("text"))
    painter.drawText(inner, RIGHT, value)


def _text(painter: QPainter, theme: Theme, face: Face, words: bool) -> None:
    lines, line = face.lines, LINE
    if not lines:
        return
    top, height = face.text_box
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("nodeField"))
    box = QRectF(INSET, top, WIDTH - 2 * INSET, height)
    painter.drawRoundedRect(box, 4, 4)
    role = "nodeText" if words else "nodeTextFar"
    if not words:
        line = FAR_LINE
        whole, room = " ".join(lines), box.width() - 2 * PADDING
        lines = wrapped(whole, room, int(height // FAR_LINE), role)
    painter.setFont(theme.font(role))
    painter.setPen(theme.colour("text" if face.known else "text2"))
    start = top + (6 if words else (height - line * int(height // line)) / 2)
    for number, each in enumerate(lines):
        place = QRectF(INSET + PADDING, start + line * number, WIDTH - 2 * INSET - PADDING, line)
        painter.drawText(place, LEFT, each)
