"""The command palette and the keys, with real keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.app.keys import Keymap
from nodeforge.app.keyspage import KeysDialog
from nodeforge.app.palette import ACT, Palette
from nodeforge.graph.document import NodeId
from tests.app.canvas import mouse
from tests.app.conftest import MODEL, SAMPLE, Desk

Key = Qt.Key


@pytest.fixture
def palette(desk: Desk) -> Palette:
    desk.window.actions_by_id["palette"].trigger()
    return desk.window.palette_box


def ids(palette: Palette) -> list[str]:
    return [palette.list.item(row).data(ACT).id for row in range(palette.list.count())]


def test_ctrl_shift_p_opens_it_over_every_command(desk: Desk, palette: Palette) -> None:
    assert palette.isVisible()
    assert palette.line.hasFocus()
    assert set(ids(palette)) == {act.id for act in desk.window.acts} - {"palette"}
    keys = desk.window.actions_by_id["palette"].shortcuts()
    assert keys == [QKeySequence("Ctrl+Shift+P")]


def test_typed_letters_find_a_command_and_enter_does_it(desk: Desk, palette: Palette) -> None:
    QTest.keyClicks(palette.line, "selall")
    assert ids(palette)[0] == "select_all"
    QTest.keyClick(palette.line, Key.Key_Return)
    assert not palette.isVisible()
    assert set(desk.session.selection) == set(desk.session.document.nodes)


def test_what_no_command_is_called_is_said(desk: Desk, palette: Palette) -> None:
    assert not palette.none.isVisible()
    QTest.keyClicks(palette.line, "qqqq")
    assert palette.none.isVisible()
    assert not palette.list.isVisible()
    desk.window.actions_by_id["add"].trigger()
    search = desk.window.search
    QTest.keyClicks(search.line, "qqqq")
    assert search.none.isVisible()
    assert search.none.text() == "No node is called so."
    search.line.clear()
    assert search.list.isVisible()
    assert not search.none.isVisible()


def test_a_click_beside_closes_it_also_on_what_takes_no_focus(desk: Desk) -> None:
    session, top = desk.session, desk.window.top
    session.edit("Steps", session.document.set(SAMPLE, steps=7))
    for box, act in ((desk.window.palette_box, "palette"), (desk.window.search, "add")):
        desk.window.actions_by_id[act].trigger()
        QTest.mouseClick(box.line, Qt.MouseButton.LeftButton)
        assert box.isVisible()
        QTest.mouseClick(top.undo if act == "add" else top, Qt.MouseButton.LeftButton)
        assert not box.isVisible()
    assert "steps" not in session.document.nodes[SAMPLE].values


def test_what_cannot_be_done_stands_last_and_says_why(desk: Desk, palette: Palette) -> None:
    desk.session.select([])
    palette.ask()
    able = [desk.window.actions_by_id[id].isEnabled() for id in ids(palette)]
    assert able == sorted(able, reverse=True)
    QTest.keyClicks(palette.line, "unpack")
    assert ids(palette)[0] == "unpack"
    QTest.keyClick(palette.line, Key.Key_Return)
    assert palette.isVisible()
    assert desk.window.actions_by_id["unpack"].toolTip() == "Select a group first."


def test_every_command_that_can_be_off_says_why(desk: Desk) -> None:
    for act in desk.window.acts:
        assert act.enabled is None or act.why.endswith(".")
    assert all(menu.toolTipsVisible() for menu in desk.window.menus.menus)


def test_escape_gives_the_focus_back(desk: Desk) -> None:
    desk.window.canvas.widget.setFocus()
    desk.window.ask_command()
    QTest.keyClick(desk.window.palette_box.line, Key.Key_Escape)
    assert not desk.window.palette_box.isVisible()
    assert desk.window.canvas.widget.hasFocus()


def test_the_arrows_choose(desk: Desk, palette: Palette) -> None:
    first = palette.list.currentRow()
    QTest.keyClick(palette.line, Key.Key_Down)
    assert palette.list.currentRow() == first + 1


def test_another_key_mutes_and_the_old_one_no_longer_does(desk: Desk) -> None:
    keymap = desk.window.keymap
    keymap.choose("mute", ("J",))
    desk.session.select([MODEL])
    mouse.press(desk.window.canvas, Key.Key_D)
    assert not desk.session.document.nodes[MODEL].muted
    mouse.press(desk.window.canvas, Key.Key_J)
    assert desk.session.document.nodes[MODEL].muted
    assert desk.window.actions_by_id["mute"].shortcuts() == [QKeySequence("J")]


def test_keys_are_remembered_and_reset(desk: Desk) -> None:
    window = desk.window
    window.keymap.choose("mute", ("M",))
    again = Keymap(window.acts, window.actions_by_id, window)
    assert again.of("mute") == ("M",)
    assert again.shown("mute") == "M"
    assert again.differs("mute")
    again.reset()
    assert again.of("mute") == ("D",)
    assert Keymap(window.acts, window.actions_by_id, window).of("mute") == ("D",)


def test_as_it_comes_no_two_commands_want_one_key(desk: Desk) -> None:
    keymap = desk.window.keymap
    assert [id for id in keymap.acts if keymap.rivals(id)] == []


def test_the_page_shows_a_conflict_and_takes_it_back(desk: Desk) -> None:
    dialog = KeysDialog(desk.window, desk.window.keymap, desk.window.theme)
    dialog.show()
    page, field = dialog.page, dialog.page.rows["mute"]
    field.setFocus()
    QTest.keyClick(field, Key.Key_F)
    field.editingFinished.emit()
    QApplication.processEvents()
    assert desk.window.keymap.of("mute") == ("F",)
    assert "Show the selected" in page.said["mute"].text()
    assert "Mute" in page.said["fit_selected"].text()
    assert not page.resets["mute"].isHidden()
    page.resets["mute"].click()
    assert desk.window.keymap.of("mute") == ("D",)
    assert page.said["fit_selected"].text() == ""
    page.search.setText("mute")
    assert page.rows["save"].isHidden()
    assert not page.rows["mute"].isHidden()
    dialog.close()


def test_escape_leaves_a_field_of_the_keys_as_it_was(desk: Desk) -> None:
    dialog = KeysDialog(desk.window, desk.window.keymap, desk.window.theme)
    dialog.show()
    field = dialog.page.rows["mute"]
    for first in (Key.Key_Escape, Key.Key_Control):
        field.setFocus()
        QTest.keyClick(field, first)
        QTest.keyClick(field, Key.Key_Escape)
        QApplication.processEvents()
        assert not field.hasFocus()
        assert field.keySequence().toString() == "D"
        assert desk.window.keymap.of("mute") == ("D",)
    assert desk.window.keymap.of("cancel") == ("Esc",)
    dialog.close()


def test_settings_that_cannot_be_read_leave_the_keys_as_they_came(desk: Desk) -> None:
    from nodeforge.app import settings

    for words in ("{", "[]", '{"mute": 3}'):
        settings.put("keys", words)
        keymap = Keymap(desk.window.acts, desk.window.actions_by_id, desk.window)
        assert keymap.of("mute") == ("D",)
    assert NodeId("model") in desk.session.document.nodes


def test_a_command_says_which_menu_of_choices_it_is_of(desk: Desk) -> None:
    """“Set 1” and “As in Nuke” say nothing on their own."""
    named = {act.id: desk.window.palette_box.words(act) for act in desk.window.acts}
    assert named["bookmark_set_1"] == "Bookmarks: Set 1"
    assert named["navigate_nuke"] == "Mouse and wheel: As in Nuke"
    assert named["undo"] == "Undo"
    assert len(set(named.values())) == len(named), "no two commands read the same"
