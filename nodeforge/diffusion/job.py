"""One drawing, as it was asked for, and whether its pieces fit together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nodeforge.base.numbers import written
from nodeforge.diffusion import controls, fitting, recipes, samplers
from nodeforge.diffusion.family import Family
from nodeforge.errors import BadModel, BadValue
from nodeforge.imaging import sizes
from nodeforge.values import Conditioning, Control, Image, Latent, Mask, Model

SEEDS = 2**64  # as many as torch's generators tell apart
Step = Callable[[int, int, Callable[[], Image] | None], None]  # as Run.step


@dataclass(frozen=True)
class Settings:
    """seed: of the first picture; the next has seed + 1, and after 2^64 - 1 comes 0. strength: 1
    starts from pure noise.

    start, end: which part of the schedule is drawn, from 0 (pure noise) to 1. Ending before 1
    leaves noise in, for a Sample that starts there; starting after 0 adds none, and strength does
    nothing.
    """

    seed: int = 0
    steps: int = 20
    guidance: float = 5.0
    sampler: str = samplers.MODEL_DEFAULT
    schedule: str = samplers.DEFAULT
    strength: float = 1.0
    start: float = 0.0
    end: float = 1.0

    @property
    def whole(self) -> bool:
        """Whether all of the schedule is drawn."""
        return self.start <= 0 and self.end >= 1


@dataclass(frozen=True, eq=False)
class Job:
    """One call of `sampling.sample`, and what follows from it."""

    model: Model
    positive: Conditioning
    negative: Conditioning | None
    latent: Latent
    settings: Settings
    step: Step
    controls: Sequence[Control] = ()
    mask: Mask | None = None

    @property
    def family(self) -> Family:
        return recipes.family(self.model)

    @property
    def batch(self) -> int:
        return self.latent.batch if self.latent.samples is None else len(self.latent.samples)

    @property
    def seeds(self) -> list[int]:
        return [(self.settings.seed + number) % SEEDS for number in range(self.batch)]

    @property
    def start(self) -> Tensor | None:
        """The latents to start from, if they are to be kept in part."""
        goes_on = self.settings.start > 0
        kept = self.settings.strength < 1 or self.mask is not None or goes_on
        return self.latent.samples if kept else None

    @property
    def steps(self) -> int:
        """How many steps are really taken; the reference rounds down, too."""
        if not self.settings.whole:
            return self._steps_between
        share = 1.0 if self.start is None else self.settings.strength
        steps = self.settings.steps
        if self.family.call.flow:  # the reference rounds there the other way
            return steps - int(max(steps - min(steps * share, steps), 0))
        return min(int(steps * share), steps)

    @cached_property
    def _steps_between(self) -> int:
        """Steps of the schedule's part, as the reference counts: by their times."""
        wanted = self.settings
        config = recipes.config(self.model, "scheduler")
        scheduler = samplers.build(wanted.sampler, wanted.schedule, config, wanted.steps)
        scheduler.set_timesteps(wanted.steps)
        times = [float(time) for time in scheduler.timesteps]
        share = 1.0 if self.start is None or wanted.start > 0 else wanted.strength
        times = times[len(times) - int(len(times) * share) :]
        whole = int(scheduler.config.num_train_timesteps)
        first, last = (round(whole - whole * part) for part in (wanted.start, wanted.end))
        calls = sum(
            (wanted.start <= 0 or time < first) and (wanted.end >= 1 or time >= last)
            for time in times
        )
        return math.ceil(calls / int(scheduler.order))

    @property
    def idle(self) -> bool:
        """Whether nothing is to change: too little strength, or a mask that is black."""
        return self.steps < 1 or (self.mask is not None and not self.cells.any())

    @property
    def _channels(self) -> int:
        return int(recipes.config(self.model, self.family.pipelines.denoiser)["in_channels"])

    @property
    def fills(self) -> bool:
        """Whether the model was trained to draw under a mask, and does nothing else. A UNet then
        sees noise, picture and mask."""
        vae = recipes.config(self.model, "vae")
        return (
            self.family.limits.fills or self._channels == 2 * int(vae.get("latent_channels", 0)) + 1
        )

    @cached_property
    def filled(self) -> bool:
        """Whether what is under the mask is drawn from nothing: a control sees around it."""
        whole = self.mask is not None and self.settings.strength >= 1
        return whole and any(controls.fills(control) for control in self.controls)

    @property
    def cell(self) -> int:
        """Pixels of a latent cell."""
        return factor(self.model)

    @property
    def true(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self.latent.width, self.latent.height

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of what is drawn: in whole cells that hold the picture."""
        cell, samples = self.cell, self.latent.samples
        if samples is not None:
            return samples.shape[-1] * cell, samples.shape[-2] * cell
        return drawn_size(self.model, *self.true)

    @cached_property
    def cells(self) -> Tensor:
        """The mask, float32, (batch, 1, height, width) in pixels, 0 or 1, in whole latent cells.

        A cell is drawn anew where any pixel of it is at least half white, so that no thin stroke
        is lost: the reference looks at one pixel of each cell.
        """
        assert self.mask is not None
        (width, height), f = self.size, self.cell
        alpha = fitting.laid(self.mask.alpha[..., None], self.true, self.size)[..., 0]
        if self.family.limits.coarse:
            f *= self.family.latent.patch
        grid = alpha.reshape(-1, height // f, f, width // f, f).max((2, 4)) >= 0.5
        pixels = grid.repeat(f, 1).repeat(f, 2)[:, None]
        return torch.from_numpy(pixels.astype(np.float32))

    def check(self) -> None:
        """Raise BadValue or BadModel for what does not fit together."""
        self._check_size()
        self._check_part()
        check_space(self.model, self.latent, "Sample")
        for side, given in (("positive", self.positive), ("negative", self.negative)):
            if given is not None:
                self._check_prompt(side, given)
        if self.mask is not None:
            self._check_mask(self.mask)
        elif self.fills:
            raise BadValue(
                f"“{Path(self.model.path).name}” only fills what a mask shows: connect an encoded "
                f"picture to the latent of Sample, and a mask"
            )
        elif self.start is not None and not self.family.pipelines.image_to_image:
            raise BadModel(
                f"“{Path(self.model.path).name}” draws from nothing only: set the strength to 1, "
                f"or choose another model"
            )
        for control in self.controls:
            controls.check(control, self.model, self.batch, self.mask is not None)

    def _check_size(self) -> None:
        """Encode and an empty latent always fit; a latent of a pack may not."""
        if self.size != drawn_size(self.model, *self.size) or min(self.size) < 1:
            wide, high = self.size
            raise BadValue(
                f"The latent is {wide} by {high} px, but this model needs multiples of "
                f"{multiple(self.model)}: encode the picture with this model"
            )

    def _check_part(self) -> None:
        wanted = self.settings
        if wanted.whole:
            return
        if not self.family.limits.splits:
            raise BadModel(
                f"{self.family.title} is drawn in one go: set the start of Sample to 0 and the "
                f"end to 1, or choose an SDXL model"
            )
        if wanted.start >= wanted.end:
            raise BadValue(
                f"Sample starts at {written(wanted.start)} and ends at {written(wanted.end)}: "
                f"make the start smaller than the end"
            )
        if wanted.start > 0 and self.latent.samples is None:
            raise BadValue(
                f"There is nothing to go on with at {written(wanted.start)}: connect a Sample "
                f"that ends there to the latent, or set the start to 0"
            )
        if not self.steps:
            raise BadValue(
                f"None of the {wanted.steps} steps lies between {written(wanted.start)} and "
                f"{written(wanted.end)}: take more steps"
            )

    def _check_prompt(self, side: str, given: Conditioning) -> None:
        reads = self.family.text.read_width(
            recipes.config(self.model, self.family.pipelines.denoiser)
        )
        if self.family.text.encoded_width(given.tensors) != reads or given.family != self.family.id:
            raise BadModel(
                f"The {side} prompt was encoded by another kind of model: connect the same "
                f"Load model to Prompt and Sample"
            )
        size = len(next(iter(given.tensors.values())))
        if size not in (1, self.batch):
            raise BadValue(
                f"There are {size} {side} prompts for {self.batch} pictures: give one, "
                f"or one for each picture"
            )

    def _check_mask(self, mask: Mask) -> None:
        if self.latent.samples is None:
            raise BadValue(
                "A mask needs a picture to keep: connect Encode to the latent of Sample, or take "
                "the mask away"
            )
        if len(mask.alpha) not in (1, self.batch):
            raise BadValue(
                f"There are {len(mask.alpha)} masks for {self.batch} pictures: give one, or one "
                f"for each picture"
            )
        spoken = len(fitting.pictures(self.positive.reference))
        if spoken > 1 and not self.family.beside:
            raise BadValue(
                "Under a mask the words may speak of one picture only: connect no more to the "
                "reference of Prompt"
            )
        channels = self.latent.samples.shape[1]
        known = (channels, channels * self.family.latent.patch**2)
        if not self.family.pipelines.inpaint or not (self.fills or self._channels in known):
            raise BadModel(
                f"NodeForge cannot draw under a mask with “{Path(self.model.path).name}” yet: take "
                f"the mask away, or choose another model"
            )


def check_space(model: Model, latent: Latent, station: str) -> None:
    """Raise BadModel for a latent of another kind of model."""
    if latent.samples is not None and latent.family not in ("", space(model)):
        raise BadModel(
            f"This latent comes from another kind of model: connect the Load model it was made "
            f"with to {station}, or decode it there and encode it here"
        )


def space(model: Model) -> str:
    """What must match for a latent to be understood."""
    family = recipes.family(model)
    return f"{family.id} {family.latent.space(recipes.config(model, 'vae'))}"


def factor(model: Model) -> int:
    """Pixels of a latent cell."""
    return recipes.family(model).latent.factor(recipes.config(model, "vae"))


def drawn_size(model: Model, width: int, height: int) -> tuple[int, int]:
    """The least width and height that this model can draw and that hold a picture of this size."""
    cell = multiple(model)
    return sizes.whole(width, cell), sizes.whole(height, cell)


def multiple(model: Model) -> int:
    """Pixels in whose multiples a model draws: whole patches, and what its pipeline asks for."""
    family = recipes.family(model)
    return math.lcm(factor(model) * family.latent.patch, family.limits.multiple)
