"""The kinds of picture files that are read: one list for stages, dialogs, drops and help."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True)
class Format:
    """title: as people call it. suffixes: of its files, in lower case with the dot. codecs: the
    names by which Pillow knows it."""

    title: str
    suffixes: tuple[str, ...]
    codecs: tuple[str, ...]


FORMATS = (
    Format("PNG", (".png", ".apng"), ("PNG",)),
    Format("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), ("JPEG",)),
    Format("WebP", (".webp",), ("WEBP",)),
    Format("BMP", (".bmp", ".dib"), ("BMP", "DIB")),
    Format("TIFF", (".tif", ".tiff"), ("TIFF",)),
    Format("GIF", (".gif",), ("GIF",)),
    Format("AVIF", (".avif",), ("AVIF",)),
    Format("JPEG 2000", (".jp2", ".j2k", ".jpx"), ("JPEG2000",)),
    Format("TGA", (".tga",), ("TGA",)),
    Format("HEIC", (".heic", ".heif", ".hif"), ("HEIF",)),
)
HEIC = "pi_heif"  # the package that decodes it, which not every system has


def readable() -> tuple[Format, ...]:
    """Those that can be read here: HEIC only where its decoder is installed."""
    missing = () if find_spec(HEIC) else ("HEIC",)
    return tuple(each for each in FORMATS if each.title not in missing)


def suffixes() -> frozenset[str]:
    """Of all files that can be read here, in lower case with the dot."""
    return frozenset(suffix for each in readable() for suffix in each.suffixes)


def pattern() -> str:
    """For a file dialog: "*.png *.apng …"."""
    return " ".join(f"*{suffix}" for each in readable() for suffix in each.suffixes)


def titles() -> str:
    """For a sentence: "PNG, JPEG, … or HEIC"."""
    *most, last = (each.title for each in readable())
    return f"{', '.join(most)} or {last}"
