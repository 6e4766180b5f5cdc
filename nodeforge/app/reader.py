"""Reads on a thread what may lie on a slow disk; what is quick is there within the same gesture."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

T = TypeVar("T")
PATIENCE = 0.04  # seconds that a gesture waits


class _Job(QRunnable, Generic[T]):
    def __init__(self, work: Callable[[], T], tell: Callable[[object], None]) -> None:
        super().__init__()
        self.setAutoDelete(False)  # Python holds it until it was answered
        self.work, self.tell = work, tell
        self.there, self.answered = threading.Event(), False
        self.result: T | None = None

    def run(self) -> None:
        try:
            self.result = self.work()
        finally:
            self.there.set()
            with suppress(RuntimeError):  # the window closed meanwhile
                self.tell(self)


class Reader(QObject):
    """Every answer comes on the window's thread, once, in the order of asking within one thread."""

    _came: Any = Signal(object)

    def __init__(self, parent: QObject | None = None, threads: int = 2) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(threads)
        self._jobs: dict[_Job[Any], Callable[[Any], object]] = {}
        self._came.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        return bool(self._jobs)

    def read(
        self, work: Callable[[], T], then: Callable[[T], object], patience: float = PATIENCE
    ) -> None:
        """work: on a thread; it must not raise. then: with what it gave, at once if that comes
        within `patience` seconds, else when it comes."""
        job = _Job(work, self._came.emit)
        self._jobs[job] = then
        self._pool.start(job)
        if patience and job.there.wait(patience):
            self._answer(job)

    def close(self) -> None:
        """Forget what was asked; wait for what is being read."""
        self._jobs.clear()
        self._pool.clear()
        self._pool.waitForDone(2000)

    def _answer(self, job: _Job[Any]) -> None:
        if then := self._jobs.pop(job, None):
            then(job.result)
