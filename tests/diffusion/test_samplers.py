"""Every sampler with every schedule it has."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from nodeforge.diffusion import recipes, samplers, sampling
from nodeforge.diffusion.sampling import Settings
from nodeforge.errors import BadModel, BadValue
from nodeforge.stages import generate
from nodeforge.values import Latent, Mask, Model
from tests.diffusion.conftest import PROMPT

PAIRS = [(n, s) for n in samplers.SAMPLERS for s in samplers.schedules(n)]


@pytest.mark.parametrize(("sampler", "schedule"), PAIRS, ids=lambda word: str(word))
def test_it_draws_something_finite(sampler: str, schedule: str, forge: Model) -> None:
    settings = Settings(1, max(3, samplers.SAMPLERS[sampler].least), 5, sampler, schedule)
    positive = sampling.encode_prompt(forge, PROMPT)
    made = sampling.sample(forge, positive, None, Latent(64, 64), settings)
    assert made.samples is not None
    assert torch.isfinite(made.samples).all()


@pytest.mark.parametrize("sampler", list(samplers.SAMPLERS))
def test_it_changes_a_picture(sampler: str, forge: Model) -> None:
    settings = Settings(seed=1, steps=5, sampler=sampler, strength=0.5)
    positive = sampling.encode_prompt(forge, PROMPT)
    start = Latent(64, 64, 1, torch.zeros(1, 4, 8, 8))
    made = sampling.sample(forge, positive, None, start, settings)
    assert made.samples is not None
    assert torch.isfinite(made.samples).all()


@pytest.mark.parametrize("sampler", samplers.NAMES)
def test_it_keeps_what_a_mask_does_not_cover(sampler: str, forge: Model) -> None:
    settings = Settings(seed=1, steps=5, sampler=sampler, strength=0.8)
    positive = sampling.encode_prompt(forge, PROMPT)
    samples = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(2))
    alpha = np.zeros((1, 64, 64), np.float32)
    alpha[..., 32:] = 1
    start = Latent(64, 64, 1, samples)
    made = sampling.sample(forge, positive, None, start, settings, mask=Mask(alpha)).samples
    assert made is not None
    assert torch.isfinite(made).all()
    torch.testing.assert_close(made[..., :4], samples[..., :4].to(made.dtype), atol=0, rtol=0)
    assert not torch.equal(made[..., 4:], samples[..., 4:].to(made.dtype))


@pytest.mark.parametrize("sampler", [samplers.MODEL_DEFAULT, "DDIM"])
def test_a_draft_is_four_steps_of_plain_trailing_ddim(sampler: str, forge: Model) -> None:
    """What the draft LoRA is distilled for, to the last bit."""
    import diffusers

    own = recipes.config(Path(forge.path), "scheduler")
    built = samplers.build(sampler, "SGM uniform", own, 4)
    plain = diffusers.DDIMScheduler.from_config(dict(own), timestep_spacing="trailing")
    assert type(built) is type(plain)
    noise = torch.Generator().manual_seed(0)
    sample = torch.randn(1, 4, 8, 8, generator=noise)
    mine, theirs = sample, sample
    for scheduler in (built, plain):
        scheduler.set_timesteps(4)
        assert scheduler.timesteps.tolist() == [999, 749, 499, 249]
    for t in plain.timesteps:
        output = torch.randn(1, 4, 8, 8, generator=noise)
        mine = built.step(output, t, mine).prev_sample
        theirs = plain.step(output, t, theirs).prev_sample
        assert torch.equal(mine, theirs)


def test_too_few_steps_are_told() -> None:
    with pytest.raises(BadValue, match="PNDM needs 4 steps or more, not 3"):
        samplers.build("PNDM", "default", {}, 3)


def test_the_palette_offers_what_there_is() -> None:
    assert get_args(generate.Sampler) == samplers.NAMES
    assert get_args(generate.Schedule) == tuple(samplers.SCHEDULES)


def test_the_table_of_schedules() -> None:
    assert samplers.schedules("Euler a") == ("default", "SGM uniform", "normal", "DDIM uniform")
    assert samplers.schedules("LCM") == ("default",)
    assert {"Karras", "exponential", "beta", "lu", "SGM uniform"} < set(
        samplers.schedules("DPM++ 2M")
    )
    assert samplers.schedules("DPM++ 2S") == ("default", "Karras", "exponential", "beta")
    config = {"_class_name": "EulerDiscreteScheduler"}
    assert "Karras" in samplers.schedules(samplers.MODEL_DEFAULT, config)


def test_a_combination_that_a_solver_lacks_names_those_that_work() -> None:
    with pytest.raises(BadValue, match=r"Euler a has no Karras.*default, SGM uniform, normal"):
        samplers.build("Euler a", "Karras", {}, 10)


@pytest.mark.parametrize(("sampler", "schedule"), [("Oiler", "default"), ("Euler", "Carrots")])
def test_an_unknown_name_is_told(sampler: str, schedule: str) -> None:
    with pytest.raises(BadValue, match="There is no"):
        samplers.build(sampler, schedule, {}, 10)


def test_an_unknown_scheduler_of_a_model_is_told() -> None:
    with pytest.raises(BadModel, match="choose a sampler by name"):
        samplers.build("model default", "default", {"_class_name": "WishScheduler"}, 10)


@pytest.mark.parametrize("name", ["Euler", "DPM++ 2M", "UniPC", "LMS", "SA-Solver", "DPM2"])
def test_beta_spends_steps_at_both_ends(name: str, forge: Model) -> None:
    config = recipes.config(Path(forge.path), "scheduler")
    scheduler = samplers.build(name, "beta", config, 10)
    scheduler.set_timesteps(10)
    times = scheduler.timesteps.float().unique().flip(0)
    gaps = -times.diff()
    assert times[0] >= 998
    assert times[-1] < 60
    assert gaps[0] < gaps[len(gaps) // 2] > gaps[-1]


def test_asking_for_a_schedule_takes_back_the_models_own() -> None:
    """A model made for Karras does not run Karras and beta at once, which diffusers refuses."""
    built = samplers.build("Euler", "beta", {"use_karras_sigmas": True}, 5)
    assert built.config.use_beta_sigmas
    assert not built.config.use_karras_sigmas


def test_more_steps_than_a_distilled_solver_knows(forge: Model) -> None:
    config = recipes.config(Path(forge.path), "scheduler")
    for name in ("LCM", "TCD"):
        scheduler = samplers.build(name, "default", config, 60)
        scheduler.set_timesteps(60)
        assert len(scheduler.timesteps) == 60


def test_every_run_has_a_scheduler_of_its_own(forge: Model) -> None:
    config = recipes.config(Path(forge.path), "scheduler")
    first = samplers.build("DPM++ 2M", "default", config, 5)
    assert first is not samplers.build("DPM++ 2M", "default", config, 5)
    positive = sampling.encode_prompt(forge, PROMPT)
    settings = Settings(seed=1, steps=3, sampler="DPM++ 2M")
    one, two = (
        sampling.sample(forge, positive, None, Latent(64, 64), settings).samples for _ in range(2)
    )
    assert one is not None
    assert two is not None
    assert torch.equal(one, two)


@pytest.mark.parametrize("name", list(samplers.SAMPLERS))
def test_what_the_model_asks_for_has_the_name_it_would_be_chosen_by(name: str) -> None:
    sampler = samplers.SAMPLERS[name]
    config = {"_class_name": sampler.cls, "timestep_spacing": "leading", **sampler.config}
    assert samplers.named("model default", "default", config)[0] == name
    assert samplers.named(name, "Karras", {}) == (name, "Karras")


def test_the_schedule_of_a_model_has_a_name() -> None:
    euler = {"_class_name": "EulerDiscreteScheduler"}
    said: dict[str, dict[str, object]] = {
        "SGM uniform": {"timestep_spacing": "trailing"},
        "normal": {"timestep_spacing": "linspace"},
        "DDIM uniform": {"timestep_spacing": "leading"},
        "Karras": {"use_karras_sigmas": True, "timestep_spacing": "leading"},
    }
    for schedule, config in said.items():
        found = samplers.named("model default", "default", {**euler, **config})
        assert found == ("Euler", schedule)
    flow = {"_class_name": "FlowMatchEulerDiscreteScheduler"}
    assert samplers.named("model default", "default", flow) == ("Euler", "simple")
    own = {"_class_name": "DDIMScheduler", "use_karras_sigmas": True}  # it has no such entry
    assert samplers.named("DDIM", "default", own) == ("DDIM", "normal")
