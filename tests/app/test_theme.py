"""The theme says one thing for every name, in both of its moods."""

from __future__ import annotations

from functools import reduce
from itertools import combinations, pairwise

import pytest
from PySide6.QtGui import QColor, QFont, QFontInfo, QImage, QPainter, QRawFont
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nodeforge import resources
from nodeforge.app.canvas.paint import header_ground
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


def between(ink: QColor, *grounds: QColor) -> float:
    """The contrast of an ink on grounds that lie on one another, the lowest first."""
    ground = reduce(lambda under, over: mix(under, over, over.alphaF()), grounds)
    lights = []
    for colour in (mix(ground, ink, ink.alphaF()), ground):
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(lights) + 0.05) / (min(lights) + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("type", [*TOKENS["types"], ""])
def test_what_stands_on_a_header_can_be_read(theme: Theme, type: str) -> None:
    """The numbers of the second look; in light, which has none, those of WCAG."""
    worn = theme.type_colour(type) if type else theme.colour("idle")
    header = header_ground(theme, worn)
    dark = theme.dark
    assert round(between(theme.colour("text"), header), 1) >= (6.5 if dark else 7)
    assert between(worn, header) >= (3.2 if dark else 3)
    quiet = between(theme.colour("badgeText"), header, theme.colour("badgeGround"))
    assert quiet >= (7.2 if dark else 4.5)
    assert between(theme.colour("hand"), header, theme.colour("badgeGroundStrong")) >= 4.5
    running = theme.colour("badgeGroundStrong") if dark else theme.tint("heat")
    assert between(theme.colour("heatText"), header, running) >= (5.6 if dark else 4.5)
    strong, tint = theme.colour("badgeGroundStrong"), theme.colour("needsTint")
    assert between(theme.colour("needs"), header, strong, tint) >= 4.5
    assert between(theme.colour("error"), header, theme.colour("badgeGroundStrong")) >= 4.5


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_values_can_be_read_on_their_bars(theme: Theme) -> None:
    field = theme.colour("nodeField")
    changed, rest = theme.colour("fillChanged"), theme.colour("fillRest")
    assert between(theme.colour("text2"), field, changed) >= 4.5
    assert between(theme.colour("text"), field, changed) >= 7
    assert between(theme.colour("text"), field, rest) >= 7
    assert between(theme.colour("text3"), field, rest) >= 4.5


def test_categories_can_be_told_apart() -> None:
    """Their headers differ from one another, and more from a plain node than before."""
    for theme in (DARK, LIGHT):
        names = ("Image", "Mask", "Latent", "Conditioning", "Model", "Control")
        grounds = [header_ground(theme, theme.type_colour(name)) for name in names]
        assert all(_apart(one, other) >= 10 for one, other in combinations(grounds, 2)), theme.name


def _apart(one: QColor, other: QColor) -> int:
    return sum(abs(a - b) for a, b in zip(one.getRgb(), other.getRgb(), strict=True))


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


def test_every_weight_is_a_face_of_its_own(qtbot: QtBot) -> None:
    """Regular is drawn as regular: each heavier weight puts more ink on the same words."""
    inks = []
    for weight in (400, 500, 600, 700):
        font = DARK.font("body")
        font.setPixelSize(40)
        font.setWeight(QFont.Weight(weight))
        assert QRawFont.fromFont(font).weight() == weight
        image = QImage(400, 60, QImage.Format.Format_Grayscale8)
        image.fill(0)
        painter = QPainter(image)
        painter.setPen(QColor("white"))
        painter.setFont(font)
        painter.drawText(0, 45, "Hamburgefonts")
        painter.end()
        inks.append(sum(bytes(image.constBits())))
    assert all(more > 1.04 * less for less, more in pairwise(inks))


def test_weights_say_what_matters() -> None:
    """400 is the body, 600 a title or a change, 500 only badges, 700 only the welcome."""
    faces = {role: part for role, part in TOKENS["type"].items() if isinstance(part, list)}
    weights = {role: part[2] for role, part in faces.items() if role != "features"}
    assert {role for role, weight in weights.items() if weight == 700} == {"display"}
    assert {role for role, weight in weights.items() if weight == 500} == {"badge", "hud"}
    regular = ("body", "menu", "nodeLabel", "nodeValue", "nodeText", "caption", "tab", "prose")
    assert all(weights[role] == 400 for role in regular)
    strong = ("nodeTitle", "nodeValueChanged", "changed", "tabOn", "panelTitle", "strong")
    assert all(weights[role] == 600 for role in strong)


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
