"""Where a graph ends: a place to look, a file on disk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath

from nodeforge.base import files
from nodeforge.errors import BadValue, DiskError
from nodeforge.graph.spec import LEADS_OUT, leads_out
from nodeforge.interop.encode import SUFFIX, Format, Keep, check_size, encode, kept
from nodeforge.interop.paths import fit_name
from nodeforge.stages.params import FileName, Folder, Quality
from nodeforge.stages.run import QUIET, Run
from nodeforge.stages.stage import stage
from nodeforge.values import Image


@stage(icon="eye")
def view(image: Image) -> Image:
    """Look at a picture on its way; it goes on unchanged.

    image: The picture to look at.
    returns: The same picture.
    """
    return image


@stage(effect=True, icon="download", doing="Saving")
def save_image(
    image: Image,
    folder: Folder = "~/Pictures/NodeForge",
    name: FileName = "{title}-{seed}",
    format: Format = "png",
    quality: Quality = 92,
    metadata: Keep = "everything",
    run: Run = QUIET,
) -> None:
    """Write each picture to a file of its own; a file that is there already is never replaced.

    The file also holds the graph it was made by: open the picture to get the graph back. And it
    holds the settings as A1111 and Civitai read them. No folder of yours is named in it.

    image: The pictures to write.
    folder: Where to; it is made if it is not there. ~ is your own folder.
    name: May hold {title}, {seed}, {index}, {date}, {time}, {width} and {height}; what stands
        before a / is a folder below. A number is added to a name that is taken.
    format: PNG keeps every bit; JPEG (no transparency) and WebP are smaller.
    quality: For JPEG and WebP: 100 is best, 75 is small.
    metadata: What the file tells besides the picture: the graph and the settings, the settings
        only, or neither. That a model drew it is said where Preferences say so.
    """
    to = _folder(folder)
    check_size(image.width, image.height, format)
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
        place = file_place(name, words)
        data = encode(picture, format, quality, kept(run.metadata(index), metadata))
        run.say(str(_written(data, _below(to, place.parent), place.name, SUFFIX[format])))


def file_place(template: str, words: Mapping[str, str]) -> PurePosixPath:
    """Folders and a file name without its suffix, fit for every system, from a template like
    "{date}/{title}-{seed}". What a word stands for makes no folder.

    Raises BadValue for a {word} that is not among `words`, and for a name that leads elsewhere.
    """

    def word(match: re.Match[str]) -> str:
        if match[1] not in words:
            known = ", ".join(f"{{{w}}}" for w in words)
            raise BadValue(f"A file name cannot hold {match[0]}: use {known}")
        return words[match[1]]

    parts = re.split(r"[/\\]+", template.strip())
    if leads_out(template):
        raise BadValue(f"The name {template.strip()} {LEADS_OUT}")
    folders = [fit_name(re.sub(r"\{(\w*)\}", word, part), "") for part in parts[:-1]]
    last = re.sub(r"(?i)\.(png|jpe?g|webp)$", "", re.sub(r"\{(\w*)\}", word, parts[-1]).strip())
    return PurePosixPath(*filter(None, folders), fit_name(last, "picture"))


def _folder(folder: str) -> Path:
    """The folder, made if need be; ~ is the home folder, and nothing else is a sign."""
    if not folder.strip():
        raise DiskError("No folder is chosen: choose one in Save image")
    try:
        path = Path(folder.strip()).expanduser()
    except RuntimeError as error:
        raise DiskError(f"There is no home folder for {folder}: choose another folder") from error
    return _made(path).absolute()


def _made(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise DiskError(f"The folder {path} {_why(error)}: choose another folder") from error
    return path


def _below(folder: Path, inner: PurePosixPath) -> Path:
    """A folder in the chosen one, made if need be. Raises BadValue where a link leads out of it."""
    home, path = folder.resolve(), folder
    for part in inner.parts:
        path /= part
        if not path.resolve().is_relative_to(home):
            raise BadValue(
                f"{part} in {folder} is a link to another place: take it out of the name, or "
                f"choose that folder"
            )
        _made(path)
    return path


def _written(data: bytes, folder: Path, stem: str, suffix: str) -> Path:
    try:
        return files.write_new(folder, stem, suffix, data)
    except (OSError, ValueError) as error:
        raise DiskError(
            f"A picture cannot be saved, because {folder} {_why(error)}: choose another folder"
        ) from error


def _why(error: OSError | ValueError) -> str:
    """The end of a sentence that begins with the folder."""
    if isinstance(error, FileExistsError | NotADirectoryError):
        return "is not a folder"
    if isinstance(error, PermissionError):
        return "may not be written to"
    said = error.strerror if isinstance(error, OSError) else ""
    return f"did not take it ({(said or str(error)).lower()})"
