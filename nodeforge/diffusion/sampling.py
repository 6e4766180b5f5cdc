"""The stations of a pipeline: encode a prompt, sample, decode, encode. Family-neutral.

Each runs the reference pipeline of diffusers held hollow, with only the components it needs, so
that a picture made through the stations is bitwise the one the whole pipeline makes.
"""

from __future__ import annotations

import functools
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nodeforge.diffusion import devices, memory, previews, recipes, samplers, weights
from nodeforge.diffusion.family import Colours, Family, Pipeline
from nodeforge.errors import BadModel, BadValue
from nodeforge.values import Conditioning, Image, Latent, Model

Step = Callable[[int, int, Callable[[], Image] | None], None]  # as Run.step
log = logging.getLogger(__name__)


def _quiet(done: int, steps: int, preview: Callable[[], Image] | None) -> None: ...


@dataclass(frozen=True)
class Settings:
    """seed: of the first picture; the next has seed + 1. strength: 1 starts from pure noise."""

    seed: int = 0
    steps: int = 20
    guidance: float = 5.0
    sampler: str = samplers.MODEL_DEFAULT
    schedule: str = samplers.DEFAULT
    strength: float = 1.0


@torch.inference_mode()
def encode_prompt(model: Model, text: str) -> Conditioning:
    """The prompt as the denoiser reads it. Tensors stay on the CPU, where caches keep them."""
    family = recipes.family(model)

    def work() -> Mapping[str, Tensor]:
        parts = {name: weights.component(model, name) for name in family.text}
        pipeline = weights.hollow(model, family.text_to_image, **parts)
        _say_what_is_cut(pipeline, text)
        tensors = family.encode_prompt(pipeline, text, devices.device().torch)
        return {name: tensor.cpu() for name, tensor in tensors.items()}

    ways = [("as it is", work), ("with nothing else loaded", work)]
    tensors = memory.fitted("reading the prompt", "close other programs", ways)
    return Conditioning(tensors, family.id, text)


@torch.inference_mode()
def sample(
    model: Model,
    positive: Conditioning,
    negative: Conditioning | None,
    latent: Latent,
    settings: Settings = Settings(),
    step: Step = _quiet,
) -> Latent:
    """Denoise `latent`, which is only a size, or (strength < 1) the picture to start from.

    step(done, steps, preview) is called after every step; what it raises ends the run at once and
    leaves everything usable. Without a negative prompt, guidance is away from the empty prompt.

    Raises BadValue for settings that do not fit together, BadModel for a conditioning or latent of
    another kind of model, MemoryFull.
    """
    job = _Job(model, positive, negative, latent, settings, step)
    job.check()
    if (start := job.start) is not None and job.steps < 1:
        return replace(latent, samples=start)
    numbers = list(range(job.batch))
    ways = [
        ("as it is", lambda: _denoise(job, numbers)),
        ("with nothing else loaded", lambda: _denoise(job, numbers)),
    ]
    if job.batch > 1:
        ways.append(("one picture at a time", lambda: _one_by_one(job)))
    samples = memory.fitted(
        f"drawing {job.batch} at {latent.width} by {latent.height} px",
        "make the picture smaller, the batch smaller, or choose a smaller model",
        ways,
    )
    return Latent(latent.width, latent.height, job.batch, samples, job.space, tuple(job.seeds))


@torch.inference_mode()
def decode(model: Model, latent: Latent) -> Image:
    """Latents to pictures. Raises BadValue for an empty latent, BadModel, MemoryFull."""
    if latent.samples is None:
        raise BadValue("This latent is empty, only a size: send it through Sample first")
    family = recipes.family(model)
    _check_space(model, latent, "Decode")

    def work(tile: bool = False, one: bool = False) -> Image:
        vae = weights.component(model, "vae")
        assert latent.samples is not None
        parts = _split(latent.samples) if one or tile else [latent.samples]
        with _tiling(vae, tile):
            done = [_pixels(model, family.decode(vae, _placed(model, p))) for p in parts]
        return Image(np.concatenate(done), latent.seeds)

    return memory.fitted(
        f"decoding {latent.width} by {latent.height} px",
        "make the picture smaller, or close other programs that use the device",
        [
            ("as it is", work),
            ("with nothing else loaded", work),
            ("one picture at a time", lambda: work(one=True)),
            ("in tiles", lambda: work(tile=True)),
        ],
    )


