"""Control by lines: an adapter that leads the frozen base along edges and scribbles.

A T2I-Adapter (Mou et al., arXiv:2302.08453; the shape is its SDXL version): a small network sees
the hint once and adds its features to the UNet's first half. The base stays as it is; the adapter
learns with the base's loss, mostly at high noise, where the layout is decided. Hints are the edges
of scenes, roughened in many ways, so that a quick drawing by hand works too.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from diffusers import T2IAdapter
from PIL import Image
from torch import Tensor
from torch.nn import functional

from nodeforge.diffusion.edges import edges
from nodeforge.training import frozen as base
from nodeforge.training import nets, ranks, sheets
from nodeforge.training.feed import Feed
from nodeforge.training.frozen import Frozen, encoded, noised, paint
from nodeforge.training.learner import Learner
from nodeforge.training.loop import Settings
from nodeforge.training.stock import Source, Stock

RATE = 1e-3
BATCH = 192
STOCK = 32768  # 2.1 GB of hints on the device
FRESH = 0.1  # new scenes for each sample seen
SHRINK = 16  # pixels of the hint for a cell of the first features
EMPTY = 0.12  # share of hints left out
COLOURS = ("red", "blue", "green", "yellow", "purple", "orange", "pink", "black", "white", "brown")


def task(settings: Settings) -> Control:
    feed = Feed(settings, seed=6)
    return Control(settings, base.load(settings), feed)


class Control:
    """Learns to follow hints [n, 1, h, w] of 0..1, white lines on black.

    Args:
        settings: batch, seed, small.
        frozen: The base.
        source: Scenes.
    """

    name = "control"

    def __init__(self, settings: Settings, frozen: Frozen, source: Source) -> None:
        torch.manual_seed(settings.seed * 131 + ranks.rank())
        small = settings.small
        self.frozen, self.source = frozen, source
        self.batch = settings.batch or (2 if small else BATCH)
        self.flops = 0.0
        self.sampling = 2 if small else base.STEPS
        self.shown = source.take(2 if small else 8)
        self.stock = Stock(encoded(frozen, source, hints), 8 if small else STOCK)
        made = adapter(list(frozen.unet.config.block_out_channels))
        self.adapter: Any = made.to(
            settings.device, frozen.dtype, memory_format=torch.channels_last
        )
        self.learner = Learner(dict(self.adapter.named_parameters()), RATE)

    def step(self, done: float) -> dict[str, Tensor]:
        self.stock.owe(FRESH * self.batch)
        latents, ids, lines = self.stock.draw(self.batch)
        steps = late(len(ids), len(self.frozen.angles), ids.device)
        noisy, truth = noised(latents, torch.randn_like(latents), self.frozen.angles[steps])
        hint = leave_out(roughen(lines.float() / 255), EMPTY)
        features = self.adapter(hint.to(self.frozen.dtype, memory_format=torch.channels_last))
        made = self.frozen.velocity(
            self.frozen.unet,
            noisy,
            steps,
            self.frozen.words(ids.long()),
            down_intrablock_additional_residuals=features,
        )
        loss = functional.mse_loss(made, truth)
        self.learner.learn(loss, done)
        return {"loss": loss.detach()}

    def state(self) -> dict[str, Any]:
        return self.learner.state()

    def restore(self, state: dict[str, Any]) -> None:
        self.learner.restore(state)

    @torch.no_grad()
    def sheet(self, path: Path) -> None:
        """Rows: scenes, their hints, drawn to their own words, and to words of another colour."""
        captions = self.shown.captions
        others = [recoloured(caption) for caption in captions]
        hint = edges((self.shown.pictures + 1) / 2)
        with self.learner.averaged():
            made = paint(
                self.frozen,
                captions + others,
                steps=self.sampling,
                adapter=self.adapter,
                image=hint.repeat(2, 1, 1, 1).to(self.frozen.dtype),
            )
        rows = [*sheets.pictures(self.shown.pictures), *lines_shown(hint), *made]
        words = [*captions, *["hint"] * len(captions), *captions, *others]
        sheets.contact_sheet(rows, words, path, columns=len(captions))

    def export(self, folder: Path) -> None:
        """Write a folder for `T2IAdapter.from_pretrained`."""
        made = adapter(list(self.frozen.unet.config.block_out_channels))
        made.load_state_dict(
            {name: weight.cpu() for name, weight in self.learner.weights().items()}
        )
        made.half().save_pretrained(folder, max_shard_size=nets.SHARD)

    def close(self) -> None:
        self.source.close()


def adapter(channels: list[int]) -> T2IAdapter:
    """A new adapter for a UNet of three levels that begins with a DownBlock2D.

    Its features are [n, c0, h, w], [n, c1, h, w] and [n, c2, h/2, w/2] for hints of 16h x 16w:
    what the UNet holds after its first downsampling, before its second, and at its lowest.
    """
    return T2IAdapter(
        in_channels=1, channels=channels, downscale_factor=SHRINK, adapter_type="full_adapter_xl"
    )


def hints(pictures: Tensor) -> Tensor:
    """Edges of pictures [n, 3, h, w] of -1..1, uint8 [n, 1, h, w]."""
    return (edges((pictures + 1) / 2) * 255).round().byte()


def late(count: int, steps: int, device: torch.device) -> Tensor:
    """Steps [count], most of them noisy: 1 - u cubed, as the paper samples them."""
    share = 1 - torch.rand(count, device=device) ** 3
    return (share * steps).long().clamp(max=steps - 1)


def roughen(lines: Tensor) -> Tensor:
    """Hints [n, 1, h, w] of 0..1 as if drawn by hand: displaced, thick or thin, hard, with gaps."""
    lines = thicken(shake(lines))
    hard = (lines > chance(lines, 0.2, 0.7)).to(lines.dtype)
    lines = torch.where(chance(lines) < 0.5, hard, lines)
    return torch.where(chance(lines) < 0.4, lines * gaps(lines), lines)


def shake(lines: Tensor) -> Tensor:
    """Bend by up to about 4 pixels of 256, differently everywhere; half of the hints stay."""
    n, _, h, w = lines.shape
    coarse = torch.randn(n, 2, 8, 8, device=lines.device)
    bend = functional.interpolate(coarse, (h, w), mode="bicubic", align_corners=False)
    strong = chance(lines, -0.02, 0.02).clamp(min=0)
    identity = torch.eye(2, 3, device=lines.device).expand(n, 2, 3)
    grid = functional.affine_grid(identity, [n, 1, h, w], align_corners=False)
    return functional.grid_sample(
        lines, grid + (bend * strong).permute(0, 2, 3, 1), align_corners=False
    )


def thicken(lines: Tensor) -> Tensor:
    """A brush of one, three or five pixels."""
    brush = chance(lines, 0.0, 3.0)
    three = functional.max_pool2d(lines, 3, 1, 1)
    five = functional.max_pool2d(lines, 5, 1, 2)
    return torch.where(brush < 1, lines, torch.where(brush < 2, three, five))


def gaps(lines: Tensor) -> Tensor:
    """A mask of 0 and 1 that rubs out about a sixth in squares."""
    n, _, h, w = lines.shape
    kept = (torch.rand(n, 1, 8, 8, device=lines.device) > 1 / 6).to(lines.dtype)
    return functional.interpolate(kept, (h, w), mode="nearest")


def leave_out(lines: Tensor, share: float) -> Tensor:
    """Black in place of some hints: then words alone must do."""
    return lines * (chance(lines) >= share)


def chance(lines: Tensor, low: float = 0.0, high: float = 1.0) -> Tensor:
    """A random number for each hint, [n, 1, 1, 1]."""
    return low + (high - low) * torch.rand(len(lines), 1, 1, 1, device=lines.device)


def recoloured(caption: str) -> str:
    """The same words in another colour: the next one for a colour that is named, else blue."""
    if found := re.search(rf"\b({'|'.join(COLOURS)})\b", caption):
        other = COLOURS[(COLOURS.index(found[0]) + 1) % len(COLOURS)]
        return caption[: found.start()] + other + caption[found.end() :]
    first, _, rest = caption.partition(" ")
    articles = {"a": "a", "an": "a", "the": "the", "two": "two", "three": "three", "some": "some"}
    return f"{articles[first]} blue {rest}" if first in articles else f"blue {caption}"


def lines_shown(hint: Tensor) -> list[Image.Image]:
    return sheets.pictures(hint.expand(-1, 3, -1, -1) * 2 - 1)
