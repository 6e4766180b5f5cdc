"""The window's side of the worker: send a job, hear events, survive a crash."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from nodeforge.engine import death, kept, palette
from nodeforge.engine.boot import boot
from nodeforge.engine.messages import (
    Command,
    Died,
    Ended,
    Event,
    Face,
    Failed,
    Fetch,
    Fetched,
    Finished,
    Free,
    Leave,
    Look,
    Memory,
    Plan,
    Planned,
    Progress,
    Quit,
    Ready,
    Resident,
    Start,
    Stop,
)
from nodeforge.engine.palette import remembered_specs
from nodeforge.graph.document import Document, NodeId

__all__ = ["Engine", "remembered_specs"]

DEATHS, WITHIN = 3, 10.0  # so many deaths in so many seconds, and never ready: give up
PATIENCE = 2.0  # seconds a worker has to quit
_context = multiprocessing.get_context("spawn")


class Engine:
    """A worker process and its replacements.

    on_event is called from a reader thread; the caller carries the event to its own. Events of
    jobs before the newest are dropped. No method waits for the worker, except `close`.

    chosen: how models are run, by the variables of `nodeforge.ways`; asked whenever a worker
    starts. Its cache dies with it, so that keys need not know how. marks: whether files that are
    written say that a model drew them; asked at each run.
    """

    def __init__(
        self,
        on_event: Callable[[Event], None],
        chosen: Callable[[], Mapping[str, str]] = dict[str, str],
        marks: Callable[[], bool] = lambda: True,
    ) -> None:
        self._on_event, self._chosen, self._marks = on_event, chosen, marks
        self._numbers = count(1)
        self._lock = threading.RLock()
        self._start = Start(0, Document())
        self._planned = 0
        self._node: NodeId | None = None
        self._asked = self._ready = False
        self._titles: dict[str, str] = {}
        self._ways: dict[str, str] = {}
        self._deaths: deque[float] = deque(maxlen=DEATHS)
        self._gave_up = ""
        self._closing = False
        self.busy = False
        self._folder = Path(tempfile.mkdtemp(prefix="nodeforge-", dir=_shared_memory()))
        # Also when the program ends without `close`.
        self._tidy = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._launch()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def run(self, document: Document, targets: tuple[NodeId, ...] = (), title: str = "") -> int:
        """Make what the targets (none: every sink) need; the job's number. An older job is
        outdated from here on. title: the graph's name, for the names of files."""
        with self._lock:
            if self._gave_up:
                self.restart()
            self._start = Start(next(self._numbers), document, tuple(targets), title, self._marks())
            self.busy, self._node = True, None
            self._commands.put(self._start)
            return self._start.job

    def plan(self, document: Document, targets: tuple[NodeId, ...] = ()) -> int:
        """Ask what a run would do; the number that `Planned` will bear. Only the newest answers."""
        with self._lock:
            self._planned = next(self._numbers)
            self._commands.put(Plan(self._planned, document, tuple(targets)))
            return self._planned

    def fetch(self, node: NodeId, key: str, index: int = 0) -> None:
        """Ask for a full picture. No answer comes if the result is no longer in memory."""
        self._commands.put(Fetch(node, key, index))

    def free(self) -> None:
        """Let go of all weights now; `Memory` and `Resident` follow."""
        self._commands.put(Free())

    def stop(self) -> None:
        """Cancel the running job between steps; `Ended` follows."""
        self._commands.put(Stop())

    def look(self, job: int, keys: Mapping[NodeId, str]) -> None:
        """Ask for the faces of results that the plan of this number called cached."""
        self._commands.put(Look(job, dict(keys)))

    def restart(self, patience: float = PATIENCE) -> None:
        """End the worker, whatever it does, and start a new one; `Died` follows.

        It has `patience` seconds to write down the results it holds, for the new one.
        """
        with self._lock:
            gone, self._gave_up = bool(self._gave_up), ""
            self._deaths.clear()
            if gone:
                self._launch()
                return
            self._asked = True
            self._commands.put(Leave())  # the reader thread says Died and starts the next
            end = threading.Timer(patience, self._process.kill)
        end.daemon = True
        end.start()

    def renew(self) -> None:
        """Put a new worker in the place of this one, whose job and cache are gone; nothing is said
        of it but the new one's `Ready`."""
        with self._lock:
            self._gave_up = ""
            self._deaths.clear()
            self._process.kill()
            kept.clear(self._folder)
            self._launch()
            self.busy, self._node = False, None

    def close(self, timeout: float = PATIENCE) -> None:
        """End the worker; it is killed if it has not quit within `timeout` seconds, and at once if
        it was not ready yet: then it has nothing to lose, and would only hear of it when it is."""
        with self._lock:
            self._closing = True
            self._commands.put(Quit())
            if not self._ready:
                self._process.kill()
        self._process.join(timeout)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._reader.join(PATIENCE)
        self._tidy()

    def _launch(self) -> None:
        connection, theirs = _context.Pipe()
        self._folder.mkdir(exist_ok=True)
        before, self._ways = self._ways, dict(self._chosen())
        if self._ways != before:
            kept.clear(self._folder)  # what was made otherwise is another result
        self._asked = self._ready = False
        self._process = _context.Process(
            target=boot,
            args=(theirs, str(self._folder), self._ways),
            daemon=True,
            name="nodeforge-worker",
        )
        self._starved = death.killed_for_memory()
        self._last_words = ""
        self._process.start()
        theirs.close()
        self._commands: SimpleQueue[Command | None] = SimpleQueue()
        threading.Thread(target=_send, args=(connection, self._commands), daemon=True).start()
        self._reader = threading.Thread(
            target=self._listen, args=(connection, self._process, self._commands), daemon=True
        )
        self._reader.start()

    def _listen(
        self,
        connection: Connection[Any, Any],
        process: BaseProcess,
        commands: SimpleQueue[Command | None],
    ) -> None:
        with suppress(EOFError, OSError):
            while True:
                for event in connection.recv():
                    self._hear(event, process)
        commands.put(None)
        if not self._closing:
            self._bury(process)

    def _hear(self, event: Event, process: BaseProcess) -> None:
        """Note what is worth noting, and pass on what is not old news."""
        with self._lock:
            if process is not self._process or not self._is_news(event):
                return
            self._note(event)
        self._on_event(event)
        if isinstance(event, Ready):
            palette.remember(event.specs)

    def _is_news(self, event: Event) -> bool:
        match event:
            case Ready() | Memory() | Resident() | Fetched():
                return True
            case Died():  # the worker's own last words; ours will say which job it was
                self._last_words = event.message
                return False
            case Planned() | Face():
                return event.job == self._planned
            case _:
                return event.job == self._start.job

    def _note(self, event: Event) -> None:
        match event:
            case Ready():
                self._ready = True
                self._deaths.clear()
                self._titles = {spec.id: spec.title for spec in event.specs}
            case Progress():
                self._node = event.node
            case Finished() | Failed() if event.node == self._node:
                self._node = None
            case Ended():
                self.busy, self._node = False, None

    def _bury(self, process: BaseProcess) -> None:
        """Say Died, with a new worker already on its way, unless it was renewed."""
        process.join()
        with self._lock:
            if self._closing or process is not self._process:
                return
            died = self._died(process)
            if died.asked:
                self._launch()
            elif len(self._deaths) == DEATHS and self._deaths[-1] - self._deaths[0] < WITHIN:
                said = died.message.rstrip(".")
                self._gave_up = f"{said}. It failed {DEATHS} times, so it stays off."
                died = Died(died.job, self._gave_up, died.node)
            else:
                self._launch()
            self.busy, self._node = False, None
        self._on_event(died)

    def _died(self, process: BaseProcess) -> Died:
        if self._asked:
            some = kept.count(self._folder)
            return Died(self._start.job, "The engine was stopped.", self._node, True, some)
        self._deaths.append(time.monotonic())
        starved = death.killed_for_memory() > self._starved
        said = self._last_words or death.sentence(process.exitcode, self._title(), starved)
        return Died(self._start.job, said, self._node)

    def _title(self) -> str:
        node = self._start.document.nodes.get(self._node) if self._node else None
        return (node.title or self._titles.get(node.stage, node.stage)) if node else ""


def _send(connection: Connection[Any, Any], commands: SimpleQueue[Command | None]) -> None:
    """Send on a thread of its own: a busy pipe must not hold the window."""
    with suppress(OSError):  # the reader thread has noticed too, and says Died
        while command := commands.get():
            connection.send(command)


def _shared_memory() -> str | None:
    """A folder that is really memory, if the system has one with room for pictures."""
    folder = "/dev/shm"
    with suppress(OSError):
        if os.access(folder, os.W_OK | os.X_OK) and shutil.disk_usage(folder).free > 2**28:
            return folder
    return None
