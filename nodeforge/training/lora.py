"""A LoRA: a style or a subject learnt from few pictures, as a small file beside the base.

Low-rank updates of attention and convolutions (Hu et al., arXiv:2106.09685), trained with the
base's own loss. Learns the style "blueprint", which the base has never seen, or any folder of
pictures with captions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionPipeline
from peft import LoraConfig
from torch import Tensor, nn
from torch.nn import functional

from nodeforge.training import frozen as base
from nodeforge.training import ranks, sheets
from nodeforge.training.feed import Feed
from nodeforge.training.folder import Folder
from nodeforge.training.frozen import Frozen, encoded, noised, paint
from nodeforge.training.learner import Learner
from nodeforge.training.loop import Settings
from nodeforge.training.scenes.sampler import Diet
from nodeforge.training.stock import Source, Stock

STYLE = "blueprint"
RANK = 8  # 1.4 MB in half precision
RATE = 1e-3
BATCH, BATCH_CPU = 192, 8
STOCK = 16384
FRESH = 0.1  # new scenes for each sample seen
ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
RESNET = ("conv1", "conv2", "conv_shortcut", "time_emb_proj")
PROMPTS = (
    "a castle in the mountains",
    "a cat",
    "a rocket in space",
    "a dragon flying over a castle",
    "a sailboat on the sea",
    "a robot and a cat",
    "a red car on the road",
    "an owl on a wooden table",
)


def task(settings: Settings, pictures: Path | None = None) -> Lora:
    """Learn the style that the base lacks, or the pictures of a folder.

    Args:
        settings: model: the base.
        pictures: Folder of pictures; captions beside them in .txt files, or as file names.

    Raises:
        NodeForgeError: the folder has no pictures, or one cannot be read; the base is not there.
    """
    if pictures is None:
        feed = Feed(settings, diet=Diet(only_style=STYLE), seed=5)
        size = 8 if settings.small else STOCK
        prompts = [f"{prompt}, {STYLE}" for prompt in PROMPTS]
        return Lora(settings, base.load(settings), feed, size, prompts)
    own = Folder(pictures, settings.device)
    return Lora(settings, base.load(settings), own, len(own.captions), own.captions[:8], fresh=0.0)


class Lora:
    """Learns velocities of noised pictures (v-prediction) in low-rank updates of the UNet.

    Args:
        settings: batch, seed, small.
        frozen: The base, which gets the updates as an adapter.
        source: Pictures with captions.
        size: How many of them are held.
        prompts: For the sheet.
        fresh: New pictures for each sample seen.
    """

    name = "lora"

    def __init__(
        self,
        settings: Settings,
        frozen: Frozen,
        source: Source,
        size: int,
        prompts: Sequence[str],
        fresh: float = FRESH,
    ) -> None:
        torch.manual_seed(settings.seed * 131 + ranks.rank())
        self.frozen, self.source, self.fresh = frozen, source, fresh
        cuda = settings.device.startswith("cuda")
        self.batch = settings.batch or (2 if settings.small else BATCH if cuda else BATCH_CPU)
        self.flops = 0.0
        self.prompts = list(prompts[:1] if settings.small else prompts)
        self.sampling = 2 if settings.small else base.STEPS
        self.stock = Stock(encoded(frozen, source), size)
        self.learner = Learner(attach(frozen.unet, RANK, ATTENTION + RESNET), RATE)

    def step(self, done: float) -> dict[str, Tensor]:
        self.stock.owe(self.fresh * self.batch)
        latents, ids = self.stock.draw(self.batch)
        steps = torch.randint(0, len(self.frozen.angles), (len(ids),), device=ids.device)
        angles = self.frozen.angles[steps]
        noisy, truth = noised(latents, torch.randn_like(latents), angles)
        made = self.frozen.velocity(self.frozen.unet, noisy, steps, self.frozen.words(ids.long()))
        loss = functional.mse_loss(made, truth)
        self.learner.learn(loss, done)
        return {"loss": loss.detach()}

    def state(self) -> dict[str, Any]:
        return self.learner.state()

    def restore(self, state: dict[str, Any]) -> None:
        self.learner.restore(state)

    def sheet(self, path: Path) -> None:
        """Each prompt without the LoRA and, below it, with."""
        self.frozen.unet.disable_adapters()
        without = paint(self.frozen, self.prompts, steps=self.sampling)
        self.frozen.unet.enable_adapters()
        with self.learner.averaged():
            made = paint(self.frozen, self.prompts, steps=self.sampling)
        words = [f"base: {p}" for p in self.prompts] + [f"LoRA: {p}" for p in self.prompts]
        sheets.contact_sheet(without + made, words, path, columns=len(self.prompts))

    def export(self, folder: Path) -> None:
        save(self.learner.weights(), folder)

    def close(self) -> None:
        self.source.close()


def attach(unet: Any, rank: int, layers: Sequence[str]) -> dict[str, nn.Parameter]:
    """Give a UNet low-rank updates that change nothing yet; returns them by name.

    Args:
        unet: UNet2DConditionModel; all else in it stays frozen.
        rank: Of each update.
        layers: Ends of the names of the layers that get one.
    """
    unet.requires_grad_(False)
    unet.add_adapter(LoraConfig(r=rank, lora_alpha=rank, target_modules=list(layers)))
    weights = {name: weight for name, weight in unet.named_parameters() if weight.requires_grad}
    for weight in weights.values():
        weight.data = weight.data.to(unet.conv_in.weight.dtype)
    unet.to(memory_format=torch.channels_last)
    return weights


def save(weights: Mapping[str, Tensor], folder: Path) -> None:
    """Write updates so that `StableDiffusionPipeline.load_lora_weights(folder)` reads them."""
    halves = {
        name.replace(".default", ""): weight.half().cpu().contiguous()
        for name, weight in weights.items()
    }
    StableDiffusionPipeline.save_lora_weights(folder, unet_lora_layers=halves)
