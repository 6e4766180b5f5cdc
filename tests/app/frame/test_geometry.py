"""The window is inside its screen, at the start and when screens change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMargins, QRect, QSize
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from nodeforge.app.frame import geometry
from nodeforge.app.frame.geometry import LEAST, Keeper, inside

LAPTOP, BESIDE = QRect(0, 0, 1280, 720), QRect(1280, 0, 2560, 1440)
FRAME = QMargins(4, 30, 4, 4)
rects = st.builds(
    QRect,
    st.integers(-9000, 9000),
    st.integers(-9000, 9000),
    st.integers(1, 9000),
    st.integers(1, 9000),
)


@given(rects)
def test_any_place_is_brought_into_one_screen_with_its_frame(wanted: QRect) -> None:
    found = inside(wanted, [LAPTOP, BESIDE], FRAME)
    outer = found.marginsAdded(FRAME)
    assert LAPTOP.contains(outer) or BESIDE.contains(outer)
    assert found.width() == min(wanted.width(), found.width())


@given(rects)
def test_what_is_inside_stays_where_it_is(wanted: QRect) -> None:
    found = inside(wanted, [LAPTOP, BESIDE], FRAME)
    assert inside(found, [LAPTOP, BESIDE], FRAME) == found


def test_a_window_of_a_screen_that_is_gone_comes_to_the_one_that_is_left() -> None:
    assert inside(QRect(1500, 100, 1600, 1000), [LAPTOP]) == QRect(0, 0, 1280, 720)
    assert inside(QRect(3000, 900, 1000, 600), [LAPTOP]) == QRect(280, 120, 1000, 600)


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    return window


def on(monkeypatch: pytest.MonkeyPatch, *areas: QRect) -> None:
    monkeypatch.setattr(geometry, "areas", lambda: list(areas))


@pytest.mark.parametrize("size", [QSize(512, 288), QSize(640, 360), QSize(1280, 720)], ids=str)
def test_the_least_size_yields_to_a_smaller_screen(
    window: QMainWindow, monkeypatch: pytest.MonkeyPatch, size: QSize
) -> None:
    """1280 x 720 at 250, 200 and 100 %."""
    area = QRect(0, 0, size.width(), size.height())
    on(monkeypatch, area)
    keeper = Keeper(window)
    keeper.restore(None, QSize(1600, 1000))
    window.show()
    assert window.isMaximized()
    window.showNormal()
    keeper.keep()
    assert area.contains(window.geometry())
    assert window.minimumWidth() <= min(LEAST.width(), size.width())


def test_a_remembered_place_on_a_screen_that_is_gone_is_brought_back(
    window: QMainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    on(monkeypatch, LAPTOP, BESIDE)
    window.setGeometry(1400, 50, 2200, 1300)
    stored = window.saveGeometry()
    other = QMainWindow()
    qtbot.addWidget(other)
    on(monkeypatch, LAPTOP)
    Keeper(other).restore(stored, QSize(1600, 1000))
    other.show()
    assert LAPTOP.contains(other.geometry())


def test_the_window_follows_a_screen_that_changes_while_it_is_open(
    window: QMainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    on(monkeypatch, BESIDE, LAPTOP)
    keeper = Keeper(window)
    keeper.restore(None, QSize(1600, 1000))
    window.show()
    assert BESIDE.contains(window.geometry())
    assert window.size() == QSize(1600, 1000)
    on(monkeypatch, LAPTOP)
    screen = window.screen()
    screen.availableGeometryChanged.emit(LAPTOP)
    qtbot.waitUntil(lambda: LAPTOP.contains(window.geometry()))
