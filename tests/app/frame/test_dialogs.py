"""Every dialog is inside its screen and can be finished without a mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from nodeforge.app.frame import dialog
from nodeforge.app.frame.dialog import Dialog
from tests.app.conftest import Desk

Key = Qt.Key


def shown(desk: Desk, open: Callable[[Desk], object]) -> Dialog:
    """The dialog that this opens."""
    before = set(QApplication.topLevelWidgets())
    open(desk)
    for _ in range(3):
        QApplication.processEvents()
    (new,) = (
        part
        for part in QApplication.topLevelWidgets()
        if part not in before and isinstance(part, Dialog) and part.isVisible()
    )
    new.activateWindow()
    return new


OPENS: dict[str, Callable[[Desk], object]] = {
    "preferences": lambda desk: desk.window.show_preferences(),
    "keys": lambda desk: desk.window.show_keys(),
    "shortcuts": lambda desk: desk.window.show_shortcuts(),
    "about": lambda desk: desk.window.show_about(),
    "download": lambda desk: desk.window.supply.download(),
}


@pytest.mark.parametrize("size", [(512, 288), (900, 560), (1280, 720), (1920, 1080)])
@pytest.mark.parametrize("name", OPENS)
def test_it_opens_inside_the_screen(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str, size: tuple[int, int]
) -> None:
    area = QRect(0, 0, *size)
    monkeypatch.setattr(dialog, "areas", lambda: [area])
    here = shown(desk, OPENS[name])
    assert area.contains(here.frameGeometry()), here.frameGeometry()
    here.close()


@pytest.mark.parametrize("name", OPENS)
def test_escape_closes_it(desk: Desk, name: str) -> None:
    here = shown(desk, OPENS[name])
    QTest.keyClick(here, Key.Key_Escape)
    assert not here.isVisible()


@pytest.mark.parametrize("name", ["preferences", "keys", "shortcuts", "about"])
def test_tab_comes_to_its_button_and_enter_presses_it(desk: Desk, name: str) -> None:
    here = shown(desk, OPENS[name])
    usual = here.usual
    assert usual is not None
    part: QWidget | None = here
    for _ in range(5000):
        part = part.nextInFocusChain() if part is not None else None
        if part is usual:
            break
    assert part is usual, "Tab goes through all of it"
    usual.setFocus(Qt.FocusReason.TabFocusReason)
    ringed = usual.grab().toImage()
    here.setFocus()
    assert usual.grab().toImage() != ringed, "the focus is seen"
    usual.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(usual, Key.Key_Return)
    assert not here.isVisible()


def test_enter_in_a_field_of_the_preferences_takes_it_and_stays(desk: Desk) -> None:
    here = desk.window.show_preferences()
    here.limit.setFocus()
    QTest.keyClicks(here.limit, "half")
    QTest.keyClick(here.limit, Key.Key_Return)
    assert here.isVisible()
    here.close()
