"""Upscalers side by side, on scenes of held-out prompts and on drawn shapes.

How near they come to the truth, by signal-to-noise ratio, structural similarity, and similarity of
slopes, which follows the eye on sharpness better than the others do (GMSD: Xue et al.,
arXiv:1308.3052; 0 is the same).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from nodeforge.training import degrade, measures, shapes, sheets
from nodeforge.training.compact import Compact
from nodeforge.training.evaluate import scenes
from nodeforge.training.scenes import held_out
from nodeforge.training.upscaler import bicubic, nearest, weights

SHOWN = 8  # pictures of each set on the sheet
PART = 8  # pictures at a time
FLAT = 0.0026  # of GMSD, for slopes of values 0..1: 170 for 0..255
Echo = Callable[[str], None]
Way = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Row:
    """How one way does on one set. slopes: less is better."""

    pictures: str
    way: str
    psnr: float
    ssim: float
    slopes: float


def compare(
    data: Path,
    files: Mapping[str, Path],
    out: Path,
    *,
    count: int = 64,
    device: str = "cpu",
    backdrops: int = 6000,
    echo: Echo = print,
) -> list[Row]:
    """Measure compact nets, and bicubic beside them; writes `out/upscalers.png`.

    Args:
        data: Folder of the sprite pack.
        files: Weights by the names that the table gives them.
        count: Pictures of each set, all of 256 x 256 pixels.
        backdrops: Of the bank beside the pack.

    Raises:
        NodeForgeError: a file is no such net, or the pack is not there.
    """
    chosen = held_out.read()[:: max(1, len(held_out.read()) // count)][:count]
    true = (scenes(data, chosen, 0, device, backdrops)[:count] + 1) / 2
    return measured(sets(true.clamp(0, 1), device), ways(files, device), out, echo)


def ways(files: Mapping[str, Path], device: str) -> dict[str, Way]:
    """Bicubic, and the nets of these files."""
    made: dict[str, Way] = {"bicubic": bicubic}
    for name, file in files.items():
        net = Compact()
        net.load_state_dict(weights(file))
        made[name] = net.to(device).eval()
    return made


def sets(true: Tensor, device: str) -> dict[str, tuple[Tensor, Tensor]]:
    """What is given and the truth, of each set, on the CPU. true: scenes [n, 3, h, h] of 0..1."""
    with torch.random.fork_rng([device] if device.startswith("cuda") else []):
        torch.manual_seed(5)
        drawn = shapes.draw(len(true), true.shape[-1], device)
        spoilt = degrade.degrade(true.to(device), 1.0).cpu()
        drawn = drawn.cpu()
    return {
        "scenes": (shrunk(true), true),
        "spoilt scenes": (spoilt, true),
        "shapes": (shrunk(drawn), drawn),
    }


def shrunk(true: Tensor) -> Tensor:
    """A quarter of each side, by bicubic as Pillow does it, in steps of 1/255."""
    matrix = degrade.shrinking(true.shape[-1], true.device)[2:3]
    return (degrade.both(matrix, true).clamp(0, 1) * 255).round() / 255


@torch.no_grad()
def measured(
    sets: Mapping[str, tuple[Tensor, Tensor]], ways: Mapping[str, Way], out: Path, echo: Echo
) -> list[Row]:
    """The table, told row by row, and the sheet."""
    rows: list[Row] = []
    cells: list[Tensor] = []
    echo(f"{'':24}{'dB':>8}{'SSIM':>8}{'GMSD':>8}")
    for pictures, (given, true) in sets.items():
        shown = [nearest(given[:SHOWN])]
        for name, way in ways.items():
            made = enlarged(way, given)
            values = (made * 2 - 1, true * 2 - 1)
            row = Row(
                pictures, name, measures.psnr(*values), measures.ssim(*values), slopes(made, true)
            )
            echo(f"{f'{pictures}, {name}':24}{row.psnr:8.2f}{row.ssim:8.4f}{row.slopes:8.4f}")
            rows.append(row)
            shown.append(made[:SHOWN])
        cells += torch.stack([*shown, true[:SHOWN]], 1).flatten(0, 1)
    names = ["given", *ways, "truth"]
    out.mkdir(parents=True, exist_ok=True)
    sheets.contact_sheet(
        sheets.pictures(torch.stack(cells) * 2 - 1),
        names * (len(cells) // len(names)),
        out / "upscalers.png",
        columns=len(names),
    )
    return rows


def enlarged(way: Way, given: Tensor) -> Tensor:
    """Some pictures at a time, where the way's weights are; the result on the CPU, 0..1."""
    device = next(iter(way.parameters())).device if isinstance(way, Compact) else given.device
    parts = [way(part.to(device)).float().cpu() for part in torch.split(given, PART)]
    return torch.cat(parts).clamp(0, 1)


def slopes(made: Tensor, true: Tensor) -> float:
    """Mean deviation of the similarity of slopes of pictures [n, 3, h, w] of 0..1, in grey."""
    first, second = (slope(pictures) for pictures in (made, true))
    alike = (2 * first * second + FLAT) / (first.square() + second.square() + FLAT)
    return float(alike.flatten(1).std(1).mean())


def slope(pictures: Tensor) -> Tensor:
    """Lengths of the slopes of brightness, by Prewitt's filter, at half size as in the paper."""
    grey = functional.avg_pool2d(pictures.mean(1, keepdim=True), 2)
    across = torch.tensor([[1.0, 0.0, -1.0]] * 3, device=grey.device) / 3
    both = functional.conv2d(grey, torch.stack([across, across.T])[:, None])
    return both.square().sum(1).sqrt()
