"""The box that asks: by mouse, by letter, by Enter and Escape, on any screen, in both themes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget

from nodeforge.app import theme
from nodeforge.app.files import Answer
from nodeforge.app.frame import boxes, desktop, dialog
from nodeforge.app.frame.boxes import Box, Choice
from nodeforge.app.theme import DARK, LIGHT
from tests.app.clipped import clipped
from tests.app.conftest import SAMPLE, Desk

Key = Qt.Key


def while_open(do: Callable[[Box], object]) -> None:
    """Do this once a box is up."""

    def at_it() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, Box)
        do(box)

    QTimer.singleShot(0, at_it)


def press(key: Key) -> Callable[[Box], object]:
    return lambda box: QTest.keyClick(box.focusWidget() or box, key)


def tabs(count: int) -> Callable[[Box], object]:
    def do(box: Box) -> None:
        for _ in range(count):
            QTest.keyClick(box.focusWidget() or box, Key.Key_Tab)
        QTest.keyClick(box.focusWidget() or box, Key.Key_Return)

    return do


@pytest.mark.parametrize(
    ("by", "answer"),
    [
        (press(Key.Key_Return), Answer.Save),
        (press(Key.Key_Escape), Answer.Cancel),
        (press(Key.Key_D), Answer.Discard),
        (press(Key.Key_S), Answer.Save),
        (press(Key.Key_C), Answer.Cancel),
        (tabs(1), Answer.Discard),
        (tabs(2), Answer.Cancel),
        (lambda box: box.answers[0].click(), Answer.Discard),
        (lambda box: box.close(), Answer.Cancel),
    ],
)
def test_unsaved_changes_are_asked_about_by_mouse_and_keys(
    desk: Desk, by: Callable[[Box], object], answer: Answer
) -> None:
    desk.session.edit("Steps", desk.session.document.set(SAMPLE, steps=7))
    desk.window.activateWindow()
    while_open(by)
    assert desk.window.files.ask() is answer


def test_the_box_names_the_graph_and_says_what_is_lost(desk: Desk) -> None:
    said: list[str] = []

    def read(box: Box) -> None:
        said.extend(label.text() for label in box.findChildren(QLabel))
        assert not clipped(box)
        box.reject()

    while_open(read)
    desk.window.files.ask()
    assert "Save the changes to castle?" in said
    assert "What is not saved is lost." in said


def test_letters_work_with_alt_too(desk: Desk) -> None:
    box = Box(desk.window, "Which?")
    box.offer((Choice(1, "&One"), Choice(2, "T&wo")))
    assert [button.shortcut() for button in box.answers] == [
        QKeySequence("Alt+O"),
        QKeySequence("Alt+W"),
    ]
    box.close()


@pytest.mark.parametrize("lines", [False, True])
def test_a_text_is_asked_for_and_escape_gives_none(desk: Desk, lines: bool) -> None:
    desk.window.activateWindow()

    def type_in(box: Box) -> None:
        field = box.findChild(QPlainTextEdit if lines else QLineEdit)
        assert isinstance(field, QWidget)
        QTest.keyClicks(field, "o soft")
        control = Qt.KeyboardModifier.ControlModifier
        QTest.keyClick(field, Key.Key_Return, control if lines else Qt.KeyboardModifier.NoModifier)

    while_open(type_in)
    given = boxes.ask_text(desk.window, "Notes", "", "About it", lines)
    assert given == "o soft"
    while_open(press(Key.Key_Escape))
    assert boxes.ask_text(desk.window, "Notes", "as before", "", lines) is None


@pytest.mark.parametrize("size", [(512, 288), (640, 360), (1280, 720)])
def test_a_box_fits_on_a_small_screen(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    area = QRect(0, 0, *size)
    monkeypatch.setattr(dialog, "areas", lambda: [area])
    box = Box(desk.window, "Save the changes to a graph with a long name?", "What is lost. " * 4)
    box.offer((Choice(1, "&Don't save"), Choice(2, "&Cancel"), Choice(3, "&Save", "primary")))
    box.show()
    QApplication.processEvents()
    assert area.contains(box.geometry())
    assert not clipped(box)
    for button in box.answers:
        assert box.rect().contains(button.geometry())
    box.close()


def test_it_wears_the_theme_of_its_window(desk: Desk) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    for chosen in (LIGHT, DARK):
        theme.apply(app, chosen)
        box = Box(desk.window, "Which?")
        assert box.theme == chosen
        box.close()


@pytest.mark.parametrize(
    ("bus", "chooses", "chosen", "wanted"),
    [
        (True, True, "", "xdgdesktopportal"),
        (True, False, "", ""),
        (False, True, "", ""),
        (True, True, "gtk3", "gtk3"),
    ],
)
def test_the_desktops_file_dialog_is_asked_for_where_there_is_one(
    tmp_path: Path, bus: bool, chooses: bool, chosen: str, wanted: str
) -> None:
    service = tmp_path / desktop.SERVICE
    service.parent.mkdir(parents=True)
    service.write_text("[D-BUS Service]\n")
    portals = tmp_path / "xdg-desktop-portal/portals"
    portals.mkdir(parents=True)
    (portals / "broken.portal").write_bytes(b"\xff\xfe\n[")
    what = desktop.CHOOSER if chooses else "org.freedesktop.impl.portal.Access"
    (portals / "kde.portal").write_text(f"[portal]\nDBusName=x\nInterfaces={what};other;\n")
    environment = {"XDG_DATA_DIRS": f"/nowhere:{tmp_path}"}
    if bus:
        environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere"
    if chosen:
        environment[desktop.THEME] = chosen
    desktop.prefer_portal(environment)
    assert environment.get(desktop.THEME, "") == wanted
