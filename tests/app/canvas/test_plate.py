"""What is taken from the last frame is what painting all anew would give."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QSignalBlocker
from PySide6.QtGui import QImage, QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication

from nodeforge.app.canvas import Canvas
from nodeforge.app.session import Session
from nodeforge.graph.document import Frame, NodeId
from tests.app.canvas import mouse
from tests.app.canvas.conftest import B, L, wire
from tests.app.forge import wait


def seen(canvas: Canvas) -> QImage:
    QApplication.processEvents()
    return QImage(canvas.widget.viewport().grab().toImage())


def shown(canvas: Canvas) -> QImage:
    """As it came to the screen in parts."""
    for _ in range(3):  # what a frame finds that was not asked for comes with the next
        QApplication.processEvents()
    port = canvas.widget.viewport()
    window = port.window()
    at = port.mapTo(window, QPoint(0, 0))
    screen = window.screen().grabWindow(window.winId(), at.x(), at.y(), port.width(), port.height())
    return QImage(screen.toImage())


def same(canvas: Canvas) -> bool:
    """Whether the screen shows what painting all anew gives, but for the map above it."""
    canvas.map.hide()
    on_screen, kept = shown(canvas), seen(canvas)
    canvas.scenery.forget()
    return kept == seen(canvas) == on_screen.convertToFormat(kept.format())


def test_after_a_pan(canvas: Canvas) -> None:
    seen(canvas)
    for way in ((37, -11), (-200, 90), (0, 5)):
        canvas.widget.pan_by(QPointF(*way))
        assert same(canvas)


def test_after_edits_and_undo(canvas: Canvas, session: Session) -> None:
    seen(canvas)
    session.edit("Connect", wire(session.document, "l", "image", "b", "image"))
    assert same(canvas)
    session.edit("Move", session.document.move({B: (-40.0, 90.0)}))
    assert same(canvas)
    session.edit("Frame", session.document.add(Frame(NodeId("f"), "F", (-420, -60), (300, 300))))
    assert same(canvas)
    session.edit("Delete", session.document.remove(L))
    assert same(canvas)
    while session.history.can_undo:
        session.undo()
        assert same(canvas)


def test_while_a_node_is_dragged(canvas: Canvas, session: Session) -> None:
    session.edit("Connect", wire(session.document, "l", "image", "b", "image"))
    seen(canvas)
    start = canvas.cards[B].pos() + QPointF(80, 12)
    mouse.drag(canvas, start, start + QPointF(60, 90), release=False)
    assert same(canvas)
    mouse.let_go(canvas, start + QPointF(60, 90))
    assert same(canvas)


def test_once_a_zoom_has_come_to_rest(canvas: Canvas) -> None:
    seen(canvas)
    for factor in (0.9, 0.8, 1.3, 0.7):
        canvas.widget.zoom_by(factor, QPoint(600, 400))
        QApplication.processEvents()
    wait(lambda: not (canvas.scenery.zooming or canvas.scenery.sharpening))
    assert same(canvas)


def test_only_what_an_edit_touched_is_repainted(canvas: Canvas, session: Session) -> None:
    shown(canvas)
    areas: list[QRegion] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if isinstance(event, QPaintEvent):
                areas.append(event.region())
            return False

    watch = Watch()
    port = canvas.widget.viewport()
    port.installEventFilter(watch)
    session.edit("Set", session.document.set(B, radius=7.0))
    assert same(canvas)
    port.removeEventFilter(watch)
    box = canvas.cards[B].sceneBoundingRect()
    around = canvas.widget.mapFromScene(box).boundingRect().adjusted(-9, -9, 9, 9)
    assert areas
    assert around.contains(areas[0].boundingRect())


def test_what_nobody_asked_for_is_shown_all_the_same(canvas: Canvas) -> None:
    shown(canvas)
    card = canvas.cards[B]
    face = replace(card.look.face, title="Another")
    with QSignalBlocker(canvas.widget):
        card.look, card.revision = replace(card.look, face=face), card.revision + 1
        card.mark = (card.span, card.revision)
    canvas.widget.viewport().update(QRect(0, 0, 2, 2))
    assert same(canvas)
