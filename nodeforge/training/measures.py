"""How near pictures are to the truth, and how long work takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

WINDOW, SPREAD = 11, 1.5  # pixels: the Gaussian window of structural similarity


def psnr(made: Tensor, truth: Tensor) -> float:
    """Peak signal-to-noise ratio in dB, of the mean squared error of all pictures -1..1."""
    error = functional.mse_loss(made.double(), truth.double()) / 4  # as if of values 0..1
    return float(-10 * error.log10())


def ssim(made: Tensor, truth: Tensor) -> float:
    """Mean structural similarity (Wang et al. 2004) of pictures [n, 3, h, w] of -1..1, by channel.

    1: the same.
    """
    parts = zip(torch.split(made, 16), torch.split(truth, 16), strict=True)
    return float(torch.cat([similarity(one.double(), two.double()) for one, two in parts]).mean())


def similarity(made: Tensor, truth: Tensor) -> Tensor:
    """Structural similarity around every pixel, [n * 3, 1, h - 10, w - 10], of float64 pictures."""
    place = torch.arange(WINDOW, device=made.device, dtype=made.dtype) - WINDOW // 2
    line = torch.exp(-(place**2) / (2 * SPREAD**2))
    line = line / line.sum()

    def mean(values: Tensor) -> Tensor:
        rows = functional.conv2d(values.flatten(0, 1)[:, None], line.view(1, 1, -1, 1))
        return functional.conv2d(rows, line.view(1, 1, 1, -1))

    x, y = (made + 1) / 2, (truth + 1) / 2
    light, dark = mean(x), mean(y)
    spread = mean(x * x) - light**2 + mean(y * y) - dark**2
    shared = mean(x * y) - light * dark
    near = (2 * light * dark + 0.01**2) / (light**2 + dark**2 + 0.01**2)
    return near * (2 * shared + 0.03**2) / (spread + 0.03**2)


@torch.no_grad()
def round_trip(vae: Any, pictures: Tensor, batch: int = 16) -> Tensor:
    """Pictures [n, 3, h, w] of -1..1 through an AutoencoderKL and back, without noise.

    They come back in float32 on the CPU.
    """
    parts = []
    for part in torch.split(pictures, batch):
        latents = vae.encode(part.to(vae.device, vae.dtype)).latent_dist.mode()
        parts.append(vae.decode(latents).sample.float().clamp(-1, 1).cpu())
    return torch.cat(parts)


def seconds(work: Callable[[], object], rounds: int = 3) -> float:
    """The shortest of some rounds, after one to warm up."""
    work()
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


@contextmanager
def threads(count: int | None) -> Iterator[int]:
    """Within, PyTorch uses so many threads (None: as before); yields how many it uses."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield torch.get_num_threads()
    finally:
        torch.set_num_threads(before)
