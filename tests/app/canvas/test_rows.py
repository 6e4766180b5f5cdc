"""A value is edited where it is seen: each kind of row edits that row and no other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from nodeforge.app.canvas import Canvas
from nodeforge.app.canvas.face import HEADER
from nodeforge.app.fields import ChoiceField, LineField, PromptField, WordsField
from nodeforge.app.numberline import NumberLine
from nodeforge.app.prompt import PromptEdit
from nodeforge.app.session import Session
from nodeforge.graph.document import Document, Node, NodeId, Spot
from nodeforge.graph.groups import grouped, reveal_param
from nodeforge.graph.spec import (
    Choice,
    Dice,
    File,
    Number,
    Param,
    Port,
    StageSpec,
    Text,
    Toggle,
    Value,
)
from tests.app.canvas.mouse import (
    Modifier,
    carry,
    click,
    double_click,
    drag,
    let_go,
    press,
    send,
)
from tests.app.canvas.repaints import Watch, settled

NUMBERS = StageSpec(
    "picture.numbers", "Numbers", "picture", "",
    inputs=(Port("image", "Image"),),
    outputs=(Port("image", "Image"),),
    params=(
        Param("seed", Dice(0, 2**64 - 1), 0),
        Param("steps", Number(1, 1000, whole=True, soft=(1, 60)), 20),
        Param("guidance", Number(0, 100, step=0.1, soft=(0, 20)), 5.0),
        Param("width", Number(8, 16384, step=8, unit="px", whole=True, soft=(64, 2048)), 256),
    ),
)  # fmt: skip
KINDS = StageSpec(
    "picture.kinds", "Kinds", "picture", "",
    outputs=(Port("image", "Image"),),
    params=(
        Param("tiled", Toggle(), False),
        Param("mode", Choice(("one", "two", "three")), "one"),
        Param("file", File(what="image", pattern="*.png"), ""),
        Param("name", Text(), "castle"),
        Param("prompt", Text(lines=3, prompt=True), ""),
    ),
)  # fmt: skip
LINES = StageSpec(
    "source.lines", "Lines", "source", "",
    outputs=(Port("text", "Text"),),
    params=(Param("text", Text(lines=3), "one"),),
)  # fmt: skip
N, K, T = NodeId("n"), NodeId("k"), NodeId("t")
TYPED = {
    (N, "seed"): ("18446744073709551615", 2**64 - 1),
    (N, "steps"): ("30", 30),
    (N, "guidance"): ("7,5", 7.5),
    (N, "width"): ("2*256", 512),
    (K, "name"): ("tower", "tower"),
}
WRITTEN = {(K, "prompt"): "a red cat", (T, "text"): "two"}
ROWS = [*TYPED, *WRITTEN, (K, "tiled"), (K, "mode"), (K, "file")]
ZOOMS = [0.6, 1.0, 1.7, 3.0]
Key, LEFT = Qt.Key, Qt.MouseButton.LeftButton
RIGHT = QPointF(30, 0)


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session((NUMBERS, KINDS, LINES))
    session.new(
        Document().add(
            Node(N, NUMBERS.id, at=(-300.0, -100.0)),
            Node(K, KINDS.id, at=(0.0, -100.0)),
            Node(T, LINES.id, at=(300.0, -100.0)),
        )
    )
    yield session
    session.close()


@pytest.fixture
def canvas(canvas: Canvas) -> Canvas:
    canvas.widget.activateWindow()
    canvas.widget.setFocus()
    QApplication.processEvents()
    return canvas


def row(canvas: Canvas, id: NodeId, name: str, part: float = 0.5) -> QPointF:
    """A place on a row, in the scene."""
    card = canvas.cards[id]
    box = card.look.face.values[name]
    return QPointF(card.pos()) + QPointF(box.left() + box.width() * part, box.center().y())


def look(canvas: Canvas, id: NodeId, name: str, zoom: float) -> QPointF:
    """Bring a row to the middle at this zoom."""
    canvas.widget.look_at(row(canvas, id, name), zoom)
    QApplication.processEvents()
    return row(canvas, id, name)


def values(session: Session) -> dict[tuple[NodeId, str], Value]:
    """All that is not as the stage brings it."""
    nodes = session.document.nodes.items()
    return {(id, name): value for id, node in nodes for name, value in node.values.items()}


def places(session: Session) -> list[tuple[float, float]]:
    return [node.at for node in session.document.nodes.values()]


def typed_in(canvas: Canvas) -> NumberLine | LineField | WordsField:
    made = canvas.rows.editor.field
    assert isinstance(made, NumberLine | LineField | WordsField)
    return made


def write(canvas: Canvas, text: str) -> None:
    """At the keys, into what has the focus."""
    focus = QApplication.focusWidget()
    assert focus is not None
    assert canvas.rows.editor.holder is not None
    assert canvas.rows.editor.holder.isAncestorOf(focus)
    QTest.keyClicks(focus, text)


def key(which: Qt.Key, keys: Qt.KeyboardModifier = Modifier.NoModifier) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, which, keys)
    QApplication.processEvents()


# Which row


@pytest.mark.parametrize("zoom", ZOOMS)
@pytest.mark.parametrize("doubled", [False, True])
@pytest.mark.parametrize("at", list(TYPED))
def test_a_click_types_in_the_row_that_was_hit(
    canvas: Canvas, session: Session, at: tuple[NodeId, str], doubled: bool, zoom: float
) -> None:
    before = places(session)
    (double_click if doubled else click)(canvas, look(canvas, *at, zoom))
    assert canvas.rows.editor.is_at(*at)
    assert session.selection == (at[0],)
    text, value = TYPED[at]
    write(canvas, text)
    assert values(session) == {}, "nothing is taken before Enter"
    key(Key.Key_Return)
    assert values(session) == {at: value}, "all of the old value was marked"
    assert not canvas.rows.editor.is_open
    assert canvas.widget.hasFocus()
    assert places(session) == before
    assert session.undo()
    assert not session.history.can_undo


@pytest.mark.parametrize("zoom", ZOOMS)
@pytest.mark.parametrize("doubled", [False, True])
@pytest.mark.parametrize("at", list(WRITTEN))
def test_a_click_writes_in_the_text_that_was_hit(
    canvas: Canvas, session: Session, at: tuple[NodeId, str], doubled: bool, zoom: float
) -> None:
    (double_click if doubled else click)(canvas, look(canvas, *at, zoom))
    assert canvas.rows.editor.is_at(*at)
    made = canvas.rows.editor.field
    assert isinstance(made, PromptField if at[1] == "prompt" else WordsField)
    made.words.selectAll()
    write(canvas, WRITTEN[at])
    if isinstance(made, PromptField):
        made.words._list.hide()  # Esc is first for the words it offers
    key(Key.Key_Escape)
    assert values(session) == {at: WRITTEN[at]}, "what was written stays"
    assert not canvas.rows.editor.is_open


@pytest.mark.parametrize("zoom", ZOOMS)
@pytest.mark.parametrize("doubled", [False, True])
def test_a_click_turns_a_switch(
    canvas: Canvas, session: Session, doubled: bool, zoom: float
) -> None:
    (double_click if doubled else click)(canvas, look(canvas, K, "tiled", zoom))
    assert values(session) == {(K, "tiled"): True}
    click(canvas, row(canvas, K, "tiled"))
    assert values(session) == {}


@pytest.mark.parametrize("zoom", ZOOMS)
def test_a_click_opens_the_choices_below_the_row(
    canvas: Canvas, session: Session, zoom: float
) -> None:
    at = look(canvas, K, "mode", zoom)
    click(canvas, at)
    made = canvas.rows.editor.field
    assert isinstance(made, ChoiceField)
    assert canvas.rows.editor.is_at(K, "mode")
    view = made.combo.view()
    assert view.isVisible()
    low = canvas.widget.viewport().mapToGlobal(
        canvas.rows.box(canvas.cards[K], "mode").bottomLeft().toPoint()
    )
    list = view.window()
    room = list.screen().availableGeometry().bottom() - low.y() > list.height()
    assert list.y() >= low.y() - 3 or not room
    assert view.sizeHintForRow(0) == 26, "a list is as large at any zoom"
    QTest.keyClick(view, Key.Key_Down)
    QTest.keyClick(view, Key.Key_Down)
    QTest.keyClick(view, Key.Key_Return)
    QApplication.processEvents()
    assert values(session) == {(K, "mode"): "three"}
    assert not canvas.rows.editor.is_open


def test_a_double_click_leaves_the_list_open_and_escape_closes_it(
    canvas: Canvas, session: Session
) -> None:
    at = row(canvas, K, "mode")
    click(canvas, at)
    made = canvas.rows.editor.field
    assert isinstance(made, ChoiceField)
    list, place = made.combo.view().window(), QPointF(canvas.widget.mapFromScene(at))
    there = QPointF(canvas.widget.viewport().mapToGlobal(place))
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        QApplication.sendEvent(
            list,
            QMouseEvent(kind, list.mapFromGlobal(there), there, LEFT, LEFT, Modifier.NoModifier),
        )
    assert list.isVisible(), "the second press is nobody's"
    QTest.keyClick(made.combo.view(), Key.Key_Escape)
    QApplication.processEvents()
    assert not list.isVisible()
    assert not canvas.rows.editor.is_open
    assert values(session) == {}


def test_a_list_that_is_left_changes_nothing(canvas: Canvas, session: Session) -> None:
    click(canvas, row(canvas, K, "mode"))
    made = canvas.rows.editor.field
    assert isinstance(made, ChoiceField)
    made.combo.hidePopup()
    QApplication.processEvents()
    assert not canvas.rows.editor.is_open
    assert values(session) == {}


@pytest.mark.parametrize("zoom", ZOOMS)
def test_a_click_on_a_file_asks_for_one(
    canvas: Canvas, session: Session, zoom: float, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chosen = str(tmp_path / "cat.png")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (chosen, ""))
    click(canvas, look(canvas, K, "file", zoom))
    assert values(session) == {(K, "file"): chosen}
    assert not canvas.rows.editor.is_open


@pytest.mark.parametrize("zoom", [0.3, 0.45, 0.59])
@pytest.mark.parametrize("at", ROWS)
def test_what_is_too_small_to_read_goes_to_the_inspector(
    canvas: Canvas, session: Session, at: tuple[NodeId, str], zoom: float
) -> None:
    sent: list[tuple[NodeId, str]] = []
    canvas.rows.sent.connect(lambda id, name: sent.append((id, name)))
    place = look(canvas, *at, zoom)
    click(canvas, place)
    assert sent == []
    assert not canvas.rows.editor.is_open
    double_click(canvas, place)
    assert sent == [at]
    was = canvas.cards[at[0]].pos()
    drag(canvas, place, place + QPointF(90, 60))
    assert canvas.cards[at[0]].pos() != was, "a drag moves the node"
    assert values(session) == {}


def test_the_header_and_what_is_between_the_rows_move_the_node(
    canvas: Canvas, session: Session
) -> None:
    for where in (QPointF(60, HEADER / 2), QPointF(100, HEADER + 18), QPointF(3, 120)):
        was = session.document.nodes[N].at
        start = canvas.cards[N].pos() + where
        drag(canvas, start, start + QPointF(64, 40))
        assert session.document.nodes[N].at != was
    assert values(session) == {}


# Scrubbing


@pytest.mark.parametrize("zoom", ZOOMS)
@pytest.mark.parametrize("name", [param.name for param in NUMBERS.params])
def test_a_drag_scrubs_the_row_that_was_hit(
    canvas: Canvas, session: Session, name: str, zoom: float
) -> None:
    before, at = places(session), look(canvas, N, name, zoom)
    drag(canvas, at, at + RIGHT / zoom, release=False)
    value = session.document.nodes[N].values[name]
    param = NUMBERS.param[name]
    assert value > param.default  # type: ignore[operator]
    assert list(values(session)) == [(N, name)]
    assert canvas.widget.viewport().cursor().shape() == Qt.CursorShape.SizeHorCursor
    ring = canvas.rows.ring.geometry()
    assert ring.contains(canvas.widget.mapFromScene(row(canvas, N, name)))
    assert canvas.rows.bubble.isVisible()
    shown = next(each for each in canvas.cards[N].look.face.rows if each.name == name).value
    assert f"\u2192 {shown} Shift" in canvas.rows.bubble.text
    let_go(canvas, at + RIGHT / zoom)
    assert not canvas.rows.ring.isVisible()
    assert not canvas.rows.bubble.isVisible()
    assert places(session) == before
    assert session.undo()
    assert values(session) == {}
    assert not session.history.can_undo, "one press is one step"


def test_the_bar_sticks_to_the_hand(canvas: Canvas, session: Session) -> None:
    for zoom in (0.6, 1.0, 2.0):
        canvas.widget.look_at(row(canvas, N, "guidance"), zoom)
        start, end = row(canvas, N, "guidance", 0.25), row(canvas, N, "guidance", 0.75)
        drag(canvas, start, end)
        assert session.document.nodes[N].values["guidance"] == pytest.approx(15, abs=0.3)
        session.undo()


def test_shift_scrubs_finer_and_ctrl_coarser(canvas: Canvas, session: Session) -> None:
    reached = []
    for keys in (Modifier.ShiftModifier, Modifier.NoModifier, Modifier.ControlModifier):
        at = row(canvas, N, "width")
        drag(canvas, at, at + QPointF(16, 0), keys=keys)
        reached.append(session.document.nodes[N].values["width"] - 256)  # type: ignore[operator]
        session.undo()
    assert reached[0] * 10 == pytest.approx(reached[1], abs=10)
    assert reached[1] * 10 == pytest.approx(reached[2], abs=40), "it goes in steps of 8"


def test_keys_may_change_in_the_middle_of_a_scrub(canvas: Canvas, session: Session) -> None:
    at = row(canvas, N, "guidance")
    drag(canvas, at, at + QPointF(20, 0), release=False)
    coarse = float(session.document.nodes[N].values["guidance"])
    for step in range(1, 21):
        send(
            canvas, QEvent.Type.MouseMove, at + QPointF(20 + step, 0),
            Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Modifier.ShiftModifier,
        )  # fmt: skip
    fine = float(session.document.nodes[N].values["guidance"])
    assert fine - coarse == pytest.approx((coarse - 5) / 10, abs=0.06)
    let_go(canvas, at + QPointF(40, 0))


def test_a_click_with_shift_adds_the_node_to_the_selection(
    canvas: Canvas, session: Session
) -> None:
    session.select([K])
    click(canvas, row(canvas, N, "steps"), Modifier.ShiftModifier)
    assert set(session.selection) == {K, N}
    assert not canvas.rows.editor.is_open
    click(canvas, row(canvas, N, "steps"), Modifier.ControlModifier)
    assert session.selection == (K,)


def test_escape_puts_a_scrub_back(canvas: Canvas, session: Session) -> None:
    before, at = session.document, row(canvas, N, "guidance")
    drag(canvas, at, at + RIGHT, release=False)
    asked = QKeyEvent(QEvent.Type.ShortcutOverride, Key.Key_Escape, Modifier.NoModifier)
    asked.ignore()
    QApplication.sendEvent(canvas.widget, asked)
    assert asked.isAccepted(), "it does not stop a run"
    press(canvas, Key.Key_Escape)
    assert session.document == before
    assert not session.history.can_undo
    assert not canvas.rows.ring.isVisible()
    drag(canvas, at + RIGHT, at + 2 * RIGHT, release=False)
    let_go(canvas, at + 2 * RIGHT)


def test_what_is_in_the_hand_is_named_until_it_is_let_go(canvas: Canvas) -> None:
    named: list[str] = []
    canvas.doing.connect(named.append)
    at = row(canvas, N, "guidance")
    drag(canvas, at, at + RIGHT)
    drag(canvas, canvas.cards[K].ports[True, "image"].centre(), at)
    click(canvas, row(canvas, K, "name"))
    canvas.rows.editor.keep()
    assert [name for name in named if name] == ["scrub", "wire", "line"]
    assert named[-1] == ""


def test_a_scrub_stops_at_the_ends_of_the_bar(canvas: Canvas, session: Session) -> None:
    at = row(canvas, N, "guidance")
    drag(canvas, at, at + QPointF(2000, 0))
    assert session.document.nodes[N].values["guidance"] == 20
    drag(canvas, at, at - QPointF(2000, 0))
    assert session.document.nodes[N].values["guidance"] == 0


def test_a_drag_on_what_cannot_be_scrubbed_changes_nothing_and_says_so(
    canvas: Canvas, session: Session
) -> None:
    said: list[str] = []
    canvas.hint.connect(said.append)
    before = session.document
    for name in ("tiled", "mode", "file", "name"):
        at = row(canvas, K, name)
        drag(canvas, at, at + QPointF(50, 30))
        assert session.document is before
        assert not canvas.rows.editor.is_open
        assert said[-1] == f"A click changes {name}. Drag the header to move the node."


# Typing


def test_what_is_out_of_range_stays_with_a_red_edge(canvas: Canvas, session: Session) -> None:
    click(canvas, row(canvas, N, "width"))
    line = typed_in(canvas)
    assert isinstance(line, NumberLine)
    write(canvas, "99999")
    assert line.property("wrong")
    assert (line.hint.text(), line.hint.isVisible()) == ("8 to 16384", True)
    where = QRect(line.hint.mapToGlobal(QPoint()), line.hint.size())
    assert QRect(line.mapToGlobal(QPoint()), line.size()).contains(where), "it covers no other row"
    key(Key.Key_Return)
    assert canvas.rows.editor.is_at(N, "width")
    assert line.text() == "99999"
    key(Key.Key_Tab)
    assert canvas.rows.editor.is_at(N, "width"), "nor does Tab leave it"
    key(Key.Key_Escape)
    assert not canvas.rows.editor.is_open
    assert values(session) == {}


def test_a_number_that_is_left_out_of_range_says_that_it_was_not_taken(
    canvas: Canvas, session: Session
) -> None:
    told: list[str] = []
    session.told.connect(lambda kind, words, details: told.append(words))
    click(canvas, row(canvas, N, "guidance"))
    write(canvas, "300")
    click(canvas, canvas.cards[K].pos() + QPointF(60, 15))
    assert values(session) == {}
    assert told == ["300 is not between 0 and 100. The value stays as it was."]


def test_tab_goes_to_the_next_row_and_takes_what_was_typed(
    canvas: Canvas, session: Session
) -> None:
    click(canvas, row(canvas, N, "seed"))
    for name in ("seed", "steps", "guidance", "width"):
        assert canvas.rows.editor.is_at(N, name)
        write(canvas, "16")
        key(Key.Key_Tab)
    assert canvas.rows.editor.is_at(N, "seed")
    assert list(values(session).values()) == [16, 16, 16.0, 16]
    key(Key.Key_Backtab, Modifier.ShiftModifier)
    assert canvas.rows.editor.is_at(N, "width")


def test_what_does_not_fit_into_the_row_stands_below_it(canvas: Canvas) -> None:
    click(canvas, row(canvas, N, "width"))
    line = typed_in(canvas)
    assert isinstance(line, NumberLine)
    write(canvas, "9" * 20)
    under = line.hint.mapToGlobal(QPoint()).y() - line.mapToGlobal(QPoint()).y()
    assert under >= line.height()
    line.settle()


def test_tab_stops_at_every_row_and_space_turns_a_switch(canvas: Canvas, session: Session) -> None:
    click(canvas, row(canvas, K, "prompt"))
    for name in ("tiled", "mode", "file", "name", "prompt"):
        key(Key.Key_Tab)
        assert canvas.rows.editor.is_at(K, name)
        if name == "mode":
            key(Key.Key_Down)
        if name == "file":
            write(canvas, "cat.png")
        if name == "tiled":
            for after in (True, False, True):
                key(Key.Key_Space)
                assert values(session).get((K, "tiled"), False) is after
    assert values(session) == {(K, "tiled"): True, (K, "mode"): "two", (K, "file"): "cat.png"}


def test_a_node_is_edited_by_keys_alone(canvas: Canvas, session: Session) -> None:
    session.select([K])
    canvas.rows.begin_selected()
    assert canvas.rows.editor.is_at(K, "tiled")
    key(Key.Key_Escape)
    sent: list[tuple[NodeId, str]] = []
    canvas.rows.sent.connect(lambda id, name: sent.append((id, name)))
    canvas.widget.look_at(row(canvas, K, "mode"), 0.4)
    canvas.rows.begin_selected()
    assert sent == [(K, "tiled")]


@pytest.mark.parametrize("at", list(TYPED))
def test_escape_leaves_the_value_as_it_was(
    canvas: Canvas, session: Session, at: tuple[NodeId, str]
) -> None:
    click(canvas, row(canvas, *at))
    write(canvas, "3")
    if isinstance(canvas.rows.editor.field, LineField):
        canvas.rows.editor.field.settle()  # the hand has rested
    key(Key.Key_Escape)
    assert values(session) == {}
    assert not session.history.can_undo
    assert canvas.widget.hasFocus()


def test_keys_of_the_canvas_are_letters_while_one_types(canvas: Canvas, session: Session) -> None:
    canvas.widget.keys = {(Key.Key_D, Modifier.NoModifier): canvas.mute_selected}
    click(canvas, row(canvas, K, "name"))
    for which in (Key.Key_D, Key.Key_Delete, Key.Key_Up, Key.Key_Backspace):
        key(which)
    assert set(session.document.nodes) == {N, K, T}
    assert not session.document.nodes[K].muted


def test_the_editor_follows_the_view(canvas: Canvas, session: Session) -> None:
    click(canvas, row(canvas, N, "steps"))
    line, editor = typed_in(canvas), canvas.rows.editor
    write(canvas, "41")
    for zoom in (1.0, 2.0, 0.7):
        canvas.widget.look_at(row(canvas, N, "steps") + QPointF(40, 30), zoom)
        canvas.widget.pan_by(QPointF(17, -9))
        QApplication.processEvents()
        box = canvas.rows.box(canvas.cards[N], "steps").toAlignedRect()
        assert editor.holder is not None
        assert editor.holder.geometry() == box
        assert line.size() == box.size()
        assert line.font().pixelSize() == max(11, round(12 * zoom))
    canvas.widget.look_at(row(canvas, N, "steps"), 0.5)
    assert not editor.is_open, "too small to go on"
    assert values(session) == {(N, "steps"): 41}, "and what was typed is taken"


def test_undo_and_other_edits_do_not_leave_an_editor_behind(
    canvas: Canvas, session: Session
) -> None:
    click(canvas, row(canvas, N, "steps"))
    write(canvas, "41")
    session.undo()
    assert values(session) == {}, "what was half typed is a step of its own"
    click(canvas, row(canvas, K, "prompt"))
    session.edit("Delete", session.document.remove(K))
    QApplication.processEvents()
    assert not canvas.rows.editor.is_open


# Prompts


def prompt(canvas: Canvas) -> PromptEdit:
    click(canvas, row(canvas, K, "prompt", 0.1))
    made = canvas.rows.editor.field
    assert isinstance(made, PromptField)
    return made.words


def test_a_prompt_has_the_same_editor_as_in_the_inspector(canvas: Canvas, session: Session) -> None:
    words = prompt(canvas)
    write(canvas, "a red cat")
    words._list.hide()
    key(Key.Key_Up, Modifier.ControlModifier)
    assert values(session) == {(K, "prompt"): "a red (cat:1.05)"}, "the key is the editor's"
    key(Key.Key_Slash, Modifier.ControlModifier)
    assert values(session)[K, "prompt"] == "/* a red (cat:1.05) */"
    key(Key.Key_Z, Modifier.ControlModifier)
    assert values(session)[K, "prompt"] == "a red (cat:1.05)"
    session.edit("", session.document.set(T, text="a blueish house"))
    session.edit("", session.document.set(K, prompt=""))
    QApplication.processEvents()
    assert words.toPlainText() == "", "another hand changed it"


def test_tab_takes_an_offered_word_before_it_leaves(canvas: Canvas, session: Session) -> None:
    words = prompt(canvas)
    words.words = lambda: ["dragonfly"]
    write(canvas, "dragonf")
    assert words.offering
    QTest.keyClick(words, Key.Key_Tab)
    assert words.toPlainText() == "dragonfly"
    assert canvas.rows.editor.is_at(K, "prompt")


def test_escape_hides_the_offered_words_first(canvas: Canvas, session: Session) -> None:
    words = prompt(canvas)
    words.words = lambda: ["dragonfly"]
    write(canvas, "dragonf")
    assert words.offering
    words._list.hide()
    key(Key.Key_Escape)
    assert values(session) == {(K, "prompt"): "dragonf"}


def test_a_prompt_grows_to_nine_lines_and_then_scrolls(canvas: Canvas, session: Session) -> None:
    words = prompt(canvas)
    holder = canvas.rows.editor.holder
    assert holder is not None
    heights = []
    for _ in range(12):
        words.insertPlainText("a line of words\n")
        QApplication.processEvents()
        heights.append(holder.height())
    assert heights == sorted(heights)
    assert heights[7] == heights[11], "nine lines and no more"
    assert heights[3] < heights[7]
    bar = words.verticalScrollBar()
    assert bar.isVisible()
    words.moveCursor(QTextCursor.MoveOperation.Start)
    for _ in range(6):
        words.textCursor().deleteChar()
    words.setPlainText("short")
    QApplication.processEvents()
    assert not bar.isVisible()
    assert holder.height() == canvas.rows.box(canvas.cards[K], "prompt").toAlignedRect().height()


def test_what_is_wrong_with_a_prompt_stands_below_it_in_full(
    canvas: Canvas, session: Session
) -> None:
    prompt(canvas)
    made, holder = canvas.rows.editor.field, canvas.rows.editor.holder
    assert isinstance(made, PromptField)
    assert holder is not None
    for zoom in (1.0, 2.0):
        canvas.widget.look_at(row(canvas, K, "prompt"), zoom)
        made.words.setPlainText("a (red:1.2 cat")
        QApplication.processEvents()
        assert made.fault.isVisible()
        assert made.fault.height() >= made.fault.heightForWidth(made.fault.width())
        assert holder.rect().contains(made.fault.geometry().translated(made.pos()))


def test_a_drag_in_a_prompt_marks_words(canvas: Canvas, session: Session) -> None:
    session.edit("", session.document.set(K, prompt="a red cat on a wall"))
    before = places(session)
    start = canvas.cards[K].pos() + canvas.cards[K].look.face.values["prompt"].topLeft()
    start += QPointF(20, 14)
    drag(canvas, start, start + QPointF(70, 0))
    made = canvas.rows.editor.field
    assert isinstance(made, PromptField)
    assert 3 < len(made.words.textCursor().selectedText()) < 19
    assert places(session) == before


def test_a_prompt_is_one_undo_step_for_one_stay(canvas: Canvas, session: Session) -> None:
    prompt(canvas)
    write(canvas, "a cat")
    canvas.rows.editor.keep()
    assert session.undo()
    assert values(session) == {}
    assert not session.history.can_undo


# Groups and wires


def inside(session: Session) -> NodeId:
    """Numbers in a group that shows its guidance and its steps."""
    document, group = grouped(session.document, session.specs, [N], "Face")
    for name in ("guidance", "steps"):
        document = reveal_param(document, group, Spot(N, name))
    session.edit("Group", document)
    session.history.mark()
    return group


def test_the_face_of_a_group_edits_what_lies_inside(canvas: Canvas, session: Session) -> None:
    group = inside(session)
    at = look(canvas, group, "guidance", 1.0)
    drag(canvas, at, at + RIGHT)
    assert list(values(session)) == [(N, "guidance")]
    session.undo()
    double_click(canvas, row(canvas, group, "steps"))
    assert session.sight.scope == "", "a row does not go in"
    assert canvas.rows.editor.is_at(group, "steps")
    write(canvas, "31")
    key(Key.Key_Return)
    assert values(session) == {(N, "steps"): 31}
    session.undo()
    session.sight.dive(group)
    at = look(canvas, N, "guidance", 1.0)
    drag(canvas, at, at + RIGHT)
    assert list(values(session)) == [(N, "guidance")]
    session.new()


def test_a_row_that_a_wire_drives_says_where_it_comes_from(
    canvas: Canvas, session: Session
) -> None:
    document = session.document.connect(T, "text", K, "name")
    session.edit("Wire", document)
    document, group = grouped(session.document, session.specs, [K, T], "Face")
    session.edit("Group", reveal_param(document, group, Spot(K, "name")))
    said: list[str] = []
    canvas.hint.connect(said.append)
    before = session.document
    at = look(canvas, group, "name", 1.0)
    for act in (click, double_click):
        act(canvas, at)
        assert not canvas.rows.editor.is_open
        assert said[-1] == "A wire brings name: it comes from Lines."
        assert canvas.rows.bubble.isVisible()
    drag(canvas, at, at + RIGHT)
    assert session.document is before
    session.new()


# Pixels


def around(canvas: Canvas, id: NodeId, name: str) -> QRect:
    box = canvas.rows.box(canvas.cards[id], name).toAlignedRect()
    corner = canvas.widget.viewport().mapTo(canvas.widget, box.topLeft())
    return QRect(corner, box.size())


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("zoom", [0.6, 1.0, 2.0])
def test_a_scrub_is_painted_as_it_goes(canvas: Canvas, session: Session, zoom: float) -> None:
    at = look(canvas, N, "guidance", zoom)
    watch = Watch(canvas.widget)
    carry(canvas, at, at + QPointF(40, 8) / zoom)
    bubble = canvas.rows.bubble.geometry()
    watch.check([around(canvas, N, "guidance"), bubble])
    carry_on = at + QPointF(-60, 0) / zoom
    send(
        canvas, QEvent.Type.MouseMove, carry_on, Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    )
    watch.check([around(canvas, N, "guidance")])
    press(canvas, Key.Key_Escape)
    watch.check()
    let_go(canvas, carry_on)
    watch.check()


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("zoom", [0.6, 1.0, 2.0])
def test_typing_is_painted_as_it_goes(canvas: Canvas, session: Session, zoom: float) -> None:
    at = look(canvas, N, "steps", zoom)
    watch = Watch(canvas.widget)
    click(canvas, at)
    watch.check([around(canvas, N, "steps")])
    write(canvas, "9999")
    line = typed_in(canvas)
    assert isinstance(line, NumberLine)
    watch.check([around(canvas, N, "steps"), line.hint.geometry()])
    canvas.widget.pan_by(QPointF(40, 25))
    settled()
    watch.check([line.hint.geometry()])
    key(Key.Key_Escape)
    watch.check()


@pytest.mark.usefixtures("still")
def test_an_open_list_and_a_growing_prompt_are_painted_as_they_go(
    canvas: Canvas, session: Session
) -> None:
    watch = Watch(canvas.widget)
    click(canvas, row(canvas, K, "mode"))
    watch.check([around(canvas, K, "mode")])
    made = canvas.rows.editor.field
    assert isinstance(made, ChoiceField)
    made.combo.hidePopup()
    QApplication.processEvents()
    watch.check()
    words = prompt(canvas)
    for _ in range(10):
        words.insertPlainText("words and ")
        watch.check([around(canvas, K, "prompt")])
    words.selectAll()
    words.insertPlainText("a")
    watch.check()
    key(Key.Key_Escape)
    watch.check()


@pytest.mark.parametrize("scale", ["1.5", "2"])
def test_each_row_is_hit_on_a_sharper_screen_too(scale: str) -> None:
    """The tests of clicks and drags again, each logical pixel being several."""
    if os.environ.get("QT_SCALE_FACTOR"):
        pytest.skip("this is that screen")
    named = "that_was_hit or turns_a_switch or opens_the_choices or goes_to_the_inspector"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            __file__,
            "-k",
            named,
        ],
        env={**os.environ, "QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_value_beside_its_port_is_edited_there_until_a_wire_brings_it(
    canvas: Canvas, session: Session
) -> None:
    document = session.document
    for id, name in ((N, "steps"), (N, "guidance"), (K, "name")):
        document = document.expose(id, name)
    session.edit("Show ports", document)
    session.history.mark()
    at = look(canvas, N, "guidance", 1.0)
    port = canvas.cards[N].ports[False, "guidance"]
    assert abs(at.y() - port.centre().y()) < 2
    assert not canvas.rows.box(canvas.cards[N], "guidance").contains(
        canvas.widget.mapFromScene(port.centre()).toPointF()
    )
    drag(canvas, at, at + RIGHT)
    assert list(values(session)) == [(N, "guidance")]
    session.undo()
    double_click(canvas, row(canvas, N, "steps"))
    write(canvas, "31")
    key(Key.Key_Return)
    assert values(session) == {(N, "steps"): 31}
    assert "name" in canvas.cards[K].look.face.values
    session.edit("Wire", session.document.connect(T, "text", K, "name"))
    assert "name" not in canvas.cards[K].look.face.values
    said: list[str] = []
    canvas.hint.connect(said.append)
    double_click(canvas, canvas.cards[K].ports[False, "name"].centre() + QPointF(40, 0))
    assert said[-1] == "A wire brings name: it comes from Lines."
