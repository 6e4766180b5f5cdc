"""Checks on made nodes are seen, and go back once there is nothing left to do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QAbstractAnimation, QEvent, QObject, QPointF, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nodeforge.app import motion
from nodeforge.app.canvas import Canvas
from nodeforge.app.canvas.badge import FADED, FRESH, check_box
from nodeforge.app.session import Session
from nodeforge.app.state import RunState
from nodeforge.app.theme import DARK
from tests.app.canvas.conftest import B, G, L


class Paints(QObject):
    """Tells when the canvas is painted."""

    painted = Signal()

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas.widget)
        QApplication.processEvents()
        canvas.widget.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.painted.emit()
        return False


@pytest.fixture
def still() -> Iterator[None]:
    motion.toggle()
    yield
    motion.toggle()


def state(session: Session, phase: RunState) -> None:
    for id in (L, B, G):
        session.states[id] = phase
        session.stated.emit(id)


def ink(canvas: Canvas) -> float:
    """How strong the check of one node is drawn: the green that is not in its header."""
    view = canvas.widget
    shot = view.grab().toImage()
    box = check_box().translated(canvas.cards[B].pos())
    part = shot.copy(view.mapFromScene(box).boundingRect())
    ok = DARK.colour("ok")
    inks = (part.pixelColor(x, y) for x in range(part.width()) for y in range(part.height()))
    return 255 - min(_apart(each, ok) for each in inks)


def _apart(one: QColor, other: QColor) -> int:
    return max(
        abs(one.red() - other.red()),
        abs(one.green() - other.green()),
        abs(one.blue() - other.blue()),
    )


def test_the_checks_fade_when_all_is_made_and_paint_no_node_anew(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    fading, scenery = canvas.fading, canvas.scenery
    state(session, RunState("cached", seconds=1.0))
    assert fading.after.isActive()
    assert scenery.check == FRESH
    loud = ink(canvas)
    shots = {card: shot[2].cacheKey() for card, shot in scenery._shots.items()}
    fading.after.setInterval(0)
    fading.after.start()
    with qtbot.waitSignal(fading.finished):
        pass
    assert scenery.check == FADED
    assert ink(canvas) < loud - 40
    assert {card: shot[2].cacheKey() for card, shot in scenery._shots.items()} == shots
    assert not fading.after.isActive()
    assert fading.state() == QAbstractAnimation.State.Stopped
    assert not scenery.fading
    with qtbot.assertNotEmitted(Paints(canvas).painted, wait=150):
        pass  # at rest nothing is painted


def test_what_is_to_be_made_brings_the_checks_back(
    canvas: Canvas, session: Session, still: None
) -> None:
    state(session, RunState("cached"))
    loud = ink(canvas)
    canvas.fading.after.timeout.emit()
    assert canvas.scenery.check == FADED
    assert canvas.fading.state() == QAbstractAnimation.State.Stopped, "animations are off"
    assert ink(canvas) < loud - 40
    session.states[G] = RunState("will run")
    session.stated.emit(G)
    assert canvas.scenery.check == FRESH
    assert ink(canvas) == loud
    assert not canvas.fading.after.isActive()


@pytest.mark.parametrize("phase", ["will run", "queued", "running", "error", "missing"])
def test_nothing_fades_while_a_node_waits(canvas: Canvas, session: Session, phase: str) -> None:
    state(session, RunState("cached"))
    session.states[G] = RunState(phase)  # type: ignore[arg-type]
    session.stated.emit(G)
    assert not canvas.fading.after.isActive()
    session.edit("Delete", session.document.remove(G))
    assert canvas.fading.after.isActive(), "all that is left is made"


def test_what_a_run_spares_is_told_over_the_badge(canvas: Canvas, session: Session) -> None:
    session.states[B] = RunState("cached", seconds=1.23)
    session.stated.emit(B)
    corner = canvas.cards[B].pos()
    assert canvas.tips.at(corner + check_box().center()) == "Made: a run spares 1.2 s"
    assert canvas.tips.at(corner + QPointF(40, 15)) == ""
    session.states[B] = RunState("error", message="The folder is gone.")
    session.stated.emit(B)
    assert canvas.tips.at(corner + check_box().center()) == "The folder is gone."
