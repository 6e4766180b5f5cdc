"""Where a graph begins: a picture from disk, a text, a number."""

from __future__ import annotations

import logging
from pathlib import Path

from PIL import Image as Pil
from PIL import UnidentifiedImageError

from nodeforge import resources
from nodeforge.errors import DiskError
from nodeforge.imaging import formats
from nodeforge.imaging.decode import Decoded, decode
from nodeforge.stages.params import ImageFile, Lines
from nodeforge.stages.run import QUIET, Run
from nodeforge.stages.stage import stage
from nodeforge.values import Image

log = logging.getLogger(__name__)


@stage(version=2, icon="image")
def load_image(file: ImageFile = "", run: Run = QUIET) -> Image:
    """Bring in a picture from disk; a changed file is read again.

    It is turned the way the camera held it and its colours become sRGB; transparency is kept, and
    so are 16 bits and float, where 1 is white and what is brighter is cut. Of an animation the
    first picture is taken.

    file: A PNG, JPEG, WebP, BMP, TIFF, GIF, AVIF, JPEG 2000, TGA or HEIC file.
    returns: The picture, in its own size.
    """
    if not file.strip():
        raise DiskError("No picture is chosen: choose a file in Load image")
    decoded = _decoded(file)
    for note in decoded.notes:
        run.say(note)
        log.warning("%s: %s", file, note)
    return Image(decoded.pixels[None])


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


def _decoded(file: str) -> Decoded:
    """Raises DiskError, or MemoryError: there the engine makes room and tries again."""
    path = _place(file)
    if path.exists() and not path.is_file():
        raise DiskError(f"{file} cannot be read (it is no file): choose another file")
    try:
        return decode(path)
    except MemoryError:
        raise
    except FileNotFoundError as error:
        raise DiskError(f"There is no picture {file}: choose another file") from error
    except Pil.DecompressionBombError as error:
        most = 2 * (Pil.MAX_IMAGE_PIXELS or 0) // 1_000_000
        raise DiskError(
            f"{file} is too large to open: make it smaller than {most} megapixels"
        ) from error
    except UnidentifiedImageError as error:
        raise DiskError(
            f"{file} is not a picture that can be read: choose another file, as {formats.titles()}"
        ) from error
    except Exception as error:  # a damaged file can make a decoder raise anything
        said = (error.strerror if isinstance(error, OSError) else "") or "the file is damaged"
        raise DiskError(f"{file} cannot be read ({said}): choose another file") from error
