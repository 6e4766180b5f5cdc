"""Real mouse, key and drop events, sent to the view."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from nodeforge.app.canvas import Canvas
from nodeforge.app.canvas.items import Port

Button, Modifier = Qt.MouseButton, Qt.KeyboardModifier
NONE = Modifier.NoModifier


def send(
    canvas: Canvas,
    kind: QEvent.Type,
    at: QPointF,
    button: Qt.MouseButton,
    held: Qt.MouseButton,
    keys: Qt.KeyboardModifier = NONE,
) -> None:
    port = canvas.widget.viewport()
    place = QPointF(canvas.widget.mapFromScene(at))
    event = QMouseEvent(kind, place, QPointF(port.mapToGlobal(place)), button, held, keys)
    QApplication.sendEvent(port, event)


def drag(
    canvas: Canvas,
    start: QPointF,
    end: QPointF,
    button: Qt.MouseButton = Button.LeftButton,
    keys: Qt.KeyboardModifier = NONE,
    release: bool = True,
) -> None:
    """Between two places of the scene, in ten moves; the first one only hovers."""
    QApplication.processEvents()
    kinds = QEvent.Type
    send(canvas, kinds.MouseMove, start, Button.NoButton, Button.NoButton, keys)
    send(canvas, kinds.MouseButtonPress, start, button, button, keys)
    for step in range(1, 11):
        send(canvas, kinds.MouseMove, start + (end - start) * (step / 10), button, button, keys)
    if release:
        send(canvas, kinds.MouseButtonRelease, end, button, Button.NoButton, keys)
    QApplication.processEvents()


def sweep(
    canvas: Canvas,
    *places: QPointF,
    button: Qt.MouseButton = Button.LeftButton,
    keys: Qt.KeyboardModifier = NONE,
) -> None:
    """A drag from place to place, in five moves each."""
    kinds, start = QEvent.Type, places[0]
    send(canvas, kinds.MouseMove, start, Button.NoButton, Button.NoButton, keys)
    send(canvas, kinds.MouseButtonPress, start, button, button, keys)
    for one, two in pairwise(places):
        for step in range(1, 6):
            send(canvas, kinds.MouseMove, one + (two - one) * (step / 5), button, button, keys)
    send(canvas, kinds.MouseButtonRelease, places[-1], button, Button.NoButton, keys)
    QApplication.processEvents()


def carry(
    canvas: Canvas,
    *places: QPointF,
    button: Qt.MouseButton = Button.LeftButton,
    keys: Qt.KeyboardModifier = NONE,
) -> None:
    """As slowly as a hand: painted after every move, and not let go at the end."""
    kinds, start = QEvent.Type, places[0]
    send(canvas, kinds.MouseMove, start, Button.NoButton, Button.NoButton, keys)
    send(canvas, kinds.MouseButtonPress, start, button, button, keys)
    QApplication.processEvents()
    for one, two in pairwise(places):
        for step in range(1, 6):
            send(canvas, kinds.MouseMove, one + (two - one) * (step / 5), button, button, keys)
            QApplication.processEvents()


def move_in(widget: QWidget, at: QPoint) -> None:
    """With the left button down, which QTest cannot."""
    place, left = QPointF(at), Button.LeftButton
    there = QPointF(widget.mapToGlobal(at))
    event = QMouseEvent(QEvent.Type.MouseMove, place, there, Button.NoButton, left, NONE)
    QApplication.sendEvent(widget, event)


def let_go(canvas: Canvas, at: QPointF) -> None:
    send(canvas, QEvent.Type.MouseButtonRelease, at, Button.LeftButton, Button.NoButton)
    QApplication.processEvents()


def click(canvas: Canvas, at: QPointF, keys: Qt.KeyboardModifier = NONE) -> None:
    drag(canvas, at, at, keys=keys)


def double_click(canvas: Canvas, at: QPointF) -> None:
    click(canvas, at)
    send(canvas, QEvent.Type.MouseButtonDblClick, at, Button.LeftButton, Button.LeftButton)
    send(canvas, QEvent.Type.MouseButtonRelease, at, Button.LeftButton, Button.NoButton)


def drag_wire(canvas: Canvas, start: Port, end: Port) -> None:
    drag(canvas, start.centre(), end.centre())


def press(canvas: Canvas, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(canvas.widget, QKeyEvent(kind, key, keys))


def drop(canvas: Canvas, data: QMimeData, at: QPointF) -> None:
    QApplication.processEvents()
    port = canvas.widget.viewport()
    place = canvas.widget.mapFromScene(at)
    rest = (Qt.DropAction.CopyAction, data, Button.LeftButton, NONE)
    QApplication.sendEvent(port, QDragEnterEvent(place, *rest))
    QApplication.sendEvent(port, QDragMoveEvent(place, *rest))
    QApplication.sendEvent(port, QDropEvent(QPointF(place), *rest))
