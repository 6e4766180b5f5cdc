"""The stations as stages: words in, a picture out."""

from __future__ import annotations

import numpy as np
import pytest

from nodeforge.errors import BadValue, Cancelled
from nodeforge.stages.generate import decode, encode, sample
from nodeforge.stages.guide import prompt
from nodeforge.stages.load import empty_latent, load_model
from nodeforge.stages.run import Preview, Run
from nodeforge.values import Latent


def test_words_become_a_picture_not_noise() -> None:
    model = load_model("forge-tiny")
    drawn = sample(
        model,
        prompt(model, "a castle in the mountains"),
        None,
        empty_latent(256, 256, 1),
        seed=30,
        steps=12,
    )
    image = decode(drawn, model)
    assert image.pixels.shape == (1, 256, 256, 3)
    assert image.seeds == (30,)
    pixels = image.pixels[0]
    # A picture has colours and shapes, but neighbours are alike; in noise they are not.
    assert pixels.std() > 0.1
    assert np.abs(np.diff(pixels, axis=1)).mean() < 0.03
    # Sky above, and below it the pale walls of the castle.
    top, middle = pixels[:40, :40].mean((0, 1)), pixels[170:200, 100:150].mean((0, 1))
    assert top[2] > top[0]
    assert middle.min() > 0.3


def test_a_picture_is_changed_a_little_or_a_lot() -> None:
    model = load_model()
    words = prompt(model, "a castle at night")
    rng = np.random.default_rng(0).random((1, 8, 8, 3), np.float32)
    from nodeforge.values import Image

    start = Image(rng.repeat(16, 1).repeat(16, 2))
    latent = encode(start, model)
    kept = decode(latent, model).pixels
    little, lot = (
        decode(sample(model, words, None, latent, steps=8, strength=s), model).pixels
        for s in (0.3, 0.9)
    )
    assert 0 < np.abs(little - kept).mean() < np.abs(lot - kept).mean()


def test_a_run_reports_steps_and_can_be_cancelled() -> None:
    model = load_model()
    seen: list[tuple[float, int, int]] = []

    def report(fraction: float, step: int, steps: int, preview: Preview | None) -> None:
        assert preview is not None
        seen.append((fraction, step, steps))

    run = Run(report, cancelled=lambda: len(seen) == 2)
    with pytest.raises(Cancelled):
        sample(model, prompt(model), None, empty_latent(64, 64), steps=4, run=run)
    assert seen == [(0.25, 1, 4), (0.5, 2, 4)]


def test_an_empty_latent_is_only_a_size() -> None:
    assert empty_latent(64, 128, 2).samples is None
    assert isinstance(empty_latent(), Latent)


def test_a_schedule_that_a_sampler_lacks_is_told() -> None:
    model = load_model()
    with pytest.raises(BadValue, match="DDIM has no Karras schedule"):
        sample(model, prompt(model), None, empty_latent(), sampler="DDIM", schedule="Karras")


def test_negative_prompt_is_the_same_stage() -> None:
    assert [variant.title for variant in prompt.spec.variants] == ["Negative prompt"]
    assert sample.spec.input["negative"].optional
    assert load_model.spec.id == "source.load_model"
    assert empty_latent.spec.id == "source.empty_latent"
