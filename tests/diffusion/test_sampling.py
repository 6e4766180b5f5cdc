"""Progress, cancel, and the sentences when things do not fit together."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import diffusers
import numpy as np
import pytest
import torch

from nodeforge.diffusion import previews, sampling, weights
from nodeforge.diffusion.pool import pool
from nodeforge.diffusion.sampling import Settings
from nodeforge.errors import BadModel, BadValue, Cancelled, MemoryFull
from nodeforge.imaging.alpha import Background
from nodeforge.values import Conditioning, Image, Latent, Model
from tests.diffusion.conftest import PROMPT

SIZE = Latent(64, 64)


@pytest.fixture(scope="module")
def positive(forge: Model) -> Conditioning:
    return sampling.encode_prompt(forge, PROMPT)


@pytest.mark.parametrize("sampler", ["DDIM", "Heun", "PNDM", "DPM2 a", "DPM++ 2S"])
def test_steps_are_counted_as_the_artist_counts_them(
    sampler: str, forge: Model, positive: Conditioning
) -> None:
    seen: list[tuple[int, int]] = []
    sampling.sample(
        forge,
        positive,
        None,
        SIZE,
        Settings(steps=4, sampler=sampler),
        lambda done, steps, preview: seen.append((done, steps)),
    )
    assert seen[-1] == (4, 4)
    assert {done for done, _ in seen} == {1, 2, 3, 4}
    assert seen == sorted(seen)


def test_steps_of_a_changed_picture(forge: Model, positive: Conditioning) -> None:
    seen: list[tuple[int, int]] = []
    sampling.sample(
        forge,
        positive,
        None,
        replace(SIZE, samples=torch.zeros(1, 4, 8, 8)),
        Settings(steps=10, strength=0.35),
        lambda done, steps, preview: seen.append((done, steps)),
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_cancel_is_at_once_and_the_next_run_is_as_ever(
    forge: Model, positive: Conditioning
) -> None:
    settings = Settings(seed=4, steps=4, sampler="DPM++ 2M")
    before = sampling.sample(forge, positive, None, SIZE, settings).samples
    resident = pool().resident()
    calls = []

    def stop(done: int, steps: int, preview: object) -> None:
        calls.append(done)
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        sampling.sample(forge, positive, None, SIZE, settings, stop)
    after = sampling.sample(forge, positive, None, SIZE, settings).samples
    assert calls == [1, 2]
    assert pool().resident() == resident
    assert before is not None
    assert after is not None
    assert torch.equal(before, after)


def test_a_preview_that_is_not_wanted_costs_nothing(
    forge: Model, positive: Conditioning, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a preview was made")

    monkeypatch.setattr(previews, "clean", never)
    sampling.sample(forge, positive, None, SIZE, Settings(steps=2))


def test_strength_zero_keeps_the_latent(forge: Model, positive: Conditioning) -> None:
    start = replace(SIZE, samples=torch.ones(1, 4, 8, 8))
    made = sampling.sample(forge, positive, None, start, Settings(strength=0))
    assert made.samples is start.samples


def test_strength_one_draws_anew(forge: Model, positive: Conditioning) -> None:
    settings = Settings(seed=2, steps=2, strength=1)
    start = replace(SIZE, samples=torch.ones(1, 4, 8, 8))
    one = sampling.sample(forge, positive, None, start, settings).samples
    two = sampling.sample(forge, positive, None, SIZE, settings).samples
    assert one is not None
    assert two is not None
    assert torch.equal(one, two)


def test_results_lie_on_the_cpu(forge: Model, positive: Conditioning) -> None:
    """Caches keep results, and must not keep the memory of a GPU."""
    made = sampling.sample(forge, positive, None, SIZE, Settings(steps=1))
    assert made.samples is not None
    assert made.samples.device.type == "cpu"
    assert all(t.device.type == "cpu" for t in positive.tensors.values())


def test_a_latent_of_a_pack_that_does_not_fit_is_told(tiny: Callable[[str], Model]) -> None:
    model = tiny("flux-dev")
    positive = sampling.encode_prompt(model, PROMPT)
    own = Latent(6, 8, 1, torch.zeros(1, 4, 4, 3))
    with pytest.raises(BadValue, match=r"The latent is 6 by 8 px, but .* multiples of 8: encode"):
        sampling.sample(model, positive, None, own, Settings(strength=0.5))


def test_a_prompt_of_another_model_is_told(random: Model, positive: Conditioning) -> None:
    with pytest.raises(BadModel, match="positive prompt was encoded by another kind of model"):
        sampling.sample(random, positive, None, SIZE)


def test_a_latent_of_another_model_is_told(
    forge: Model, random: Model, positive: Conditioning
) -> None:
    foreign = sampling.encode(random, Image(np.zeros((1, 64, 64, 3), np.float32)))
    with pytest.raises(BadModel, match="latent comes from another kind of model"):
        sampling.sample(forge, positive, None, foreign, Settings(strength=0.5))
    with pytest.raises(BadModel, match="latent comes from another kind of model"):
        sampling.decode(forge, foreign)


def test_prompts_must_be_one_or_one_for_each(forge: Model, positive: Conditioning) -> None:
    rows = {name: tensor.repeat(2, 1, 1) for name, tensor in positive.tensors.items()}
    two = Conditioning(rows, positive.family)
    made = sampling.sample(forge, two, None, Latent(64, 64, 2), Settings(steps=1))
    assert made.batch == 2
    with pytest.raises(BadValue, match="2 positive prompts for 3 pictures"):
        sampling.sample(forge, two, None, Latent(64, 64, 3), Settings(steps=1))


def test_an_empty_latent_has_no_picture(forge: Model) -> None:
    with pytest.raises(BadValue, match="send it through Sample first"):
        sampling.decode(forge, SIZE)


def test_too_few_steps_for_the_strength_are_said(
    forge: Model, positive: Conditioning, caplog: pytest.LogCaptureFixture
) -> None:
    start = replace(SIZE, samples=torch.ones(1, 4, 8, 8))
    for strength in (0.0, 0.4):
        sampling.sample(forge, positive, None, start, Settings(steps=2, strength=strength))
    assert [each.getMessage() for each in caplog.records if "strength" in each.getMessage()] == [
        "2 steps at a strength of 0.4 are less than one: nothing is drawn; take more steps, or "
        "more strength"
    ]


def test_a_long_prompt_says_what_is_ignored(forge: Model, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        made = sampling.encode_prompt(forge, "castle " * 80 + "unicorn")
    assert "unicorn" in caplog.text
    assert "shorten it" in caplog.text
    assert made.tensors["prompt_embeds"].shape[1] == 77


@pytest.mark.parametrize(("background", "light"), [("white", 1.0), ("grey", 0.5), ("black", 0.0)])
def test_what_is_hidden_by_alpha_never_reaches_the_model(
    forge: Model, background: Background, light: float
) -> None:
    pixels = np.random.default_rng(0).random((1, 64, 64, 4), np.float32)
    pixels[..., 3] = np.linspace(0, 1, 64).round()
    shown = np.where(pixels[..., 3:] == 1, pixels[..., :3], np.float32(light))
    hiding = sampling.encode(forge, Image(pixels), background).samples
    plain = sampling.encode(forge, Image(shown)).samples
    assert hiding is not None
    assert plain is not None
    assert torch.equal(hiding, plain)


def test_decode_of_nan_asks_for_float32(forge: Model) -> None:
    bad = replace(SIZE, samples=torch.full((1, 4, 8, 8), torch.nan))
    with pytest.raises(BadModel, match="precision of Load model to float32"):
        sampling.decode(forge, bad)


def _full_until(
    monkeypatch: pytest.MonkeyPatch, fits: Callable[[object, torch.Tensor], bool]
) -> None:
    plain = diffusers.AutoencoderKL.decode

    def decode(self: object, z: torch.Tensor, **words: object) -> object:
        if not fits(self, z):
            raise torch.OutOfMemoryError("out of memory")
        return plain(self, z, **words)

    monkeypatch.setattr(diffusers.AutoencoderKL, "decode", decode)


def test_decode_goes_on_one_by_one_when_memory_is_full(
    forge: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    latent = Latent(64, 64, 2, torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0)))
    whole = sampling.decode(forge, latent)
    _full_until(monkeypatch, lambda vae, z: len(z) == 1)
    np.testing.assert_allclose(sampling.decode(forge, latent).pixels, whole.pixels, atol=0.02)


def test_decode_goes_on_in_tiles_when_memory_is_full(
    forge: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    latent = replace(SIZE, samples=torch.zeros(1, 4, 8, 8))
    _full_until(monkeypatch, lambda vae, z: bool(getattr(vae, "use_tiling", False)))
    assert sampling.decode(forge, latent).pixels.shape == (1, 64, 64, 3)
    assert not weights.component(forge, "vae").use_tiling


def test_memory_that_is_full_after_all_is_explained(
    forge: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    latent = replace(SIZE, samples=torch.zeros(1, 4, 8, 8))
    _full_until(monkeypatch, lambda vae, z: False)
    with pytest.raises(MemoryFull, match=r"no room left for decoding.*tried .*in tiles.*smaller"):
        sampling.decode(forge, latent)
    monkeypatch.undo()
    assert sampling.decode(forge, latent).batch == 1


def test_sample_goes_on_one_by_one_when_memory_is_full(
    forge: Model, positive: Conditioning, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(seed=3, steps=2)
    whole = sampling.sample(forge, positive, None, Latent(64, 64, 2), settings).samples
    plain = diffusers.UNet2DConditionModel.forward

    def forward(self: object, sample: torch.Tensor, *args: object, **words: object) -> object:
        if len(sample) > 2:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return plain(self, sample, *args, **words)

    monkeypatch.setattr(diffusers.UNet2DConditionModel, "forward", forward)
    made = sampling.sample(forge, positive, None, Latent(64, 64, 2), settings)
    assert made.seeds == (3, 4)
    assert made.samples is not None
    assert whole is not None
    torch.testing.assert_close(made.samples, whole, atol=0.1, rtol=0.1)


def test_the_seeds_of_a_batch_go_round_after_the_last_one(
    forge: Model, positive: Conditioning
) -> None:
    last = 2**64 - 1
    made = sampling.sample(forge, positive, None, Latent(64, 64, 2), Settings(last, steps=1))
    first = sampling.sample(forge, positive, None, Latent(64, 64), Settings(0, steps=1))
    assert made.seeds == (last, 0)
    assert made.samples is not None
    assert first.samples is not None
    torch.testing.assert_close(made.samples[1:], first.samples, atol=0.1, rtol=0.1)
    assert not torch.allclose(made.samples[0], made.samples[1], atol=0.1)
