"""How a prompt is marked in its editor: weights in blue, comments dim, faults underlined."""

from __future__ import annotations

from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextEdit

from nodeforge.app.theme import Theme
from nodeforge.graph.wording import wording

Mark = QTextEdit.ExtraSelection


def place_in(text: str, position: int) -> int:
    """Qt counts UTF-16 units, Python characters."""
    return len(text.encode("utf-16-le")[: 2 * position].decode("utf-16-le", "ignore"))


def position_of(text: str, place: int) -> int:
    return len(text[:place].encode("utf-16-le")) // 2


def marks(document: QTextDocument, theme: Theme) -> list[Mark]:
    text = document.toPlainText()
    read = wording(text)

    def mark(start: int, end: int, look: QTextCharFormat) -> Mark:
        found = Mark()
        cursor = QTextCursor(document)
        cursor.setPosition(position_of(text, start))
        cursor.setPosition(position_of(text, end), QTextCursor.MoveMode.KeepAnchor)
        found.cursor = cursor
        found.format = look
        return found

    weight, comment, fault = QTextCharFormat(), QTextCharFormat(), QTextCharFormat()
    weight.setForeground(theme.colour("hand"))
    weight.setBackground(theme.colour("handTint"))
    weight.setFontWeight(theme.font("changed").weight())
    comment.setForeground(theme.colour("text3"))
    fault.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
    fault.setUnderlineColor(theme.colour("error"))
    fault.setForeground(theme.colour("error"))
    return [
        *(mark(each.start, each.end, weight) for each in read.brackets),
        *(mark(each.start, each.end, comment) for each in read.comments),
        *(mark(each.start, each.end, fault) for each in read.faults),
    ]
