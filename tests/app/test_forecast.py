"""The mouse or the focus on Run lights what a run would do."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QEnterEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from nodeforge.app.canvas import light
from nodeforge.app.forecast import Forecast
from nodeforge.engine.messages import Ended, Finished, Planned, Queued
from nodeforge.graph.document import NodeId
from nodeforge.graph.groups import grouped
from tests.app.conftest import DECODE, MODEL, NEGATIVE, PROMPT, SAMPLE, VIEW, Desk

WHY = "Needs a model: connect a Load model node to it."
SIZE = NodeId("size")


@pytest.fixture
def planned(desk: Desk) -> Forecast:
    """All but the sampler and the decoder are kept; the viewer is blocked."""
    desk.session.run()
    for id in (MODEL, PROMPT, NEGATIVE, SIZE, SAMPLE):
        desk.hear(Finished(desk.worker.job, id, "k", False, 1.5))
    desk.hear(Ended(desk.worker.job))
    fate = dict.fromkeys((MODEL, PROMPT, NEGATIVE, SIZE), "cached") | {VIEW: WHY}
    desk.hear(Planned(0, fate | {SAMPLE: "run", DECODE: "run"}))
    desk.window.canvas.fit()
    desk.window.canvas.map.toggle()
    return desk.window.forecast


def enter(desk: Desk) -> None:
    at = QPointF(5, 5)
    QApplication.sendEvent(desk.window.top.run, QEnterEvent(at, at, at))


def leave(desk: Desk) -> None:
    QApplication.sendEvent(desk.window.top.run, QEvent(QEvent.Type.Leave))


def shot(desk: Desk) -> QImage:
    picture: QImage = desk.window.canvas.widget.grab().toImage()
    return picture


def texts(forecast: Forecast) -> list[str]:
    labels = [label for row in forecast.rows for label in row.findChildren(QLabel)]
    labels += [row for row in forecast.rows if isinstance(row, QLabel)]
    return [label.text() for label in labels if label.text()]


def test_the_mouse_on_run_lights_and_leaving_it_takes_the_light_off(
    desk: Desk, planned: Forecast, qtbot: QtBot
) -> None:
    plain = shot(desk)
    enter(desk)
    qtbot.waitUntil(planned.isVisible)
    lit = shot(desk)
    assert lit != plain
    said = texts(planned)
    assert "2 nodes will run" in said
    assert {"Sample", "1.5 s", "Decode", "not timed yet"} <= set(said)
    assert {"Kept: 4", "saves 6.0 s", WHY} <= set(said)
    leave(desk)
    qtbot.waitUntil(planned.isHidden)
    assert shot(desk) == plain


def test_passing_over_run_lights_nothing(desk: Desk, planned: Forecast) -> None:
    enter(desk)
    leave(desk)
    assert not planned._opening.isActive()
    assert planned.isHidden()
    assert not desk.window.canvas.scenery.lit
    assert planned.rows == []


def test_wires_and_nodes_wear_what_becomes_of_them(desk: Desk, planned: Forecast) -> None:
    canvas = desk.window.canvas
    fates = {id: light.fate(card) for id, card in canvas.cards.items()}
    assert fates == {
        MODEL: "kept", PROMPT: "kept", NEGATIVE: "kept", SIZE: "kept",
        SAMPLE: "made", DECODE: "made", VIEW: "blocked",
    }  # fmt: skip
    wires = {(pipe.giver.id, pipe.taker.id): light.carried(pipe) for pipe in canvas.scenery.pipes}
    assert wires[MODEL, SAMPLE] == "kept"
    assert wires[SAMPLE, DECODE] == "made"
    assert wires[DECODE, VIEW] == "blocked"
    planned.open()
    picture, view = shot(desk), canvas.widget
    theme = canvas.scenery.theme
    for id, name in ((MODEL, "ok"), (SAMPLE, "heat")):
        box = canvas.cards[id].box.adjusted(-2, -2, 2, 2)
        at = view.mapFromScene(QPointF(box.left(), box.bottom() - 20))
        near = [QColor(picture.pixel(at.x() + dx, at.y())) for dx in range(-3, 4)]
        wanted = theme.colour(name)
        assert min(_far(colour, wanted) for colour in near) < 40, name


def _far(one: QColor, two: QColor) -> int:
    return sum(abs(a - b) for a, b in zip(one.getRgb(), two.getRgb(), strict=True))


def test_what_is_muted_passes_its_light_on(desk: Desk, planned: Forecast) -> None:
    session = desk.session
    session.edit("", session.document.mute(True, SAMPLE))
    pipes = desk.window.canvas.scenery.pipes
    (out,) = [pipe for pipe in pipes if pipe.giver.id == SAMPLE]
    assert light.carried(out) == "kept"  # from the empty latent


def test_the_focus_on_run_does_the_same(desk: Desk, planned: Forecast) -> None:
    desk.window.activateWindow()
    run = desk.window.top.run
    run.setFocus(Qt.FocusReason.TabFocusReason)
    assert planned.isVisible()
    assert desk.window.canvas.scenery.lit
    desk.window.canvas.widget.setFocus()
    assert planned.isHidden()
    assert not desk.window.canvas.scenery.lit


def test_a_click_on_what_is_blocked_goes_there(desk: Desk, planned: Forecast) -> None:
    session = desk.session
    after, group = grouped(session.document, session.specs, [DECODE, VIEW])
    session.edit("", after)
    planned.open()
    assert list(planned.blocked) == [VIEW]
    QTest.mouseClick(planned.blocked[VIEW], Qt.MouseButton.LeftButton)
    assert session.sight.scope == group
    assert session.selection == (VIEW,)
    assert planned.isHidden()


def test_news_while_it_is_open_are_shown(desk: Desk, planned: Forecast, qtbot: QtBot) -> None:
    planned.open()
    desk.hear(Planned(0, {VIEW: "cached", SAMPLE: "cached", DECODE: "cached"}))
    qtbot.waitUntil(lambda: "All is made; nothing to run." in texts(planned))
    assert planned.blocked == {}
    desk.session.run()
    desk.hear(Queued(desk.worker.job, (SAMPLE,)))
    assert planned.isHidden()
