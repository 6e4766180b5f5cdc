"""A draft in four steps: a LoRA with which the base needs neither twenty steps nor guidance.

The path from noise to picture is cut into four pieces, one for each step of trailing DDIM. In each
the base with guidance walks the way in small steps, and the LoRA learns the velocity with which
one DDIM step lands where the walk ended (piecewise distillation as in PeRFlow, Yan et al.,
arXiv:2405.07510, and progressive distillation, Salimans and Ho, arXiv:2202.00512). Walks start
where the LoRA's own steps lead, and from noised scenes, so that it meets its own errors. The end
of a walk depends on nothing but its start and the words: nothing is averaged, so nothing blurs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nodeforge.training import frozen as base
from nodeforge.training import lora, ranks, sheets
from nodeforge.training.feed import Feed
from nodeforge.training.frozen import Frozen, encoded, noised, paint, wide
from nodeforge.training.learner import Learner
from nodeforge.training.loop import Settings
from nodeforge.training.stock import Rows, Source, Stock

PIECES = 4
WALK = 5  # the teacher's steps within a piece: twenty in all
RANK = 16  # 3.7 MB in half precision
LAYERS = (
    *(*lora.ATTENTION, *lora.RESNET),
    *("ff.net.0.proj", "ff.net.2", "proj_in", "proj_out"),
)
RATE = 1.5e-3
BATCH = 128
STOCK = 32768
FRESH = 0.1  # new scenes for each scene used
LESSONS = 8192  # solved walks that are held
REUSE = 4  # how often one is seen, on average
NOISED = 0.3  # share of walks that start at noised scenes
WEIGHTS = (0.4, 0.7, 1.0, 1.9)  # of the pieces in the loss: evens out what is left to learn in each
PROMPTS = (
    "a dragon flying over a castle",
    "a blue cat in the snow",
    "three red apples on a wooden table",
    "an astronaut riding a horse on the moon",
    "a sailboat on the sea at sunset",
    "two penguins in the snow",
    "a watercolor painting of a fox in autumn",
    "a neon dragon, neon lights",
)


def task(settings: Settings) -> Draft:
    feed = Feed(settings, seed=4)
    return Draft(settings, base.load(settings), base.load(settings).unet, feed)


class Draft:
    """Learns to take one step where the base takes five with guidance.

    Args:
        settings: batch, seed, small.
        teacher: The base.
        student: A UNet of the same weights, which gets the LoRA.
        source: Scenes; their captions are what is drawn.
    """

    name = "draft"

    def __init__(self, settings: Settings, teacher: Frozen, student: Any, source: Source) -> None:
        torch.manual_seed(settings.seed * 131 + ranks.rank())
        small = settings.small
        self.teacher, self.student, self.source = teacher, student, source
        self.batch = settings.batch or (4 if small else BATCH)
        self.flops = 0.0
        self.reuse = 1 if small else REUSE
        self.prompts = PROMPTS[:1] if small else PROMPTS
        self.steps, self.angles, self.leans = path(teacher.angles)
        self.weights = torch.tensor(WEIGHTS, device=settings.device)
        self.nothing = teacher.told([""])
        self.stock = Stock(encoded(teacher, source), 8 if small else STOCK)
        self.lessons = Rows(max(self.batch, PIECES) if small else LESSONS)
        self.learner = Learner(lora.attach(student, RANK, LAYERS), RATE)

    def step(self, done: float) -> dict[str, Tensor]:
        if self.learner.steps % self.reuse == 0:
            self.lessons.put(*self.prepare(max(1, self.batch // PIECES)))
        starts, ids, pieces, truth = self.lessons.draw(self.batch)
        words = self.teacher.words(ids.long())
        made = self.teacher.velocity(self.student, starts, self.steps[pieces, 0], words)
        errors = (made - truth).square().mean((1, 2, 3))
        loss = (self.weights[pieces] * errors).mean()
        self.learner.learn(loss, done)
        return {"loss": loss.detach(), "last": masked_mean(errors.detach(), pieces == PIECES - 1)}

    @torch.no_grad()
    def prepare(self, scenes: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Solved walks: starts [n, 4, h, w], ids [n, 77], pieces [n], velocities [n, 4, h, w].

        n is four for each scene, one in each piece.
        """
        self.stock.owe(FRESH * scenes)
        latents, ids = self.stock.draw(scenes)
        words, noise = self.teacher.words(ids.long()), torch.randn_like(latents)
        pieces = torch.arange(PIECES, device=ids.device).repeat_interleave(scenes)
        own = torch.cat(self.roll(noise, words))
        angles = self.angles[pieces, 0]
        true, _ = noised(latents.repeat(PIECES, 1, 1, 1), noise.repeat(PIECES, 1, 1, 1), angles)
        swap = wide((torch.rand(len(pieces), device=ids.device) < NOISED) & (pieces > 0))
        starts = torch.where(swap, true, own)
        ends = self.walk(starts, pieces, words.repeat(PIECES, 1, 1))
        truth = towards(starts, ends, angles, self.angles[pieces, -1])
        return starts, ids.repeat(PIECES, 1), pieces, truth

    def roll(self, noise: Tensor, words: Tensor) -> list[Tensor]:
        """Where the student is at the start of each piece, from noise [n, 4, h, w]."""
        places = [noise]
        for piece in range(PIECES - 1):
            steps = self.steps[piece, :1].expand(len(noise))
            velocity = self.teacher.velocity(self.student, places[-1], steps, words)
            angles = self.angles[piece].expand(len(noise), -1)
            places.append(turn(places[-1], velocity, angles[:, 0], angles[:, -1]))
        return places

    def walk(self, starts: Tensor, pieces: Tensor, words: Tensor) -> Tensor:
        """Where the teacher with guidance comes to from starts [n, 4, h, w] at ends of pieces.

        By DPM-Solver++(2M), which leans towards where the clean picture is moving (Lu et al.,
        arXiv:2211.01095).
        """
        both = torch.cat([self.nothing.expand_as(words), words])
        place, before = starts, starts
        for stop in range(WALK):
            steps = self.steps[pieces, stop].repeat(2)
            said = self.teacher.velocity(self.teacher.unet, place.repeat(2, 1, 1, 1), steps, both)
            without, told = said.chunk(2)
            velocity = without + base.GUIDANCE * (told - without)
            here, there = wide(self.angles[pieces, stop]), wide(self.angles[pieces, stop + 1])
            clean = here.cos() * place - here.sin() * velocity
            ahead = clean + wide(self.leans[pieces, stop]) * (clean - before)
            noise = (place - here.cos() * ahead) / here.sin()
            place, before = there.cos() * ahead + there.sin() * noise, clean
        return place

    def state(self) -> dict[str, Any]:
        return self.learner.state()

    def restore(self, state: dict[str, Any]) -> None:
        self.learner.restore(state)

    def sheet(self, path: Path) -> None:
        """The teacher's pictures and, below, the drafts of the same noise."""
        slow = paint(self.teacher, self.prompts, steps=2 * PIECES if len(self.prompts) == 1 else 20)
        with self.learner.averaged():
            fast = paint(
                self.teacher,
                self.prompts,
                unet=self.student,
                scheduler="DDIMScheduler",
                steps=PIECES,
                guidance=1.0,
            )
        words = [f"20 steps: {p}" for p in self.prompts] + [f"draft: {p}" for p in self.prompts]
        sheets.contact_sheet(slow + fast, words, path, columns=len(self.prompts))

    def export(self, folder: Path) -> None:
        lora.save(self.learner.weights(), folder)

    def close(self) -> None:
        self.source.close()


