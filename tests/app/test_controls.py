"""Parameters in the hand: stars and Controls, F11, ports, presets, the last seed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from nodeforge import resources
from nodeforge.app.fields import NumberField, SeedField
from nodeforge.app.panels import CONTROLS
from nodeforge.app.presets import folder
from nodeforge.app.row import Row
from nodeforge.app.templates import templates
from nodeforge.engine.messages import Finished, Queued
from nodeforge.graph import file
from nodeforge.graph.document import Node, NodeId, Spot
from nodeforge.graph.presets import presets
from tests.app.conftest import DECODE, PROMPT, SAMPLE, VIEW, Desk
from tests.app.test_inspector import drag, value

LEFT = Qt.MouseButton.LeftButton
STEPS = Spot(SAMPLE, "steps")


def row(desk: Desk, id: NodeId, name: str) -> Row:
    desk.session.select([id])
    return desk.window.inspector.rows[name]


def point_at(desk: Desk, id: NodeId, name: str) -> QWidget:
    """The mouse and the focus on a parameter; what keys go to."""
    found = row(desk, id, name)
    desk.window.activateWindow()
    found.field.setFocus()
    for _ in range(3):  # layouts within layouts
        QApplication.processEvents()
    area = desk.window.inspector.findChild(QScrollArea)
    assert area is not None
    area.ensureWidgetVisible(found)
    QApplication.processEvents()
    QTest.mouseMove(found.label, found.label.rect().center())
    QApplication.processEvents()
    focus = QApplication.focusWidget()
    assert focus is not None
    return focus


def starred(desk: Desk) -> list[Spot]:
    return list(desk.window.panels.starred.rows)


def key(desk: Desk, name: str) -> None:
    desk.window.actions_by_id[name].trigger()


def test_a_star_brings_a_parameter_to_the_controls_and_undo_takes_it_away(desk: Desk) -> None:
    before = desk.session.document
    QTest.mouseClick(row(desk, SAMPLE, "steps").star, LEFT)
    assert starred(desk) == [STEPS]
    assert desk.window.panels.tabs.counts[CONTROLS] == 1
    assert desk.window.inspector.rows["steps"].star.isChecked()
    assert desk.session.undo()
    assert starred(desk) == []
    assert desk.session.document == before


def test_s_stars_the_parameter_pointed_at(desk: Desk) -> None:
    focus = point_at(desk, SAMPLE, "steps")
    QTest.keyClick(focus, Qt.Key.Key_S)
    assert starred(desk) == [STEPS]
    QTest.keyClick(focus, Qt.Key.Key_S)
    assert starred(desk) == []


def test_s_in_a_text_is_a_letter(desk: Desk) -> None:
    QTest.keyClick(point_at(desk, PROMPT, "text"), Qt.Key.Key_S)
    row(desk, PROMPT, "text").field.settle()
    assert str(value(desk, PROMPT, "text")).startswith("s")
    assert starred(desk) == []


def test_nowhere_s_says_what_to_do(desk: Desk) -> None:
    desk.window.canvas.widget.setFocus()
    QTest.mouseMove(desk.window.canvas.widget, QPoint(300, 300))
    QApplication.processEvents()
    key(desk, "star")
    assert "Point at a parameter" in desk.window.toasts.shown[-1].words


def test_the_usual_ones_are_starred_by_one_click(desk: Desk) -> None:
    panels = desk.window.panels
    QTest.mouseClick(panels.tabs, LEFT, pos=panels.tabs.box(CONTROLS).center().toPoint())
    assert panels.stack.currentWidget() is panels.starred
    QTest.mouseClick(panels.starred.usual, LEFT)
    assert {Spot(PROMPT, "text"), STEPS, Spot(SAMPLE, "seed")} <= set(starred(desk))
    assert panels.starred.rows[Spot(PROMPT, "text")].label.text() == "Prompt"


def test_a_control_edits_its_node_in_one_step_and_both_panels_show_it(desk: Desk) -> None:
    row(desk, SAMPLE, "steps").turn_star()
    desk.window.panels.tabs.choose(CONTROLS)
    before = desk.session.document
    control = desk.window.panels.starred.rows[STEPS].field
    assert isinstance(control, NumberField)
    drag(control.scrub, 40)
    assert value(desk, SAMPLE, "steps") == control.scrub.value
    beside = desk.window.inspector.rows["steps"].field
    assert isinstance(beside, NumberField)
    assert beside.scrub.value == control.scrub.value
    assert desk.session.undo()
    assert desk.session.document == before


def test_f11_leaves_the_controls_and_the_picture(desk: Desk) -> None:
    window = desk.window
    row(desk, SAMPLE, "steps").turn_star()
    sizes = window.shell.across.sizes()
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_F11)
    controls = window.panels.starred
    assert not window.canvas.widget.isVisible()
    assert not window.library.isVisible()
    assert controls.isVisible()
    assert controls.rows[STEPS].isVisible()
    assert window.viewer.isVisible()
    assert not window.top.run.isVisible(), "one heat button"
    assert window.actions_by_id["generator"].isCheckable()
    QTest.mouseClick(controls.make, LEFT)
    assert desk.worker.told[-1][0] == "run"
    assert controls.stop.isVisible()
    desk.session.told.emit("info", "Over the picture.", "")
    assert window.toasts.shown[-1].isVisible()
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert window.canvas.widget.isVisible()
    assert window.shell.across.sizes() == pytest.approx(sizes, abs=3)
    assert window.top.run.isVisible()
    assert not controls.foot.isVisibleTo(controls)


def test_f11_shows_the_finished_picture_whatever_is_selected(desk: Desk) -> None:
    window = desk.window
    window.activateWindow()
    desk.session.select([DECODE])
    assert window.viewer.node == DECODE
    for _ in range(2):
        QTest.keyClick(window, Qt.Key.Key_F11)
        assert window.viewer.node == (VIEW if window.generator.on else DECODE)


@pytest.mark.parametrize("name", [template.file.stem for template in templates()])
def test_f11_on_a_starter_shows_its_words_first(desk: Desk, name: str) -> None:
    desk.session.new(file.load(resources.path(f"graphs/{name}.nodeforge")), name)
    desk.window.activateWindow()
    QTest.keyClick(desk.window, Qt.Key.Key_F11)
    rows = desk.window.panels.starred.rows
    assert next(iter(rows)) == Spot(PROMPT, "text")
    assert Spot(SAMPLE, "seed") in rows
    assert all(row.isVisible() for row in rows.values())
    QTest.keyClick(desk.window, Qt.Key.Key_F11)


def test_a_parameter_becomes_a_port_and_a_field_again(desk: Desk) -> None:
    session = desk.session
    before = session.document
    number = NodeId("number")
    session.edit("Add", before.add(Node(number, "source.number", values={"value": 7.0})))
    point_at(desk, SAMPLE, "steps")
    key(desk, "port")
    pins = [pin.name for pin in desk.window.canvas.cards[SAMPLE].look.face.pins]
    assert "steps" in pins
    steps = desk.window.inspector.rows["steps"]
    assert not steps.field.isHidden(), "nothing is wired yet: its own value counts"
    session.edit("Wire", session.document.connect(number, "number", SAMPLE, "steps"))
    assert steps.field.isHidden()
    assert steps.source.text() == "from Number"
    QTest.mouseClick(steps.source, LEFT)
    assert session.selection == (number,)
    row(desk, SAMPLE, "steps").turn_port()
    assert "steps" not in session.document.nodes[SAMPLE].links
    for _ in range(4):
        session.undo()
    assert session.document == before


def test_what_no_wire_can_bring_says_so(desk: Desk) -> None:
    id = NodeId("mask")
    desk.session.edit("Add", desk.session.document.add(Node(id, "picture.mask")))
    before = desk.session.document
    row(desk, id, "invert").turn_port()
    assert desk.session.document is before
    assert "No wire can bring" in desk.window.toasts.shown[-1].words


def test_ctrl_backspace_resets_the_parameter_with_the_focus(desk: Desk) -> None:
    row(desk, SAMPLE, "steps").field.edited.emit(33, "")
    focus = point_at(desk, SAMPLE, "steps")
    QTest.keyClick(focus, Qt.Key.Key_Backspace, Qt.KeyboardModifier.ControlModifier)
    assert value(desk, SAMPLE, "steps") is None


def test_a_preset_is_kept_picked_in_one_step_and_deleted(desk: Desk, qtbot: QtBot) -> None:
    session, menu = desk.session, desk.window.inspector.presets
    row(desk, SAMPLE, "steps").field.edited.emit(33, "")
    seed = value(desk, SAMPLE, "seed")
    QTest.mouseClick(menu.button, LEFT)
    assert menu.menu.isVisible()
    QTest.keyClicks(menu.menu, "Slow")  # wherever the focus is
    QTest.keyClick(menu.line, Qt.Key.Key_Return)
    assert not menu.menu.isVisible()
    kept = presets(folder(), "generate.sample")["Slow"]
    assert kept["steps"] == 33
    assert "seed" not in kept
    row(desk, SAMPLE, "steps").field.edited.emit(5, "")
    row(desk, SAMPLE, "strength").field.edited.emit(0.5, "")
    before = session.document
    key(desk, "presets")
    menu.menu.actions()[0].trigger()
    menu.menu.close()
    assert value(desk, SAMPLE, "steps") == 33
    assert value(desk, SAMPLE, "strength") is None
    assert value(desk, SAMPLE, "seed") == seed
    assert session.undo()
    assert session.document == before
    menu.drop("Slow")
    assert presets(folder(), "generate.sample") == {}


def test_the_seed_of_the_last_picture_comes_back(desk: Desk) -> None:
    control = row(desk, SAMPLE, "seed").field
    assert isinstance(control, SeedField)
    first = control.scrub.value
    assert not control.again.isEnabled()
    assert "none was made yet" in control.again.toolTip()
    desk.session.run()
    desk.hear(Queued(1, (SAMPLE,)), Finished(1, SAMPLE, "key", False))
    assert not control.again.isEnabled(), "it is this one"
    QTest.mouseClick(control.dice, LEFT, pos=QPoint(5, 5))
    assert control.scrub.value != first
    QTest.mouseClick(control.again, LEFT)
    assert control.scrub.value == first
    assert value(desk, SAMPLE, "seed") == first


def test_the_canvas_comes_back_where_it_was(desk: Desk) -> None:
    view, f11 = desk.window.canvas.widget, desk.window.actions_by_id["generator"]
    desk.window.canvas.fit()
    QApplication.processEvents()
    before = view.visible().center()
    for _ in range(2):
        f11.trigger()
        QApplication.processEvents()
    away = view.visible().center() - before
    assert abs(away.x()) < 3
    assert abs(away.y()) < 3
