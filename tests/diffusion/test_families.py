"""Every family and task: pictures through the stations are bitwise those of the bare pipeline."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pil

from nodeforge.diffusion import sampling
from nodeforge.values import Image, Latent, Model
from tests.diffusion import whole
from tests.diffusion.whole import NEGATIVE, SETTINGS, STRENGTH

Tiny = Callable[[str], Model]


@dataclass(frozen=True)
class Case:
    """How the bare pipelines of a tiny model are called.

    text, image, inpaint: their classes, empty where diffusers has none. guidance: the argument
    that Sample's guidance goes to. guided: whether it takes a negative prompt. words: what else
    our stations do alike.
    """

    name: str
    text: str = ""
    image: str = ""
    inpaint: str = ""
    guidance: str = "guidance_scale"
    guided: bool = True
    width: int = 48
    height: int = 32
    words: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def size(self) -> Latent:
        return Latent(self.width, self.height, 2)


# PixArt and Sana would move the size to the nearest they were trained for: here the size is what
# the empty latent says. Captions are cleaned only where another package is there.
EXACT = {"use_resolution_binning": False, "clean_caption": False}
CASES = (
    Case(
        "sd3",
        "StableDiffusion3Pipeline",
        "StableDiffusion3Img2ImgPipeline",
        "StableDiffusion3InpaintPipeline",
    ),
    Case("z-image", "ZImagePipeline", "ZImageImg2ImgPipeline", "ZImageInpaintPipeline"),
    Case(
        "qwen-image",
        "QwenImagePipeline",
        "QwenImageImg2ImgPipeline",
        "QwenImageInpaintPipeline",
        guidance="true_cfg_scale",
    ),
    Case("sana", "SanaPipeline", width=64, words=EXACT),
    Case("pixart", "PixArtSigmaPipeline", words=EXACT),
    Case("lumina2", "Lumina2Pipeline"),
)


def having(task: str) -> pytest.MarkDecorator:
    cases = [case for case in CASES if getattr(case, task)]
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


def words(case: Case, pipeline: Any, negative: str | None) -> dict[str, Any]:
    takes = inspect.signature(pipeline.__call__).parameters
    size = {"width": case.width, "height": case.height}
    found: dict[str, Any] = {name: value for name, value in size.items() if name in takes}
    found[case.guidance] = SETTINGS.guidance
    if case.guided:
        found["negative_prompt"] = negative
    return found | case.words


@having("text")
def test_text_to_image(case: Case, tiny: Tiny) -> None:
    model = tiny(case.name)
    mine = whole.from_stations(model, case.size, SETTINGS, NEGATIVE)
    pipeline = whole.bare(model, case.text)
    theirs = whole.from_whole(pipeline, case.size, **words(case, pipeline, NEGATIVE))
    assert mine.shape == (2, case.height, case.width, 3)
    assert theirs.std() > 0.02
    assert not np.array_equal(theirs[0], theirs[1])
    np.testing.assert_array_equal(mine, theirs)


@having("text")
def test_without_guidance(case: Case, tiny: Tiny) -> None:
    """Half the work; one picture."""
    model, size = tiny(case.name), replace(case.size, batch=1)
    mine = whole.from_stations(model, size, replace(SETTINGS, guidance=1.0), None)
    pipeline = whole.bare(model, case.text)
    given = words(case, pipeline, None) | {case.guidance: 0.0 if case.name == "z-image" else 1.0}
    np.testing.assert_array_equal(mine, whole.from_whole(pipeline, size, **given))


@having("image")
def test_image_to_image(case: Case, tiny: Tiny) -> None:
    model, given = tiny(case.name), whole.picture(case.width, case.height)
    start = sampling.encode(model, given)
    settings = replace(SETTINGS, strength=STRENGTH)
    mine = whole.from_stations(model, start, settings, NEGATIVE)
    pipeline = whole.bare(model, case.image)
    theirs = whole.from_whole(
        pipeline,
        case.size,
        image=torch.from_numpy(given.pixels).movedim(-1, 1),
        strength=STRENGTH,
        **words(case, pipeline, NEGATIVE),
    )
    np.testing.assert_array_equal(mine, theirs)


@having("inpaint")
@pytest.mark.parametrize("strength", [STRENGTH, 1.0])
def test_inpaint(case: Case, strength: float, tiny: Tiny) -> None:
    model, given = tiny(case.name), whole.picture(case.width, case.height)
    mask = whole.right_half(case.width, case.height)
    start = sampling.encode(model, given)
    settings = replace(SETTINGS, strength=strength)
    mine = whole.from_stations(model, start, settings, NEGATIVE, mask=mask)
    pipeline = whole.bare(model, case.inpaint)
    if case.name == "sd3":
        # diffusers 0.42.1 forgets the VAE's shift here, and only here, when it decodes
        shift = pipeline.vae.config.shift_factor
        decode = pipeline.vae.decode
        pipeline.vae.decode = lambda latents, **words: decode(latents + shift, **words)
    theirs = whole.from_whole(
        pipeline,
        case.size,
        image=torch.from_numpy(given.pixels).movedim(-1, 1),
        mask_image=torch.from_numpy(mask.alpha[:, None]),
        strength=strength,
        **words(case, pipeline, NEGATIVE),
    )
    np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize(
    ("name", "cls", "count"),
    [
        ("qwen-image-edit", "QwenImageEditPipeline", 1),
        ("qwen-image-edit-plus", "QwenImageEditPlusPipeline", 2),
    ],
)
def test_editing_by_reference(
    name: str, cls: str, count: int, tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pipelines scale pictures to a million pixels: a second or two on a CPU, were it not
    for a smaller area here, for both sides."""
    import diffusers

    home = sys.modules[getattr(diffusers, cls).__module__]
    reckon = home.calculate_dimensions
    monkeypatch.setattr(home, "calculate_dimensions", lambda _, ratio: reckon(64 * 64, ratio))
    monkeypatch.setattr(home, "VAE_IMAGE_SIZE", 64 * 64, raising=False)
    model, size, pictures = tiny(name), Latent(48, 32, 2), whole.picture(56, 40, count)
    mine = whole.from_stations(model, size, SETTINGS, NEGATIVE, reference=[pictures])
    given = [Pil.fromarray(one) for one in pictures.bytes8()]
    theirs = whole.from_whole(
        whole.bare(model, cls),
        size,
        image=given if count > 1 else given[0],
        width=48,
        height=32,
        true_cfg_scale=SETTINGS.guidance,
        negative_prompt=NEGATIVE,
    )
    np.testing.assert_array_equal(mine, theirs)
    other = whole.from_stations(
        model, size, SETTINGS, NEGATIVE, reference=[Image(1 - pictures.pixels)]
    )
    assert not np.array_equal(mine, other)
