"""The picture in the Viewer on its way out: saved, copied or dragged, with all that it may tell.

What is written is what Save image writes: through the same encoder, with the graph that made the
picture and the settings it was drawn with.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image as Pil
from platformdirs import user_cache_path
from PySide6.QtCore import QMimeData, QObject, Qt, QUrl
from PySide6.QtGui import QDrag, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from nodeforge.app import settings
from nodeforge.app.picture_metadata import marks, tells
from nodeforge.app.reader import Reader
from nodeforge.app.session import Session
from nodeforge.app.words import tr
from nodeforge.base.files import write_atomically
from nodeforge.errors import DiskError, NodeForgeError
from nodeforge.graph.document import Document
from nodeforge.graph.file import dumps
from nodeforge.graph.spec import Specs
from nodeforge.interop.a1111 import parse_parameters
from nodeforge.interop.encode import FORMATS, Format, check_size, encode, kept
from nodeforge.interop.metadata import Metadata
from nodeforge.interop.paths import fit_name
from nodeforge.interop.portable import portable

FILTERS = {"PNG (*.png)": ".png", "JPEG (*.jpg *.jpeg)": ".jpg", "WebP (*.webp)": ".webp"}
FOREIGN = (
    ".bmp",
    ".gif",
    ".tif",
    ".tiff",
    ".avif",
    ".jxl",
    ".heic",
    ".jp2",
    ".tga",
    ".psd",
    ".exr",
)
QUALITY = 95
OLD = 3 * 24 * 3600  # seconds that a dragged file is kept for whoever got its name
FOLDER, ENDING = "pictures/folder", "pictures/ending"


@dataclass(frozen=True)
class Whole:
    """A picture as it was made. straight: its bytes, uint8 (height, width, 4), where it is
    transparent; a QImage that is quick to draw has not all of them. document: the graph that made
    it. told: of how it was made, without that."""

    image: QImage
    document: Document
    told: Metadata
    name: str
    straight: bytes = b""

    @property
    def seed(self) -> int | None:
        data = parse_parameters(self.told.parameters) if self.told.parameters else None
        return data.seed if data else None

    def picture(self) -> Pil.Image:
        size = (self.image.width(), self.image.height())
        if self.straight:
            return Pil.frombytes("RGBA", size, self.straight)
        image = self.image.convertToFormat(QImage.Format.Format_RGB32)
        return Pil.frombuffer("RGB", size, bytes(image.constBits()), "raw", "BGRX", 0, 1)

    def encoded(self, format: Format, specs: Specs, quick: bool = False) -> bytes:
        """The bytes of a file, with what the artist wants it to tell. Raises DiskError."""
        keep = tells()
        graph = dumps(portable(self.document, specs)) if keep == "everything" else ""
        told = kept(replace(self.told, graph=graph), keep)
        if not marks():
            told = replace(told, source="")
        return encode(self.picture(), format, QUALITY, told, quick)


class Outgoing(QObject):
    """whole: the picture in view as it was made, or a sentence that says why it is not there.

    ask: where to save, from a suggestion; another in tests.
    """

    def __init__(self, session: Session, host: QWidget, whole: Callable[[], Whole | str]) -> None:
        super().__init__(host)
        self.session, self.host, self.whole = session, host, whole
        self.ask: Callable[[Path], Path | None] = self._ask
        self.reader = Reader(self, threads=1)
        self.reader.read(clean, lambda _: None, patience=0)

    def save(self, path: Path | None = None) -> None:
        """As the file that the artist names, on a thread."""
        whole = self._needed()
        if whole is None:
            return
        path = path or self.ask(suggested(whole))
        if path is None:
            return
        chosen = with_ending(path)
        if chosen.suffix.lower() in FOREIGN:
            words = tr(
                "A picture is saved as PNG, JPEG or WebP: end the name in .png, .jpg or .webp."
            )
            self.session.told.emit("error", words, "")
            return
        if chosen != path:  # nobody was asked about a file of this name
            chosen = free(chosen)
        settings.put(FOLDER, str(chosen.parent))
        settings.put(ENDING, chosen.suffix)
        specs = dict(self.session.specs)

        def work() -> str:
            return _written(whole, chosen, specs)

        self.reader.read(work, lambda fault: self._saved(chosen, fault))

    def copy(self) -> None:
        """To the clipboard; what takes long is made on a thread."""
        if (whole := self._needed()) is None:
            return
        specs = dict(self.session.specs)

        def work() -> bytes | str:
            try:
                return whole.encoded("png", specs, quick=True)
            except NodeForgeError as error:
                return str(error)

        self.reader.read(work, lambda made: self._copied(whole, made))

    def _copied(self, whole: Whole, made: bytes | str) -> None:
        if isinstance(made, str):
            self.session.told.emit("error", made, "")
            return
        # What Python made must not be on the clipboard when Python ends: it would be freed after
        # it. So Qt makes what carries the pixels, and the file comes into that.
        clipboard = QGuiApplication.clipboard()
        clipboard.setImage(whole.image)
        clipboard.mimeData().setData("image/png", made)
        self.session.told.emit("done", tr("The picture is on the clipboard."), "")

    def drag(self) -> None:
        """The picture as a file, for any other program: in a folder of its own, which only this
        user can look into."""
        if (whole := self._needed()) is None:
            return
        try:
            png = whole.encoded("png", self.session.specs, quick=True)
            path = dragged(stem(whole), png)
        except NodeForgeError as error:
            self.session.told.emit("error", str(error), "")
            return
        data = mime(whole, png)
        data.setUrls([QUrl.fromLocalFile(str(path))])
        drag = QDrag(self.host)
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)

    def _needed(self) -> Whole | None:
        found = self.whole()
        if isinstance(found, str):
            self.session.told.emit("info", found, "")
            return None
        return found

    def _saved(self, path: Path, fault: str) -> None:
        if fault:
            self.session.told.emit("error", fault, "")
        else:
            self.session.wrote.emit([path])

    def _ask(self, start: Path) -> Path | None:
        first = next((f for f, ending in FILTERS.items() if ending == start.suffix), "")
        name, chosen = QFileDialog.getSaveFileName(
            self.host, tr("Save picture as"), str(start), ";;".join(FILTERS), first
        )
        if not name:
            return None
        if chosen in FILTERS:
            settings.put(ENDING, FILTERS[chosen])
        return Path(name)


def mime(whole: Whole, png: bytes) -> QMimeData:
    """A picture for other programs: as pixels, and as a PNG with all that it tells."""
    data = QMimeData()
    data.setData("image/png", png)
    data.setImageData(whole.image)
    return data


def with_ending(path: Path) -> Path:
    """A name without the ending of a picture gets the one that was chosen last."""
    if path.suffix.lower() in (*FORMATS, *FOREIGN):
        return path
    return path.with_name(path.name + ending())


def ending() -> str:
    found = settings.text(ENDING, ".png")
    return found if found in FORMATS else ".png"


def suggested(whole: Whole) -> Path:
    """Where one saved last, by a name that is free there."""
    folder = Path(settings.text(FOLDER))
    if not settings.text(FOLDER) or not folder.is_dir():
        pictures = Path.home() / "Pictures"
        folder = pictures if pictures.is_dir() else Path.home()
    return free(folder / f"{stem(whole)}{ending()}")


def stem(whole: Whole) -> str:
    return whole.name if whole.seed is None else f"{whole.name}-{whole.seed}"


def free(path: Path) -> Path:
    """The path, or the first of name-2, name-3… that is not there."""
    count, found = 1, path
    while os.path.lexists(found):
        count += 1
        found = path.with_name(f"{path.stem}-{count}{path.suffix}")
    return found


def _written(whole: Whole, path: Path, specs: Specs) -> str:
    """Save it; a sentence where that fails."""
    try:
        format = FORMATS[path.suffix.lower()]
        check_size(whole.image.width(), whole.image.height(), format)
        write_atomically(path, whole.encoded(format, specs))
    except NodeForgeError as error:
        return str(error)
    return ""


def drag_folder() -> Path:
    return user_cache_path("nodeforge", appauthor=False) / "dragged"


def is_dragged(path: Path) -> bool:
    """Whether a file is one of those, which do not stay."""
    return path.absolute().is_relative_to(drag_folder())


def dragged(name: str, png: bytes) -> Path:
    """A new file of about this name, in a new folder that no one else can open. Raises
    DiskError."""
    name = fit_name(name, "picture")
    try:
        home = drag_folder()
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = Path(tempfile.mkdtemp(dir=home)) / f"{name}.png"
        with path.open("xb") as file:
            file.write(png)
    except OSError as error:
        why = error.strerror or error
        raise DiskError(tr("The picture cannot be dragged out ({}).").format(why)) from error
    return path


def clean(age: float = OLD) -> None:
    """Remove what was dragged out days ago: whoever got it has read it."""
    with suppress(OSError):
        for folder in drag_folder().iterdir():
            if time.time() - folder.lstat().st_mtime > age and not folder.is_symlink():
                shutil.rmtree(folder, ignore_errors=True)
