"""Previews: a matrix from latents to colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from nodeforge.diffusion import previews, recipes, sampling
from nodeforge.diffusion.families.sd1 import SD1
from nodeforge.diffusion.family import Colours
from nodeforge.diffusion.sampling import Settings
from nodeforge.errors import BadModel
from nodeforge.values import Image, Latent, Model
from tests.diffusion.conftest import PROMPT


def test_fit_finds_the_factors_again() -> None:
    rng = np.random.default_rng(0)
    samples = rng.normal(size=(3, 4, 6, 5)).astype(np.float32)
    truth = Colours(
        ((0.1, 0.0, 0.05), (0.0, 0.1, 0.0), (-0.05, 0.02, 0.1), (0.03, -0.1, 0.0)), (0.5, 0.4, 0.6)
    )
    small = np.moveaxis(samples, 1, -1) @ np.array(truth.factors) + np.array(truth.bias)
    large = small.repeat(4, axis=1).repeat(4, axis=2).astype(np.float32)
    found = previews.fit(samples, large)
    np.testing.assert_allclose(found.factors, truth.factors, atol=1e-3)
    np.testing.assert_allclose(found.bias, truth.bias, atol=1e-3)


def test_factors_beside_a_model_win(tmp_path: Path) -> None:
    mine = Colours(((1.0, 0.0, 0.0),), (0.0, 0.5, 1.0))
    assert previews.colours(tmp_path / "other", SD1.latent.colours) == SD1.latent.colours
    previews.save(tmp_path, mine)
    assert previews.colours(tmp_path, SD1.latent.colours) == mine


def test_damaged_factors_are_told(tmp_path: Path) -> None:
    (tmp_path / previews.FILE).write_text('{"bias": [1]}')
    with pytest.raises(BadModel, match=r"preview\.json is damaged"):
        previews.colours(tmp_path, SD1.latent.colours)


@pytest.mark.parametrize("sampler", ["DDIM", "Euler", "Heun", "DPM++ 2M", "UniPC", "Euler a"])
def test_previews_come_to_look_like_the_picture(sampler: str, forge: Model) -> None:
    seen: list[Image] = []

    def keep(done: int, steps: int, preview: object) -> None:
        assert callable(preview)
        seen.append(preview())

    positive = sampling.encode_prompt(forge, PROMPT)
    settings = Settings(seed=30, steps=6, sampler=sampler)
    made = sampling.sample(forge, positive, None, Latent(128, 128), settings, keep)
    final = sampling.decode(forge, made).pixels.reshape(1, 16, 8, 16, 8, 3).mean((2, 4))
    misses = [float(np.abs(image.pixels - final).mean()) for image in seen]
    assert all(image.pixels.shape == (1, 16, 16, 3) for image in seen)
    # Which picture it is depends on torch's version and the device, so the limits are wide.
    assert misses[-1] < 0.15
    assert misses[-1] < misses[0] < 0.45
    # The first already shows the clean guess: neighbours are alike, in noise they are not.
    assert np.abs(np.diff(seen[0].pixels, axis=1)).mean() < 0.1


def test_the_embedded_factors_explain_its_pictures(forge: Model) -> None:
    colours = previews.colours(Path(forge.path), SD1.latent.colours)
    assert colours != SD1.latent.colours
    positive = sampling.encode_prompt(forge, "a house on a green meadow")
    made = sampling.sample(forge, positive, None, Latent(128, 128), Settings(seed=1, steps=6))
    assert made.samples is not None
    final = sampling.decode(forge, made).pixels.reshape(1, 16, 8, 16, 8, 3).mean((2, 4))
    shown = previews.picture(made.samples, colours).pixels
    assert np.abs(shown - final).mean() < 0.08


def test_a_preview_is_light(forge: Model) -> None:
    image = previews.picture(torch.zeros(2, 4, 8, 8), SD1.latent.colours)
    assert image.pixels.dtype == np.float32
    np.testing.assert_allclose(image.pixels, 0.5)
    assert recipes.family(forge).id == "sd1"
