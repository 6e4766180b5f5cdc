"""Where a file lies: said short, and shown in the system's own window for files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from nodeforge.app.session import Session
from nodeforge.app.toasts import Toasts
from nodeforge.app.words import tr


def short(path: Path) -> str:
    """The path, with ~ for the own folder."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(path)


def tell(toasts: Toasts, session: Session, paths: Sequence[Path]) -> None:
    """Say where pictures went, with a way there."""
    where = short(paths[0])
    words = tr("Saved {}.").format(where)
    if len(paths) > 1:
        words = tr("Saved {} pictures, the first as {}.").format(len(paths), where)
    toasts.offer("done", words, tr("Show in folder"), lambda: show(session, paths[0]))


def show(session: Session, path: Path) -> None:
    """Open the folder that the file is in; where that cannot be, it is told."""
    folder = path.parent
    if not folder.is_dir():
        session.told.emit("warn", tr("The folder {} is no longer there.").format(folder), "")
    elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
        words = tr("This system shows no folders; it is {}.").format(folder)
        session.told.emit("warn", words, "")
