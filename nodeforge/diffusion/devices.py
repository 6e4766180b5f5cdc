"""Where the mathematics runs: CUDA, Apple's MPS or the CPU, chosen once per process."""

from __future__ import annotations

import gc
import logging
import os
import platform
from dataclasses import dataclass
from functools import cache

import torch

from nodeforge import ways
from nodeforge.base import mathematics, units
from nodeforge.base import memory as main
from nodeforge.errors import BadValue

log = logging.getLogger(__name__)
SETTING = "NODEFORGE_DEVICE"


@dataclass(frozen=True)
class Device:
    """torch: what torch calls it, as "cuda:0". name: for people. note: why not the GPU, or ""."""

    torch: str
    name: str
    note: str = ""

    @property
    def kind(self) -> str:
        return self.torch.partition(":")[0]


@cache
def device() -> Device:
    """The device of this process: NODEFORGE_DEVICE ("cuda", "cuda:1", "mps", "cpu") or the best."""
    chosen = choose(os.environ.get(SETTING, ""))
    if chosen.note:
        log.warning(chosen.note)
    if chosen.kind == "cuda" and (most := limit(chosen)):
        total = memory(chosen)[1]
        torch.cuda.set_per_process_memory_fraction(min(most / total, 1.0), chosen.torch)
    return chosen


def choose(wish: str = "") -> Device:
    """The device wished for, or the best that works. Raises BadValue for an unknown wish."""
    wish = wish.strip().lower()
    if wish and wish.partition(":")[0] not in ("auto", "cpu", "cuda", "mps"):
        raise BadValue(f"{SETTING} is “{wish}”: set it to cuda, mps, cpu or nothing")
    wishes = ("cuda", "mps") if wish in ("", "auto") else (wish,)
    note = ""
    for name in wishes:
        if name == "cpu" or (len(wishes) > 1 and not _present(name)):
            continue
        failure = _failure(name)
        if not failure:
            return Device(_numbered(name), _name(name))
        note = f"{name} cannot be used ({failure}), so pictures are made on the CPU, slowly"
    return Device("cpu", _processor(), note)


def dtype(precision: str, half: torch.dtype = torch.float16) -> torch.dtype:
    """What "auto" means here: half on CUDA, float32 elsewhere, where half is slow or unsafe."""
    if precision != "auto":
        chosen: torch.dtype = getattr(torch, precision)
        return chosen
    return half if device().kind == "cuda" else torch.float32


def memory(where: Device | None = None) -> tuple[int, int]:
    """Bytes used and in all: of the GPU, or for the CPU of this process and the machine."""
    where = where or device()
    if where.kind == "cuda":
        free, total = torch.cuda.mem_get_info(where.torch)
        return total - free, total
    if where.kind == "mps":
        return int(torch.mps.driver_allocated_memory()), main.total()
    return main.used(), main.total()


def limit(where: Device | None = None) -> int:
    """Bytes of the device this process may use at most, by NODEFORGE_GPU_LIMIT ("6000000000",
    "6 GB", "half"); 0 for no limit. Raises BadValue."""
    told = ways.told(ways.LIMIT)
    try:
        return units.read_amount(told, lambda: memory(where)[1])
    except BadValue as error:
        raise BadValue(f"{ways.LIMIT} is “{told}”: {error}") from error


def restrict(size: int) -> None:
    """Let this process use so many bytes of the device, as if it had no more; 0 for all."""
    os.environ[ways.LIMIT] = str(size or "")
    if device().kind == "cuda":
        total = memory()[1]
        torch.cuda.set_per_process_memory_fraction(min(size / total, 1.0) if size else 1.0)


def room(where: Device | None = None) -> int:
    """Bytes that weights and work together may take now: what is free, and what is ours."""
    where = where or device()
    if where.kind == "cuda":
        free, _ = torch.cuda.mem_get_info(where.torch)
        found = free + torch.cuda.memory_reserved(where.torch)
    else:
        found = int(memory(where)[1] * 0.8)
    # Of what is left, some is lost between pieces.
    return int(min(found, limit(where) or found) * 0.97)


def budget(where: Device | None = None) -> int:
    """Bytes that weights may take: most of a GPU, a third of the memory the CPU works in."""
    where = where or device()
    share = 0.9 if where.kind == "cuda" else 0.33
    total = memory(where)[1]
    return int(min(total, limit(where) or total) * share)


def ram(where: Device | None = None) -> int:
    """Bytes of main memory for weights that had to leave the device: half of it."""
    where = where or device()
    if where.kind != "cuda":
        return 0
    return main.total() // 2


def empty_cache() -> None:
    """Hand memory that torch keeps for later back to the device."""
    gc.collect()
    torch.cuda.empty_cache()  # does nothing where CUDA was never used
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def is_full(error: BaseException) -> bool:
    """Whether an error means that a device has no room left."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    told = str(error).lower()
    return isinstance(error, RuntimeError) and (
        "out of memory" in told or "can't allocate memory" in told
    )


def first_line(error: BaseException) -> str:
    """The first line of what an error says, to quote in a sentence."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")


def _present(name: str) -> bool:
    return torch.cuda.is_available() if name == "cuda" else torch.backends.mps.is_available()


def _failure(name: str) -> str:
    """Why not even one small sum works there (no driver, no kernel for this GPU), or ""."""
    try:
        if float((torch.ones(8, device=name) * 2).sum()) == 16:
            return ""
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        return first_line(error)
    return "it computes wrong results"


def _numbered(name: str) -> str:
    return "cuda:0" if name == "cuda" else name


def _name(name: str) -> str:
    if name.startswith("cuda"):
        return torch.cuda.get_device_name(name)
    return "Apple GPU"


def _processor() -> str:
    count = torch.get_num_threads()
    threads = "1 thread" if count == 1 else f"{count} threads"
    return f"CPU, {threads} ({platform.machine() or 'unknown'})"


mathematics.LOADED.devices = mathematics.Devices(is_full, memory)
