"""The graph's name in a field: a click renames it in place, the arrow lists recent graphs."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from nodeforge.app.theme import Theme, icon
from nodeforge.app.words import tr

HEIGHT, ARROW = 30, 28  # px, of all; of the arrow's part at the right
LEAST, MOST = 92, 300  # px of width


class Name(QWidget):
    """With a dot while it is not saved. renamed: what was typed, without spaces around."""

    renamed = Signal(str)
    recent = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme, self.text, self.dirty = theme, "", False
        self._over = ""
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.field = QLineEdit(self)
        self.field.setAccessibleName(tr("Name of the graph"))
        self.field.hide()
        self.field.installEventFilter(self)
        self.field.editingFinished.connect(self._take)

    def say(self, text: str, dirty: bool) -> None:
        self.text, self.dirty = text, dirty
        tip = tr("A click renames the graph, the arrow lists recent ones")
        self.setToolTip(f"{text} · {tr('not saved')}\n{tip}" if dirty else f"{text}\n{tip}")
        self.setAccessibleName(text + (tr(", not saved") if dirty else ""))
        self.updateGeometry()
        self.update()

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.theme.font("strong")).horizontalAdvance(self.text)
        return QSize(min(max(width + 24 + ARROW, LEAST), MOST), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST, HEIGHT)

    def begin(self) -> None:
        """Type another name in its place."""
        self.field.setText(self.text)
        self._place()
        self.field.show()
        self.field.setFocus()
        self.field.selectAll()

    def _take(self) -> None:
        if self.field.isHidden():
            return
        self.field.hide()
        if (typed := self.field.text().strip()) and typed != self.text:
            self.renamed.emit(typed)

    def _place(self) -> None:
        self.field.setGeometry(0, 0, self.width() - ARROW, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter takes what was typed, Escape keeps the name as it was."""
        if not isinstance(event, QKeyEvent):
            return False
        enters = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enters and event.type() == QEvent.Type.KeyPress:
            self._take()
            self.setFocus()
            return True
        if event.key() != Qt.Key.Key_Escape:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress:
            self.field.setText(self.text)
            self.field.hide()
            self.setFocus()
            return True
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            if event.position().x() >= self.width() - ARROW:
                self.recent.emit()
            else:
                self.begin()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        arrow = event.position().x() >= self.width() - ARROW
        self.setCursor(Qt.CursorShape.ArrowCursor if arrow else Qt.CursorShape.IBeamCursor)
        self._over = "arrow" if arrow else "name"
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = ""
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_F2 | Qt.Key.Key_Space:
                self.begin()
            case Qt.Key.Key_Down:
                self.recent.emit()
            case _:
                super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self.theme.colour
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        edge = "hand" if self.hasFocus() else "lineStrong" if self._over else "line"
        painter.setPen(QPen(colour(edge), 1.5 if self.hasFocus() else 1))
        painter.setBrush(colour("field"))
        painter.drawRoundedRect(box, 6, 6)
        painter.setFont(self.theme.font("strong"))
        painter.setPen(colour("text"))
        room = self.width() - ARROW - 10 - (12 if self.dirty else 0)
        text = painter.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(QRectF(10, 0, room + 2, HEIGHT), Qt.AlignmentFlag.AlignVCenter, text)
        ink = colour("text" if self._over == "arrow" else "text2")
        picture = icon("chevron-down", ink, 14, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(self.width() - 21, 8), picture)
        if self.dirty:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("text2"))
            x = 10 + painter.fontMetrics().horizontalAdvance(text) + 8
            painter.drawEllipse(QPointF(x, HEIGHT / 2 + 0.5), 3, 3)
