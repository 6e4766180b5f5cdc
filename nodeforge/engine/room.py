"""When memory is full: noticing it, and letting go of what can be made again."""

from __future__ import annotations

import gc
import sys

from nodeforge.engine.cache import MemoryCache
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
    if pool := sys.modules.get("nodeforge.diffusion.pool"):
        pool.pool().free()
