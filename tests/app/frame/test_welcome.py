"""The empty canvas: Open and Recent above the cards, all of them to be reached on any screen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.app.templates import templates
from tests.app.conftest import Desk

LEFT = Qt.MouseButton.LeftButton


def empty(desk: Desk, width: int, height: int) -> None:
    desk.window.keeper.least = QSize(1, 1)
    desk.window.setMinimumSize(1, 1)
    desk.window.resize(width, height)
    desk.session.new()
    for _ in range(4):
        QApplication.processEvents()


@pytest.mark.parametrize("size", [(512, 288), (900, 560), (1280, 720), (1600, 1000)])
def test_every_card_and_both_buttons_can_be_reached(desk: Desk, size: tuple[int, int]) -> None:
    empty(desk, *size)
    welcome = desk.window.welcome
    assert desk.window.middle.rect().contains(welcome.geometry())
    for part in (welcome.open, welcome.last, *welcome.cards):
        part.setFocus(Qt.FocusReason.TabFocusReason)
        welcome.area.ensureWidgetVisible(part, 0, 0)
        QApplication.processEvents()
        middle = part.mapTo(desk.window.middle, part.rect().center())
        assert welcome.geometry().contains(middle), part.text()
    assert not welcome.area.horizontalScrollBar().isVisible()


def test_open_and_recent_stand_above_the_cards(desk: Desk) -> None:
    empty(desk, 1280, 720)
    welcome = desk.window.welcome
    first = min(card.mapTo(welcome, QPoint()).y() for card in welcome.cards)
    for button in (welcome.open, welcome.last):
        assert button.mapTo(welcome, QPoint(0, button.height())).y() < first
        assert not button.visibleRegion().isEmpty()


def test_a_wheel_scrolls_to_the_last_card(desk: Desk) -> None:
    empty(desk, 1280, 560)
    bar = desk.window.welcome.area.verticalScrollBar()
    assert bar.maximum() > 0
    bar.setValue(bar.maximum())
    QApplication.processEvents()
    last = desk.window.welcome.cards[-1]
    assert last.visibleRegion().boundingRect().height() == last.height()
    QTest.mouseClick(last, LEFT)
    assert desk.session.name == templates()[-1].file.stem


def test_every_template_has_a_card_of_its_own() -> None:
    pictures = [QImage(str(template.picture)) for template in templates()]
    assert all(not picture.isNull() and picture.width() >= 416 for picture in pictures)
    small = [
        picture.scaled(24, 16).convertToFormat(QImage.Format.Format_RGB32) for picture in pictures
    ]
    for number, one in enumerate(small):
        for other in small[:number]:
            apart = [
                abs(one.pixelColor(x, y).hueF() - other.pixelColor(x, y).hueF())
                + abs(one.pixelColor(x, y).lightnessF() - other.pixelColor(x, y).lightnessF())
                for x in range(24)
                for y in range(16)
            ]
            assert sum(apart) / len(apart) > 0.02
