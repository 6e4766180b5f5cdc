"""The keyboard alone: undo from any field, from node to node, and keys on every layout."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPlainTextEdit, QWidget

from nodeforge.app.digits import X11
from nodeforge.app.scrub import Scrub
from nodeforge.app.templates import templates
from nodeforge.app.welcome import Card
from nodeforge.graph.document import Document, Frame, Node, NodeId, Note
from tests.app.conftest import DECODE, MODEL, NEGATIVE, PROMPT, SAMPLE, VIEW, Desk

Key, Modifier = Qt.Key, Qt.KeyboardModifier
CTRL, ALT, SHIFT = Modifier.ControlModifier, Modifier.AltModifier, Modifier.ShiftModifier
NONE = Modifier.NoModifier


def press(desk: Desk, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
    """Where the focus is."""
    at = QApplication.focusWidget()
    assert at is not None
    QTest.keyClick(at, key, keys)
    QApplication.processEvents()


# Undo


def focusable(desk: Desk) -> list[QWidget]:
    """All in view that a click or Tab gives the focus."""
    return [
        part
        for part in desk.window.findChildren(QWidget)
        if part.isVisible()
        and part.isEnabled()
        and part.focusPolicy() != Qt.FocusPolicy.NoFocus
        and part.focusProxy() is None
    ]


@pytest.mark.parametrize("id", [MODEL, PROMPT, SAMPLE, VIEW])
def test_undo_and_redo_reach_the_document_from_wherever_the_focus_is(
    desk: Desk, id: NodeId
) -> None:
    session = desk.session
    session.select([id])
    QApplication.processEvents()
    places = focusable(desk)
    assert len(places) > 8
    fields = [part for part in places if isinstance(part, Scrub | QPlainTextEdit | QComboBox)]
    assert fields or id == VIEW
    session.edit("Rename", session.document.rename(DECODE, "Developed"))
    renamed = session.document
    for part in places:
        part.setFocus()
        if part.hasFocus():
            press(desk, Key.Key_Z, CTRL)
            assert not session.history.can_undo, part
            part.setFocus()
            press(desk, Key.Key_Z, CTRL | SHIFT)
            assert session.document == renamed, part


def test_undo_after_a_typed_number_and_enter(desk: Desk) -> None:
    session = desk.session
    session.select([SAMPLE])
    QApplication.processEvents()
    before = session.document
    scrub = desk.window.inspector.rows["steps"].field.findChild(Scrub)
    assert scrub is not None
    scrub.setFocus()
    QTest.keyClicks(scrub, "12")
    press(desk, Key.Key_Return)
    assert session.document != before
    press(desk, Key.Key_Z, CTRL)
    assert session.document == before


def test_a_field_first_takes_back_what_was_typed_there(desk: Desk) -> None:
    session, line = desk.session, desk.window.library.search
    session.edit("Rename", session.document.rename(DECODE, "Developed"))
    line.setFocus()
    QTest.keyClicks(line, "blur")
    while line.text():
        press(desk, Key.Key_Z, CTRL)
        assert session.history.can_undo
    press(desk, Key.Key_Z, CTRL)
    assert not session.history.can_undo


def test_undo_from_a_title_and_a_note_that_nothing_was_typed_into(desk: Desk) -> None:
    session, canvas = desk.session, desk.window.canvas
    session.edit("Note", session.document.add(Note(NodeId("n"), "Words", (0.0, 600.0))))
    noted = session.document
    for id in (DECODE, NodeId("n")):
        session.edit("Move", session.document.move({DECODE: (5.0, 5.0)}))
        session.select([id])
        canvas.inplace.begin_selected()
        press(desk, Key.Key_Z, CTRL)
        assert session.document == noted
        canvas.inplace.keep()


def test_undo_with_a_focus_that_goes_leaves_the_canvas_in_hand(desk: Desk) -> None:
    """The node whose number was typed is gone; the next key is the canvas's."""
    session = desk.session
    new = Node(NodeId("new"), session.document.nodes[SAMPLE].stage, at=(0.0, 900.0))
    session.edit("Add", session.document.add(new))
    session.select([new.id])
    QApplication.processEvents()
    desk.window.inspector.rows["steps"].field.setFocus()
    press(desk, Key.Key_Z, CTRL)
    assert new.id not in session.document.nodes
    assert desk.window.canvas.widget.hasFocus()


# The canvas


