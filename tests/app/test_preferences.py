"""Preferences: by key, menu and palette; each line says what the menus say."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nodeforge import ways
from nodeforge.app import motion, settings, tuning
from nodeforge.app.canvas import navigation
from nodeforge.app.preferences import Preferences
from nodeforge.app.tuning import Tuning
from nodeforge.engine.messages import Ended, Ready, Resident, Weights
from tests.app.conftest import Desk

LOADED = Resident((Weights("unet of dream", "cuda:0", 2**30),), "resident: all fit")
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
    assert page.abouts["navigate_"].text().startswith("The middle button or Alt")
    assert ("Alt+Drag", "Pan") in window.status.hints.pairs
    pick(page, "navigate_", Qt.Key.Key_End)
    assert navigation.chosen() == "comfyui"
    assert {("Drag", "Pan"), ("Ctrl+Drag", "Select")} < set(window.status.hints.pairs)
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


def test_how_models_run_is_chosen_there_and_the_idle_worker_starts_anew(
    desk: Desk, page: Preferences, qtbot: QtBot
) -> None:
    desk.hear(LOADED)
    with qtbot.waitSignal(desk.window.tuning.renewed):
        pick(page, "compile_", Qt.Key.Key_Down)
        pick(page, "compile_", Qt.Key.Key_Down)
        assert "renew" not in desk.worker.words(), "the hand has not come to rest"
    assert desk.worker.words().count("renew") == 1
    assert tuning.chosen() == {ways.COMPILE: "blocks"}
    assert desk.window.actions_by_id["compile_blocks"].isChecked()
    assert "Seconds the first time" in page.abouts["compile_"].text()
    assert "Seconds the first time" in page.choices["compile_"].accessibleDescription()
    assert "starts anew" in desk.window.toasts.shown[-1].words
    assert desk.window.top.device.text() == "Starting…"
    assert desk.window.memory.held.weights == (), "the worker that held them is gone"
    desk.hear(Ready(tuple(desk.session.specs.values()), "a GPU"))
    assert desk.window.top.device.text() == "a GPU"
    page.window_of.actions_by_id["compile_usual"].trigger()
    assert page.choices["compile_"].currentText() == "Automatic"
    assert tuning.chosen() == {}


def test_a_run_goes_on_and_the_worker_starts_anew_after_it(desk: Desk, page: Preferences) -> None:
    desk.session.run()
    pick(page, "memory_", Qt.Key.Key_Down)
    assert page.abouts[""].text() == "In force when this run has ended."
    assert "goes on as it began" in desk.window.toasts.shown[-1].words
    assert "renew" not in desk.worker.words()
    desk.session.runs.replace()
    assert "renew" not in desk.worker.words()
    desk.hear(Ended(desk.session.job))
    assert desk.worker.words()[-1] == "renew"
    assert page.abouts[""].text() == "The same for every graph."


def test_a_run_asked_for_at_once_is_run_as_is_chosen(desk: Desk, page: Preferences) -> None:
    pick(page, "attention_", Qt.Key.Key_Down)
    desk.session.run()
    assert desk.worker.words()[-2:] == ["renew", "run"]
    pick(page, "channels_", Qt.Key.Key_Down)
    pick(page, "channels_", Qt.Key.Key_Up)
    desk.hear(Ended(desk.session.job))
    assert desk.worker.words().count("renew") == 1, "back where it was"


def test_a_limit_is_typed_and_a_wrong_one_is_told(desk: Desk, page: Preferences) -> None:
    desk.window.actions_by_id["memory-limit"].trigger()
    QApplication.processEvents()
    assert desk.window.findChildren(Preferences, "preferences") == [page]
    assert page.limit.hasFocus()
    QTest.keyClicks(page.limit, "lots")
    QTest.keyClick(page.limit, Qt.Key.Key_Tab)
    about = page.abouts[ways.LIMIT]
    assert about.text() == "Write a size such as 12 GB or half, or nothing for all."
    assert about.property("role") == "fault"
    assert tuning.chosen() == {}
    assert page.limit.text() == "lots", "it stays, to be put right"
    page.limit.setFocus()
    page.limit.selectAll()
    QTest.keyClicks(page.limit, "12 GB")
    QTest.keyClick(page.limit, Qt.Key.Key_Tab)
    assert tuning.chosen() == {ways.LIMIT: "12 GB"}
    assert about.property("role") == "dim"
    page.limit.setFocus()
    page.limit.selectAll()
    QTest.keyClick(page.limit, Qt.Key.Key_Delete)
    QTest.keyClick(page.limit, Qt.Key.Key_Tab)
    assert tuning.chosen() == {}


def test_a_variable_from_outside_counts_and_the_page_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ways.COMPILE, "Blocks")
    monkeypatch.setenv(ways.LIMIT, "6 GB")
    page = desk.window.show_preferences()
    box = page.choices["compile_"]
    assert (box.currentText(), box.isEnabled()) == ("Repeated blocks", False)
    assert page.abouts["compile_"].text() == "NODEFORGE_COMPILE is set outside, and that counts."
    assert (page.limit.text(), page.limit.isEnabled()) == ("6 gb", False)
    assert not desk.window.actions_by_id["compile_whole"].isEnabled()
    desk.window.tuning.choose(ways.COMPILE, "whole")
    assert tuning.chosen() == {}


def test_what_is_kept_is_there_at_the_next_start_if_it_is_still_known(desk: Desk) -> None:
    desk.window.tuning.choose(ways.MEMORY, "stream")
    settings.put(ways.ATTENTION, "magic")
    settings.put(ways.LIMIT, "lots")
    assert tuning.chosen() == {ways.MEMORY: "stream"}
    assert Tuning(desk.session).value(ways.MEMORY) == "stream"


def test_all_that_the_engine_knows_is_offered() -> None:
    offered = {choice.variable: [o.value for o in choice.options] for choice in tuning.choices()}
    assert offered[ways.COMPILE] == ["", *ways.COMPILED]
    assert offered[ways.MEMORY] == ["", *ways.HELD]
    assert offered[ways.ATTENTION][: 1 + len(ways.ROUTINES)] == ["", *ways.ROUTINES]
    assert {ways.LIMIT, *offered} == set(ways.VARIABLES)
