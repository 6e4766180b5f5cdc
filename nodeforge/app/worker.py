"""What the session asks of the engine's client."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from nodeforge.graph.document import Document, NodeId


class Worker(Protocol):
    def run(self, document: Document, targets: tuple[NodeId, ...] = (), title: str = "") -> int: ...
    def plan(self, document: Document, targets: tuple[NodeId, ...] = ()) -> object: ...
    def fetch(self, node: NodeId, key: str, index: int = 0) -> object: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...


@runtime_checkable
class Frees(Protocol):
    """A worker that can let go of the weights it holds."""

    def free(self) -> None: ...
