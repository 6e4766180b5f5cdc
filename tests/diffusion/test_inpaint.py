"""Drawing under a mask: bitwise as diffusers, and nothing outside it moves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from nodeforge.diffusion import recipes, samplers, sampling, weights
from nodeforge.diffusion.sampling import Settings
from nodeforge.errors import BadModel, BadValue
from nodeforge.values import Image, Latent, Mask, Model
from tests.diffusion.conftest import PROMPT, Reference


def picture(width: int, height: int, batch: int = 1) -> Image:
    return Image(np.random.default_rng(0).random((batch, height, width, 3), np.float32))


def half(width: int, height: int) -> Mask:
    """White on the right."""
    alpha = np.zeros((1, height, width), np.float32)
    alpha[:, :, width // 2 :] = 1
    return Mask(alpha)


def drawn(model: Model, latent: Latent, mask: Mask, settings: Settings, **words: Any) -> Latent:
    prompt = sampling.encode_prompt(model, PROMPT)
    return sampling.sample(model, prompt, None, latent, settings, mask=mask, **words)


@pytest.mark.parametrize("name", ["forge", "random"])
@pytest.mark.parametrize("sampler", ["model default", "Euler a", "DPM++ 2M"])
@pytest.mark.parametrize(("strength", "guidance"), [(1.0, 5.0), (0.6, 1.0)])
def test_latents_are_bitwise_those_of_the_inpaint_pipeline(
    name: str,
    sampler: str,
    strength: float,
    guidance: float,
    request: pytest.FixtureRequest,
    reference: Reference,
) -> None:
    model: Model = request.getfixturevalue(name)
    start, mask = sampling.encode(model, picture(64, 48, 2)), half(64, 48)
    assert start.samples is not None
    settings = Settings(11, 5, guidance, sampler, strength=strength)
    mine = drawn(model, start, mask, settings).samples

    bare = reference(model, "StableDiffusionInpaintPipeline")
    own = bare.scheduler
    try:
        bare.scheduler = samplers.build(sampler, "default", own.config, 5)
        theirs = bare(
            PROMPT,
            image=start.samples.to(bare.device, weights.precision(model)),
            mask_image=torch.from_numpy(mask.alpha[:, None]),
            masked_image_latents=start.samples.to(bare.device, weights.precision(model)),
            width=64,
            height=48,
            strength=strength,
            num_inference_steps=5,
            guidance_scale=guidance,
            num_images_per_prompt=2,
            generator=[torch.Generator().manual_seed(11 + k) for k in range(2)],
            output_type="latent",
        ).images
    finally:
        bare.scheduler = own
    assert mine is not None
    assert torch.equal(mine, theirs.cpu())
    exact = weights.precision(model) == torch.float32
    if exact:
        assert torch.equal(
            mine[..., : mine.shape[-1] // 2], start.samples[..., : mine.shape[-1] // 2]
        )


def test_every_cell_that_a_stroke_touches_is_drawn(forge: Model) -> None:
    """The reference looks at one pixel of each cell, and would lose this stroke."""
    start = sampling.encode(forge, picture(64, 64))
    alpha = np.zeros((1, 64, 64), np.float32)
    alpha[:, 27, 10:30] = 0.6
    made = drawn(forge, start, Mask(alpha), Settings(steps=2)).samples
    assert made is not None
    assert start.samples is not None
    moved = (made != start.samples.to(made.dtype)).any(1)[0]
    assert moved.nonzero().tolist() == [[3, column] for column in (1, 2, 3)]


def test_a_black_mask_changes_nothing_and_takes_no_time(forge: Model) -> None:
    start = sampling.encode(forge, picture(64, 64))
    black = Mask(np.full((1, 64, 64), 0.49, np.float32))
    made = drawn(forge, start, black, Settings(), step=lambda *_: pytest.fail("a step"))
    assert made.samples is start.samples


def test_a_mask_is_made_to_fit(random: Model) -> None:
    """It lies over the picture whatever that measures, and is scaled to it."""
    odd = picture(41, 25)
    start = sampling.encode(random, odd)
    assert (start.width, start.height) == (41, 25)
    same = drawn(random, start, half(41, 25), Settings(steps=1))
    double = drawn(random, start, half(82, 50), Settings(steps=1))
    assert same.samples is not None
    assert double.samples is not None
    assert torch.equal(same.samples, double.samples)


def test_steps_are_counted_and_previewed(forge: Model) -> None:
    start = sampling.encode(forge, picture(64, 64))
    seen: list[tuple[int, int]] = []

    def step(done: int, steps: int, preview: Any) -> None:
        assert preview().pixels.shape == (1, 8, 8, 3)
        seen.append((done, steps))

    drawn(forge, start, half(64, 64), Settings(steps=5, strength=0.6), step=step)
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_what_does_not_fit_is_said(
    forge: Model, random: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadValue, match="A mask needs a picture to keep: connect Encode"):
        drawn(forge, Latent(64, 64), half(64, 64), Settings())
    start = sampling.encode(forge, picture(64, 64))
    two = Mask(half(64, 64).alpha.repeat(2, 0))
    with pytest.raises(BadValue, match="2 masks for 1 pictures"):
        drawn(forge, start, two, Settings())
    plain = recipes.config

    def eight(root: Any, name: str = "") -> Any:  # one that changes pictures by instruction
        return {**plain(root, name), "in_channels": 8} if name == "unet" else plain(root, name)

    monkeypatch.setattr(recipes, "config", eight)
    with pytest.raises(BadModel, match="cannot draw under a mask with “forge-tiny” yet"):
        drawn(forge, start, half(64, 64), Settings())
