"""The window's first second: as little as possible before it is on the screen."""

from __future__ import annotations

import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from nodeforge.app.frame.desktop import prefer_portal
from nodeforge.app.session import Session
from nodeforge.app.templates import templates
from nodeforge.app.window import Window
from nodeforge.app.words import tr
from nodeforge.engine.client import remembered_specs

LOOK_AFTER = 500  # ms until models are looked for: the window comes first
log = logging.getLogger("nodeforge")


def application() -> QApplication:
    """The one QApplication of this process."""
    prefer_portal(os.environ)
    app = QApplication.instance() or QApplication(["nodeforge"])
    assert isinstance(app, QApplication)
    app.setApplicationName("NodeForge")
    app.setApplicationDisplayName("NodeForge")
    app.setOrganizationName("NodeForge")
    app.setDesktopFileName("nodeforge")
    return app


def start(path: Path | None = None, run: bool = False) -> int:
    """Open the window on a graph (default: the starter graph) and stay until it is closed."""
    app = application()
    session = Session(remembered_specs())
    window = Window(session)
    sys.excepthook = uncaught(session.noticed.emit)
    first = path or (templates()[0].file if templates() else None)
    window.show()
    if first is not None:
        window.files.open(first)
    window.files.look_back()
    if run:
        session.run()
    QTimer.singleShot(LOOK_AFTER, window, window.left.stock.start)
    QTimer.singleShot(0, window, session.start)  # the worker, once the window is drawn
    # Python looks at signals only between its own instructions: give it some.
    signal.signal(signal.SIGINT, lambda *_: app.quit())
    pulse = QTimer(interval=250)
    pulse.timeout.connect(lambda: None)
    pulse.start()
    code = app.exec()
    session.close()
    return code


def uncaught(
    tell: Callable[[str, str, str], object],
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """An exception hook: a fault in the window is told and logged, and the window lives on."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        log.error("Uncaught in the window:\n%s", details)
        tell("error", tr("Something in the window failed; your graph is safe. Save it."), details)

    return hook
