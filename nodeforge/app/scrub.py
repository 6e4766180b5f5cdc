"""The number control: drag to change, click or type to enter a number or a sum."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from nodeforge.app import arithmetic
from nodeforge.app.numberline import NumberLine
from nodeforge.app.pull import SLACK, Pull, span_of
from nodeforge.app.theme import Theme, size
from nodeforge.graph.expression import begins
from nodeforge.graph.spec import Number, Value

SMALLEST = 9  # px of a letter, for numbers that are long


class Scrub(QWidget):
    """Shift goes ten times finer, Ctrl ten times coarser; the wheel only when focused."""

    edited = Signal(object, str)  # the value, and a merge key: one for each drag
    refused = Signal(str)

    def __init__(self, theme: Theme, kind: Number) -> None:
        super().__init__()
        self.theme, self.kind = theme, kind
        self._span = span_of(kind)
        self._bar = arithmetic.bar(kind)
        self.value: float = 0
        self.changed = False  # it is not as the stage brings it
        self.taken = 0  # px at the right, where buttons lie in the field
        self._press: QPointF | None = None
        self._pull: Pull | None = None
        self._editor: NumberLine | None = None
        self.setFixedHeight(size("inspectorField"))
        self.setMinimumWidth(64)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def put(self, value: Value) -> None:
        """Show the value; tells nobody."""
        self.value = value if isinstance(value, int | float) else 0.0
        self.update()

    def mark(self, changed: bool) -> None:
        """Whether the value is another than the stage brings."""
        self.changed = changed
        self.update()

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    # Hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._press = event.position()
            self._pull = None
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            return
        moved = event.position().x() - self._press.x()
        if self._pull is None:
            if abs(moved) < SLACK:
                return
            self._pull = Pull(self.kind, self.value, self.width())
        self._press = event.position()
        self._set(self._pull.move(moved, event.modifiers()), self._pull.merge)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        clicked = self._press is not None and self._pull is None
        self._press = self._pull = None
        if clicked and self.rect().contains(event.position().toPoint()):
            self.type_in()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.type_in()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()
            return
        self._nudge(1 if event.angleDelta().y() > 0 else -1, event.modifiers(), "wheel")

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right)
            back = event.key() == Qt.Key.Key_Escape and self._pull is not None
            if event.key() in keys or _begins(event) or back:
                event.accept()  # they are ours, not shortcuts of the window
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Up | Qt.Key.Key_Right:
                self._nudge(1, event.modifiers(), "keys")
            case Qt.Key.Key_Down | Qt.Key.Key_Left:
                self._nudge(-1, event.modifiers(), "keys")
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_F2 if not event.modifiers():
                self.type_in()
            case Qt.Key.Key_Escape if self._pull is not None:
                pull, self._press, self._pull = self._pull, None, None
                self._set(pull.start, pull.merge)
            case _ if _begins(event):
                self.type_in(event.text())
            case _:
                super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._press = self._pull = None

    def type_in(self, start: str = "") -> None:
        """Open the line to type in, on the whole number or after a first character."""
        if self._editor is not None:
            return
        editor = self._editor = NumberLine(self.theme, self.kind, self.value, self)
        editor.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        editor.setGeometry(self.rect().adjusted(0, 0, -self.taken, 0))
        editor.setFont(self.theme.font("strong"))
        editor.setAccessibleName(self.accessibleName())
        if start:
            editor.start(start)
        editor.taken.connect(lambda value: self._set(value, ""))
        editor.refused.connect(self.refused)
        editor.ended.connect(self._close)
        editor.show()
        editor.setFocus()

    def settle(self) -> None:
        """Take what is half typed."""
        if self._editor is not None:
            self._editor.settle()

    def _close(self) -> None:
        editor, self._editor = self._editor, None
        if editor is not None:
            focused = editor.hasFocus()
            editor.hide()
            editor.deleteLater()
            if focused:
                self.setFocus()

    def _nudge(self, way: int, keys: Qt.KeyboardModifier, merge: str) -> None:
        fine = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        coarse = bool(keys & Qt.KeyboardModifier.ControlModifier)
        step = self.kind.step * (0.1 if fine and not self.kind.whole else 10 if coarse else 1)
        value = arithmetic.stepped(self.kind, self.value + way * step, fine)
        self._set(value, f"{merge}{id(self)}")

    def _set(self, value: float, merge: str) -> None:
        if value != self.value:
            self.value = value
            self.update()
            self.edited.emit(value, merge)

    # Looks

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self.theme.colour
        if not self.isEnabled():
            painter.setOpacity(0.5)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(box, 6, 6)
        painter.fillPath(shape, colour("field"))
        if self._bar is not None:
            self._paint_bar(painter, shape, *self._bar)
        edge = colour("hand") if self.hasFocus() else colour("line")
        if self.underMouse() and not self.hasFocus():
            edge = colour("lineStrong")
        painter.setPen(QPen(edge, 2 if self.hasFocus() else 1))
        painter.drawPath(shape)
        room, text = (
            box.adjusted(10, 0, -10 - self.taken, 0),
            self.kind.shown(self.value),
        )
        font = self.theme.font("changed" if self.changed else "body")
        while QFontMetricsF(font).horizontalAdvance(text) > room.width():
            if font.pixelSize() <= SMALLEST:
                break
            font.setPixelSize(font.pixelSize() - 1)
        painter.setFont(font)
        painter.setPen(colour("text"))
        side = Qt.AlignmentFlag.AlignRight if self._span else Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_bar(self, painter: QPainter, shape: QPainterPath, low: float, high: float) -> None:
        """How far in its range the value lies: in blue where a hand has changed it."""
        part = min(max((self.value - low) / (high - low or 1), 0.0), 1.0)
        width = self.width() * part
        painter.save()
        painter.setClipPath(shape)
        fill = self.theme.colour("fillChanged" if self.changed else "fillRest")
        painter.fillRect(QRectF(0, 0, width, self.height()), fill)
        if self.changed and 0 < part < 0.76:
            painter.fillRect(QRectF(width - 1, 0, 2, self.height()), self.theme.colour("hand"))
        painter.restore()


def _begins(event: QKeyEvent) -> bool:
    """Whether a number is typed; with Ctrl or Alt a digit is a command."""
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    return not event.modifiers() & held and begins(event.text())
