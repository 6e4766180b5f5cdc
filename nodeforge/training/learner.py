"""The few weights that learn beside a frozen base: their optimiser, their average, their state.

The network works in the base's precision; the truth is one flat float32 tensor, which AdamW and
the average see as a single parameter. So a step is a handful of kernels, whatever is trained.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from nodeforge.training import ranks

LONGEST = 0.995  # of the average: runs last a thousand steps or three
LEAST = 0.02  # share of the rate that is left at the end


class Learner:
    """Trains some parameters of a network.

    Args:
        weights: The parameters by name, on the device, in the dtype they work in.
        rate: The highest learning rate.
        warm: Steps until it is reached.
    """

    def __init__(self, weights: Mapping[str, nn.Parameter], rate: float, warm: int = 50) -> None:
        self.names = list(weights)
        self.work: list[Tensor] = list(weights.values())
        self.rate, self.warm, self.steps = rate, warm, 0
        self.truth = nn.Parameter(torch.cat([w.detach().float().flatten() for w in self.work]))
        ranks.same([self.truth.data])
        self.truth.grad = torch.zeros_like(self.truth)
        self.mean = self.truth.detach().clone()
        self.optimiser = torch.optim.AdamW(
            [self.truth], rate, betas=(0.9, 0.99), weight_decay=0.0, fused=self.truth.is_cuda
        )
        self.use(self.truth)

    def learn(self, loss: Tensor, done: float) -> None:
        """One step down the slope of a loss. done: share of the time that is used."""
        torch.autograd.backward(loss)
        slopes = [w.grad if w.grad is not None else torch.zeros_like(w) for w in self.work]
        assert self.truth.grad is not None
        torch._foreach_copy_(self.views(self.truth.grad), slopes)
        for weight in self.work:
            weight.grad = None
        ranks.average(self.truth.grad)
        torch.nn.utils.clip_grad_norm_([self.truth], 1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * min(1.0, (self.steps + 1) / self.warm) * cosine(done)
        self.optimiser.step()
        self.steps += 1
        self.mean.lerp_(self.truth.detach(), 1 - min(LONGEST, (1 + self.steps) / (10 + self.steps)))
        self.use(self.truth)

    def views(self, flat: Tensor) -> list[Tensor]:
        """A flat tensor in the shapes of the parameters."""
        parts = torch.split(flat.detach(), [weight.numel() for weight in self.work])
        return [part.view(w.shape) for part, w in zip(parts, self.work, strict=True)]

    @torch.no_grad()
    def use(self, flat: Tensor) -> None:
        """Let the network work with these weights."""
        torch._foreach_copy_(self.work, self.views(flat))

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Within, the network works with the averaged weights."""
        self.use(self.mean)
        try:
            yield
        finally:
            self.use(self.truth)

    def weights(self) -> dict[str, Tensor]:
        """The averaged weights by name, float32."""
        return dict(zip(self.names, self.views(self.mean), strict=True))

    def state(self) -> dict[str, Any]:
        return {
            "truth": self.truth.detach(),
            "mean": self.mean,
            "optimiser": self.optimiser.state_dict(),
            "steps": self.steps,
        }

    @torch.no_grad()
    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from `state()`. Raises RuntimeError if it is of other parameters."""
        self.truth.copy_(state["truth"])
        self.mean.copy_(state["mean"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps = state["steps"]
        self.use(self.truth)


def cosine(done: float) -> float:
    """From 1 down to LEAST over the time, slowly at both ends."""
    return LEAST + (1 - LEAST) * (1 + math.cos(math.pi * min(1.0, done))) / 2
