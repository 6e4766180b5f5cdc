"""What everyone must be able to see and reach: shapes, focus, names, words that fit."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from nodeforge.app.theme import DARK, LIGHT, TOKENS, Theme, shape, shape_name
from nodeforge.graph.spec import ANY, StageSpec
from tests.app.conftest import SAMPLE, Desk

TYPES = list(TOKENS["types"])


def test_every_type_has_a_shape_of_its_own() -> None:
    assert len({shape_name(type) for type in TYPES}) == len(TYPES)
    outlines = [shape(type) for type in TYPES]
    assert all(a != b for n, a in enumerate(outlines) for b in outlines[:n])


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_every_type_has_a_colour_that_stands_out(theme: Theme) -> None:
    ground = theme.colour("raised")
    for type in TYPES:
        assert contrast(theme.type_colour(type).getRgbF()[:3], ground.getRgbF()[:3]) > 4.5


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """As in the accessibility guidelines of the web, 1 to 21."""
    high, low = sorted((_light(one), _light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _light(colour: tuple[float, ...]) -> float:
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_every_type_on_a_port_is_known(specs: tuple[StageSpec, ...]) -> None:
    used = {port.type for spec in specs for port in (*spec.inputs, *spec.outputs)}
    assert used - {ANY} <= set(TYPES)


def test_f6_reaches_every_panel_and_comes_back(desk: Desk) -> None:
    window = desk.window
    desk.session.select([SAMPLE])
    window.canvas.widget.setFocus()
    seen: list[QWidget | None] = []
    while window.canvas.widget not in seen and len(seen) < 9:
        window.actions_by_id["panel"].trigger()
        seen.append(window.focusWidget())
    assert window.canvas.widget.hasFocus()
    for panel in (window.top, window.shell.rail, window.panels):
        assert any(part and panel.isAncestorOf(part) for part in seen)
    window.actions_by_id["panel_back"].trigger()
    assert window.shell.rail.isAncestorOf(window.focusWidget())


def test_tab_reaches_every_field_of_the_inspector(desk: Desk) -> None:
    desk.session.select([SAMPLE])
    inspector = desk.window.inspector
    QApplication.processEvents()
    fields = [row.field for row in inspector.rows.values()]
    part: QWidget | None = fields[0]
    reached: set[QWidget] = set()
    for _ in range(80):
        part = part.nextInFocusChain() if part else None
        if part is not None and part.focusPolicy() & Qt.FocusPolicy.TabFocus:
            reached.add(part)
    reached.add(fields[0])
    for field in fields:
        assert any(field is each or field.isAncestorOf(each) for each in reached), field


def test_what_can_have_the_focus_has_a_name(desk: Desk) -> None:
    desk.session.select([SAMPLE])
    QApplication.processEvents()
    nameless = []
    for part in desk.window.findChildren(QWidget):
        if not part.isVisible() or not part.focusPolicy() & Qt.FocusPolicy.TabFocus:
            continue
        if part.focusProxy() is not None or part.objectName() == "qt_scrollarea_viewport":
            continue
        words = part.accessibleName() or part.toolTip()
        if isinstance(part, QAbstractButton):
            words = words or part.text()
        if isinstance(part, QLineEdit):
            words = words or part.placeholderText()
        if not words:
            nameless.append(f"{type(part).__name__} in {type(part.parentWidget()).__name__}")
    assert not nameless


def test_buttons_show_that_they_have_the_focus(desk: Desk) -> None:
    run = desk.window.top.run
    plain = run.grab().toImage()
    run.setFocus(Qt.FocusReason.TabFocusReason)
    assert run.hasFocus()
    assert run.grab().toImage() != plain
    QTest.keyClick(run, Qt.Key.Key_Space)
    assert "run" in desk.worker.words()


@pytest.mark.parametrize(
    ("scale", "screen"),
    [
        ("1", "1600x1000"),
        ("1", "1280x720"),
        ("1.25", "1366x768"),
        ("1.5", "2560x1440"),
        ("1.75", "1920x1080"),
        ("2", "3840x2160"),
        ("2.5", "1280x720"),
    ],
)
def test_no_words_are_clipped_and_every_dialog_is_on_the_screen(scale: str, screen: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.app.clipped", scale, screen],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=dict(os.environ),
    )
    assert done.returncode == 0, done.stdout + done.stderr
