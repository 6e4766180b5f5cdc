"""Numeric truths about the picture stages."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from nodeforge.imaging.sizes import Filter
from nodeforge.stages.picture import MODES, Channel, Mode, blend, edges, mask, resize, sharpen
from nodeforge.values import Image, Mask

every_filter = pytest.mark.parametrize("filter", get_args(Filter))
every_mode = pytest.mark.parametrize("mode", get_args(Mode))


def flat(*colour: float, batch: int = 1, size: int = 16) -> Image:
    return Image(np.full((batch, size, size, len(colour)), colour, np.float32), tuple(range(batch)))


def noise(channels: int = 3, batch: int = 1, size: int = 16) -> Image:
    shape = (batch, size, size, channels)
    return Image(np.random.default_rng(0).random(shape, np.float32), tuple(range(batch)))


def one(image: Image) -> NDArray[np.float32]:
    corner: NDArray[np.float32] = image.pixels[0, 0, 0]
    return corner


@every_filter
@pytest.mark.parametrize("colour", [(0.1, 0.5, 0.9), (0.1, 0.5, 0.9, 0.3)])
def test_a_flat_picture_stays_flat_when_resized(filter: Filter, colour: tuple[float, ...]) -> None:
    result = resize(flat(*colour, batch=2), 40, 8, filter)
    assert result.pixels.shape == (2, 8, 40, len(colour))
    assert result.pixels.dtype == np.float32
    np.testing.assert_allclose(
        result.pixels, np.broadcast_to(colour, result.pixels.shape), atol=1e-6
    )
    assert result.seeds == (0, 1)


@every_filter
def test_resizing_to_the_same_size_changes_nothing(filter: Filter) -> None:
    image = noise(4)
    assert resize(image, 16, 16, filter) is image


def test_resizing_keeps_more_than_eight_bits() -> None:
    image = flat(0.5001, 0.5002, 0.5003)
    np.testing.assert_allclose(one(resize(image, 8, 8)), one(image), atol=1e-6)


def test_box_averages_and_nearest_repeats() -> None:
    image = noise()
    means = image.pixels.reshape(1, 8, 2, 8, 2, 3).mean((2, 4))
    np.testing.assert_allclose(resize(image, 8, 8, "box").pixels, means, atol=1e-6)
    twice = image.pixels.repeat(2, 1).repeat(2, 2)
    np.testing.assert_array_equal(resize(image, 32, 32, "nearest").pixels, twice)


def test_lanczos_does_not_leave_zero_to_one() -> None:
    checks = (np.indices((16, 16)).sum(0) // 4 % 2).astype(np.float32)
    result = resize(Image(checks[None, ..., None].repeat(3, -1)), 40, 40).pixels
    assert (result.min(), result.max()) == (0, 1)


def test_what_is_transparent_does_not_bleed_when_resized() -> None:
    pixels = flat(1, 0, 0, 1).pixels.copy()
    pixels[:, :, 8:] = (0, 1, 0, 0)  # green, but nobody sees it
    result = resize(Image(pixels), 8, 8, "bilinear").pixels
    seen = result[result[..., 3] > 0.01]
    np.testing.assert_allclose(seen[:, 0], 1, atol=1e-5)
    np.testing.assert_allclose(seen[:, 1], 0, atol=1e-5)


def test_sharpening_by_nothing_changes_nothing() -> None:
    image = noise(4)
    assert sharpen(image, 0) is image


@pytest.mark.parametrize("radius", [0.1, 1.0, 20.0])
def test_a_flat_picture_has_nothing_to_sharpen(radius: float) -> None:
    image = flat(0.2, 0.5, 0.8)
    np.testing.assert_allclose(sharpen(image, 5, radius).pixels, image.pixels, atol=1e-5)


def test_sharpening_steepens_an_edge_and_leaves_the_distance() -> None:
    pixels = flat(0.25, 0.25, 0.25, size=32).pixels.copy()
    pixels[:, :, 16:] = 0.75
    result = sharpen(Image(pixels), 1, 1).pixels[0, 5, :, 0]
    # half the edge lies within the kernel: the overshoot is (1 - its centre) / 2 * the step
    taps = np.exp(-0.5 * np.arange(-3, 4) ** 2.0)
    centre = taps[3] / taps.sum()
    np.testing.assert_allclose(result[16], 0.75 + 0.5 * (1 - centre) / 2, atol=1e-5)
    np.testing.assert_allclose(result[15], 0.25 - 0.5 * (1 - centre) / 2, atol=1e-5)
    np.testing.assert_allclose(result[[0, 31]], [0.25, 0.75], atol=1e-6)


def test_contrast_below_the_threshold_is_left_alone() -> None:
    pixels = flat(0.5, 0.5, 0.5).pixels.copy()
    pixels[:, :, 8:] += np.float32(0.02)
    quiet = Image(pixels)
    np.testing.assert_array_equal(sharpen(quiet, 2, threshold=0.05).pixels, pixels)
    assert (sharpen(quiet, 2).pixels != pixels).any()


def test_sharpening_keeps_transparency_and_ignores_hidden_colour() -> None:
    pixels = flat(0.5, 0.5, 0.5, 1).pixels.copy()
    pixels[:, :, 8:] = (1, 1, 1, 0)
    result = sharpen(Image(pixels), 2, 2).pixels
    np.testing.assert_array_equal(result[..., 3], pixels[..., 3])
    np.testing.assert_allclose(result[:, :, :8, :3], 0.5, atol=1e-5)


LOW, TOP = (0.25, 0.5, 0.75), (0.5, 0.25, 0.75)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("normal", TOP),
        ("multiply", (0.125, 0.125, 0.5625)),
        ("screen", (0.625, 0.625, 0.9375)),
        ("overlay", (0.25, 0.25, 0.875)),
        ("soft light", (0.25, 0.375, 0.75 + 0.5 * (0.75**0.5 - 0.75))),
        ("add", (0.75, 0.75, 1.0)),
        ("difference", (0.25, 0.25, 0.0)),
        ("darken", (0.25, 0.25, 0.75)),
        ("lighten", (0.5, 0.5, 0.75)),
    ],
)
def test_each_mode_does_its_sum(mode: Mode, expected: tuple[float, ...]) -> None:
    result = blend(flat(*LOW), flat(*TOP), mode=mode)
    np.testing.assert_allclose(one(result), expected, atol=1e-6)
    assert result.pixels.dtype == np.float32


def test_every_mode_that_can_be_chosen_is_known() -> None:
    assert set(MODES) == set(get_args(Mode))


@every_mode
def test_opacity_zero_shows_only_the_picture_below(mode: Mode) -> None:
    for low in (noise(), Image(np.sqrt(noise(4).pixels))):
        result = blend(low, flat(*TOP), mode=mode, opacity=0)
        np.testing.assert_allclose(result.pixels, low.pixels, atol=1e-6)


@every_mode
def test_half_opacity_is_half_way(mode: Mode) -> None:
    full = blend(flat(*LOW), flat(*TOP), mode=mode)
    half = blend(flat(*LOW), flat(*TOP), mode=mode, opacity=0.5)
    np.testing.assert_allclose(one(half), (one(full) + LOW) / 2, atol=1e-6)


def test_the_mask_says_where() -> None:
    alpha = np.zeros((1, 16, 16), np.float32)
    alpha[:, 8:] = 1
    result = blend(flat(*LOW), flat(*TOP), Mask(alpha)).pixels
    np.testing.assert_allclose(result[0, :8], flat(*LOW).pixels[0, :8])
    np.testing.assert_allclose(result[0, 8:], flat(*TOP).pixels[0, :8])


def test_picture_and_mask_of_other_sizes_are_scaled_to_the_one_below() -> None:
    mask = Mask(np.full((1, 8, 8), 0.5, np.float32))
    result = blend(flat(*LOW, size=16), flat(*TOP, size=32), mask)
    assert (result.width, result.height) == (16, 16)
    np.testing.assert_allclose(one(result), (np.add(LOW, TOP)) / 2, atol=1e-6)


def test_a_shorter_batch_begins_again() -> None:
    three = Image(np.stack([flat(v, v, v).pixels[0] for v in (0.1, 0.2, 0.3)]), (7, 8, 9))
    result = blend(flat(0, 0, 0), three)
    np.testing.assert_allclose(result.pixels[:, 0, 0, 0], [0.1, 0.2, 0.3])
    assert result.seeds == (7, 8, 9)
    two = Image(three.pixels[:2])
    added = blend(three, two, mode="add")
    np.testing.assert_allclose(added.pixels[:, 0, 0, 0], [0.2, 0.4, 0.4], atol=1e-6)


def test_transparency_is_composited_over() -> None:
    over = blend(flat(0, 0, 0), flat(1, 1, 1, 0.25))
    np.testing.assert_allclose(one(over), (0.25, 0.25, 0.25), atol=1e-6)
    both = blend(flat(1, 0, 0, 0.5), flat(0, 0, 1, 0.5))
    np.testing.assert_allclose(one(both), (1 / 3, 0, 2 / 3, 0.75), atol=1e-6)
    onto_nothing = blend(flat(0, 0, 0, 0), flat(0.2, 0.4, 0.6, 1), mode="multiply")
    np.testing.assert_allclose(one(onto_nothing), (0.2, 0.4, 0.6, 1), atol=1e-6)


def dot(size: int = 33) -> Image:
    """White in the middle of black."""
    pixels = np.zeros((1, size, size, 3), np.float32)
    pixels[:, size // 2, size // 2] = 1
    return Image(pixels)


def test_a_mask_is_how_light_a_picture_is() -> None:
    assert mask(flat(1, 1, 1)).alpha.shape == (1, 16, 16)
    assert (mask(flat(0.3, 0.3, 0.3)).alpha == np.float32(0.3)).all()
    np.testing.assert_allclose(mask(flat(1, 0, 0)).alpha, 0.299, atol=1e-6)
    np.testing.assert_allclose(mask(flat(0, 1, 0)).alpha, 0.587, atol=1e-6)
    assert not mask(flat(1, 1, 1, 0)).alpha.any()
    assert not mask(flat(1, 1, 1), invert=True).alpha.any()


def test_a_hole_erased_in_a_paint_program_becomes_a_mask() -> None:
    pixels = np.full((1, 16, 16, 4), (0.35, 0.47, 0.23, 1), np.float32)
    pixels[:, 4:12, 4:12, 3] = 0
    hole = mask(Image(pixels), channel="alpha", invert=True).alpha[0]
    assert (hole[4:12, 4:12] == 1).all()
    assert hole.sum() == 64


def test_a_mask_can_be_made_of_a_channel() -> None:
    picture = flat(0.2, 0.4, 0.6, 0.5)
    channels: dict[Channel, float] = {"red": 0.1, "green": 0.2, "blue": 0.3, "alpha": 0.5}
    for channel, light in channels.items():
        np.testing.assert_allclose(mask(picture, channel=channel).alpha, light, rtol=1e-6)
    assert (mask(flat(0.2, 0.4, 0.6), channel="alpha").alpha == 1).all()
    old = mask.upgraded({"invert": True}, 1)
    assert old == {"invert": True}, "a mask of an old file is one of brightness"


def test_a_mask_grows_by_discs_and_shrinks_back() -> None:
    grown = mask(dot(), grow=8).alpha[0]
    rows, columns = np.nonzero(grown)
    far = np.hypot(rows - 16, columns - 16)
    assert far.max() == 8
    assert grown.sum() == sum(y * y + x * x <= 64 for y in range(-8, 9) for x in range(-8, 9))
    back = mask(Image(grown[None, ..., None].repeat(3, -1)), grow=-8).alpha[0]
    assert np.argwhere(back).tolist() == [[16, 16]]


def test_a_mask_of_one_colour_cannot_grow() -> None:
    assert not mask(flat(0, 0, 0), grow=9).alpha.any()
    assert mask(flat(1, 1, 1), grow=9).alpha.all()
    assert mask(flat(1, 1, 1), grow=-9).alpha.all()  # its end is the picture's, not dark


def test_a_blurred_mask_is_soft_and_keeps_its_light() -> None:
    soft = mask(dot(), blur=2).alpha[0]
    assert 0 < soft.max() < 0.1
    np.testing.assert_allclose(soft.sum(), 1, atol=1e-4)
    assert soft[16, 16] > soft[16, 18] > soft[16, 22] > 0


def test_a_redrawn_part_pasted_back_moves_no_pixel_outside_the_mask() -> None:
    """How a picture is inpainted to the end: Blend puts what was drawn over the picture."""
    before, drawn = noise(batch=2, size=64), Image(1 - noise(batch=2, size=64).pixels)
    cover = mask(Image(dot(64).pixels), grow=10, blur=3)
    after = blend(before, drawn, cover)
    outside, inside = cover.alpha[0] == 0, cover.alpha[0] == 1
    assert outside.any()
    np.testing.assert_array_equal(after.pixels[:, outside], before.pixels[:, outside])
    hard = mask(Image(dot(64).pixels), grow=10)
    pasted = blend(before, drawn, hard).pixels
    inside = hard.alpha[0] == 1
    np.testing.assert_array_equal(pasted[:, ~inside], before.pixels[:, ~inside])
    np.testing.assert_allclose(pasted[:, inside], drawn.pixels[:, inside], atol=1e-6)


def test_edges_are_white_lines_where_colours_meet() -> None:
    pixels = np.zeros((2, 32, 32, 3), np.float32)
    pixels[:, :, 16:, 0] = 1
    lines = edges(Image(pixels, (5, 6)))
    assert lines.seeds == (5, 6)
    assert lines.pixels.shape == (2, 32, 32, 3)
    assert (lines.pixels[..., 0] == lines.pixels[..., 2]).all()
    assert (lines.pixels[:, :, 15:17] > 0.9).all()
    assert not lines.pixels[:, :, :12].any()
    assert not lines.pixels[:, :, 20:].any()


def test_edges_show_where_something_transparent_ends_and_nothing_unseen() -> None:
    pixels = np.ones((1, 32, 32, 4), np.float32)
    pixels[..., :3] = np.random.default_rng(0).random((32, 32, 3), np.float32)
    pixels[..., 3] = 0
    assert not edges(Image(pixels)).pixels.any()
    sheet = np.zeros((1, 32, 32, 4), np.float32)
    sheet[:, 8:24, 8:24, 3] = 1  # black paper on nothing
    assert edges(Image(sheet)).pixels[0, 8, 16].min() > 0.5
