"""The window as a whole: its commands, its library, its search, its themes."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QMenu
from pytestqt.qtbot import QtBot

from nodeforge.app import actions
from nodeforge.app.entries import MIME, entries
from nodeforge.app.frame.geometry import LEAST
from nodeforge.app.library import ENTRY, mime
from nodeforge.app.start import uncaught
from nodeforge.app.templates import templates
from nodeforge.engine.messages import Ended, Progress, Queued
from nodeforge.graph.document import NodeId
from tests.app.conftest import DECODE, PROMPT, SAMPLE, VIEW, Desk


def test_no_shortcut_means_two_things(desk: Desk) -> None:
    keymap = desk.window.keymap
    assert all(QKeySequence(key).toString() for act in desk.window.acts for key in act.keys)
    assert not [act.id for act in desk.window.acts if keymap.rivals(act.id)]


def test_every_command_is_in_a_menu(desk: Desk) -> None:
    assert {act.menu for act in desk.window.acts} == set(actions.MENUS)
    menus = list(desk.window.menus.menus)
    for each in menus:
        menus += [inner for action in each.actions() if isinstance(inner := action.menu(), QMenu)]
    listed = {action for menu in menus for action in menu.actions()}
    assert set(desk.window.actions_by_id.values()) <= listed


def test_quit_is_the_last_of_file_and_models_stand_together_above_it(desk: Desk) -> None:
    (file,) = (menu for menu in desk.window.menus.menus if menu.title() == "File")
    words = [action.text() for action in file.actions()]
    assert words[-1] == "Quit"
    assert words[-2] == ""
    models = [n for n, text in enumerate(words) if "model" in text.lower()]
    assert len(models) >= 3
    assert models == list(range(models[0], models[0] + len(models)))
    assert words[models[0] - 1] == ""


def test_the_templates_are_in_the_file_menu(desk: Desk) -> None:
    assert len(templates()) >= 3
    menu = next(menu for menu in desk.window.menus.menus if menu.title() == "File")
    submenus = {a.text(): a.menu() for a in menu.actions() if a.menu()}
    found = submenus["Templates"]
    assert found is not None
    found.actions()[1].trigger()
    assert desk.session.name == "image-to-image"


def test_the_keys_of_the_canvas_count_only_there(desk: Desk) -> None:
    window = desk.window
    window.activateWindow()
    desk.session.select([SAMPLE])
    window.canvas.widget.setFocus()
    QTest.keyClick(window.canvas.widget, Qt.Key.Key_D)
    assert desk.session.document.nodes[SAMPLE].muted
    window.library.search.setFocus()
    QTest.keyClicks(window.library.search, "d")
    QTest.keyClick(window.library.search, Qt.Key.Key_Backspace)
    assert SAMPLE in desk.session.document.nodes
    assert desk.session.document.nodes[SAMPLE].muted


def test_escape_cancels_a_run_and_else_lets_go_of_the_selection(desk: Desk) -> None:
    desk.session.select([SAMPLE])
    desk.session.run()
    desk.hear(Queued(1, (SAMPLE,)))
    desk.window.escape()
    assert desk.worker.words()[-1] == "stop"
    desk.hear(Ended(1, cancelled=True))
    desk.window.escape()
    assert desk.session.selection == ()


def test_run_to_the_selected_nodes_runs_just_these(desk: Desk) -> None:
    desk.session.select([PROMPT])
    desk.window.actions_by_id["run_selected"].trigger()
    assert desk.worker.told[-1][2] == (PROMPT,)


def test_the_library_lists_categories_and_enter_adds(desk: Desk) -> None:
    library = desk.window.library
    tree = library.tree
    heads = [tree.topLevelItem(i).text(0) for i in range(tree.topLevelItemCount())]  # type: ignore[union-attr]
    assert heads[:5] == ["Source", "Guide", "Generate", "Picture", "Finish"]
    before = len(desk.session.document.nodes)
    library.search.setText("sharp")
    QTest.keyClick(library.search, Qt.Key.Key_Return)
    assert len(desk.session.document.nodes) == before + 1
    assert desk.session.current is not None
    assert desk.session.current.stage == "picture.sharpen"
    QTest.keyClick(library.search, Qt.Key.Key_Escape)
    assert tree.topLevelItemCount() == len(heads)


def test_a_drag_from_the_library_carries_the_stage(desk: Desk) -> None:
    entry = next(e for e in entries(desk.session.specs) if e.name == "Negative prompt")
    assert mime(entry).hasFormat(MIME)
    item = desk.window.library.tree.topLevelItem(0)
    assert item is not None
    assert item.data(0, ENTRY) is None
    assert not item.flags() & Qt.ItemFlag.ItemIsDragEnabled


def test_the_search_adds_a_wired_node_in_one_undo_step(desk: Desk) -> None:
    window = desk.window
    desk.session.select([DECODE])
    before = desk.session.document
    window.ask_node(window.canvas.widget.mapToGlobal(QPoint(200, 200)))
    window.search.line.setText("shar")
    QTest.keyClick(window.search.line, Qt.Key.Key_Return)
    current = desk.session.current
    assert current is not None
    assert current.stage == "picture.sharpen"
    assert current.links["image"][0].node == DECODE
    assert window.search.isHidden()
    desk.session.undo()
    assert desk.session.document == before


def test_the_search_moves_by_arrows_and_closes_by_tab(desk: Desk) -> None:
    search = desk.window.search
    desk.window.ask_node()
    QTest.keyClick(search.line, Qt.Key.Key_Down)
    assert search.list.currentRow() == 1
    QTest.keyClick(search.line, Qt.Key.Key_Tab)
    assert search.isHidden()


@pytest.mark.parametrize("width", [900, 1280, 1600])
def test_nothing_in_the_top_bar_moves_while_a_run_goes_on(desk: Desk, width: int) -> None:
    desk.window.resize(width, 720)
    desk.session.run()
    desk.hear(Queued(1, (PROMPT, SAMPLE, VIEW)))
    top, places = desk.window.top, set[tuple[int, ...]]()
    for step in (
        Progress(1, PROMPT, 0.0, doing="Loading the model"),
        Progress(1, SAMPLE, 0.05, 1, 20),
        Progress(1, SAMPLE, 0.65, 13, 20),
        Progress(1, SAMPLE, 0.7, 888, 999),
    ):
        desk.hear(step)
        QApplication.processEvents()
        places.add(tuple(part.x() for part in (top.mode, top.undo, top.said, top.cancel, top.run)))
        assert top.said.fontMetrics().horizontalAdvance(top.said.text()) <= top.said.width()
    assert len(places) == 1


def test_the_top_bar_says_how_far_the_run_is(desk: Desk) -> None:
    desk.session.run()
    desk.hear(Queued(1, (SAMPLE, VIEW)), Progress(1, SAMPLE, 0.65, 13, 20))
    top = desk.window.top
    assert top.said.text() == "Sample · step 13 of 20"
    assert top.progress.part == pytest.approx(0.65)
    assert not top.cancel.isHidden()
    assert top.undo.isEnabled() is desk.session.history.can_undo


def test_the_title_shows_what_is_not_saved(desk: Desk) -> None:
    assert not desk.window.isWindowModified()
    desk.session.edit("Steps", desk.session.document.set(SAMPLE, steps=3))
    assert desk.window.isWindowModified()
    assert desk.window.top.name.dirty
    assert "castle" in desk.window.windowTitle()


def test_the_theme_can_be_chosen_and_is_remembered(desk: Desk) -> None:
    window = desk.window
    window.actions_by_id["theme_light"].trigger()
    assert not window.theme.dark
    assert window.theme_choice() == "light"
    assert window.actions_by_id["theme_light"].isChecked()
    light = window.grab().toImage().pixelColor(5, window.height() - 5).lightness()
    window.actions_by_id["theme_dark"].trigger()
    assert window.theme.dark
    assert window.grab().toImage().pixelColor(5, window.height() - 5).lightness() < light


def test_errors_stay_until_dismissed_and_are_not_repeated(desk: Desk) -> None:
    toasts = desk.window.toasts
    for words in ("one", "two", "two", "three", "four"):
        desk.session.told.emit("error", words, "")
    assert [toast.words for toast in toasts.shown] == ["two", "three", "four"]
    toasts.shown[0].shut.click()
    assert [toast.words for toast in toasts.shown] == ["three", "four"]


def test_a_fault_in_the_window_is_told_and_the_window_lives(desk: Desk) -> None:
    try:
        raise ZeroDivisionError("oh")
    except ZeroDivisionError:
        uncaught(desk.session.told.emit)(*sys.exc_info())
    assert "failed" in desk.window.toasts.shown[-1].words
    assert desk.window.isVisible()


def test_the_smallest_window_still_holds_everything(desk: Desk, qtbot: QtBot) -> None:
    desk.window.resize(100, 100)
    qtbot.waitUntil(lambda: desk.window.top.width() < 1000, timeout=2000)
    assert desk.window.size() == LEAST.boundedTo(desk.window.screen().availableGeometry().size())
    for part in (desk.window.top.run, desk.window.viewer, desk.window.status.zoom):
        corner = part.mapTo(desk.window, part.rect().bottomRight())
        assert desk.window.rect().contains(corner)


def test_hints_name_keys_and_what_they_do(desk: Desk) -> None:
    hints = desk.window.status.hints
    assert ("Ctrl+Enter", "Run") in hints.pairs
    desk.session.select([SAMPLE])
    assert ("D", "Mute") in hints.pairs
    desk.window.status.hint("Drop to insert here")
    assert hints.pairs == [("", "Drop to insert here")]


def test_hints_name_what_the_keys_do_in_a_row_that_is_written_in(desk: Desk) -> None:
    hints, rows = desk.window.status.hints, desk.window.canvas.rows
    desk.session.select([SAMPLE])
    resting = hints.text
    assert "Tab Add node" in resting
    desk.window.canvas.widget.look_at(desk.window.canvas.cards[SAMPLE].box.center(), 1.0)
    desk.window.activateWindow()
    QApplication.processEvents()
    rows.begin_selected()
    assert hints.text == "Enter Take it · Tab Next row · Esc Put it back"
    desk.window.status.hint("A sentence")
    desk.session.stated.emit(SAMPLE)
    assert hints.text == "A sentence", "a run that goes on does not wipe it"
    desk.session.selected.emit()
    assert "Next row" in hints.text
    rows.editor.keep()
    assert hints.text == resting


def test_hints_and_the_list_of_keys_follow_changed_keys(desk: Desk) -> None:
    desk.session.select([SAMPLE])
    before = desk.window.status.hints.grab().toImage()
    desk.window.keymap.choose("mute", ("F7",))
    assert ("F7", "Mute") in desk.window.status.hints.pairs
    assert desk.window.status.hints.grab().toImage() != before
    desk.window.keymap.choose("delete", ())
    assert "Delete" not in desk.window.status.hints.text
    desk.window.show_shortcuts()
    shown = desk.window.findChild(QDialog, "shortcuts")
    assert shown is not None
    assert "F7" in [label.text() for label in shown.findChildren(QLabel)]
    shown.close()


def test_help_opens_without_stopping_the_work(desk: Desk) -> None:
    desk.window.show_shortcuts()
    desk.window.show_about()
    assert desk.window.isEnabled()


def test_the_menu_under_the_cursor_acts_on_what_is_there(desk: Desk) -> None:
    menu = desk.window.menus.context(NodeId("view"), desk.window.canvas.widget.mapToScene(9, 9))
    assert desk.session.selection == (VIEW,)
    assert "Delete" in [action.text() for action in menu.actions()]
    void = desk.window.menus.context(None, desk.window.canvas.widget.mapToScene(9, 9))
    assert "Add a note" in [action.text() for action in void.actions()]


def test_what_is_all_in_view_stays_so_when_the_window_changes_its_size(desk: Desk) -> None:
    """As on opening, where the screen is smaller than the window wanted to be."""
    canvas, window = desk.window.canvas, desk.window

    def seen() -> bool:
        return all(canvas.widget.visible().contains(card.box) for card in canvas.cards.values())

    window.resize(1600, 1000)
    QApplication.processEvents()
    canvas.fit()
    large = canvas.widget.zoom
    window.resize(1450, 900)
    QApplication.processEvents()
    assert seen()
    assert canvas.widget.zoom < large
    canvas.widget.pan_by(QPointF(9, 0))
    small = canvas.widget.zoom
    window.resize(1600, 1000)
    QApplication.processEvents()
    assert canvas.widget.zoom == small, "the artist has looked elsewhere since"
