"""One picture through our stages, next to the same picture from the bare diffusers pipeline."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodeforge.bench import Floor, denoising, fullsize, parser, show
from nodeforge.engine.boot import share_cores
from nodeforge.engine.cache import MemoryCache
from nodeforge.engine.execute import execute
from nodeforge.engine.messages import Event, Failed, Finished, Start
from nodeforge.errors import NodeForgeError
from nodeforge.graph.document import Document, Link, Node, NodeId
from nodeforge.stages.generate import decode, sample
from nodeforge.stages.guide import prompt
from nodeforge.stages.library import Library
from nodeforge.stages.load import empty_latent, load_model
from nodeforge.values import Image, Model

PROMPT, NEGATIVE = "a dragon flying over a castle", "blurry"
SEED, GUIDANCE = 7, 5.0
REPEATS = 5
WAYS = ("auto", "blocks", "whole")
Pixels = NDArray[np.float32]


def measure(
    size: int = 256,
    steps: int = 20,
    device: str | None = None,
    file: str = "forge-tiny",
    repeats: int = REPEATS,
) -> dict[str, float | str]:
    """Seconds and ratios; model loading apart, with guidance, the ways in turn.

    Times are medians; ratios are of the fastest times, which other programs disturb least.
    seconds_256 (the size): our stages, one after the other. ratio_to_diffusers: that, over the
    bare pipeline on the same components. ratio_whole_run: a run of the whole graph by the engine
    with previews and small pictures, over the bare pipeline.

    Raises NodeForgeError if a picture is not bitwise that of the bare pipeline.
    """
    share_cores()  # as the worker does
    if device:
        os.environ["NODEFORGE_DEVICE"] = device
    from nodeforge.diffusion import devices

    model = load_model(file)
    bare = _bare(model, size, steps)
    ways: dict[str, Callable[[], Pixels]] = {
        "diffusers": bare,
        "stages": lambda: _stages(model, size, steps),
        "run": lambda: _run(file, size, steps),
    }
    expected = bare()  # also loads the weights and warms the device up
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            began = perf_counter()
            pixels = way()
            times[name].append(perf_counter() - began)
            if not np.array_equal(pixels, expected):
                raise NodeForgeError(f"The picture of the {name} is not the bare pipeline's.")
    best = {name: min(some) for name, some in times.items()}
    return {
        f"seconds_{size}": median(times["stages"]),
        "seconds_diffusers": median(times["diffusers"]),
        "ratio_to_diffusers": best["stages"] / best["diffusers"],
        "ratio_whole_run": best["run"] / best["diffusers"],
        "device": devices.device().name,
    }


def main(argv: Sequence[str] = ()) -> int:
    """Print a table, or with --json one flat object."""
    options = parser("sample", __doc__)
    options.add_argument(
        "--family",
        default="embedded",
        choices=("embedded", *fullsize.KINDS),
        help="embedded: the whole way to a picture with --model; others: the denoising alone, at "
        "full size with random weights",
    )
    options.add_argument("--size", type=int, help="pixels a side; default: what it is made for")
    options.add_argument("--steps", type=int, help="default: 20 for embedded, else 30")
    options.add_argument("--repeats", type=int, default=REPEATS)
    options.add_argument("--model", default="forge-tiny", help="a folder with a diffusers model")
    options.add_argument("--device", help="cuda, mps or cpu; default: the best there is")
    options.add_argument("--precision", default="bfloat16", choices=list(fullsize.LETTERS))
    options.add_argument("--compile", default="", choices=WAYS, help="compiled, too")
    options.add_argument("--limit", default="", help="with so little memory, too: half, or 6 GB")
    given = options.parse_args(argv)
    if given.family != "embedded":
        return _full(given)
    size = given.size or 256
    numbers = measure(size, given.steps or 20, given.device, given.model, given.repeats)
    floor = Floor(float(numbers["seconds_diffusers"]), "bare diffusers")
    show("sample", numbers, {f"seconds_{size}": floor}, given.json)
    return 0


def _full(given: Namespace) -> int:
    share_cores()
    if given.device:
        os.environ["NODEFORGE_DEVICE"] = given.device
    from nodeforge.diffusion import devices

    if devices.device().kind == "cpu":
        sys.stderr.write(
            "Without a GPU a model of full size takes hours for this: --size 256 --steps 1 "
            "--repeats 1 take a minute or two, --family embedded less.\n"
        )
    numbers = denoising.measure(
        given.family,
        given.size or 0,
        given.steps or 30,
        given.repeats,
        given.precision,
        given.compile,
        given.limit,
    )
    floor = Floor(float(numbers["steps_per_second_diffusers"]), "bare diffusers")
    show("sample", numbers, {"steps_per_second": floor}, given.json)
    return 0


def _bare(model: Model, size: int, steps: int) -> Callable[[], Pixels]:
    """The pipeline of diffusers with the very components that our stages use."""
    import torch
    from diffusers import StableDiffusionPipeline

    from nodeforge.diffusion import weights

    names = ("vae", "text_encoder", "tokenizer", "unet")
    config = Path(model.path) / "scheduler"
    pipeline = StableDiffusionPipeline(
        **{name: weights.component(model, name) for name in names},
        scheduler=_scheduler(config),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)

    def run() -> Pixels:
        made: Pixels = pipeline(
            PROMPT,
            negative_prompt=NEGATIVE,
            width=size,
            height=size,
            num_inference_steps=steps,
            guidance_scale=GUIDANCE,
            generator=[torch.Generator().manual_seed(SEED)],
            output_type="np",
        ).images
        return made

    return run


def _scheduler(folder: Path) -> Any:
    import diffusers

    name = json.loads((folder / "scheduler_config.json").read_text(encoding="utf-8"))["_class_name"]
    return getattr(diffusers, name).from_pretrained(folder)


def _stages(model: Model, size: int, steps: int) -> Pixels:
    positive, negative = prompt(model, PROMPT), prompt(model, NEGATIVE)
    empty = empty_latent(size, size)
    latent = sample(model, positive, negative, empty, seed=SEED, steps=steps, guidance=GUIDANCE)
    return decode(latent, model).pixels


def _run(file: str, size: int, steps: int) -> Pixels:
    """The whole graph with an empty cache, as a first press of Run."""

    def node(id: str, stage: str, values: dict[str, Any], **links: str) -> Node:
        wires = {name: (Link(NodeId(end), PORTS[end]),) for name, end in links.items()}
        return Node(NodeId(id), stage, values=values, links=wires)

    document = Document().add(
        node("model", "source.load_model", {"file": file}),
        node("positive", "guide.prompt", {"text": PROMPT}, model="model"),
        node("negative", "guide.prompt", {"text": NEGATIVE}, model="model"),
        node("latent", "source.empty_latent", {"width": size, "height": size}),
        node(
            "sample",
            "generate.sample",
            {"seed": SEED, "steps": steps, "guidance": GUIDANCE},
            model="model",
            positive="positive",
            negative="negative",
            latent="latent",
        ),
        node("image", "generate.decode", {}, latent="sample", model="model"),
    )
    cache, events = MemoryCache(), list[Event]()
    execute(Start(1, document), Library.installed(), cache, events.append)
    for event in events:
        if isinstance(event, Failed):
            raise NodeForgeError(event.message)
    done = next(e for e in events if isinstance(e, Finished) and e.node == "image")
    entry = cache.get(done.key)
    assert entry
    (image,) = entry.results
    assert isinstance(image, Image)
    return image.pixels


PORTS = {
    "model": "model",
    "positive": "conditioning",
    "negative": "conditioning",
    "latent": "latent",
    "sample": "latent",
}
