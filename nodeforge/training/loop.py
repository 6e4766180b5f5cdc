"""The training loop: a time box around a task's steps, with checkpoints, progress and pictures.

A task knows its networks and its loss; the loop knows the clock. A run that was stopped, by the
keyboard, by the time or by a power cut, goes on from its last checkpoint with the same command.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from nodeforge.base import files
from nodeforge.errors import NodeForgeError
from nodeforge.training import ranks
from nodeforge.training.sheets import plot

Echo = Callable[[str], None]
# Dense bfloat16 arithmetic in FLOP/s by the makers' data sheets: what utilisation is measured by.
PEAKS = {"H100": 989e12, "H200": 989e12, "A100": 312e12, "L40S": 362e12, "RTX 4090": 165e12}


@dataclass(frozen=True)
class Settings:
    """What every task is made from.

    Attributes:
        data: Folder of the sprite pack (`nodeforge train data` writes one).
        model: A diffusers folder to start from: the frozen base, the teacher, or the VAE.
        device: "cpu" or "cuda" or "cuda:1".
        seed: Where the randomness begins.
        batch: Samples of one step in this process; None: what the task thinks best.
        small: Networks of a few thousand parameters, for tests of the machinery.
        workers: Processes that make scenes; 0: this process makes them.
    """

    data: Path
    model: Path
    device: str = "cpu"
    seed: int = 0
    batch: int | None = None
    small: bool = False
    workers: int = 0


class Task(Protocol):
    """Something that learns, one step at a time.

    Attributes:
        name: As in the command.
        batch: Samples of the last step in this process.
        flops: Of the last step in this process, forward and backward; 0: not counted.
    """

    name: str
    batch: int
    flops: float

    def step(self, done: float) -> Mapping[str, Tensor | float]:
        """One step of the optimiser; returns losses by name, which stay on the device.

        done: the share of the time box that is used, 0..1. Schedules are functions of it.
        """

    def state(self) -> dict[str, Any]:
        """All that is needed to go on later; it is loaded with weights_only=True."""

    def restore(self, state: dict[str, Any]) -> None: ...

    def sheet(self, path: Path) -> None:
        """Write a PNG that shows what was learnt."""

    def export(self, folder: Path) -> None:
        """Write the final weights: half precision, safetensors, no file above 15 MB."""

    def close(self) -> None: ...


@dataclass
class Progress:
    """How far a run has come; it is kept in the checkpoint."""

    seconds: float = 0.0
    steps: int = 0
    samples: int = 0
    losses: dict[str, list[tuple[float, float]]] = field(default_factory=dict)


def run(
    task: Task,
    out: Path,
    minutes: float,
    *,
    steps: int | None = None,
    every: float = 15.0,
    sheets: int = 3,
    echo: Echo = print,
) -> None:
    """Train a task for a while and export what it learnt.

    Args:
        task: What learns.
        out: Folder for checkpoint.pt, log.jsonl, loss.png, sheets and the exported model.
        minutes: The time box, all calls together; schedules are stretched over it.
        steps: Stop after so many steps instead; for tests.
        every: Seconds between two lines of the log.
        sheets: Contact sheets along the way; one more is made at the end.
        echo: Where the lines go.

    Raises:
        NodeForgeError: a loss is no longer a number, or the checkpoint cannot be read.
    """
    out.mkdir(parents=True, exist_ok=True)
    progress = resume(task, out / "checkpoint.pt")
    try:
        train(task, out, progress, minutes * 60, steps, every, sheets, echo)
    finally:
        if ranks.first():
            save(task, progress, out / "checkpoint.pt")
    if ranks.first():
        task.sheet(out / "sheet.png")
        task.export(out / "model")
        echo(f"{task.name}: done after {progress.steps} steps; weights in {out / 'model'}")


def train(
    task: Task,
    out: Path,
    progress: Progress,
    seconds: float,
    steps: int | None,
    every: float,
    sheets: int,
    echo: Echo,
) -> None:
    """Step until the time is used or the steps are made."""
    log = Log(task, out, progress, every, sheets, echo)
    stride, total = 1, float(steps) if steps else seconds
    while True:
        spent = float(progress.steps) if steps else progress.seconds
        done, stride = ranks.agree(spent / max(total, 1e-9), stride)
        if done >= 1:
            break
        started = time.monotonic()
        for _ in range(stride):
            log.add(task.step(done))
            progress.samples += task.batch * ranks.count()
        wait()
        took = time.monotonic() - started
        progress.seconds += took
        progress.steps += stride
        log.tick(done, took, stride)
        # One look at the clock a second: a step never waits for the host.
        stride = 1 if steps else max(1, min(50, round(stride / max(took, 1e-3))))
    log.write(1.0)


class Log:
    """Sums of losses on the device, read out now and then."""

    def __init__(
        self, task: Task, out: Path, progress: Progress, every: float, sheets: int, echo: Echo
    ) -> None:
        self.task, self.out, self.progress, self.echo = task, out, progress, echo
        self.every, self.sheets = every, sheets
        self.sums: dict[str, Tensor | float] = {}
        self.counts: dict[str, int] = {}
        self.steps, self.seconds, self.shown = 0, 0.0, 0
        self.samples, self.work = 0, 0.0

    def add(self, losses: Mapping[str, Tensor | float]) -> None:
        self.samples += self.task.batch * ranks.count()
        self.work += self.task.flops
        for name, value in losses.items():
            value = value.detach().float() if isinstance(value, Tensor) else value
            self.sums[name] = self.sums.get(name, 0.0) + value
            self.counts[name] = self.counts.get(name, 0) + 1

    def tick(self, done: float, took: float, steps: int) -> None:
        self.steps += steps
        self.seconds += took
        if self.seconds >= self.every:
            self.write(done)
        if ranks.first() and done * (self.sheets + 1) >= self.shown + 1:
            self.shown = int(done * (self.sheets + 1))
            self.task.sheet(self.out / f"sheet-{round(done * 100):02}.png")
            save(self.task, self.progress, self.out / "checkpoint.pt")

    def write(self, done: float) -> None:
        """Say the mean losses since the last line, and how fast they came."""
        if not self.steps:
            return
        means = {name: float(total) / self.counts[name] for name, total in self.sums.items()}
        rate = self.samples / max(self.seconds, 1e-9)
        used = self.work / max(self.seconds, 1e-9)
        self.sums, self.counts, self.steps, self.seconds = {}, {}, 0, 0.0
        self.samples, self.work = 0, 0.0
        for name, mean in means.items():
            if not math.isfinite(mean):
                raise NodeForgeError(
                    f"The {name} loss of {self.task.name} is no longer a number: "
                    "go on from the last checkpoint with a lower learning rate."
                )
            self.progress.losses.setdefault(name, []).append((self.progress.steps, mean))
        if ranks.first():
            self.say(done, means, rate, used)

    def say(self, done: float, means: Mapping[str, float], rate: float, used: float) -> None:
        losses = "  ".join(f"{name} {mean:.4f}" for name, mean in means.items())
        share = utilisation(used)
        self.echo(
            f"{self.task.name} {done:4.0%}  step {self.progress.steps}  {losses}  "
            f"{rate:,.0f} samples/s{share}"
        )
        line = {"step": self.progress.steps, "samples": self.progress.samples, "rate": rate}
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps({**line, "seconds": self.progress.seconds, **means}) + "\n")
        plot(self.progress.losses, self.out / "loss.png")


def utilisation(flops: float) -> str:
    """Words on FLOP/s of this process, as a share of what its device can do."""
    if not flops:
        return ""
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else ""
    peak = next((peak for key, peak in PEAKS.items() if key in name), None)
    share = f" ({flops / peak:.1%} of the device)" if peak else ""
    return f"  {flops / 1e12:.2f} TFLOP/s{share}"


def count_flops(work: Callable[[], object]) -> float:
    """Floating point operations of one call, counted operator by operator on the CPU."""
    with FlopCounterMode(display=False) as counter:
        work()
    return float(counter.get_total_flops())


def wait() -> None:
    """Wait for the device, so that the clock measures work and not promises."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def save(task: Task, progress: Progress, path: Path) -> None:
    """Write a checkpoint; the old one is replaced only by a whole new one."""
    kept = {
        "task": task.state(),
        "progress": vars(progress),
        "random": torch.get_rng_state(),
        "random_device": torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
    }
    with files.replacing(path) as part:
        torch.save(kept, part)


def resume(task: Task, path: Path) -> Progress:
    """Give a task back what it knew; a fresh Progress if there is no checkpoint."""
    if not path.exists():
        return Progress()
    try:
        kept = torch.load(path, map_location="cpu", weights_only=True)
        task.restore(kept["task"])
        torch.set_rng_state(kept["random"])
        if kept["random_device"] is not None and torch.cuda.is_available():
            torch.cuda.set_rng_state(kept["random_device"])
        return Progress(**kept["progress"])
    except (
        OSError,
        EOFError,
        UnpicklingError,
        RuntimeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        raise NodeForgeError(
            f"The checkpoint {path} does not fit {task.name}: move it away to start anew."
        ) from error
