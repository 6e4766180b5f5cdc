"""Pictures of any size keep their place: nothing moves by any part of a pixel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from numpy.typing import NDArray
from PIL import Image as Pil

from nodeforge.diffusion import controls, job, recipes, sampling
from nodeforge.diffusion.sampling import Settings
from nodeforge.imaging import sizes
from nodeforge.stages.picture import blend
from nodeforge.values import Image, Latent, Mask, Model
from tests.diffusion import whole
from tests.diffusion.conftest import PROMPT
from tests.diffusion.tiny import MODELS

Tiny = Callable[[str], Model]
ODD, DOT = (45, 31), (11, 9)
sides = some.one_of(some.integers(1, 40), some.sampled_from([8, 16, 24, 13, 37, 61]))


def stripes(width: int, height: int) -> Image:
    """Lines a pixel wide would show half a pixel; these are what a VAE of 8 px can keep."""
    picture = np.full((height * 4, width * 4, 3), (96, 128, 160), np.uint8)
    for left in range(0, width, 40):
        picture[:, left * 4 : left * 4 + 80] = (200, 150, 90)
    for top in range(0, height, 60):
        picture[top * 4 : top * 4 + 60] = (60, 90, 60)
    small = Pil.fromarray(picture).resize((width, height), Pil.Resampling.BOX)
    return Image.of(small)


def error(model: Model, width: int, height: int) -> float:
    """Mean of what Encode and Decode change."""
    given = stripes(width, height)
    back = sampling.decode(model, sampling.encode(model, given))
    assert back.pixels.shape == given.pixels.shape
    return float(np.abs(back.pixels - given.pixels).mean())


@pytest.mark.parametrize(("width", "height"), [(157, 109), (149, 107), (131, 77), (153, 112)])
def test_an_odd_size_comes_back_as_well_as_an_even_one(
    forge: Model, width: int, height: int
) -> None:
    even = error(forge, round(width / 8) * 8, round(height / 8) * 8)
    assert error(forge, width, height) < 1.2 * even


@pytest.mark.parametrize(("width", "height"), [(8, 8), (1, 1), (9, 1024), (1021, 9)])
def test_the_smallest_and_the_longest(forge: Model, width: int, height: int) -> None:
    given = Image(np.full((1, height, width, 3), 0.6, np.float32))
    back = sampling.decode(forge, sampling.encode(forge, given))
    assert back.pixels.shape == given.pixels.shape
    assert np.isfinite(back.pixels).all()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sides, sides)
def test_no_pixel_moves_in_any_size(random: Model, width: int, height: int) -> None:
    """The cells of a size are the first cells of the whole one: nothing is shifted or scaled."""
    rng = np.random.default_rng(width * 1000 + height)
    pixels = rng.random((1, height, width, 3), np.float32)
    wide, high = job.drawn_size(random, width, height)
    full = np.pad(pixels, ((0, 0), (0, high - height), (0, wide - width), (0, 0)), mode="edge")
    odd, even = (sampling.encode(random, Image(each)) for each in (pixels, full))
    assert odd.samples is not None
    assert even.samples is not None
    assert torch.equal(odd.samples, even.samples)
    assert (odd.width, odd.height) == (width, height)
    back = sampling.decode(random, odd).pixels
    np.testing.assert_array_equal(back, sampling.decode(random, even).pixels[:, :height, :width])


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sides, sides, some.data())
def test_just_the_cells_under_a_mask_are_drawn(
    random: Model, width: int, height: int, data: some.DataObject
) -> None:
    """And where Blend lays the drawn picture over the given one, every other pixel stays."""
    left, top = data.draw(some.integers(0, width - 1)), data.draw(some.integers(0, height - 1))
    right, bottom = (
        data.draw(some.integers(left, width - 1)),
        data.draw(some.integers(top, height - 1)),
    )
    alpha = np.zeros((1, height, width), np.float32)
    alpha[:, top : bottom + 1, left : right + 1] = 1
    given = Image(np.random.default_rng(3).random((1, height, width, 3), np.float32))
    start = sampling.encode(random, given)
    made = drawn(random, start, Mask(alpha))
    assert made.samples is not None
    assert start.samples is not None
    cell = job.factor(random)
    moved = (made.samples != start.samples).any(1)[0]
    rows, columns = torch.where(moved[: -(-height // cell), : -(-width // cell)])
    assert (int(rows.min()), int(rows.max())) == (top // cell, bottom // cell)
    assert (int(columns.min()), int(columns.max())) == (left // cell, right // cell)
    laid = blend(given, sampling.decode(random, made), Mask(alpha)).pixels
    np.testing.assert_array_equal(laid[alpha == 0], given.pixels[alpha == 0])


def drawn(model: Model, latent: Latent, mask: Mask) -> Latent:
    prompt = sampling.encode_prompt(model, PROMPT)
    return sampling.sample(model, prompt, None, latent, Settings(seed=3, steps=2), mask=mask)


def test_a_preview_ends_where_the_picture_ends(forge: Model) -> None:
    seen: list[NDArray[np.float32]] = []

    def step(done: int, steps: int, preview: Callable[[], Image] | None) -> None:
        assert preview is not None
        seen.append(preview().pixels)

    prompt = sampling.encode_prompt(forge, PROMPT)
    given = Image(np.zeros((1, 60, 100, 3), np.float32))
    given.pixels[:, :, 90:] = 1
    start = sampling.encode(forge, given)
    sampling.sample(forge, prompt, None, start, Settings(steps=20, strength=0.1), step)
    assert seen[-1].shape == (1, 8, 13, 3)
    light = seen[-1].mean((0, 1, 3))
    assert light[-1] > 0.6, "the last column is half a cell wide in the picture, and all of it here"
    assert light[:10].max() < 0.4


WITH_A_PICTURE = ("flux-fill", "flux-kontext", "qwen-image-edit", "qwen-image-edit-plus")
FILLING = ("sd1-inpaint", "flux-fill")
KEEPING = ("sdxl", "sd3", "flux-dev", "flux2-klein", "chroma", "z-image", "qwen-image")


@pytest.mark.parametrize("name", sorted({*MODELS} - {*WITH_A_PICTURE, *FILLING, "sdxl-refiner"}))
def test_every_family_draws_any_size(name: str, tiny: Tiny) -> None:
    """What stands out at the right and the bottom is cut off."""
    model = tiny(name)
    wide, high = job.drawn_size(model, *ODD)
    assert (wide, high) != ODD
    exact = whole.from_stations(model, Latent(wide, high, 1), whole.SETTINGS, None)
    shown = whole.from_stations(model, Latent(*ODD, 1), whole.SETTINGS, None)
    np.testing.assert_array_equal(shown, exact[:, : ODD[1], : ODD[0]])


@pytest.mark.parametrize("name", KEEPING)
def test_every_family_keeps_what_is_outside_of_a_mask(name: str, tiny: Tiny) -> None:
    model, start, mask = tiny(name), *dotted(tiny(name))
    made = drawn(model, start, mask)
    assert made.samples is not None
    assert start.samples is not None
    patch = recipes.family(model).latent.patch
    moved = torch.where((made.samples != start.samples).any(1)[0])
    step = job.factor(model) * patch
    for found, at in zip(moved, (DOT[1], DOT[0]), strict=True):
        assert set((found // patch).tolist()) == {at // step}
    shown = sampling.decode(model, made)
    assert (shown.width, shown.height) == ODD


@pytest.mark.parametrize("name", FILLING)
def test_models_that_fill_take_any_size(name: str, tiny: Tiny) -> None:
    """They draw all of it, and Blend keeps the rest."""
    model, start, mask = tiny(name), *dotted(tiny(name))
    shown = sampling.decode(model, drawn(model, start, mask))
    assert (shown.width, shown.height) == ODD
    given = whole.picture(*ODD, 1)
    laid = blend(given, shown, mask).pixels
    np.testing.assert_array_equal(laid[mask.alpha == 0], given.pixels[mask.alpha == 0])


def dotted(model: Model) -> tuple[Latent, Mask]:
    """A picture of an odd size, and a mask of one pixel."""
    alpha = np.zeros((1, ODD[1], ODD[0]), np.float32)
    alpha[:, DOT[1], DOT[0]] = 1
    return sampling.encode(model, whole.picture(*ODD, 1)), Mask(alpha)


@pytest.mark.parametrize(("family", "network"), [("flux-dev", "flux-dev"), ("sd3", "sd3-fill")])
def test_a_transformer_follows_a_hint_of_any_size(
    family: str, network: str, tiny: Tiny, tiny_control: Callable[[str], Path]
) -> None:
    """It lies over the picture as the picture over its cells: bitwise as filled up beforehand."""
    model, given = tiny(family), whole.picture(*ODD, 1)
    start, mask = dotted(model)
    size = job.drawn_size(model, *ODD)
    whole_mask = Mask(sizes.pad(mask.alpha[..., None], *size)[..., 0])
    whole_start = replace(start, width=size[0], height=size[1])

    def followed(latent: Latent, cover: Mask, hint: Image) -> torch.Tensor:
        control = controls.resolve(str(tiny_control(network)), hint)
        prompt = sampling.encode_prompt(model, PROMPT)
        asked = Settings(seed=3, steps=2)
        made = sampling.sample(model, prompt, None, latent, asked, controls=[control], mask=cover)
        assert made.samples is not None
        return made.samples

    odd = followed(start, mask, given)
    full = Image(sizes.pad(given.pixels, *size))
    assert torch.equal(odd, followed(whole_start, whole_mask, full))
    assert not torch.equal(odd, followed(start, mask, Image(1 - given.pixels)))
