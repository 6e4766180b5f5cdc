"""Pictures in other shapes: what is kept, what is cut, and where it lies."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nodeforge.imaging import alpha, sizes
from nodeforge.imaging.sizes import Fit

SQUARE = np.zeros((1, 64, 128, 3), np.float32)
SQUARE[:, 16:48, 48:80] = 1  # in the middle of a picture twice as wide as high


@pytest.mark.parametrize(
    ("fit", "width", "height"), [("crop", 32, 32), ("pad", 16, 16), ("stretch", 16, 32)]
)
def test_a_square_in_another_shape(fit: Fit, width: int, height: int) -> None:
    made = sizes.fit(SQUARE, 64, 64, fit)
    assert made.shape == (1, 64, 64, 3)
    rows, columns = extent(made)
    assert (columns, rows) == (
        (32 - width // 2, 32 + width // 2),
        (32 - height // 2, 32 + height // 2),
    )


def extent(pixels: NDArray[np.float32]) -> tuple[tuple[int, int], tuple[int, int]]:
    """From and to where it is light, in rows and columns."""
    rows, columns = np.nonzero(pixels[0, ..., 0] > 0.5)
    return (int(rows.min()), int(rows.max()) + 1), (int(columns.min()), int(columns.max()) + 1)


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_the_same_shape_is_only_scaled(fit: Fit) -> None:
    made = sizes.fit(SQUARE, 64, 32, fit)
    np.testing.assert_array_equal(made, sizes.scale(SQUARE, 64, 32))
    assert sizes.fit(SQUARE, 128, 64, fit) is SQUARE


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("size", [(1, 1), (7, 300), (300, 7)])
def test_any_shape_can_be_fitted(fit: Fit, size: tuple[int, int]) -> None:
    made = sizes.fit(np.ones((2, 5, 3, 4), np.float32), *size, fit)
    assert made.shape == (2, size[1], size[0], 4)
    assert made.max() == 1


def test_filling_up_moves_nothing() -> None:
    rng = np.random.default_rng(0).random((2, 5, 7, 3), np.float32)
    made = sizes.pad(rng, 16, 8)
    np.testing.assert_array_equal(made[:, :5, :7], rng)
    np.testing.assert_array_equal(made[:, 5:, :7], rng[:, 4:].repeat(3, 1))
    assert sizes.pad(rng, 7, 5) is rng
    assert [sizes.whole(size, 8) for size in (1, 8, 9, 517)] == [8, 8, 16, 520]


def test_over_a_colour_nothing_hidden_shows() -> None:
    pixels = np.array([[[0.2, 0.9, 0.4, 0.0], [0.2, 0.9, 0.4, 0.5]]], np.float32)
    np.testing.assert_allclose(
        alpha.flatten(pixels, "white")[0], [[1.0, 1.0, 1.0], [0.6, 0.95, 0.7]], rtol=1e-6
    )
    np.testing.assert_allclose(
        alpha.flatten(pixels, "black")[0], [[0.0, 0.0, 0.0], [0.1, 0.45, 0.2]], rtol=1e-6
    )
    opaque = pixels[..., :3]
    assert alpha.flatten(opaque, "grey") is opaque
