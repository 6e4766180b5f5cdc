"""The base: words and noise to latents. Text encoder and UNet, trained together.

v-prediction (Salimans and Ho, arXiv:2202.00512) on a stock of scenes, stratified in time, captions
left out one time in ten for classifier-free guidance. The last quarter mixes in larger scenes, so
that 384 x 384 works too. A step is two CUDA graphs with the mean over the GPUs between them.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from nodeforge.training import nets, ranks, sheets
from nodeforge.training.fast import compile_attention, embed, hasten
from nodeforge.training.feed import Feed
from nodeforge.training.flat import Flat
from nodeforge.training.frozen import Encoder
from nodeforge.training.loop import Settings, count_flops
from nodeforge.training.prompts import PROMPTS
from nodeforge.training.replay import Replay, shared_pool
from nodeforge.training.stock import Stock
from nodeforge.training.vae import cool, decay, warm

RATE = 2e-3  # of matrices; see flat.py
UNTOLD = 0.1  # share of captions left out
FRESH = 0.05  # new scenes for every sample drawn
STOCK, FIRST = 260_000, 49_152  # scenes held, and scenes made before the first step
LARGE = 384
LARGE_FROM, LARGE_EVERY = 0.72, 4  # since when, and how often, a step takes large scenes
LONGEST = 0.9992  # memory of the average
GUIDANCE = 5.0


def task(settings: Settings) -> Diffusion:
    return Diffusion(settings)


class Diffusion:
    """Learns from the scenes that the VAE of `settings.model` encodes.

    If that folder also has a UNet and a text encoder of our shapes, it goes on from their weights.
    """

    name = "base"

    def __init__(self, settings: Settings) -> None:
        self.settings, self.device = settings, settings.device
        self.cuda = settings.device.startswith("cuda")
        self.whole = settings.batch or (4 if settings.small else 768)
        self.few = max(1, self.whole // 4)  # large scenes of a step
        self.batch = self.whole
        self.feed = Feed(settings, seed=2)
        torch.manual_seed(settings.seed * 131 + ranks.rank())
        self.encoder = Encoder(settings.model, self.device)
        self.stock = Stock(self.encoded, 16 if settings.small else STOCK, 0)
        self.large = Stock(
            partial(self.encoded, size=LARGE), 8 if settings.small else STOCK // 10, 0
        )
        self.unet, self.text = start(settings.model, settings.small)
        self.cost = 0.0 if settings.small else flops()
        self.flops = self.cost * self.whole
        self.flat = self.prepare()
        self.alphas = nets.alphas(self.device)
        self.untold = nets.ids(nets.tokenizer(), [""])[0].to(self.device)
        self.loss = torch.zeros((), device=self.device)
        pool = shared_pool(self.device)
        self.learn = Replay(lambda: self.backward(self.stock, self.whole), self.device, pool)
        self.learn_large = Replay(lambda: self.backward(self.large, self.few), self.device, pool)
        self.update = Replay(self.flat.update, self.device, pool)
        self.steps = 0
        self.stock.add(8 if settings.small else FIRST)

    def prepare(self) -> Flat:
        """Networks on the device, in the dtype and memory layout of training."""
        for network in (self.unet, self.text):
            network.to(self.device).train()
        hasten(self.unet)
        dtype = torch.bfloat16 if self.cuda else torch.float32
        flat = Flat((self.unet, self.text), self.device, dtype)
        ranks.same([flat.exact, flat.kept])
        flat.work.copy_(flat.exact)
        if self.cuda:
            torch.backends.cudnn.benchmark = True
            compile_attention(self.unet)
        return flat

    def encoded(self, count: int, size: int | None = None) -> tuple[Tensor, Tensor]:
        """New scenes: latents [n, 4, h/8, w/8] as precise as the encoder, ids [n, 77] int16."""
        taken = self.feed.take(count, size)
        return self.encoder(taken.pictures), taken.ids.to(torch.int16)

    def backward(self, stock: Stock, batch: int) -> None:
        """Gradients of one batch of a stock, left in `flat.grad`; the loss in `loss`."""
        latents, ids = stock.draw(batch)
        latents, ids = latents.float(), ids.long()
        steps = torch.arange(batch, device=self.device) + torch.rand(batch, device=self.device)
        steps = (steps * (len(self.alphas) / batch)).long().clamp(max=len(self.alphas) - 1)
        silent = torch.rand(batch, 1, device=self.device) < UNTOLD
        signal = self.alphas[steps][:, None, None, None]
        noise = torch.randn_like(latents)
        noisy = signal.sqrt() * latents + (1 - signal).sqrt() * noise
        truth = signal.sqrt() * noise - (1 - signal).sqrt() * latents
        self.flat.clear()
        words = embed(self.text, torch.where(silent, self.untold, ids))
        noisy = noisy.to(words.dtype).contiguous(memory_format=torch.channels_last)
        made = self.unet(noisy, steps, words, return_dict=False)[0]
        loss = functional.mse_loss(made.float(), truth)
        torch.autograd.backward(loss)
        self.loss.copy_(loss.detach())

    def step(self, done: float) -> dict[str, Tensor]:
        large = done >= LARGE_FROM and self.steps % LARGE_EVERY == 0
        if large and not self.large.rows.count:
            self.large.add(self.large.size // 2)
        (self.learn_large if large else self.learn)()
        self.batch = self.few if large else self.whole
        self.flops = self.cost * self.batch * ((LARGE / 256) ** 2 if large else 1)
        (self.large if large else self.stock).owe(FRESH * self.batch)
        ranks.average(self.flat.grad)
        self.flat.rate.fill_(RATE * warm(self.steps, 300) * cool(done, 0.5, 0.01))
        self.flat.stay.fill_(decay(self.steps, LONGEST))
        self.update()
        self.steps += 1
        return {"large" if large else "loss": self.loss.clone()}

    def state(self) -> dict[str, Any]:
        return {"flat": self.flat.state(), "steps": self.steps}

    def restore(self, state: dict[str, Any]) -> None:
        self.flat.restore(state["flat"])
        self.steps = state["steps"]

    @torch.no_grad()
    def averaged(self) -> tuple[nn.Module, nn.Module]:
        """UNet and text encoder with the averaged weights, without patches."""
        unet, text = nets.unet(self.settings.small), nets.text(self.settings.small)
        unet.to(self.device)
        text.to(self.device)
        self.flat.averaged((unet, text))
        return unet.eval(), text.eval()

    @torch.no_grad()
    def sheet(self, path: Path) -> None:
        unet, text = self.averaged()
        vae = nets.load(self.settings.model, "vae").to(self.device).eval()
        small = self.settings.small
        made = nets.draw(
            nets.pipeline(vae, unet, text),
            PROMPTS[:2] if small else PROMPTS,
            steps=2 if small else 20,
            guidance=GUIDANCE,
        )
        sheets.contact_sheet(made, PROMPTS, path)

    def export(self, folder: Path) -> None:
        vae = nets.load(self.settings.model, "vae")
        nets.save_model(folder, vae, *self.averaged())

    def close(self) -> None:
        self.feed.close()


def start(folder: Path, small: bool) -> tuple[Any, Any]:
    """UNet and text encoder of a folder if it has them, else new ones."""
    unet, text = nets.unet(small), nets.text(small)
    if (folder / "unet").is_dir() and (folder / "text_encoder").is_dir():
        unet.load_state_dict(nets.load(folder, "unet").state_dict())
        text.load_state_dict(nets.load(folder, "text_encoder").state_dict())
    return unet, text


def flops() -> float:
    """Of forward and backward for one sample at 256 x 256."""
    unet, text = nets.unet(), nets.text()
    ids = torch.zeros(1, nets.TOKENS, dtype=torch.long)
    latents, step = torch.zeros(1, 4, 32, 32), torch.zeros(1)
    with sdpa_kernel(SDPBackend.MATH):  # the counter does not know the CPU's own kernel
        return count_flops(
            lambda: unet(latents, step, embed(text, ids), return_dict=False)[0].sum().backward()
        )
