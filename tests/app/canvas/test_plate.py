"""What is taken from the last frame is what painting all anew would give."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QImage
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


def same(canvas: Canvas) -> bool:
    kept = seen(canvas)
    canvas.scenery.forget()
    return kept == seen(canvas)


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
