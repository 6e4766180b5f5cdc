"""What a graph made for one family asks of another: samplers, schedules, weights of words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from nodeforge.diffusion import recipes, samplers, sampling
from nodeforge.diffusion.sampling import Settings
from nodeforge.errors import BadValue
from nodeforge.values import Latent, Model
from tests.diffusion import whole

Tiny = Callable[[str], Model]
SETTINGS = Settings(seed=1, steps=3, guidance=2.0)


def drawn(model: Model, settings: Settings, start: Latent | None = None) -> Tensor:
    positive = sampling.encode_prompt(model, "a dragon")
    made = sampling.sample(model, positive, None, start or Latent(32, 32), settings).samples
    assert made is not None
    return made


@pytest.mark.parametrize("sampler", list(samplers.FLOWS))
@pytest.mark.parametrize("name", ["flux-dev", "flux-schnell", "sana"])
def test_solvers_for_flows(sampler: str, name: str, tiny: Tiny) -> None:
    """Also those that pipelines would refuse, since they take no noise levels."""
    model = tiny(name)
    mine = drawn(model, replace(SETTINGS, sampler=sampler))
    assert torch.isfinite(mine).all()
    own = drawn(model, SETTINGS)
    if sampler == "Euler" and name != "sana":
        assert torch.equal(mine, own)
    elif not (sampler.startswith("DPM++") and name == "sana"):
        assert not torch.equal(mine, own)


@pytest.mark.parametrize("sampler", ["Heun", "DPM++ 2M", "UniPC"])  # Heun is said to be Euler
def test_solvers_for_flows_change_a_picture(sampler: str, tiny: Tiny) -> None:
    model = tiny("flux-dev")
    start = sampling.encode(model, whole.picture(32, 32, 1))
    slight = drawn(model, replace(SETTINGS, steps=20, sampler=sampler, strength=0.05), start)
    strong = drawn(model, replace(SETTINGS, steps=20, sampler=sampler, strength=0.9), start)
    assert start.samples is not None
    far, near = ((made - start.samples).abs().mean() for made in (strong, slight))
    assert torch.isfinite(far)
    assert near < far / 2


def test_a_solver_comes_close_to_euler_in_many_steps(tiny: Tiny) -> None:
    """They follow the same flow, with the same shift by the size of the picture."""
    model = tiny("flux-dev")
    settings = replace(SETTINGS, steps=60)
    euler = drawn(model, settings)
    for sampler in ("Heun", "DPM++ 2M", "UniPC"):
        other = drawn(model, replace(settings, sampler=sampler))
        assert (other - euler).abs().mean() < 0.05 * euler.abs().mean()


def test_what_a_flow_has_not_is_said_once_and_left_out(
    tiny: Tiny, caplog: pytest.LogCaptureFixture
) -> None:
    model = tiny("flux-dev")
    mine = drawn(model, replace(SETTINGS, sampler="DPM++ SDE", schedule="lu"))
    assert torch.equal(mine, drawn(model, SETTINGS))
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "This model draws by flow matching, which has no sampler DPM++ SDE and no schedule lu: "
        "its own is used"
    ]


def test_a_sprint_keeps_to_its_own_sampler(tiny: Tiny, caplog: pytest.LogCaptureFixture) -> None:
    model = tiny("sana-sprint")
    mine = drawn(model, replace(SETTINGS, sampler="Euler", schedule="Karras"))
    assert torch.equal(mine, drawn(model, SETTINGS))
    said = [record.getMessage() for record in caplog.records]
    assert said == ["This model draws in few steps with a sampler of its own, which is used"]


@pytest.mark.parametrize("name", ["flux-dev", "sana-sprint"])
def test_an_unknown_sampler_is_an_error_for_every_family(name: str, tiny: Tiny) -> None:
    with pytest.raises(BadValue, match="no sampler “Nobody”"):
        drawn(tiny(name), replace(SETTINGS, sampler="Nobody"))


@pytest.mark.parametrize(
    ("name", "first"),
    [("sdxl", 1), ("sdxl-refiner", 1), ("flux-dev", 0), ("sd3", 1), ("pixart", 0)],
)
def test_weights_of_words_act_on_their_tokens_only(name: str, first: int, tiny: Tiny) -> None:
    """first: the place of the first word's first token."""
    model = tiny(name)
    plain, heavy, empty = (
        sampling.encode_prompt(model, text).tensors["prompt_embeds"][0]
        for text in ("red dragon", "(red:1.5) dragon", "")
    )
    moved = (plain != heavy).any(-1).nonzero().flatten().tolist()
    assert moved[0] == first
    assert moved[-1] < len(plain) - 1
    at = moved[0]
    torch.testing.assert_close(heavy[at], empty[at] + 1.5 * (plain[at] - empty[at]))


def test_weights_reach_both_halves_of_sd3(tiny: Tiny) -> None:
    """First what CLIP reads, 77 tokens, then what T5 reads."""
    plain, heavy = (
        sampling.encode_prompt(tiny("sd3"), text).tensors["prompt_embeds"][0]
        for text in ("red dragon", "(red:1.5) dragon")
    )
    moved = (plain != heavy).any(-1).nonzero().flatten().tolist()
    assert min(moved) < 77 <= max(moved)


def test_flows_are_known_by_their_schedulers(tiny: Tiny) -> None:
    found = {
        n: samplers.flows(recipes.config(tiny(n), "scheduler")) for n in ("sdxl", "sd3", "sana")
    }
    assert found == {"sdxl": False, "sd3": True, "sana": True}
