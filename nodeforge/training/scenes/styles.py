"""What a style does to a composed picture: filters that keep its subjects recognisable.

Every filter takes pictures [n, 3, size, size] float32, 0..1 and gives the same. Lengths are in
pixels of a 256 px picture, so that a scene looks the same at every size.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from nodeforge.training.scenes.words import STYLES

BASE = 256
_GREY = (0.299, 0.587, 0.114)


class Filters:
    """The filters for pictures of one size on one device."""

    def __init__(self, device: str, size: int) -> None:
        self.device, self.size, self.scale = device, size, size / BASE
        centres = (torch.arange(size, device=device) + 0.5) / size
        self.y, self.x = torch.meshgrid(centres, centres, indexing="ij")
        generator = torch.Generator().manual_seed(7)
        coarse = torch.rand(1, 1, 64, 64, generator=generator)
        coarse = functional.interpolate(coarse, size=(BASE, BASE), mode="bicubic")
        paper = coarse * 0.6 + torch.rand(1, 1, BASE, BASE, generator=generator) * 0.4
        self.paper = self.resized(paper.to(device))
        self.grain = torch.randn(3, 2 * BASE, 2 * BASE, generator=generator).to(device)
        self.known: dict[str, Callable[[Tensor], Tensor]] = {
            "pixel": self.pixel,
            "sketch": self.sketch,
            "watercolor": self.watercolor,
            "oil": self.oil,
            "bw": self.monochrome,
            "sepia": self.sepia,
            "neon": self.neon,
            "blueprint": self.blueprint,
            "blurry": lambda pictures: self.blur(pictures, 11),
            "poor": self.poor,
        }
        assert self.known.keys() < STYLES.keys()

    def __call__(self, style: str, pictures: Tensor, seeds: Tensor) -> Tensor:
        """The pictures in that style. seeds: [n] int64 on the device, for noise."""
        if style == "noisy":
            return self.noisy(pictures, seeds).clamp(0, 1)
        return self.known[style](pictures).clamp(0, 1) if style in self.known else pictures

    def resized(self, pictures: Tensor) -> Tensor:
        if pictures.shape[-1] == self.size:
            return pictures
        return functional.interpolate(pictures, size=(self.size, self.size), mode="bilinear")

    def colour(self, *channels: float) -> Tensor:
        """[1, 3, 1, 1]."""
        return torch.tensor(channels, device=self.device)[None, :, None, None]

    def grey(self, pictures: Tensor) -> Tensor:
        """[n, 1, size, size]: how light."""
        return (pictures * self.colour(*_GREY)).sum(1, keepdim=True)

    def width(self, pixels: int) -> int:
        """So many pixels of 256 at this size, odd."""
        return 2 * round(pixels // 2 * self.scale) + 1

    def blur(self, pictures: Tensor, pixels: int) -> Tensor:
        width = self.width(pixels)
        for _ in range(2):
            padded = functional.pad(pictures, (width // 2,) * 4, mode="reflect")
            pictures = functional.avg_pool2d(padded, width, 1)
        return pictures

    def strokes(self, pictures: Tensor, radius: int) -> Tensor:
        """Kuwahara's filter: each place takes the calmest of the four squares around it."""
        radius = round(radius * self.scale)
        padded = functional.pad(pictures, (radius,) * 4, mode="reflect")
        mean = functional.avg_pool2d(padded, radius + 1, 1)
        spread = (functional.avg_pool2d(padded * padded, radius + 1, 1) - mean * mean).sum(
            1, keepdim=True
        )
        corners = [(top, left) for top in (0, radius) for left in (0, radius)]
        best, least = self.window(mean, 0, 0), self.window(spread, 0, 0)
        for top, left in corners[1:]:
            other = self.window(spread, top, left)
            calmer = other < least
            best = torch.where(calmer, self.window(mean, top, left), best)
            least = torch.where(calmer, other, least)
        return best

    def window(self, padded: Tensor, top: int, left: int) -> Tensor:
        return padded[:, :, top : top + self.size, left : left + self.size]

    def edges(self, pictures: Tensor) -> Tensor:
        """[n, 1, size, size] 0..1: how sharply the colour changes."""
        calm = self.blur(pictures, 3)
        across = functional.pad(calm[:, :, :, 2:] - calm[:, :, :, :-2], (1, 1, 0, 0))
        down = functional.pad(calm[:, :, 2:] - calm[:, :, :-2], (0, 0, 1, 1))
        steep = (across**2 + down**2).sum(1, keepdim=True).sqrt()
        return (steep * 2.2 * self.scale).clamp(0, 1)

    def pixel(self, pictures: Tensor) -> Tensor:
        cell = round(4 * self.scale)
        cells = functional.avg_pool2d(pictures, cell)
        around = functional.avg_pool2d(cells, 3, 1, 1, count_include_pad=False)
        cells = (cells + 0.7 * (cells - around)).clamp(0, 1)
        cells = (cells * 9 + 0.5).floor() / 9
        return functional.interpolate(cells, scale_factor=cell, mode="nearest")

    def sketch(self, pictures: Tensor) -> Tensor:
        grey = self.grey(pictures)
        lines = (grey / self.blur(grey, 9).clamp_min(0.05)).clamp(0, 1) ** 2.2
        drawn = lines * 0.86 + 0.12 * grey + 0.02 - 0.05 * self.paper
        return drawn.expand(-1, 3, -1, -1)

    def watercolor(self, pictures: Tensor) -> Tensor:
        wash = self.strokes(pictures, 3)
        rims = (self.blur(wash, 5) - wash).abs().mean(1, keepdim=True)
        paint = wash * 0.82 + 0.18
        return (paint - rims * 0.9) * (1 - 0.12 * (self.blur(self.paper, 3) - 0.5))

    def oil(self, pictures: Tensor) -> Tensor:
        paint = self.strokes(pictures, 5)
        middle = paint.mean(1, keepdim=True)
        rich = middle + (paint - middle) * 1.22
        return rich * (0.93 + 0.12 * self.blur(self.paper, 3))

    def monochrome(self, pictures: Tensor) -> Tensor:
        return ((self.grey(pictures) - 0.5) * 1.15 + 0.5).expand(-1, 3, -1, -1)

    def sepia(self, pictures: Tensor) -> Tensor:
        faded = self.grey(pictures) * self.colour(0.9, 0.76, 0.58) + self.colour(0.1, 0.07, 0.04)
        return faded * (1 - 0.72 * ((self.x - 0.5) ** 2 + (self.y - 0.5) ** 2))

    def neon(self, pictures: Tensor) -> Tensor:
        brightest = pictures.amax(1, keepdim=True).clamp_min(0.05)
        tube = self.edges(pictures) * ((pictures / brightest) ** 1.6 * 0.9 + 0.1)
        return tube * 1.1 + self.blur(tube, 13) * 1.6 + self.colour(0.03, 0.02, 0.07)

    def blueprint(self, pictures: Tensor) -> Tensor:
        lines = ((self.x * 16 % 1 < 0.05) | (self.y * 16 % 1 < 0.05)).float() * 0.07
        return self.colour(0.1, 0.26, 0.55) + self.edges(pictures) * 0.85 + lines

    def poor(self, pictures: Tensor) -> Tensor:
        cells = functional.avg_pool2d(pictures, round(8 * self.scale))
        return self.resized((cells * 9 + 0.5).floor() / 9)

    def noisy(self, pictures: Tensor, seeds: Tensor) -> Tensor:
        """Grain cut from one sheet of it, for each scene elsewhere."""
        places = torch.arange(BASE, device=self.device)
        rows = places + (seeds % BASE)[:, None]
        columns = places + (seeds // BASE % BASE)[:, None]
        grain = self.grain[:, rows[:, :, None], columns[:, None, :]].transpose(0, 1)
        return pictures + self.resized(grain) * 0.13
