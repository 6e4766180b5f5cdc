"""The one mutable thing in the window: what is open, and what the worker last said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from nodeforge.app import tuning
from nodeforge.app.mending import Mending
from nodeforge.app.runs import Runs
from nodeforge.app.seeds import Seeds
from nodeforge.app.shelf import Shelf
from nodeforge.app.sight import Sight
from nodeforge.app.standing import Standing
from nodeforge.app.state import RunState
from nodeforge.app.words import tr
from nodeforge.app.worker import Worker
from nodeforge.engine.messages import Event, Memory
from nodeforge.errors import BadLink, NodeForgeError
from nodeforge.graph import file
from nodeforge.graph.document import TOP, Diff, Document, Node, NodeId, diff
from nodeforge.graph.history import History
from nodeforge.graph.level import Level
from nodeforge.graph.spec import Specs, StageSpec


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
    noticed = Signal(str, str, str)  # as told, but about the program: another document keeps it
    wrote: Any = Signal(object)  # list of Path: pictures were written there
    running_changed = Signal(bool)

    def __init__(self, specs: Sequence[StageSpec] = ()) -> None:
        super().__init__()
        self.specs: dict[str, StageSpec] = {spec.id: spec for spec in specs}
        self.history = History(Document())
        self.selection: tuple[NodeId, ...] = ()
        self.path: Path | None = None
        self.standing = Standing(self)
        self.runs = Runs(self)
        self.sight = Sight(self)
        self.shelf = Shelf(self)
        self.seeds = Seeds(self)
        self.mending = Mending(self)
        self.untitled = "Untitled"
        self.runs.heard.connect(self.news)

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
        return self.path.stem if self.path else self.untitled

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
        return self.standing.of(id)

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
        self.untitled = name
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
        self.runs.start(tuning.engine if connect is None else connect)

    def run(self, targets: tuple[NodeId, ...] = ()) -> None:
        """Make what the targets (none: every sink) need, after what was asked for before."""
        self.runs.run(targets)

    def cancel(self) -> None:
        self.runs.cancel()

    def plan(self) -> None:
        self.runs.plan()

    def fetch(self, node: NodeId, key: str, index: int = 0) -> None:
        """Ask for a full picture; it comes as the news `Fetched`."""
        if self.worker is not None and key:
            self.worker.fetch(node, key, index)

    def show(self, id: NodeId, state: RunState) -> None:
        """How a node stands, where no run tells."""
        self.standing.put(id, state)

    def offer(self, specs: Sequence[StageSpec]) -> None:
        """These are the stages there are."""
        known: Specs = {spec.id: spec for spec in specs}
        if known != self.specs:
            self.specs = dict(known)
            self.offered.emit()

    def close(self) -> None:
        self.runs.close()

    @property
    def states(self) -> dict[NodeId, RunState]:
        return self.standing.states

    @property
    def running(self) -> bool:
        return self.runs.running

    @property
    def job(self) -> int:
        """The worker's number of the job now going, or of the last one."""
        return self.runs.number

    @property
    def worker(self) -> Worker | None:
        return self.runs.worker

    @property
    def device(self) -> str:
        """Its name; empty until the worker is ready."""
        return self.runs.device

    @property
    def memory(self) -> Memory:
        return self.runs.memory

    # What follows from it

    def _replace(self, document: Document, path: Path | None) -> None:
        self.settling.emit()
        before = self.document
        self.runs.leave()
        self.history = History(document)
        self.path = path
        self.selection = ()
        self.standing.clear()
        self.sight.scope = TOP
        self.selected.emit()
        self.sight.look()
        self.changed.emit(diff(before, document))
        self.titled.emit()
        self.opened.emit()
        self.runs.plan_soon()

    def _show(self, before: Document) -> None:
        change: Diff = diff(before, self.document)
        if not change:
            return
        self.standing.remove(list(change.removed))
        self.sight.look()
        self.changed.emit(change)
        self.titled.emit()
        self.select(self.selection)
        self.runs.plan_soon()
