"""Autoencoder and base learn, stop, go on, and leave a folder that diffusers loads."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline

from nodeforge.errors import NodeForgeError
from nodeforge.training import base, loop, nets, vae
from nodeforge.training.loop import Settings

PACK = Path(__file__).parent / "pack"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A pack of its own, for backdrops are kept beside it, and a small VAE to start from."""
    folder = tmp_path_factory.mktemp("training")
    for file in PACK.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    torch.manual_seed(0)
    nets.plain(nets.vae(small=True)).save_pretrained(folder / "start" / "vae")
    return Settings(data=folder, model=folder / "start", small=True)


@pytest.mark.parametrize("module", [vae, base])
def test_a_task_learns_and_goes_on_exactly(module: Any, settings: Settings) -> None:
    task = module.task(settings)
    task.step(0.0)
    kept, random = copy.deepcopy(task.state()), torch.get_rng_state()
    pictures = list(task.feed.waiting.items())
    first = [float(next(iter(task.step(0.1).values()))) for _ in range(3)]
    task.restore(kept)
    torch.set_rng_state(random)
    assert all(torch.isfinite(torch.tensor(first)))
    if module is base:  # its samples come from a stock that stays; the VAE's are always new
        task.stock.due = 0.0
        second = [float(next(iter(task.step(0.1).values()))) for _ in range(3)]
        assert first == second
    assert pictures is not None
    task.close()


def test_vae_then_base_make_a_model_that_diffusers_draws_with(
    settings: Settings, tmp_path: Path
) -> None:
    first = vae.task(settings)
    loop.run(first, tmp_path / "vae", 1, steps=3, sheets=1)
    first.close()
    start = Settings(data=settings.data, model=tmp_path / "vae" / "model", small=True)
    second = base.task(start)
    loop.run(second, tmp_path / "base", 1, steps=8, sheets=1)
    second.close()
    assert (tmp_path / "base" / "sheet.png").stat().st_size > 1000
    pipe = StableDiffusionPipeline.from_pretrained(
        tmp_path / "base" / "model", local_files_only=True
    ).to(torch.float32)
    made = pipe("a dragon", num_inference_steps=2, height=64, width=64, output_type="pt").images
    assert made.shape == (1, 3, 64, 64)
    assert torch.isfinite(torch.as_tensor(made)).all()
    again = base.task(Settings(data=settings.data, model=tmp_path / "base" / "model", small=True))
    trained = nets.load(tmp_path / "base" / "model", "unet").state_dict()
    began = dict(again.unet.named_parameters())
    assert all(torch.equal(began[name].detach(), trained[name]) for name in began)
    again.close()


def test_latents_leave_with_mean_nought_and_deviation_one(
    settings: Settings, tmp_path: Path
) -> None:
    task = vae.task(settings)
    task.export(tmp_path)
    net: Any = nets.load(tmp_path, "vae")
    latents = net.encode(task.feed.take(16).pictures).latent_dist.mode()
    assert latents.mean((0, 2, 3)).abs().max() < 0.5
    assert 0.5 < latents.std((0, 2, 3)).min() <= latents.std((0, 2, 3)).max() < 1.6
    picture = task.feed.take(2).pictures
    before = task.averaged()
    plain = before.decode(before.encode(picture).latent_dist.mode()).sample
    folded = net.decode(net.encode(picture).latent_dist.mode()).sample
    assert (plain - folded).abs().mean() < 0.01
    task.close()


def test_a_folder_without_a_vae_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(NodeForgeError, match="has no vae to start from"):
        base.task(Settings(data=settings.data, model=tmp_path, small=True))


def test_workers_make_the_same_scenes_as_this_process(settings: Settings) -> None:
    from nodeforge.training.feed import Feed

    alone = Feed(settings)
    others = Feed(Settings(data=settings.data, model=settings.model, small=True, workers=1))
    mine, theirs = alone.take(12), others.take(12)
    assert mine.captions == theirs.captions
    assert torch.equal(mine.pictures, theirs.pictures)
    assert torch.equal(mine.ids, theirs.ids)
    larger = alone.take(2, 384)
    assert larger.pictures.shape == (2, 3, 384, 384)
    for feed in (alone, others):
        feed.close()
