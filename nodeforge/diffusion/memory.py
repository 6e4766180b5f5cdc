"""Work that may not fit: make room and try again, then try smaller, then explain."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from nodeforge.base.units import amount, share
from nodeforge.diffusion import devices
from nodeforge.diffusion.pool import Pool, pool
from nodeforge.errors import MemoryFull

T = TypeVar("T")
Way = tuple[str, Callable[[], T]]
log = logging.getLogger(__name__)

# Bytes that the work now going on takes beside the weights, and whether these must be kept small.
_working: ContextVar[int] = ContextVar("working", default=2**28)
_squeezed: ContextVar[bool] = ContextVar("squeezed", default=False)


def fitted(
    what: str,
    advice: str,
    ways: Sequence[Way[T]],
    store: Pool | None = None,
    working: int = 2**28,
) -> T:
    """The result of the first way that fits. Between two, all weights leave the device.

    ways: how it is tried, in words, and the work; each way must fetch its components from the
    pool itself, so that they can leave. working: bytes the first way takes beside the weights, as
    far as that can be told. Raises MemoryFull with what was resident and tried.
    """
    store = store or pool()
    resident = ""
    for number, (_, work) in enumerate(ways):
        try:
            with _set(_working, working):
                return work()
        except (RuntimeError, MemoryError) as error:
            if not devices.is_full(error):
                raise
            log.warning("no room while %s: %s", what, devices.first_line(error))
            main_memory = isinstance(error, MemoryError)
        # Only here, where the error and with it every frame that holds tensors is gone.
        resident = resident or _resident(store)
        store.free(park=not main_memory)
        if number + 1 == len(ways):
            break
    used, total = devices.memory()
    tried = ", then ".join(name for name, _ in ways)
    raise MemoryFull(
        f"{devices.device().name} has no room left for {what} ({share(used, total)} in "
        f"use; of ours {resident or 'nothing'}; tried {tried}): {advice}"
    )


def squeezed(work: Callable[[], T]) -> Callable[[], T]:
    """The same work with as little of the model on the device as will do: slower."""

    def small() -> T:
        with _set(_squeezed, True):
            return work()

    return small


def working() -> int:
    """Bytes that the work now going on takes beside the weights."""
    return _working.get()


def is_squeezed() -> bool:
    return _squeezed.get()


def denoising(width: int, height: int, rows: int, itemsize: int, unet: bool = False) -> int:
    """About what a denoiser takes beside its weights, in bytes, on the safe side.

    rows: pictures at once, twice as many with guidance. 150 numbers for each pixel in a UNet, 300
    in a transformer. On an H100 torch took from the device, beside the UNet of SDXL in bfloat16
    with guidance: 0.17 GiB at 512 x 512, 0.60 at 1024, 1.28 at 1536, 2.26 at 2048 (of this, 62 to
    92 %); beside Flux at 1024 x 1024 0.5 GiB (60 %).
    """
    numbers, least = (150, 2**27) if unet else (300, 2**28)
    return least + width * height * rows * itemsize * numbers


def decoding(width: int, height: int, rows: int, itemsize: int, channels: int) -> int:
    """About what a VAE takes beside its weights: five maps of all pixels, twice as deep as its
    last layers, whose `channels` they have."""
    return 2**27 + width * height * rows * itemsize * channels * 2 * 5


@contextmanager
def _set(variable: ContextVar[T], value: T) -> Iterator[None]:
    before = variable.set(value)
    try:
        yield
    finally:
        variable.reset(before)


def _resident(store: Pool) -> str:
    """What was on the device, as "unet of forge-tiny 1.7 GB, vae of forge-tiny 0.2 GB"."""
    sizes = ((place.title, size) for place, size in store.resident().items())
    return ", ".join(f"{name} {amount(size)}" for name, size in sizes if size)
