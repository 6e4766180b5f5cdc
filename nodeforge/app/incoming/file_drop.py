"""A field for a file takes what is dropped on it: such a file, or the pixels of a picture."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from nodeforge.app.incoming import kinds, mime, pixel_store
from nodeforge.app.incoming.mime import Content, Files, Pixels
from nodeforge.app.reader import Reader
from nodeforge.app.words import tr
from nodeforge.errors import NodeForgeError

Action = Qt.DropAction


def copying(event: QDropEvent) -> Qt.DropAction | None:
    """How it is taken: as a copy, else as a link; never as a move, after which a file manager
    would delete the file."""
    offered = event.possibleActions()
    return next((each for each in (Action.CopyAction, Action.LinkAction) if offered & each), None)


class FileDrop(QObject):
    """what: the kind of file, as of `graph.spec.File`. take: a path. refuse: a sentence."""

    def __init__(
        self,
        field: QWidget,
        what: str,
        take: Callable[[Path], object],
        refuse: Callable[[str], object],
    ) -> None:
        super().__init__(field)
        self.what, self.take, self.refuse = what, take, refuse
        self.reader = Reader(self, threads=1)
        field.setAcceptDrops(True)

    def hover(self, event: QDragMoveEvent) -> None:
        content, action = mime.read(event.mimeData(), fetch=False), copying(event)
        if action is None or not self._wants(content):
            event.ignore()
            return
        event.setDropAction(action)
        event.accept()

    def _wants(self, content: Content | None) -> bool:
        return isinstance(content, Files) or (isinstance(content, Pixels) and self.what == "image")

    def drop(self, event: QDropEvent) -> None:
        content, action = mime.read(event.mimeData()), copying(event)
        if action is None or not self._wants(content):
            event.ignore()
            return
        event.setDropAction(action)
        event.accept()
        if isinstance(content, Files):
            self._file(content.paths)
        elif isinstance(content, Pixels):
            self.reader.read(partial(_kept, content), self._came)

    def _file(self, paths: tuple[Path, ...]) -> None:
        path = paths[0]
        wanted = kinds.Picture if self.what == "image" else kinds.Model
        found = kinds.guess(path)
        if self.what == "folder":
            self.take(path if path.is_dir() else path.parent)
            return
        if found is not None and found is not wanted:
            words = tr("“{}” is not what this field takes: drop a file for “{}”.")
            self.refuse(kinds.foreign(path) or words.format(path.name, self.what))
            return
        self.take(path)
        if len(paths) > 1:
            self.refuse(tr("Only the first of {} files was taken.").format(len(paths)))

    def _came(self, found: Path | str) -> None:
        if isinstance(found, Path):
            self.take(found)
        else:
            self.refuse(found)


def _kept(pixels: Pixels) -> Path | str:
    """For a thread, where nothing may raise."""
    try:
        return pixel_store.keep(pixels)
    except NodeForgeError as error:
        return str(error)
