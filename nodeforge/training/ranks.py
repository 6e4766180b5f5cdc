"""Training on several GPUs of one machine: who is first, and what all agree on.

Start with `torchrun --nproc-per-node 2 -m nodeforge train base ...`; alone, all of this is a no-op.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import torch
import torch.distributed as dist
from torch import Tensor


def device() -> str:
    """The device that trains fastest here."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def join() -> str | None:
    """Join the others if torchrun started this process; returns the own device."""
    if "LOCAL_RANK" not in os.environ:
        return None
    device = f"cuda:{os.environ['LOCAL_RANK']}"
    torch.cuda.set_device(device)
    dist.init_process_group("cpu:gloo,cuda:nccl", device_id=torch.device(device))
    return device


def leave() -> None:
    if dist.is_initialized():
        dist.destroy_process_group()


def rank() -> int:
    return dist.get_rank() if dist.is_initialized() else 0


def count() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


def first() -> bool:
    return rank() == 0


def agree(done: float, stride: int) -> tuple[float, int]:
    """What the first process thinks of the time: all must stop at the same step."""
    if count() == 1:
        return done, stride
    told = torch.tensor([done, float(stride)], dtype=torch.float64)
    dist.broadcast(told, 0)
    return float(told[0]), int(told[1])


def same(tensors: Sequence[Tensor]) -> None:
    """Copy the first process's tensors to all."""
    if count() > 1:
        for tensor in tensors:
            dist.broadcast(tensor, 0)


def average(flat: Tensor) -> None:
    """Mean of a tensor over all processes, in place."""
    if count() > 1:
        dist.all_reduce(flat, dist.ReduceOp.AVG)
