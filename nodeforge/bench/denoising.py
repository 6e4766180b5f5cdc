"""Full-size denoisers through the Sample stage, next to the bare pipelines of diffusers."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from nodeforge import ways
from nodeforge.base.units import GB
from nodeforge.bench import fullsize
from nodeforge.errors import NodeForgeError
from nodeforge.values import Conditioning, Image, Latent, Model

Numbers = dict[str, float | str]
SWITCHES = 4  # steps of a run in which a LoRA's strength changes
LIMITED = 4  # runs with little memory, and with all of it, of which the fastest count


@dataclass(frozen=True)
class Bench:
    """One model, and how it is asked to draw."""

    model: Model
    size: int
    steps: int
    guidance: float
    positive: Conditioning
    negative: Conditioning

    def ours(self, steps: int = 0, model: Model | None = None, previews: bool = False) -> Any:
        """Latents by `sampling.sample`. previews: with a small picture at every step."""
        from nodeforge.diffusion import sampling

        def step(done: int, steps: int, preview: Callable[[], Image] | None) -> None:
            if previews and preview:
                preview()

        settings = sampling.Settings(7, steps or self.steps, self.guidance)
        return sampling.sample(
            model or self.model,
            self.positive,
            self.negative,
            Latent(self.size, self.size, 1),
            settings,
            step,
        ).samples

    def bare(self) -> Callable[[], Any]:
        """The pipeline of diffusers on the very same denoiser."""
        import torch

        from nodeforge.diffusion import recipes, samplers, weights

        model, family = self.model, recipes.family(self.model)
        denoiser = weights.component(model, family.pipelines.denoiser)
        config = recipes.config(model, "scheduler")
        given = {n: weights.placed(model, t) for n, t in self.positive.tensors.items()}
        if family.limits.negates:
            tensors = self.negative.tensors.items()
            given |= {f"negative_{n}": weights.placed(model, t) for n, t in tensors}

        @torch.inference_mode()
        def run() -> Any:
            scheduler = samplers.build(samplers.MODEL_DEFAULT, samplers.DEFAULT, config, self.steps)
            parts = {family.pipelines.denoiser: denoiser, "scheduler": scheduler}
            pipeline = weights.hollow(model, family.pipelines.text_to_image, **parts)
            samples = pipeline(
                **given,
                num_inference_steps=self.steps,
                guidance_scale=self.guidance,
                generator=[torch.Generator().manual_seed(7)],
                width=self.size,
                height=self.size,
                output_type="latent",
            ).images
            cells = self.size // family.latent.factor(recipes.config(model, "vae"))
            return family.latent.as_grid(samples, cells, cells).cpu()

        return run


def measure(
    family: str,
    size: int = 0,
    steps: int = 30,
    repeats: int = 7,
    precision: str = "bfloat16",
    compile: str = "",
    limit: str = "",
    config: Mapping[str, Any] | None = None,
) -> Numbers:
    """ratio_to_diffusers: our steps in a second over those of the bare pipeline, at least 0.98;
    with_previews: the same with a preview at every step. Ways take turns, forth and back; a ratio
    is the median of what each round says, since a small model on a fast GPU is bound by Python,
    whose pace drifts. ratio_of_best: of the fastest runs of each. ratio_plain: without replaying.

    compile: as NODEFORGE_COMPILE, for compiled_over_eager. limit: "half" of the memory it takes, or
    a size as NODEFORGE_GPU_LIMIT understands it, for limited_over_full (seconds over seconds).

    Raises NodeForgeError if the latents are not bitwise those of the bare pipeline.
    """
    import torch

    from nodeforge.diffusion import devices
    from nodeforge.diffusion.pool import pool

    kind = fullsize.KINDS[family]
    with tempfile.TemporaryDirectory() as folder:
        model = fullsize.build(family, Path(folder) / family, precision, config)
        bench = Bench(
            model,
            size or kind.size,
            steps,
            kind.guidance,
            fullsize.words(model, 1),
            fullsize.words(model, 2),
        )
        numbers = _in_turns(bench, repeats)
        loads = pool().counts.loaded
        numbers |= _memory(bench)
        bench.ours(1)
        numbers["second_run_loads"] = float(pool().counts.loaded - loads)
        numbers |= _lora(bench, Path(folder), repeats)
        if limit:
            numbers |= _limited(bench, limit, float(numbers.get("peak_gb", 0)))
        if compile:
            numbers |= _compiled(bench, compile, repeats)
    words = {"device": devices.device().name, "torch": torch.__version__, "precision": precision}
    return {"family": family, "size": float(bench.size), "steps": float(steps), **numbers, **words}


def _in_turns(bench: Bench, repeats: int) -> Numbers:
    import torch

    runs: dict[str, Callable[[], Any]] = {
        "bare": bench.bare(),
        "ours": bench.ours,
        "previews": lambda: bench.ours(previews=True),
        "plain": lambda: _set_to("off", bench.ours),
    }
    expected = runs["bare"]()
    times: dict[str, list[float]] = {name: [] for name in runs}
    for name, way in runs.items():  # once to warm up
        if not torch.equal(way(), expected):
            raise NodeForgeError(f"The latents of {name} are not the bare pipeline's.")
    for number in range(repeats):
        gc.collect()
        for name in tuple(runs)[:: -1 if number % 2 else 1]:
            times[name].append(_seconds(runs[name]))
    bare, ours, previews, plain = (times[name] for name in runs)
    return {
        "steps_per_second": bench.steps / median(ours),
        "steps_per_second_diffusers": bench.steps / median(bare),
        "ratio_to_diffusers": _ratio(bare, ours),
        "ratio_of_best": min(bare) / min(ours),
        "with_previews": _ratio(bare, previews),
        "ratio_plain": _ratio(bare, plain),
    }


def _set_to(how: str, way: Callable[[], Any]) -> Any:
    """As NODEFORGE_COMPILE."""
    before = os.environ.get(ways.COMPILE)
    os.environ[ways.COMPILE] = how
    try:
        return way()
    finally:
        if before is None:
            del os.environ[ways.COMPILE]
        else:
            os.environ[ways.COMPILE] = before


def _ratio(one: Sequence[float], other: Sequence[float]) -> float:
    """The median of the ratios, round by round."""
    return median(a / b for a, b in zip(one, other, strict=True))


def _memory(bench: Bench) -> Numbers:
    """reserved_ratio: of what is asked of the device, recordings and free pieces among it."""
    import torch

    from nodeforge.diffusion import graphs

    if not torch.cuda.is_available():
        return {}
    peaks, taken = [], []
    graphs.forget()
    for way in (bench.bare(), bench.ours):
        gc.collect()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        way()
        peaks.append(torch.cuda.max_memory_allocated())
        taken.append(torch.cuda.max_memory_reserved())
    return {
        "peak_memory_ratio": peaks[1] / peaks[0],
        "peak_gb": peaks[1] / GB,
        "reserved_ratio": taken[1] / taken[0],
    }


def _lora(bench: Bench, folder: Path, repeats: int) -> Numbers:
    """What another strength costs: a run after a change, less a run without.

    with_lora: steps per second, over those without.
    """
    from nodeforge.diffusion import loras

    path = fullsize.lora(bench.model, folder / "random.safetensors")
    strengths = [0.5 + 0.1 * number for number in range(2 * repeats + 2)]
    models = [loras.resolve(bench.model, str(path), strength) for strength in strengths]
    bench.ours(SWITCHES, models[0])  # reads the file
    bare = min(_seconds(bench.ours) for _ in range(LIMITED))
    laden = min(_seconds(lambda: bench.ours(model=models[0])) for _ in range(LIMITED))
    costs = []
    for one in models[1:]:
        changed = _seconds(lambda one=one: bench.ours(SWITCHES, one))  # type: ignore[misc]
        same = _seconds(lambda one=one: bench.ours(SWITCHES, one))  # type: ignore[misc]
        costs.append(changed - same)
    return {"lora_switch_ms": max(median(costs), 0.0) * 1000, "with_lora": bare / laden}


def _limited(bench: Bench, limit: str, peak: float) -> Numbers:
    """The same with little memory on the device."""
    from nodeforge.diffusion import devices, weights
    from nodeforge.diffusion.pool import pool

    full = min(_seconds(bench.ours) for _ in range(LIMITED))
    expected = bench.ours()
    pool().free(park=True)
    gc.collect()
    before = os.environ.get(ways.LIMIT, "")
    os.environ[ways.LIMIT] = f"{peak / 2:.3f} GB" if limit == "half" else limit
    size = devices.limit()
    devices.restrict(size)
    budget, pool().budget = pool().budget, devices.budget()
    try:
        found = bench.ours()
        seconds = min(_seconds(bench.ours) for _ in range(LIMITED))
        plan = weights.plan(bench.model).way if pool().plan is None else str(pool().plan)
    finally:
        devices.restrict(0)
        pool().budget = budget
        os.environ[ways.LIMIT] = before
    import torch

    return {
        "limit_gb": size / GB,
        "limited_over_full": seconds / full,
        "limited_same": float(torch.equal(found, expected)),
        "limited_plan": plan,
    }


def _compiled(bench: Bench, how: str, repeats: int) -> Numbers:
    """Compiling changes the denoiser for good: this comes last."""
    import torch

    def plain() -> Any:
        return _set_to("off", bench.ours)

    def quick() -> Any:
        return _set_to(how, bench.ours)

    eager = median(_seconds(plain) for _ in range(repeats))
    expected = plain()
    first = _seconds(quick)
    same = torch.equal(quick(), expected)
    quicker = median(_seconds(quick) for _ in range(repeats))
    return {
        "compile_seconds": first,
        "compiled_over_eager": eager / quicker,
        "compiled_same": float(same),
    }


def _seconds(way: Callable[[], Any]) -> float:
    """Latents come back to main memory, so what the device owes is done when the clock stops."""
    began = perf_counter()
    way()
    return perf_counter() - began
