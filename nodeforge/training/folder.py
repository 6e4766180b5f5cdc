"""Somebody's own pictures to learn from: a folder, with captions in files or in file names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError

from nodeforge.errors import DiskError
from nodeforge.training import nets
from nodeforge.training.feed import Taken

KINDS = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
SIZE = 256


class Folder:
    """All pictures of a folder, over and over, in the order of their names.

    Args:
        folder: Pictures, and for each a caption in a .txt file of its name; without one the name
            itself is the caption.
        device: Where they are wanted.

    Raises:
        DiskError: there is no such folder, no picture in it, or one that cannot be read.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        paths = find(folder)
        pictures = torch.from_numpy(np.stack([read(path) for path in paths]))
        self.pictures = pictures.permute(0, 3, 1, 2).to(device)
        self.captions = [caption(path) for path in paths]
        self.ids = nets.ids(nets.tokenizer(), self.captions).to(device)
        self.place = 0

    def take(self, count: int) -> Taken:
        rows = [(self.place + offset) % len(self.captions) for offset in range(count)]
        self.place = (self.place + count) % len(self.captions)
        pictures = self.pictures[rows].float() / 127.5 - 1
        return Taken(pictures, [self.captions[row] for row in rows], self.ids[rows])

    def close(self) -> None: ...


def find(folder: Path) -> list[Path]:
    """The pictures of a folder, sorted by name."""
    if not folder.is_dir():
        raise DiskError(f"There is no folder {folder}: give one with pictures to learn from")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in KINDS)
    if not paths:
        raise DiskError(
            f"There are no pictures in {folder}: put some there, as {', '.join(KINDS)} files"
        )
    return paths


def read(path: Path) -> np.ndarray:
    """The middle square of a picture, [256, 256, 3] uint8, white where it is transparent."""
    try:
        with Image.open(path) as opened:
            whole = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, ValueError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise DiskError(
            f"The picture {path} cannot be read: save it again or take it out of the folder"
        ) from error
    paper = Image.new("RGBA", whole.size, "white")
    paper.alpha_composite(whole)
    square = ImageOps.fit(paper.convert("RGB"), (SIZE, SIZE), Image.Resampling.LANCZOS)
    return np.asarray(square)


def caption(path: Path) -> str:
    """The first line of the .txt file beside a picture, or the picture's name in words."""
    beside = path.with_suffix(".txt")
    try:
        told = beside.read_text("utf-8-sig").strip() if beside.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise DiskError(f"The caption {beside} cannot be read: save it as UTF-8 text") from error
    return " ".join(told.split()) or " ".join(path.stem.replace("_", " ").replace("-", " ").split())