@torch.inference_mode()
def encode(model: Model, image: Image) -> Latent:
    """Pictures to latents, by the mode of the VAE's distribution. Alpha is ignored.

    What does not fill a whole latent cell is cropped, the same on both sides. Raises BadValue if
    nothing is left, MemoryFull.
    """
    family = recipes.family(model)
    cell = _factor(model)
    height, width = image.height // cell * cell, image.width // cell * cell
    if not height or not width:
        raise BadValue(f"This picture is smaller than {cell} by {cell} px: make it larger first")
    top, left = (image.height - height) // 2, (image.width - width) // 2
    pixels = image.pixels[:, top : top + height, left : left + width, :3]
    pictures = torch.from_numpy(np.ascontiguousarray(pixels)).movedim(-1, 1) * 2 - 1

    def work(tile: bool = False) -> Tensor:
        vae = weights.component(model, "vae")
        with _tiling(vae, tile):
            done = [family.encode(vae, _placed(model, p)).cpu() for p in _split(pictures)]
        return torch.cat(done)

    samples = memory.fitted(
        f"encoding {width} by {height} px",
        "make the picture smaller, or close other programs that use the device",
        [
            ("as it is", work),
            ("with nothing else loaded", work),
            ("in tiles", lambda: work(tile=True)),
        ],
    )
    return Latent(width, height, image.batch, samples, _space(model), image.seeds)


@dataclass(frozen=True)
class _Job:
    """One call of `sample`, and what follows from it."""

    model: Model
    positive: Conditioning
    negative: Conditioning | None
    latent: Latent
    settings: Settings
    step: Step

    @property
    def family(self) -> Family:
        return recipes.family(self.model)

    @property
    def batch(self) -> int:
        return self.latent.batch if self.latent.samples is None else len(self.latent.samples)

    @property
    def seeds(self) -> list[int]:
        return [self.settings.seed + number for number in range(self.batch)]

    @property
    def start(self) -> Tensor | None:
        """The latents to start from, if they are to be kept in part."""
        return self.latent.samples if self.settings.strength < 1 else None

    @property
    def steps(self) -> int:
        """How many steps are really taken; the reference rounds down, too."""
        share = 1.0 if self.start is None else self.settings.strength
        return min(int(self.settings.steps * share), self.settings.steps)

    @property
    def space(self) -> str:
        return _space(self.model)

    def check(self) -> None:
        cell, latent = _factor(self.model), self.latent
        for side, size in (("width", latent.width), ("height", latent.height)):
            if size % cell or size < cell:
                near = max(round(size / cell), 1) * cell
                raise BadValue(
                    f"The {side} is {size} px, but this model needs a multiple of {cell}: "
                    f"take {near}"
                )
        _check_space(self.model, latent, "Sample")
        reads = self.family.read_width(recipes.config(Path(self.model.path), self.family.denoiser))
        for side, given in (("positive", self.positive), ("negative", self.negative)):
            if given is None:
                continue
            if self.family.encoded_width(given.tensors) != reads or given.family != self.family.id:
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


def _one_by_one(job: _Job) -> Tensor:
    return torch.cat([_denoise(job, [number]) for number in range(job.batch)])


def _denoise(job: _Job, numbers: list[int]) -> Tensor:
    """Samples, on the CPU, of the pictures with these numbers in the batch."""
    family, model, wanted = job.family, job.model, job.settings
    root = Path(model.path)
    guided = wanted.guidance > 1
    negative = job.negative
    if guided and negative is None:
        negative = encode_prompt(model, "")
    denoiser = weights.component(model, family.denoiser)
    scheduler = samplers.build(
        wanted.sampler, wanted.schedule, recipes.config(root, "scheduler"), wanted.steps
    )
    cls = family.text_to_image if job.start is None else family.image_to_image
    pipeline = weights.hollow(model, cls, scheduler=scheduler, **{family.denoiser: denoiser})
    colours = previews.colours(root, family.colours)
    _watch(pipeline, job, colours)
    words: dict[str, Any] = {
        **_tensors(job, job.positive, numbers, ""),
        **(_tensors(job, negative, numbers, "negative_") if guided and negative else {}),
        "num_inference_steps": wanted.steps,
        "guidance_scale": wanted.guidance,
        # One generator per picture, on the CPU: the same noise on every device, and the k-th
        # picture of a batch can be made alone.
        "generator": [torch.Generator().manual_seed(job.seeds[number]) for number in numbers],
        "output_type": "latent",
    }
    if job.start is None:
        words |= {"width": job.latent.width, "height": job.latent.height}
    else:
        start = _placed(model, job.start[numbers])
        words |= {"image": start, "strength": wanted.strength}
    samples: Tensor = pipeline(**words).images
    return samples.cpu()


