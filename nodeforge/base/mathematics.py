"""What the mathematics tells once it is loaded, which may be late, or never.

`nodeforge.diffusion` enters itself here as it loads; until then there is nothing to ask, and a run
without models never loads torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Devices:
    """is_full: whether an error means that a device has no memory left. memory: bytes in use, and
    bytes in all."""

    is_full: Callable[[BaseException], bool]
    memory: Callable[[], tuple[int, int]]


@dataclass(frozen=True)
class WeightStore:
    """loaded: what each weight is called, where it lies ("ram" for parked beside its device), its
    bytes. plan: how they take turns, in words; "" for no plan. free: lets go of all not in use."""

    loaded: Callable[[], Sequence[tuple[str, str, int]]]
    plan: Callable[[], str]
    free: Callable[[], object]


@dataclass
class Mathematics:
    """None: not loaded."""

    devices: Devices | None = None
    weights: WeightStore | None = None


LOADED = Mathematics()