def test_all_is_selected_with_frames_and_notes_and_copied(desk: Desk) -> None:
    session, canvas = desk.session, desk.window.canvas
    frame, note = Frame(NodeId("f"), "Around", (0.0, 900.0)), Note(NodeId("n"), "So", (0.0, 700.0))
    session.edit("", session.document.add(frame, note))
    whole = session.document
    canvas.widget.setFocus()
    press(desk, Key.Key_A, CTRL)
    assert set(session.selection) == {*whole.nodes, "f", "n"}
    press(desk, Key.Key_C, CTRL)
    session.new(Document())
    canvas.widget.setFocus()
    press(desk, Key.Key_V, CTRL)
    after = session.document
    assert len(after.nodes) == len(whole.nodes)
    assert [each.title for each in after.frames.values()] == ["Around"]
    assert [each.text for each in after.notes.values()] == ["So"]
    press(desk, Key.Key_Z, CTRL)
    assert session.document == Document()


@pytest.mark.parametrize(("copy", "paste"), [((Key.Key_Insert, CTRL), (Key.Key_Insert, SHIFT))])
def test_the_keys_of_old_copy_and_paste_and_cut(
    desk: Desk, copy: tuple[Qt.Key, Qt.KeyboardModifier], paste: tuple[Qt.Key, Qt.KeyboardModifier]
) -> None:
    session = desk.session
    desk.window.canvas.widget.setFocus()
    session.select([SAMPLE])
    QGuiApplication.clipboard().clear()
    press(desk, *copy)
    press(desk, *paste)
    assert len(session.document.nodes) == 8
    press(desk, Key.Key_Delete, SHIFT)
    assert len(session.document.nodes) == 7
    assert SAMPLE in session.document.nodes
    press(desk, *paste)
    assert len(session.document.nodes) == 8


def test_escape_keeps_a_note_as_one_step(desk: Desk) -> None:
    session = desk.session
    desk.window.canvas.widget.setFocus()
    press(desk, Key.Key_N, SHIFT)
    empty = session.document
    QTest.keyClicks(desk.window.canvas.inplace.text, "softer light")
    press(desk, Key.Key_Escape)
    (note,) = session.document.notes.values()
    assert note.text == "softer light"
    assert desk.window.canvas.widget.hasFocus()
    session.undo()
    assert session.document == empty
    session.undo()
    assert not session.document.notes


def test_after_a_template_is_chosen_tab_adds_a_node(desk: Desk) -> None:
    desk.session.new(Document())
    QApplication.processEvents()
    card = next(each for each in desk.window.findChildren(Card) if each.isVisible())
    card.setFocus()
    press(desk, Key.Key_Space)
    assert desk.session.document.nodes
    assert desk.window.canvas.widget.hasFocus()
    press(desk, Key.Key_Tab)
    assert desk.window.search.isVisible()


def test_after_a_file_is_opened_the_canvas_has_the_focus(desk: Desk) -> None:
    desk.window.library.search.setFocus()
    assert desk.window.files.open(templates()[0].file)
    assert desk.window.canvas.widget.hasFocus()


def test_ctrl_and_an_arrow_go_along_the_wires(desk: Desk) -> None:
    session, view = desk.session, desk.window.canvas.widget
    view.setFocus()
    session.select([PROMPT])
    before = session.document

    def there(key: Qt.Key) -> NodeId:
        press(desk, key, CTRL)
        assert len(session.selection) == 1
        card = desk.window.canvas.cards[session.selection[0]]
        assert view.visible().intersects(card.box)
        assert session.sight.title(session.document.nodes[card.id]) in view.accessibleName()
        return session.selection[0]

    assert there(Key.Key_Right) == SAMPLE
    assert there(Key.Key_Right) == DECODE
    assert there(Key.Key_Right) == VIEW
    assert there(Key.Key_Left) == DECODE
    assert there(Key.Key_Left) == SAMPLE
    assert there(Key.Key_Left) == PROMPT, "the way it came"
    assert there(Key.Key_Down) == NEGATIVE
    assert there(Key.Key_Up) == PROMPT
    assert there(Key.Key_Left) == MODEL
    assert session.document is before


def test_every_node_can_be_reached_with_ctrl_and_arrows(desk: Desk) -> None:
    session = desk.session
    lone = [
        Node(NodeId(f"lone{x}{y}"), "source.load_image", at=(x * 500.0, y * 700.0))
        for x in (-1, 3) for y in (-2, 2)
    ]  # fmt: skip
    session.edit("", session.document.add(*lone))
    seen, todo = {SAMPLE}, [SAMPLE]
    while todo:
        here = todo.pop()
        for way in ("left", "right", "up", "down"):
            session.select([here])
            desk.window.canvas.walking.go(way)
            if (to := session.selection[0]) not in seen:
                seen.add(to)
                todo.append(to)
    assert seen == set(session.document.nodes)


