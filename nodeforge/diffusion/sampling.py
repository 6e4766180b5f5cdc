"""The stations of a pipeline: encode a prompt, sample, decode, encode. Family-neutral.

Each runs the reference pipeline of diffusers held hollow, with only the components it needs, so
that a picture made through the stations is bitwise the one the whole pipeline makes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image as Pil
from torch import Tensor

from nodeforge.diffusion import (
    ahead,
    devices,
    embeddings,
    emphasis,
    fitting,
    memory,
    recipes,
    samplers,
    weights,
)
from nodeforge.diffusion.denoise import denoise
from nodeforge.diffusion.family import Pipeline
from nodeforge.diffusion.job import Job, Settings, Step, check_space, drawn_size, factor, space
from nodeforge.errors import BadModel, BadValue
from nodeforge.graph.wording import wording
from nodeforge.imaging import alpha, sizes
from nodeforge.imaging.alpha import Background
from nodeforge.values import Conditioning, Control, Drawn, Image, Latent, Mask, Model

__all__ = ["Settings", "decode", "encode", "encode_prompt", "sample"]

_USUAL = Settings()
log = logging.getLogger(__name__)


def _quiet(done: int, steps: int, preview: Callable[[], Image] | None) -> None: ...


@torch.inference_mode()
def encode_prompt(model: Model, text: str, reference: Sequence[Image] = ()) -> Conditioning:
    """The prompt as the denoiser reads it. Tensors stay on the CPU, where caches keep them.

    reference: pictures that the prompt speaks of, for models that edit. Raises BadModel for a
    model that needs them, or cannot read them or so many.

    Weights act and comments are left out, as `graph.wording` reads them; a prompt without either
    is encoded just as the reference does.
    """
    family, read = recipes.family(model), wording(text)
    pictures = fitting.pictures(reference)
    _check_reference(model, pictures)

    def work() -> Mapping[str, Tensor]:
        with ExitStack() as stack:
            names = [name for name in family.text.components if recipes.has(model, name)]
            parts = {n: stack.enter_context(weights.using(model, n)) for n in names}
            if len(names) < len(family.text.components):  # what is read without is as wide as ever
                config = recipes.config(model, family.pipelines.denoiser)
                parts[family.pipelines.denoiser] = weights.StandIn(config)
            parts = embeddings.taught(model, parts)
            pipeline = weights.hollow(model, family.pipelines.text_to_image, **parts)
            _say_what_is_cut(pipeline, read.plain)
            tensors = family.text.encode_prompt(
                pipeline, read.plain, devices.device().torch, pictures
            )
            if read.weighted and family.limits.weighs:
                empty = family.text.encode_prompt(pipeline, "", devices.device().torch, pictures)
                marks = emphasis.marks(pipeline, family.text.tokenizers, read)
                tensors = emphasis.weighed(tensors, empty, marks)
            return {name: tensor.cpu() for name, tensor in tensors.items()}

    ahead.begin(model)
    for fault in read.faults[:1]:
        log.warning("%s", fault.message)
    if read.weighted and not family.limits.weighs:
        log.warning("%s reads words without weights: these are left out", family.title)
    ways = [("as it is", work), ("with nothing else loaded", work)]
    tensors = memory.fitted("reading the prompt", "close other programs", ways)
    return Conditioning(tensors, family.id, text, tuple(reference))


def _why_idle(job: Job) -> str:
    if job.steps >= 1:
        return "The mask is black everywhere: nothing is drawn anew"
    wanted = job.settings
    return (
        f"{wanted.steps} steps at a strength of {wanted.strength:g} are less than one: nothing is "
        f"drawn; take more steps, or more strength"
    )


def _possible(job: Job) -> Settings:
    """With a sampler and a schedule that the model has, so that another one can take its place."""
    config, wanted = recipes.config(job.model, "scheduler"), job.settings
    keeps = job.start is not None
    sampler, schedule, note = samplers.fitted(wanted.sampler, wanted.schedule, config, keeps)
    if note:
        log.warning("%s", note)
    return replace(wanted, sampler=sampler, schedule=schedule)


def _avoided(job: Job) -> Conditioning | None:
    """What to guide away from, if at all."""
    family, model, given = job.family, job.model, job.negative
    if not family.limits.negates and given is not None and given.text:
        log.warning("%s takes no negative prompt: this one is left out", family.title)
    if not family.limits.negates or job.settings.guidance <= 1:
        return None
    if given is not None:
        return given
    if family.text.zeros and recipes.index(model).get("force_zeros_for_empty_prompt", True):
        tensors = job.positive.tensors
        return replace(job.positive, tensors={n: torch.zeros_like(t) for n, t in tensors.items()})
    return encode_prompt(model, "", job.positive.reference)


def _check_reference(model: Model, pictures: Sequence[Pil.Image]) -> None:
    family, name = recipes.family(model), Path(model.path).name
    most, count = family.edit.references, len(pictures)
    if count and not most:
        raise BadModel(f"“{name}” reads words only: take the reference away from Prompt")
    if most and family.edit.needs_reference and not count:
        raise BadModel(f"“{name}” edits pictures: connect one to the reference of Prompt")
    if count > most:
        raise BadModel(f"“{name}” reads {most} pictures at most, not {count}: take some away")
    if any(min(picture.size) < family.edit.least_reference for picture in pictures):
        raise BadValue(
            f"“{name}” reads pictures of {family.edit.least_reference} px or more on a side: make "
            f"the reference larger first"
        )


@torch.inference_mode()
def sample(
    model: Model,
    positive: Conditioning,
    negative: Conditioning | None,
    latent: Latent,
    settings: Settings = _USUAL,
    step: Step = _quiet,
    *,
    controls: Sequence[Control] = (),
    mask: Mask | None = None,
) -> Latent:
    """Denoise `latent`, which is only a size, or (strength < 1) the picture to start from.

    controls: hints to follow; they add up. mask: the picture in `latent` stays where it is black
    and is drawn anew where it is white, in whole latent cells. Outside them its latents come back
    unchanged. At every step they are mixed in with as much noise as belongs there, as the
    reference does for models that were not trained to inpaint.

    step(done, steps, preview) is called after every step; what it raises ends the run at once and
    leaves everything usable. Without a negative prompt, guidance is away from the empty prompt.

    settings.end below 1 leaves noise in the latent; another call, of a refiner perhaps, goes on
    with it from settings.start.

    Raises BadValue for settings that do not fit together, BadModel for a conditioning or latent of
    another kind of model, MemoryFull.
    """
    job = Job(model, positive, negative, latent, settings, step, controls, mask)
    job = replace(job, settings=_possible(job))
    job.check()
    if (start := job.start) is not None and job.idle:
        if settings.strength > 0:
            log.warning("%s", _why_idle(job))
        return replace(latent, samples=start, drawn=Drawn())
    negative = _avoided(job)

    def work(at_once: int = job.batch) -> Tensor:
        groups = [range(n, n + at_once) for n in range(0, job.batch, at_once)]
        return torch.cat([denoise(job, numbers, negative) for numbers in groups])

    ways: list[memory.Way[Tensor]] = [("as it is", work), ("with nothing else loaded", work)]
    if job.batch > 1:
        ways.append(("one picture at a time", lambda: work(at_once=1)))
    if devices.device().kind == "cuda":
        slow = memory.squeezed(lambda: work(at_once=1))
        ways.append(("with blocks coming in turns from main memory", slow))
    rows = job.batch * (2 if negative else 1)
    itemsize = weights.precision(model).itemsize
    samples = memory.fitted(
        f"drawing {job.batch} at {job.size[0]} by {job.size[1]} px",
        "make the picture smaller, the batch smaller, or choose a smaller model",
        ways,
        working=memory.denoising(
            *job.size, rows, itemsize, unet=job.family.pipelines.denoiser == "unet"
        ),
    )
    config = recipes.config(model, "scheduler")
    names = samplers.named(job.settings.sampler, job.settings.schedule, config)
    drawn = Drawn(*names, job.family.limits.negates)
    seeds = tuple(job.seeds)
    return Latent(latent.width, latent.height, job.batch, samples, space(model), seeds, drawn)


@torch.inference_mode()
def decode(model: Model, latent: Latent) -> Image:
    """Latents to pictures, in their own size: what fills up the last cells is cut off.

    Raises BadValue for an empty latent, BadModel, MemoryFull.
    """
    if latent.samples is None:
        raise BadValue("This latent is empty, only a size: send it through Sample first")
    family = recipes.family(model)
    check_space(model, latent, "Decode")

    def work(tile: bool = False, one: bool = False) -> Image:
        vae = weights.component(model, "vae")
        assert latent.samples is not None
        parts = _split(latent.samples) if one or tile else [latent.samples]
        with _tiling(vae, tile):
            done = [_pixels(model, family.latent.decode(vae, _for(vae, model, p))) for p in parts]
        shown = [part[:, : latent.height, : latent.width] for part in done]
        return Image(np.concatenate(shown), latent.seeds)

    ways: list[memory.Way[Image]] = [
        ("as it is", work),
        ("with nothing else loaded", work),
        ("one picture at a time", lambda: work(one=True)),
        ("in tiles", lambda: work(tile=True)),
    ]
    channels = int((recipes.config(model, "vae").get("block_out_channels") or [128])[0])
    cell = factor(model)
    size = (latent.samples.shape[-1] * cell, latent.samples.shape[-2] * cell)
    itemsize = weights.precision(model, "vae").itemsize
    least = memory.decoding(*size, 1, itemsize, channels)
    if devices.device().kind == "cuda" and least > devices.room():
        ways = ways[-1:]  # no other way can fit
    return memory.fitted(
        f"decoding {latent.width} by {latent.height} px",
        "make the picture smaller, or close other programs that use the device",
        ways,
        working=memory.decoding(*size, latent.batch, itemsize, channels),
    )


@torch.inference_mode()
def encode(model: Model, image: Image, background: Background = "white") -> Latent:
    """Pictures to latents, by the mode of the VAE's distribution.

    What is transparent shows the background. A size that is no multiple of what the model draws is
    filled up at the right and the bottom, so that no pixel moves; Decode cuts that off.
    Raises MemoryFull.
    """
    family = recipes.family(model)
    width, height = drawn_size(model, image.width, image.height)
    pixels = sizes.pad(alpha.flatten(image.pixels, background), width, height)
    pictures = torch.from_numpy(np.ascontiguousarray(pixels)).movedim(-1, 1) * 2 - 1

    def work(tile: bool = False) -> Tensor:
        vae = weights.component(model, "vae")
        with _tiling(vae, tile):
            done = [family.latent.encode(vae, _for(vae, model, p)).cpu() for p in _split(pictures)]
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
    return Latent(image.width, image.height, image.batch, samples, space(model), image.seeds)


def _say_what_is_cut(pipeline: Pipeline, text: str) -> None:
    """Only what CLIP alone reads is short enough to be cut in earnest."""
    import transformers

    tokenizer = pipeline.tokenizer
    names = [name for name in pipeline.components if name.startswith("tokenizer")]
    if not all(isinstance(getattr(pipeline, n), transformers.CLIPTokenizer) for n in names):
        return
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


def _for(vae: Any, model: Model, tensor: Tensor) -> Tensor:
    """Where the model works, as precise as its VAE."""
    return weights.placed(model, tensor).to(vae.dtype)


def _split(tensor: Tensor) -> list[Tensor]:
    return [tensor[number : number + 1] for number in range(len(tensor))]


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
