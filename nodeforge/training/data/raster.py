"""One sprite from its source: drawn, cropped, scaled, packed, and its colour named."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIZE = 208  # pixels of a sprite's square
DRAWN = 320  # pixels that a drawing is rendered at before it is cropped
VISIBLE = 12  # alpha of 255 below which a pixel is not part of the sprite
QUALITY, ALPHA_QUALITY = 84, 92  # of the WEBP
PREVAILS = 0.55  # share of the pixels that one colour needs to be named
COLOURS = {
    "red": (220, 40, 45),
    "orange": (250, 140, 30),
    "yellow": (250, 205, 50),
    "green": (80, 170, 60),
    "blue": (50, 120, 220),
    "purple": (140, 80, 200),
    "pink": (245, 130, 180),
    "brown": (140, 90, 55),
    "black": (45, 42, 48),
    "white": (240, 240, 242),
    "grey": (150, 152, 156),
}


@dataclass(frozen=True)
class Cutout:
    """A packed sprite: its WEBP, the box around it as share of the square, its colour."""

    webp: bytes
    width: float
    height: float
    colour: str | None


def cutout(source: bytes) -> Cutout:
    """The sprite from an SVG, or from a picture that Pillow reads.

    Raises ValueError or OSError if the source holds no picture.
    """
    image = _drawn(source) if source.lstrip().startswith(b"<svg") else _opened(source)
    pixels = _scaled(_cropped(image))
    height, width = pixels.shape[:2]
    square = np.zeros((SIZE, SIZE, 4), np.uint8)
    top, left = (SIZE - height) // 2, (SIZE - width) // 2
    square[top : top + height, left : left + width] = (pixels * 255 + 0.5).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(square).save(
        stream, "WEBP", quality=QUALITY, method=6, alpha_quality=ALPHA_QUALITY
    )
    return Cutout(stream.getvalue(), width / SIZE, height / SIZE, _colour(pixels))


def _opened(source: bytes) -> Image.Image:
    with Image.open(io.BytesIO(source)) as image:
        return image.convert("RGBA")


def _drawn(source: bytes) -> Image.Image:
    import resvg_py

    text = source.decode("utf-8")
    return _opened(bytes(resvg_py.svg_to_bytes(svg_string=text, width=DRAWN)))


def _cropped(image: Image.Image) -> Image.Image:
    alpha = np.asarray(image)[..., 3]
    rows, columns = np.nonzero(alpha > VISIBLE)
    if not len(rows):
        raise ValueError("the picture is empty")
    right, bottom = int(columns.max()) + 1, int(rows.max()) + 1
    return image.crop((int(columns.min()), int(rows.min()), right, bottom))


def _scaled(image: Image.Image) -> NDArray[np.float32]:
    """[height, width, 4] in 0..1, straight alpha; the longer side is SIZE.

    Resampled with premultiplied alpha, so that no colour of hidden pixels bleeds in.
    """
    pixels = np.asarray(image).astype(np.float32) / 255
    pixels[..., :3] *= pixels[..., 3:]
    longer = max(image.size)
    size = (max(1, round(image.width * SIZE / longer)), max(1, round(image.height * SIZE / longer)))
    planes = [
        np.asarray(Image.fromarray(pixels[..., channel]).resize(size, Image.Resampling.LANCZOS))
        for channel in range(4)
    ]
    scaled: NDArray[np.float32] = np.clip(np.stack(planes, -1), 0, 1)
    scaled[..., :3] = np.clip(scaled[..., :3] / np.maximum(scaled[..., 3:], 1e-3), 0, 1)
    return scaled


def _colour(pixels: NDArray[np.float32]) -> str | None:
    """The word for the colour of most pixels, if there is one."""
    solid = pixels[pixels[..., 3] > 0.6][::7, :3] * 255
    if not len(solid):
        return None
    anchors = np.array(list(COLOURS.values()), np.float32)
    nearest = ((solid[:, None] - anchors) ** 2).sum(-1).argmin(1)
    counts = np.bincount(nearest, minlength=len(COLOURS)) / len(nearest)
    best = int(counts.argmax())
    return list(COLOURS)[best] if counts[best] > PREVAILS else None