def _tensors(job: _Job, given: Conditioning, numbers: list[int], prefix: str) -> dict[str, Tensor]:
    """Conditioning by argument names, one row for each picture."""
    found = {}
    for name, tensor in given.tensors.items():
        rows = tensor[numbers] if len(tensor) > 1 else tensor.repeat(len(numbers), 1, 1)
        found[prefix + name] = _placed(job.model, rows)
    return found


def _watch(pipeline: Pipeline, job: _Job, colours: Colours) -> None:
    """Report every step by wrapping scheduler.step, which every pipeline calls.

    Solvers of second order call it more often than they have steps. `wraps` keeps the signature,
    which pipelines inspect to learn whether it takes a generator.
    """
    scheduler, plain = pipeline.scheduler, pipeline.scheduler.step
    calls = 0

    @functools.wraps(plain)
    def watched(output: Tensor, t: Any, sample: Tensor, *args: Any, **words: Any) -> Any:
        nonlocal calls
        result = plain(output, t, sample, *args, **words)
        calls += 1

        def preview() -> Image:
            guess = previews.clean(scheduler, output, t, sample)
            grid = job.family.as_grid(guess, job.latent.width, job.latent.height)
            return previews.picture(grid, colours)

        done = math.ceil(calls * job.steps / max(pipeline.num_timesteps, calls))
        job.step(done, job.steps, preview)
        return result

    scheduler.step = watched


def _say_what_is_cut(pipeline: Pipeline, text: str) -> None:
    tokenizer = pipeline.tokenizer
    ids = tokenizer(text, padding=False, truncation=False, verbose=False).input_ids
    limit = tokenizer.model_max_length
    if len(ids) > limit:
        cut = tokenizer.decode(ids[limit - 1 : -1]).strip()
        log.warning(
            "The prompt is %d words or parts of words too long, and the model ignores “%s”: "
            "shorten it",
            len(ids) - limit,
            cut,
        )


def _check_space(model: Model, latent: Latent, station: str) -> None:
    if latent.samples is not None and latent.family not in ("", _space(model)):
        raise BadModel(
            f"This latent comes from another kind of model: connect the Load model it was made "
            f"with to {station}, or decode it there and encode it here"
        )


def _space(model: Model) -> str:
    family = recipes.family(model)
    return f"{family.id} {family.space(recipes.config(Path(model.path), 'vae'))}"


def _factor(model: Model) -> int:
    return recipes.family(model).factor(recipes.config(Path(model.path), "vae"))


def _split(tensor: Tensor) -> list[Tensor]:
    return [tensor[number : number + 1] for number in range(len(tensor))]


def _placed(model: Model, tensor: Tensor) -> Tensor:
    return tensor.to(devices.device().torch, weights.precision(model))


def _pixels(model: Model, pictures: Tensor) -> np.ndarray[Any, np.dtype[np.float32]]:
    """-1 to 1 on the device to float32 (batch, height, width, 3), 0 to 1, as the reference."""
    if not bool(torch.isfinite(pictures).all()):
        raise BadModel(
            f"The VAE of “{Path(model.path).name}” overflows in {weights.precision(model)}: "
            f"set the precision of Load model to float32"
        )
    from diffusers.image_processor import VaeImageProcessor

    pixels = VaeImageProcessor().postprocess(pictures, output_type="np")
    return np.asarray(pixels, np.float32)


class _tiling:  # noqa: N801 - reads as a word in a with statement
    """Tiles for as long as the block runs: the VAE is shared."""

    def __init__(self, vae: Any, wanted: bool) -> None:
        self.vae, self.wanted = vae, wanted

    def __enter__(self) -> None:
        if self.wanted:
            self.vae.enable_tiling()

    def __exit__(self, *_: object) -> None:
        if self.wanted:
            self.vae.disable_tiling()
