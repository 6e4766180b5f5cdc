"""A component's weights in one piece of memory: copied, pinned and let go of as one.

What is packed are the parameters; buffers are small and go along one by one. A packed component
is a twin: modules of its own, so that whoever still holds the first is not disturbed.
"""

from __future__ import annotations

import copy
import logging
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

ALIGNED = 512  # bytes, as torch's own allocator on CUDA
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Span:
    """Where a tensor lies within the piece. stride: kept, for channels-last weights."""

    start: int
    size: int  # bytes
    dtype: torch.dtype
    shape: torch.Size
    stride: tuple[int, ...]

    def view(self, flat: Tensor, start: int = 0) -> Tensor:
        """The tensor within a piece that begins at byte `start` of the whole."""
        begin = self.start - start
        part = flat[begin : begin + self.size].view(self.dtype)
        return part.as_strided(self.shape, self.stride)


@dataclass(frozen=True, eq=False)
class Packed:
    """module: a component whose parameters lie in `flat` (uint8). spans: by parameter's name."""

    module: Any
    flat: Tensor
    spans: Mapping[str, Span]

    @property
    def size(self) -> int:
        """Bytes."""
        return self.flat.numel()

    @torch.inference_mode(False)
    def to(self, device: str) -> Any:
        """A twin on a device, all parameters in one copy."""
        there = torch.empty(self.size, dtype=torch.uint8, device=device)
        there.copy_(self.flat, non_blocking=True)
        return twin(self.module, self._views(there), device)

    def _views(self, flat: Tensor) -> dict[str, Tensor]:
        return {name: span.view(flat) for name, span in self.spans.items()}


@torch.inference_mode(False)
def pack(module: Any, pin: bool = False) -> Packed:
    """A twin in main memory. pin: lock the piece there, so that a GPU copies it at full speed."""
    named = dict(module.named_parameters())
    spans = layout(named)
    end = max((span.start + span.size for span in spans.values()), default=0)
    flat = torch.empty(end, dtype=torch.uint8)
    if pin:
        pinned(flat)
    views = {name: span.view(flat) for name, span in spans.items()}
    with torch.no_grad():
        for name, weight in named.items():
            views[name].copy_(weight, non_blocking=True)
    if any(weight.is_cuda for weight in named.values()):
        torch.cuda.synchronize()
    return Packed(twin(module, views, "cpu"), flat, spans)


def layout(named: Mapping[str, Tensor]) -> dict[str, Span]:
    """One tensor after the other, in the order of the modules, each well aligned."""
    spans: dict[str, Span] = {}
    at = 0
    for name, tensor in named.items():
        stride = tensor.stride() if _dense(tensor) else tensor.contiguous().stride()
        size = tensor.numel() * tensor.element_size()
        spans[name] = Span(at, size, tensor.dtype, tensor.shape, tuple(stride))
        at += -(-size // ALIGNED) * ALIGNED
    return spans


@torch.inference_mode(False)
def twin(module: Any, weights: Mapping[str, Tensor], device: str) -> Any:
    """Modules of its own with these parameters; buffers are copied to the device.

    Parameters stay as trainable as they were: torch multiplies by frozen ones in another order.
    """
    shared: dict[int, Any] = {id(b): b.detach().to(device, copy=True) for b in module.buffers()}
    for name, weight in module.named_parameters():
        shared[id(weight)] = torch.nn.Parameter(weights[name], weight.requires_grad)
    made = copy.deepcopy(module, shared)
    _say_where(made, device)
    return made


def pinned(flat: Tensor) -> None:
    """Lock memory in place for as long as the tensor lives; where that fails it stays as it is.

    Not with torch's `pin_memory`, which rounds up to powers of two.
    """
    if not torch.cuda.is_available() or not flat.numel():
        return
    cuda: Any = torch.cuda
    runtime = cuda.cudart()
    if int(runtime.cudaHostRegister(flat.data_ptr(), flat.numel(), 0)):
        log.warning("no memory could be locked for fast copies: moving weights is slower")
        return
    weakref.finalize(flat.untyped_storage(), runtime.cudaHostUnregister, flat.data_ptr())


def weight(tensors: Iterable[Tensor]) -> int:
    """Bytes; of those that are made up of others (torchao's), what these take."""
    return sum(map(_bytes, tensors))


def _bytes(tensor: Tensor) -> int:
    if hasattr(tensor, "__tensor_flatten__"):
        names, _ = tensor.__tensor_flatten__()
        return weight(getattr(tensor, name) for name in names)
    return tensor.numel() * tensor.element_size()


def _dense(tensor: Tensor) -> bool:
    """Whether its numbers fill its memory without gaps, in whatever order."""
    known = (torch.contiguous_format, torch.channels_last)
    return any(
        tensor.is_contiguous(memory_format=f) for f in known[: 2 if tensor.dim() == 4 else 1]
    )


def _say_where(module: Any, device: str) -> None:
    """Modules that keep tensors outside of parameters and buffers are told of the move."""
    for part in module.modules():
        for name, value in vars(part).items():
            if isinstance(value, Tensor) and value.device.type != torch.device(device).type:
                setattr(part, name, value.to(device))
