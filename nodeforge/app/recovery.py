"""The crash journal of this window: written while there is something unsaved, else absent."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from nodeforge.app.session import Session
from nodeforge.app.words import tr
from nodeforge.errors import NodeForgeError
from nodeforge.graph import journal
from nodeforge.graph.journal import Recovered

AFTER = 700  # ms without an edit
LATEST = 3000  # ms after the first edit that is not noted yet


class Recovery(QObject):
    """Follows the session; `left_behind` finds what a window that crashed had not saved."""

    def __init__(self, session: Session, folder: Path | None = None) -> None:
        super().__init__(session)
        self.session = session
        self.folder = folder or journal.journal_folder()
        self._file: Path | None = None
        self._journal = journal.journal_path(None, self.folder)
        self._said = False
        self._rest = QTimer(self, singleShot=True, interval=AFTER)
        self._rest.timeout.connect(self.write)
        self._limit = QTimer(self, singleShot=True, interval=LATEST)
        self._limit.timeout.connect(self.write)
        session.titled.connect(self._touched)
        session.running_changed.connect(self._risky)

    def write(self) -> None:
        """Note the document down if it is not saved."""
        self._rest.stop()
        self._limit.stop()
        if not self.session.dirty:
            return
        try:
            journal.write(self._journal, self.session.document, self.session.path)
        except NodeForgeError as error:
            if not self._said:  # once: the disk may stay full for a while
                self._said = True
                self.session.told.emit("warn", tr("The crash journal is off. {}").format(error), "")

    def clear(self) -> None:
        """Saved, or given up on purpose."""
        self._rest.stop()
        self._limit.stop()
        journal.clear(self._journal)

    def left_behind(self, path: Path | None = None) -> list[tuple[Path, Recovered]]:
        """Journals whose window is gone, the newest first: all in the folder, or one file's."""
        found: list[tuple[Path, Recovered]] = []
        for each in journal.orphans(self.folder, of=path):
            with contextlib.suppress(NodeForgeError):
                found.append((each, journal.read(each)))
        return found

    def discard(self, path: Path) -> None:
        journal.clear(path)

    def _touched(self) -> None:
        if self.session.path != self._file:
            self.clear()
            self._file = self.session.path
            self._journal = journal.journal_path(self._file, self.folder)
        if not self.session.dirty:
            self.clear()
            return
        self._rest.start()
        if not self._limit.isActive():
            self._limit.start()

    def _risky(self, running: bool) -> None:
        """A run may take the machine down: what is unsaved is noted first."""
        if running and self._rest.isActive():
            self.write()
