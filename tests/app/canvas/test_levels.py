"""Whatever is done at whatever level, the drawing is that of a fresh canvas."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF

from nodeforge.app.canvas import Canvas
from nodeforge.app.canvas.face import Face
from nodeforge.app.session import Session
from nodeforge.app.theme import DARK
from nodeforge.errors import BadLink
from nodeforge.graph.document import TOP, Document, NodeId
from nodeforge.graph.file import dumps, loads
from tests.app.canvas.conftest import drawn
from tests.graph.samples import SPECS
from tests.graph.test_gestures import ACTS, Hand


class Steps:
    """The session, called as a history is."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def document(self) -> Document:
        return self.session.document

    def do(self, label: str, after: Document) -> None:
        self.session.history.break_merge()
        self.session.edit(label, after)

    def undo(self) -> bool:
        return self.session.undo()

    def redo(self) -> bool:
        return self.session.redo()


class Diver(Hand):
    """A hand at the level that the session shows."""

    def __init__(self, data: st.DataObject, session: Session) -> None:
        super().__init__(data)
        self.session = session
        self.history = Steps(session)  # type: ignore[assignment]

    @property
    def level(self):  # type: ignore[no-untyped-def]
        self.scope = self.session.sight.scope
        return self.session.level

    def dive(self) -> None:
        self.session.sight.dive(self.one([TOP, *self.whole.groups]) or TOP)


Drawing = tuple[dict[NodeId, tuple[Face, frozenset[str], QPointF]], set[tuple[str, str, str, str]]]


def drawing(canvas: Canvas) -> Drawing:
    faces = {id: (card.look.face, card.look.wired, card.pos()) for id, card in canvas.cards.items()}
    return faces, drawn(canvas)


@pytest.fixture
def canvas() -> Iterator[Canvas]:
    canvas = Canvas(Session(tuple(SPECS.values())), DARK)
    yield canvas
    canvas.close()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_drawing_is_that_of_a_fresh_canvas(
    qapp: object, canvas: Canvas, data: st.DataObject
) -> None:
    session = canvas.session
    session.new()
    hand = Diver(data, session)
    for _ in range(3):
        hand.add()
    for act in data.draw(st.lists(st.sampled_from(ACTS), min_size=5, max_size=30)):
        with contextlib.suppress(BadLink):
            getattr(hand, act)()
        if act == "undo":
            session.new(loads(dumps(session.document)))
    fresh = Canvas(session, DARK)
    assert drawing(canvas) == drawing(fresh)
    assert set(canvas.scenery.boards) == set(fresh.scenery.boards)
    assert canvas.undo_stack().count() == 0
    fresh.close()
