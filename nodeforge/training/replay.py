"""A piece of work that is recorded once and then replayed: CUDA graphs, where there is CUDA."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

WARM = 3  # calls before recording: compilers and libraries choose their kernels in them


class Replay:
    """A function without arguments or result, which reads and writes tensors that stay in place.

    Args:
        work: The function.
        device: On the CPU it is simply called.
        pool: Memory shared with other graphs, which then must not run at the same time.
    """

    def __init__(self, work: Callable[[], None], device: str, pool: Any = None) -> None:
        self.work, self.pool = work, pool
        self.graph: torch.cuda.CUDAGraph | None = None
        self.stream = side_stream() if device.startswith("cuda") else None
        self.calls = 0

    def __call__(self) -> None:
        if self.graph:
            self.graph.replay()
        elif self.stream and self.calls >= WARM:
            self.graph = self.record(self.stream)
            self.graph.replay()
        else:
            self.calls += 1
            self.warm()

    def warm(self) -> None:
        """Do the work; on a stream of its own, since gradients remember where they were made."""
        if not self.stream:
            return self.work()
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            self.work()
        torch.cuda.current_stream().wait_stream(self.stream)
        return None

    def record(self, stream: torch.cuda.Stream) -> torch.cuda.CUDAGraph:
        torch.cuda.synchronize()
        torch.cuda.empty_cache()  # what the warm calls held is room for the graph
        graph = torch.cuda.CUDAGraph()
        # Other threads, such as NCCL's watchdog, may talk to the device meanwhile.
        with torch.cuda.graph(graph, self.pool, stream, capture_error_mode="thread_local"):
            self.work()
        return graph


def side_stream() -> torch.cuda.Stream:
    return torch.cuda.Stream()  # type: ignore[no-untyped-call]


def shared_pool(device: str) -> Any:
    """Memory for several graphs, of which each needs much and keeps nothing."""
    return torch.cuda.graph_pool_handle() if device.startswith("cuda") else None
