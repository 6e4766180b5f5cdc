"""The one mutable thing in the window: what is open, and what the worker last said of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from nodeforge.app import state, tuning
from nodeforge.app.mending import Mending
from nodeforge.app.seeds import Seeds
from nodeforge.app.shelf import Shelf
from nodeforge.app.sight import Sight
from nodeforge.app.state import IDLE, RunState
from nodeforge.app.words import tr
from nodeforge.app.worker import Worker
from nodeforge.engine.messages import (
    Died,
    Ended,
    Event,
    Failed,
    Finished,
    Memory,
    Planned,
    Progress,
    Queued,
    Ready,
)
from nodeforge.errors import BadLink, NodeForgeError
from nodeforge.graph import file
from nodeforge.graph.document import TOP, Diff, Document, Node, NodeId, diff
from nodeforge.graph.history import History
from nodeforge.graph.level import Level
from nodeforge.graph.spec import Specs, StageSpec

PLAN_AFTER = 150  # ms without an edit
NUMBERED = 9  # places in the line that are kept up to date


class Session(QObject):
    """Everything the window's parts share. All of it lives on the window's thread.

    Signals that carry a value of ours are Any, since Qt's stubs know only `object`.
    """

    changed: Any = Signal(object)  # Diff of the document
    stated: Any = Signal(object)  # NodeId: its RunState is another
    news: Any = Signal(object)  # Event: what the worker says, on the window's thread
    offered = Signal()  # the stages on offer are others
    titled = Signal()  # path or dirty changed
    selected = Signal()  # the selection changed
    opened = Signal()  # another document is open: after `changed`
    settling = Signal()  # about to run, save or undo: commit what is half typed
    told = Signal(str, str, str)  # "info" | "done" | "error", a sentence, its details
    running_changed = Signal(bool)
    _heard: Any = Signal(object)

    def __init__(self, specs: Sequence[StageSpec] = ()) -> None:
        super().__init__()
        self.specs: dict[str, StageSpec] = {spec.id: spec for spec in specs}
        self.history = History(Document())
        self.selection: tuple[NodeId, ...] = ()
        self.states: dict[NodeId, RunState] = {}
        self.path: Path | None = None
        self.device = ""  # empty until the worker is ready
        self.broken: dict[str, str] = {}
        self.memory = Memory(0, 0)
        self.job = 0
        self.running = False
        self.worker: Worker | None = None
        self.sight = Sight(self)
        self.shelf = Shelf(self)
        self.seeds = Seeds(self)
        self.mending = Mending(self)
        self._name = "Untitled"
        self._waiting: tuple[NodeId, ...] | None = None
        self._faults: dict[NodeId, Document] = {}
        self._line: deque[NodeId] = deque()
        self._heard.connect(self._hear, Qt.ConnectionType.QueuedConnection)
        self._plan = QTimer(self, singleShot=True, interval=PLAN_AFTER)
        self._plan.timeout.connect(self.plan)

    # The document

    @property
    def document(self) -> Document:
        return self.history.document

    @property
    def level(self) -> Level:
        """What of the document is in view; gestures edit this, by `act`."""
        return self.sight.level

    @property
    def dirty(self) -> bool:
        """Whether the document differs from what is on the disk."""
        return self.history.dirty

    @property
    def name(self) -> str:
        return self.path.stem if self.path else self._name

    @property
    def current(self) -> Node | None:
        """The node (or the face of a group) the Inspector shows: the last one selected."""
        for id in reversed(self.selection):
            if id in self.level.document.nodes and id not in self.level.rails:
                return self.level.document.nodes[id]
        return None

    def state(self, id: NodeId) -> RunState:
        """How a node stands, or a group by its members."""
        if id in self.document.groups:
            return self.sight.roof(id)
        return self.states.get(id, IDLE)

    def edit(self, label: str, after: Document, merge: str = "") -> None:
        """The only way the document changes. Edits with one merge key are one undo step."""
        before = self.document
        if after is before:
            return
        self.history.do(label, after, merge)
        self._show(before)

    def act(self, label: str, after: Document, merge: str = "") -> bool:
        """Edit the level in view; False, and a sentence told, where that would make a circle."""
        try:
            self.edit(label, self.level.applied(after), merge)
        except BadLink as error:
            self.told.emit("error", str(error), "")
            return False
        return True

    def undo(self) -> bool:
        self.settling.emit()
        before = self.document
        done = self.history.undo()
        self._show(before)
        return done

    def redo(self) -> bool:
        self.settling.emit()
        before = self.document
        done = self.history.redo()
        self._show(before)
        return done

    def select(self, ids: Iterable[NodeId], same_step: bool = False) -> None:
        """The last one is shown by the Inspector. same_step: within a drag, which is one step."""
        here = tuple(id for id in dict.fromkeys(ids) if self.level.document.thing(id))
        if here != self.selection:
            self.selection = here
            if not same_step:
                self.history.break_merge()
            self.selected.emit()

    # Files

    def new(self, document: Document | None = None, name: str = "Untitled") -> None:
        """Start afresh, or from a copy (a template) that has no file yet."""
        self._name = name
        self._replace(document or Document(), None)

    def open(self, path: Path) -> bool:
        """Show a graph file. One that cannot be read leaves the present document alone."""
        try:
            document, left_out = file.read(path)
        except NodeForgeError as error:
            self.told.emit("error", str(error), "")
            return False
        self._replace(document, path)
        if left_out:
            words = tr("Parts of this file could not be read; saving over it loses them.")
            self.told.emit("warn", words, "\n".join(left_out))
        return True

    def adopt(self, document: Document, path: Path | None) -> None:
        """Take over a recovered document; it is not on the disk yet, so it is dirty."""
        self._replace(document, path)
        self.history.unmark()
        self.titled.emit()

    def save(self, path: Path | None = None) -> bool:
        """Write to the path, or where it came from. False, and a sentence told, if it fails."""
        self.settling.emit()
        path = path or self.path
        if path is None:
            return False
        try:
            file.save(path, self.mending.noted(self.document))
        except NodeForgeError as error:
            self.told.emit("error", str(error), "")
            return False
        self.path = path
        self.history.mark()
        self.titled.emit()
        return True

    # Runs

    def start(self, connect: Callable[[Callable[[Event], None]], Worker] | None = None) -> None:
        """Start the worker process; a run asked for before it is run as soon as it is up."""
        if connect is None:
            connect = tuning.engine
        self.worker = connect(self._heard.emit)
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self.run(waiting)

    def run(self, targets: tuple[NodeId, ...] = ()) -> None:
        """Make what the targets (none: every sink) need; a run now going is replaced."""
        self.settling.emit()
        self.history.break_merge()
        if self.worker is None:
            self._waiting = targets
        else:
            self._plan.stop()
            self.job = self.worker.run(self.document, targets, self.name)
        self._set_running(True)

    def cancel(self) -> None:
        self._waiting = None
        if self.worker is not None and self.running:
            self.worker.stop()
        else:
            self._set_running(False)

    def plan(self) -> None:
        """Ask what a run would do; the answer moves the badges."""
        if self.worker is not None and self.device and not self.running and self.document.nodes:
            self.worker.plan(self.document)

    def fetch(self, node: NodeId, key: str, index: int = 0) -> None:
        """Ask for a full picture; it comes as the news `Fetched`."""
        if self.worker is not None and key:
            self.worker.fetch(node, key, index)

    def close(self) -> None:
        if self.worker is not None:
            self.worker.close()
            self.worker = None

    # What follows from it

    def _replace(self, document: Document, path: Path | None) -> None:
        self.settling.emit()
        before = self.document
        if self.running:
            self.cancel()
        self.job = 0  # what is still said of the old document is old news
        self._set_running(False)
        self.history = History(document)
        self.path = path
        self.selection = ()
        self.states = {}
        self._faults = {}
        self.sight.scope = TOP
        self.selected.emit()
        self.sight.look()
        self.changed.emit(diff(before, document))
        self.titled.emit()
        self.opened.emit()
        self._plan.start()

    def _show(self, before: Document) -> None:
        change: Diff = diff(before, self.document)
        if not change:
            return
        for id in change.removed:
            self.states.pop(id, None)
            self._faults.pop(id, None)
        self.sight.look()
        self.changed.emit(change)
        self.titled.emit()
        self.select(self.selection)
        self._plan.start()

    def _hear(self, event: Event) -> None:
        job = getattr(event, "job", None)
        if job is not None and not isinstance(event, Planned) and job != self.job:
            return  # an old job is old news
        match event:
            case Ready():
                self._ready(event)
            case Planned():
                self._foretell(event)
            case Memory():
                self.memory = event
            case Died():
                self._die(event)
            case _:
                self._follow(event)
        self.news.emit(event)

    def _follow(self, event: Event) -> None:
        """The run now going, step by step."""
        match event:
            case Queued():
                self._queue(event)
            case Progress():
                self._step_up(event.node)
                self._put(event.node, state.progressed(self.state(event.node), event))
            case Finished():
                self._step_up(event.node)
                self._faults.pop(event.node, None)
                self._put(event.node, state.finished(self.state(event.node), event))
            case Failed():
                self._step_up(event.node)
                self._faults[event.node] = self.document
                self._put(event.node, state.failed(self.state(event.node), event))
            case Ended():
                self._end()
            case _:
                pass

    def _ready(self, event: Ready) -> None:
        self.device = event.device
        # A worker says Ready twice: at once, and again with the device's name.
        news = {pack: why for pack, why in event.broken.items() if pack not in self.broken}
        self.broken = dict(event.broken)
        specs: Specs = {spec.id: spec for spec in event.specs}
        if specs != self.specs:
            self.specs = dict(specs)
            self.offered.emit()
        for pack, why in news.items():
            self.told.emit("error", tr("The pack {} did not load.").format(pack), why)
        self._plan.start()

    def _queue(self, event: Queued) -> None:
        self._set_running(True)
        self._line = deque(event.nodes)
        for place, id in enumerate(event.nodes, 1):
            was = self.state(id)
            self._put(id, state.calm(was, "queued", place=place, stale=was.thumb is not None))

    def _step_up(self, id: NodeId) -> None:
        """It is its turn: the next ones in the line move up."""
        if id not in self._line:
            return
        while self._line.popleft() != id:
            pass
        for place, waits in enumerate(islice(self._line, NUMBERED), 1):
            was = self.state(waits)
            if was.phase == "queued":
                self._put(waits, replace(was, place=place))

    def _foretell(self, event: Planned) -> None:
        if self.running:
            return
        for id, fate in event.fate.items():
            if id in self.document.nodes and not (fate == "run" and self._still_faulty(id)):
                self._put(id, state.planned(self.state(id), fate))

    def _still_faulty(self, id: NodeId) -> bool:
        """Whether nothing that the failed node needs was edited since."""
        then = self._faults.get(id)
        if then is None or self.state(id).phase != "error":
            return False
        return all(then.nodes.get(n) == self.document.nodes[n] for n in self.document.order([id]))

    def _end(self) -> None:
        self._set_running(False)
        for id, was in list(self.states.items()):
            if was.phase in ("queued", "running"):
                self._put(id, state.calm(was, "will run", stale=was.thumb is not None))
        self._plan.start()

    def _die(self, event: Died) -> None:
        node = event.node
        if node is None:
            running = [id for id, was in self.states.items() if was.phase == "running"]
            node = running[0] if running else None
        self.device = ""
        self._end()
        words = event.message or "The worker stopped. Run again."
        if node is not None and node in self.document.nodes:
            self._faults[node] = self.document
            self._put(node, state.calm(self.state(node), "error", message=words))
        self.told.emit("error", tr("{} Nothing is lost.").format(words), "")

    def _put(self, id: NodeId, new: RunState) -> None:
        if new.phase in ("error", "missing"):
            new = replace(new, fixes=self.mending.labels(id, new.message))
        if id in self.document.nodes and self.states.get(id, IDLE) != new:
            self.states[id] = new
            for each in (id, *self.document.path(id)):
                self.stated.emit(each)

    show = _put  # what no run tells

    def _set_running(self, running: bool) -> None:
        if running != self.running:
            self.running = running
            self.running_changed.emit(running)
