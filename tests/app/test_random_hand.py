"""A hand that knows no better, on the real window: whatever it does, nothing gets out of step.

After every gesture the document can be saved and read back as it was, and what it changed is one
undo step. After some, and at the end, what the canvas shows is what a fresh canvas would; now and
then this is asked of each pixel.
NODEFORGE_GESTURES=1000 tries more than the usual number of times.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.app import settings as store
from nodeforge.app.canvas import Canvas
from nodeforge.app.canvas.items import Board, Card, Pipe, Port
from nodeforge.app.incoming.carried import mime
from nodeforge.app.theme import DARK
from nodeforge.graph.document import Document
from nodeforge.graph.file import dumps, opened
from nodeforge.graph.spec import StageSpec
from tests.app.canvas.conftest import drawn
from tests.app.canvas.mouse import Button, double_click, drag, drop, sweep
from tests.app.canvas.repaints import Watch
from tests.app.canvas.repaints import shown as on_screen
from tests.app.conftest import Desk, laid, shut, swept

Key, Modifier = Qt.Key, Qt.KeyboardModifier
NONE, CTRL = Modifier.NoModifier, Modifier.ControlModifier
SHIFT, ALT = Modifier.ShiftModifier, Modifier.AltModifier
COUNT = 21  # of `acts`
TIMES = int(os.environ.get("NODEFORGE_GESTURES", "30"))
GRIP = QPointF(60, 12)
KEYS: Sequence[tuple[Qt.Key, Qt.KeyboardModifier]] = (
    *((Key.Key_Z, CTRL), (Key.Key_Z, CTRL), (Key.Key_Z, CTRL | SHIFT), (Key.Key_Delete, NONE)),
    *((Key.Key_C, CTRL), (Key.Key_V, CTRL), (Key.Key_V, CTRL | SHIFT), (Key.Key_X, CTRL)),
    *((Key.Key_D, NONE), (Key.Key_D, CTRL), (Key.Key_Delete, CTRL), (Key.Key_X, CTRL | SHIFT)),
    *((Key.Key_G, CTRL), (Key.Key_G, CTRL | SHIFT), (Key.Key_Return, NONE), (Key.Key_U, NONE)),
    *((Key.Key_Period, NONE), (Key.Key_A, CTRL), (Key.Key_L, NONE), (Key.Key_H, NONE)),
    *((Key.Key_F, SHIFT), (Key.Key_N, SHIFT), (Key.Key_Left, SHIFT), (Key.Key_Home, NONE)),
    *((Key.Key_Insert, CTRL), (Key.Key_Insert, SHIFT), (Key.Key_Delete, SHIFT)),
    *((Key.Key_Left, CTRL), (Key.Key_Right, CTRL), (Key.Key_Up, CTRL), (Key.Key_Down, CTRL)),
)
T = TypeVar("T")


class Hand:
    """What it takes and where it goes depends on `random`, begun anew before each gesture."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.folder = desk, folder
        self.random = Random()
        self.chosen = 0  # of what the search found, in the gesture now made
        self.through_time = False  # whether that went back or forth in the history
        self.canvas: Canvas = desk.window.canvas
        self.view = self.canvas.widget

    def one(self, some: Sequence[T]) -> T | None:
        return self.random.choice(some) if some else None

    def place(self) -> QPointF:
        """Anywhere in view."""
        port = self.view.viewport().rect()
        x = self.random.randint(4, port.width() - 4)
        y = self.random.randint(4, port.height() - 4)
        return QPointF(self.view.mapToScene(x, y))

    def card(self) -> Card | None:
        return self.one(list(self.canvas.cards.values()))

    def port(self) -> Port | None:
        return self.one(
            [port for card in self.canvas.cards.values() for port in card.ports.values()]
        )

    def wire(self) -> None:
        if (start := self.port()) and (end := self.port()):
            drag(self.canvas, start.centre(), end.centre())

    def wire_on_a_node(self) -> None:
        if (start := self.port()) and (card := self.card()):
            drag(self.canvas, start.centre(), card.pos() + GRIP)

    def wire_anywhere(self) -> None:
        """And take what is found there, now and then."""
        if start := self.port():
            drag(self.canvas, start.centre(), self.place())
            self.answer()

    def click_a_port(self) -> None:
        if start := self.port():
            drag(self.canvas, start.centre(), start.centre())
            self.answer()

    def move(self) -> None:
        if card := self.card():
            keys = self.random.choice([NONE, NONE, ALT, ALT | SHIFT, CTRL])
            drag(self.canvas, card.pos() + GRIP, self.place(), keys=keys)

    def shake(self) -> None:
        if card := self.card():
            at = card.pos() + GRIP
            sweep(self.canvas, at, *(at + QPointF(x, 30) for x in (80, -80, 80, -80, 0)))

    def move_a_board(self) -> None:
        boards: list[Board] = list(self.canvas.scenery.boards.values())
        if board := self.one(boards):
            drag(self.canvas, board.box.topLeft() + QPointF(30, 14), self.place())

    def cut(self) -> None:
        sweep(self.canvas, self.place(), self.place(), button=Button.RightButton, keys=CTRL)

    def bend(self) -> None:
        pipes: list[Pipe] = list(self.canvas.scenery.pipes)
        if pipe := self.one(pipes):
            double_click(self.canvas, pipe.path().pointAtPercent(0.5))
            self.answer()

    def band(self) -> None:
        drag(self.canvas, self.place(), self.place())

    def press(self) -> None:
        key, keys = self.random.choice(KEYS)
        self.through_time = key == Key.Key_Z
        self.view.setFocus()
        QTest.keyClick(self.view, key, keys)
        QApplication.processEvents()

    def search(self) -> None:
        self.view.setFocus()
        QTest.keyClick(self.view, Key.Key_Tab)
        self.answer()

    def answer(self) -> None:
        """What the search says, if it is open: Enter, Shift+Enter, or never mind."""
        box = self.desk.window.search
        while box.isVisible():
            letter = self.random.choice(["", "", "s", "l", "p"])
            QTest.keyClicks(box.line, letter)
            key, keys = self.random.choice(
                [(Key.Key_Return, NONE), (Key.Key_Return, SHIFT), (Key.Key_Escape, NONE)]
            )
            self.chosen += key == Key.Key_Return
            QTest.keyClick(box.line, key, keys)
            QApplication.processEvents()
            if not box.list.count():
                QTest.keyClick(box.line, Key.Key_Escape)

    def resize(self) -> None:
        boards: list[Board] = list(self.canvas.scenery.boards.values())
        if board := self.one(boards):
            corner = board.box.bottomRight() - QPointF(1, 1)
            drag(self.canvas, corner, corner + QPointF(self.random.randint(-80, 80), 40))

    def write(self) -> None:
        """A title or a text, kept or given up."""
        things = self.canvas.things()
        if (thing := self.one(things)) and self.canvas.inplace.begin(thing.id):
            editor = self.canvas.inplace.editor
            assert editor is not None
            QTest.keyClicks(editor, self.random.choice(["", "one", "two words"]))
            QTest.keyClick(editor, self.random.choice([Key.Key_Escape, Key.Key_Return]))
            self.view.setFocus()

    def drop(self) -> None:
        stage = self.random.choice(["picture.blur", "source.load_image", "generate.sample"])
        drop(self.canvas, mime(stage), self.place())

    def save_and_open(self) -> None:
        self.through_time = True
        session, path = self.desk.session, self.folder / "graph.nodeforge"
        before = session.document
        assert session.save(path)
        assert session.open(path)
        assert session.document == before

    def acts(self) -> list[Callable[[], None]]:
        return [
            *(self.wire, self.wire, self.wire_on_a_node, self.wire_anywhere, self.click_a_port),
            *(self.move, self.move, self.shake, self.cut, self.bend, self.band, self.move_a_board),
            *(self.press, self.press, self.press, self.press, self.search, self.save_and_open),
            *(self.resize, self.write, self.drop),
        ]


