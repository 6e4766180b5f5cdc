"""The picture has its part of the width, the list folds to a rail, panels open where they fold."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nodeforge.app import motion
from nodeforge.app.frame import column, rail, shell
from nodeforge.app.models.page import MODELS, NODES
from tests.app.clipped import outside
from tests.app.conftest import SAMPLE, Desk

LEFT = Qt.MouseButton.LeftButton


def sized(desk: Desk, width: int, height: int) -> None:
    desk.window.keeper.least = QSize(1, 1)
    desk.window.setMinimumSize(1, 1)
    desk.window.resize(width, height)
    for _ in range(3):
        QApplication.processEvents()


@pytest.mark.parametrize(
    ("width", "picture"), [(1600, 576), (1280, 461), (2560, 922), (3840, 1382), (900, 360)]
)
def test_the_picture_has_36_percent_of_the_width_and_360_at_least(
    desk: Desk, width: int, picture: int
) -> None:
    sized(desk, width, 1000)
    viewer = desk.window.viewer
    assert viewer.width() == pytest.approx(picture, abs=2)
    assert viewer.mapTo(desk.window, QPoint(viewer.width(), 0)).x() == desk.window.width()


def test_the_picture_is_a_square_first(desk: Desk) -> None:
    sized(desk, 1600, 1000)
    view = desk.window.viewer.stack
    assert view.height() == pytest.approx(view.width(), abs=2)
    assert desk.window.panels.height() > 250


def test_the_picture_keeps_its_place_when_the_list_opens(desk: Desk) -> None:
    sized(desk, 1600, 1000)
    viewer = desk.window.viewer

    def place() -> tuple[QPoint, int, int]:
        return viewer.mapTo(desk.window, QPoint()), viewer.width(), viewer.height()

    before = place()
    desk.window.left.open(NODES)
    assert place() == before
    desk.window.shell.pin(True)
    QApplication.processEvents()
    assert place() == before
    assert desk.window.left.width() == pytest.approx(shell.LIST, abs=1)


def test_a_double_click_on_its_edge_makes_it_large_and_usual_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(motion, "moving", lambda: False)
    sized(desk, 1600, 1000)
    across = desk.window.shell.across
    handle = across.handle(across.count() - 1)
    QTest.mouseDClick(handle, LEFT)
    assert desk.window.viewer.width() == pytest.approx(1600 * shell.WIDE, abs=2)
    QTest.mouseDClick(handle, LEFT)
    assert desk.window.viewer.width() == pytest.approx(1600 * shell.SHARE, abs=2)


def test_widths_are_remembered(desk: Desk) -> None:
    sized(desk, 1600, 1000)
    here = desk.window.shell
    here.share, here.column.tall = 0.5, 0.4
    here.pin(True)
    here.list.width = 260
    here.remember()
    here.share, here.column.tall, here.list.width = 0.36, None, 208
    here.pin(False)
    here.restore()
    here.lay()
    QApplication.processEvents()
    assert desk.window.viewer.width() == pytest.approx(800, abs=2)
    assert desk.window.left.width() == pytest.approx(260, abs=1)
    assert here.column.tall == 0.4


def test_the_rail_offers_search_every_category_models_and_templates(desk: Desk) -> None:
    buttons = desk.window.shell.rail.buttons
    for id in ("search", "source", "guide", "generate", "picture", "finish", "models", "pin"):
        assert id in buttons
        assert buttons[id].accessibleName()
    assert desk.window.shell.rail.width() == rail.WIDTH
    assert not desk.window.left.isVisible()


def test_a_category_opens_the_list_at_it_and_escape_closes_it(desk: Desk, qtbot: QtBot) -> None:
    here = desk.window.shell
    QTest.mouseClick(here.rail.buttons["picture"], LEFT)
    assert desk.window.left.isVisible()
    tree = desk.window.library.tree
    top = tree.itemAt(10, 5)
    assert top is not None
    assert top.text(0) == "Picture" or tree.verticalScrollBar().maximum() == 0
    assert here.rail.buttons["picture"].isChecked()
    QTest.mouseClick(here.rail.buttons["models"], LEFT)
    assert desk.window.left.tabs.at == MODELS
    QTest.mouseClick(here.rail.buttons["search"], LEFT)
    assert desk.window.library.search.hasFocus() or not desk.window.isActiveWindow()
    QTest.keyClick(desk.window.library.search, Qt.Key.Key_Escape)
    assert not desk.window.left.isVisible()


def test_the_pin_keeps_the_list_and_folds_it_again(desk: Desk) -> None:
    here = desk.window.shell
    QTest.mouseClick(here.rail.buttons["pin"], LEFT)
    assert desk.window.left.isVisible()
    assert here.list.docked
    assert desk.window.actions_by_id["pin_list"].isChecked()
    QTest.mouseClick(here.rail.buttons["pin"], LEFT)
    assert not desk.window.left.isVisible()


def test_a_low_rail_leaves_categories_out_and_keeps_the_rest(desk: Desk) -> None:
    sized(desk, 512, 288)
    buttons = desk.window.shell.rail.buttons
    shown = [id for id, button in buttons.items() if button.isVisible()]
    assert {"search", "models", "templates", "pin"} <= set(shown)
    bottom = max(buttons[id].geometry().bottom() for id in shown)
    assert bottom < desk.window.shell.rail.height()


def test_in_a_low_window_the_inspector_opens_over_the_picture(desk: Desk) -> None:
    sized(desk, 900, 560)
    desk.session.select([SAMPLE])
    here, panels = desk.window.column, desk.window.panels
    assert here.folded
    assert panels.height() == column.TITLE
    assert desk.window.viewer.width() == 360
    QTest.mouseClick(panels.tabs, LEFT, pos=QPoint(30, 15))
    QApplication.processEvents()
    assert panels.height() > 250
    assert desk.window.inspector.rows["seed"].isVisible()
    QTest.keyClick(panels, Qt.Key.Key_Escape)
    assert panels.height() == column.TITLE
    sized(desk, 1600, 1000)
    assert not here.folded
    assert panels.height() > 250


def test_in_a_narrow_window_the_picture_folds_to_a_rail_and_opens_over_the_canvas(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(motion, "moving", lambda: False)
    sized(desk, 640, 560)
    here = desk.window.shell
    assert here.side_folded
    assert here.right_rail.isVisible()
    assert not desk.window.viewer.isVisible()
    QTest.mouseClick(here.right_rail.buttons["viewer"], LEFT)
    assert desk.window.viewer.isVisible()
    right = desk.window.viewer.mapTo(here, QPoint(desk.window.viewer.width(), 0)).x()
    assert right <= here.right_rail.x()
    here.side.push()
    QTest.mouseClick(here.right_rail.buttons["panels"], LEFT)
    assert desk.window.panels.isVisible()
    sized(desk, 1600, 1000)
    assert not here.side_folded
    assert not here.right_rail.isVisible()


def test_the_column_folds_by_a_command_and_comes_back(desk: Desk) -> None:
    fold = desk.window.actions_by_id["fold_side"]
    fold.trigger()
    assert not desk.window.viewer.isVisible()
    QTest.mouseClick(desk.window.shell.right_rail.buttons["unfold"], LEFT)
    assert desk.window.viewer.isVisible()
    assert not fold.isChecked()


@pytest.mark.parametrize("simple", [False, True])
@pytest.mark.parametrize("size", [(512, 288), (640, 360), (900, 560), (1280, 720)])
def test_nothing_reaches_over_the_edge(desk: Desk, size: tuple[int, int], simple: bool) -> None:
    if simple:
        desk.window.generator.toggle()
    sized(desk, *size)
    assert not outside(desk.window)
