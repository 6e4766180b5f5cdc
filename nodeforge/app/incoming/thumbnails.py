"""The picture of a file on the node that will load it, at once: small, and without any run.

It is no result: it has no key, moves no badge, and gives way to the picture of the first run.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from nodeforge import resources
from nodeforge.app.reader import Reader
from nodeforge.app.session import Session
from nodeforge.app.state import IDLE, RunState
from nodeforge.graph.document import Diff, Node, NodeId
from nodeforge.graph.spec import File, StageSpec

SIDE = 512  # pixels of the longer side: the Viewer shows it, too, until the first run
LARGEST = 96 * 2**20  # bytes of a file that is decoded as a whole for it
PLAIN = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")  # what Pillow reduces rightly
ORIENTATION = 0x0112  # EXIF


@dataclass(frozen=True)
class Thumbnail:
    """size: of the whole picture, upright, in pixels."""

    image: QImage
    size: tuple[int, int]


def picture_param(spec: StageSpec | None) -> str:
    """The parameter by which a stage brings in a picture and needs nothing else; "" for others."""
    if spec is None or any(not port.optional for port in spec.inputs):
        return ""
    if not any(port.type == "Image" for port in spec.outputs):
        return ""
    named = (p.name for p in spec.params if isinstance(p.kind, File) and p.kind.what == "image")
    return next(named, "")


def read(file: str) -> Thumbnail | None:
    """A small copy of a picture file, upright and in sRGB; None if there is none. For a thread."""
    path = locate(file)
    try:
        return _read(path) if path.is_file() else None
    except Exception:  # noqa: BLE001  a damaged file can raise anything; a run says what is wrong
        return None


def locate(file: str) -> Path:
    """Where the picture is: as named, else among the pictures that come with NodeForge."""
    path = Path(file).expanduser()
    ours = resources.path(file)
    return ours if not path.exists() and ours.is_file() else path


def _read(path: Path) -> Thumbnail | None:
    """Reduced before its colours are converted; deep pixels, which Pillow cannot reduce, after."""
    from PIL import Image as Pil
    from PIL import ImageOps, UnidentifiedImageError

    from nodeforge.imaging import decode

    with path.open("rb") as opened:
        head = opened.read(64)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Pil.DecompressionBombWarning)
            with decode.opened(path, head) as picture:
                if picture.mode in PLAIN:
                    turned = picture.getexif().get(ORIENTATION, 1) in (5, 6, 7, 8)
                    size = picture.size[::-1] if turned else picture.size
                    picture.draft("RGB", (SIDE, SIDE))  # no more of a JPEG is decoded than needed
                    shown = _reduced(picture)
                    with suppress(Exception):  # damaged EXIF; the picture itself is fine
                        shown = ImageOps.exif_transpose(shown)
                    return Thumbnail(_image(decode.from_pillow(shown).pixels), size)
    except UnidentifiedImageError:
        pass  # a kind of TIFF that only our own reader knows
    if path.stat().st_size > LARGEST:
        return None
    pixels = decode.decode(path).pixels
    step = max(1, max(pixels.shape[:2]) // SIDE)
    return Thumbnail(_image(pixels[::step, ::step]), (pixels.shape[1], pixels.shape[0]))


def _reduced(picture: Any) -> Any:
    if picture.mode in ("P", "PA", "1"):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail((SIDE, SIDE), reducing_gap=2.0)
    return picture


def _image(pixels: Any) -> QImage:
    """From floats, (height, width, 3 or 4), 0 to 1."""
    import numpy as np

    data = np.ascontiguousarray((pixels * 255).round().astype(np.uint8))
    high, wide, channels = data.shape
    form = QImage.Format.Format_RGBA8888 if channels == 4 else QImage.Format.Format_RGB888
    return QImage(data.tobytes(), wide, high, wide * channels, form).copy()


class Thumbnails(QObject):
    """Follows the document: a picture file that is opened, chosen, dropped or brought back by undo
    is shown on its node."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.reader = Reader(self)
        self._shown: dict[NodeId, str] = {}  # the file that each node shows, or waits for
        session.changed.connect(self._changed)
        session.opened.connect(self._opened)
        session.offered.connect(lambda: self._look(self.session.document.nodes.values()))

    def close(self) -> None:
        self.reader.close()

    def _opened(self) -> None:
        self._shown.clear()
        self._look(self.session.document.nodes.values())

    def _changed(self, change: Diff) -> None:
        for id in change.removed:
            self._shown.pop(id, None)
        things = (*change.added, *change.changed)
        self._look(thing for thing in things if isinstance(thing, Node))

    def _look(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            name = picture_param(self.session.specs.get(node.stage))
            if not name or name in node.links:
                continue
            default = self.session.specs[node.stage].param[name].default
            file = str(node.values.get(name, default)).strip()
            if self._shown.get(node.id, "") == file:
                continue
            self._shown[node.id] = file
            was = self.session.state(node.id)
            if not file:
                self._show(node.id, file, was, None)
                continue
            self.reader.read(
                lambda file=file: read(file),  # type: ignore[misc]
                lambda found, id=node.id, file=file, was=was: self._show(id, file, was, found),  # type: ignore[misc]
                patience=0,
            )

    def _show(self, id: NodeId, file: str, was: RunState, found: Thumbnail | None) -> None:
        """Unless a run was quicker, or the node has yet another file by now."""
        state = self.session.state(id)
        if self._shown.get(id) != file or id not in self.session.document.nodes:
            return
        if state.key != was.key or (state.phase == "cached" and state.thumb is not was.thumb):
            return
        image, size = (found.image, found.size) if found else (None, (0, 0))
        shown = replace(state, thumb=image, size=size, count=1, key="", stale=False)
        self.session.show(id, shown if shown != replace(IDLE) else IDLE)
