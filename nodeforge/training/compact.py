"""The two networks of the upscaler: one that enlarges, and its critic.

The first has the shape and the weight names of Real-ESRGAN's SRVGGNetCompact, so that whatever
loads upscalers loads it (Wang et al., arXiv:2107.10833). All its work is done before enlarging:
a fifth of a second for a picture of 256 x 256 pixels on two cores.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import spectral_norm

FACTOR = 4
SLOPE = 0.25  # of a new PReLU below zero


class Compact(nn.Module):
    """Pictures [n, 3, h, w] of 0..1 to [n, 3, 4h, 4w] of about 0..1, float32.

    Args:
        features: Channels between the convolutions.
        middle: Convolutions between the first and the last.
    """

    def __init__(self, features: int = 64, middle: int = 16) -> None:
        super().__init__()
        layers: list[nn.Module] = [conv(3, features), nn.PReLU(features, SLOPE)]
        for _ in range(middle):
            layers += [conv(features, features), nn.PReLU(features, SLOPE)]
        layers.append(conv(features, 3 * FACTOR**2, gain=0.05))
        self.body = nn.Sequential(*layers)

    def forward(self, pictures: Tensor) -> Tensor:
        change = functional.pixel_shuffle(self.body(pictures), FACTOR)
        # The sum is float32 even where the network is not: a critic sees rounded colours.
        return change.float() + functional.interpolate(pictures.float(), scale_factor=FACTOR)


def conv(ins: int, outs: int, gain: float = 1.0) -> nn.Conv2d:
    """3 x 3, with weights that keep the variance (He et al., arXiv:1502.01852)."""
    made = nn.Conv2d(ins, outs, 3, padding=1)
    nn.init.kaiming_normal_(made.weight, SLOPE)
    made.weight.data *= gain
    return made


class Critic(nn.Module):
    """Says of each pixel whether it looks real: a U-Net with spectral norm, as in Real-ESRGAN.

    Args:
        width: Channels at full size; doubled at each of the three halvings.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        wide = [width * 2**level for level in range(4)]
        self.enter = nn.Conv2d(3, width, 3, padding=1)
        self.down = nn.ModuleList(
            spectral_norm(nn.Conv2d(few, many, 4, 2, 1, bias=False)) for few, many in pairwise(wide)
        )
        self.up = nn.ModuleList(
            spectral_norm(nn.Conv2d(many, few, 3, padding=1, bias=False))
            for few, many in reversed(list(pairwise(wide)))
        )
        self.last = spectral_norm(nn.Conv2d(width, width, 3, padding=1, bias=False))
        self.leave = nn.Conv2d(width, 1, 3, padding=1)

    def forward(self, pictures: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Verdicts [n, 1, h, w] on pictures [n, 3, h, w], and what it saw at half sizes."""
        with parametrize.cached():
            with torch.autocast(pictures.device.type, enabled=False):
                for layer in (*self.down, *self.up, self.last):
                    layer.weight  # normalised here, in float32
            return self.judge(pictures)

    def judge(self, pictures: Tensor) -> tuple[Tensor, list[Tensor]]:
        seen = [leaky(self.enter(pictures))]
        for layer in self.down:
            seen.append(leaky(layer(seen[-1])))
        x = seen[-1]
        for layer, beside in zip(self.up, reversed(seen[:-1]), strict=True):
            larger = functional.interpolate(x, scale_factor=2, mode="bilinear")
            x = leaky(layer(larger)) + beside
        return self.leave(leaky(self.last(x))).float(), seen[1:]


def leaky(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, 0.2)


def matching(seen: list[Tensor], truth: list[Tensor]) -> Tensor:
    """Mean difference of what a critic saw in two batches (Wang et al., arXiv:1711.11585)."""
    terms: list[Any] = [
        functional.l1_loss(ours.float(), theirs.detach().float())
        for ours, theirs in zip(seen, truth, strict=True)
    ]
    return torch.stack(terms).sum()
