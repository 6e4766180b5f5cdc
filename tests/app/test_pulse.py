"""What a new node still needs: its open inputs beat, and say what a click on them would do."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nodeforge.app import motion
from nodeforge.app.canvas import hand
from nodeforge.app.canvas.items import Port
from nodeforge.graph.document import NodeId
from tests.app.canvas.mouse import send
from tests.app.conftest import Desk


def added(desk: Desk, stage: str) -> NodeId:
    canvas = desk.window.canvas
    id = hand.add(canvas, stage, canvas.widget.mapToScene(700, 600), {})
    QApplication.processEvents()
    return id


def beating(desk: Desk) -> set[str]:
    return {port.name for port in desk.window.canvas.scenery.beating[0]}


def hover(desk: Desk, at: QPointF) -> None:
    none = Qt.MouseButton.NoButton
    send(desk.window.canvas, QEvent.Type.MouseMove, at, none, none)
    QApplication.processEvents()


def colours(desk: Desk, port: Port) -> set[str]:
    """On a ring around a port."""
    canvas = desk.window.canvas
    shot = canvas.widget.grab().toImage()
    at = canvas.widget.mapFromScene(port.centre())
    return {shot.pixelColor(at.x() - away, at.y()).name() for away in range(8, 26)}


def test_open_inputs_of_a_new_node_beat_and_come_to_rest(desk: Desk, qtbot: QtBot) -> None:
    desk.session.new()
    added(desk, "generate.decode")
    assert beating(desk) == {"latent", "model"}
    qtbot.waitUntil(lambda: not beating(desk), timeout=10_000)


def test_what_is_wired_beats_no_longer(desk: Desk) -> None:
    id = added(desk, "generate.decode")
    model = next(n for n in desk.session.document.nodes.values() if n.stage == "source.load_model")
    desk.session.edit("", desk.session.document.connect(model.id, "model", id, "model"))
    desk.window.canvas.pulse.setCurrentTime(100)
    assert beating(desk) == {"latent"}


def test_a_beat_is_a_ring_that_grows(desk: Desk) -> None:
    id = added(desk, "picture.sharpen")
    pulse, port = desk.window.canvas.pulse, desk.window.canvas.cards[id].ports[False, "image"]
    pulse.pause()
    pulse.setCurrentTime(70)
    near = colours(desk, port)
    pulse.setCurrentTime(350)
    assert colours(desk, port) != near


def test_nothing_beats_where_nothing_shall_move(desk: Desk) -> None:
    switch = desk.window.actions_by_id["animations"]
    assert switch.isChecked()
    switch.trigger()
    added(desk, "generate.decode")
    assert not beating(desk)
    switch.trigger()
    assert motion.moving()


def test_an_open_input_says_what_a_click_would_do(desk: Desk) -> None:
    id = added(desk, "generate.decode")
    scenery, card = desk.window.canvas.scenery, desk.window.canvas.cards[id]
    hover(desk, card.ports[False, "model"].centre())
    assert scenery.offer == (card.ports[False, "model"], "Connect Load model")
    before = desk.window.canvas.widget.grab().toImage()
    hover(desk, card.pos() + QPointF(0, -80))
    assert scenery.offer is None
    assert desk.window.canvas.widget.grab().toImage() != before
    hover(desk, card.ports[True, "image"].centre())
    assert scenery.offer is None


def test_an_input_that_nothing_can_feed_yet_offers_a_stage(desk: Desk) -> None:
    desk.session.new()
    id = added(desk, "generate.decode")
    hover(desk, desk.window.canvas.cards[id].ports[False, "latent"].centre())
    offer = desk.window.canvas.scenery.offer
    assert offer
    assert offer[1] == "Add Sample"
