"""The autoencoder: a picture of 256 x 256 pixels in 4 x 32 x 32 numbers, and back.

Trained on random crops first and on whole pictures at the end; absolute, squared and edge
differences, and a light pull towards a normal distribution (Rombach et al., arXiv:2112.10752).
No adversary: at this size it costs fidelity and the UNet learns its artefacts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL
from torch import Tensor
from torch.nn import functional

from nodeforge.training import nets, sheets
from nodeforge.training.fast import hasten
from nodeforge.training.feed import Feed
from nodeforge.training.flat import Flat
from nodeforge.training.loop import Settings, count_flops
from nodeforge.training.replay import Replay

RATE = 2e-3  # of matrices; see flat.py
CROP = 128
CROPS_UNTIL = 0.72  # share of the time that is spent on crops, which are cheap
PULL = 1e-4  # weight of the Kullback-Leibler term


def task(settings: Settings) -> Autoencoder:
    return Autoencoder(settings)


class Autoencoder:
    """Learns to hold scenes in latents; exports `vae/` with latents of mean 0 and deviation 1."""

    name = "vae"

    def __init__(self, settings: Settings) -> None:
        self.small, self.device = settings.small, settings.device
        self.batch = settings.batch or (4 if settings.small else 512)
        self.feed = Feed(settings, seed=1)
        torch.manual_seed(settings.seed)
        self.net: Any = nets.vae(settings.small)
        self.flops = 0.0 if settings.small else self.batch * flops(nets.vae())
        hasten(self.net.to(self.device)).train()
        self.flat = Flat([self.net], self.device, torch.float32)
        self.update = Replay(self.flat.update, self.device)
        torch.backends.cudnn.benchmark = True
        self.steps = 0
        self.shown = self.feed.take(4 if settings.small else 16).pictures

    def step(self, done: float) -> dict[str, Tensor]:
        truth = self.pictures(done).contiguous(memory_format=torch.channels_last)
        with torch.autocast(truth.device.type, torch.bfloat16, enabled=truth.is_cuda):
            posterior = self.net.encode(truth).latent_dist
            made = self.net.decode(posterior.sample()).sample.float()
        mean, spread = posterior.mean.float(), posterior.logvar.float()
        pull = 0.5 * (mean.square() + spread.exp() - 1 - spread).mean()
        squared = functional.mse_loss(made, truth)
        loss = functional.l1_loss(made, truth) + 2 * squared + 0.5 * edges(made, truth)
        self.flat.clear()
        torch.autograd.backward(loss + PULL * pull)
        self.flat.rate.fill_(RATE * warm(self.steps, 200) * cool(done, 0.5))
        self.flat.stay.fill_(decay(self.steps))
        self.update()
        self.steps += 1
        return {"loss": loss.detach(), "squared": squared.detach(), "pull": pull.detach()}

    def pictures(self, done: float) -> Tensor:
        """Four crops of each scene, or whole scenes of the same number of pixels."""
        if done >= CROPS_UNTIL or self.small:
            return self.feed.take(self.batch // 4).pictures
        whole = self.feed.take(self.batch // 4).pictures
        low, high = torch.randint(0, whole.shape[-1] - CROP + 1, (2,)).tolist()
        far = whole.shape[-1] - CROP
        places = [(low, high), (far - low, far - high), (low, far - high), (far - low, high)]
        return torch.cat([whole[:, :, y : y + CROP, x : x + CROP] for y, x in places])

    def state(self) -> dict[str, Any]:
        return {"flat": self.flat.state(), "steps": self.steps}

    def restore(self, state: dict[str, Any]) -> None:
        self.flat.restore(state["flat"])
        self.steps = state["steps"]

    def averaged(self) -> AutoencoderKL:
        """A copy with the averaged weights, ready for use."""
        made = nets.vae(self.small).to(self.device)
        self.flat.averaged([made])
        return made.eval()

    @torch.no_grad()
    def sheet(self, path: Path) -> None:
        net = self.averaged()
        made = net.decode(net.encode(self.shown).latent_dist.mode()).sample
        error = functional.mse_loss(made, self.shown) / 4
        pairs = [
            picture
            for pair in zip(sheets.pictures(self.shown), sheets.pictures(made), strict=True)
            for picture in pair
        ]
        words = ["truth", f"mean of all: {-10 * error.log10().item():.2f} dB"]
        sheets.contact_sheet(pairs, words * (len(pairs) // 2), path)

    @torch.no_grad()
    def export(self, folder: Path) -> None:
        net = self.averaged()
        count = 8 if self.small else 64
        latents = [
            net.encode(self.feed.take(count).pictures).latent_dist.mode()
            for _ in range(2 if self.small else 8)
        ]
        normalise(net, torch.cat(latents))
        nets.plain(net).save_pretrained(folder / "vae", max_shard_size=nets.SHARD)

    def close(self) -> None:
        self.feed.close()


@torch.no_grad()
def normalise(net: Any, latents: Tensor) -> None:
    """Fold mean and deviation of latents [n, 4, h, w] into the 1x1 convolutions around them."""
    flat = latents.float().transpose(0, 1).flatten(1)
    mean, deviation = flat.mean(1), flat.std(1)
    leave, enter, count = net.quant_conv, net.post_quant_conv, len(mean)
    enter.bias += enter.weight[:, :, 0, 0] @ mean
    enter.weight *= deviation[None, :, None, None]
    leave.weight[:count] /= deviation[:, None, None, None]
    leave.bias[:count] = (leave.bias[:count] - mean) / deviation
    leave.bias[count:] -= 2 * deviation.log()


def edges(made: Tensor, truth: Tensor) -> Tensor:
    """Mean absolute difference of neighbouring pixels' differences, at three scales."""
    total = made.new_zeros(())
    gap = made - truth
    for _ in range(3):
        total = total + (gap[..., 1:] - gap[..., :-1]).abs().mean()
        total = total + (gap[..., 1:, :] - gap[..., :-1, :]).abs().mean()
        gap = functional.avg_pool2d(gap, 2)
    return total


def flops(net: Any) -> float:
    """Of forward and backward for one crop."""
    crop = torch.zeros(1, 3, CROP, CROP)
    return count_flops(
        lambda: net.decode(net.encode(crop).latent_dist.mode()).sample.sum().backward()
    )


def warm(step: int, steps: int) -> float:
    """A linear start over some steps, 0..1."""
    return min(1.0, (step + 1) / steps)


def cool(done: float, since: float, least: float = 0.02) -> float:
    """1 until a share of the time is used, then down in a line."""
    return max(least, min(1.0, (1 - done) / (1 - since)))


def decay(steps: int, longest: float = 0.998) -> float:
    """How much of the averaged weights stays at this step: short memories first."""
    return min(longest, (1 + steps) / (10 + steps))
