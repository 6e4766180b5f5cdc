"""Quicker denoisers: replayed, compiled, and which routine computes attention.

On a GPU the denoiser's kernels are recorded and replayed (the same picture, bit by bit), where
there is room for it. NODEFORGE_COMPILE: "off" does without. What follows is no longer bit by bit
the reference: "blocks" compiles the blocks that repeat (some seconds the first time) and replays,
"whole" compiles all of the denoiser (minutes, quicker after). What was compiled is kept on disk.
Both store a UNet's weights as tensor cores like them.
NODEFORGE_ATTENTION: "flash", "cudnn", "efficient" or "math" for one of torch's own routines, or a
name that diffusers knows ("sage", "_flash_3", …) where its package is installed.
NODEFORGE_CHANNELS_LAST: 1 stores the weights of UNets and VAEs as tensor cores like them.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from weakref import WeakSet

import platformdirs
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from nodeforge import ways
from nodeforge.diffusion import devices, memory
from nodeforge.diffusion.graphs import replayed
from nodeforge.diffusion.streamed import Ring
from nodeforge.errors import BadValue
from nodeforge.ways import ATTENTION, COMPILE, LAST

ROUTINES = {
    "flash": SDPBackend.FLASH_ATTENTION,
    "cudnn": SDPBackend.CUDNN_ATTENTION,
    "efficient": SDPBackend.EFFICIENT_ATTENTION,
    "math": SDPBackend.MATH,
}
log = logging.getLogger(__name__)
_done: WeakSet[Any] = WeakSet()


@contextmanager
def quick(denoiser: Any, ring: Ring | None = None, only: str = "") -> Iterator[None]:
    """What is set, applied to a denoiser for as long as the block runs. Raises BadValue.

    ring: through which its weights come, where they do; such a denoiser is not compiled. only: a
    way instead of the one that is set.
    """
    how = only or _setting(COMPILE, ("", "auto", *ways.COMPILED))
    if how in ("blocks", "whole"):
        if ring:
            how = "auto"
        elif denoiser not in _done:
            _compile(denoiser, how)
    with (
        replayed(denoiser, ring) if _replays(how, ring is not None) else nullcontext(),
        _attention(denoiser),
        _explained(how),
    ):
        yield


def records() -> bool:
    """Whether denoisers are recorded here, where they can be."""
    return devices.device().kind == "cuda" and ways.told(COMPILE) != "off"


def _replays(how: str, streams: bool) -> bool:
    """On a GPU that has room for a second set of what the denoiser works in. Where weights come in
    turns there never is: a recording takes the place of the first set."""
    if how in ("off", "whole") or not records():
        return False
    return streams or devices.room() - torch.cuda.memory_allocated() > 2 * memory.working()


@contextmanager
def _explained(how: str) -> Iterator[None]:
    """Say what to do where compiling fails, for want of a compiler or of Triton."""
    try:
        yield
    except Exception as error:
        dynamo = sys.modules.get("torch._dynamo.exc")  # loaded by what compiles
        if how not in ("blocks", "whole") or devices.is_full(error) or not dynamo:
            raise
        if not isinstance(error, dynamo.TorchDynamoException):
            raise
        raise BadValue(
            f"This model cannot be compiled here ({devices.first_line(error)}): turn Compiling "
            f"off in Preferences ({COMPILE})"
        ) from error


@contextmanager
def _attention(denoiser: Any) -> Iterator[None]:
    name = ways.told(ATTENTION)
    if name in ("", "auto", "native"):
        yield
    elif name in ROUTINES:
        # the next ones in turn, for where the first cannot (a mask, an odd size)
        rest = [r for r in ROUTINES.values() if r is not ROUTINES[name]]
        with sdpa_kernel([ROUTINES[name], *rest], set_priority=True):
            yield
    else:
        with _backend(denoiser, name):
            yield


def arranged(module: Any) -> Any:
    """A module just loaded, in channels-last if that is set and it has convolutions."""
    if _setting(LAST, ("", "0", "1")) == "1":
        _channels_last(module)
    return module


def _channels_last(module: Any) -> None:
    if devices.device().kind == "cuda":
        for each in [m for m in module.modules() if isinstance(m, torch.nn.Conv2d)]:
            each.to(memory_format=torch.channels_last)


def _compile(denoiser: Any, how: str) -> None:
    """Marks it only: torch compiles when it first runs."""
    _cache_on_disk()
    _channels_last(denoiser)
    if how == "blocks" and getattr(denoiser, "_repeated_blocks", None):
        denoiser.compile_repeated_blocks(fullgraph=False)
    else:
        denoiser.compile()
    _done.add(denoiser)


def _cache_on_disk() -> None:
    """Keep what is compiled with the user's caches, not in a folder that is emptied at night."""
    folder = Path(platformdirs.user_cache_dir("nodeforge")) / "compiled"
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(folder))
    os.environ.setdefault("TRITON_CACHE_DIR", str(folder / "triton"))


@contextmanager
def _backend(denoiser: Any, name: str) -> Iterator[None]:
    """One of diffusers' routines, which only its newer denoisers can choose."""
    if not hasattr(denoiser, "set_attention_backend"):
        yield
        return
    try:
        denoiser.set_attention_backend(name)
    except (ValueError, RuntimeError, ImportError) as error:
        raise BadValue(
            f"The attention “{name}” does not work here ({devices.first_line(error)}): choose "
            f"another in Preferences, or set {ATTENTION} to auto, {', '.join(ROUTINES)}"
        ) from error
    try:
        yield
    finally:
        denoiser.reset_attention_backend()


def _setting(name: str, known: tuple[str, ...]) -> str:
    told = ways.told(name)
    if told not in known:
        raise BadValue(f"{name} is “{told}”: set it to {' or '.join(k for k in known if k)}")
    return told
