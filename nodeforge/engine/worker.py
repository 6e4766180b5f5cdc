"""The worker process: the only place where stages run and torch is loaded."""

from __future__ import annotations

import faulthandler
import os
import shutil
import signal
import tempfile
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from nodeforge.base.mathematics import LOADED
from nodeforge.engine import kept, metadata, pictures
from nodeforge.engine.cache import MemoryCache
from nodeforge.engine.execute import execute, plan
from nodeforge.engine.messages import (
    Command,
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
from nodeforge.engine.room import free_weights, resident
from nodeforge.errors import NodeForgeError
from nodeforge.graph.document import NodeId
from nodeforge.graph.specs import specs_from_json, specs_to_json
from nodeforge.interop.metadata import Metadata
from nodeforge.stages.library import Library
from nodeforge.values import Image

GRACE = 3.0  # seconds a stage has to stop once the window is gone
STARTING = "Starting the engine"  # what the first nodes really wait for


def main(connection: Connection[Any, Any], folder: str) -> None:
    """Obey commands until told to quit or the window goes away."""
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for whoever started us
    library = Library.installed()
    worker = Worker(connection, library, Path(folder))
    worker.emit(worker.ready())
    for task in (worker.listen, worker.answer, worker.warm_up, worker.watch):
        threading.Thread(target=task, daemon=True).start()
    worker.work()


class Worker:
    """Listens while the main thread works. The newest job is the only one wanted.

    What needs no run is answered on a thread of its own, so that a disk that does not answer
    never keeps Stop from being heard.
    """

    def __init__(self, connection: Connection[Any, Any], library: Library, folder: Path) -> None:
        self.connection, self.library, self.folder = connection, library, folder
        self.running, self.warm = threading.Event(), threading.Event()
        self.cache = MemoryCache(kept=kept.found(folder, self.warm.wait))
        self.jobs: SimpleQueue[Start | None] = SimpleQueue()
        self.asked: SimpleQueue[Plan | Look | Fetch | Free] = SimpleQueue()
        self.wanted = self.planned = 0
        self._outbox: list[Event] = []
        self._told = Resident()
        self._sending = threading.Lock()

    def work(self) -> None:
        """Run jobs, on the main thread, where some libraries want to be."""
        while start := self.jobs.get():
            self.running.set()
            try:
                execute(start, self.library, self.cache, self.emit, self._outdated(start.job))
            except Exception as error:  # noqa: BLE001 - a fault of ours must not end the worker
                self._apologise(start, error)
            finally:
                self.running.clear()
            self.tell_memory()

    def listen(self) -> None:
        """Take commands. Nothing here may take long."""
        while True:
            try:
                command: Command = self.connection.recv()
            except (EOFError, OSError):
                return self._orphaned()
            match command:
                case Start():
                    self.wanted = command.job
                    self.jobs.put(command)
                case Stop():
                    self.wanted = 0
                case Quit():
                    self.wanted = 0
                    return self.jobs.put(None)
                case Leave():
                    self.wanted = 0
                    kept.keep(self.cache, self.folder)
                    os._exit(0)
                case Plan():
                    self.planned = command.job
                    self.asked.put(command)
                case _:
                    self.asked.put(command)

    def answer(self) -> None:
        """Do what needs no run, in order; of several plans only the newest."""
        while True:
            match self.asked.get():
                case Plan() as asked if asked.job == self.planned:
                    self._foretell(asked)
                case Look() as asked:
                    self._show(asked)
                case Fetch() as asked:
                    self._hand_over(asked)
                case Free():
                    free_weights()
                    self.tell_memory()
                case _:
                    pass

    def emit(self, event: Event) -> None:
        """Send an event, together with others: what is cached comes in hundreds."""
        if isinstance(event, Progress) and event.doing and not self.warm.is_set():
            event = replace(event, doing=STARTING)
        with self._sending:
            self._outbox.append(event)
            if isinstance(event, Finished) and event.cached and len(self._outbox) < 64:
                return
            events, self._outbox = self._outbox, []
            try:
                self.connection.send(events)
            except OSError:  # the window is gone; `listen` hears it too
                self.wanted = 0

    def ready(self, device: str = "CPU") -> Ready:
        """Plain specs: a pack's own kinds of parameter would make the window import the pack."""
        specs = specs_from_json(specs_to_json(self.library.known.values()))
        return Ready(specs, device, self.library.broken)

    def warm_up(self) -> None:
        """Load torch while nobody waits, then say which device it found."""
        try:
            from nodeforge.diffusion import devices

            name = devices.device().name
        except Exception:  # noqa: BLE001 - stages that need it will say what is wrong
            traceback.print_exc()
            return
        finally:
            self.warm.set()
        self.emit(self.ready(name))
        self.tell_memory()

    def watch(self) -> None:
        """Say each second of a run how much memory is in use."""
        pause = threading.Event()
        while self.running.wait():
            self.tell_memory()
            pause.wait(1)

    def tell_memory(self) -> None:
        if LOADED.devices:
            try:
                self.emit(Memory(*LOADED.devices.memory()))
                if (news := resident()) != self._told:
                    self._told = news
                    self.emit(news)
            except Exception:  # noqa: BLE001 - a gauge is not worth a run
                return

    def _outdated(self, job: int) -> Callable[[], bool]:
        return lambda: self.wanted != job

    def _apologise(self, start: Start, error: Exception) -> None:
        node = next(iter((*start.targets, *start.document.nodes)), NodeId(""))
        said = f"NodeForge made a mistake ({type(error).__name__}: {error}); please report it."
        self.emit(Failed(start.job, node, said, traceback.format_exc()))
        self.emit(Ended(start.job, failed=True))

    def _foretell(self, asked: Plan) -> None:
        try:
            self.emit(plan(asked.document, self.library, self.cache, asked.targets, asked.job))
        except NodeForgeError:
            self.emit(Planned(asked.job, {}))
        except Exception:  # noqa: BLE001 - the run will say what is wrong
            traceback.print_exc()
            self.emit(Planned(asked.job, {}))

    def _show(self, asked: Look) -> None:
        """The faces of results that are there; silence about the others."""
        for id, key in asked.keys.items():
            if asked.job != self.planned:
                return
            if entry := self.cache.get(key):
                self.emit(
                    Face(asked.job, id, key, entry.seconds, entry.picture, entry.text, entry.held)
                )

    def _hand_over(self, asked: Fetch) -> None:
        """Write the full picture where the window can read it; silence if it is no longer there."""
        entry = self.cache.get(asked.key)
        image = pictures.first(entry.results) if entry else None
        if image is None:
            return
        try:
            pixels = pictures.full(image, asked.index)
            path = _written(pixels.tobytes(), self.folder)
        except (IndexError, OSError):
            traceback.print_exc()
            return
        height, width, channels = pixels.shape
        shape = (height, width, channels)
        told = Metadata()
        if entry and isinstance(image, Image):
            told = metadata.told(entry.origin, image, asked.index)
        self.emit(Fetched(asked.node, asked.key, asked.index, path, shape, told))

    def _orphaned(self) -> None:
        """The window is gone: let the stage stop between steps, then end all the same."""
        self.wanted = 0
        self.jobs.put(None)
        threading.Event().wait(GRACE if self.running.is_set() else 0)
        shutil.rmtree(self.folder, ignore_errors=True)
        os._exit(0)


def _written(data: bytes, folder: Path) -> str:
    """The path of a new file with these bytes: in memory if there is room, else on disk."""
    folders = (str(folder), None)
    for place in folders:
        path = ""
        try:
            handle, path = tempfile.mkstemp(suffix=".raw", prefix="nodeforge-", dir=place)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
        except OSError:
            if path:
                Path(path).unlink(missing_ok=True)
            if place is None:
                raise
        else:
            return path
    raise AssertionError
