"""Nodes added one after the other by the list of the library."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from nodeforge.graph.document import Document
from tests.app.conftest import Desk

MANY = 8


def row(tree: QTreeWidget, name: str) -> QTreeWidgetItem:
    (item,) = tree.findItems(name, Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)
    return item


def opened(desk: Desk, name: str) -> None:
    """A double-click on a stage in the list."""
    tree = desk.window.library.tree
    tree.scrollToItem(item := row(tree, name))
    at = tree.visualItemRect(item).center()
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=at)


@pytest.mark.parametrize("full", [False, True], ids=["empty", "on the starter"])
@pytest.mark.parametrize("zoom", [0.3, 1.0, 2.5])
def test_they_lie_beside_each_other_and_in_view(desk: Desk, zoom: float, full: bool) -> None:
    if not full:
        desk.session.new(Document())
    canvas = desk.window.canvas
    canvas.zoom_to(zoom)
    old = set(canvas.cards)
    for number in range(MANY):
        opened(desk, "Sample" if number % 2 else "Prompt")
        (id,) = set(canvas.cards) - old
        old.add(id)
        box = canvas.cards[id].box
        if box.height() < canvas.widget.visible().height():
            assert canvas.widget.visible().contains(box)
    boxes = [canvas.cards[id].box for id in canvas.cards]
    assert not any(a.intersects(b) for a, b in combinations(boxes, 2))
    assert canvas.widget.zoom == zoom
    for _ in range(MANY):
        desk.session.undo()
    assert len(canvas.cards) == len(old) - MANY
