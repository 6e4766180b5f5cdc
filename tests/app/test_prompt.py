"""The prompt editor by its keys: weights, comments, faults, completion, its own history."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nodeforge.app.fields import PromptField
from nodeforge.app.prompt import PromptEdit
from nodeforge.app.prompt.vocabulary import offered
from nodeforge.graph.document import Node, NodeId
from tests.app.conftest import PROMPT, Desk
from tests.app.test_inspector import value

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


@pytest.fixture
def words(desk: Desk) -> Iterator[PromptEdit]:
    """The editor of the prompt, which says nothing yet."""
    session = desk.session
    session.edit("Clear", session.document.reset(PROMPT, "text"))
    session.history.mark()
    session.select([PROMPT])
    field = desk.window.inspector.rows["text"].field
    assert isinstance(field, PromptField)
    desk.window.activateWindow()
    field.words.setFocus()
    yield field.words
    field.words._list.hide()


def said(desk: Desk) -> object:
    return value(desk, PROMPT, "text")


def type_in(words: PromptEdit, text: str) -> None:
    QTest.keyClicks(words, text)
    words._list.hide()


def marked(words: PromptEdit) -> str:
    return words.textCursor().selectedText()


def test_ctrl_up_weighs_the_word_and_ctrl_down_takes_it_back(desk: Desk, words: PromptEdit) -> None:
    type_in(words, "a red cat")
    words.moveCursor(QTextCursor.MoveOperation.StartOfLine)
    for _ in range(3):
        QTest.keyClick(words, Key.Key_Right)
    QTest.keyClick(words, Key.Key_Up, CTRL)
    assert said(desk) == "a (red:1.05) cat"
    QTest.keyClick(words, Key.Key_Up, CTRL)
    assert said(desk) == "a (red:1.10) cat"
    QTest.keyClick(words, Key.Key_Down, CTRL)
    QTest.keyClick(words, Key.Key_Down, CTRL)
    assert said(desk) == "a red cat"


def test_marked_words_stay_marked(desk: Desk, words: PromptEdit) -> None:
    words.insertPlainText("a red 😀 cat")
    for _ in range(3):
        QTest.keyClick(words, Key.Key_Left, SHIFT)
    QTest.keyClick(words, Key.Key_Up, CTRL)
    assert said(desk) == "a red 😀 (cat:1.05)"
    assert marked(words) == "cat"


def test_ctrl_slash_takes_a_phrase_out_and_back_in(desk: Desk, words: PromptEdit) -> None:
    type_in(words, "a cat, a red house")
    QTest.keyClick(words, Key.Key_Slash, CTRL)
    assert said(desk) == "a cat, /* a red house */"
    QTest.keyClick(words, Key.Key_Slash, CTRL)
    assert said(desk) == "a cat, a red house"


def test_undo_goes_through_the_words_first_then_through_the_graph(
    desk: Desk, words: PromptEdit
) -> None:
    before = desk.session.document
    type_in(words, "a cat")
    QTest.keyClick(words, Key.Key_Up, CTRL)
    assert said(desk) == "a (cat:1.05)"
    QTest.keyClick(words, Key.Key_Z, CTRL)
    assert said(desk) == "a cat"
    QTest.keyClick(words, Key.Key_Z, CTRL | SHIFT)
    assert said(desk) == "a (cat:1.05)"
    assert desk.session.undo()
    assert desk.session.document == before, "the whole stay is one step of the graph"
    assert words.toPlainText() == ""


def test_what_was_taken_back_to_where_it_began_is_no_step(desk: Desk, words: PromptEdit) -> None:
    before, label = desk.session.document, desk.session.history.undo_label
    type_in(words, "cat")
    while words.document().isUndoAvailable():
        QTest.keyClick(words, Key.Key_Z, CTRL)
    assert desk.session.document == before
    assert desk.session.history.undo_label == label


def test_a_bracket_without_its_partner_is_underlined_with_a_sentence(
    desk: Desk, words: PromptEdit, qtbot: QtBot
) -> None:
    field = desk.window.inspector.rows["text"].field
    assert isinstance(field, PromptField)
    type_in(words, "a (red cat")
    faults = [mark for mark in words.extraSelections() if mark.cursor.selectedText() == "("]
    assert len(faults) == 1
    assert field.fault.isVisible()
    assert "never closed" in field.fault.text()
    type_in(words, ":1.2)")
    assert not field.fault.isVisible()
    weights = [mark.cursor.selectedText() for mark in words.extraSelections()]
    assert weights == ["(red cat:1.2)"]


def test_words_are_completed_from_the_graph_and_from_what_the_model_knows(
    desk: Desk, words: PromptEdit
) -> None:
    other = Node(NodeId("other"), "guide.prompt", values={"text": "a zeppelin"})
    desk.session.edit("Add", desk.session.document.add(other))
    QTest.keyClicks(words, "one zep")
    assert words.offering
    QTest.keyClick(words._list, Key.Key_Tab)
    assert words.toPlainText() == "one zeppelin"
    assert not words.offering
    QTest.keyClicks(words, " and a drag")
    assert words.offering
    QTest.keyClick(words._list, Key.Key_Down)
    QTest.keyClick(words._list, Key.Key_Return)
    assert words.toPlainText() == "one zeppelin and a dragons"
    QTest.keyClicks(words, " ele")
    QTest.keyClick(words._list, Key.Key_Escape)
    assert not words.offering
    assert words.toPlainText().endswith(" ele")


def test_words_that_go_on_from_a_start_are_offered_but_the_start_itself() -> None:
    assert offered("Dra", ["dragon", "dra", "cat"], 8) == ["dragon"]


@pytest.mark.parametrize("typed", ["cat", "sea", "a small Cat", "an ice cream", "zep"])
def test_enter_never_changes_a_word(words: PromptEdit, typed: str) -> None:
    QTest.keyClicks(words, typed)
    QTest.keyClick(words._list if words.offering else words, Key.Key_Return)
    assert words.toPlainText() == f"{typed}\n"
    assert not words.offering


def test_weights_work_while_words_are_offered(words: PromptEdit) -> None:
    QTest.keyClicks(words, "a castle")
    assert words.offering
    QTest.keyClick(words._list, Key.Key_Up, CTRL)
    assert words.toPlainText() == "a (castle:1.05)"
    assert not words.offering


@pytest.mark.parametrize("typed", ["cat", "Sea"])
def test_nothing_is_chosen_where_a_word_is_whole(words: PromptEdit, typed: str) -> None:
    QTest.keyClicks(words, typed)
    assert words.offering
    assert not words._list.currentIndex().isValid()
    QTest.keyClick(words._list, Key.Key_Tab)
    assert words.toPlainText() == typed
    assert not words.offering


def test_a_word_gone_to_is_taken_by_enter_and_by_tab(words: PromptEdit) -> None:
    for key in (Key.Key_Return, Key.Key_Tab):
        words.clear()
        QTest.keyClicks(words, "sea")
        QTest.keyClick(words._list, Key.Key_Down)
        first = str(words._list.currentIndex().data())
        QTest.keyClick(words._list, key)
        assert words.toPlainText() == first
        assert first.startswith("sea")
        assert first != "sea"


def test_the_menu_of_the_words_has_the_same_acts(words: PromptEdit) -> None:
    type_in(words, "cat")
    titles = dict(words.acts.values())
    titles["More weight"]()
    assert words.toPlainText() == "(cat:1.05)"
    assert QApplication.focusWidget() is words


def test_a_list_that_comes_and_goes_is_no_end_of_typing(desk: Desk, words: PromptEdit) -> None:
    before = desk.session.document
    for text in ("a cas", "tle", ", a drag"):
        QTest.keyClicks(words, text)
        for kind in (QEvent.Type.FocusAboutToChange, QEvent.Type.FocusOut, QEvent.Type.FocusIn):
            reason = Qt.FocusReason.PopupFocusReason
            if kind == QEvent.Type.FocusAboutToChange:
                reason = Qt.FocusReason.OtherFocusReason  # as it comes on a real screen
            QApplication.sendEvent(words, QFocusEvent(kind, reason))
    desk.session.settling.emit()
    assert said(desk) == "a castle, a drag"
    assert desk.session.undo()
    assert desk.session.document == before
