"""A denoiser recorded once and replayed: the GPU no longer waits for Python between its kernels.

CUDA graphs of the very kernels that run without them, so the picture is the same, bit by bit: each
recording is compared with a plain call before it is used. What is recorded belongs to one shape of
inputs; all others are recorded beside it, in the same memory. Inputs are copied into the
recording's own and the output out of it, which is little beside the work. Weights that come in
turns (`streamed`) are recorded coming. A denoiser that cannot be recorded (one that asks the GPU
something on the way), or for which there is no room, works plainly.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from weakref import WeakKeyDictionary, ref

import torch
from torch import Tensor
from torch.utils._pytree import tree_flatten, tree_unflatten

from nodeforge.diffusion.streamed import Ring

KEPT = 4  # recordings of a denoiser: each holds the memory it works in
WARM = 2  # plain calls before a recording, in which kernels are chosen
log = logging.getLogger(__name__)


@contextmanager
def replayed(denoiser: Any, ring: Ring | None = None) -> Iterator[None]:
    """Calls of a denoiser on a GPU are replayed for as long as the block runs.

    ring: through which its weights come, where they do.
    """
    found = _recordings.setdefault(denoiser, Recordings(denoiser, ring))
    denoiser.__dict__["forward"] = found
    try:
        yield
    finally:
        denoiser.__dict__.pop("forward", None)


def forget(denoiser: Any = None) -> None:
    """Drop the recordings of a denoiser, or all: what is recorded next is recorded anew."""
    if denoiser is None:
        _recordings.clear()
    else:
        _recordings.pop(denoiser, None)


class Recordings:
    """Called as the denoiser's own forward, it returns the same."""

    def __init__(self, denoiser: Any, ring: Ring | None = None) -> None:
        self._denoiser = ref(denoiser)
        self._ring = ring
        self.graphs: OrderedDict[Hashable, _Graph] = OrderedDict()
        self.seen: dict[Hashable, int] = {}
        self.plain: set[Hashable] = set()  # what is not to be recorded

    def forward(self, *args: Any, **words: Any) -> Any:
        denoiser: Any = self._denoiser()
        return type(denoiser).forward(denoiser, *args, **words)

    def __call__(self, *args: Any, **words: Any) -> Any:
        leaves, shape = tree_flatten((args, words))
        tensors = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
        rest = [leaf for leaf in leaves if not isinstance(leaf, Tensor)]
        if not all(t.is_cuda for t in tensors) or not all(_plain(leaf) for leaf in rest):
            return self.forward(*args, **words)
        key = (str(shape), tuple(rest), tuple((t.shape, t.dtype, t.stride()) for t in tensors))
        if key in self.plain:
            return self.forward(*args, **words)
        if key not in self.graphs:
            self.seen[key] = self.seen.get(key, 0) + 1
            if self.seen[key] <= WARM:
                return self.forward(*args, **words)
            return self._record(key, leaves, shape)
        self.graphs.move_to_end(key)
        return self._replay(self.graphs[key], tensors)

    def _replay(self, graph: _Graph, tensors: list[Tensor]) -> Any:
        if self._ring is None:
            return graph(tensors)
        self._ring.rest()
        try:
            return graph(tensors)
        finally:
            self._ring.rest()

    def _whole(self, *args: Any, **words: Any) -> Any:
        with self._ring.whole() if self._ring else nullcontext():
            return self.forward(*args, **words)

    def _record(self, key: Hashable, leaves: list[Any], shape: Any) -> Any:
        """Record, and return what a plain call does; keep the recording if it does the same.

        One after the other, for they may not have room at once: torch hands back what the plain
        call worked in before it records.
        """
        args, words = tree_unflatten(leaves, shape)
        before = self._places()
        expected = self.forward(*args, **words)
        if self._places() != before:  # weights that a call casts and casts back
            self.plain.add(key)
            return expected
        found, memory = None, _memory()
        try:
            graph = _Graph(self._whole, leaves, shape, memory)
            found = self._replay(graph, [leaf for leaf in leaves if isinstance(leaf, Tensor)])
        except RuntimeError as error:  # also where memory is full
            graph, said = None, str(error).splitlines()[0]
            _spoilt.add(memory)
            log.info("this model works without recordings: %s", said)
        if graph is None or not _same(found, expected):
            self.plain.add(key)
            return expected
        self.graphs[key] = graph
        while len(self.graphs) > KEPT:
            self.graphs.popitem(last=False)
        return expected

    def _places(self) -> list[int]:
        """Where the weights lie, which a recording takes for granted."""
        denoiser: Any = self._denoiser()
        return [w.data_ptr() for w in denoiser.parameters() if type(w) is torch.nn.Parameter]


class _Graph:
    def __init__(
        self, forward: Callable[..., Any], leaves: list[Any], shape: Any, memory: Any
    ) -> None:
        own = [leaf.clone() if isinstance(leaf, Tensor) else leaf for leaf in leaves]
        self.inputs = [leaf for leaf in own if isinstance(leaf, Tensor)]
        self.memory = memory
        args, words = tree_unflatten(own, shape)
        cuda: Any = torch.cuda
        self.graph = cuda.CUDAGraph()
        # thread_local: another thread may load a model meanwhile
        with _turn, cuda.graph(self.graph, pool=memory, capture_error_mode="thread_local"):
            made = forward(*args, **words)
        self.outputs, self.shape = tree_flatten(made)

    def __call__(self, tensors: list[Tensor]) -> Any:
        with _turn:
            for own, given in zip(self.inputs, tensors, strict=True):
                own.copy_(given)
            self.graph.replay()
            # solvers keep what they are given, and the next replay writes there
            outputs = [leaf.clone() if isinstance(leaf, Tensor) else leaf for leaf in self.outputs]
        return tree_unflatten(outputs, self.shape)


def _memory() -> Any:
    """One for all recordings, which take turns; it goes with the last of them.

    Not one in which a recording has failed: torch may think that it goes on there.
    """
    kept = (graph.memory for each in list(_recordings.values()) for graph in each.graphs.values())
    cuda: Any = torch.cuda
    return next((m for m in kept if m not in _spoilt), None) or cuda.graph_pool_handle()


def _same(found: Any, expected: Any) -> bool:
    pairs = zip(tree_flatten(found)[0], tree_flatten(expected)[0], strict=True)
    return all(
        torch.equal(one, other) if isinstance(one, Tensor) else one == other for one, other in pairs
    )


def _plain(leaf: object) -> bool:
    """Whether a recording may depend on it by value."""
    return leaf is None or isinstance(leaf, bool | int | float | str)


_recordings: WeakKeyDictionary[Any, Recordings] = WeakKeyDictionary()
_spoilt: set[Any] = set()
_turn = threading.Lock()  # one records, or replays and is read
