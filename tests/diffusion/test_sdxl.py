"""Networks that guide SDXL, bitwise their pipelines; and its refiner after its base."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch

from nodeforge.diffusion import controls, sampling
from nodeforge.diffusion.sampling import Settings
from nodeforge.errors import BadModel, BadValue
from nodeforge.stages import generate
from nodeforge.values import Image, Latent, Model
from tests.diffusion import additions, whole
from tests.diffusion.tiny.lively import lively
from tests.diffusion.whole import NEGATIVE, SETTINGS

Tiny = Callable[[str], Model]
SIZE = Latent(64, 64, 2)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, tiny: Tiny) -> Callable[[str], Path]:
    """network("controlnet") or network("adapter") is the folder of a random one."""
    root = tmp_path_factory.mktemp("sdxl")

    def make(kind: str) -> Path:
        folder = root / kind
        if folder.is_dir():
            return folder
        if kind == "adapter":
            return additions.adapter(folder, 11)
        unet = whole.bare(tiny("sdxl"), "StableDiffusionXLPipeline").unet
        made = diffusers.ControlNetModel.from_unet(
            unet, conditioning_embedding_out_channels=(16, 32)
        )
        lively(made, 11).save_pretrained(folder)
        return folder

    return make


@pytest.mark.parametrize(
    ("kind", "cls", "strength"),
    [
        ("controlnet", "StableDiffusionXLControlNetPipeline", "controlnet_conditioning_scale"),
        ("adapter", "StableDiffusionXLAdapterPipeline", "adapter_conditioning_scale"),
    ],
)
def test_a_network_guides_it(
    kind: str, cls: str, strength: str, tiny: Tiny, network: Callable[[str], Path]
) -> None:
    model, hint = tiny("sdxl"), Image(whole.picture(64, 64, 1).pixels)
    control = controls.resolve(str(network(kind)), hint, 0.8)
    mine = whole.from_stations(model, SIZE, SETTINGS, NEGATIVE, controls=[control])
    part = {"controlnet": "ControlNetModel", "adapter": "T2IAdapter"}[kind]
    pipeline = whole.bare(model, cls, **{kind: whole.network(model, part, network(kind))})
    theirs = whole.from_whole(
        pipeline,
        SIZE,
        image=whole.tensor(hint),
        width=64,
        height=64,
        guidance_scale=SETTINGS.guidance,
        negative_prompt=NEGATIVE,
        **{strength: 0.8},
    )
    np.testing.assert_array_equal(mine, theirs)
    assert not np.array_equal(mine, whole.from_stations(model, SIZE, SETTINGS, NEGATIVE))


@pytest.mark.parametrize(
    ("cls", "masked"),
    [
        ("StableDiffusionXLControlNetImg2ImgPipeline", False),
        ("StableDiffusionXLControlNetInpaintPipeline", True),
    ],
)
def test_a_network_guides_it_from_a_picture(
    cls: str, masked: bool, tiny: Tiny, network: Callable[[str], Path]
) -> None:
    model, given = tiny("sdxl"), whole.picture(64, 64)
    mask = whole.right_half(64, 64) if masked else None
    control = controls.resolve(str(network("controlnet")), Image(1 - given.pixels[:1]), 0.8)
    settings = replace(SETTINGS, strength=0.6)
    start = sampling.encode(model, given)
    mine = whole.from_stations(model, start, settings, NEGATIVE, controls=[control], mask=mask)
    net = whole.network(model, "ControlNetModel", control.path)
    words = {"mask_image": torch.from_numpy(mask.alpha[:, None])} if mask else {}
    theirs = whole.from_whole(
        whole.bare(model, cls, controlnet=net),
        SIZE,
        image=torch.from_numpy(given.pixels).movedim(-1, 1),
        control_image=torch.from_numpy(control.hint.pixels).movedim(-1, 1),
        controlnet_conditioning_scale=0.8,
        strength=0.6,
        width=64,
        height=64,
        guidance_scale=SETTINGS.guidance,
        negative_prompt=NEGATIVE,
        **words,
    )
    np.testing.assert_array_equal(mine, theirs)


def test_the_refiner_takes_up_what_the_base_left(tiny: Tiny) -> None:
    """Two Samples in a row: latents of one are latents of the other, prompts are not."""
    base, refiner = tiny("sdxl"), tiny("sdxl-refiner")
    words = sampling.encode_prompt(base, "a dragon")
    first = sampling.sample(base, words, None, SIZE, SETTINGS)
    with pytest.raises(BadModel, match="encoded by another kind of model"):
        sampling.sample(refiner, words, None, first, SETTINGS)
    settings = Settings(seed=3, steps=10, guidance=4.0, strength=0.3)
    own = sampling.encode_prompt(refiner, "a dragon")
    refined = sampling.sample(refiner, own, None, first, settings)
    pipeline = whole.bare(refiner, "StableDiffusionXLImg2ImgPipeline")
    theirs = pipeline(
        "a dragon",
        image=first.samples,
        strength=0.3,
        num_inference_steps=10,
        guidance_scale=4.0,
        num_images_per_prompt=2,
        generator=whole.generators(3, 2),
        output_type="latent",
    ).images
    assert refined.samples is not None
    assert torch.equal(refined.samples, theirs.cpu())


def test_base_and_refiner_share_one_schedule(tiny: Tiny) -> None:
    """As diffusers' ensemble of experts, bit by bit, in both halves."""
    base, refiner = tiny("sdxl"), tiny("sdxl-refiner")
    told: list[tuple[int, int]] = []
    words = sampling.encode_prompt(base, "a dragon")
    first = sampling.sample(
        base,
        words,
        None,
        SIZE,
        Settings(seed=3, steps=10, guidance=4.0, end=0.8),
        lambda done, steps, preview: told.append((done, steps)),
    )
    own = sampling.encode_prompt(refiner, "a dragon")
    second = Settings(seed=3, steps=10, guidance=4.0, start=0.8, strength=0.1)
    last = sampling.sample(
        refiner, own, None, first, second, lambda done, steps, _: told.append((done, steps))
    )
    said: dict[str, Any] = {
        "num_inference_steps": 10,
        "guidance_scale": 4.0,
        "num_images_per_prompt": 2,
        "output_type": "latent",
    }
    theirs = whole.bare(base, "StableDiffusionXLPipeline")(
        "a dragon", width=64, height=64, denoising_end=0.8, generator=whole.generators(3, 2), **said
    ).images
    assert first.samples is not None
    assert torch.equal(first.samples, theirs.cpu())
    refined = whole.bare(refiner, "StableDiffusionXLImg2ImgPipeline")(
        "a dragon", image=theirs, denoising_start=0.8, generator=whole.generators(3, 2), **said
    ).images
    assert last.samples is not None
    assert torch.equal(last.samples, refined.cpu())
    assert told == [*((n, 8) for n in range(1, 9)), (1, 2), (2, 2)]


