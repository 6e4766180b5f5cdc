"""The columns of the Inspector, and what stands there while nothing is selected."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from nodeforge.app.fields import SeedField
from nodeforge.app.panels import CONTROLS, INSPECTOR
from nodeforge.app.theme import size
from nodeforge.graph.document import NodeId, Spot
from tests.app.conftest import MODEL, PROMPT, SAMPLE, Desk


@pytest.fixture
def sampling(desk: Desk) -> Desk:
    desk.session.select([SAMPLE])
    for _ in range(3):  # layouts within layouts
        QApplication.processEvents()
    return desk


def place(desk: Desk, part: QWidget) -> QRect:
    return QRect(part.mapTo(desk.window.inspector, QPoint()), part.size())


@pytest.mark.parametrize("node", [SAMPLE, PROMPT, MODEL])
def test_all_fields_end_in_one_line(desk: Desk, node: NodeId) -> None:
    desk.session.select([node])
    for _ in range(3):
        QApplication.processEvents()
    rows = desk.window.inspector.rows.values()
    fields = [place(desk, row.field) for row in rows]
    assert len({box.right() for box in fields}) == 1
    for row, box in zip(rows, fields, strict=True):
        star = place(desk, row.star)
        assert star.width() == size("inspectorIcon")
        assert star.left() == box.right() + 1
        if not row.field.tall:
            assert box.height() == size("inspectorField")
            assert box.left() - place(desk, row).left() == size("inspectorLabel")


def test_rows_lie_thirty_pixels_apart(sampling: Desk) -> None:
    tops = [place(sampling, row).top() for row in sampling.window.inspector.rows.values()]
    assert {b - a for a, b in pairwise(tops)} == {size("inspectorPitch")}


def test_what_a_seed_can_do_lies_in_its_field(sampling: Desk) -> None:
    seed = sampling.window.inspector.rows["seed"].field
    assert isinstance(seed, SeedField)
    room = place(sampling, seed.scrub)
    assert all(room.contains(place(sampling, part)) for part in (seed.dice, seed.again))


def test_star_and_way_back_show_only_while_the_row_is_met(qtbot: QtBot, sampling: Desk) -> None:
    document = sampling.session.document
    sampling.session.edit("", document.set(SAMPLE, steps=7))
    row = sampling.window.inspector.rows["steps"]
    plain = [part.grab().toImage() for part in (row.star, row.back)]
    row.field.setFocus()
    qtbot.waitUntil(lambda: row.star.met and row.back.met)
    assert all(
        part.grab().toImage() != before
        for part, before in zip((row.star, row.back), plain, strict=True)
    )
    sampling.window.inspector.rows["guidance"].field.setFocus()
    qtbot.waitUntil(lambda: not row.star.met)
    assert [part.grab().toImage() for part in (row.star, row.back)] == plain
    row.turn_star()
    assert row.star.grab().toImage() != plain[0], "a star that is on always shows"


def test_with_nothing_selected_the_controls_stand_in_for_the_inspector(sampling: Desk) -> None:
    panels = sampling.window.panels
    document = sampling.session.document
    sampling.session.edit("", document.star(SAMPLE, "steps"))
    assert panels.stack.currentWidget() is panels.inspector
    sampling.session.select([])
    assert panels.tabs.at == INSPECTOR
    assert panels.stack.currentWidget() is panels.starred
    assert not panels.starred.title.isHidden()
    assert panels.starred.title.text() == "Controls"
    assert Spot(SAMPLE, "steps") in panels.starred.rows
    panels.tabs.choose(CONTROLS)
    assert panels.starred.title.isHidden(), "the tab says it"
    panels.tabs.choose(INSPECTOR)
    sampling.session.select([SAMPLE])
    assert panels.stack.currentWidget() is panels.inspector


def test_f11_and_back_keeps_them_in_their_place(sampling: Desk) -> None:
    window = sampling.window
    sampling.session.select([])
    window.actions_by_id["generator"].trigger()
    assert window.panels.starred.title.isHidden()
    sampling.session.select([SAMPLE])
    sampling.session.select([])
    window.actions_by_id["generator"].trigger()
    assert window.panels.stack.currentWidget() is window.panels.starred
    assert window.panels.starred.isVisibleTo(window.panels)


def test_keys_reach_the_controls_that_stand_in(sampling: Desk) -> None:
    sampling.session.edit("", sampling.session.document.star(SAMPLE, "steps"))
    sampling.session.select([])
    field = sampling.window.panels.starred.rows[Spot(SAMPLE, "steps")].field
    field.setFocus(Qt.FocusReason.TabFocusReason)
    assert field.hasFocus()
