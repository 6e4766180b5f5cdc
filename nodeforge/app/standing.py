"""How each node stands: what plans and runs said of it, kept until something else is said."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from nodeforge.app import state
from nodeforge.app.state import IDLE, RunState
from nodeforge.engine.messages import Face, Failed, Finished, Planned, Progress
from nodeforge.graph.document import Document, NodeId
from nodeforge.graph.spec import File

if TYPE_CHECKING:
    from nodeforge.app.session import Session

NUMBERED = 9  # places in the line that are kept up to date


class Standing:
    """states: by node; one that nothing was said of is not in it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.states: dict[NodeId, RunState] = {}
        self._faults: dict[NodeId, Document] = {}  # as it was when they failed
        self._line: deque[NodeId] = deque()
        self._looked: dict[NodeId, str] = {}  # keys whose faces were asked for

    def of(self, id: NodeId) -> RunState:
        return self.states.get(id, IDLE)

    def clear(self) -> None:
        """Another document is open."""
        self.states, self._faults, self._looked = {}, {}, {}
        self._line.clear()

    def remove(self, ids: Sequence[NodeId]) -> None:
        for id in ids:
            self.states.pop(id, None)
            self._faults.pop(id, None)

    def forget(self) -> None:
        """The worker is another one, and may have other results."""
        self._looked = {}

    # A run

    def queue(self, nodes: Sequence[NodeId]) -> None:
        """These will run, in this order."""
        self._line = deque(nodes)
        for place, id in enumerate(nodes, 1):
            was = self.of(id)
            stale = was.thumb is not None and (was.stale or not self._ends(id))
            self.put(id, state.calm(was, "queued", place=place, stale=stale))

    def progress(self, event: Progress) -> None:
        self._step_up(event.node)
        self.put(event.node, state.progressed(self.of(event.node), event))

    def finish(self, event: Finished) -> None:
        self._step_up(event.node)
        self._faults.pop(event.node, None)
        self.put(event.node, state.finished(self.of(event.node), event))

    def fail(self, event: Failed) -> None:
        self._step_up(event.node)
        job = self.session.runs.job
        self._faults[event.node] = job.document if job else self.session.document
        self.put(event.node, state.failed(self.of(event.node), event))

    def rest(self) -> None:
        """Nothing runs any more: what did not come about is still to run."""
        self._looked = {}
        for id, was in list(self.states.items()):
            if was.phase in ("queued", "running"):
                stale = was.thumb is not None and (was.stale or was.phase == "running")
                self.put(id, state.calm(was, "will run", stale=stale))

    def blame(self, node: NodeId | None, words: str) -> None:
        """The worker died while it ran this node."""
        if node is not None and node in self.session.document.nodes:
            self._faults[node] = self.session.document
            self.put(node, state.calm(self.of(node), "error", message=words, at_fault=True))

    def _step_up(self, id: NodeId) -> None:
        """It is its turn: the next ones in the line move up."""
        if id not in self._line:
            return
        while self._line.popleft() != id:
            pass
        for place, waits in enumerate(islice(self._line, NUMBERED), 1):
            was = self.of(waits)
            if was.phase == "queued":
                self.put(waits, replace(was, place=place))

    # A plan

    def foretell(self, event: Planned) -> dict[NodeId, str]:
        """Take in what a run would do; the keys of results that are made and not known here."""
        unknown: dict[NodeId, str] = {}
        for id, fate in event.fate.items():
            if id not in self.session.document.nodes:
                continue
            if fate == "run" and self._still_faulty(id):
                continue
            key, was = event.keys.get(id, ""), self.of(id)
            self.put(id, state.planned(was, fate, key, id in event.faults))
            shown = fate == "cached" or (fate == "run" and self._ends(id))
            if shown and key and key != was.key and self._looked.get(id) != key:
                unknown[id] = key
        self._looked |= unknown
        return unknown

    def show(self, event: Face) -> None:
        """The face of a result that was made before."""
        self.put(event.node, state.faced(self.of(event.node), event))

    def writes(self, id: NodeId) -> bool:
        """Whether this node writes files, and says which."""
        node = self.session.document.nodes.get(id)
        spec = self.session.specs.get(node.stage) if node else None
        files = [p.kind for p in spec.params if isinstance(p.kind, File)] if spec else []
        return bool(spec and spec.effect and any(kind.what == "folder" for kind in files))

    def _ends(self, id: NodeId) -> bool:
        """Whether this node shows what it takes, since it makes nothing itself."""
        node = self.session.document.nodes.get(id)
        spec = self.session.specs.get(node.stage) if node else None
        return spec is not None and not spec.outputs

    def _still_faulty(self, id: NodeId) -> bool:
        """Whether nothing that the failed node needs was edited since."""
        then, now = self._faults.get(id), self.session.document
        if then is None or self.of(id).phase != "error":
            return False
        return all(then.nodes.get(n) == now.nodes[n] for n in now.order([id]))

    def put(self, id: NodeId, new: RunState) -> None:
        """It stands so from now on."""
        session = self.session
        if new.phase in ("error", "missing"):
            new = replace(new, fixes=session.mending.labels(id, new.message))
        if id in session.document.nodes and self.of(id) != new:
            self.states[id] = new
            for each in (id, *session.document.path(id)):
                session.stated.emit(each)
