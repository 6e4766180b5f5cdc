"""Preferences: by key, menu and palette; each line says what the menus say."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.app import motion
from nodeforge.app.canvas import navigation
from nodeforge.app.preferences import Preferences
from tests.app.conftest import Desk

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(desk: Desk) -> Preferences:
    desk.window.activateWindow()
    desk.window.canvas.widget.setFocus()
    QTest.keyClick(desk.window.canvas.widget, Qt.Key.Key_Comma, CTRL)
    QApplication.processEvents()
    found = desk.window.findChild(Preferences, "preferences")
    assert found is not None
    assert found.isVisible()
    return found


def pick(page: Preferences, prefix: str, way: Qt.Key) -> None:
    """The next or last line of a choice, by its key."""
    QTest.keyClick(page.choices[prefix], way)
    QApplication.processEvents()


def test_choices_are_those_of_the_menus(desk: Desk, page: Preferences) -> None:
    window = desk.window
    assert page.choices["theme_"].count() == 3
    pick(page, "navigate_", Qt.Key.Key_Down)
    assert navigation.chosen() == "nuke"
    assert window.canvas.widget.navigation is navigation.PRESETS["nuke"]
    assert window.actions_by_id["navigate_nuke"].isChecked()
    snap = window.canvas.scenery.snapping
    before = snap.mode
    pick(page, "snap_", Qt.Key.Key_Down)
    assert snap.mode != before
    window.actions_by_id["theme_light"].trigger()
    page.show_all()
    assert page.choices["theme_"].currentData() == "theme_light"
    assert page.keys.reset_all.theme is window.theme
    pick(page, "theme_", Qt.Key.Key_Up)
    assert window.theme_choice() == "dark"


def test_animations_are_switched_by_mouse_and_space(desk: Desk, page: Preferences) -> None:
    was = motion.moving()
    assert page.motion.isChecked() == was
    QTest.mouseClick(page.motion, Qt.MouseButton.LeftButton)
    assert motion.moving() != was
    assert desk.window.actions_by_id["animations"].isChecked() == motion.moving()
    QTest.keyClick(page.motion, Qt.Key.Key_Space)
    assert motion.moving() == was


def test_keys_are_changed_there_too_and_it_closes(desk: Desk, page: Preferences) -> None:
    assert set(page.keys.rows) == set(desk.window.keymap.acts)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not page.isVisible()


def test_it_is_in_the_menu_and_the_palette(desk: Desk) -> None:
    (menu,) = [menu for menu in desk.window.menus.menus if menu.title() == "Edit"]
    assert desk.window.actions_by_id["preferences"] in menu.actions()
    desk.window.ask_command()
    desk.window.palette_box.line.setText("prefer")
    QTest.keyClick(desk.window.palette_box.line, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert desk.window.findChild(Preferences, "preferences") is not None
