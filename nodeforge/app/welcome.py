"""What an empty canvas shows: how to begin, and the templates as cards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from nodeforge.app.canvas.viewer import Viewer
from nodeforge.app.controls import Button
from nodeforge.app.frame.dialog import scrolling
from nodeforge.app.templates import Template, templates
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr

CARD = QSize(208, 206)
ROW = QSize(340, 52)
PICTURE = 150  # px, of the card's height
GAP, EDGE = 14, 24  # px between cards, and around all
MOST = 4  # cards in a row


class TemplateButton(QAbstractButton):
    """Chooses a template, and is named after it."""

    def __init__(self, theme: Theme, template: Template) -> None:
        super().__init__()
        self.theme, self.template = theme, template
        self._picture = QPixmap(str(template.picture))
        self.setText(template.title)
        self.setAccessibleName(f"{template.title}: {template.sentence}")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)


class Card(TemplateButton):
    """A template on the empty canvas: its picture above its title and sentence."""

    def __init__(self, theme: Theme, template: Template) -> None:
        super().__init__(theme, template)
        self.setToolTip(template.sentence)
        self.setFixedSize(CARD)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        colour = self.theme.colour
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        shape = QPainterPath()
        shape.addRoundedRect(box, 8, 8)
        lit = self.underMouse() or self.hasFocus()
        painter.fillPath(shape, colour("hover" if self.underMouse() else "panel"))
        painter.save()
        painter.setClipPath(shape)
        target = QRectF(1, 1, box.width(), PICTURE)
        if not self._picture.isNull():
            painter.drawPixmap(target, self._picture, _middle(self._picture, target))
        else:
            painter.fillRect(target, colour("field"))
        painter.restore()
        painter.setPen(QPen(colour("hand" if lit else "line"), 2 if lit else 1))
        painter.drawPath(shape)
        painter.setFont(self.theme.font("strong"))
        painter.setPen(colour("text"))
        painter.drawText(QRectF(13, PICTURE + 9, box.width() - 26, 18), 0, self.template.title)
        painter.setFont(self.theme.font("caption"))
        painter.setPen(colour("text3"))
        words = painter.fontMetrics().elidedText(
            self.template.sentence, Qt.TextElideMode.ElideRight, int(box.width()) - 26
        )
        painter.drawText(QRectF(13, PICTURE + 28, box.width() - 26, 18), 0, words)


class Row(TemplateButton):
    """A template in a menu: its picture, its title and its sentence."""

    def __init__(self, theme: Theme, template: Template) -> None:
        super().__init__(theme, template)
        self.setFixedSize(ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        lit = self.underMouse() or self.hasFocus()
        if lit:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.colour("handFill"))
            painter.drawRoundedRect(self.rect(), 5, 5)
        target = QRectF(6, 5, 60, 42)
        if not self._picture.isNull():
            painter.drawPixmap(target, self._picture, _middle(self._picture, target))
        x, width = 78, ROW.width() - 88
        painter.setFont(self.theme.font("strong"))
        painter.setPen(self.theme.colour("onHandFill" if lit else "text"))
        painter.drawText(QRectF(x, 8, width, 18), 0, self.template.title)
        painter.setFont(self.theme.font("caption"))
        painter.setPen(self.theme.colour("onHandFill" if lit else "text2"))
        words = painter.fontMetrics().elidedText(
            self.template.sentence, Qt.TextElideMode.ElideRight, width
        )
        painter.drawText(QRectF(x, 27, width, 18), 0, words)


def _middle(picture: QPixmap, target: QRectF) -> QRectF:
    """The largest part of the picture, from its middle, with the target's proportions."""
    scale = min(picture.width() / target.width(), picture.height() / target.height())
    wide, tall = target.width() * scale, target.height() * scale
    return QRectF((picture.width() - wide) / 2, (picture.height() - tall) / 2, wide, tall)


def _carried(
    event: QDropEvent,
) -> tuple[Qt.DropAction, QMimeData, Qt.MouseButton, Qt.KeyboardModifier]:
    return event.possibleActions(), event.mimeData(), event.buttons(), event.modifiers()


class Welcome(QWidget):
    """Lies over the canvas, and lets clicks beside its parts through by being only so large.

    under: the view of the canvas, which gets what is dropped here.
    """

    chosen: Any = Signal(object)  # Path of a template
    opening = Signal()
    recent = Signal()

    def __init__(self, theme: Theme, under: Viewer) -> None:
        super().__init__()
        self.theme, self.under = theme, under
        self.setAcceptDrops(True)
        title = QLabel(tr("Start with a picture in mind"), alignment=Qt.AlignmentFlag.AlignHCenter)
        title.setProperty("role", "title")
        words = QLabel(
            tr("Press Tab to add a node, drag a picture in, or choose a template."),
            alignment=Qt.AlignmentFlag.AlignHCenter,
        )
        words.setProperty("role", "dim")
        self.cards = [Card(theme, template) for template in templates()]
        self.grid = QGridLayout()
        self.grid.setSpacing(GAP)
        for card in self.cards:
            card.clicked.connect(lambda _=False, c=card: self._choose(c.template.file))
        self.open = Button(theme, tr("Open…"), "folder-open", "default")
        self.open.clicked.connect(self.opening)
        self.last = Button(theme, tr("Recent"), "history")
        self.last.clicked.connect(self.recent)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.open)
        buttons.addWidget(self.last)
        buttons.addStretch(1)
        words.setWordWrap(True)
        self.page = QWidget()
        column = QVBoxLayout(self.page)
        column.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        column.setSpacing(0)
        column.addWidget(title)
        column.addSpacing(10)
        column.addWidget(words)
        column.addSpacing(18)
        column.addLayout(buttons)
        column.addSpacing(24)
        column.addLayout(self.grid)
        self.area = scrolling(self.page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.area)
        self.wear(theme)

    def fit(self, width: int) -> QSize:
        """Lay the cards out in rows of equal length for a width in px; returns the size needed."""
        bar = self.area.verticalScrollBar().sizeHint().width()
        room = max(1, min(MOST, (width - bar - 2 * EDGE + GAP) // (CARD.width() + GAP)))
        rows = -(-len(self.cards) // room) or 1
        each = -(-len(self.cards) // rows) or 1
        for number, card in enumerate(self.cards):
            row, column = divmod(number, each)
            self.grid.addWidget(card, row, column, Qt.AlignmentFlag.AlignHCenter)
        layout = self.page.layout()
        assert layout is not None
        layout.activate()
        wide = min(layout.totalSizeHint().width(), width)
        return QSize(
            wide + bar, max(layout.totalHeightForWidth(wide), layout.minimumSize().height())
        )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.dragMoveEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        below = QDragMoveEvent(self._below(event).toPoint(), *_carried(event))
        self.under.dragMoveEvent(below)
        event.setDropAction(below.dropAction())
        event.setAccepted(below.isAccepted())

    def dropEvent(self, event: QDropEvent) -> None:
        below = QDropEvent(self._below(event), *_carried(event))
        self.under.dropEvent(below)
        event.setDropAction(below.dropAction())
        event.setAccepted(below.isAccepted())

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.under.dragLeaveEvent(event)

    def _below(self, event: QDropEvent) -> QPointF:
        """The place of the mouse in the view."""
        return QPointF(self.under.viewport().mapFromGlobal(self.mapToGlobal(event.position())))

    def _choose(self, path: Path) -> None:
        self.chosen.emit(path)

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        for card in self.cards:
            card.theme = theme
        self.open.wear(theme)
        self.last.wear(theme)
        self.update()
