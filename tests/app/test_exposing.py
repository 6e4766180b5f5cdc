"""A parameter is dragged by its label to the edge of the group it lies in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.app.canvas.edge import BAND
from nodeforge.graph.document import TOP, NodeId, Spot
from nodeforge.graph.groups import grouped
from nodeforge.graph.level import entry_rail
from tests.app.canvas import mouse
from tests.app.conftest import DECODE, PROMPT, SAMPLE, Desk

STEPS = Spot(SAMPLE, "steps")


@pytest.fixture
def group(desk: Desk) -> NodeId:
    """Sample and Decode in a group that we are in, Sample selected."""
    session = desk.session
    after, group = grouped(session.document, session.specs, [SAMPLE, DECODE])
    session.edit("Group", after)
    session.sight.dive(group)
    session.select([SAMPLE])
    desk.window.canvas.fit()
    QApplication.processEvents()
    return group


def pull(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    carry: Callable[[QMimeData], object],
    name: str = "steps",
) -> int:
    """Drag a parameter's label; `carry` is what the hand does then. How many drags began."""
    began = []

    def exec_(drag: QDrag, *_: object) -> Qt.DropAction:
        began.append(drag)
        carry(drag.mimeData())
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", exec_)
    label = desk.window.inspector.rows[name].label
    QTest.mousePress(label, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    mouse.move_in(label, QPoint(8, 5))
    assert not began
    mouse.move_in(label, QPoint(40, 5))
    mouse.move_in(label, QPoint(60, 5))
    QTest.mouseRelease(label, Qt.MouseButton.LeftButton, pos=QPoint(60, 5))
    return len(began)


def edge(desk: Desk) -> QPointF:
    view = desk.window.canvas.widget
    return QPointF(view.mapToScene(int(BAND / 2), view.height() // 2))


def middle(desk: Desk) -> QPointF:
    return desk.window.canvas.widget.visible().center()


def shot(desk: Desk) -> QImage:
    picture: QImage = desk.window.canvas.widget.grab().toImage()
    return picture


def shown(desk: Desk, group: NodeId) -> list[Spot]:
    return list(desk.session.document.groups[group].params.values())


@pytest.mark.parametrize("where", ["edge", "rail"])
def test_dropped_at_the_edge_it_is_on_the_face(
    desk: Desk, group: NodeId, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    canvas, before = desk.window.canvas, desk.session.document
    plain = shot(desk)
    lit: list[QImage] = []

    def carry(data: QMimeData) -> None:
        assert canvas.scenery.edge.waits
        lit.append(shot(desk))
        rail = canvas.cards[entry_rail(group)].box.center()
        mouse.drop(canvas, data, edge(desk) if where == "edge" else rail)

    assert pull(desk, monkeypatch, carry) == 1
    assert lit[0] != plain
    assert shown(desk, group) == [STEPS]
    assert not canvas.scenery.edge.waits
    assert desk.session.document.nodes == before.nodes  # the number was not scrubbed
    desk.session.undo()
    assert desk.session.document == before
    assert shown(desk, group) == []


def test_over_the_edge_the_light_is_stronger_and_the_words_say_what_comes(
    desk: Desk, group: NodeId, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas = desk.window.canvas
    seen: list[tuple[bool, bool]] = []

    def hover(data: QMimeData, at: QPointF) -> None:
        place = canvas.widget.mapFromScene(at)
        rest = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, mouse.NONE)
        for event in (QDragEnterEvent(place, *rest), QDragMoveEvent(place, *rest)):
            QApplication.sendEvent(canvas.widget.viewport(), event)
        seen.append((canvas.scenery.edge.over, canvas.scenery.edge.known))

    def carry(data: QMimeData) -> None:
        hover(data, middle(desk))
        hover(data, edge(desk))
        QApplication.sendEvent(canvas.widget.viewport(), QDragLeaveEvent())
        seen.append((canvas.scenery.edge.over, canvas.scenery.edge.known))

    pull(desk, monkeypatch, carry)
    assert seen == [(False, False), (True, False), (False, False)]
    assert not canvas.scenery.edge.waits
    seen.clear()
    pull(desk, monkeypatch, lambda data: mouse.drop(canvas, data, edge(desk)))
    once = desk.session.document
    pull(desk, monkeypatch, carry)
    assert seen == [(False, True), (True, True), (False, True)]
    pull(desk, monkeypatch, lambda data: mouse.drop(canvas, data, edge(desk)))
    assert desk.session.document is once


def test_dropped_in_the_middle_it_says_where_to(
    desk: Desk, group: NodeId, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    desk.window.canvas.hint.connect(said.append)
    before = desk.session.document
    pull(desk, monkeypatch, lambda data: mouse.drop(desk.window.canvas, data, middle(desk)))
    assert desk.session.document is before
    assert said[-1].startswith("Drop it on the edge")


def test_outside_of_groups_a_label_is_not_dragged(
    desk: Desk, group: NodeId, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = desk.window.inspector.rows["steps"].label
    assert label.cursor().shape() == Qt.CursorShape.OpenHandCursor
    desk.session.sight.dive(TOP)
    desk.session.select([PROMPT])
    label = desk.window.inspector.rows["text"].label
    assert label.cursor().shape() == Qt.CursorShape.ArrowCursor
    assert pull(desk, monkeypatch, lambda data: None, "text") == 0


def test_esc_leaves_all_as_it_was(
    desk: Desk, group: NodeId, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, plain = desk.session.document, shot(desk)
    assert pull(desk, monkeypatch, lambda data: None) == 1
    assert desk.session.document is before
    assert shot(desk) == plain
