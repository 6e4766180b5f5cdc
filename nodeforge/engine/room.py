"""When memory is full: noticing it, and letting go of what can be made again."""

from __future__ import annotations

import gc
import sys

from nodeforge.engine.cache import MemoryCache
from nodeforge.engine.messages import Resident, Weights
from nodeforge.errors import MemoryFull


def is_full(error: BaseException) -> bool:
    """Whether an error means that no memory is left, here or on a device."""
    if isinstance(error, MemoryFull | MemoryError):
        return True
    # Only where it is loaded can it have run out: a run without models never imports torch.
    devices = sys.modules.get("nodeforge.diffusion.devices")
    return bool(devices and devices.is_full(error))


def free(cache: MemoryCache) -> None:
    """Let go of all results and weights that are not in use just now."""
    cache.clear()
    gc.collect()
    free_weights()


def free_weights() -> None:
    """Let go of all weights, on the device and in main memory; who uses some keeps them."""
    pool = sys.modules.get("nodeforge.diffusion.pool")
    if pool and hasattr(pool, "pool"):  # else it is still being loaded
        pool.pool().free()


def resident() -> Resident:
    """Which weights are loaded, and where; nothing where no model was ever used."""
    module = sys.modules.get("nodeforge.diffusion.pool")
    if not module or not hasattr(module, "pool"):
        return Resident()
    pool = module.pool()
    here = pool.resident()
    rows = [Weights(place.title, place.device, size) for place, size in here.items() if size]
    rows += [
        Weights(place.title, "ram", size)
        for place, size in pool.parked().items()
        if place not in here
    ]
    return Resident(tuple(rows), str(pool.plan or ""))
