"""Small stages for the engine's tests: a pack like any other."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np

from nodeforge import activity
from nodeforge.errors import BadValue, MemoryFull
from nodeforge.graph.spec import File, Number, Text, Value
from nodeforge.stages.params import Prompt, Seed
from nodeforge.stages.run import QUIET, Run
from nodeforge.stages.stage import Values, stage
from nodeforge.values import Conditioning, Image, Latent, Mask, Model

CALLS: list[str] = []  # which stages ran, in order
Read = Annotated[str, File(what="image")]
Remark = Annotated[str, Text(cosmetic=True)]


class Pensive(Number):
    """What it stands for takes as many seconds to find out."""

    def fingerprint(self, value: Value) -> object:
        time.sleep(float(value))
        return value


class Halves(NamedTuple):
    left: Image
    right: Image


def grey(value: float, size: int = 8, channels: int = 3) -> Image:
    return Image(np.full((1, size, size, channels), value, np.float32))


@stage(category="toy")
def solid(
    grey_value: float = 0.5, size: int = 8, alpha: bool = False, remark: Remark = ""
) -> Image:
    """One colour."""
    CALLS.append("solid")
    return grey(grey_value, size, 4 if alpha else 3)


@stage(category="toy")
def invert(image: Image, mask: Mask | None = None, times: int = 1) -> Image:
    """White for black."""
    CALLS.append("invert")
    return Image(1 - image.pixels if times % 2 else image.pixels)


@stage(category="toy")
def split(image: Image) -> Halves:
    """Two halves."""
    CALLS.append("split")
    half = image.width // 2
    return Halves(Image(image.pixels[:, :, :half]), Image(image.pixels[:, :, half:] * 0 + 1))


@stage(category="toy")
def stack(images: list[Image]) -> Image:
    """Several in a batch."""
    CALLS.append("stack")
    return Image(np.concatenate([image.pixels for image in images]))


@stage(category="toy")
def double(number: float = 1.0) -> float:
    """Twice as much."""
    CALLS.append("double")
    return number * 2


@stage(category="toy")
def fail(image: Image, plainly: bool = False) -> Image:
    """Never works."""
    CALLS.append("fail")
    if plainly:
        raise BadValue("It cannot be done: do something else.")
    raise RuntimeError("division by a cat\nsecond line")


@stage(category="toy")
def read(file: Read = "") -> str:
    """A file's text."""
    CALLS.append("read")
    return Path(file).read_text()


@stage(category="toy")
def variable(name: str = "") -> str:
    """How a variable of the process is set."""
    return os.environ.get(name, "")


@stage(category="toy", effect=True)
def write(image: Image, folder: str = "", run: Run = QUIET) -> None:
    """A note of what there is."""
    CALLS.append("write")
    if folder:
        Path(folder, "notes").write_text(json.dumps(dict(run.notes)))
    run.say(f"{folder}/notes")


@stage(category="toy")
def dream(text: Prompt = "", seed: Seed = 0, steps: int = 20, run: Run = QUIET) -> Latent:
    """Steps with previews."""
    CALLS.append("dream")

    def preview() -> Image:
        CALLS.append("preview")
        return grey(0.1)

    for step in range(1, steps + 1):
        run.step(step, steps, preview)
    return Latent(64, 32)


@stage(category="toy")
def load(run: Run = QUIET) -> float:
    """Has something to load first."""
    with activity.during("Loading the model"):
        CALLS.append("load")
    run.step(1, 1)
    return 1.0


@stage(category="toy")
def deaf(image: Image, seconds: float = 60.0) -> Image:
    """Does not listen until it is done."""
    CALLS.append("deaf")
    time.sleep(seconds)
    return image


@stage(category="toy")
def pensive(seconds: Annotated[float, Pensive()] = 0.0) -> float:
    """Even its key takes long."""
    return seconds


@stage(category="toy")
def phrase(text: Prompt = "") -> Conditioning:
    """Words for a painter."""
    return Conditioning({}, "toy", text)


@stage(category="toy")
def paint(
    positive: Conditioning, negative: Conditioning | None = None, seed: Seed = 0, steps: int = 20
) -> Image:
    """A picture with a seed."""
    return grey(0.3)


@stage(category="toy")
def slow(image: Image, run: Run = QUIET) -> Image:
    """Works until it is stopped."""
    CALLS.append("slow")
    for step in range(100_000):
        time.sleep(0.01)
        run.step(min(step + 1, 99_999), 100_000)
    return image


@stage(category="toy")
def hungry(image: Image, meals: int = 1) -> Image:
    """Memory is full, so many times."""
    CALLS.append("hungry")
    if CALLS.count("hungry") <= meals:
        raise MemoryError if meals == 1 else MemoryFull("No room: make a smaller picture.")
    return image


@stage(category="toy")
def die(image: Image, code: int = 3) -> Image:
    """Take the process along."""
    print("this must not disturb anybody", flush=True)  # noqa: T201 - packs do
    os._exit(code)


@stage(category="toy")
def spoil(model: Model, delete: bool = False) -> Model:
    """Its file is cut, or its disk is gone."""
    Path(model.path).unlink() if delete else os.truncate(model.path, 9000)
    return model


@stage(category="toy", version=3)
def grown(size: int = 4, image: Image | None = None) -> Any:
    """Its parameter was called width, and then halved."""
    CALLS.append("grown")
    return size


@grown.upgrade(to=2)
def _renamed(values: Values) -> Values:
    return {"size" if name == "width" else name: value for name, value in values.items()}


@grown.upgrade(to=3)
def _halved(values: Values) -> Values:
    if values.get("size") == 13:
        raise RuntimeError("bad luck")
    return {**values, "size": int(values["size"]) // 2} if "size" in values else values
