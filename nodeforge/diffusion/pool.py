"""One pool of weights, shared by every stage, with a budget in bytes; the oldest leaves.

What is pooled is components (a UNet, a text encoder), never pipelines: those cost a millisecond
and are built per run. Whoever uses a component holds it, so eviction never pulls it away.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from nodeforge.diffusion import devices

# Loading patches torch.nn.Module process-wide (accelerate's init_empty_weights), so two loads at
# once can leave either with empty weights: one lock for the whole process.
LOADING = threading.RLock()


@dataclass(frozen=True)
class Place:
    """Which component, where, how precise. `component` holds a fingerprint of its files.

    loras: fingerprints of what is added to it. Such a component shares the weights of the bare
    one, stands on it, and leaves with it.
    """

    component: str
    device: str
    dtype: str
    loras: tuple[str, ...] = ()

    @property
    def bare(self) -> Place:
        return replace(self, loras=())


class Pool:
    """budget: bytes. A component larger than that is loaded all the same, alone."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._resident: OrderedDict[Place, tuple[Any, int]] = OrderedDict()
        self._lock = threading.RLock()

    @property
    def used(self) -> int:
        """Bytes of all resident weights."""
        with self._lock:
            return sum(size for _, size in self._resident.values())

    def resident(self) -> dict[Place, int]:
        """Bytes by place, the oldest first."""
        with self._lock:
            return {place: size for place, (_, size) in self._resident.items()}

    def get(self, place: Place, load: Callable[[], Any], expected: int = 0) -> Any:
        """The component, loaded if it is not here. expected: bytes to make room for first."""
        if (found := self._found(place)) is not None:
            return found
        with LOADING:
            if (found := self._found(place)) is not None:  # another thread was quicker
                return found
            self._shrink(self.budget - expected)
            component = load()
            with self._lock:
                self._resident[place] = (component, weight(component))
            self._shrink(self.budget, keep=place)
            return component

    def free(self, keep: Iterable[Place] = ()) -> int:
        """Let go of everything but `keep`; the bytes that were let go."""
        kept = {each for place in keep for each in (place, place.bare)}
        with self._lock:
            before = self.used
            for place in [p for p in self._resident if p not in kept]:
                self._drop(place)
            freed = before - self.used
        devices.empty_cache()
        return freed

    def _found(self, place: Place) -> Any:
        with self._lock:
            if place not in self._resident:
                return None
            self._resident.move_to_end(place)
            if place.bare in self._resident:  # what it stands on is younger, so leaves later
                self._resident.move_to_end(place.bare)
            return self._resident[place][0]

    def _shrink(self, size: int, keep: Place | None = None) -> None:
        evicted = False
        with self._lock:
            kept = {keep, keep.bare} if keep else set()
            for place in [p for p in self._resident if p not in kept]:
                if self.used <= max(size, 0):
                    break
                evicted |= self._drop(place)
        if evicted:
            devices.empty_cache()

    def _drop(self, place: Place) -> bool:
        """Let go of a place and of what stands on it; False if it had left already."""
        left = [p for p in self._resident if place in (p, p.bare)]
        for each in left:
            del self._resident[each]
        return bool(left)


def weight(component: Any) -> int:
    """Bytes of a component's parameters and buffers; 0 for tokenizers and their like."""
    if not hasattr(component, "parameters"):
        return 0
    tensors = [*component.parameters(), *component.buffers()]
    return sum(t.numel() * t.element_size() for t in tensors)


@cache
def pool() -> Pool:
    """The pool of this process."""
    return Pool(devices.budget())
