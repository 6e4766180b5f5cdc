"""The number control: drag to change, double-click or type to enter a number or a sum."""

from __future__ import annotations

from itertools import count

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QLineEdit, QWidget

from nodeforge.app import arithmetic
from nodeforge.app.controls import HEIGHT
from nodeforge.app.theme import Theme
from nodeforge.errors import BadValue
from nodeforge.graph.spec import Number, Value

_drags = count(1)
SLACK = 3  # px before a press is a drag
DIGITS = "0123456789.-+("
PER_STEP = 4  # px a step, where there is no range to cross


class Scrub(QWidget):
    """Shift goes ten times finer, Ctrl ten times coarser; the wheel only when focused."""

    edited = Signal(object, str)  # the value, and a merge key: one for each drag
    refused = Signal(str)

    def __init__(self, theme: Theme, kind: Number, fill: bool = True) -> None:
        super().__init__()
        self.theme, self.kind = theme, kind
        self._span = arithmetic.span(kind) if fill else None
        self._bar = arithmetic.bar(kind) if fill else None
        self.value: float = 0.0
        self.changed = False  # it is not as the stage brings it
        self._press: QPointF | None = None
        self._exact = 0.0
        self._merge = ""
        self._editor: QLineEdit | None = None
        self.setFixedHeight(HEIGHT)
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
            self._merge = ""
            self._exact = float(self.value)
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            return
        moved = event.position().x() - self._press.x()
        if not self._merge:
            if abs(moved) < SLACK:
                return
            self._merge = f"scrub{next(_drags)}"
        self._press = event.position()
        keys = event.modifiers()
        rate = self._rate()
        fine = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        if fine:
            rate /= 10
        elif keys & Qt.KeyboardModifier.ControlModifier:
            rate *= 10
        low, high = self._reach()
        self._exact = min(max(self._exact + moved * rate, low), high)
        self._set(arithmetic.stepped(self.kind, self._exact, fine), self._merge)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._press = None
        self._merge = ""

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
            if event.key() in keys or (event.text() and event.text() in DIGITS):
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
            case _ if event.text() and event.text() in DIGITS:
                self.type_in(event.text())
            case _:
                super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._merge = ""

    def type_in(self, start: str = "") -> None:
        """Open the line to type in, on the whole number or after a first character."""
        if self._editor is not None:
            return
        exact = f"{self.value:.10g}" if not self.kind.whole else str(int(self.value))
        editor = self._editor = QLineEdit(start or exact, self)
        editor.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        editor.setGeometry(self.rect())
        editor.setFont(self.theme.font("strong"))
        if not start:
            editor.selectAll()
        editor.editingFinished.connect(self._typed)
        editor.installEventFilter(self)
        editor.show()
        editor.setFocus()

    def eventFilter(self, watched: object, event: object) -> bool:
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self._editor:
            event.accept()
            if event.type() == QKeyEvent.Type.KeyPress:
                self._close()
            return True
        return False

    def settle(self) -> None:
        """Take what is half typed."""
        if self._editor is not None:
            self._typed()

    def _typed(self) -> None:
        if self._editor is None:
            return
        text = self._editor.text()
        self._close()
        try:
            value = arithmetic.fitted(self.kind, arithmetic.evaluate(text))
        except (BadValue, OverflowError) as error:
            self.refused.emit(str(error))
            return
        self._set(value, "")

    def _close(self) -> None:
        editor, self._editor = self._editor, None
        if editor is not None:
            editor.removeEventFilter(self)
            editor.blockSignals(True)
            editor.hide()
            editor.deleteLater()
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

    def _rate(self) -> float:
        """Change a pixel."""
        if self._span is not None:
            return (self._span[1] - self._span[0]) / max(self.width(), 1)
        return self.kind.step / PER_STEP

    def _reach(self) -> tuple[float, float]:
        """A drag stays in the soft range, unless the value is already beyond it."""
        low, high = self._span or (self.kind.low, self.kind.high)
        return min(low, self.value), max(high, self.value)

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
        painter.setFont(self.theme.font("changed" if self.changed else "body"))
        painter.setPen(colour("text"))
        side = Qt.AlignmentFlag.AlignRight if self._span else Qt.AlignmentFlag.AlignLeft
        painter.drawText(
            box.adjusted(10, 0, -10, 0),
            side | Qt.AlignmentFlag.AlignVCenter,
            arithmetic.shown(self.kind, self.value),
        )

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
