"""Upscalers side by side."""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import save_file

from nodeforge.training import compare, shapes
from nodeforge.training.compact import Compact


def test_the_truth_is_like_itself_and_blur_is_not() -> None:
    torch.manual_seed(4)
    true = shapes.draw(3, 64, "cpu")
    soft = torch.nn.functional.avg_pool2d(true, 5, 1, 2)
    softer = torch.nn.functional.avg_pool2d(true, 9, 1, 4)
    assert compare.slopes(true, true) < 1e-6
    assert 0.05 < compare.slopes(soft, true) < compare.slopes(softer, true)


def test_a_table_and_a_sheet(tmp_path: Path) -> None:
    torch.manual_seed(4)
    weights = Compact().state_dict()
    weights["body.34.weight"].zero_()  # it only repeats pixels
    save_file({k: v.half() for k, v in weights.items()}, tmp_path / "net.safetensors")
    told: list[str] = []
    sets = compare.sets(shapes.draw(3, 64, "cpu"), "cpu")
    assert [given.shape[-1] for given, _ in sets.values()] == [16] * 3
    ways = compare.ways({"net": tmp_path / "net.safetensors"}, "cpu")
    rows = compare.measured(sets, ways, tmp_path / "out", told.append)
    assert len(told) == 1 + len(rows) == 1 + 3 * 2
    by = {(row.pictures, row.way): row for row in rows}
    assert by["scenes", "bicubic"].psnr > by["spoilt scenes", "bicubic"].psnr
    assert by["scenes", "bicubic"].ssim > by["scenes", "net"].ssim
    with Image.open(tmp_path / "out" / "upscalers.png") as sheet:
        assert sheet.width > 4 * 256


def test_sets_are_always_the_same() -> None:
    true = torch.rand(2, 3, 64, 64)
    random = torch.get_rng_state()
    first, again = compare.sets(true, "cpu"), compare.sets(true, "cpu")
    assert torch.equal(random, torch.get_rng_state())
    assert all(torch.equal(first[name][0], again[name][0]) for name in first)
