"""Work that may not fit: make room and try again, then try smaller, then explain."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from nodeforge.diffusion import devices
from nodeforge.diffusion.pool import Pool, pool
from nodeforge.errors import MemoryFull

T = TypeVar("T")
Way = tuple[str, Callable[[], T]]
log = logging.getLogger(__name__)


def fitted(what: str, advice: str, ways: Sequence[Way[T]], store: Pool | None = None) -> T:
    """The result of the first way that fits. Between two, all weights leave the device.

    ways: how it is tried, in words, and the work; each way must fetch its components from the
    pool itself, so that they can leave. Raises MemoryFull with what was resident and tried.
    """
    store = store or pool()
    resident = ""
    for number, (_, work) in enumerate(ways):
        try:
            return work()
        except (RuntimeError, MemoryError) as error:
            if not devices.is_full(error):
                raise
            log.warning("no room while %s: %s", what, devices.first_line(error))
        # Only here, where the error and with it every frame that holds tensors is gone.
        resident = resident or _resident(store)
        store.free()
        if number + 1 == len(ways):
            break
    used, total = devices.memory()
    tried = ", then ".join(name for name, _ in ways)
    raise MemoryFull(
        f"{devices.device().name} has no room left for {what} ({_gb(used)} of {_gb(total)} GB in "
        f"use; of ours {resident or 'nothing'}; tried {tried}): {advice}"
    )


def _resident(store: Pool) -> str:
    """What was on the device, as "unet 1.7 GB, vae 0.2 GB"."""
    sizes = ((Path(p.component.split()[0]).name, size) for p, size in store.resident().items())
    return ", ".join(f"{name} {_gb(size)} GB" for name, size in sizes if size)


def _gb(size: int) -> str:
    return f"{size / 2**30:.2f}"
