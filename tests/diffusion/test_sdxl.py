"""Networks that guide SDXL, bitwise their pipelines; and its refiner after its base."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import diffusers
import numpy as np
import pytest
import torch

from nodeforge.diffusion import controls, sampling
from nodeforge.diffusion.sampling import Settings
from nodeforge.errors import BadModel
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
    part = {"controlnet": diffusers.ControlNetModel, "adapter": diffusers.T2IAdapter}[kind]
    pipeline = whole.bare(model, cls, **{kind: part.from_pretrained(network(kind))})
    theirs = whole.from_whole(
        pipeline,
        SIZE,
        image=torch.from_numpy(hint.pixels).movedim(-1, 1),
        width=64,
        height=64,
        guidance_scale=SETTINGS.guidance,
        negative_prompt=NEGATIVE,
        **{strength: 0.8},
    )
    np.testing.assert_array_equal(mine, theirs)
    assert not np.array_equal(mine, whole.from_stations(model, SIZE, SETTINGS, NEGATIVE))


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
    assert torch.equal(refined.samples, theirs)
