"""The denoising itself: the reference pipeline, held hollow and watched step by step."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nodeforge.diffusion import (
    branches,
    controls,
    fitting,
    previews,
    recipes,
    samplers,
    spoken,
    weights,
)
from nodeforge.diffusion.family import Pipeline
from nodeforge.diffusion.job import Job
from nodeforge.diffusion.telling import Teller
from nodeforge.values import Conditioning


def denoise(job: Job, numbers: Sequence[int], negative: Conditioning | None) -> Tensor:
    """Samples, on the CPU, of the pictures with these numbers in the batch.

    negative: what to guide away from; without it there is no guidance. What job.step raises ends
    it, and nothing that is shared was changed.
    """
    family, model = job.family, job.model
    with weights.using(model, family.pipelines.denoiser) as denoiser:
        count = _Count()
        pipeline = _pipeline(job, numbers, denoiser, count)
        colours = previews.colours(Path(model.path), family.latent.colours)
        seen = (job.latent.width / job.cell, job.latent.height / job.cell)
        teller = Teller(job.step, job.steps, colours, seen)
        _watch(pipeline, job, count, teller)
        takes = inspect.signature(pipeline.__call__).parameters
        words = {n: v for n, v in _words(job, numbers, negative).items() if n in takes}
        samples: Tensor = pipeline(**words).images
        teller.finish()
    grid = family.latent.as_grid(samples, *_grid(job)).cpu()
    if job.filled:
        assert job.start is not None
        drawn = fitting.chosen(job.cells, numbers)[..., :: job.cell, :: job.cell] > 0
        grid = torch.where(drawn, grid, job.start[list(numbers)].to(grid.dtype))
    return grid


@dataclass
class _Count:
    """How many steps the scheduler has taken."""

    steps: int = 0


def _pipeline(job: Job, numbers: Sequence[int], denoiser: Any, count: _Count) -> Pipeline:
    family, model, wanted = job.family, job.model, job.settings
    config = recipes.config(model, "scheduler")
    parts: dict[str, Any] = {
        "scheduler": samplers.build(wanted.sampler, wanted.schedule, config, wanted.steps)
    }
    cls = family.pipelines.text_to_image
    starts = job.start is not None and not job.filled
    if starts:
        cls = family.pipelines.inpaint if job.mask is not None else family.pipelines.image_to_image
    if starts and job.positive.reference and family.beside:
        pictures = fitting.pictures(job.positive.reference)
        denoiser = spoken.shown(model, denoiser, pictures, job.cell)
        parts["vae"] = weights.StandIn(recipes.config(model, "vae"))
    elif job.positive.reference:
        vae = weights.component(model, "vae")
        parts["vae"] = weights.Even(vae, lambda: count.steps > 0) if family.latent.scales else vae
    elif starts or family.latent.scales:
        parts["vae"] = weights.StandIn(recipes.config(model, "vae"))
    if job.controls:
        scene = _scene(job, numbers)
        hints = [
            (c, controls.followed(c, model, denoiser, numbers, job.true, job.size, scene))
            for c in job.controls
        ]
        denoiser = controls.Guided(denoiser, hints, lambda: count.steps, lambda: _calls(pipeline))
    pipeline = weights.hollow(model, cls, **{family.pipelines.denoiser: denoiser}, **parts)
    family.call.fix_pipeline(pipeline)
    return pipeline


def _words(job: Job, numbers: Sequence[int], negative: Conditioning | None) -> dict[str, Any]:
    """What the pipeline is called with."""
    wanted, (width, height) = job.settings, job.size
    words: dict[str, Any] = {
        **_tensors(job, job.positive, numbers, ""),
        **(_tensors(job, negative, numbers, "negative_") if negative else {}),
        "num_inference_steps": wanted.steps,
        **job.family.call.guidance_kwargs(wanted.guidance),
        # One generator per picture, on the CPU: the same noise on every device, and the k-th
        # picture of a batch can be made alone.
        "generator": [torch.Generator().manual_seed(job.seeds[number]) for number in numbers],
        "output_type": "latent",
        "width": width,
        "height": height,
        "denoising_start": wanted.start if wanted.start > 0 else None,
        "denoising_end": wanted.end if wanted.end < 1 else None,
        "max_area": width * height,
        "intermediate_timesteps": 1.3 if wanted.steps == 2 else None,  # others have no middle
        "num_images_per_prompt": len(numbers) if job.family.edit.repeats else 1,
        **job.family.call.call_kwargs,
    }
    if job.positive.reference:
        pictures = fitting.pictures(job.positive.reference)
        # a list of one is not what one is: the first editor of Qwen would not scale it
        words["image"] = pictures if job.family.edit.references > 1 else pictures[0]
    if job.start is not None and not job.filled:
        start = weights.placed(job.model, job.start[list(numbers)])
        if "image" in words:
            words["image_reference"] = words["image"]
        words |= {"image": job.family.latent.to_start(start), "strength": wanted.strength}
        if job.mask is not None:
            mask = fitting.chosen(job.cells, numbers)
            covered = start
            if job.fills:
                bare = _bare(job, start, mask)
                covered = job.family.latent.fill_latents(bare, mask.to(bare))
            words |= {"mask_image": mask, "masked_image_latents": covered}
    return words


def _scene(job: Job, numbers: Sequence[int]) -> branches.Scene | None:
    """For controls that see it."""
    if job.start is None or job.mask is None or not any(map(controls.fills, job.controls)):
        return None
    start = weights.placed(job.model, job.start[list(numbers)])
    mask = fitting.chosen(job.cells, numbers)
    return branches.Scene(_bare(job, start, mask), mask.to(start))


def _bare(job: Job, start: Tensor, mask: Tensor) -> Tensor:
    """Latents of the picture with nothing under the mask, for networks that were trained to fill.
    The picture is what its latents decode to."""
    vae, family = weights.component(job.model, "vae"), job.family
    mask = mask.to(start.device, vae.dtype)
    seen = family.latent.decode(vae, start.to(vae.dtype)).contiguous() * (mask < 0.5)
    # one at a time, as Encode does: kernels add up in another order for more or other strides
    bare = torch.cat([family.latent.encode(vae, seen[n : n + 1]) for n in range(len(seen))])
    return bare.to(start.dtype)


def _tensors(job: Job, given: Conditioning, numbers: Sequence[int], prefix: str) -> dict[str, Any]:
    """Conditioning by argument names, one row for each picture.

    Where a family reads what to avoid otherwise than what to draw, both are there.
    """
    found = {}
    for name in (n for n in given.tensors if not n.startswith("negative_")):
        own = given.tensors.get(prefix + name, given.tensors[name])
        rows = fitting.chosen(own, numbers)
        if not job.family.edit.repeats:
            rows = rows.repeat(len(numbers) // len(rows), *[1] * (rows.ndim - 1))
        found[name] = weights.placed(job.model, rows)
    return {prefix + name: value for name, value in job.family.call.to_call(found).items()}


def _watch(pipeline: Pipeline, job: Job, count: _Count, teller: Teller) -> None:
    """Report every step by wrapping scheduler.step, which every pipeline calls.

    Solvers of second order call it more often than they have steps. `wraps` keeps the signature,
    which pipelines inspect to learn whether it takes a generator.
    """
    scheduler, plain = pipeline.scheduler, pipeline.scheduler.step

    @functools.wraps(plain)
    def watched(output: Tensor, t: Any, sample: Tensor, *args: Any, **words: Any) -> Any:
        result = plain(output, t, sample, *args, **words)
        count.steps += 1

        def grid() -> Tensor:
            guess = previews.clean(scheduler, output, t, sample)
            return job.family.latent.as_grid(guess, *_grid(job))

        done = math.ceil(count.steps * job.steps / max(_calls(pipeline), count.steps))
        teller.tell(done, sample.device.type, grid)
        return result

    scheduler.step = watched


def _grid(job: Job) -> tuple[int, int]:
    """Columns and rows of latent cells."""
    return job.size[0] // job.cell, job.size[1] // job.cell


def _calls(pipeline: Pipeline) -> int:
    """How often the denoiser is asked in all; PixArt does not say."""
    return int(getattr(pipeline, "num_timesteps", None) or len(pipeline.scheduler.timesteps))
