"""What of a window's words does not fit: `python -m tests.app.clipped 1.5 1280x720`.

With a scale and the size of a screen in its own pixels: the whole window, and every dialog on it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QLabel, QWidget


def clipped(window: QWidget) -> list[str]:
    """The labels and buttons that are smaller than their words, and siblings that overlap."""
    found = []
    for part in window.findChildren(QWidget):
        if not part.isVisible() or part.visibleRegion().isEmpty():
            continue
        if isinstance(part, QLabel) and part.text():
            found += _cut(part)
        if isinstance(part, QAbstractButton) and part.text():
            need = part.minimumSizeHint().width()
            if need > part.width() + 1:
                found.append(f"{part.text()!r} needs {need} px, has {part.width()}")
        if isinstance(part, QLabel | QAbstractButton):
            found += _overlaps(part)
    return found


def _cut(label: QLabel) -> list[str]:
    if label.wordWrap():
        need, has = label.heightForWidth(label.width()), label.height()
    else:
        need = max(map(label.fontMetrics().horizontalAdvance, label.text().splitlines()))
        has = label.width()
    return [f"{label.text()!r} needs {need} px, has {has}"] if need > has + 1 else []


def _overlaps(part: QWidget) -> list[str]:
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    around = part.parentWidget()
    beside = around.findChildren(QWidget, options=direct) if around else []
    return [
        f"{type(part).__name__} overlaps {type(other).__name__} at {part.geometry()}"
        for other in beside
        if other is not part
        and isinstance(other, QLabel | QAbstractButton)
        and other.isVisible()
        and other.geometry().intersects(part.geometry())
    ]


def outside(window: QWidget) -> list[str]:
    """What is in view and reaches over the edge of the window; not what can be scrolled to."""
    found = []
    for part in window.findChildren(QWidget):
        if part.isVisible() and part.window() is window and not part.visibleRegion().isEmpty():
            box = part.rect().translated(part.mapTo(window, QPoint()))
            if not window.rect().contains(box) and not scrolled(part):
                found.append(f"{type(part).__name__} {part.objectName()} at {box}")
    return found


def scrolled(part: QWidget | None) -> bool:
    while part is not None:
        if part.objectName() == "qt_scrollarea_viewport":
            return True
        part = part.parentWidget()
    return False


def off_screen(window: QWidget) -> list[str]:
    area = window.screen().availableGeometry()
    return [] if area.contains(window.geometry()) else [f"{window.geometry()} is not on {area}"]


def wide(window: QWidget) -> list[str]:
    """Pages that would have to be scrolled sideways."""
    return [
        f"{type(area).__name__} in {window.windowTitle()} is too narrow for what it holds"
        for area in window.findChildren(QAbstractScrollArea)
        if area.isVisible() and area.horizontalScrollBar().isVisible()
    ]


def main(scale: str, screen: str) -> int:
    width, height = (int(part) for part in screen.split("x"))
    one = {"name": "one", "x": 0, "y": 0, "width": width, "height": height}
    file = Path(tempfile.mkdtemp()) / "screen.json"
    file.write_text(json.dumps({"screens": [one]}))
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={file}"
    os.environ["QT_SCALE_FACTOR"] = scale
    with tempfile.TemporaryDirectory() as folder:
        found = list(_looked_through(float(scale), Path(folder)))
    sys.stdout.write("\n".join(dict.fromkeys(found)))
    return 1 if found else 0


def _looked_through(scale: float, folder: Path) -> Iterator[str]:
    from PySide6.QtWidgets import QApplication

    from nodeforge.app import motion, settings
    from nodeforge.app.frame.boxes import Box, Choice
    from nodeforge.app.session import Session
    from nodeforge.app.start import application
    from nodeforge.app.theme import DARK
    from nodeforge.app.window import Window
    from nodeforge.graph.document import NodeId
    from nodeforge.stages.library import Library
    from tests.app.states import graph

    app = application()

    def said(part: QWidget) -> list[str]:
        for _ in range(4):  # layouts within layouts
            QApplication.processEvents()
        return [*clipped(part), *outside(part), *wide(part), *off_screen(part)]

    settings.put(motion.NAME, "off")
    session = Session(tuple(Library.installed().specs.values()))
    window = Window(session, DARK, folder)
    window.show()
    assert app.primaryScreen().devicePixelRatio() == scale
    yield from said(window)  # empty: the welcome
    session.new(graph(), "states")
    for id in ("sample", "model", "prompt", "again"):
        session.select([NodeId(id)])
        yield from said(window)
    window.shell.show_panels()
    yield from said(window)
    window.shell.side.push()
    window.left.open(1)
    yield from said(window)
    window.shell.list.push()
    window.generator.toggle()
    yield from said(window)
    window.generator.toggle()
    window.show_keys()
    window.show_shortcuts()
    window.show_about()
    window.show_preferences()
    window.supply.download()
    box = Box(window, "Save the changes to a graph of a rather long name?", "What is lost. " * 9)
    box.offer((Choice(1, "&Don't save"), Choice(2, "&Cancel"), Choice(3, "&Save", "primary")))
    box.setModal(False)
    box.show()
    dialogs = [part for part in app.topLevelWidgets() if part is not window and part.isVisible()]
    assert len(dialogs) >= 6, dialogs
    for dialog in dialogs:
        yield from said(dialog)
        dialog.close()
    window.memory.pop(window.top.gauge if window.top.gauge.isVisible() else window.top.run)
    yield from said(window.memory)
    window.memory.close()
    window.ask_command()
    yield from said(window)
    window.hide()
    session.close()
    window.canvas.close()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
