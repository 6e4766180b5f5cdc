"""The top bar: a name to rename, what makes room in a narrow window, the view's switch."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from nodeforge.app import settings
from nodeforge.engine.messages import Memory, Progress, Queued, Ready
from tests.app.clipped import clipped
from tests.app.conftest import SAMPLE, VIEW, Desk

LEFT, Key = Qt.MouseButton.LeftButton, Qt.Key


def popup() -> QMenu:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def rename(desk: Desk, name: str, by: Qt.Key = Key.Key_Return) -> None:
    here = desk.window.top.name
    desk.window.activateWindow()
    QTest.mouseClick(here, LEFT, pos=QPoint(20, 15))
    assert here.field.isVisible()
    here.field.setText(name)
    QTest.keyClick(here.field, by)
    assert not here.field.isVisible()


def test_a_click_on_the_name_renames_a_graph_without_a_file(desk: Desk) -> None:
    rename(desk, "  dragon ")
    assert desk.session.name == "dragon"
    assert desk.window.top.name.text == "dragon"
    assert "dragon" in desk.window.windowTitle()
    rename(desk, "other", Key.Key_Escape)
    assert desk.session.name == "dragon"


def test_renaming_a_saved_graph_renames_its_file(desk: Desk, tmp_path: Path) -> None:
    assert desk.session.save(tmp_path / "castle.nodeforge")
    rename(desk, "keep")
    assert desk.session.path == tmp_path / "keep.nodeforge"
    assert desk.session.path.is_file()
    assert not (tmp_path / "castle.nodeforge").exists()
    assert settings.recent()[0] == tmp_path / "keep.nodeforge"
    assert not desk.session.dirty


@pytest.mark.parametrize("name", ["taken", "a/b", "..", "long" * 60])
def test_a_name_that_cannot_be_is_refused_in_a_sentence(
    desk: Desk, tmp_path: Path, name: str
) -> None:
    (tmp_path / "taken.nodeforge").write_text("mine")
    desk.session.save(tmp_path / "castle.nodeforge")
    rename(desk, name)
    assert desk.session.path == tmp_path / "castle.nodeforge"
    assert (tmp_path / "taken.nodeforge").read_text() == "mine"
    assert desk.window.toasts.shown[-1].kind == "error"


def test_the_arrow_lists_recent_graphs(desk: Desk, tmp_path: Path) -> None:
    desk.session.save(tmp_path / "castle.nodeforge")
    settings.remember(tmp_path / "castle.nodeforge")
    here = desk.window.top.name
    QTest.mouseClick(here, LEFT, pos=QPoint(here.width() - 8, 15))
    menu = popup()
    assert "castle" in menu.actions()[0].text()
    menu.close()


def test_open_and_templates_stand_beside_the_name(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.window.resize(1600, 1000)
    QApplication.processEvents()
    top = desk.window.top
    assert top.open.isVisible()
    QTest.mouseClick(top.templates, LEFT)
    menu = popup()
    assert len(menu.actions()) >= 5
    menu.close()


def test_the_switch_turns_to_the_simple_view_and_follows_f11(desk: Desk) -> None:
    window = desk.window
    mode = window.top.mode
    QTest.mouseClick(mode, LEFT, pos=mode.box(1).center().toPoint())
    assert window.generator.on
    assert mode.at == 1
    assert window.actions_by_id["generator"].isChecked()
    window.actions_by_id["generator"].trigger()
    assert mode.at == 0
    mode.setFocus()
    QTest.keyClick(mode, Key.Key_Right)
    assert window.generator.on
    QTest.keyClick(mode, Key.Key_Left)
    assert not window.generator.on


def boxes(desk: Desk) -> dict[str, tuple[int, int]]:
    """From where to where each part in view reaches."""
    top = desk.window.top
    parts = [part for part in (*top.left, top.mode, *top.right) if part.isVisible()]
    return {
        f"{type(part).__name__} {number}": (part.x(), part.x() + part.width())
        for number, part in enumerate(parts)
    }


WIDTHS = (512, 640, 900, 1024, 1280, 1366, 1600, 1920, 2560)


@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_in_it_is_clipped_or_overlaps_at_any_width(
    desk: Desk, width: int, running: bool
) -> None:
    window = desk.window
    rename(desk, "a dragon over the castle at sunset, third try")
    desk.hear(Ready(tuple(desk.session.specs.values()), "NVIDIA GeForce RTX 4070 Laptop GPU"))
    desk.hear(Memory(int(1.4e9), int(12e9)))
    desk.window.keeper.least = QSize(1, 1)
    desk.window.setMinimumSize(1, 1)
    window.resize(width, 800)
    if running:
        desk.session.run()
        desk.hear(Queued(1, (SAMPLE, VIEW)), Progress(1, SAMPLE, 0.65, 13, 20))
    for _ in range(3):
        QApplication.processEvents()
    placed = sorted(boxes(desk).values())
    assert placed[0][0] >= 0
    assert placed[-1][1] <= width
    assert all(a[1] <= b[0] for a, b in pairwise(placed)), boxes(desk)
    assert not clipped(window.top)
    always: tuple[QWidget, ...] = (window.top.menu, window.top.name, window.top.mode)
    for part in (*always, window.top.run, *((window.top.cancel,) if running else ())):
        assert part.isVisible()


def test_wide_bars_show_more_and_the_switch_stands_in_the_middle(desk: Desk) -> None:
    top = desk.window.top
    desk.hear(Ready(tuple(desk.session.specs.values()), "RTX 4070"))
    desk.hear(Memory(int(1.4e9), int(12e9)))
    desk.window.resize(1600, 900)
    QApplication.processEvents()
    assert all(part.isVisible() for part in (top.open, top.templates, top.device, top.used))
    assert abs(top.mode.geometry().center().x() - 800) < 3
    desk.window.resize(900, 900)
    QApplication.processEvents()
    assert not top.templates.isVisible()
    assert top.mode.isVisible()
