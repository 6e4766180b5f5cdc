"""`python -m tests.app.screen FILE`: the window on a real screen, photographed with its picture."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from nodeforge.stages.library import Library
from tests.app.forge import forge, wait


def main(path: str) -> None:
    specs = tuple(Library.installed().known.values())
    with TemporaryDirectory() as journals, forge(specs, Path(journals)) as here:
        assert QTest.qWaitForWindowExposed(here.window)
        here.window.move(0, 0)  # no frame around it, for which it leaves room
        here.begin()
        here.ran(here.session.run)
        view = here.window.viewer.view
        wait(lambda: view.image is not None and view.image.width() == 256)
        here.window.repaint()
        assert QGuiApplication.platformName() == "xcb"
        assert QGuiApplication.primaryScreen().grabWindow(0).save(path)


if __name__ == "__main__":
    main(sys.argv[1])
