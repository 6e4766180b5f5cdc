"""A worker that samples without end, so that frames are measured while a run goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count, cycle

from nodeforge import resources
from nodeforge.engine.client import Engine
from nodeforge.engine.messages import Ended, Event, Failed, Finished, Memory, Progress, Ready
from nodeforge.errors import NodeForgeError
from nodeforge.graph import file
from nodeforge.graph.document import Document, NodeId
from nodeforge.graph.spec import StageSpec

GRAPH = "graphs/text-to-image.nodeforge"
SAMPLE = NodeId("sample")
JOB = 1


class Busy:
    """A real worker process on the starter graph; its steps are told of nodes on the canvas."""

    def __init__(
        self, say: Callable[[Event], None], specs: Sequence[StageSpec], nodes: Sequence[NodeId]
    ) -> None:
        self._say, self._specs = say, tuple(specs)
        self._graph = file.load(resources.path(GRAPH))
        self._nodes = cycle(nodes)
        self._node = next(self._nodes)
        self._seeds = count(1)
        self.steps = 0
        self.fault = ""
        self.engine = Engine(self._hear)

    def run(self, document: Document, targets: tuple[NodeId, ...] = (), title: str = "") -> int:
        self.engine.run(self._graph.set(SAMPLE, seed=next(self._seeds)))
        return JOB

    def plan(self, document: Document, targets: tuple[NodeId, ...] = ()) -> None: ...

    def fetch(self, node: NodeId, key: str, index: int = 0) -> None: ...

    def stop(self) -> None: ...

    def free(self) -> None: ...

    def look(self, job: int, keys: Mapping[NodeId, str]) -> None: ...

    def renew(self) -> None: ...

    def restart(self) -> None: ...

    def close(self) -> None:
        self.engine.close()

    def check(self) -> None:
        """Raises NodeForgeError if the job failed: frames beside an idle worker prove nothing."""
        if self.fault:
            raise NodeForgeError(self.fault)

    def _hear(self, event: Event) -> None:
        """On the reader's thread, as in the window."""
        match event:
            case Ready():
                self._say(replace(event, specs=self._specs))
            case Memory():
                self._say(event)
            case Progress() if event.node == SAMPLE:
                self.steps += 1
                self._say(replace(event, job=JOB, node=self._node))
            case Finished() if event.node == SAMPLE:
                self._say(replace(event, job=JOB, node=self._node))
                self._node = next(self._nodes)
            case Failed():
                self.fault = event.message
            case Ended() if not self.fault:
                self.run(self._graph)
            case _:
                pass
