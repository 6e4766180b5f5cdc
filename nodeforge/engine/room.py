"""When memory is full: noticing it, and letting go of what can be made again."""

from __future__ import annotations

import gc

from nodeforge.base.mathematics import LOADED
from nodeforge.engine.cache import MemoryCache
from nodeforge.engine.messages import Resident, Weights
from nodeforge.errors import MemoryFull


def is_full(error: BaseException) -> bool:
    """Whether an error means that no memory is left, here or on a device."""
    if isinstance(error, MemoryFull | MemoryError):
        return True
    # only where it is loaded can it have run out
    return LOADED.devices is not None and LOADED.devices.is_full(error)


def free(cache: MemoryCache) -> None:
    """Let go of all results and weights that are not in use just now."""
    cache.clear()
    gc.collect()
    free_weights()


def free_weights() -> None:
    """Let go of all weights, on the device and in main memory; who uses some keeps them."""
    if LOADED.weights:
        LOADED.weights.free()


def resident() -> Resident:
    """Which weights are loaded, and where; nothing where no model was ever used."""
    if not LOADED.weights:
        return Resident()
    rows = tuple(Weights(*row) for row in LOADED.weights.loaded())
    return Resident(rows, LOADED.weights.plan())
