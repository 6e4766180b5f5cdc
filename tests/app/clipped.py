"""What of a window's words does not fit: run with a scale, `python -m tests.app.clipped 1.5`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget


def clipped(window: QWidget) -> list[str]:
    """The labels and buttons that are smaller than their words, and siblings that overlap."""
    found = []
    for part in window.findChildren(QWidget):
        if not part.isVisible() or part.visibleRegion().isEmpty():
            continue
        if isinstance(part, QLabel) and part.text() and not part.wordWrap():
            need = part.fontMetrics().horizontalAdvance(part.text())
            if need > part.width() + 1:
                found.append(f"{part.text()!r} needs {need} px, has {part.width()}")
        if isinstance(part, QAbstractButton) and part.text():
            need = part.minimumSizeHint().width()
            if need > part.width() + 1:
                found.append(f"{part.text()!r} needs {need} px, has {part.width()}")
        if isinstance(part, QLabel | QAbstractButton):
            found += _overlaps(part)
    return found


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


def main(scale: str) -> int:
    os.environ["QT_SCALE_FACTOR"] = scale
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from nodeforge.app.keyspage import KeysDialog
    from nodeforge.app.session import Session
    from nodeforge.app.start import application
    from nodeforge.app.theme import DARK
    from nodeforge.app.window import Window
    from nodeforge.graph.document import NodeId
    from nodeforge.stages.library import Library
    from tests.app.states import graph

    app = application()
    with tempfile.TemporaryDirectory() as folder:
        session = Session(tuple(Library.installed().specs.values()))
        window = Window(session, DARK, Path(folder))
        window.show()
        session.new(graph(), "states")
        found: list[str] = []
        for width, height in ((1600, 1000), (1280, 720), (900, 560), (512, 288)):
            window.resize(width, height)
            for id in ("sample", "model", "prompt", "again"):
                session.select([NodeId(id)])
                for _ in range(3):  # layouts within layouts
                    app.processEvents()
                found += clipped(window)
        keys = KeysDialog(window, window.keymap, DARK)
        keys.show()
        app.processEvents()
        found += clipped(keys)
        keys.close()
        page = window.show_preferences()
        app.processEvents()
        found += clipped(page)
        assert app.primaryScreen().devicePixelRatio() == float(scale)
        window.hide()
        session.close()
        window.canvas.close()
    sys.stdout.write("\n".join(dict.fromkeys(found)))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
