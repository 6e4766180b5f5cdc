"""Words that the model never learnt, in the editor: underlined, a hint, another word."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nodeforge.app.fields import PromptField
from nodeforge.app.prompt import PromptEdit
from nodeforge.graph.document import Node, NodeId, Spot
from nodeforge.graph.groups import grouped, reveal_param
from tests.app.conftest import MODEL, PROMPT, SAMPLE, Desk

Key = Qt.Key
TAB = Qt.FocusReason.TabFocusReason


@pytest.fixture
def words(desk: Desk) -> Iterator[PromptEdit]:
    """The editor of the prompt; the model is the one in the box."""
    desk.session.select([PROMPT])
    field = desk.window.inspector.rows["text"].field
    assert isinstance(field, PromptField)
    desk.window.activateWindow()
    QApplication.processEvents()
    field.words.setFocus()
    field.words.selectAll()
    yield field.words
    field.words._list.hide()


def type_in(words: PromptEdit, text: str, qtbot: QtBot) -> None:
    with qtbot.waitSignal(words.unknown.changed):
        QTest.keyClicks(words, text)
        words._list.hide()


def underlined(words: PromptEdit) -> list[str]:
    marks = words.extraSelections()
    return [mark.cursor.selectedText() for mark in marks if mark.format.underlineStyle()]


def go_to(words: PromptEdit, text: str) -> None:
    cursor = words.textCursor()
    cursor.setPosition(words.toPlainText().index(text) + 1)
    words.setTextCursor(cursor)
    QApplication.processEvents()


def chips(words: PromptEdit) -> list[str]:
    return [button.text() for button in words.unknown.hint.buttons]


def test_a_word_is_underlined_when_it_is_done(words: PromptEdit, qtbot: QtBot) -> None:
    type_in(words, "a penguin on the ice", qtbot)
    assert underlined(words) == [], "it may become ice cream"
    type_in(words, ", a cat", qtbot)
    assert underlined(words) == ["ice"]


def test_a_word_that_is_left_is_done(words: PromptEdit, qtbot: QtBot) -> None:
    type_in(words, "a lorry", qtbot)
    with qtbot.waitSignal(words.unknown.changed):
        QApplication.sendEvent(words, QFocusEvent(QEvent.Type.FocusOut, TAB))
    assert underlined(words) == ["lorry"]


def test_the_hint_says_which_model_and_what_it_knows(words: PromptEdit, qtbot: QtBot) -> None:
    type_in(words, "a red lorry, a cat", qtbot)
    assert not words.unknown.hint.isVisible()
    go_to(words, "lorry")
    hint = words.unknown.hint
    assert hint.isVisible()
    assert hint.words.text() == "Forge Tiny does not know this word: try …"
    assert chips(words) == ["truck", "Get a model that knows more"]
    go_to(words, "cat")
    assert not hint.isVisible()


def test_a_click_puts_the_other_word_in_as_one_step(
    desk: Desk, words: PromptEdit, qtbot: QtBot
) -> None:
    type_in(words, "a red lorry, a cat", qtbot)
    go_to(words, "lorry")
    QTest.mouseClick(words.unknown.hint.buttons[0], Qt.MouseButton.LeftButton)
    assert words.toPlainText() == "a red truck, a cat"
    assert underlined(words) == []
    words.undo()
    assert words.toPlainText() == "a red lorry, a cat"


def test_tab_goes_to_the_words_and_enter_takes_one(words: PromptEdit, qtbot: QtBot) -> None:
    type_in(words, "the ice, a cat", qtbot)
    go_to(words, "ice")
    first, second = chips(words)[:2]
    for key in (Key.Key_Tab, Key.Key_Right):
        QTest.keyClick(words, key)
    QTest.keyClick(words, Key.Key_Return)
    assert words.toPlainText() == f"the {second}, a cat"
    assert first != second


def test_enter_alone_is_never_taken(words: PromptEdit, qtbot: QtBot) -> None:
    type_in(words, "the ice, a cat", qtbot)
    go_to(words, "ice")
    QTest.keyClick(words, Key.Key_Return)
    assert words.toPlainText() == "the i\nce, a cat"


def test_escape_hides_it_for_this_word_in_this_document(
    desk: Desk, words: PromptEdit, qtbot: QtBot
) -> None:
    type_in(words, "the ice, a lorry, a cat", qtbot)
    go_to(words, "ice")
    QTest.keyClick(words, Key.Key_Escape)
    assert underlined(words) == ["lorry"]
    assert not words.unknown.hint.isVisible()
    assert desk.session.selection == (PROMPT,), "the window's Escape is not meant"
    desk.session.new(desk.session.document)
    desk.session.select([PROMPT])
    again = desk.window.inspector.rows["text"].field
    assert isinstance(again, PromptField)
    again.words.unknown.look()
    assert underlined(again.words) == ["ice", "lorry"]


def test_another_model_says_nothing_unless_it_brings_a_list(
    desk: Desk, words: PromptEdit, qtbot: QtBot
) -> None:
    after = desk.session.document.set(MODEL, file="/models/sdxl.safetensors")
    desk.session.edit("Other", after)
    type_in(words, "the ice, a cat", qtbot)
    assert underlined(words) == []


def test_a_lora_brings_its_words(desk: Desk, words: PromptEdit, qtbot: QtBot) -> None:
    type_in(words, "a blueprint, a cat", qtbot)
    assert underlined(words) == ["blueprint"]
    with qtbot.waitSignal(desk.window.left.stock.busy, check_params_cb=lambda on: not on):
        desk.window.left.stock.start()
    lora = Node(NodeId("style"), "guide.lora", values={"file": "blueprint"})
    assert SAMPLE in desk.session.document.nodes
    desk.session.edit("Add", desk.session.document.add(lora))
    words.unknown.look()
    assert underlined(words) == []


def test_get_a_model_opens_the_page_for_it(desk: Desk, words: PromptEdit, qtbot: QtBot) -> None:
    type_in(words, "the ice, a cat", qtbot)
    go_to(words, "ice")
    with qtbot.waitSignal(desk.window.left.stock.wanted):
        words.unknown.hint.buttons[-1].click()
    assert desk.window.supply.downloads is not None
    assert desk.window.supply.downloads.isVisible()


def test_the_face_of_a_group_knows_the_model_of_the_prompt_within(desk: Desk, qtbot: QtBot) -> None:
    session = desk.session
    document, group = grouped(session.document, session.specs, [PROMPT])
    session.edit("Group", reveal_param(document, group, Spot(PROMPT, "text")))
    session.select([group])
    field = desk.window.inspector.rows["text"].field
    assert isinstance(field, PromptField)
    field.words.selectAll()
    type_in(field.words, "a red lorry, a cat", qtbot)
    assert underlined(field.words) == ["lorry"]
    canvas = desk.window.canvas
    canvas.widget.look_at(canvas.cards[group].box.center(), 1.0)
    desk.window.activateWindow()
    canvas.rows.begin_selected()
    there = canvas.rows.editor.field
    assert isinstance(there, PromptField)
    qtbot.waitUntil(lambda: underlined(there.words) == ["lorry"])
    canvas.rows.editor.keep()
