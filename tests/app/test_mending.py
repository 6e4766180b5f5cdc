"""A node that cannot run says why on its apron, and the buttons there mend it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from nodeforge.app.canvas import apron, faults
from nodeforge.engine.messages import Failed, Planned, Queued
from nodeforge.graph.document import TOP, Document, Node, NodeId
from tests.app.canvas import mouse
from tests.app.conftest import MODEL, PROMPT, VIEW, Desk

X = NodeId("x")


def alone(desk: Desk) -> None:
    """A prompt without a model, which the plan says cannot run."""
    desk.session.new(Document().add(Node(X, "guide.prompt")))
    desk.hear(Planned(0, {X: "Needs a model: connect a Load model node to it."}))
    desk.window.canvas.zoom_to(1.0)
    QApplication.processEvents()


def press(desk: Desk, id: NodeId, label: str) -> None:
    card = desk.window.canvas.cards[id]
    look = card.look
    boxes = apron.buttons(look.face.height(look.pictured), look.apron, look.fixes)
    box = boxes[look.fixes.index(label)]
    desk.window.canvas.centre([id])
    QApplication.processEvents()
    mouse.click(desk.window.canvas, card.pos() + box.center())


def test_a_click_on_the_apron_mends_the_node_in_one_undo_step(desk: Desk) -> None:
    alone(desk)
    before = desk.session.document
    assert desk.window.canvas.cards[X].look.apron
    press(desk, X, "Add Load model")
    document = desk.session.document
    (link,) = document.nodes[X].links["model"]
    assert document.nodes[link.node].stage == "source.load_model"
    assert link.node in desk.window.canvas.cards
    assert desk.session.undo()
    assert desk.session.document == before


def test_an_added_node_lies_on_no_other(desk: Desk) -> None:
    canvas, session = desk.window.canvas, desk.session
    session.new(
        Document().add(
            Node(X, "generate.sample", at=(400.0, 0.0)),
            Node(PROMPT, "guide.prompt", at=(160.0, 16.0)),
            Node(VIEW, "finish.view", at=(120.0, 160.0)),
        )
    )
    desk.hear(Planned(0, {X: "Needs a model: connect a Load model node to it."}))
    canvas.zoom_to(1.0)
    QApplication.processEvents()
    press(desk, X, "Add Load model")
    boxes = [card.box for card in canvas.cards.values()]
    assert len(boxes) == 4
    assert not [one for i, one in enumerate(boxes) for other in boxes[:i] if one.intersects(other)]


def test_a_value_that_failed_goes_back_to_the_default(desk: Desk) -> None:
    session = desk.session
    session.edit("Set", session.document.set(MODEL, file="castles-xl"))
    session.run()
    desk.hear(Queued(1, (MODEL,)), Failed(1, MODEL, "There is no model “castles-xl”: choose one."))
    (label,) = session.state(MODEL).fixes
    press(desk, MODEL, label)
    assert "file" not in session.document.nodes[MODEL].values


def test_a_click_on_the_problems_and_f8_go_to_each_and_make_it_readable(desk: Desk) -> None:
    window, session = desk.window, desk.session
    assert not window.status.wrong.isVisible()
    session.run()
    desk.hear(
        Queued(1, (MODEL, PROMPT)),
        Failed(1, MODEL, "There is no model “castles-xl”: choose one."),
        Failed(1, PROMPT, "It failed."),
    )
    view = window.canvas.widget
    view.look_at(QPointF(40_000, 0), 0.2)
    assert window.status.wrong.text() == "2 problems"
    QTest.mouseClick(window.status.wrong, Qt.MouseButton.LeftButton)
    assert session.selection == (MODEL,)
    assert view.zoom >= faults.READ
    assert view.visible().contains(window.canvas.cards[MODEL].box)
    window.activateWindow()
    for id in (PROMPT, MODEL):
        QTest.keyClick(view, Qt.Key.Key_F8)
        assert session.selection == (id,)
        assert view.visible().contains(window.canvas.cards[id].box)
    session.new(Document())
    assert not window.status.wrong.isVisible()


def test_f8_goes_to_a_node_that_lacks_something_not_to_those_behind_it(desk: Desk) -> None:
    alone(desk)
    window, session = desk.window, desk.session
    session.edit("", session.document.add(Node(PROMPT, "guide.prompt")))
    desk.hear(Planned(0, {X: "Needs a model: connect a Load model node to it."}))
    session.select([])
    window.activateWindow()
    for _ in range(2):
        QTest.keyClick(window.canvas.widget, Qt.Key.Key_F8)
        assert session.selection == (X,)


def test_f8_goes_into_the_group_of_a_node_that_failed(desk: Desk) -> None:
    window, session = desk.window, desk.session
    session.select([PROMPT])
    window.actions_by_id["group"].trigger()
    session.run()
    desk.hear(Queued(1, (PROMPT,)), Failed(1, PROMPT, "It failed."))
    window.activateWindow()
    QTest.keyClick(window.canvas.widget, Qt.Key.Key_F8)
    assert session.sight.scope == session.document.nodes[PROMPT].group != TOP
    assert session.selection == (PROMPT,)


def test_the_menu_key_offers_the_same(desk: Desk) -> None:
    alone(desk)
    window = desk.window
    view = window.canvas.widget
    window.canvas.fit()
    QTest.keyClick(view, Qt.Key.Key_F8)
    keyboard = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(view.viewport(), QContextMenuEvent(keyboard, QPoint(1, 1), QPoint()))
    (menu,) = [each for each in window.findChildren(QMenu) if each.isVisible()]
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(menu, key)
    assert len(desk.session.document.nodes) == 2


def test_the_inspector_and_the_menu_offer_the_same(desk: Desk) -> None:
    alone(desk)
    desk.session.select([X])
    state = desk.window.inspector.state
    assert state.fixes == desk.session.state(X).fixes == ("Add Load model",)
    menu = desk.window.menus.context(X, desk.window.canvas.cards[X].pos())
    menu.actions()[0].trigger()
    assert len(desk.session.document.nodes) == 2


def test_a_node_that_only_waits_for_another_has_no_apron(desk: Desk) -> None:
    desk.hear(Planned(0, {PROMPT: "Waits for Load model."}))
    assert not desk.window.canvas.cards[PROMPT].look.apron


def test_buttons_that_do_not_fit_beside_each_other_are_stacked() -> None:
    wide = apron.buttons(0, ("Why.",), ("Connect Load model", "Add Load model"))
    assert wide[0].x() == wide[1].x()
    assert wide[1].top() > wide[0].bottom()
    narrow = apron.buttons(0, ("Why.",), ("One", "Two"))
    assert narrow[0].y() == narrow[1].y()
