"""The face of a group in the Inspector, by real mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from nodeforge.app.facepanel import FaceList
from nodeforge.graph.document import NodeId, Spot
from nodeforge.graph.groups import grouped, reveal_param
from tests.app.conftest import DECODE, SAMPLE, Desk

Key, LEFT, ALT = Qt.Key, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def group(desk: Desk) -> NodeId:
    """Sample and Decode in a group, with three parameters on its face, selected."""
    session = desk.session
    after, id = grouped(session.document, session.specs, [SAMPLE, DECODE])
    for name in ("seed", "steps", "guidance"):
        after = reveal_param(after, id, Spot(SAMPLE, name))
    session.edit("Group", after)
    session.select([id])
    desk.window.activateWindow()
    QApplication.processEvents()
    return id


def line(faces: FaceList, name: str) -> QPoint:
    """The middle of a line; clicked once, so that it is chosen."""
    faces.window().activateWindow()
    faces.setFocus()
    at = faces.visualItemRect(faces.item(faces.names().index(name))).center()
    QTest.mouseClick(faces.viewport(), LEFT, pos=at)
    assert faces.currentItem().text() == name
    return at


def drag(faces: FaceList, start: QPoint, end: QPoint) -> None:
    """With the left button, in five moves."""
    way = [start + (end - start) * step / 5 for step in range(6)]
    kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * 5]
    for kind, at in zip((*kinds, QEvent.Type.MouseButtonRelease), (*way, end), strict=True):
        button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else LEFT
        port, place = faces.viewport(), QPointF(at)
        where = port.mapToGlobal(place)
        keys = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(port, QMouseEvent(kind, place, where, button, held, keys))


def type_name(faces: FaceList, name: str) -> None:
    """Into the editor that is open in the list."""
    editor = faces.findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    QTest.keyClicks(editor, name)
    QTest.keyClick(editor, Key.Key_Return)
    QApplication.processEvents()


def test_f2_renames_a_parameter_on_the_face(desk: Desk, group: NodeId) -> None:
    session, inspector = desk.session, desk.window.inspector
    before = session.document
    faces = inspector.face.lists["params"]
    assert faces.names() == ["seed", "steps", "guidance"]
    line(faces, "steps")
    QTest.keyClick(faces, Key.Key_F2)
    type_name(faces, "How long")
    assert session.document.groups[group].params["How long"] == Spot(SAMPLE, "steps")
    assert list(inspector.rows) == ["seed", "How long", "guidance"]
    assert inspector.rows["How long"].label.text() == "How long"
    assert [r.label for r in desk.window.canvas.cards[group].look.face.rows][1] == "How long"
    assert session.history.undo_label == "Rename steps"
    assert session.undo()
    assert session.document == before
    assert faces.names() == ["seed", "steps", "guidance"]


def test_a_double_click_renames_a_port_and_the_wire_stays(desk: Desk, group: NodeId) -> None:
    session = desk.session
    faces = desk.window.inspector.face.lists["inputs"]
    at = line(faces, "latent")
    wires = session.level.document.nodes[group].links["latent"]
    QTest.mouseDClick(faces.viewport(), LEFT, pos=at)
    type_name(faces, "canvas")
    assert session.level.document.nodes[group].links["canvas"] == wires
    assert (False, "canvas") in desk.window.canvas.cards[group].ports


def test_a_drag_and_alt_with_an_arrow_put_in_order(desk: Desk, group: NodeId) -> None:
    session = desk.session
    before = session.document
    faces = desk.window.inspector.face.lists["params"]
    start, end = line(faces, "guidance"), line(faces, "seed")
    drag(faces, start, end)
    assert list(session.document.groups[group].params) == ["guidance", "seed", "steps"]
    assert list(desk.window.inspector.rows) == ["guidance", "seed", "steps"]
    line(faces, "guidance")
    QTest.keyClick(faces, Key.Key_Down, ALT)
    assert list(session.document.groups[group].params) == ["seed", "guidance", "steps"]
    assert faces.currentItem().text() == "guidance"
    assert session.undo()
    assert session.undo()
    assert session.document == before


def test_delete_takes_a_parameter_off_the_face_and_not_the_group(desk: Desk, group: NodeId) -> None:
    session = desk.session
    faces = desk.window.inspector.face.lists["params"]
    line(faces, "steps")
    QTest.keyClick(faces, Key.Key_Delete)
    assert list(session.document.groups[group].params) == ["seed", "guidance"]
    line(faces, "guidance")
    (off,) = [each for each in faces.menu().actions() if "off" in each.text()]
    off.trigger()
    assert list(session.document.groups[group].params) == ["seed"]
    ports = desk.window.inspector.face.lists["outputs"]
    QTest.keyClick(ports, Key.Key_Delete)
    assert group in session.document.groups
