"""Stages that make pictures of pictures, and masks: in 32-bit float."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nodeforge.imaging.alpha import premultiply, unpremultiply
from nodeforge.imaging.sizes import Filter, scale
from nodeforge.stages.params import (
    Amount,
    Feather,
    Pixels,
    Radius,
    Reach,
    Times,
    Unit,
    UpscalerFile,
)
from nodeforge.stages.run import QUIET, Run
from nodeforge.stages.stage import stage
from nodeforge.values import Image, Mask

Floats: TypeAlias = NDArray[np.float32]
Channel: TypeAlias = Literal["brightness", "alpha", "red", "green", "blue"]
Mode: TypeAlias = Literal[
    "normal",
    "multiply",
    "screen",
    "overlay",
    "soft light",
    "add",
    "difference",
    "darken",
    "lighten",
]


@stage(icon="scaling")
def resize(
    image: Image, width: Pixels = 512, height: Pixels = 512, filter: Filter = "lanczos"
) -> Image:
    """Scale a picture to an exact size.

    image: The picture to scale.
    width: How wide it becomes.
    height: How high it becomes.
    filter: Lanczos is sharpest, bicubic and bilinear are softer, box averages, nearest keeps
        hard pixels.
    returns: The picture in its new size.
    """
    if (image.width, image.height) == (width, height):
        return image
    if filter == "nearest" or image.pixels.shape[-1] == 3:
        return Image(scale(image.pixels, width, height, filter), image.seeds)
    scaled = scale(premultiply(image.pixels), width, height, filter)
    return Image(unpremultiply(scaled), image.seeds)


@stage(icon="maximize", doing="Enlarging")
def upscale(
    image: Image,
    file: UpscalerFile = "forge-tiny-x4",
    factor: Times = 4.0,
    run: Run = QUIET,
) -> Image:
    """Enlarge a picture and draw the edges that a larger one would have.

    image: The picture to enlarge.
    file: An upscaler in safetensors, such as ESRGAN or SwinIR, or the name of one that comes with
        NodeForge.
    factor: How many times larger. Most upscalers make it 4 times as large, and less is averaged
        down from that.
    returns: The larger picture.
    """
    from nodeforge.diffusion import upscale

    run.check()
    large = upscale.enlarge(file, image, run.step)
    width, height = round(image.width * factor), round(image.height * factor)
    return resize(large, width, height, "box" if width <= large.width else "lanczos")


@stage(icon="focus")
def sharpen(
    image: Image, amount: Amount = 0.5, radius: Radius = 1.0, threshold: Unit = 0.0
) -> Image:
    """Make edges crisper with an unsharp mask.

    image: The picture to sharpen.
    amount: How much; 0 changes nothing, 1 is strong.
    radius: How far an edge reaches; small for fine detail, large for punch.
    threshold: Contrast below this is left alone, so that noise stays quiet.
    returns: The sharpened picture.
    """
    if amount == 0:
        return image
    colour = image.pixels[..., :3]
    if image.pixels.shape[-1] == 3:
        soft = _blurred(colour, radius)
    else:  # what is transparent has no say in what is seen beside it
        blurred = _blurred(premultiply(image.pixels), radius)
        soft = np.where(blurred[..., 3:] > 0, unpremultiply(blurred)[..., :3], colour)
    detail = colour - soft
    if threshold > 0:
        detail = np.sign(detail) * np.maximum(np.abs(detail) - np.float32(threshold), 0)
    crisp = (colour + np.float32(amount) * detail).clip(0, 1)
    return Image(np.concatenate([crisp, image.pixels[..., 3:]], axis=-1), image.seeds)


@stage(icon="blend")
def blend(
    a: Image, b: Image, mask: Mask | None = None, mode: Mode = "normal", opacity: Unit = 1.0
) -> Image:
    """Lay one picture over another, as layers in a paint program.

    The upper picture and the mask are scaled (Lanczos) to the size of the lower one. Of batches of
    different lengths the shorter one begins again.

    a: The picture below; the result has its size.
    b: The picture on top.
    mask: Where the upper picture shows; everywhere if there is none.
    mode: How the colours of the two meet.
    opacity: 0 shows only the picture below, 1 the full effect.
    returns: The two as one picture.
    """
    width, height = a.width, a.height
    count = max(a.batch, b.batch, len(mask.alpha) if mask else 1)
    below = _cycled(a.pixels, count)
    above = _cycled(resize(b, width, height).pixels, count)
    cover = _alpha(above) * np.float32(opacity)
    if mask:
        where = mask.alpha[..., None]
        if where.shape[1:3] != (height, width):
            where = scale(where, width, height, "lanczos")
        cover = cover * _cycled(where, count)
    under = _alpha(below)
    low, top = below[..., :3], above[..., :3]
    met = MODES[mode](low, top).clip(0, 1)
    # Compositing and Blending Level 1, section 5: the blended colour counts where both are
    paint = (1 - under) * top + under * met
    seeds = next((s for s in (a.seeds, b.seeds) if len(s) == count), ())
    if below.shape[-1] == 3:
        return Image(low + cover * (paint - low), seeds)
    out = np.concatenate(
        [(1 - cover) * under * low + cover * paint, under + cover * (1 - under)], -1
    )
    return Image(unpremultiply(out), seeds)


@stage(icon="pen-tool")
def edges(image: Image) -> Image:
    """Find the lines of a picture, white on black, for Control to follow.

    image: The picture to trace; faint textures leave no lines.
    returns: The lines, in the size of the picture.
    """
    from nodeforge.diffusion import hints

    return hints.lines(image)


@stage(version=2, icon="lasso")
def mask(
    image: Image,
    invert: bool = False,
    grow: Reach = 0,
    blur: Feather = 0.0,
    channel: Channel = "brightness",
) -> Mask:
    """Make a mask of a picture: what is light is drawn anew or shows, what is dark stays.

    For a hole that was erased in a paint program, take the channel alpha, and invert.

    image: White, black and greys between; what is transparent counts as black.
    invert: Swap light and dark, before anything else.
    grow: Widen the light part by so much on all sides; below 0 it shrinks.
    blur: Soften the border, so that no seam is seen.
    channel: What counts as light: the brightness, how opaque it is (alpha), or how much red, green
        or blue is seen.
    returns: The mask, in the size of the picture.
    """
    light = _channel(image, channel)
    if invert:
        light = 1 - light
    if grow:
        light = np.stack([_grown(each, grow) for each in light])
    if blur > 0:
        light = _blurred(light[..., None], blur)[..., 0]
    return Mask(light)


def _channel(image: Image, channel: Channel) -> Floats:
    """(batch, height, width), 0 to 1; colours over black."""
    if channel == "brightness":
        return image.luminance()
    opaque = _alpha(image.pixels)[..., 0]
    if channel == "alpha":
        return opaque
    return image.pixels[..., ("red", "green", "blue").index(channel)].clip(0, 1) * opaque


def _grown(light: Floats, reach: int) -> Floats:
    """Widened by discs of this radius; where it is at least half light, fully."""
    from scipy.ndimage import distance_transform_edt

    if reach < 0:
        return 1 - _grown(1 - light, -reach)
    dark = light < 0.5
    if dark.all():
        return light
    far = distance_transform_edt(dark) if dark.any() else np.zeros_like(light)
    return np.maximum(light, (far <= reach).astype(np.float32))


def _overlay(low: Floats, top: Floats) -> Floats:
    return np.where(low <= 0.5, 2 * low * top, 1 - 2 * (1 - low) * (1 - top))


def _soft_light(low: Floats, top: Floats) -> Floats:
    deep = np.where(low <= 0.25, ((16 * low - 12) * low + 4) * low, np.sqrt(low))
    dark = low - (1 - 2 * top) * low * (1 - low)
    return np.where(top <= 0.5, dark, low + (2 * top - 1) * (deep - low))


MODES: Mapping[Mode, Callable[[Floats, Floats], Floats]] = {
    "normal": lambda low, top: top,
    "multiply": lambda low, top: low * top,
    "screen": lambda low, top: low + top - low * top,
    "overlay": _overlay,
    "soft light": _soft_light,
    "add": lambda low, top: low + top,
    "difference": lambda low, top: np.abs(low - top),
    "darken": np.minimum,
    "lighten": np.maximum,
}


def _blurred(pixels: Floats, radius: float) -> Floats:
    """Gaussian blur along height and width; the border goes on as it ends. radius: sigma, px."""
    reach = ceil(3 * radius)
    steps = np.arange(-reach, reach + 1)
    taps = np.exp(-0.5 * (steps / radius) ** 2)
    taps = (taps / taps.sum()).astype(np.float32)
    for axis in (1, 2):
        length = pixels.shape[axis]
        border = [(reach, reach) if a == axis else (0, 0) for a in range(4)]
        padded = np.moveaxis(np.pad(pixels, border, mode="edge"), axis, 0)
        total = np.zeros_like(np.moveaxis(pixels, axis, 0))
        for start, tap in enumerate(taps):
            total += tap * padded[start : start + length]
        pixels = np.moveaxis(total, 0, axis)
    return pixels


def _alpha(pixels: Floats) -> Floats:
    """(batch, height, width, 1); 1 where there is no alpha channel."""
    return pixels[..., 3:] if pixels.shape[-1] == 4 else np.ones_like(pixels[..., :1])


def _cycled(stack: Floats, count: int) -> Floats:
    """`count` pictures of the stack, from the first again when it ends."""
    return stack if len(stack) == count else stack[np.arange(count) % len(stack)]
