"""In the whole window, too, what is in the hand is seen, and nothing of it stays behind."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from nodeforge.app.canvas.edge import BAND
from nodeforge.graph.groups import grouped
from tests.app.canvas.mouse import Button, move_in
from tests.app.canvas.repaints import Watch, settled
from tests.app.conftest import DECODE, SAMPLE, Desk

pytestmark = pytest.mark.usefixtures("desk", "still")
Key = Qt.Key


def test_a_number_that_is_scrubbed_is_seen(desk: Desk) -> None:
    desk.session.select([SAMPLE])
    settled()
    row = desk.window.inspector.rows["steps"]
    scrub = row.field.findChild(QWidget)
    assert scrub is not None
    before = desk.session.document
    watch, all = Watch(scrub), Watch(desk.window)
    QTest.mousePress(scrub, Button.LeftButton, pos=QPoint(40, 12))
    for x in (44, 60, 90):
        move_in(scrub, QPoint(x, 12))
        settled()
    assert desk.session.document != before
    watch.check([scrub.rect()])
    all.check()
    QTest.mouseRelease(scrub, Button.LeftButton, pos=QPoint(90, 12))
    all.check()


def test_the_search_is_seen_and_goes(desk: Desk) -> None:
    window = desk.window
    window.canvas.widget.setFocus()
    watch = Watch(window)
    QTest.keyClick(window.canvas.widget, Key.Key_Tab)
    QTest.keyClicks(window.search.line, "blu")
    settled()
    assert window.search.isVisible()
    watch.check([window.search.geometry()])
    QTest.keyClick(window.search.line, Key.Key_Escape)
    window.canvas.widget.setFocus()
    watch.check()
    assert not window.search.isVisible()


def test_a_tool_tip_says_what_a_port_is(desk: Desk) -> None:
    view = desk.window.canvas.widget
    port = next(iter(desk.window.canvas.cards[SAMPLE].entries))
    place = view.mapFromScene(port.centre())
    watch = Watch(desk.window)
    QTest.mouseMove(view.viewport(), place)
    settled()
    asks = QHelpEvent(QEvent.Type.ToolTip, place, view.viewport().mapToGlobal(place))
    QApplication.sendEvent(view.viewport(), asks)
    tip = next(each for each in QApplication.topLevelWidgets() if each.inherits("QTipLabel"))
    assert QToolTip.text().startswith(port.name)
    assert tip.isVisible()
    picture = Watch(tip).check()
    assert picture.max() - picture.min() > 100  # words on a ground
    watch.check()
    QToolTip.hideText()
    tip.hide()
    watch.check()


def test_the_edge_of_a_group_waits_for_a_parameter(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, view = desk.session, desk.window.canvas.widget
    after, group = grouped(session.document, session.specs, [SAMPLE, DECODE])
    session.edit("Group", after)
    session.sight.dive(group)
    session.select([SAMPLE])
    desk.window.canvas.fit()
    settled()
    watch = Watch(view)
    at_edge, inside = QPoint(int(BAND / 2), view.height() // 2), view.rect().center()
    left = QRect(2, 10, 20, 20)

    def held(drag: QDrag, *_: object) -> Qt.DropAction:
        assert not drag.pixmap().isNull()
        data: QMimeData = drag.mimeData()
        rest = (Qt.DropAction.CopyAction, data, Button.LeftButton, Qt.KeyboardModifier.NoModifier)
        settled()
        waiting = watch.check([left])
        QApplication.sendEvent(view.viewport(), QDragEnterEvent(inside, *rest))
        for place in (inside, at_edge):
            QApplication.sendEvent(view.viewport(), QDragMoveEvent(place, *rest))
            settled()
        over = watch.check([left])
        assert (over != waiting).any()
        view.pan_by(inside.toPointF() - at_edge.toPointF())
        settled()
        watch.check([left])
        view.pan_by(at_edge.toPointF() - inside.toPointF())
        QApplication.sendEvent(view.viewport(), QDragLeaveEvent())
        watch.check([left])
        return Qt.DropAction.IgnoreAction

    monkeypatch.setattr(QDrag, "exec", held)
    label = desk.window.inspector.rows["steps"].label
    QTest.mousePress(label, Button.LeftButton, pos=QPoint(5, 5))
    for x in (8, 40, 60):
        move_in(label, QPoint(x, 5))
    QTest.mouseRelease(label, Button.LeftButton, pos=QPoint(60, 5))
    assert (watch.check()[:40] == watch.before[:40]).all()
