"""The painted controls of the panels: buttons, key chips, badges, switches and panel titles."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from nodeforge.app.theme import Theme, icon

HEIGHT = 28
LOW = 110  # px, below which an empty panel has no picture


class Button(QAbstractButton):
    """kind: "quiet", "default", "primary" or "heat". key: a shortcut shown as a chip."""

    def __init__(
        self, theme: Theme, text: str = "", image: str = "", kind: str = "quiet", key: str = ""
    ) -> None:
        super().__init__()
        self.theme, self.image, self.kind, self.key = theme, image, kind, key
        self.setText(text)
        self.setAccessibleName(text)
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        if not self.text():
            return QSize(HEIGHT, HEIGHT)
        width = QFontMetrics(self.theme.font(self._role)).horizontalAdvance(self.text()) + 24
        width += 22 if self.image else 0
        width += self._key_width() + 8 if self.key else 0
        return QSize(width, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @property
    def _role(self) -> str:
        """Heavier letters for the one thing to do."""
        return "strong" if self.kind in ("heat", "primary") else "body"

    def _key_width(self) -> int:
        return QFontMetrics(self.theme.font("caption")).horizontalAdvance(self.key) + 12

    def _colours(self) -> tuple[QColor | None, QColor | None, QColor]:
        """Ground, edge and text."""
        colour = self.theme.colour
        hover = self.isEnabled() and (self.underMouse() or self.isDown())
        match self.kind:
            case "heat":
                ground = colour("heat").lighter(107) if hover else colour("heat")
                return ground, None, colour("onHeat")
            case "primary":
                ground = colour("handFill").lighter(112) if hover else colour("handFill")
                return ground, None, colour("onHandFill")
            case "default":
                return colour("hover" if hover else "raised"), colour("line"), colour("text")
            case _:
                text = colour("text" if hover else "text2")
                return (colour("hover") if hover or self.isChecked() else None), None, text

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, edge, text = self._colours()
        if not self.isEnabled():
            painter.setOpacity(0.42)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if ground is not None:
            if self.isDown():
                ground = ground.darker(108)
            painter.setBrush(ground)
            painter.setPen(QPen(edge, 1) if edge is not None else Qt.PenStyle.NoPen)
            painter.drawRoundedRect(rect, 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.theme.colour("hand"), 2))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 5, 5)
        self._paint_words(painter, text)

    def _paint_words(self, painter: QPainter, text: QColor) -> None:
        spare = (self.width() - self.sizeHint().width()) / 2  # of a button wider than its words
        x = 12.0 + max(spare, 0.0) if self.text() else (self.width() - 16) / 2
        if self.image:
            picture = icon(self.image, text, 16, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(x, (self.height() - 16) / 2), picture)
            x += 22
        if self.text():
            painter.setFont(self.theme.font(self._role))
            painter.setPen(text)
            box = QRectF(x, 0, self.width() - x, self.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.key:
            width = self._key_width()
            ground = QColor(0, 0, 0, 46) if self.kind == "heat" else self.theme.colour("hover")
            box = QRectF(self.width() - width - 6, (self.height() - 18) / 2, width, 18)
            paint_key(painter, self.theme, box, self.key, ground, text)


def paint_key(
    painter: QPainter, theme: Theme, box: QRectF, key: str, ground: QColor, text: QColor
) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(box, 4, 4)
    painter.setFont(theme.font("caption"))
    painter.setPen(text)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, key)


class Badge(QWidget):
    """A state in a word: a tinted ground, an icon, a text."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._text, self._colour, self._image = "", "idle", ""
        self.setFixedHeight(17)
        self.hide()

    def say(self, text: str, colour: str = "idle", image: str = "") -> None:
        """Nothing to say hides it. colour: a token's name; "errorHeader" is solid."""
        self._text, self._colour, self._image = text, colour, image
        width = QFontMetrics(self.theme.font("badge")).horizontalAdvance(text) + 12
        self.setFixedWidth(width + (15 if image else 0))
        self.setVisible(bool(text))
        self.update()

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self.theme.colour(self._colour)
        ground = self.theme.tint(self._colour)
        if self._colour == "errorHeader":
            ground, colour = colour, self.theme.colour("onErrorHeader")
        if self._colour == "heat":
            colour = self.theme.colour("heatText")
        if self._colour == "needs":
            ground = self.theme.colour("needsTint")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(self.rect(), 5, 5)
        x = 6
        if self._image:
            side = 15 if self._image == "circle-small" else 11  # which fills half of its square
            picture = icon(self._image, colour, side, self.devicePixelRatioF())
            painter.drawPixmap(x + (11 - side) // 2, 3 + (11 - side) // 2, picture)
            x += 15
        painter.setFont(self.theme.font("badge"))
        painter.setPen(colour)
        painter.drawText(
            QRectF(x, 0, self.width() - x, 17), Qt.AlignmentFlag.AlignVCenter, self._text
        )


class Switch(QAbstractButton):
    """On or off: 30 x 18, a knob that slides."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setCheckable(True)
        self.setFixedSize(34, HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        track = QRectF(2, (self.height() - 18) / 2, 30, 18)
        if self.hasFocus():
            painter.setPen(QPen(self.theme.colour("hand"), 2))
            painter.drawRoundedRect(track.adjusted(-1, -1, 1, 1), 10, 10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.colour("hand" if on else "lineStrong"))
        painter.drawRoundedRect(track, 9, 9)
        painter.setBrush(QColor("white"))
        painter.drawEllipse(QPointF(23 if on else 11, track.center().y()), 6.5, 6.5)


class PanelTitle(QWidget):
    """The 34 px strip above a panel: its title, and room at the right."""

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__()
        self.theme, self.text = theme, text
        self.setFixedHeight(34)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(16, 0, 8, 1)
        self.row.setSpacing(4)
        self.row.addSpacing(self._width() + 12)

    def add(self, *parts: QWidget) -> None:
        for part in parts:
            self.row.addWidget(part)

    def stretch(self) -> None:
        self.row.addStretch(1)

    def room(self) -> int:
        """Pixels that the title itself takes, with the space around it."""
        return 16 + self._width() + 12 + 8

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def _width(self) -> int:
        return QFontMetrics(self.theme.font("panelTitle")).horizontalAdvance(self.text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self.theme.colour("void"))
        painter.setFont(self.theme.font("panelTitle"))
        painter.setPen(self.theme.colour("text"))
        box = QRectF(16, 0, self._width() + 2, self.height() - 1)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.text)


class Empty(QWidget):
    """What a panel with nothing in it says."""

    def __init__(self, theme: Theme, image: str, text: str, ground: str = "panel") -> None:
        super().__init__()
        self._ground = ground
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._image = image
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 6, 24, 6)
        column.setSpacing(12)
        self._picture = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter)
        self.words = QLabel(text, alignment=Qt.AlignmentFlag.AlignHCenter, wordWrap=True)
        self.words.setProperty("role", "dim")
        column.addStretch(1 if image else 0)
        column.addWidget(self._picture)
        column.addWidget(self.words)
        column.addStretch(1)
        self.wear(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is low, the words alone."""
        super().resizeEvent(event)
        self._picture.setVisible(bool(self._image) and self.height() >= LOW)

    def wear(self, theme: Theme) -> None:
        self._picture.setVisible(bool(self._image) and self.height() >= LOW)
        if self._image:
            grey = not theme.dark and self._ground == "viewer"  # light, but its ground is not
            colour = QColor("#F2F2F2") if grey else theme.colour("text3")
            self._picture.setPixmap(icon(self._image, colour, 24, self.devicePixelRatioF()))


class Press(QLabel):
    """A label that can be clicked."""

    pressed = Signal()
    opened = Signal()  # double-clicked

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.opened.emit()


class Tabs(QWidget):
    """The 34 px strip above panels that share a place: their names, the open one underlined."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, *names: str) -> None:
        super().__init__()
        self.theme, self.names = theme, names
        self.counts = [0] * len(names)
        self.at = 0
        self._over = -1
        self.setFixedHeight(34)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(" or ".join(names))

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def count(self, tab: int, number: int) -> None:
        """A number behind a name; nothing for none."""
        self.counts[tab] = number
        self.update()

    def choose(self, tab: int) -> None:
        if tab != self.at and 0 <= tab < len(self.names):
            self.at = tab
            self.update()
            self.chosen.emit(tab)

    def box(self, tab: int) -> QRectF:
        """Where a name lies, with its number."""
        x = 16.0
        for each in range(tab):
            x += self._width(each) + 20
        return QRectF(x, 0, self._width(tab), self.height() - 1)

    def _width(self, tab: int) -> float:
        strong = QFontMetrics(self.theme.font("strong")).horizontalAdvance(self.names[tab])
        return strong + (self._chip(tab) + 6 if self.counts[tab] else 0)

    def _chip(self, tab: int) -> float:
        measure = QFontMetrics(self.theme.font("caption"))
        return max(measure.horizontalAdvance(str(self.counts[tab])) + 10.0, 18.0)

    def _tab_at(self, at: QPointF) -> int:
        around = [self.box(tab).adjusted(-10, 0, 10, 0) for tab in range(len(self.names))]
        return next((tab for tab, box in enumerate(around) if box.contains(at)), -1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.choose(self._tab_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._over = self._tab_at(event.position())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
        else:
            self.choose(self.at + way)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self.theme.colour
        painter.fillRect(self.rect(), colour("panel"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, colour("void"))
        for tab, name in enumerate(self.names):
            box = self.box(tab)
            here = tab == self.at
            text = colour("text" if here or tab == self._over else "text2")
            if here:
                painter.fillRect(QRectF(box.x(), self.height() - 2, box.width(), 2), colour("hand"))
            painter.setFont(self.theme.font("tabOn" if here else "tab"))
            painter.setPen(text)
            painter.drawText(box.adjusted(0, 0, 2, 0), Qt.AlignmentFlag.AlignVCenter, name)
            if self.counts[tab]:
                wide = self._chip(tab)
                chip = QRectF(box.right() - wide, 8, wide, 17)
                paint_key(painter, self.theme, chip, str(self.counts[tab]), colour("hover"), text)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour("hand"), 2))
            painter.drawRoundedRect(self.box(self.at).adjusted(-6, 5, 6, -5), 5, 5)