def shown(canvas: Canvas) -> object:
    faces = {id: (card.look.face, card.look.wired, card.pos()) for id, card in canvas.cards.items()}
    boards = {
        id: (board.text, board.tint, board.box) for id, board in canvas.scenery.boards.items()
    }
    return faces, boards, drawn(canvas)


def sound(desk: Desk) -> None:
    document: Document = desk.session.document
    assert opened(dumps(document)) == (document, [])
    document.order()
    assert desk.window.canvas.undo_stack().count() == 0


def in_step(desk: Desk) -> None:
    sound(desk)
    fresh = Canvas(desk.session, DARK)
    try:
        assert shown(desk.window.canvas) == shown(fresh)
    finally:
        fresh.close()
        swept()


def as_painted_anew(canvas: Canvas) -> None:
    """What is on the screen of earlier paintings is what painting all of it gives."""
    if not (canvas.scenery.zooming or canvas.scenery.sharpening):
        Watch(canvas.widget, on_screen(canvas.widget)).check()


@dataclass
class Room:
    """One desk for all tries, but a new one after a try that failed: the next begins clean."""

    lay: Callable[[], Desk]
    _desk: Desk | None = None

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        self._desk = here = self._desk or self.lay()
        try:
            yield here
        except BaseException:
            self.clear()
            raise

    def clear(self) -> None:
        if self._desk is not None:
            shut(self._desk.window)
            self._desk = None


