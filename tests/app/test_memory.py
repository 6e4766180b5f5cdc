"""The popup under the memory gauge, by mouse and by keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.app.memory import place
from nodeforge.app.preferences import Preferences
from nodeforge.base.units import GB
from nodeforge.engine.messages import Died, Resident, Weights
from tests.app.conftest import Desk

LOADED = Resident(
    (Weights("unet of dream", "cuda:0", 3 * GB), Weights("vae of dream", "ram", GB)),
    "offload: the parts take turns",
)


def opened(desk: Desk) -> None:
    QTest.mouseClick(desk.window.top.gauge, Qt.MouseButton.LeftButton)
    assert desk.window.memory.isVisible()


def test_a_click_on_the_gauge_lists_what_is_loaded_and_follows_it(desk: Desk) -> None:
    popup = desk.window.memory
    opened(desk)
    assert popup.empty.isVisible()
    assert not popup.free.isEnabled()
    desk.hear(LOADED)
    said = [row.accessibleName() for row in popup.rows]
    assert said == ["unet of dream, GPU, 3.0 GB", "vae of dream, RAM, 1.0 GB"]
    assert [row.bar.part for row in popup.rows] == [0.75, 0.25]
    assert popup.plan.isVisible()
    assert popup.plan.text() == LOADED.plan
    assert not popup.empty.isVisible()
    tall = popup.height()
    desk.hear(Died(0, "The worker is gone."))
    assert popup.rows == []
    assert popup.empty.isVisible()
    assert popup.height() < tall


def test_the_button_frees_and_the_window_says_how_much(desk: Desk) -> None:
    desk.hear(LOADED)
    opened(desk)
    QTest.mouseClick(desk.window.memory.free, Qt.MouseButton.LeftButton)
    assert desk.worker.words().count("free") == 1
    desk.hear(Resident(plan=LOADED.plan))
    assert desk.window.memory.empty.isVisible()
    assert not desk.window.memory.plan.isVisible()
    assert [toast.words for toast in desk.window.toasts.shown] == ["Freed 4.0 GB."]


def test_keys_open_it_free_and_close_it(desk: Desk) -> None:
    desk.hear(LOADED)
    gauge, popup = desk.window.top.gauge, desk.window.memory
    assert gauge.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert gauge.accessibleName()
    QTest.keyClick(gauge, Qt.Key.Key_Space)
    assert popup.isVisible()
    assert popup.focusWidget() is popup.free
    QTest.keyClick(popup.free, Qt.Key.Key_Space)
    assert "free" in desk.worker.words()
    QTest.keyClick(popup.free, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert not popup.isVisible()


def test_the_command_frees_too_and_says_where_there_is_nothing(desk: Desk) -> None:
    command = desk.window.actions_by_id["free-memory"]
    command.trigger()
    assert "free" not in desk.worker.words()
    assert "nothing to free" in desk.window.toasts.shown[-1].words
    desk.hear(LOADED)
    command.trigger()
    assert desk.worker.words().count("free") == 1


def test_a_button_goes_to_how_models_are_held(desk: Desk) -> None:
    desk.window.activateWindow()
    opened(desk)
    QTest.mouseClick(desk.window.memory.tune, Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert not desk.window.memory.isVisible()
    page = desk.window.findChild(Preferences, "preferences")
    assert isinstance(page, Preferences)
    assert page.choices["memory_"].hasFocus()


def test_words_for_places() -> None:
    assert [place(w) for w in ("cuda:0", "cuda:1", "mps", "cpu", "ram")] == [
        *("GPU", "GPU 2", "GPU", "RAM", "RAM")
    ]
