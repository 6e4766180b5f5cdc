"""One pool of weights, shared by every stage, with a budget on the device and one in main memory.

What is pooled is components (a UNet, a text encoder), never pipelines: those cost a millisecond
and are built per run. Where the device is full, the longest unused moves to main memory, and what
is full there is dropped. Whoever uses a component holds it, so eviction never pulls it away: what
moves is a copy of its weights, which never change.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import torch

from nodeforge import activity
from nodeforge.base import mathematics
from nodeforge.diffusion import devices, packed
from nodeforge.diffusion.packed import Packed
from nodeforge.diffusion.strategy import Plan
from nodeforge.diffusion.streamed import Streamed

# Loading patches torch.nn.Module process-wide (accelerate's init_empty_weights), so two loads at
# once can leave either with empty weights: one lock for the whole process.
LOADING = threading.RLock()


@dataclass(frozen=True)
class Place:
    """Which component, where, how precise. `component` holds a fingerprint of its files.

    how: "" whole, "stream" (only a part of it is on the device), or how its numbers are kept
    ("fp8", "int8", "nf4"). loras: fingerprints of what is added to it. Such a component shares
    the weights of the bare one, stands on it, and leaves with it.
    """

    component: str
    device: str
    dtype: str
    loras: tuple[str, ...] = ()
    how: str = ""

    @property
    def bare(self) -> Place:
        return replace(self, loras=())

    @property
    def title(self) -> str:
        """For people: "unet of sdxl"."""
        folder = Path(self.component.rpartition(" ")[0] or self.component)
        name = f"{folder.name} of {folder.parent.name}" if folder.parent.name else folder.name
        return f"{name}, LoRA" if self.loras else name


@dataclass
class Counts:
    """loaded: from disk. fetched: back from main memory. parked: moved there."""

    loaded: int = 0
    fetched: int = 0
    parked: int = 0


class Pool:
    """budget: bytes on the device. A component larger than that is loaded all the same, alone.
    ram: bytes in main memory for what had to leave the device; 0 on a CPU, where all lies there.
    """

    def __init__(self, budget: int, ram: int = 0) -> None:
        self.budget, self.ram = budget, ram
        self.counts = Counts()
        self.plan: Plan | None = None  # how the last denoiser is held, and why
        self._resident: OrderedDict[Place, tuple[Any, int]] = OrderedDict()
        self._parked: OrderedDict[Place, Packed] = OrderedDict()
        self._lock = threading.RLock()

    @property
    def used(self) -> int:
        """Bytes of all weights on the device."""
        with self._lock:
            return sum(size for _, size in self._resident.values())

    @property
    def used_ram(self) -> int:
        """Bytes of all weights in main memory."""
        with self._lock:
            return sum(each.size for each in self._parked.values())

    def resident(self) -> dict[Place, int]:
        """Bytes on the device by place, the oldest first."""
        with self._lock:
            return {place: size for place, (_, size) in self._resident.items()}

    def parked(self) -> dict[Place, int]:
        """Bytes in main memory by place, the oldest first."""
        with self._lock:
            return {place: each.size for place, each in self._parked.items()}

    def get(
        self,
        place: Place,
        load: Callable[[], Any],
        expected: int = 0,
        budget: int | None = None,
    ) -> Any:
        """The component: from the device, back from main memory, or loaded.

        expected: bytes to make room for first. budget: bytes for all weights while this one is
        in use, if the work needs room too.
        """
        budget = self.budget if budget is None else min(budget, self.budget)
        if (found := self._found(place)) is not None:
            self._shrink(budget, keep=place)
            return found
        with LOADING:
            if (found := self._found(place)) is not None:  # another thread was quicker
                return found
            kept = self._parked.get(place)
            self._shrink(budget - (kept.size if kept else expected), keep_bare_of=place)
            component = self._back(place, kept) if kept else self._load(load)
            self.put(place, component, budget)
            return component

    def put(self, place: Place, component: Any, budget: int | None = None) -> None:
        """Take in a component that is ready made; others make room for it."""
        with self._lock:
            self._resident[place] = (component, weight(component))
        self._shrink(self.budget if budget is None else budget, keep=place)

    def in_ram(self, place: Place, load: Callable[[], Any]) -> Packed:
        """The component in main memory: parked before, copied from the device, or loaded there."""
        with LOADING:
            with self._lock:
                found = self._parked.get(place)
                here = self._resident.get(place)
            if found is None:
                found = self._pack(place, here[0] if here else self._load(load))
            with self._lock:
                self._drop(place, park=False)  # it is used from there now
                self._parked.move_to_end(place)
            if here:
                del here
                devices.empty_cache()
            return found

    def free(self, keep: Iterable[Place] = (), park: bool = False) -> int:
        """Let go of everything but `keep`; the bytes that were let go on the device.

        park: move to main memory what has room there, instead of dropping all.
        """
        kept = {each for place in keep for each in (place, place.bare)}
        with self._lock:
            before = self.used
            for place in [p for p in self._resident if p not in kept]:
                self._drop(place, park)
            for place in [p for p in self._parked if p not in kept and not park]:
                del self._parked[place]
            freed = before - self.used
        devices.empty_cache()
        return freed

    def _load(self, load: Callable[[], Any]) -> Any:
        with activity.during("Loading the model"):
            component = load()
        self.counts.loaded += 1
        return component

    def _back(self, place: Place, kept: Packed) -> Any:
        self.counts.fetched += 1
        with self._lock:
            self._parked.move_to_end(place)
        with activity.during("Loading the model"):
            return kept.to(place.device)

    def _found(self, place: Place) -> Any:
        with self._lock:
            if place not in self._resident:
                return None
            self._resident.move_to_end(place)
            if place.bare in self._resident:  # what it stands on is younger, so leaves later
                self._resident.move_to_end(place.bare)
            return self._resident[place][0]

    def _shrink(
        self, size: int, keep: Place | None = None, keep_bare_of: Place | None = None
    ) -> None:
        evicted = False
        with self._lock:
            kept = {keep, keep.bare} if keep else set()
            kept |= {keep_bare_of.bare} if keep_bare_of and keep_bare_of.loras else set()
            for place in [p for p in self._resident if p not in kept]:
                if self.used <= max(size, 0):
                    break
                evicted |= self._drop(place, park=True)
        if evicted:
            devices.empty_cache()

    def _drop(self, place: Place, park: bool) -> bool:
        """Let go of a place and of what stands on it; False if it had left already."""
        left = [p for p in self._resident if place in (p, p.bare)]
        for each in left:
            component, size = self._resident[each]
            plain = isinstance(component, torch.nn.Module) and not (each.loras or each.how)
            if park and plain and 0 < size <= self.ram:
                self._pack(each, component)
            del self._resident[each]
        return bool(left)

    def _pack(self, place: Place, component: Any) -> Packed:
        """Into main memory, where the longest unused make room. Weights never change, so what was
        packed before is as good."""
        with self._lock:
            found = self._parked.get(place)
            if found is None:
                self._shrink_ram(self.ram - weight(component))
                found = packed.pack(component, pin=place.device.startswith("cuda"))
                self.counts.parked += 1
                self._parked[place] = found
            self._parked.move_to_end(place)
            return found

    def _shrink_ram(self, size: int) -> None:
        """What is on the device as well leaves first, for it costs nothing."""
        order = [p for p in self._parked if p in self._resident]
        order += [p for p in self._parked if p not in self._resident]
        for place in order:
            if self.used_ram <= max(size, 0):
                return
            del self._parked[place]


def weight(component: Any) -> int:
    """Bytes of a component's parameters and buffers; 0 for tokenizers and their like."""
    if isinstance(component, Streamed):
        return component.size
    if not hasattr(component, "parameters"):
        return 0
    tensors: list[torch.Tensor] = [*component.parameters(), *component.buffers()]
    return packed.weight(tensors)


@cache
def pool() -> Pool:
    """The pool of this process."""
    return Pool(devices.budget(), devices.ram())


def _loaded() -> list[tuple[str, str, int]]:
    """What each weight is called, where it lies, its bytes: on the device, then what is parked."""
    here = pool().resident()
    rows = [(place.title, place.device, size) for place, size in here.items() if size]
    parked = pool().parked().items()
    return rows + [(place.title, "ram", size) for place, size in parked if place not in here]


mathematics.LOADED.weights = mathematics.WeightStore(
    _loaded, lambda: str(pool().plan or ""), lambda: pool().free()
)
