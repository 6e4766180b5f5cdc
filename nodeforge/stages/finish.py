"""Where a graph ends: a place to look, a file on disk."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Literal, TypeAlias

from PIL import Image as Pil
from PIL.PngImagePlugin import PngInfo

from nodeforge.errors import BadValue, DiskError
from nodeforge.stages.params import Folder, Quality
from nodeforge.stages.run import QUIET, Run
from nodeforge.stages.stage import stage
from nodeforge.values import Image

Format: TypeAlias = Literal["png", "jpeg", "webp"]
SUFFIX: Mapping[str, str] = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}
# Windows keeps these names for devices, with any suffix
DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


@stage(icon="eye")
def view(image: Image) -> Image:
    """Look at a picture on its way; it goes on unchanged.

    image: The picture to look at.
    returns: The same picture.
    """
    return image


@stage(effect=True, icon="download")
def save_image(
    image: Image,
    folder: Folder = "~/Pictures/NodeForge",
    name: str = "{title}-{seed}",
    format: Format = "png",
    quality: Quality = 92,
    run: Run = QUIET,
) -> None:
    """Write each picture to a file of its own; a file that is there already is never replaced.

    A PNG also holds the graph it was made by: open the picture to get the graph back.

    image: The pictures to write.
    folder: Where to; it is made if it is not there. ~ is your own folder.
    name: May hold {title}, {seed}, {index}, {date}, {time}, {width} and {height}; a number is
        added to a name that is taken.
    format: PNG keeps every bit and the graph; JPEG (no transparency) and WebP are smaller.
    quality: For JPEG and WebP: 100 is best, 75 is small.
    """
    to = _folder(folder)
    pictures = image.pictures()
    now = datetime.now()
    for index, picture in run.over(enumerate(pictures), len(pictures)):
        seed = str(image.seeds[index]) if index < len(image.seeds) else run.notes.get("seed", "")
        words = {
            "title": run.notes.get("title", ""),
            "seed": seed,
            "index": str(index + 1),
            "date": f"{now:%Y-%m-%d}",
            "time": f"{now:%H-%M-%S}",
            "width": str(image.width),
            "height": str(image.height),
        }
        options = _options(format, quality, run.notes)
        stem = file_stem(name, words)
        run.say(str(_written(picture, to, stem, format, options)))


def file_stem(template: str, words: Mapping[str, str]) -> str:
    """A file name without its suffix, fit for every system, from a template like "{date}-{seed}".

    Raises BadValue for a {word} that is not among `words`.
    """

    def word(match: re.Match[str]) -> str:
        if match[1] not in words:
            known = ", ".join(f"{{{w}}}" for w in words)
            raise BadValue(f"A file name cannot hold {match[0]}: use {known}")
        return words[match[1]]

    name = re.sub(r"\{(\w*)\}", word, template)
    name = re.sub(r"(?i)\.(png|jpe?g|webp)$", "", name.strip())
    name = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]+', "-", name)
    name = re.sub(r"-{2,}", "-", name).strip("-. ")
    name = name.encode()[:180].decode(errors="ignore").rstrip("-. ")  # most systems allow 255
    return f"_{name}" if DEVICES.fullmatch(name) else name or "picture"


def _folder(folder: str) -> Path:
    """The folder, made if need be; ~ and variables such as $HOME are expanded."""
    path = Path(os.path.expandvars(folder.strip())).expanduser() if folder.strip() else None
    if path is None:
        raise DiskError("No folder is chosen: choose one in Save image")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise DiskError(f"The folder {path} {_why(error)}: choose another folder") from error
    return path.absolute()


def _options(format: Format, quality: int, notes: Mapping[str, str]) -> dict[str, Any]:
    """What Pillow's writer of this format is to be told."""
    match format:
        case "png":
            info = PngInfo()
            for key, note in (("nodeforge", "graph"), ("parameters", "parameters")):
                if text := notes.get(note, ""):
                    info.add_text(key, text.encode(errors="replace").decode())
            return {"pnginfo": info}
        case "jpeg":
            # at high quality colours keep their full resolution
            return {"quality": quality, "subsampling": 0 if quality >= 90 else 2}
        case "webp":
            return {"quality": quality}


def _written(
    picture: Pil.Image, folder: Path, stem: str, format: Format, options: Mapping[str, Any]
) -> Path:
    """Write to a temporary file beside, then give it the first free name: no half file is seen."""
    if format == "jpeg" and picture.mode == "RGBA":
        white = Pil.new("RGBA", picture.size, "white")
        picture = Pil.alpha_composite(white, picture).convert("RGB")
    temporary = ""
    try:
        with NamedTemporaryFile(dir=folder, prefix=".", suffix=".part", delete=False) as file:
            temporary = file.name
            picture.save(file, format, **options)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        path = _free(folder, stem, SUFFIX[format])
        try:
            os.replace(temporary, path)
        except OSError:
            path.unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        raise DiskError(
            f"A picture cannot be saved, because {folder} {_why(error)}: choose another folder"
        ) from error
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
    return path


def _free(folder: Path, stem: str, suffix: str) -> Path:
    """Take the first of stem, stem-2, stem-3... that is free, with an empty file."""
    count = 1
    while True:
        path = folder / f"{stem}{'' if count == 1 else f'-{count}'}{suffix}"
        try:
            path.open("x").close()
        except FileExistsError:
            count += 1
        else:
            return path


def _umask() -> int:
    """The mask of this process; there is no way to read it but to set it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _why(error: OSError | ValueError) -> str:
    """The end of a sentence that begins with the folder."""
    if isinstance(error, FileExistsError | NotADirectoryError):
        return "is not a folder"
    if isinstance(error, PermissionError):
        return "may not be written to"
    said = error.strerror if isinstance(error, OSError) else ""
    return f"did not take it ({(said or str(error)).lower()})"