def test_with_nothing_selected_walking_begins_in_the_middle(desk: Desk) -> None:
    session = desk.session
    session.select([])
    desk.window.canvas.centre([DECODE])
    desk.window.canvas.widget.setFocus()
    press(desk, Key.Key_Right, CTRL)
    assert session.selection == (DECODE,)
    said: list[str] = []
    desk.window.canvas.hint.connect(said.append)
    session.select([VIEW])
    press(desk, Key.Key_Right, CTRL)
    assert session.selection == (VIEW,)
    assert said == ["No node lies further right."]


# Digits on layouts that need Shift for them


FRENCH = {0xE0: 0, 0x26: 1, 0xE9: 2, 0x22: 3, 0x27: 4, 0x28: 5, 0x2D: 6, 0xE8: 7, 0x5F: 8, 0xE7: 9}
CZECH = {0x2B: 1, 0x11B: 2, 0x161: 3, 0x10D: 4, 0x159: 5, 0x17E: 6, 0xFD: 7, 0xE1: 8, 0xED: 9}


def strike(
    desk: Desk, sign: int, digit: int, keys: Qt.KeyboardModifier, key: int | None = None
) -> None:
    """A key of the row of digits, as the platform tells of it: asked for first, then pressed."""
    at = QApplication.focusWidget()
    assert at is not None
    code = X11[(digit - 1) % 10]
    key = Qt.Key(ord(chr(sign).upper()) if key is None else key).value
    asks = QKeyEvent(QEvent.Type.ShortcutOverride, key, keys, code, sign, 0, chr(sign))
    asks.ignore()
    QApplication.sendEvent(at, asks)
    if not asks.isAccepted():
        QTest.keyClick(at, Qt.Key(key), keys)
        QApplication.processEvents()


@pytest.mark.parametrize("layout", [FRENCH, CZECH])
def test_a_digit_that_needs_shift_is_meant_without_it(desk: Desk, layout: dict[int, int]) -> None:
    canvas = desk.window.canvas
    canvas.widget.setFocus()
    for digit in filter(None, layout.values()):
        canvas.widget.look_at(QPointF(digit * 100.0, 0.0), 1.0)
        desk.window.actions_by_id[f"bookmark_set_{digit}"].trigger()
    for sign, digit in layout.items():
        if digit:
            strike(desk, sign, digit, ALT)
            assert abs(canvas.widget.visible().center().x() - digit * 100) < 2, digit
    done: list[str] = []
    for name in ("zoom_1", "picture_1", "picture_fit"):
        desk.window.actions_by_id[name].triggered.connect(lambda _=False, n=name: done.append(n))
    wanted = {0: "zoom_1", 1: "picture_1", 2: "picture_fit"}
    signs = [sign for sign, digit in layout.items() if digit in wanted]
    for sign in signs:
        strike(desk, sign, layout[sign], CTRL)
    assert done == [wanted[layout[sign]] for sign in signs]


def test_a_layout_that_is_changed_back_means_its_own_digits(desk: Desk) -> None:
    """With 1 from & learnt, & is Shift and 7 on an American keyboard again."""
    desk.window.canvas.widget.setFocus()
    zoom, picture = (desk.window.actions_by_id[name] for name in ("zoom_1", "picture_1"))
    strike(desk, 0x26, 1, CTRL)
    assert [key.toString() for key in picture.shortcuts()] == ["Ctrl+1", "Ctrl+&"]
    assert [key.toString() for key in zoom.shortcuts()] == ["Ctrl+0"]
    strike(desk, 0x26, 7, CTRL | SHIFT)
    assert [key.toString() for key in picture.shortcuts()] == ["Ctrl+1"]
    strike(desk, 0x26, 1, CTRL)
    strike(desk, 0x32, 2, CTRL)
    assert [key.toString() for key in picture.shortcuts()] == ["Ctrl+1"]


def test_a_digit_with_ctrl_is_a_command_in_a_number_too(desk: Desk) -> None:
    desk.session.select([SAMPLE])
    QApplication.processEvents()
    scrub = desk.window.inspector.rows["steps"].field.findChild(Scrub)
    assert scrub is not None
    scrub.setFocus()
    before, done = desk.session.document, []
    desk.window.actions_by_id["picture_1"].triggered.connect(lambda: done.append(1))
    strike(desk, 0x31, 1, CTRL)
    strike(desk, 0x28, 5, CTRL)
    assert done == [1]
    assert scrub._editor is None
    assert desk.session.document is before
