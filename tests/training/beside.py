"""For tests of networks beside the base: a small base in a folder, and scenes of no meaning."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionPipeline
from torch import Tensor

from nodeforge.training import nets
from nodeforge.training.feed import Taken
from nodeforge.training.frozen import Frozen
from nodeforge.training.loop import Settings

PACK = Path(__file__).parent / "pack"
PROMPT = "a red cat in the snow"


class Blobs:
    """Scenes in one colour with a square in another; like a Feed, but made at once."""

    def __init__(self, size: int = 64, seed: int = 0) -> None:
        self.size, self.tokenizer = size, nets.tokenizer()
        self.random = torch.Generator().manual_seed(seed)
        self.closed = False

    def take(self, count: int) -> Taken:
        pictures = torch.rand(count, 3, 1, 1, generator=self.random).repeat(1, 1, *[self.size] * 2)
        middle = slice(self.size // 4, self.size // 2)
        pictures[..., middle, middle] = torch.rand(count, 3, 1, 1, generator=self.random)
        captions = [f"a red cat {index % 3}" for index in range(count)]
        return Taken(pictures * 2 - 1, captions, nets.ids(self.tokenizer, captions))

    def close(self) -> None:
        self.closed = True


def small_model(folder: Path) -> Path:
    """A diffusers folder of small networks with random weights."""
    torch.manual_seed(3)
    unet: Any = nets.unet(small=True)
    unet.conv_out.weight.data *= 20  # random networks say next to nothing
    nets.save_model(folder, nets.vae(small=True), unet, nets.text(small=True))
    return folder


def settings(model: Path) -> Settings:
    return Settings(data=model, model=model, small=True)


def halved(given: Frozen) -> Frozen:
    """The base as CUDA has it: bfloat16 throughout."""
    half = torch.bfloat16
    parts = {part: getattr(given, part).to(half) for part in ("unet", "text", "vae")}
    return replace(given, dtype=half, **parts)


def pipeline(model: Path) -> Any:
    """The plain way to load a model."""
    made = StableDiffusionPipeline.from_pretrained(
        model, torch_dtype=torch.float32, local_files_only=True
    )
    made.set_progress_bar_config(disable=True)
    return made


def drawn(pipe: Any, **words: Any) -> Tensor:
    """A picture of the prompt in two steps, [64, 64, 3]."""
    made = pipe(
        PROMPT,
        num_inference_steps=2,
        height=64,
        width=64,
        generator=torch.Generator().manual_seed(1),
        output_type="np",
        **words,
    )
    return torch.from_numpy(made.images[0])


def changes_nothing_for_good(model: Path, folder: Path) -> None:
    """A LoRA in a folder changes the picture; without it all weights are bitwise as before."""
    pipe = pipeline(model)
    weights = {name: weight.clone() for name, weight in pipe.unet.state_dict().items()}
    before = drawn(pipe)
    pipe.load_lora_weights(folder)
    assert (drawn(pipe) - before).abs().max() > 0.01
    pipe.unload_lora_weights()
    after = pipe.unet.state_dict()
    assert list(after) == list(weights)
    assert all(torch.equal(after[name], weights[name]) for name in weights)
    assert torch.allclose(drawn(pipe), before, atol=1e-3)


def continued(make: Callable[[], Any]) -> tuple[list[float], list[float]]:
    """Losses of two steps after a state was taken, and of a fresh task that goes on from it."""
    first = make()
    for _ in range(2):
        first.step(0.1)
    state, random = first.state(), torch.get_rng_state()
    kept = torch.load(_saved(state), weights_only=True)
    expected = [float(first.step(0.5)["loss"]) for _ in range(2)]
    second = make()
    second.restore(kept)
    torch.set_rng_state(random)
    return expected, [float(second.step(0.5)["loss"]) for _ in range(2)]


def _saved(state: dict[str, Any]) -> Any:
    buffer = io.BytesIO()
    torch.save(state, buffer)
    buffer.seek(0)
    return buffer


def with_scenes(model: Path, folder: Path) -> Settings:
    """Settings with a small pack of sprites, copied, for backdrops are kept beside it."""
    shutil.copytree(PACK, folder / "pack")
    return Settings(data=folder / "pack", model=model, small=True)
