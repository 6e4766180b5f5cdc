"""The viewer shows the right picture, at the right size, without waiting for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nodeforge.app.fullsize import raw_image
from nodeforge.app.picture import PictureView
from nodeforge.app.theme import DARK
from nodeforge.engine.messages import Ended, Fetched, Finished, Picture, Progress, Queued
from nodeforge.interop.metadata import Metadata, graph_of, read
from nodeforge.interop.xmp import DRAWN
from tests.app.conftest import DECODE, SAMPLE, VIEW, Desk


def picture(width: int = 64, height: int = 48, count: int = 1, of: str = "teal") -> Picture:
    image = QImage(width // 2, height // 2, QImage.Format.Format_RGB32)
    image.fill(QColor(of))
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return Picture(bytes(buffer.data().data()), width, height, count)


@pytest.fixture
def view(qtbot: QtBot) -> PictureView:
    result = PictureView(DARK)
    qtbot.addWidget(result)
    result.resize(400, 300)
    image = QImage(200, 100, QImage.Format.Format_RGB32)
    image.fill(QColor("teal"))
    result.put(image)
    result.show()
    return result


def test_a_picture_is_fitted_in_the_middle(view: PictureView) -> None:
    place = view.place()
    assert place.center() == QPointF(200, 150)
    assert 360 < place.width() <= 376


def test_one_to_one_and_back_to_fitted(view: PictureView) -> None:
    view.one_to_one()
    assert view.zoom == 1
    QTest.keyClick(view, Qt.Key.Key_F)
    assert view.fitted
    assert view.zoom > 1.8


@pytest.mark.parametrize(
    ("keys", "times"),
    [
        (Qt.KeyboardModifier.NoModifier, 0),
        (Qt.KeyboardModifier.ControlModifier, 1),
        (Qt.KeyboardModifier.AltModifier, 1),
    ],
)
def test_a_drag_with_ctrl_or_alt_takes_the_picture_out(
    view: PictureView, keys: Qt.KeyboardModifier, times: int
) -> None:
    out: list[int] = []
    view.dragged_out.connect(lambda: out.append(1))
    place, left = view.place(), Qt.MouseButton.LeftButton
    QTest.mousePress(view, left, keys, QPoint(200, 150))
    for x in (210, 230):
        there = view.mapToGlobal(QPointF(x, 150))
        kind = QEvent.Type.MouseMove
        move = QMouseEvent(kind, QPointF(x, 150), there, Qt.MouseButton.NoButton, left, keys)
        QApplication.sendEvent(view, move)
    QTest.mouseRelease(view, left, keys, QPoint(230, 150))
    assert len(out) == times
    assert (view.place() == place) == bool(times)


def test_the_wheel_zooms_at_the_cursor(view: PictureView) -> None:
    at = QPointF(250, 170)
    before = (at - view.place().topLeft()) / view.zoom
    view.zoom_to(view.zoom * 3, at)
    after = (at - view.place().topLeft()) / view.zoom
    assert (before - after).manhattanLength() < 1e-6


def test_a_drag_pans_and_the_next_picture_of_the_size_stays_there(view: PictureView) -> None:
    view.one_to_one()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=view.rect().center())
    QTest.mouseMove(view, view.rect().center() + view.rect().topLeft() / 1)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton)
    view.zoom_to(5, QPointF(120, 90))
    place = view.place()
    assert view.image is not None
    view.put(view.image.copy())
    assert view.place() == place


def test_pixels_are_squares_from_twice_their_size_on(view: PictureView) -> None:
    image = QImage(2, 1, QImage.Format.Format_RGB32)
    image.setPixelColor(0, 0, QColor("black"))
    image.setPixelColor(1, 0, QColor("white"))
    view.put(image)
    colours = {view.grab().toImage().pixelColor(x, 150).lightness() for x in range(140, 260)}
    assert colours == {0, 255}
    view.put(image, soft=True)
    assert len({view.grab().toImage().pixelColor(x, 150).lightness() for x in range(140, 260)}) > 9


def test_transparency_shows_a_checkerboard(view: PictureView) -> None:
    image = QImage(40, 40, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    view.put(image)
    shown = view.grab().toImage()
    assert len({shown.pixelColor(x, 150).name() for x in range(120, 280, 4)}) == 2


def test_raw_pictures_are_read_as_they_are_and_wrong_ones_not_at_all() -> None:
    image = raw_image(bytes([255, 0, 0, 0, 255, 0]), (1, 2, 3))
    assert image is not None
    assert [image.pixelColor(x, 0).name() for x in (0, 1)] == ["#ff0000", "#00ff00"]
    assert raw_image(b"abc", (5, 5, 3)) is None
    assert raw_image(b"ab", (1, 1, 2)) is None


def test_the_last_picture_is_shown_where_nothing_is_selected(desk: Desk) -> None:
    assert desk.window.viewer.node == VIEW
    desk.session.select([DECODE])
    assert desk.window.viewer.node == DECODE
    desk.session.select([])
    assert desk.window.viewer.node == DECODE, "it stays until another is asked for"


def test_a_run_is_shown_live_and_then_the_full_picture(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    viewer = desk.window.viewer
    assert viewer.stack.currentWidget() is viewer.empty
    desk.session.run()
    desk.hear(Queued(1, (SAMPLE, DECODE, VIEW)))
    desk.hear(Progress(1, SAMPLE, 0.65, 13, 20, picture(8, 6)))
    assert viewer.live._text == "step 13 of 20"
    assert viewer.stack.currentWidget() is viewer.view
    desk.hear(
        Finished(1, SAMPLE, "s", False),
        Finished(1, DECODE, "d", False, picture=picture()),
        Finished(1, VIEW, "v", False, picture=picture()),
        Ended(1),
    )
    assert desk.worker.told[-1] == ("fetch", VIEW, "v", 0)
    raw = tmp_path / "raw"
    raw.write_bytes(bytes([9, 8, 7]) * 64 * 48)
    told = Metadata(parameters="a dragon\nSteps: 2, Sampler: Euler, Seed: 7", source=DRAWN)
    desk.hear(Fetched(VIEW, "v", 0, str(raw), (48, 64, 3), told))
    qtbot.waitUntil(
        lambda: viewer.view.image is not None and viewer.view.image.width() == 64, timeout=3000
    )
    qtbot.waitUntil(lambda: not raw.exists(), timeout=3000)
    assert "64 \u00d7 48" in viewer.view.notes[1]
    desk.window.viewer.copy()
    assert QApplication.clipboard().image().size().toTuple() == (64, 48)
    viewer.save_as(tmp_path / "out.png")
    saved = f"Saved {tmp_path / 'out.png'}."
    qtbot.waitUntil(lambda: desk.window.toasts.shown[-1].words == saved, timeout=3000)
    assert QImage(str(tmp_path / "out.png")).pixelColor(3, 3).name() == "#090807"
    assert read(tmp_path / "out.png").parameters == told.parameters
    assert graph_of(tmp_path / "out.png")[0] == desk.session.document


def test_a_raw_picture_that_is_gone_leaves_the_small_one(desk: Desk, qtbot: QtBot) -> None:
    desk.session.run()
    desk.hear(Finished(1, VIEW, "v", False, picture=picture()), Ended(1))
    desk.hear(Fetched(VIEW, "v", 0, "/nowhere/at/all", (48, 64, 3)))
    assert desk.window.viewer.view.image is not None


def test_the_arrows_go_through_a_batch(desk: Desk) -> None:
    desk.session.run()
    desk.hear(Finished(1, VIEW, "v", False, picture=picture(count=3)), Ended(1))
    viewer = desk.window.viewer
    assert not viewer.after.isHidden()
    QTest.keyClick(viewer.view, Qt.Key.Key_Right)
    assert desk.worker.told[-1] == ("fetch", VIEW, "v", 1)
    assert viewer.view.notes[0] == "2 of 3"
    for _ in range(5):
        QTest.keyClick(viewer.view, Qt.Key.Key_Right)
    assert viewer.index == 2


def test_saving_where_it_cannot_be_is_told(desk: Desk, tmp_path: Path) -> None:
    viewer = desk.window.viewer
    viewer.save_as(tmp_path / "out.png")
    assert "no picture" in desk.window.toasts.shown[-1].words
    desk.session.run()
    desk.hear(Finished(1, VIEW, "v", False, picture=picture()), Ended(1))
    viewer.save_as(tmp_path / "out.png")
    assert "on its way" in desk.window.toasts.shown[-1].words
    assert list(tmp_path.glob("out*")) == []


def test_a_click_on_the_figures_goes_between_fit_and_one_to_one(desk: Desk) -> None:
    view = desk.window.viewer.view
    image = QImage(900, 700, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    view.put(image)
    view.notes = ("before this edit", "900 x 700 · 40 %")
    desk.window.viewer.stack.setCurrentWidget(view)
    assert view.fitted
    at = view._figure().center().toPoint()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    assert view.zoom == pytest.approx(1 / view.devicePixelRatioF())
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=view._figure().center().toPoint())
    assert view.fitted


def test_the_notes_do_not_lie_over_each_other_on_a_narrow_picture(desk: Desk) -> None:
    view = PictureView(DARK)
    view.resize(180, 200)
    image = QImage(160, 160, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    view.put(image)
    plain = view.grab().toImage()
    view.notes = ("before this edit · 2 of 4", "160 x 160 · 98 %")
    both = view.grab().toImage()
    rows = [y for y in range(200) if any(plain.pixel(x, y) != both.pixel(x, y) for x in range(180))]
    assert rows[-1] - rows[0] > 40, "one above the other"
    assert min(rows) > 0