def path(angles: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The teacher's steps, and what it needs of their noise, for every piece.

    angles: [1000] of all steps. Returns steps, int64 [4, walk]; angles at them and at the end of
    the piece, which for the last is step 0 (set_alpha_to_one is off), float32 [4, walk + 1]; and
    how far the solver leans ahead at each step, float32 [4, walk].
    """
    count = len(angles)
    bounds = [
        [round(count * (1 - (piece + stop / WALK) / PIECES)) - 1 for stop in range(WALK + 1)]
        for piece in range(PIECES)
    ]
    stops = torch.tensor(bounds, device=angles.device)
    chosen = angles[stops.clamp(min=0)]
    strides = -chosen.tan().log().diff(dim=1)
    leans = torch.zeros_like(strides)
    leans[:, 1:] = strides[:, 1:] / strides[:, :-1] / 2
    leans[-1, -1] = 0.0  # the step to the clean picture is too long to lean
    return stops[:, :-1], chosen, leans


def turn(place: Tensor, velocity: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """A step of DDIM from one angle [n] to another: a rotation in the plane of place and velocity.

    With x = cos a * clean + sin a * noise and v = cos a * noise - sin a * clean, the step to angle
    b is cos b * clean + sin b * noise = cos(a - b) * x - sin(a - b) * v.
    """
    far = wide(start - end)
    return far.cos() * place - far.sin() * velocity


def towards(start: Tensor, end: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """The velocity with which `turn` gets from start to end [n, 4, h, w], at these angles [n]."""
    far = wide(first - last)
    return (far.cos() * start - end) / far.sin()


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of those values [n] that the mask [n] picks; 0 if none."""
    return (values * mask).sum() / mask.sum().clamp(min=1)
