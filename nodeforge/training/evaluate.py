"""How good a model folder is, in numbers and pictures, on prompts that training never saw.

The judge is a small CLIP, and it errs too: what it says of truly composed scenes is the ceiling,
what it says of an older model the floor. Pictures are drawn by plain diffusers pipelines, each
from noise of its own that depends on nothing but the seed and the number of the prompt.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import diffusers
import torch
from torch import Tensor

from nodeforge.errors import BadValue, MissingModel
from nodeforge.training import exam, measures, sheets
from nodeforge.training.data.sprites import read
from nodeforge.training.exam import Questions, Score
from nodeforge.training.feed import bank
from nodeforge.training.judge import Judge
from nodeforge.training.prompts import PROMPTS
from nodeforge.training.scenes import held_out
from nodeforge.training.scenes.compose import Compositor
from nodeforge.training.scenes.held_out import Prompt
from nodeforge.training.scenes.sampler import Sampler
from nodeforge.training.scenes.scene import batch

Echo = Callable[[str], None]

TRUTH, MODEL, DRAFT, FLOOR = "truth", "model", "draft", "floor"
TOGETHER = {"cuda": 64, "cpu": 8}  # pictures drawn at a time
SCENES = 256  # true scenes that the VAE is measured on
BACKDROPS = 6000  # as in training: the bank lies beside the pack already
SEEDS = 4  # of each prompt on the contact sheet
LARGE = 384
MISTAKEN = 32  # pictures shown of those that were taken for something else


@dataclass(frozen=True)
class Way:
    """How a picture is drawn. solver: class of diffusers."""

    steps: int
    guidance: float
    solver: str = "DPMSolverMultistepScheduler"


IN_FOUR = Way(4, 1.0, "DDIMScheduler")


@dataclass(frozen=True)
class Report:
    """What was measured, and with what.

    Attributes:
        model, clip: Names of the folders.
        device: Where pictures were drawn.
        torch, diffusers: Versions.
        prompts: How many were judged.
        seed: Of noise and questions.
        steps, guidance: How the model drew.
        marks: Scores by whose pictures ("truth", "model", "draft", "floor") and by measure.
        ratio: Fidelity of the model over that of truth; None without truth.
        psnr: Of the VAE on true scenes, dB. ssim: The same, 1 is best.
        seconds: For one picture of 256 x 256 on this machine's CPU, by whose.
        threads: Of the CPU while it was timed.
    """

    model: str
    clip: str
    device: str
    torch: str
    diffusers: str
    prompts: int
    seed: int
    steps: int
    guidance: float
    marks: dict[str, dict[str, Score]] = field(default_factory=dict)
    ratio: float | None = None
    psnr: float | None = None
    ssim: float | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    threads: int = 0


class Painter:
    """Draws prompts with a model folder.

    Args:
        folder: Of a plain StableDiffusionPipeline.
        device: Where; in float32.
        way: Steps, guidance and solver.
        lora: File or folder of a LoRA to draw with, or nothing.

    Raises:
        MissingModel: a folder holds nothing that can be read.
    """

    def __init__(self, folder: Path, device: str, way: Way, lora: Path | None = None) -> None:
        self.way, self.device = way, device
        try:
            pipe = diffusers.StableDiffusionPipeline.from_pretrained(
                str(folder), torch_dtype=torch.float32, safety_checker=None, local_files_only=True
            )
            if lora:
                named = {"weight_name": lora.name} if lora.is_file() else {}
                pipe.load_lora_weights(str(lora.parent if named else lora), **named)
                pipe.fuse_lora()
        except (OSError, ValueError, RuntimeError) as error:
            raise MissingModel(
                f"{lora or folder} cannot be read: give a diffusers folder, "
                "and for a draft the LoRA that `nodeforge train draft` made."
            ) from error
        scheduler = getattr(diffusers, way.solver)
        pipe.scheduler = scheduler.from_config(pipe.scheduler.config)
        pipe.set_progress_bar_config(disable=True)
        self.pipe: Any = pipe.to(device)

    def __call__(self, prompts: Sequence[str], seeds: Sequence[int], size: int = 256) -> Tensor:
        """Pictures [n, 3, size, size] of -1..1, float32 on the CPU; one seed for each."""
        together = TOGETHER.get(self.device.partition(":")[0], 8)
        together = max(1, together * 256**2 // size**2)
        parts = []
        for first in range(0, len(prompts), together):
            these = slice(first, first + together)
            made = self.pipe(
                list(prompts[these]),
                num_inference_steps=self.way.steps,
                guidance_scale=self.way.guidance,
                generator=[torch.Generator().manual_seed(seed) for seed in seeds[these]],
                height=size,
                width=size,
                output_type="pt",
            ).images
            parts.append(made.float().cpu() * 2 - 1)
        return torch.cat(parts)


def evaluate(
    model: Path,
    clip: Path,
    out: Path,
    *,
    data: Path | None = None,
    draft: Path | None = None,
    floor: Path | None = None,
    prompts: int | None = None,
    steps: int = 20,
    guidance: float = 5.0,
    device: str = "cpu",
    seed: int = 0,
    threads: int | None = None,
    backdrops: int = BACKDROPS,
    shown: Sequence[str] = PROMPTS,
    echo: Echo = print,
) -> Report:
    """Measure a model; writes report.json and contact sheets.

    Args:
        model: Diffusers folder.
        clip: Folder of the small CLIP that judges.
        out: Where report and sheets go.
        data: Sprite pack for true scenes; without it neither ceiling nor VAE are measured.
        draft: LoRA that draws in four steps, file or folder.
        floor: Diffusers folder of an older model to compare with.
        prompts: How many of the 200, evenly spread; None: all.
        steps, guidance: Of the model.
        device: Where pictures are drawn. The time is always measured on the CPU.
        seed: Of noise and questions.
        threads: Of the CPU while it is timed; None: as many as PyTorch takes.
        backdrops: In the bank that true scenes draw from.
        shown: Prompts of the contact sheets.
        echo: Where the lines go.

    Raises:
        NodeForgeError: a folder lacks what it should hold, or nothing is asked.
    """
    every = held_out.read()
    numbers = spread(len(every), prompts)
    chosen = [every[number] for number in numbers]
    judge = Judge.load(clip, device)
    painters = prepare(model, device, Way(steps, guidance), draft, floor)
    out.mkdir(parents=True, exist_ok=True)
    asked = exam.questions(chosen, [prompt.caption for prompt in every], seed)
    pictures: dict[str, Tensor] = {}
    near: dict[str, Any] = {}
    if data:
        echo("Composing true scenes")
        truth = scenes(data, every, seed, device, backdrops)
        pictures[TRUTH] = truth[numbers]
        near = closeness(painters[MODEL].pipe.vae, truth)
    seeds = [seed * 1000 + number for number in numbers]
    for name, paint in painters.items():
        echo(f"Drawing {len(chosen)} prompts: {name}")
        pictures[name] = paint([prompt.caption for prompt in chosen], seeds)
    marks = {name: judged(judge, made, asked, out, name) for name, made in pictures.items()}
    if shown:
        echo("Drawing contact sheets")
        contact_sheets(painters, shown, out)
    echo("Taking the time on the CPU")
    report = Report(
        model=model.name,
        clip=clip.name,
        device=torch.cuda.get_device_name(device) if device.startswith("cuda") else device,
        torch=torch.__version__,
        diffusers=diffusers.__version__,
        prompts=len(chosen),
        seed=seed,
        steps=steps,
        guidance=guidance,
        marks=marks,
        ratio=ratio(marks),
        **near,
        **timed(prepare(model, "cpu", Way(steps, guidance), draft, None), threads),
    )
    (out / "report.json").write_text(json.dumps(asdict(report), indent=2) + "\n")
    for line in table(report):
        echo(line)
    return report


def spread(total: int, count: int | None) -> list[int]:
    """So many numbers below a total, evenly apart.

    Raises:
        BadValue: none are wanted.
    """
    if count is not None and count < 1:
        raise BadValue(f"{count} prompts measure nothing: ask for at least one")
    count = min(count or total, total)
    return [place * total // count for place in range(count)]


def prepare(
    model: Path, device: str, way: Way, draft: Path | None, floor: Path | None
) -> dict[str, Painter]:
    """Whoever draws, by name."""
    made = {MODEL: Painter(model, device, way)}
    if draft:
        made[DRAFT] = Painter(model, device, IN_FOUR, draft)
    if floor:
        made[FLOOR] = Painter(floor, device, way)
    return made


def scenes(data: Path, prompts: Sequence[Prompt], seed: int, device: str, backdrops: int) -> Tensor:
    """True pictures [n, 3, 256, 256] of -1..1 on the CPU: one of each prompt, in order, then more.

    n is at least SCENES.

    Raises:
        NodeForgeError: the pack or its bank lack what a prompt speaks of.
    """
    cores = os.cpu_count() or 1
    pack = read(data, processes=cores)
    stock = bank(data, backdrops, cores)
    sampler = Sampler(pack, stock.kinds)
    made = [
        held_out.scene(prompts[number % len(prompts)], sampler, seed * 1000 + number)
        for number in range(max(SCENES, len(prompts)))
    ]
    pictures: Tensor = Compositor(pack, stock, device)(batch(made)).cpu() * 2 - 1
    return pictures


def closeness(vae: Any, truth: Tensor) -> dict[str, Any]:
    """What is left of SCENES true pictures after the VAE."""
    truth = truth[:SCENES]
    made = measures.round_trip(vae, truth)
    return {"psnr": measures.psnr(made, truth), "ssim": measures.ssim(made, truth)}


def judged(
    judge: Judge, made: Tensor, asked: Mapping[str, Questions], out: Path, name: str
) -> dict[str, Score]:
    """Scores of pictures; those taken for something else on a sheet, each twice: asked and seen."""
    seen = judge.pictures(made)
    questions = asked["fidelity"]
    given = exam.answers(judge, seen, questions)
    wrong = [number for number in given if given[number] != questions[number][0]][:MISTAKEN]
    if wrong:
        twice = [picture for picture in sheets.pictures(made[wrong]) for _ in range(2)]
        words = [told for n in wrong for told in (questions[n][0], f"taken for: {given[n]}")]
        sheets.contact_sheet(twice, words, out / f"mistaken-{name}.png")
    return exam.mark(judge, seen, asked)


def contact_sheets(painters: Mapping[str, Painter], shown: Sequence[str], out: Path) -> None:
    """Every prompt in a row of seeds, in two files and small in one; each once large, and drafted.

    Writes sheet-1.png, sheet-2.png, sheet.jpg, sheet-384.png and sheet-draft.png.
    """
    paint, once = painters[MODEL], [0] * len(shown)
    seeds = list(range(SEEDS)) * len(shown)
    made = sheets.pictures(paint([prompt for prompt in shown for _ in range(SEEDS)], seeds))
    words = [f"seed {seed}" if seed else shown[at // SEEDS] for at, seed in enumerate(seeds)]
    half = -(-len(shown) // 2) * SEEDS
    for name, part in (("sheet-1", slice(half)), ("sheet-2", slice(half, None))):
        if made[part]:
            sheets.contact_sheet(made[part], words[part], out / f"{name}.png", columns=SEEDS)
    sheets.contact_sheet(made, words, out / "sheet.jpg", columns=2 * SEEDS, cell=176)
    large = sheets.pictures(paint(shown, once, LARGE))
    sheets.contact_sheet(large, shown, out / f"sheet-{LARGE}.png", cell=LARGE)
    if DRAFT in painters:
        fast = sheets.pictures(painters[DRAFT](shown, once))
        sheets.contact_sheet(fast, shown, out / "sheet-draft.png")


def timed(painters: Mapping[str, Painter], count: int | None) -> dict[str, Any]:
    """Seconds of each for one picture, and the threads that were used."""
    with measures.threads(count) as used:
        taken = {
            name: measures.seconds(partial(paint, PROMPTS[:1], [0]))
            for name, paint in painters.items()
        }
    return {"seconds": taken, "threads": used}


def ratio(marks: Mapping[str, Mapping[str, Score]]) -> float | None:
    """Fidelity of the model as a share of what truth gets; None if it is not known."""
    if TRUTH not in marks or not marks[TRUTH]["fidelity"].right:
        return None
    return marks[MODEL]["fidelity"].share / marks[TRUTH]["fidelity"].share


def table(report: Report) -> list[str]:
    """The report in lines of text."""
    names = list(report.marks)
    lines = ["".join(f"{word:>20}" for word in ("", *names))]
    for measure in report.marks[MODEL]:
        scores = [report.marks[name][measure] for name in names]
        cells = [f"{s.right}/{s.of} {s.share:6.1%}" if s.of else "-" for s in scores]
        lines.append("".join(f"{word:>20}" for word in (measure, *cells)))
    if report.ratio is not None:
        lines.append(f"fidelity is {report.ratio:.1%} of what true scenes get")
    if report.psnr is not None:
        lines.append(f"VAE: {report.psnr:.2f} dB, structural similarity {report.ssim:.4f}")
    for name, taken in report.seconds.items():
        lines.append(f"{name}: {taken:.2f} s a picture, CPU, {report.threads} threads")
    return [*lines, f"drawn on {report.device}, torch {report.torch}"]
