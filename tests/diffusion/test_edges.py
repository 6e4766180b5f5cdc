"""The lines of a picture: where they are, how white, and the same on any way to call it."""

from __future__ import annotations

import pytest
import torch

from nodeforge.diffusion.edges import edges


def square(light: float = 1.0) -> torch.Tensor:
    """A light square, pixels 8 to 23 of 32, on black."""
    picture = torch.zeros(1, 3, 32, 32)
    picture[..., 8:24, 8:24] = light
    return picture


def test_lines_lie_where_colours_meet_and_nowhere_else() -> None:
    lines = edges(square())
    assert lines.shape == (1, 1, 32, 32)
    assert lines[0, 0, 16, 7] == lines[0, 0, 16, 8] == 1
    assert lines[0, 0, 16, 11:21].max() == 0
    assert lines[0, 0, :5].max() == lines[..., 27:].max() == 0


def test_a_line_is_two_to_four_pixels_wide() -> None:
    across = edges(square())[0, 0, 16, :16]
    assert 2 <= int((across > 0.5).sum()) <= 4


def test_the_border_of_the_picture_is_no_line() -> None:
    assert edges(torch.full((1, 3, 16, 16), 0.8)).max() == 0


def test_soft_gradients_leave_nothing() -> None:
    ramp = torch.linspace(0, 1, 64).expand(1, 3, 64, 64)
    assert edges(ramp).max() == 0


def test_fainter_steps_make_fainter_lines() -> None:
    faint, strong = edges(square(0.2)).max(), edges(square(0.5)).max()
    assert 0 < faint < strong == 1


def test_a_change_of_colour_alone_is_a_line() -> None:
    picture = torch.zeros(1, 3, 32, 32)
    picture[:, 0, :, :16], picture[:, 1, :, 16:] = 0.5, 0.5  # red beside green, equally bright
    assert edges(picture)[0, 0, 16, 15] == 1


def test_turning_the_picture_turns_the_lines() -> None:
    picture = torch.rand(2, 3, 24, 24, generator=torch.Generator().manual_seed(1))
    turned = edges(picture.transpose(2, 3))
    assert torch.allclose(turned, edges(picture).transpose(2, 3), atol=1e-5)


def test_a_picture_has_the_same_lines_alone_and_among_others() -> None:
    pictures = torch.rand(3, 3, 20, 28, generator=torch.Generator().manual_seed(2))
    assert torch.allclose(edges(pictures)[1:2], edges(pictures[1:2]), atol=1e-6)


def test_grey_pictures_work_too() -> None:
    assert torch.equal(edges(square()[:, :1]), edges(square()))


@pytest.mark.gpu
def test_the_gpu_finds_the_same_lines() -> None:
    picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(3))
    assert torch.allclose(edges(picture.cuda()).cpu(), edges(picture), atol=1e-3)
