"""Upscalers: the real small one in the loop, tiles without seams, and clear words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from nodeforge import resources
from nodeforge.diffusion import upscale
from nodeforge.diffusion.pool import pool
from nodeforge.errors import BadModel, Cancelled, MemoryFull, MissingModel
from nodeforge.stages.picture import resize
from nodeforge.stages.picture import upscale as stage
from nodeforge.stages.run import Run
from nodeforge.values import Image

OURS = "realesr-animevideov3"


def picture(width: int, height: int, channels: int = 3, batch: int = 1) -> Image:
    """Waves with hard edges, so that tiles have something to disagree about."""
    y, x = np.mgrid[:height, :width]
    waves = [np.sin(x / (3 + c) + y / (7 + 2 * c)) > np.cos(y / (5 + c)) for c in range(channels)]
    pixels = np.stack(waves, -1).astype(np.float32) * np.float32(0.8) + np.float32(0.1)
    return Image(np.stack([np.roll(pixels, shift, 1) for shift in range(batch)]), (5,) * batch)


def quiet(done: int, tiles: int) -> None: ...


def difference(first: Image, second: Image) -> float:
    return float(np.abs(first.pixels - second.pixels).max())


def test_edges_are_steeper_than_by_bicubic() -> None:
    y, x = np.mgrid[:128, :128]
    ring = np.abs(np.hypot(x - 60, y - 66) - 40) < 3
    truth = Image(np.where(ring, 0.05, 0.8).astype(np.float32)[None, ..., None].repeat(3, -1))
    small = resize(truth, 32, 32, "box")
    ways = (stage(small), resize(small, 128, 128, "bicubic"))
    steps = [np.abs(np.diff(way.pixels, axis=1)) for way in ways]
    net, plain = (float(np.quantile(step, 0.98)) for step in steps)
    assert net > 1.3 * plain
    assert np.abs(ways[0].pixels - truth.pixels).mean() < 0.05


def test_tiles_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    given = picture(190, 130)
    whole = upscale.enlarge(OURS, given, quiet)
    monkeypatch.setattr(upscale, "TILE", 96)
    seen: list[tuple[int, int]] = []
    tiled = upscale.enlarge(OURS, given, lambda *news: seen.append(news))
    assert seen == [(done, 8) for done in range(1, 9)]
    assert difference(whole, tiled) < 1 / 255


@pytest.mark.parametrize("length", [1, 95, 96, 97, 130, 500])
def test_the_shares_of_tiles_add_up(length: int) -> None:
    total = torch.zeros(length * 2)
    spans = upscale._spans(length, 96, 2)
    for start, share in spans:
        assert len(share) <= 96 * 2
        total[start * 2 : start * 2 + len(share)] += share
    assert len(spans) == upscale._count(length, 96)
    assert torch.allclose(total, torch.ones(length * 2))


@pytest.mark.parametrize(("factor", "size"), [(1, (21, 13)), (2, (42, 26)), (3.25, (68, 42))])
def test_every_factor_gives_its_exact_size(factor: float, size: tuple[int, int]) -> None:
    made = stage(picture(21, 13, batch=2), OURS, factor)
    assert (made.width, made.height, made.batch, made.seeds) == (*size, 2, (5, 5))


def test_transparency_is_enlarged_and_hides_what_is_below() -> None:
    given = picture(24, 24, 4)
    given.pixels[..., 3] = 0
    given.pixels[:, 6:18, 6:18, 3] = 1
    given.pixels[:, :, :, :3] = np.where(given.pixels[..., 3:] > 0, np.float32(0.9), np.float32(0))
    made = upscale.enlarge(OURS, given, quiet).pixels
    assert made.shape == (1, 96, 96, 4)
    assert made[0, 48, 48, 3] > 0.99
    assert made[0, 4, 4, 3] < 0.01
    assert made[0, :, :, :3][made[0, :, :, 3] > 0.02].min() > 0.85  # no dark rim


def test_of_what_is_all_transparent_nothing_reaches_the_network() -> None:
    noise = np.random.default_rng(0).random((2, 1, 24, 16, 4), np.float32)
    noise[..., 3] = 0
    one, other = (stage(Image(each)) for each in noise)
    assert difference(one, other) == 0
    assert one.pixels.shape == (1, 96, 64, 4)


def test_the_weights_stay_in_the_pool() -> None:
    path = upscale.locate(OURS)
    assert upscale.load(path) is upscale.load(path)
    assert pool().used > 1e6


def test_cancelling_stops_between_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upscale, "TILE", 96)
    seen: list[int] = []

    def report(fraction: float, step: int, steps: int, preview: object) -> None:
        seen.append(step)

    with pytest.raises(Cancelled):
        stage(picture(190, 130), OURS, run=Run(report, cancelled=lambda: len(seen) >= 2))
    assert seen == [1, 2]


def test_what_does_not_fit_goes_in_smaller_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    given = picture(190, 60)
    whole = upscale.enlarge(OURS, given, quiet)
    plain = upscale.Upscaler.forward
    sizes: list[int] = []

    def narrow(self: upscale.Upscaler, part: torch.Tensor) -> torch.Tensor:
        sizes.append(part.shape[-1])
        if part.shape[-1] > upscale.SMALL:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return plain(self, part)

    monkeypatch.setattr(upscale.Upscaler, "forward", narrow)
    assert difference(upscale.enlarge(OURS, given, quiet), whole) < 1 / 255
    assert sizes[:2] == [190, 190]
    monkeypatch.setattr(upscale, "SMALL", 0)
    monkeypatch.setattr(upscale, "_count", lambda length, tile: 1)
    with pytest.raises(MemoryFull, match=r"upscaling 190 by 60 px.*tried .*in small tiles"):
        upscale.enlarge(OURS, given, quiet)


def test_any_file_goes_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.safetensors"
    file.write_bytes((resources.path(upscale.FOLDER) / f"{OURS}.safetensors").read_bytes())
    given = picture(16, 16)
    ours, theirs = (upscale.enlarge(name, given, quiet) for name in (OURS, str(file)))
    assert difference(ours, theirs) == 0


def test_what_is_no_upscaler_is_told(tmp_path: Path) -> None:
    lora, cut, grey = (tmp_path / f"{name}.safetensors" for name in ("lora", "cut", "grey"))
    save_file({"unet.up.weight": torch.zeros(4, 4)}, lora)
    weights = load_file(resources.path(upscale.FOLDER) / f"{OURS}.safetensors")
    save_file(weights, cut)
    cut.write_bytes(cut.read_bytes()[:-100])
    weights["body.0.weight"] = weights["body.0.weight"][:, :1].contiguous()
    for end in ("weight", "bias"):
        weights[f"body.34.{end}"] = weights[f"body.34.{end}"][:16].contiguous()
    save_file(weights, grey)
    pickle = tmp_path / "old.pth"
    pickle.touch()
    told = {
        lora: (BadModel, "lora.safetensors” is no upscaler that NodeForge knows"),
        cut: (BadModel, "cut short or damaged"),
        grey: (BadModel, "does not turn one colour picture into another"),
        pickle: (BadModel, "is a pickle"),
        tmp_path / "gone.safetensors": (MissingModel, f"There is no upscaler.*type .*{OURS}"),
    }
    for path, (error, sentence) in told.items():
        with pytest.raises(error, match=sentence):
            upscale.enlarge(str(path), picture(8, 8), quiet)
    with pytest.raises(MissingModel, match="No upscaler is chosen"):
        upscale.enlarge(" ", picture(8, 8), quiet)


@pytest.mark.gpu
def test_half_precision_on_a_gpu_is_close() -> None:
    given = picture(64, 64)
    upscaler = upscale.load(upscale.locate(OURS))
    assert upscaler.found.dtype == torch.float16
    half = upscale.enlarge(OURS, given, quiet)
    upscaler.found.float()
    assert difference(half, upscale.enlarge(OURS, given, quiet)) < 4 / 255
    pool().free()
