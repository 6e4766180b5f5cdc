"""A ring of encoded scenes on the device: what latent models learn from, refreshed bit by bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nodeforge.training import nets
from nodeforge.training.fast import hasten
from nodeforge.training.feed import Feed


class Encoder:
    """The encoder half of a VAE, for pictures on a device.

    Args:
        folder: A diffusers folder with `vae`.
        device: Where; on CUDA it works in bfloat16 and channels-last.
    """

    def __init__(self, folder: Path, device: str) -> None:
        self.fast = device.startswith("cuda")
        net: Any = nets.load(folder, "vae", torch.bfloat16 if self.fast else torch.float32)
        del net.decoder
        self.net = net.to(device).eval().requires_grad_(False)
        if self.fast:
            hasten(self.net)

    @torch.no_grad()
    def __call__(self, pictures: Tensor) -> Tensor:
        """Pictures [n, 3, 8h, 8w] of -1..1 to latents [n, 4, h, w]."""
        if self.fast:
            pictures = pictures.bfloat16().contiguous(memory_format=torch.channels_last)
        made: Tensor = self.net.encode(pictures).latent_dist.mode()
        return made


class Ring:
    """Latents and token ids of scenes; the oldest make room for new ones.

    Args:
        feed: Where scenes come from.
        encoder: Makes latents of them.
        length: Scenes to hold.
        size: Pixels of a side.

    Attributes:
        latents: [length, 4, size / 8, size / 8] on the device.
        ids: [length, 77] int16 on the device.
        filled: [] float32 on the device, how many are there; a tensor, for CUDA graphs.
    """

    def __init__(self, feed: Feed, encoder: Encoder, length: int, size: int = 256) -> None:
        self.feed, self.encoder, self.length, self.size = feed, encoder, length, size
        side = size // 8
        dtype = torch.bfloat16 if encoder.fast else torch.float32
        self.latents = torch.zeros(length, 4, side, side, device=feed.device, dtype=dtype)
        self.ids = torch.zeros(length, nets.TOKENS, device=feed.device, dtype=torch.int16)
        self.filled = torch.zeros((), device=feed.device)
        self.count, self.debt = 0, 0.0

    def add(self, count: int) -> None:
        """Compose and encode so many new scenes."""
        while count > 0:
            taken = self.feed.take(min(count, 256), self.size)
            made = len(taken.captions)
            at = torch.arange(self.count, self.count + made, device=self.feed.device) % self.length
            self.latents[at] = self.encoder(taken.pictures).to(self.latents.dtype)
            self.ids[at] = taken.ids.to(torch.int16)
            self.count += made
            self.filled.fill_(min(self.count, self.length))
            count -= made

    def owe(self, scenes: float) -> None:
        """Add a fraction of a scene or many; they are made when a whole batch is due."""
        self.debt += scenes
        if self.debt >= min(256, self.length):
            self.add(int(self.debt))
            self.debt -= int(self.debt)

    def draw(self, count: int) -> tuple[Tensor, Tensor]:
        """Latents [count, ...] float32 and ids [count, 77] int64 by chance; fit for CUDA graphs."""
        at = (torch.rand(count, device=self.latents.device) * self.filled).long()
        return self.latents[at].float(), self.ids[at].long()
