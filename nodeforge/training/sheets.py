"""Pictures of a training run: contact sheets and loss curves, drawn by Pillow."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

INKS = ("#3b6fd4", "#d1495b", "#2e933c", "#b07aa1", "#e08e0b", "#5c677d")
PAPER, TEXT, GRID = "#ffffff", "#20242b", "#d9dde3"
LINES = 2  # of caption under a picture


def pictures(batch: Tensor) -> list[Image.Image]:
    """Pillow pictures of a tensor [n, 3, h, w] of values -1..1."""
    values = ((batch.detach().float().clamp(-1, 1) + 1) * 127.5).round().byte()
    arrays = values.permute(0, 2, 3, 1).cpu().numpy()
    return [Image.fromarray(array) for array in arrays]


def contact_sheet(
    pictures: Sequence[Image.Image],
    captions: Sequence[str],
    path: Path,
    columns: int = 8,
    cell: int = 256,
) -> None:
    """Write pictures in rows with their captions underneath; the suffix chooses the format.

    Args:
        pictures: Row by row.
        captions: One for each picture; longer ones are cut after two lines.
        path: PNG or JPEG file.
        columns: Pictures in a row.
        cell: Width and height of a picture in pixels.
    """
    tall_letter = max(10, cell // 18)
    font = ImageFont.load_default(size=tall_letter)
    letter = font.getlength("n")
    line = math.ceil(tall_letter * 1.25)
    tall = cell + LINES * line + 6 if any(captions) else cell
    rows = max(1, math.ceil(len(pictures) / columns))
    sheet = Image.new("RGB", (columns * (cell + 4) + 4, rows * (tall + 4) + 4), PAPER)
    draw = ImageDraw.Draw(sheet)
    for index, picture in enumerate(pictures):
        x, y = 4 + index % columns * (cell + 4), 4 + index // columns * (tall + 4)
        sheet.paste(picture.convert("RGB").resize((cell, cell), Image.Resampling.LANCZOS), (x, y))
        words = textwrap.wrap(captions[index] if index < len(captions) else "", int(cell / letter))
        for row, text in enumerate(words[:LINES]):
            draw.text((x, y + cell + 2 + row * line), text, fill=TEXT, font=font)
    sheet.save(path, quality=88)


def plot(series: Mapping[str, Sequence[tuple[float, float]]], path: Path) -> None:
    """Write curves over steps, each scaled to its own range, with its last value in the legend.

    Args:
        series: Points (step, value) by name.
        path: PNG file.
    """
    wide, tall, edge = 960, 480, 48
    sheet = Image.new("RGB", (wide, tall), PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=14)
    for step in range(5):
        y = edge + (tall - 2 * edge) * step / 4
        draw.line((edge, y, wide - edge, y), fill=GRID)
    last = max((points[-1][0] for points in series.values() if points), default=1.0) or 1.0
    for index, (name, points) in enumerate(series.items()):
        ink = INKS[index % len(INKS)]
        if not points:
            continue
        values = np.array([value for _, value in points], dtype=np.float64)
        low, high = float(values.min()), float(np.quantile(values, 0.98))
        span = high - low or 1.0
        path_ = [
            (
                edge + (wide - 2 * edge) * step / last,
                tall - edge - (tall - 2 * edge) * min(max((value - low) / span, 0.0), 1.0),
            )
            for step, value in points
        ]
        if len(path_) > 1:
            draw.line(path_, fill=ink, width=2)
        words = f"{name}  {values[-1]:.4g}  (shown {low:.3g} to {high:.3g})"
        draw.text((edge + 8 + index % 2 * 420, 4 + index // 2 * 18), words, fill=ink, font=font)
    draw.text((edge, tall - edge + 8), "0", fill=TEXT, font=font)
    draw.text((wide - edge - 90, tall - edge + 8), f"step {last:,.0f}", fill=TEXT, font=font)
    sheet.save(path)
