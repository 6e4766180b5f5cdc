"""All weights of some networks in one piece of memory, and the optimiser that walks over it.

One buffer each for the exact weights, the working copies, the gradients and the average: to clip,
to average over GPUs, to convert and to smooth are then single operations. Matrices and convolutions
are led by Muon, which orthogonalises their momentum (Jordan et al. 2024; scaled to the step size of
AdamW as in Liu et al., arXiv:2502.16982); biases, norms and embeddings by AdamW.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

ALIGN = 64  # elements: kernels want aligned weights
MOMENTUM = 0.95
SHRINK = 0.01  # weight decay
REST = 0.5  # rate of biases, norms and embeddings, as a share of that of matrices
CUBIC = (3.4445, -4.7750, 2.0315)  # five Newton-Schulz steps bring singular values near 1


@dataclass(frozen=True)
class Place:
    """Where a weight lies; a matrix is [rows, columns], a convolution [out, h * w * in]."""

    parameter: nn.Parameter
    start: int
    matrix: tuple[int, int] | None


@dataclass(frozen=True)
class Stack:
    """Matrices of one shape that lie one after the other."""

    start: int
    count: int
    pitch: int
    rows: int
    columns: int

    def view(self, flat: Tensor) -> Tensor:
        """[count, rows, columns] of a flat buffer."""
        piece = flat[self.start : self.start + self.count * self.pitch].view(self.count, self.pitch)
        pitch, row, one = self.pitch, self.columns, 1
        return piece.as_strided(
            (self.count, self.rows, self.columns), (pitch, row, one), piece.storage_offset()
        )


class Flat:
    """Weights of networks as one vector.

    Args:
        networks: Their parameters become views into the working copy.
        device: Where.
        dtype: Of working copies and gradients; the exact weights are float32.

    Attributes:
        exact: [n] float32.
        work: [n] dtype; what the networks use.
        grad: [n] dtype; filled by backward, cleared by `clear`.
        kept: [n] float32, the exponential average.
        rate: [] float32, the learning rate; written before `update`.
        stay: [] float32, how much of the average stays.
    """

    def __init__(self, networks: Iterable[nn.Module], device: str, dtype: torch.dtype) -> None:
        self.networks = list(networks)
        self.places, self.stacks, self.split, total = arrange(self.networks)
        self.exact = torch.zeros(total, device=device)
        self.work = torch.zeros(total, device=device, dtype=dtype)
        self.grad = torch.zeros(total, device=device, dtype=dtype)
        for place in self.places:
            window(self.exact, place).copy_(place.parameter.detach().float())
            place.parameter.data = window(self.work, place)
            place.parameter.grad = window(self.grad, place)
        self.work.copy_(self.exact)
        self.kept = self.exact.clone()
        self.momentum = torch.zeros(self.split, device=device)
        self.rate = torch.zeros((), device=device)
        self.stay = torch.zeros((), device=device)
        self.rest_rate = torch.zeros((), device=device)
        self.rest = nn.Parameter(self.exact[self.split :])
        self.rest.grad = torch.zeros_like(self.rest)
        self.adam = torch.optim.AdamW(
            [self.rest],
            lr=self.rest_rate,
            betas=(0.9, 0.99),
            weight_decay=SHRINK,
            fused=device.startswith("cuda") or None,
            capturable=device.startswith("cuda"),
        )

    def clear(self) -> None:
        self.grad.zero_()

    @torch.no_grad()
    def update(self) -> None:
        """One step of the optimiser from `grad`, at `rate`; then the copies and the average."""
        grad = self.grad.float()
        norm = grad.norm()
        assert self.rest.grad is not None
        self.rest.grad.copy_(grad[self.split :] * (1 / norm.clamp_min(1.0)))
        self.rest_rate.copy_(self.rate * REST)
        self.adam.step()
        muon = grad[: self.split]
        self.momentum.lerp_(muon, 1 - MOMENTUM)
        ahead = muon.lerp(self.momentum, MOMENTUM).to(self.work.dtype)
        self.exact[: self.split].mul_(1 - self.rate * SHRINK)
        for stack in self.stacks:
            size = 0.2 * max(stack.rows, stack.columns) ** 0.5
            step = orthogonal(stack.view(ahead)).float()
            stack.view(self.exact).sub_(step * (self.rate * size))
        self.work.copy_(self.exact)
        self.kept.lerp_(self.exact, 1 - self.stay)

    def state(self) -> dict[str, Any]:
        return {
            "exact": self.exact,
            "kept": self.kept,
            "momentum": self.momentum,
            "adam": self.adam.state_dict(),
        }

    @torch.no_grad()
    def restore(self, state: dict[str, Any]) -> None:
        self.exact.copy_(state["exact"])
        self.kept.copy_(state["kept"])
        self.momentum.copy_(state["momentum"])
        self.adam.load_state_dict(state["adam"])
        for group in self.adam.param_groups:
            group["lr"] = self.rest_rate
        self.work.copy_(self.exact)

    @torch.no_grad()
    def averaged(self, fresh: Iterable[nn.Module]) -> None:
        """Write the averaged weights into other networks of the same shapes."""
        others = [weight for network in fresh for weight in network.parameters()]
        order = {id(place.parameter): place for place in self.places}
        mine = [weight for network in self.networks for weight in network.parameters()]
        for weight, other in zip(mine, others, strict=True):
            other.copy_(window(self.kept, order[id(weight)]))


def arrange(networks: Iterable[nn.Module]) -> tuple[list[Place], list[Stack], int, int]:
    """Places of all weights, stacks of like matrices, where the matrices end, and the length."""
    matrices: dict[tuple[int, int], list[nn.Parameter]] = {}
    others = []
    for network in networks:
        for name, weight in network.named_parameters():
            if weight.ndim < 2 or any(
                part in name for part in ("embedding.", "conv_in", "conv_out")
            ):
                others.append(weight)
            else:
                matrices.setdefault((len(weight), weight[0].numel()), []).append(weight)
    places, stacks, start = [], [], 0
    for (rows, columns), weights in matrices.items():
        pitch = -(-rows * columns // ALIGN) * ALIGN
        stacks.append(Stack(start, len(weights), pitch, rows, columns))
        for weight in weights:
            places.append(Place(weight, start, (rows, columns)))
            start += pitch
    split = start
    for weight in others:
        places.append(Place(weight, start, None))
        start += -(-weight.numel() // ALIGN) * ALIGN
    return places, stacks, split, start


def window(flat: Tensor, place: Place) -> Tensor:
    """A weight inside a flat buffer, channels-last if it is a convolution."""
    shape = place.parameter.shape
    piece = flat[place.start : place.start + shape.numel()]
    if len(shape) != 4:
        return piece.view(shape)
    out, into, tall, wide = shape
    return piece.view(out, tall, wide, into).permute(0, 3, 1, 2)


def orthogonal(matrices: Tensor, steps: int = 5) -> Tensor:
    """The nearest semi-orthogonal matrices, roughly, of [n, rows, columns]: Newton-Schulz."""
    a, b, c = CUBIC
    turned = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if turned else matrices
    x = x / (x.float().norm(dim=(1, 2), keepdim=True) + 1e-7).to(x.dtype)
    for _ in range(steps):
        square = x @ x.mT
        x = a * x + (b * square + c * (square @ square)) @ x
    made: Tensor = x.mT if turned else x
    return made
