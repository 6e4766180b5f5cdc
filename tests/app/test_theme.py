"""The theme says one thing for every name, in both of its moods."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFont, QFontInfo
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nodeforge import resources
from nodeforge.app.theme import DARK, LIGHT, TOKENS, Theme, apply, icon, mix, qicon, shape
from nodeforge.app.theme.sheet import sheet, system_theme


def contrast(theme: Theme, ink: str, ground: str) -> float:
    def light(name: str) -> float:
        colour = theme.colour(name)
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((light(ink), light(ground)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("ink", ["text", "text2", "text3"])
def test_words_can_be_read(theme: Theme, ink: str) -> None:
    assert contrast(theme, ink, "panel") >= 4.5
    assert contrast(theme, ink, "raised") >= 4.5


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_every_token_is_a_colour(theme: Theme) -> None:
    assert set(TOKENS["dark"]) == set(TOKENS["light"])
    for name in TOKENS["dark"]:
        assert theme.colour(name).isValid(), name
    for state in ("ok", "warn", "heat", "error", "idle"):
        assert theme.tint(state).isValid()


def test_every_type_has_a_shape_of_its_own() -> None:
    outlines = [shape(type) for type in TOKENS["types"]]
    assert all(not outline.isEmpty() for outline in outlines)
    assert all(a != b for i, a in enumerate(outlines) for b in outlines[:i])
    assert shape("a type of some pack") == shape("Any")
    assert DARK.type_colour("a type of some pack") == DARK.type_colour("Any")


def test_the_font_comes_with_us(qtbot: QtBot) -> None:
    font = DARK.font("nodeTitle")
    assert QFontInfo(font).family() == "Inter"
    assert font.pixelSize() == 13
    assert font.weight() == QFont.Weight.DemiBold
    assert (resources.path("fonts") / "LICENSE").is_file()


def test_icons_are_sharp_in_any_colour_and_never_missing(qtbot: QtBot) -> None:
    picture = icon("sparkles", DARK.colour("heat"), 16, 2.0)
    assert picture.width() == 32
    assert picture.deviceIndependentSize().width() == 16
    middle = picture.toImage()
    inks = {
        middle.pixelColor(x, y).name()
        for x in range(32)
        for y in range(32)
        if middle.pixelColor(x, y).alpha() == 255
    }
    assert inks == {DARK.colour("heat").name()}
    assert not icon("no-such-icon", "red", 16).isNull()
    assert not icon("../../secret", "red", 16).isNull()
    assert not qicon("play", LIGHT).isNull()


def test_the_application_can_change_its_clothes(qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    for theme in (LIGHT, DARK):
        apply(app, theme)
        assert app.palette().window().color() == theme.colour("panel")
        assert "$" not in sheet(theme)
    assert system_theme(app) in (DARK, LIGHT)


def test_mixing_is_laying_one_colour_on_another() -> None:
    assert mix(DARK.colour("raised"), DARK.colour("heat"), 0) == DARK.colour("raised")
    assert mix(DARK.colour("raised"), DARK.colour("heat"), 1) == DARK.colour("heat")
