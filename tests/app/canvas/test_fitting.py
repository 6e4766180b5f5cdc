"""Fit keeps a graph legible; asked twice it shows all, and the map what is out of view."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from nodeforge.app.canvas import Canvas
from nodeforge.app.canvas.fitting import FLOOR, swap
from nodeforge.app.session import Session
from nodeforge.graph.document import Node, NodeId
from tests.app.canvas.conftest import BLUR, B, L

FAR = NodeId("far")
F, HOME = Qt.Key.Key_F, Qt.Key.Key_Home


@pytest.fixture
def wide(canvas: Canvas, session: Session) -> Canvas:
    """A graph of which less than half fits in at a zoom at which it can be read."""
    session.edit("", session.document.add(Node(FAR, BLUR.id, at=(3000.0, 1400.0))))
    canvas.widget.setFocus()
    return canvas


def shows(canvas: Canvas, id: NodeId) -> bool:
    return canvas.widget.visible().contains(canvas.cards[id].box)


@pytest.mark.parametrize("key", [F, HOME])
def test_fit_stays_legible_and_begins_at_the_start(wide: Canvas, key: Qt.Key) -> None:
    QTest.keyClick(wide.widget, key)
    assert wide.widget.zoom == FLOOR
    assert shows(wide, L)
    assert not shows(wide, FAR)


@pytest.mark.parametrize("key", [F, HOME])
def test_asked_twice_it_shows_all(wide: Canvas, key: Qt.Key) -> None:
    said: list[str] = []
    wide.hint.connect(said.append)
    QTest.keyClick(wide.widget, key)
    assert said[-1] == "The same key again shows all of it."
    QTest.keyClick(wide.widget, key)
    assert wide.in_view()
    QTest.keyClick(wide.widget, key)
    assert wide.widget.zoom == FLOOR, "and then is legible again"


def test_moving_the_view_in_between_is_not_asking_twice(wide: Canvas) -> None:
    QTest.keyClick(wide.widget, F)
    wide.widget.pan_by(QPoint(-300, 0).toPointF())
    QTest.keyClick(wide.widget, F)
    assert wide.widget.zoom == FLOOR


def test_f_shows_the_selected_first_then_all(wide: Canvas, session: Session) -> None:
    session.select([FAR])
    QTest.keyClick(wide.widget, F)
    assert shows(wide, FAR)
    assert wide.widget.zoom == 1
    QTest.keyClick(wide.widget, F)
    assert wide.in_view()


def test_fit_is_on_the_selected_where_all_would_be_too_small(
    wide: Canvas, session: Session
) -> None:
    session.select([FAR])
    wide.fit()
    assert wide.widget.zoom == FLOOR
    assert shows(wide, FAR)


def test_a_larger_view_keeps_what_was_asked_for(wide: Canvas) -> None:
    wide.fit(whole=True)
    wide.widget.resize(1000, 700)
    assert wide.in_view()
    wide.fit()
    wide.widget.resize(1200, 800)
    assert wide.widget.zoom == FLOOR


def test_the_map_shows_itself_only_while_something_is_out_of_view(
    wide: Canvas, session: Session
) -> None:
    wide.fit(whole=True)
    assert wide.map.isHidden()
    wide.zoom_to(1.0)
    assert not wide.map.isHidden()
    wide.fit(whole=True)
    assert wide.map.isHidden()
    session.edit("", session.document.move({B: (9000.0, 0.0)}))
    assert not wide.map.isHidden()
    session.edit("", session.document.remove(B))
    assert wide.map.isHidden()


def test_the_map_says_why_it_does_not_show(wide: Canvas) -> None:
    wide.fit(whole=True)
    said: list[str] = []
    wide.hint.connect(said.append)
    wide.map.toggle()
    wide.map.toggle()
    assert wide.map.isHidden()
    assert "out of view" in said[-1]


def test_the_map_leaves_a_narrow_canvas_alone(wide: Canvas) -> None:
    wide.zoom_to(1.0)
    wide.widget.resize(400, 500)
    assert wide.map.isHidden()
    wide.widget.resize(900, 500)
    assert not wide.map.isHidden()


def test_the_zoom_figure_swaps_life_size_and_the_graph(wide: Canvas) -> None:
    wide.zoom_to(0.5)
    swap(wide)
    assert wide.widget.zoom == 1
    swap(wide)
    assert wide.widget.zoom == FLOOR
