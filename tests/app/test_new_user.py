"""The starter's pipeline from an empty canvas, as a new user would: by keys or by mouse only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from nodeforge.app.entries import entries
from nodeforge.app.library import mime
from nodeforge.graph.document import Document, NodeId
from nodeforge.graph.habits import kind
from tests.app.canvas import mouse
from tests.app.conftest import Desk

Key, SHIFT = Qt.Key, Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
Wire = tuple[tuple[str, str], str, tuple[str, str], str]
BY_KEYS, BY_MOUSE = 8, 8  # key presses; clicks, a double click counting as one
SEARCHED, DRAGGED = 38, 16  # key presses, every letter counting; drags


def shape(desk: Desk, document: Document) -> tuple[list[tuple[str, str]], set[Wire]]:
    """The stages and how they are joined, whatever their ids, values and places."""
    kinds = {id: kind(node, desk.session.specs) for id, node in document.nodes.items()}
    wires = {
        (kinds[link.node], link.output, kinds[id], name)
        for id, node in document.nodes.items()
        for name, links in node.links.items()
        for link in links
    }
    return sorted(kinds.values()), wires


class User:
    """Does one thing at a time, and counts."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.actions = 0
        desk.session.new()
        desk.window.activateWindow()
        desk.window.canvas.widget.setFocus()
        QApplication.processEvents()

    def press(
        self, key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        widget = QApplication.focusWidget()
        assert widget is not None
        self.actions += 1
        QTest.keyClick(widget, key, keys)
        QApplication.processEvents()

    def click(self, widget: QWidget, at: QPoint, double: bool = False) -> None:
        self.actions += 1
        where, screen = QPointF(at), QPointF(widget.mapToGlobal(at))
        kinds = QEvent.Type
        steps = [(kinds.MouseMove, NONE, NONE), (kinds.MouseButtonPress, LEFT, LEFT)]
        steps += [(kinds.MouseButtonRelease, LEFT, NONE)]
        if double:
            steps += [
                (kinds.MouseButtonDblClick, LEFT, LEFT),
                (kinds.MouseButtonRelease, LEFT, NONE),
            ]
        for type, button, held in steps:
            event = QMouseEvent(type, where, screen, button, held, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(widget, event)
        QApplication.processEvents()

    def choose(self, name: str) -> None:
        """Click on a line of the search."""
        found = self.desk.window.search.list
        (item,) = found.findItems(name, Qt.MatchFlag.MatchExactly)
        box = found.visualItemRect(item)
        assert found.viewport().rect().contains(box.center())
        self.click(found.viewport(), box.center())

    def click_port(self, stage: str, name: str, title: str = "", out: bool = False) -> None:
        canvas = self.desk.window.canvas
        node = next(
            node
            for node in self.desk.session.document.nodes.values()
            if (node.stage, node.title) == (stage, title)
        )
        at = canvas.widget.mapFromScene(canvas.cards[node.id].ports[out, name].centre())
        assert canvas.widget.viewport().rect().contains(at)
        self.click(canvas.widget.viewport(), at)


def test_by_keys_only(desk: Desk, graph: Document) -> None:
    user = User(desk)
    user.press(Key.Key_Tab)
    for _ in range(6):
        user.press(Key.Key_Return, SHIFT)
    user.press(Key.Key_Return)
    assert shape(desk, desk.session.document) == shape(desk, graph)
    assert user.actions == BY_KEYS
    assert desk.window.search.isHidden()
    apart(desk)


def test_by_mouse_only(desk: Desk, graph: Document) -> None:
    user = User(desk)
    view = desk.window.canvas.widget
    user.click(view.viewport(), QPoint(view.width() - 240, 60), double=True)
    user.choose("View")
    user.click_port("finish.view", "image")
    user.click_port("generate.decode", "model")
    user.click_port("generate.decode", "latent")
    user.click_port("generate.sample", "positive")
    user.click_port("generate.sample", "negative")
    user.click_port("generate.sample", "latent")
    assert shape(desk, desk.session.document) == shape(desk, graph)
    assert user.actions == BY_MOUSE
    apart(desk)


def test_by_keys_with_a_search_for_each_node(desk: Desk, graph: Document) -> None:
    """Each node by its name, typed as far as it must be; two go on from all that is there."""
    user = User(desk)
    for name in ("loadmo", "pro", "neg", "emp", "sam", "dec", "v"):
        if name in ("neg", "sam"):
            user.press(Key.Key_A, CTRL)
        user.press(Key.Key_Tab)
        for letter in name:
            user.press(Key(ord(letter.upper())))
        user.press(Key.Key_Return)
    assert shape(desk, desk.session.document) == shape(desk, graph)
    assert user.actions == SEARCHED
    apart(desk)


def test_by_mouse_only_each_node_dragged_and_each_wire_drawn(desk: Desk, graph: Document) -> None:
    """Nodes dropped from the list, far apart so that no drop wires them; then wire by wire."""
    user = User(desk)
    canvas = desk.window.canvas
    canvas.zoom_to(0.5)
    ids: dict[NodeId, NodeId] = {}
    offer = {entry.name: entry for entry in entries(desk.session.shelf.offer())}
    for id, node in graph.nodes.items():
        user.actions += 1
        name = node.title or desk.session.specs[node.stage].title
        mouse.drop(canvas, mime(offer[name]), QPointF(*node.at))
        (ids[id],) = desk.session.selection
    for id, node in graph.nodes.items():
        for name, links in node.links.items():
            for link in links:
                user.actions += 1
                source = canvas.cards[ids[link.node]].ports[True, link.output]
                target = canvas.cards[ids[id]].ports[False, name]
                mouse.drag(canvas, source.centre(), target.centre())
    assert shape(desk, desk.session.document) == shape(desk, graph)
    assert user.actions == DRAGGED


def apart(desk: Desk) -> None:
    """No node lies on another."""
    boxes = [card.box for card in desk.window.canvas.cards.values()]
    for number, box in enumerate(boxes):
        assert not any(box.intersects(other) for other in boxes[number + 1 :])
