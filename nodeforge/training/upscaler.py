"""The upscaler: four times as many pixels, with the edges that a larger picture would have.

It learns to undo what `degrade` does to crops of scenes and to drawn shapes. Differences of colours
and of edges teach it first; then a critic that compares what it made with the truth, pixel by pixel
(Jolicoeur-Martineau, arXiv:1807.00734, in pairs). Each teacher's say is a share of the slope at the
picture, whatever the size of its loss (Defossez et al., arXiv:2210.13438).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from nodeforge.errors import NodeForgeError
from nodeforge.training import nets, ranks, shapes, sheets
from nodeforge.training.compact import FACTOR, Compact, Critic, matching
from nodeforge.training.degrade import degrade
from nodeforge.training.feed import Feed
from nodeforge.training.learner import Learner
from nodeforge.training.loop import Settings
from nodeforge.training.stock import Rows
from nodeforge.training.vae import edges

NAME = "forge-tiny-x4"
OLDER = Path("upscalers") / "realesr-animevideov3.safetensors"  # beside the base
RATE, RATE_ON, RATE_CRITIC = 6e-4, 2e-4, 2e-4  # anew, from older weights, of the critic
WARM = 100  # steps until the highest rate
BATCH = 48
CROP = 192
SIDES = (256, 384)  # of scenes: the sprites are 208 pixels wide, so larger scenes are not sharp
HELD = 256  # side of what the ring holds
RING, FIRST, CHUNK = 12288, 3072, 256
DRAWN = 0.25  # share of drawn shapes
FRESH = 0.04  # new pictures for each crop
ALONE, ALONE_ON = 0.25, 0.1  # share of the time without the critic: anew, from older weights
JOINING = 0.1  # share of the time until it has its full say
SAY = {"edges": 0.7, "features": 0.5, "critic": 0.4}  # shares of slope; colours have 1
MEMORY = 0.98  # of the measured slopes


class Scenes(Protocol):
    @property
    def pictures(self) -> Tensor: ...


class Source(Protocol):
    """Where scenes [n, 3, size, size] of -1..1 come from: a Feed."""

    def take(self, count: int, size: int | None = None) -> Scenes: ...

    def close(self) -> None: ...


def task(settings: Settings) -> Upscaler:
    return Upscaler(settings, Feed(settings, seed=7))


class Upscaler:
    """Learns to enlarge; exports one file that any loader of Real-ESRGAN's compact nets takes.

    It goes on from `settings.model` if that is a file of weights, or from the upscaler that lies
    beside that folder; otherwise it starts anew.
    """

    name = "upscaler"

    def __init__(self, settings: Settings, source: Source) -> None:
        small = settings.small
        self.settings, self.source, self.device = settings, source, settings.device
        self.cuda = self.device.startswith("cuda")
        self.batch = settings.batch or (2 if small else BATCH)
        self.crop = 64 if small else CROP
        self.flops = 0.0
        torch.manual_seed(settings.seed * 131 + ranks.rank())
        self.older = None if small else older(settings.model)
        self.alone = ALONE_ON if self.older else ALONE
        self.net, self.critic = self.networks(small)
        self.learner = Learner(
            dict(self.net.named_parameters()), RATE_ON if self.older else RATE, WARM
        )
        self.critic_learner = Learner(dict(self.critic.named_parameters()), RATE_CRITIC)
        self.slopes = torch.zeros(1 + len(SAY), device=self.device)
        self.ring = Rows(16 if small else RING)
        self.due, self.turn = 0.0, 0
        self.fill(8 if small else FIRST)
        self.shown = self.draw(2 if small else 10)

    def networks(self, small: bool) -> tuple[Compact, Critic]:
        net = Compact(8, 2) if small else Compact()
        if self.older:
            net.load_state_dict(self.older)
        critic = Critic(4) if small else Critic()
        place: Any = {"device": self.device, "memory_format": torch.channels_last}
        if self.cuda:
            torch.backends.cudnn.benchmark = True
        return net.to(**place).train(), critic.to(**place).train()

    def fill(self, count: int) -> None:
        """Put new pictures in the place of the oldest of the ring."""
        while count > 0:
            chunk = min(CHUNK, count)
            self.ring.put((self.pictures(chunk) * 255).round().byte())
            count -= chunk

    @torch.no_grad()
    def pictures(self, count: int) -> Tensor:
        """New pictures [count, 3, 256, 256] of 0..1, scenes of each size in turn."""
        drawn = round(count * DRAWN)
        side = SIDES[self.turn % len(SIDES)]
        self.turn += 1
        scenes = self.source.take(count - drawn, side).pictures
        top, left = torch.randint(0, side - HELD + 1, (2,)).tolist()
        scenes = (scenes[..., top : top + HELD, left : left + HELD] + 1) / 2
        return torch.cat([scenes.clamp(0, 1), shapes.draw(drawn, HELD, self.device)])

    def draw(self, count: int) -> Tensor:
        """Random crops [count, 3, crop, crop] of 0..1, each mirrored and turned or not."""
        held = self.ring.columns[0]
        span = held.shape[-1] - self.crop + 1
        which = torch.randint(0, self.ring.count, (count,), device=held.device)
        top, left = torch.randint(0, span, (2, count), device=held.device)
        windows = held.unfold(2, self.crop, 1).unfold(3, self.crop, 1)
        crops = windows[which, :, top, left].float()
        flipped, turned = torch.rand(2, count, 1, 1, 1, device=held.device) < 0.5
        crops = torch.where(flipped, crops.flip(3), crops)
        crops = torch.where(turned, crops.transpose(2, 3), crops)
        # Steps of 1/255 would tell a critic what is real.
        return ((crops + torch.rand_like(crops) - 0.5) / 255).clamp(0, 1)

    def step(self, done: float) -> dict[str, Tensor]:
        truth = self.draw(self.batch)
        small = degrade(truth).contiguous(memory_format=torch.channels_last)
        with torch.autocast(truth.device.type, torch.bfloat16, enabled=self.cuda):
            made = self.net(small)
        say = min(1.0, max(0.0, (done - self.alone) / JOINING))
        losses, slope = self.teach(made.detach(), truth, say)
        if say:
            losses["verdict"] = self.judge(made.detach(), truth, done)
        self.learner.learn((made * slope).sum(), done)
        self.due += FRESH * self.batch
        if self.due >= CHUNK:
            self.due -= CHUNK
            self.fill(CHUNK)
        return losses

    def teach(self, made: Tensor, truth: Tensor, say: float) -> tuple[dict[str, Tensor], Tensor]:
        """Losses of pictures [n, 3, h, w], and the direction [n, 3, h, w] in which they err."""
        made.requires_grad_()
        losses = {"colours": functional.l1_loss(made, truth), "edges": edges(made, truth)}
        if say:
            losses |= self.criticise(made, truth)
        slopes = [torch.autograd.grad(loss, made, retain_graph=True)[0] for loss in losses.values()]
        norms = torch.stack([slope.norm() for slope in slopes])
        known = self.slopes[: len(norms)]
        known.copy_(torch.where(known > 0, torch.lerp(norms, known, MEMORY), norms))
        total = slopes[0]
        for name, slope, norm in zip(list(losses)[1:], slopes[1:], known[1:], strict=True):
            share = SAY[name] * (1.0 if name == "edges" else say)
            total = total + share * known[0] / norm.clamp(min=1e-12) * slope
        return {name: loss.detach() for name, loss in losses.items()}, total

    def criticise(self, made: Tensor, truth: Tensor) -> dict[str, Tensor]:
        """What the critic holds against pictures, next to the truth."""
        with torch.autocast(truth.device.type, torch.bfloat16, enabled=self.cuda):
            ours, seen = self.critic(made)
            with torch.no_grad():
                theirs, known = self.critic(truth)
        return {
            "features": matching(seen, known),
            "critic": functional.softplus(theirs - ours).mean(),
        }

    def judge(self, made: Tensor, truth: Tensor, done: float) -> Tensor:
        """One step of the critic: what is real shall look more real, at every pixel."""
        with torch.autocast(truth.device.type, torch.bfloat16, enabled=self.cuda):
            verdicts, _ = self.critic(torch.cat([made.detach(), truth]))
        ours, theirs = verdicts.chunk(2)
        loss = functional.softplus(ours - theirs).mean()
        self.critic_learner.learn(loss, done)
        return loss.detach()

    def state(self) -> dict[str, Any]:
        return {
            "net": self.learner.state(),
            "critic": self.critic_learner.state(),
            "norms": dict(self.critic.named_buffers()),
            "slopes": self.slopes,
        }

    @torch.no_grad()
    def restore(self, state: Mapping[str, Any]) -> None:
        self.learner.restore(state["net"])
        self.critic_learner.restore(state["critic"])
        for name, buffer in self.critic.named_buffers():
            buffer.copy_(state["norms"][name])
        self.slopes.copy_(state["slopes"])

    @torch.no_grad()
    def sheet(self, path: Path) -> None:
        """Each row: what is given, enlarged by nearest pixels, bicubic, us and the older net."""
        with torch.random.fork_rng([self.device] if self.cuda else []):
            torch.manual_seed(1)
            given = degrade(self.shown, 0.5)
        with self.learner.averaged():
            ways = {"given": nearest(given), "bicubic": bicubic(given), "made": self.net(given)}
        if self.older:
            before = Compact().to(self.device)
            before.load_state_dict(self.older)
            ways["before training"] = before(given)
        ways["truth"] = self.shown
        columns = [sheets.pictures(made * 2 - 1) for made in ways.values()]
        rows = [picture for row in zip(*columns, strict=True) for picture in row]
        sheets.contact_sheet(rows, list(ways) * len(given), path, len(ways), 192)

    def export(self, folder: Path) -> None:
        nets.save_weights(self.learner.weights(), folder, NAME)

    def close(self) -> None:
        self.source.close()


def older(model: Path) -> dict[str, Tensor] | None:
    """Weights to go on from: of a file, or of what lies beside a model's folder, or none."""
    if model.suffix == ".safetensors":
        return weights(model)
    beside = model.parent / OLDER
    return weights(beside) if beside.is_file() else None


def weights(file: Path) -> dict[str, Tensor]:
    """The weights of a compact net, float32. Raises NodeForgeError if the file has none."""
    try:
        found = {key: value.float() for key, value in load_file(file).items()}
        Compact().load_state_dict(found)
    except (OSError, SafetensorError, RuntimeError) as error:
        raise NodeForgeError(
            f"{file} is no compact upscaler: give a safetensors file of a Real-ESRGAN compact net "
            f"that enlarges {FACTOR} times."
        ) from error
    return found


def nearest(pictures: Tensor) -> Tensor:
    return functional.interpolate(pictures, scale_factor=FACTOR)


def bicubic(pictures: Tensor) -> Tensor:
    """As Pillow enlarges: a = -0.5."""
    made = functional.interpolate(pictures, scale_factor=FACTOR, mode="bicubic", antialias=True)
    return made.clamp(0, 1)