def test_a_drawing_in_two_halves_is_the_drawing(tiny: Tiny) -> None:
    """With a sampler that keeps nothing from step to step, and previews that count right."""
    model = tiny("sdxl")
    words = sampling.encode_prompt(model, "a dragon")
    euler = Settings(seed=3, steps=6, sampler="Euler")
    whole_one = sampling.sample(model, words, None, SIZE, euler)
    half = sampling.sample(model, words, None, SIZE, replace(euler, end=0.5))
    rest = generate.sample(model, words, None, half, None, None, 3, 6, sampler="Euler", start=0.5)
    assert half.samples is not None
    assert rest.samples is not None
    assert whole_one.samples is not None
    assert torch.equal(rest.samples, whole_one.samples)
    assert not torch.equal(half.samples, rest.samples)


@pytest.mark.parametrize("sampler", ["Heun", "DPM++ 2M", "DPM2", "Euler a"])
def test_each_half_counts_to_its_own_last_step(sampler: str, tiny: Tiny) -> None:
    model, told = tiny("sdxl"), list[tuple[int, int]]()
    words = sampling.encode_prompt(model, "a dragon")
    settings = Settings(seed=3, steps=6, sampler=sampler)

    def step(done: int, steps: int, preview: object) -> None:
        told.append((done, steps))

    half = sampling.sample(model, words, None, SIZE, replace(settings, end=0.5), step)
    assert told[-1][0] == told[-1][1] < 6
    left = 6 - told[-1][1]
    told.clear()
    sampling.sample(model, words, None, half, replace(settings, start=0.5), step)
    assert told[-1] == (left, left)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Settings(start=0.8, end=0.8), "make the start smaller than the end"),
        (Settings(start=0.2), "nothing to go on with at 0.2: connect a Sample that ends there"),
        (Settings(steps=4, end=0.01), "None of the 4 steps lies between 0 and 0.01"),
    ],
)
def test_a_part_that_makes_no_sense_is_told(wrong: Settings, said: str, tiny: Tiny) -> None:
    words = sampling.encode_prompt(tiny("sdxl"), "a dragon")
    with pytest.raises(BadValue, match=said):
        sampling.sample(tiny("sdxl"), words, None, SIZE, wrong)


def test_a_model_that_draws_in_one_go_says_so(tiny: Tiny) -> None:
    words = sampling.encode_prompt(tiny("sd1"), "a dragon")
    with pytest.raises(BadModel, match="drawn in one go: set the start of Sample to 0"):
        sampling.sample(tiny("sd1"), words, None, SIZE, Settings(end=0.5))
