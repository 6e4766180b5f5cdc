"""What came, looked at: files and pixels with all that they tell. For a thread; nothing raises."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nodeforge.app.incoming import pixel_store
from nodeforge.app.incoming.kinds import Foreign, Item, Picture, inspect
from nodeforge.app.incoming.mime import Pixels
from nodeforge.app.outgoing import is_dragged
from nodeforge.app.words import tr
from nodeforge.errors import BadFile, NodeForgeError
from nodeforge.graph.document import Document
from nodeforge.graph.file import opened
from nodeforge.interop import metadata
from nodeforge.interop.a1111 import GenerationData, parse_parameters


@dataclass(frozen=True)
class Told:
    """What a picture tells of how it was made. document: our own graph, left_out: sentences about
    what of it could not be read. fault: why its graph cannot be opened. workflow: whose it has that
    we cannot read."""

    document: Document | None = None
    left_out: tuple[str, ...] = ()
    data: GenerationData | None = None
    workflow: str = ""
    fault: str = ""

    def __bool__(self) -> bool:
        return self.document is not None or bool(self.data or self.workflow or self.fault)


@dataclass(frozen=True)
class Brought:
    """kept: it is a file of ours, which was written for it."""

    item: Item
    told: Told = Told()
    kept: bool = False


def look(paths: tuple[Path, ...]) -> list[Brought]:
    found: list[Brought] = []
    for path in paths:
        if is_dragged(path) and (pixels := _pixels(path)):
            found += take_in(pixels)  # out of our own Viewer: that file does not stay
        else:
            item = inspect(path)
            found.append(Brought(item, _told(item)))
    return found


def _pixels(path: Path) -> Pixels | None:
    try:
        return Pixels(path.read_bytes())
    except OSError:
        return None


def take_in(pixels: Pixels) -> list[Brought]:
    """Keep them in a file."""
    try:
        item = Picture(pixel_store.keep(pixels))
    except NodeForgeError as error:
        return [Brought(Foreign(Path(tr("The picture")), str(error)))]
    return [Brought(item, _told(item), kept=True)]


def _told(item: Item) -> Told:
    if not isinstance(item, Picture):
        return Told()
    try:
        found = metadata.read(item.path)
    except (NodeForgeError, OSError, ValueError):
        return Told()  # its node will say what is wrong with it
    data = parse_parameters(found.parameters) if found.parameters else None
    workflow = "ComfyUI" if found.comfy and not found.graph else ""
    if not found.graph:
        return Told(data=data, workflow=workflow)
    try:
        document, left_out = opened(found.graph)
    except BadFile as error:
        return Told(data=data, fault=str(error))
    return Told(document, tuple(left_out), data)