@pytest.fixture
def room(
    qapp: QApplication, specs: tuple[StageSpec, ...], graph: Document, tmp_path: Path
) -> Iterator[Room]:
    store.store().clear()
    store.put("animations", "off")
    here = Room(lambda: laid(specs, graph, tmp_path / "journals"))
    yield here
    here.clear()


@settings(
    max_examples=TIMES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(st.tuples(st.integers(0, COUNT - 1), st.integers(0, 2**20)), min_size=5, max_size=40)
)
def test_whatever_the_hand_does_the_canvas_shows_the_document(
    room: Room, graph: Document, tmp_path: Path, gestures: list[tuple[int, int]]
) -> None:
    with room.desk() as desk:
        play(desk, graph, tmp_path, gestures)


def play(desk: Desk, graph: Document, folder: Path, gestures: list[tuple[int, int]]) -> None:
    session, canvas = desk.session, desk.window.canvas
    session.new(graph)
    desk.window.activateWindow()
    QApplication.processEvents()
    canvas.zoom_to(0.5)
    canvas.centre()
    hand = Hand(desk, folder)
    for number, seed in gestures:
        hand.random.seed(seed)
        one_step(hand, hand.acts()[number], back=seed % 4 == 0)
        sound(desk)
        if seed % 3 == 0:  # most of the time goes into fresh canvases
            in_step(desk)
        if seed % 8 == 0:
            as_painted_anew(canvas)
    to_the_end(session.redo)
    newest = session.document
    to_the_end(session.undo)
    in_step(desk)
    to_the_end(session.redo)
    assert session.document == newest
    in_step(desk)
    as_painted_anew(canvas)


def one_step(hand: Hand, act: Callable[[], None], back: bool) -> None:
    """Do it: one step, or as many as were chosen one after the other. back: see that to undo it
    takes all of it back, and to redo it brings all of it again."""
    session = hand.desk.session
    session.settling.emit()
    hand.chosen, hand.through_time = 0, False
    before, had = session.document, len(session.history._undo)
    act()
    session.settling.emit()
    if hand.through_time:
        return
    after, grown = session.document, len(session.history._undo) - had
    assert grown <= max(hand.chosen, 1), session.history.undo_label
    assert grown or after == before
    if not back:
        return
    for _ in range(grown):
        session.undo()
    assert session.document == before
    for _ in range(grown):
        session.redo()
    assert session.document == after


def to_the_end(step: Callable[[], bool]) -> None:
    while step():
        pass
