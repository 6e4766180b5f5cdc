"""The list of choices that opens below a row."""

from __future__ import annotations

from math import ceil
from typing import TypeAlias

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from nodeforge.app.theme import Theme

CHOICE, BESIDE = 26, 10  # px: the height of a choice, and what is at its sides
Index: TypeAlias = QModelIndex | QPersistentModelIndex


class Listed(QStyledItemDelegate):
    """Choices in letters that do not grow with the zoom, as those of their row do."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self.theme, self.font = theme, theme.font("menu")

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.colour("handFill"))
            painter.drawRoundedRect(option.rect.adjusted(2, 1, -2, -1), 4, 4)
        painter.setPen(self.theme.colour("onHandFill" if chosen else "text"))
        painter.setFont(self.font)
        room = option.rect.adjusted(BESIDE, 0, -BESIDE, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, str(index.data()))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        wide = QFontMetricsF(self.font).horizontalAdvance(str(index.data()))
        return QSize(ceil(wide) + 2 * BESIDE, CHOICE)
