"""Families in half precision, as GPUs have them, here on the CPU: pictures are bitwise those of the
bare pipeline. What asks for a picture is where digits are lost, or types do not fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.diffusion import test_families as families
from tests.diffusion.test_families import CASES, Case, Tiny


@pytest.fixture
def half(tiny: Tiny) -> Tiny:
    return lambda name: replace(tiny(name), precision="bfloat16")


@pytest.mark.parametrize("case", [c for c in CASES if c.text], ids=lambda case: case.name)
def test_text_to_image(case: Case, half: Tiny) -> None:
    families.test_text_to_image(case, half)


@pytest.mark.parametrize("name", ["sd3", "flux-dev", "chroma", "z-image", "qwen-image"])
def test_image_to_image(name: str, half: Tiny) -> None:
    families.test_image_to_image(next(case for case in CASES if case.name == name), half)


@pytest.mark.parametrize(
    ("name", "cls", "count"),
    [
        ("qwen-image-edit", "QwenImageEditPipeline", 1),
        ("flux-kontext", "FluxKontextPipeline", 1),
        ("flux2", "Flux2Pipeline", 2),
        ("flux2-klein", "Flux2KleinPipeline", 1),
    ],
)
def test_editing_by_reference(
    name: str, cls: str, count: int, half: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    families.test_editing_by_reference(name, cls, count, half, monkeypatch)


@pytest.mark.parametrize(
    ("name", "cls", "net"),
    [
        ("sd3", "StableDiffusion3ControlNetPipeline", "sd3"),
        ("flux-dev", "FluxControlNetPipeline", "flux-dev"),
        ("sana", "SanaControlNetPipeline", "sana"),
        ("z-image", "ZImageControlNetPipeline", "z-image-2"),
    ],
)
def test_control(
    name: str, cls: str, net: str, half: Tiny, tiny_control: Callable[[str], Path]
) -> None:
    """Not Qwen's, whose pipeline holds the mean of hints in more digits than that of pictures."""
    families.test_control(name, cls, net, half, tiny_control)
