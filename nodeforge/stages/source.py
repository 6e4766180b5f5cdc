"""Where a graph begins: a picture from disk, a text, a number."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageCms, ImageOps, UnidentifiedImageError

from nodeforge import resources
from nodeforge.errors import DiskError
from nodeforge.stages.params import ImageFile, Lines
from nodeforge.stages.stage import stage
from nodeforge.values import Image


@stage(icon="image")
def load_image(file: ImageFile = "") -> Image:
    """Bring in a picture from disk; a changed file is read again.

    It is turned the way the camera held it and its colours become sRGB; transparency is kept.
    Of an animation the first picture is taken.

    file: A PNG, JPEG, WebP, BMP, TIFF or GIF file.
    returns: The picture, in its own size.
    """
    if not file.strip():
        raise DiskError("No picture is chosen: choose a file in Load image")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Pil.DecompressionBombWarning)
            with Pil.open(_place(file)) as picture:
                picture.load()
                return _converted(picture)
    except FileNotFoundError as error:
        raise DiskError(f"There is no picture {file}: choose another file") from error
    except Pil.DecompressionBombError as error:
        most = 2 * (Pil.MAX_IMAGE_PIXELS or 0) // 1_000_000
        raise DiskError(
            f"{file} is too large to open: make it smaller than {most} megapixels"
        ) from error
    except UnidentifiedImageError as error:
        raise DiskError(f"{file} is not a picture that can be read: choose another file") from error
    except Exception as error:  # a damaged file can make a decoder raise anything
        said = (error.strerror if isinstance(error, OSError) else "") or "the file is damaged"
        raise DiskError(f"{file} cannot be read ({said}): choose another file") from error


@stage(icon="type")
def text(text: Lines = "") -> str:
    """Hold a text once, for every stage that a wire takes it to.

    text: The words to hand on.
    returns: The text as it stands.
    """
    return text


@stage(icon="hash")
def number(value: float = 0.0) -> float:
    """Hold a number once, for every stage that a wire takes it to.

    value: The number to hand on.
    returns: The number as it stands.
    """
    return value


def _place(file: str) -> Path:
    """Where the picture is: as named, else among the pictures that come with NodeForge."""
    path = Path(file).expanduser()
    ours = resources.path(file)
    return ours if not path.exists() and ours.is_file() else path


def _converted(picture: Pil.Image) -> Image:
    """Upright, sRGB, RGB or RGBA."""
    upright = _upright(picture)
    if upright.mode.startswith(("I", "F")):
        return Image(_deep(upright)[None])
    mode = "RGBA" if upright.has_transparency_data else "RGB"
    if upright.mode in ("P", "PA"):
        upright = upright.convert(mode)
    return Image.of(_srgb(upright).convert(mode))


def _upright(picture: Pil.Image) -> Pil.Image:
    """Turned as the camera was held; a picture whose EXIF data are damaged stays as it is."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # noqa: BLE001  the picture itself is fine
        return picture


def _deep(picture: Pil.Image) -> NDArray[np.float32]:
    """Grey of 16 bits and more, or float, as (height, width, 3), 0 to 1.

    Float files do not say what white is: the least of 1, 255 and 65535 that holds every value.
    """
    grey = np.nan_to_num(np.asarray(picture, np.float32))
    whites = (1, 255) if picture.mode == "F" else ()
    white = next((white for white in whites if grey.max() <= white), 65535)
    return np.repeat((grey / np.float32(white)).clip(0, 1)[..., None], 3, axis=-1)


def _srgb(picture: Pil.Image) -> Pil.Image:
    """Colours of another profile become sRGB; where the profile is damaged they stay."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK", "LAB"):
        return picture
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(own):
            return picture  # most pictures: not a bit of them may move
        to = ImageCms.createProfile("sRGB")
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(picture, own, to, outputMode=mode) or picture
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
