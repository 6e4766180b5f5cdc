"""A tiny random model of every family: real diffusers folders, made in a moment, offline."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from tests.diffusion.tiny import (
    chroma,
    flux,
    flux2,
    lumina2,
    pixart,
    qwen_image,
    sana,
    sd1,
    sd3,
    sdxl,
    z_image,
)

MODELS: dict[str, Callable[[Path], Path]] = {
    "sd1": sd1.make,
    "sd1-inpaint": functools.partial(sd1.make, channels=9),
    "sdxl": sdxl.make,
    "sdxl-refiner": sdxl.make_refiner,
    "sd3": sd3.make,
    "flux-dev": flux.make_dev,
    "flux-schnell": flux.make_schnell,
    "flux-fill": flux.make_fill,
    "flux-kontext": flux.make_kontext,
    "flux2": flux2.make,
    "flux2-klein": flux2.make_klein,
    "chroma": chroma.make,
    "z-image": z_image.make,
    "qwen-image": qwen_image.make,
    "qwen-image-edit": qwen_image.make_edit,
    "qwen-image-edit-plus": qwen_image.make_edit_plus,
    "sana": sana.make,
    "sana-sprint": sana.make_sprint,
    "pixart": pixart.make,
    "lumina2": lumina2.make,
}
CONTROLS: dict[str, Callable[[Path], Path]] = {
    "sd3": sd3.make_control,
    "sd3-fill": functools.partial(sd3.make_control, filling=True),
    "flux-dev": flux.make_control,
    "qwen-image": qwen_image.make_control,
    "qwen-image-fill": functools.partial(qwen_image.make_control, filling=True),
    "sana": sana.make_control,
    "z-image": z_image.make_control,
    "z-image-2": functools.partial(z_image.make_control, filling=True),
}
