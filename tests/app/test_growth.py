"""What is done over and over leaves nothing behind: the window is as large after as before."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.graph.groups import grouped
from tests.app.canvas import mouse
from tests.app.conftest import DECODE, MODEL, PROMPT, SAMPLE, VIEW, Desk

Key = Qt.Key
TIMES = 12


def alive(desk: Desk) -> Counter[str]:
    """All widgets there are, and all that hangs on the window, by their classes."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()
    gc.collect()
    kinds = Counter(type(part).__name__ for part in QApplication.allWidgets())
    for each in (*desk.window.findChildren(QObject), *desk.session.findChildren(QObject)):
        kinds[f"child {each.metaObject().className()}"] += 1
    kinds["items"] = len(desk.window.canvas.widget.scene().items())
    return kinds


def select_each(desk: Desk) -> None:
    for id in (PROMPT, SAMPLE, MODEL, DECODE, VIEW):
        desk.session.select([id])
        QApplication.processEvents()


def edit_and_undo(desk: Desk) -> None:
    session = desk.session
    session.edit("Set", session.document.set(SAMPLE, steps=7))
    session.edit("Remove", session.document.remove(DECODE))
    session.undo()
    session.undo()


def go_in_and_out(desk: Desk) -> None:
    session = desk.session
    after, group = grouped(session.document, session.specs, [SAMPLE, DECODE])
    session.edit("Group", after)
    session.select([group])
    session.sight.dive(group)
    QApplication.processEvents()
    session.sight.up()
    session.undo()


def search(desk: Desk) -> None:
    desk.window.canvas.widget.setFocus()
    QTest.keyClick(desk.window.canvas.widget, Key.Key_Tab)
    QTest.keyClicks(desk.window.search.line, "bl")
    QTest.keyClick(desk.window.search.line, Key.Key_Escape)


def complete(desk: Desk) -> None:
    desk.session.select([PROMPT])
    QApplication.processEvents()
    words = desk.window.inspector.rows["text"].field.words  # type: ignore[attr-defined]
    words.setFocus()
    QTest.keyClicks(words, " ca")
    words.undo()
    desk.session.select([])
    QApplication.processEvents()


def menus(desk: Desk) -> None:
    window = desk.window
    recent = partial(window.menus.pop_recent, window.top.name)
    templates = partial(window.menus.pop_templates, window.top.templates)
    for pop in (window.menus.pop, recent, templates):
        pop()
        QApplication.processEvents()
        while (open := QApplication.activePopupWidget()) is not None:
            open.close()
    for id in (SAMPLE, None):
        menu = window.menus.context(id, QPointF())
        menu.popup(QPoint(50, 50))
        QApplication.processEvents()
        menu.close()


def dialogs(desk: Desk) -> None:
    window = desk.window
    window.show_shortcuts()
    window.show_about()
    window.show_keys()
    for dialog in (window.show_preferences(), *QApplication.topLevelWidgets()):
        if dialog is not window and dialog.isVisible() and dialog.isWindow():
            dialog.close()


def toasts(desk: Desk) -> None:
    for kind in ("info", "error", "done"):
        desk.session.told.emit(kind, f"Something of kind {kind}.", "")
    for toast in list(desk.window.toasts.shown):
        desk.window.toasts.dismiss(toast)


def gestures(desk: Desk) -> None:
    canvas = desk.window.canvas
    port = canvas.cards[SAMPLE].ports[True, "latent"]
    mouse.drag(canvas, port.centre(), port.centre() + QPointF(40, 300))
    QTest.keyClick(desk.window.search.line, Key.Key_Escape)
    start = canvas.cards[DECODE].pos() + QPointF(60, 12)
    mouse.drag(canvas, start, start + QPointF(0, 240), keys=Qt.KeyboardModifier.ControlModifier)
    desk.session.undo()
    canvas.inplace.begin(DECODE)
    canvas.widget.setFocus()


def themes(desk: Desk) -> None:
    for choice in ("light", "dark"):
        desk.window.choose_theme(choice)


@pytest.mark.parametrize(
    "act",
    [
        *(select_each, edit_and_undo, go_in_and_out, search, complete, menus, dialogs, toasts),
        *(gestures, themes),
    ],
)
def test_nothing_stays_behind(desk: Desk, act: Callable[[Desk], None]) -> None:
    for _ in range(2):
        act(desk)  # what is made at the first time only
    before = alive(desk)
    for _ in range(TIMES):
        act(desk)
    grown = {kind: more for kind, more in (alive(desk) - before).items() if more >= TIMES // 2}
    assert not grown
