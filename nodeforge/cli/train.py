"""`nodeforge train`: make the embedded models anew, or go on from them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from nodeforge import resources
from nodeforge.cli.words import OK, USAGE, Help, say, tell

TASKS = {
    "vae": "the autoencoder: pictures to latents and back",
    "base": "text encoder and UNet, on the scenes that a VAE encodes",
    "clip": "a small CLIP that tells which words fit a picture",
    "draft": "a LoRA that draws in four steps, taught by the base",
    "lora": "a LoRA for a style: blueprints, or your own folder of pictures",
    "control": "an adapter that follows edges and scribbles",
    "upscaler": "four times larger, sharpened by an adversary",
}
OTHERS = {
    "data": "download the pictures of things and cut the sprite pack",
    "words": "the list of words that the base was taught, for its folder",
    "evaluate": "measure a model folder on prompts that training never saw",
}


def main(argv: Sequence[str]) -> int:
    given = parser().parse_args(argv)
    try:
        return {"data": data, "words": words, "evaluate": evaluate}.get(given.name, train)(given)
    except ImportError as error:
        if (error.name or "").startswith("nodeforge"):
            raise
        say(f"Training needs {error.name}: install NodeForge with its extra, nodeforge[train].")
        return USAGE


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="nodeforge train",
        formatter_class=Help,
        description="Train the models that come with NodeForge. A command that was stopped goes "
        "on from its last checkpoint.",
        epilog="`nodeforge train base --help` shows the options of one.",
    )
    names = made.add_subparsers(dest="name", metavar="WHAT", required=True)
    for name, words in (OTHERS | TASKS).items():
        one = names.add_parser(name, help=words, description=words, formatter_class=Help)
        one.add_argument("--out", type=Path, required=True, help="folder for what is made")
        ADD.get(name, add_training)(one)
    return made


def add_data(one: argparse.ArgumentParser) -> None:
    one.add_argument("--downloads", type=Path, help="folder of packages; default: inside OUT")


def add_training(one: argparse.ArgumentParser) -> None:
    add_common(one)
    one.add_argument("--minutes", type=float, required=True, help="time box, all calls together")
    one.add_argument("--batch", type=int, help="samples of a step on each device")
    one.add_argument("--workers", type=int, help="processes that make scenes")
    one.add_argument("--steps", type=int, help="stop after so many steps instead")
    one.add_argument("--small", action="store_true", help="tiny networks, to try the machinery")


def add_lora(one: argparse.ArgumentParser) -> None:
    add_training(one)
    one.add_argument(
        "--pictures", type=Path, help="your pictures, each with its words in a .txt beside it"
    )


def add_common(one: argparse.ArgumentParser) -> None:
    one.add_argument("--data", type=Path, default=Path("sprites"), help="folder of the sprite pack")
    one.add_argument(
        "--from",
        dest="model",
        type=Path,
        default=resources.path("models") / "forge-tiny",
        help="diffusers folder to start from (default: the embedded model)",
    )
    one.add_argument("--device", help="cpu or cuda (default: the best there is)")
    one.add_argument("--seed", type=int, default=0)


def add_evaluate(one: argparse.ArgumentParser) -> None:
    add_common(one)
    models = resources.path("models")
    one.add_argument("--clip", type=Path, default=models / "forge-tiny-clip", help="the judge")
    draft = models / "loras" / "draft.safetensors"
    one.add_argument("--draft", type=Path, default=draft, help="LoRA that draws in four steps")
    one.add_argument("--floor", type=Path, help="another diffusers folder, to compare with")
    one.add_argument("--prompts", type=int, help="ask only so many of the 200")
    one.add_argument("--steps", type=int, default=20)
    one.add_argument("--guidance", type=float, default=5.0)
    one.add_argument("--threads", type=int, help="of the CPU, where time is taken")
    one.add_argument("--backdrops", type=int, default=1500, help="painted for true scenes")


ADD: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "data": add_data,
    "words": add_data,
    "evaluate": add_evaluate,
    "lora": add_lora,
}


def data(given: argparse.Namespace) -> int:
    from nodeforge.training.data.build import build

    build(given.out, given.downloads or given.out / "downloads", tell)
    return OK


def words(given: argparse.Namespace) -> int:
    from nodeforge.models.word_list import FILE
    from nodeforge.training.data import known_words

    given.out.mkdir(parents=True, exist_ok=True)
    known_words.build(given.out / FILE, given.downloads or given.out / "downloads", tell)
    return OK


def evaluate(given: argparse.Namespace) -> int:
    from nodeforge.training import ranks
    from nodeforge.training.evaluate import evaluate as measure

    measure(
        given.model,
        given.clip,
        given.out,
        data=given.data if given.data.is_dir() else None,
        draft=given.draft,
        floor=given.floor,
        prompts=given.prompts,
        steps=given.steps,
        guidance=given.guidance,
        device=given.device or ranks.device(),
        seed=given.seed,
        threads=given.threads,
        backdrops=given.backdrops,
        echo=tell_now,
    )
    return OK


def train(given: argparse.Namespace) -> int:
    """Run one task, on this process's device."""
    from nodeforge.training import ranks
    from nodeforge.training.loop import Settings, run

    workers = given.workers if given.workers is not None else idle_cores()
    settings = Settings(
        data=given.data,
        model=given.model,
        device=ranks.join() or given.device or ranks.device(),
        seed=given.seed,
        batch=given.batch,
        small=given.small,
        workers=workers,
    )
    module = import_module(f"nodeforge.training.{given.name}")
    more: dict[str, Any] = {"pictures": given.pictures} if given.name == "lora" else {}
    task = module.task(settings, **more)
    try:
        run(task, given.out, given.minutes, steps=given.steps, echo=tell_now)
    finally:
        task.close()
        ranks.leave()
    return OK


def idle_cores() -> int:
    """Processes for scenes: most of the cores that this process's share of the machine has."""
    ranks = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    return max(1, (os.cpu_count() or 2) // ranks - 2)


def tell_now(line: str) -> None:
    import sys

    tell(line)
    sys.stdout.flush()
