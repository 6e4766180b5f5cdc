"""What the worker is asked to make, one job after the other, and what became of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from nodeforge.app.words import tr
from nodeforge.app.worker import Worker
from nodeforge.engine.messages import (
    Died,
    Ended,
    Event,
    Face,
    Failed,
    Finished,
    Memory,
    Planned,
    Progress,
    Queued,
    Ready,
)
from nodeforge.graph.document import Document, NodeId
from nodeforge.graph.problems import nothing_to_run
from nodeforge.graph.spec import Specs

if TYPE_CHECKING:
    from nodeforge.app.session import Session

PLAN_AFTER = 150  # ms without an edit
OFFER_AFTER = 3000  # ms from Cancel to the offer to end the engine


@dataclass(frozen=True)
class Job:
    """The document as it was when Run was pressed. number: the worker's, once it was handed over.
    quiet: nobody looks for an answer of its own, as where all of it is made already."""

    document: Document
    targets: tuple[NodeId, ...] = ()
    title: str = ""
    number: int = 0
    quiet: bool = False


@dataclass
class Tally:
    """What was heard of the job now going. begun: the worker has turned to it."""

    begun: bool = False
    queued: frozenset[NodeId] = frozenset()
    failed: dict[NodeId, str] = field(default_factory=dict[NodeId, str])
    written: list[str] = field(default_factory=list[str])


class Runs(QObject):
    """One job at a time is with the worker; the others wait here, in order.

    waiting: them. stopping: it was told to stop and works on its last step. stuck: for so long
    that ending the engine is offered.
    """

    changed = Signal()  # what runs, stops or waits is other
    begun = Signal()  # a job was handed to the worker
    said = Signal(str, str, str)  # about this graph: as `told`, and the next run takes it away
    heard: Any = Signal(object)  # what the worker says, on the window's thread
    _came: Any = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.worker: Worker | None = None
        self.device = ""  # empty until the worker is ready
        self.broken: dict[str, str] = {}
        self.memory = Memory(0, 0)
        self.job: Job | None = None
        self.number = 0  # of the last job that was about this document
        self.waiting: deque[Job] = deque()
        self.running = self.stopping = self.stuck = False
        self._tally = Tally()
        self._busy = False  # with a job that nobody wants any more
        self._told = False  # what the document lacks
        self._planned: object = None
        self._outdated: set[object] = set()
        self._plan = QTimer(self, singleShot=True, interval=PLAN_AFTER)
        self._plan.timeout.connect(self.plan)
        self._patience = QTimer(self, singleShot=True, interval=OFFER_AFTER)
        self._patience.timeout.connect(self._lose_patience)
        self._came.connect(self.hear, Qt.ConnectionType.QueuedConnection)

    # Acts

    def start(self, connect: Callable[[Callable[[Event], None]], Worker]) -> None:
        """Start the worker process; what was asked for before it runs as soon as it is up."""
        self.worker = connect(self._came.emit)
        self._next()

    def run(self, targets: tuple[NodeId, ...] = (), quiet: bool = False) -> None:
        """Make what the targets (none: every sink) need, after all that was asked for before.

        quiet: nobody pressed Run, so nothing is said where there is nothing to do.
        """
        if job := self._wanted(targets, quiet):
            self.waiting.append(job)
            self._next()

    def replace(self, targets: tuple[NodeId, ...] = ()) -> None:
        """Make this now: the job that goes on is given up, those that wait come after it."""
        if self.job is None or self.worker is None:
            self.run(targets)
        elif job := self._wanted(targets):
            self._busy = True
            self.session.standing.rest()
            self._begin(job)

    def cancel(self) -> None:
        """Stop after the step that goes on; asked for again when that takes too long, at once."""
        if self.job is None:
            self.clear()
            self._set_running(False)
        elif self.stuck:
            self.end_engine()
        elif not self.stopping and self.worker is not None:
            self.worker.stop()
            self._await()

    def end_engine(self) -> None:
        """End the worker, whatever it does; a new one takes over, with the results it can keep."""
        if self.worker is not None:
            self._patience.stop()
            self.stuck = False
            self.worker.restart()
            self.changed.emit()

    def clear(self) -> None:
        """Let go of what waits; what goes on, goes on."""
        self.waiting.clear()
        self.changed.emit()

    def drop(self, job: Job) -> None:
        """Let go of one of those that wait."""
        if job in self.waiting:
            self.waiting.remove(job)
            self.changed.emit()

    def plan(self) -> None:
        """Ask what a run would do; the answer moves the badges."""
        document = self.session.document
        if self.worker is not None and self.device and not self.running and document.nodes:
            self._planned = self.worker.plan(document)
            self._outdated.discard(self._planned)

    def plan_soon(self) -> None:
        """Once the hand rests."""
        self._plan.start()

    def leave(self) -> None:
        """Another document is open: nothing that is still said of the last one counts."""
        if self.job is not None and self.worker is not None:
            self._busy = True
            self.worker.stop()
        self._patience.stop()
        self.waiting.clear()
        self.job, self.number = None, 0
        self.stopping = self.stuck = self._told = False
        self._outdated.add(self._planned)
        self._set_running(False)
        self.changed.emit()

    def close(self) -> None:
        self._plan.stop()
        self._patience.stop()
        if self.worker is not None:
            self.worker.close()
            self.worker = None

    # The jobs

    def _wanted(self, targets: tuple[NodeId, ...], quiet: bool = False) -> Job | None:
        """What Run asks for now; None, and a sentence said, where there is nothing to make."""
        session = self.session
        session.settling.emit()
        session.history.break_merge()
        if idle := nothing_to_run(session.document):
            if not quiet:
                self.said.emit("info", tr("Nothing to run. {}").format(tr(idle)), "")
            return None
        return Job(session.document, targets, session.name, quiet=quiet or self.running)

    def _next(self) -> None:
        """Begin the next job if none goes on; else it is seen to wait."""
        if self.job is None and self.waiting and self.worker is not None:
            self._begin(self.waiting.popleft())
            return
        self._set_running(self.job is not None or bool(self.waiting))
        self.changed.emit()

    def _begin(self, job: Job) -> None:
        assert self.worker is not None
        self._plan.stop()
        self._tally = Tally()
        self.number = self.worker.run(job.document, job.targets, job.title)
        self.job = replace(job, number=self.number)
        self._patience.stop()
        self.stopping = self.stuck = False
        self.begun.emit()
        self._set_running(True)
        if self._busy:
            self._await()
        self.changed.emit()

    def _await(self) -> None:
        """The worker is asked to stop and will when its step is done."""
        self.stopping = True
        self._patience.start()
        self.changed.emit()

    def _freed(self) -> None:
        """The worker is done with what nobody wants any more."""
        if self._busy:
            self._busy = self.stopping = self.stuck = False
            self._patience.stop()
            self.changed.emit()

    def _lose_patience(self) -> None:
        self.stuck = True
        self.changed.emit()

    def _end(self, cancelled: bool) -> None:
        """No job is with the worker any more: on to the next."""
        job, self.job = self.job, None
        self._patience.stop()
        self.stopping = self.stuck = False
        self.session.standing.rest()
        if job is not None and not cancelled:
            self._conclude(job)
        elif cancelled and self.waiting:
            count = len(self.waiting)
            words = tr("Stopped. One more run waited and goes on now.")
            if count > 1:
                words = tr("Stopped. {} more runs waited and go on now.").format(count)
            self.said.emit("info", words, "")
        self._set_running(False)
        self._next()
        self._plan.start()

    # What the worker says

    def hear(self, event: Event) -> None:
        """Take it in, on the window's thread."""
        job = getattr(event, "job", None)
        match event:
            case Ready():
                self._ready(event)
            case Planned() | Face():
                if job in self._outdated:
                    return
                self._foretell(event)
            case Memory():
                self.memory = event
            case Died():
                self._die(event)
            case _ if job is not None and (self.job is None or job != self.job.number):
                if isinstance(event, Ended):
                    self._freed()
                return  # an old job is old news
            case _:
                self._follow(event)
        self.heard.emit(event)

    def _follow(self, event: Event) -> None:
        """The job now going, step by step."""
        tally = self._tally
        match event:
            case Queued():
                tally.begun, tally.queued = True, frozenset(event.nodes)
                self._freed()
                self.session.standing.queue(event.nodes)
            case Progress():
                self.session.standing.progress(event)
            case Finished():
                if event.text and self.session.standing.writes(event.node):
                    tally.written += event.text.splitlines()
                self.session.standing.finish(event)
            case Failed():
                tally.failed[event.node] = event.message
                self.session.standing.fail(event)
            case Ended():
                self._busy = False
                self._end(event.cancelled)
            case _:
                pass

    def _conclude(self, job: Job) -> None:
        """Say what a job did not make and why, or that all was there already."""
        tally = self._tally
        if tally.written:
            self.session.wrote.emit([Path(line) for line in tally.written])
        if tally.failed:
            before = [id for id in tally.failed if id not in tally.queued]
            head = tr("Nothing to run.") if not tally.queued else tr("Not everything ran.")
            kind = "warn" if len(before) == len(tally.failed) else "error"
            self.said.emit(kind, f"{head} {self._reasons(tally.failed)}", "")
        elif not tally.queued and not job.quiet:
            self.said.emit("info", tr("All is made already; nothing to run."), "")

    def _reasons(self, failed: dict[NodeId, str]) -> str:
        """The first reason, and how many there are."""
        id, message = next(iter(failed.items()))
        node = self.session.document.nodes.get(id)
        specs: Specs = self.session.specs
        title = ""
        if node:
            title = node.title or (specs[node.stage].title if node.stage in specs else "")
        words = f"{title}: {message}" if title else message
        if node and node.stage not in specs and self.broken:
            words += tr(" The pack {} did not load.").format(next(iter(self.broken)))
        more = len(failed) - 1
        return words + (tr(" And {} more: F8 goes there.").format(more) if more else "")

    def _foretell(self, event: Planned | Face) -> None:
        standing = self.session.standing
        if isinstance(event, Face):
            standing.show(event)
            return
        if self.running:
            return
        unknown = standing.foretell(event)
        if unknown and self.worker is not None:
            self.worker.look(event.job, unknown)
        lacking = {id: event.fate[id] for id in event.fate if id in event.faults}
        if not self._told and lacking:
            words = tr("This graph cannot run in full. {}").format(self._reasons(lacking))
            self.said.emit("warn", words, "")
        self._told = True

    def _ready(self, event: Ready) -> None:
        session = self.session
        self.device = event.device
        # A worker says Ready twice: at once, and again with the device's name.
        news = {pack: why for pack, why in event.broken.items() if pack not in self.broken}
        self.broken = dict(event.broken)
        session.offer(event.specs)
        for pack, why in news.items():
            session.noticed.emit("error", tr("The pack {} did not load.").format(pack), why)
        self._plan.start()

    def _die(self, event: Died) -> None:
        """The worker is gone and another one starts; what waits goes on there."""
        ours = self.job is not None and event.job == self.job.number
        again = self.job if ours and event.asked and not self._tally.begun else None
        self._busy = False
        self.device = ""
        self.session.standing.forget()
        words = event.message or tr("The worker stopped. Run again.")
        if event.asked:
            words = tr("The engine was stopped. What was made is kept.")
            if not event.kept:
                words = tr("The engine was stopped. What was made before has to be made again.")
            self.session.noticed.emit("info", words, "")
        else:
            self.session.noticed.emit("error", tr("{} Your graph is safe.").format(words), "")
            if ours:
                self.session.standing.blame(event.node, words)
        if again is not None:
            self.waiting.appendleft(again)
        if ours:
            self._end(cancelled=True)
        else:
            self._plan.start()

    def _set_running(self, running: bool) -> None:
        if running != self.running:
            self.running = running
            self.session.running_changed.emit(running)
