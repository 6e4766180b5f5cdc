"""Pictures through the stations are bitwise those of the whole diffusers pipeline."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from nodeforge.diffusion import recipes, samplers, sampling, weights
from nodeforge.diffusion.sampling import Settings
from nodeforge.values import Image, Latent, Model
from tests.diffusion.conftest import PROMPT, Reference


def generators(seed: int, count: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed + k) for k in range(count)]


def through_stations(
    model: Model, settings: Settings, size: Latent, negative: str | None = None
) -> Image:
    positive = sampling.encode_prompt(model, PROMPT)
    avoid = None if negative is None else sampling.encode_prompt(model, negative)
    return sampling.decode(model, sampling.sample(model, positive, avoid, size, settings))


def through_pipeline(pipeline: Any, settings: Settings, size: Latent, **words: Any) -> Any:
    return pipeline(
        PROMPT,
        width=size.width,
        height=size.height,
        num_inference_steps=settings.steps,
        guidance_scale=settings.guidance,
        num_images_per_prompt=size.batch,
        generator=generators(settings.seed, size.batch),
        output_type="np",
        **words,
    ).images


@pytest.mark.parametrize("name", ["forge", "random"])
@pytest.mark.parametrize(
    ("guidance", "negative", "batch"),
    [(5.0, None, 1), (7.5, "blurry", 2), (1.0, None, 1)],
    ids=["guided", "negative, two", "unguided"],
)
def test_text_to_image_is_bitwise_the_bare_pipeline(
    name: str,
    guidance: float,
    negative: str | None,
    batch: int,
    request: pytest.FixtureRequest,
    reference: Reference,
) -> None:
    model = request.getfixturevalue(name)
    settings, size = Settings(seed=3, steps=4, guidance=guidance), Latent(64, 48, batch)
    mine = through_stations(model, settings, size, negative)
    bare = reference(model, "StableDiffusionPipeline")
    theirs = through_pipeline(bare, settings, size, negative_prompt=negative)
    assert mine.pixels.shape == (batch, 48, 64, 3)
    assert mine.seeds == tuple(range(3, 3 + batch))
    np.testing.assert_array_equal(mine.pixels, theirs)


@pytest.mark.parametrize(
    ("sampler", "schedule"),
    [("Euler a", "default"), ("DPM++ 2M SDE", "Karras"), ("Heun", "normal"), ("LMS", "default")],
)
def test_other_samplers_are_bitwise_the_bare_pipeline(
    sampler: str, schedule: str, forge: Model, reference: Reference
) -> None:
    """Also those that draw noise on the way: the pipeline must find that step takes a generator."""
    settings = Settings(seed=8, steps=3, sampler=sampler, schedule=schedule)
    size = Latent(64, 64)
    bare = reference(forge, "StableDiffusionPipeline")
    own = bare.scheduler
    try:
        bare.scheduler = samplers.build(sampler, schedule, own.config, 3)
        theirs = through_pipeline(bare, settings, size)
    finally:
        bare.scheduler = own
    np.testing.assert_array_equal(through_stations(forge, settings, size).pixels, theirs)


def test_one_generator_or_a_list_of_one_is_the_same(forge: Model, reference: Reference) -> None:
    settings, size = Settings(seed=5, steps=2), Latent(64, 64)
    bare = reference(forge, "StableDiffusionPipeline")
    theirs = bare(
        PROMPT,
        width=64,
        height=64,
        num_inference_steps=2,
        guidance_scale=5.0,
        generator=torch.Generator().manual_seed(5),
        output_type="np",
    ).images
    np.testing.assert_array_equal(through_stations(forge, settings, size).pixels, theirs)


@pytest.mark.parametrize("name", ["forge", "random"])
@pytest.mark.parametrize("sampler", ["model default", "Euler a", "DPM++ 2M"])
def test_image_to_image_is_bitwise_the_bare_pipeline_given_the_same_latents(
    name: str, sampler: str, request: pytest.FixtureRequest, reference: Reference
) -> None:
    model: Model = request.getfixturevalue(name)
    pixels = np.random.default_rng(0).random((2, 64, 64, 3), np.float32)
    start = sampling.encode(model, Image(pixels))
    settings = Settings(seed=11, steps=5, strength=0.6, sampler=sampler)
    positive = sampling.encode_prompt(model, PROMPT)
    mine = sampling.sample(model, positive, None, start, settings)

    bare = reference(model, "StableDiffusionImg2ImgPipeline")
    own = bare.scheduler
    assert start.samples is not None
    try:
        bare.scheduler = samplers.build(sampler, "default", own.config, 5)
        theirs = bare(
            PROMPT,
            image=start.samples.to(bare.device, weights.precision(model)),
            strength=0.6,
            num_inference_steps=5,
            guidance_scale=5.0,
            num_images_per_prompt=2,
            generator=generators(11, 2),
            output_type="latent",
        ).images
    finally:
        bare.scheduler = own
    assert mine.samples is not None
    assert torch.equal(mine.samples, theirs.cpu())


def test_encode_is_the_mode_of_the_vae(forge: Model, reference: Reference) -> None:
    pixels = np.random.default_rng(1).random((1, 64, 72, 3), np.float32)
    mine = sampling.encode(forge, Image(pixels))
    vae = reference(forge, "StableDiffusionPipeline").vae
    picture = torch.from_numpy(pixels).movedim(-1, 1).to(vae.device, vae.dtype) * 2 - 1
    with torch.no_grad():
        mode = vae.encode(picture).latent_dist.mode() * vae.config.scaling_factor
    assert (mine.width, mine.height) == (72, 64)
    assert mine.samples is not None
    # The sum is done before the dtype is narrowed here and after it there: a last bit may differ.
    torch.testing.assert_close(mine.samples, mode.cpu(), atol=2e-2, rtol=1e-2)


def test_the_size_comes_from_the_models_vae_not_from_eight(random: Model) -> None:
    """A pipeline without a VAE silently takes a factor of 8; this model's is 2."""
    positive = sampling.encode_prompt(random, PROMPT)
    made = sampling.sample(random, positive, None, Latent(40, 24), Settings(steps=1))
    assert made.samples is not None
    assert made.samples.shape == (1, 4, 12, 20)
    assert sampling.decode(random, made).pixels.shape == (1, 24, 40, 3)


def test_a_picture_of_a_batch_can_be_made_alone(forge: Model) -> None:
    positive = sampling.encode_prompt(forge, PROMPT)
    settings = Settings(seed=20, steps=3, sampler="Euler a")
    batch = sampling.sample(forge, positive, None, Latent(64, 64, 3), settings)
    alone = sampling.sample(forge, positive, None, Latent(64, 64), Settings(22, 3, 5, "Euler a"))
    assert batch.seeds == (20, 21, 22)
    assert batch.samples is not None
    assert alone.samples is not None
    # Kernels add in another order for another batch size, so this is close, not bitwise.
    exact = batch.samples.dtype == torch.float32
    close = 1e-3 if exact else 0.1
    torch.testing.assert_close(batch.samples[2:], alone.samples, atol=close, rtol=close)


def test_the_recipe_keeps_v_prediction_and_spacing(forge: Model) -> None:
    own = recipes.config(recipes.locate(forge.path), "scheduler")
    for name in samplers.SAMPLERS:
        built = samplers.build(name, "default", own, 4)
        assert built.config.prediction_type == "v_prediction"
        assert built.config.get("timestep_spacing", "trailing") == "trailing"
