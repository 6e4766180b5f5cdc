"""Every field edits through the session, and every edit can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from nodeforge.app import arithmetic
from nodeforge.app.fields import (
    ChoiceField,
    FileField,
    LineField,
    NumberField,
    SeedField,
    ToggleField,
    WordsField,
    field,
)
from nodeforge.app.scrub import Scrub
from nodeforge.app.theme import DARK
from nodeforge.engine.messages import Failed
from nodeforge.graph.document import Document, Node, NodeId
from nodeforge.graph.spec import Toggle, Value
from tests.app.conftest import MODEL, PROMPT, SAMPLE, Desk

LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier


def value(desk: Desk, id: NodeId, name: str) -> Value | None:
    return desk.session.document.nodes[id].values.get(name)


def scrub_of(desk: Desk, id: NodeId, name: str) -> Scrub:
    desk.session.select([id])
    found = desk.window.inspector.rows[name].field
    assert isinstance(found, NumberField)
    return found.scrub


def drag(widget: QWidget, way: int, keys: Qt.KeyboardModifier = PLAIN) -> None:
    start = QPointF(20, 14)
    for step in range(abs(way) // 4 + 2):
        at = start + QPointF(min(step * 4, abs(way)) * (1 if way > 0 else -1), 0)
        kind = QEvent.Type.MouseMove if step else QEvent.Type.MouseButtonPress
        button = Qt.MouseButton.NoButton if step else LEFT
        event = QMouseEvent(kind, at, widget.mapToGlobal(at), button, LEFT, keys)
        QApplication.sendEvent(widget, event)
    end = QEvent.Type.MouseButtonRelease
    at = start + QPointF(way, 0)
    event = QMouseEvent(end, at, widget.mapToGlobal(at), LEFT, Qt.MouseButton.NoButton, keys)
    QApplication.sendEvent(widget, event)


def test_every_parameter_of_every_stage_gets_a_field_that_can_be_undone(desk: Desk) -> None:
    session = desk.session
    for spec in session.specs.values():
        id = NodeId(f"one-{spec.id}")
        session.edit("Add", session.document.add(Node(id, spec.id)))
        session.select([id])
        assert set(desk.window.inspector.rows) == {param.name for param in spec.params}
        for param in spec.params:
            row = desk.window.inspector.rows[param.name]
            before = session.document
            row.field.put(param.default)
            assert session.document is before, "showing a value is no edit"
            other = _another(param.default, row.field)
            row.field.edited.emit(other, "")
            assert value(desk, id, param.name) == other
            assert session.undo()
            assert session.document == before


def _another(default: Value, control: object) -> Value:
    match control:
        case ToggleField():
            return not default
        case ChoiceField():
            return control.combo.itemText(1)
        case NumberField():
            kind = control.scrub.kind
            return int(kind.low + 8) if kind.whole else kind.high if kind.high < 1e9 else 2.5
        case _:
            return "other words"


def test_a_drag_on_a_number_is_one_undo_step(desk: Desk) -> None:
    scrub = scrub_of(desk, SAMPLE, "steps")
    before = desk.session.document
    drag(scrub, 60)
    assert value(desk, SAMPLE, "steps") == scrub.value
    assert scrub.value > 20
    drag(scrub, 40)
    assert desk.session.undo()
    assert value(desk, SAMPLE, "steps") is not None, "the first drag is a step of its own"
    assert desk.session.undo()
    assert desk.session.document == before
    assert not desk.session.history.can_undo


def test_shift_drags_finer_and_ctrl_coarser(desk: Desk) -> None:
    reached = []
    for keys in (
        Qt.KeyboardModifier.ShiftModifier,
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.ControlModifier,
    ):
        scrub = scrub_of(desk, SAMPLE, "guidance")
        drag(scrub, 32, keys)
        reached.append(float(scrub.value))
        desk.session.undo()
    assert reached == sorted(reached)
    assert len(set(reached)) == 3


def test_a_sum_typed_into_a_number_is_worked_out(desk: Desk, qtbot: QtBot) -> None:
    size = NodeId("size")
    scrub = scrub_of(desk, size, "width")
    QTest.mouseClick(scrub, LEFT, pos=QPoint(30, 14))
    assert scrub._editor is not None
    scrub._editor.setText("256*1.5")
    QTest.keyClick(scrub._editor, Qt.Key.Key_Return)
    assert value(desk, size, "width") == 384


def test_what_cannot_be_taken_stays_in_the_field_and_says_why(desk: Desk) -> None:
    size = NodeId("size")
    scrub = scrub_of(desk, size, "width")
    QApplication.processEvents()
    before = desk.session.document
    for text, said in (
        ("99999", "8 to 16384"),
        ("1e9", "8 to 16384"),
        ("12.6", "12.6 is not a whole number."),
        ("1.024", "“1.024” can be read as 1.024 or as 1024: write 1024."),
    ):
        scrub.type_in()
        line = scrub._editor
        assert line is not None
        QTest.keyClicks(line, text)
        assert (line.property("wrong"), line.hint.text()) == (True, said), "while it is typed"
        assert line.hint.isVisible()
        assert line.hint.geometry().top() >= scrub.mapTo(desk.window, QPoint(0, 0)).y()
        QTest.keyClick(line, Qt.Key.Key_Return)
        assert (line.isVisible(), line.text()) == (True, text), "Enter changes nothing of it"
        QTest.keyClick(line, Qt.Key.Key_Escape)
        assert not line.isVisible()
        assert not line.hint.isVisible()
    assert desk.session.document is before
    scrub.type_in()
    line = scrub._editor
    assert line is not None
    QTest.keyClicks(line, "many")
    assert not line.property("wrong"), "it may become a sum"
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert "is not a number" in line.hint.text()
    QTest.keyClicks(line, "320")
    assert not line.property("wrong")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert value(desk, size, "width") == 320


def test_a_field_that_is_left_with_a_wrong_number_says_that_it_was_not_taken(desk: Desk) -> None:
    scrub = scrub_of(desk, SAMPLE, "guidance")
    before = desk.session.document
    desk.window.activateWindow()
    scrub.type_in("3")
    assert scrub._editor is not None
    QTest.keyClicks(scrub._editor, "00")
    desk.window.canvas.widget.setFocus()
    assert scrub._editor is None
    assert desk.session.document is before
    assert desk.window.toasts.shown[-1].words == (
        "300 is not between 0 and 100. The value stays as it was."
    )


def test_a_comma_begins_a_number(desk: Desk) -> None:
    scrub = scrub_of(desk, SAMPLE, "guidance")
    scrub.setFocus()
    QTest.keyClicks(scrub, ",")
    assert scrub._editor is not None
    QTest.keyClicks(scrub._editor, "5")
    QTest.keyClick(scrub._editor, Qt.Key.Key_Return)
    assert value(desk, SAMPLE, "guidance") == 0.5


def test_where_people_write_a_comma_a_comma_parts_decimals(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arithmetic, "comma", lambda: True)
    for id, name, text, number in (
        (SAMPLE, "guidance", "7,125", 7.125),
        (NodeId("size"), "width", "1.024", 1024),
    ):
        scrub = scrub_of(desk, id, name)
        scrub.type_in()
        assert scrub._editor is not None
        QTest.keyClicks(scrub._editor, text)
        QTest.keyClick(scrub._editor, Qt.Key.Key_Return)
        assert value(desk, id, name) == number


@pytest.mark.parametrize("seed", [2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1])
def test_every_seed_is_exact_wherever_it_goes(desk: Desk, seed: int, tmp_path: Path) -> None:
    session = desk.session
    scrub = scrub_of(desk, SAMPLE, "seed")
    scrub.type_in()
    assert scrub._editor is not None
    QTest.keyClicks(scrub._editor, str(seed))
    QTest.keyClick(scrub._editor, Qt.Key.Key_Return)
    assert value(desk, SAMPLE, "seed") == seed
    scrub.type_in()
    assert scrub._editor is not None
    assert scrub._editor.text() == str(seed)
    QTest.keyClick(scrub._editor, Qt.Key.Key_Return)
    assert value(desk, SAMPLE, "seed") == seed
    QTest.keyClick(scrub, Qt.Key.Key_Down)
    assert value(desk, SAMPLE, "seed") == seed - 1
    QTest.keyClick(scrub, Qt.Key.Key_Up)
    assert value(desk, SAMPLE, "seed") == seed
    drag(scrub, -40)
    assert value(desk, SAMPLE, "seed") == seed - 10
    session.undo()
    shown = desk.window.canvas.cards[SAMPLE].look.face.rows[0].value
    assert shown.replace("\u2009", "") == str(seed)
    desk.window.canvas.copy()
    desk.window.canvas.paste()
    (copy,) = session.selection
    assert value(desk, copy, "seed") == seed
    assert session.save(tmp_path / "seed.nodeforge")
    assert session.open(tmp_path / "seed.nodeforge")
    assert value(desk, copy, "seed") == seed


def test_escape_in_a_drag_puts_the_number_back(desk: Desk) -> None:
    scrub = scrub_of(desk, SAMPLE, "steps")
    before = desk.session.document
    scrub.setFocus()
    start = QPointF(20, 14)
    for kind, at in (
        (QEvent.Type.MouseButtonPress, start),
        (QEvent.Type.MouseMove, start + QPointF(30, 0)),
    ):
        QApplication.sendEvent(
            scrub, QMouseEvent(kind, at, scrub.mapToGlobal(at), LEFT, LEFT, PLAIN)
        )
    assert scrub.value != 20
    QTest.keyClick(scrub, Qt.Key.Key_Escape)
    assert scrub.value == 20
    assert desk.session.document == before
    assert not desk.session.history.can_undo


def test_escape_leaves_the_number_as_it_was(desk: Desk) -> None:
    scrub = scrub_of(desk, SAMPLE, "steps")
    scrub.type_in("9")
    assert scrub._editor is not None
    QTest.keyClick(scrub._editor, Qt.Key.Key_Escape)
    assert value(desk, SAMPLE, "steps") is None
    assert scrub._editor is None


def test_the_arrows_and_the_wheel_step_a_focused_number(desk: Desk) -> None:
    scrub = scrub_of(desk, SAMPLE, "steps")
    scrub.setFocus()
    QTest.keyClick(scrub, Qt.Key.Key_Up)
    QTest.keyClick(scrub, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert value(desk, SAMPLE, "steps") == 31


def test_the_dice_throw_another_seed(desk: Desk) -> None:
    desk.session.select([SAMPLE])
    control = desk.window.inspector.rows["seed"].field
    assert isinstance(control, SeedField)
    before = value(desk, SAMPLE, "seed")
    QTest.mouseClick(control.dice, LEFT)
    assert value(desk, SAMPLE, "seed") != before
    desk.session.undo()
    assert value(desk, SAMPLE, "seed") == before


def test_a_switch_turns(qtbot: QtBot) -> None:
    control = field(DARK, Toggle())
    qtbot.addWidget(control)
    heard: list[Value] = []
    control.edited.connect(lambda new, _: heard.append(new))
    assert isinstance(control, ToggleField)
    control.put(False)
    QTest.mouseClick(control.switch, LEFT)
    assert heard == [True]


def test_words_are_taken_when_the_hand_rests_and_are_one_step(desk: Desk, qtbot: QtBot) -> None:
    desk.session.select([PROMPT])
    control = desk.window.inspector.rows["text"].field
    assert isinstance(control, WordsField)
    before = desk.session.document
    control.words.setFocus()
    control.words.selectAll()
    QTest.keyClicks(control.words, "a red")
    qtbot.waitUntil(lambda: value(desk, PROMPT, "text") == "a red", timeout=2000)
    QTest.keyClicks(control.words, " house")
    qtbot.waitUntil(lambda: value(desk, PROMPT, "text") == "a red house", timeout=2000)
    desk.session.undo()
    assert desk.session.document == before
    assert control.words.toPlainText() == before.nodes[PROMPT].values["text"]


def test_run_and_undo_take_what_is_half_typed(desk: Desk) -> None:
    desk.session.select([PROMPT])
    control = desk.window.inspector.rows["text"].field
    assert isinstance(control, WordsField)
    control.words.setPlainText("a half")
    desk.session.run()
    sent = desk.worker.told[-1][1]
    assert isinstance(sent, Document)
    assert sent.nodes[PROMPT].values["text"] == "a half"


def test_ctrl_enter_runs_and_ctrl_z_undoes_from_inside_the_words(desk: Desk) -> None:
    desk.session.select([PROMPT])
    control = desk.window.inspector.rows["text"].field
    assert isinstance(control, WordsField)
    desk.window.activateWindow()
    control.words.setFocus()
    before = value(desk, PROMPT, "text")
    QTest.keyClicks(control.words, "x")
    QTest.keyClick(control.words, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert desk.worker.told[-1][0] == "run"
    assert value(desk, PROMPT, "text") == f"x{before}"
    QTest.keyClick(control.words, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert value(desk, PROMPT, "text") == before


def test_selecting_another_node_takes_what_is_half_typed(desk: Desk) -> None:
    desk.session.select([PROMPT])
    control = desk.window.inspector.rows["text"].field
    assert isinstance(control, WordsField)
    control.words.setPlainText("left behind")
    desk.session.select([SAMPLE])
    assert value(desk, PROMPT, "text") == "left behind"


def test_a_file_can_be_dropped_on_its_field(desk: Desk, tmp_path: Path) -> None:
    id = NodeId("picture")
    desk.session.edit("Add", desk.session.document.add(Node(id, "source.load_image")))
    desk.session.select([id])
    control = desk.window.inspector.rows["file"].field
    assert isinstance(control, FileField)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "cat.png"))])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier
    )
    control.dropEvent(event)
    assert value(desk, id, "file") == str(tmp_path / "cat.png")
    assert isinstance(control, LineField)


def test_back_to_the_default_takes_the_value_out_of_the_document(desk: Desk) -> None:
    scrub = scrub_of(desk, SAMPLE, "steps")
    row = desk.window.inspector.rows["steps"]
    assert row.back.isHidden()
    drag(scrub, 60)
    assert not row.back.isHidden()
    QTest.mouseClick(row.back, LEFT)
    assert value(desk, SAMPLE, "steps") is None
    assert scrub.value == 20


def test_a_wired_parameter_says_where_its_value_comes_from(desk: Desk) -> None:
    id = NodeId("words")
    document = desk.session.document.add(Node(id, "source.text", title="My words"))
    document = document.expose(PROMPT, "text").connect(id, "text", PROMPT, "text")
    desk.session.edit("Wire", document)
    desk.session.select([PROMPT])
    row = desk.window.inspector.rows["text"]
    assert row.source.text() == "from My words"
    assert row.field.isHidden()


def test_a_node_can_be_renamed(desk: Desk) -> None:
    desk.session.select([SAMPLE])
    inspector = desk.window.inspector
    inspector.rename()
    inspector.line.setText("Draw it")
    QTest.keyClick(inspector.line, Qt.Key.Key_Return)
    assert desk.session.document.nodes[SAMPLE].title == "Draw it"
    assert inspector.title.text() == "Draw it"
    desk.session.undo()
    assert inspector.title.text() == "Sample"


def test_an_error_is_one_sentence_with_details_to_unfold_and_copy(desk: Desk) -> None:
    desk.session.select([MODEL])
    desk.session.run()
    desk.hear(Failed(1, MODEL, "There is no model here.", "Traceback: ..."))
    line = desk.window.inspector.state
    assert line.words.text() == "There is no model here."
    assert line.details.isHidden()
    QTest.mouseClick(line.more, LEFT)
    assert not line.details.isHidden()
    QTest.mouseClick(line.copy, LEFT)
    assert "Traceback" in QApplication.clipboard().text()


@pytest.mark.parametrize("stage", ["nobody.knows", "picture.gone"])
def test_an_unknown_stage_says_that_it_is_kept(desk: Desk, stage: str) -> None:
    id = NodeId("strange")
    desk.session.edit("Add", desk.session.document.add(Node(id, stage)))
    desk.session.select([id])
    assert stage in desk.window.inspector.doc.text()
