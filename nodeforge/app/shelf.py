"""The artist's own groups, kept in a folder: offered beside the stages, added like one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_data_path
from PySide6.QtCore import QObject, Signal

from nodeforge.app.words import tr
from nodeforge.base.files import write_atomically
from nodeforge.errors import NodeForgeError
from nodeforge.graph.clipboard import copy, paste
from nodeforge.graph.document import NodeId, Point
from nodeforge.graph.level import STAGE, level
from nodeforge.graph.shelf import Kept, drop, keep, kept
from nodeforge.graph.spec import Specs, StageSpec

if TYPE_CHECKING:
    from nodeforge.app.session import Session

CATEGORY = "my groups"


def folder() -> Path:
    return user_data_path("nodeforge", appauthor=False) / "groups"


class Shelf(QObject):
    """kept: by the id under which each is offered."""

    changed = Signal()
    removed: Any = Signal(str, object)  # a sentence, and what brings it back

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.kept: dict[str, Kept] = {}

    def load(self) -> None:
        """Read the folder anew; what cannot be read is told, and passed over."""
        found, said = kept(folder())
        self.kept = {f"kept.{each.name}": each for each in found}
        for sentence in said:
            self.session.told.emit("error", sentence, "")
        self.changed.emit()

    def offer(self) -> Specs:
        """All that can be added: the stages, and these groups as such."""
        return {**self.session.specs, **{id: self._spec(id) for id in self.kept}}

    def keep(self, group: NodeId) -> None:
        """Save a group of the document for reuse."""
        try:
            path = keep(folder(), self.session.document, group)
        except NodeForgeError as error:
            self.session.told.emit("error", str(error), "")
            return
        self.load()
        self.session.told.emit("done", tr("“{}” is among My groups now.").format(path.stem), "")

    def remove(self, id: str) -> None:
        """Take a group out of the folder; `removed` offers it back."""
        path = self.kept[id].path
        try:
            data = drop(path)
        except NodeForgeError as error:
            self.session.told.emit("error", str(error), "")
            return
        self.load()
        words = tr("“{}” is no longer among My groups.").format(path.stem)
        self.removed.emit(words, lambda: self._put_back(path, data))

    def _put_back(self, path: Path, data: bytes) -> None:
        try:
            write_atomically(path, data)
        except NodeForgeError as error:
            self.session.told.emit("error", str(error), "")
            return
        self.load()

    def add(self, id: str, at: Point) -> NodeId:
        """A copy of a kept group at a place of the level in view, selected."""
        session, group = self.session, self.kept[id].group
        text = copy(self.kept[id].document, [group.id])
        way = (at[0] - group.at[0], at[1] - group.at[1])
        after, ids = paste(session.document, text, way, session.sight.scope)
        session.edit(tr("Add {}").format(group.title or tr("Group")), after)
        session.select(ids)
        return ids[0]

    def _spec(self, id: str) -> StageSpec:
        """Its face, as a stage."""
        each = self.kept[id]
        face = level(each.document, self.session.specs).specs[f"{STAGE}.{each.group.id}"]
        count = len(each.document.nodes)
        doc = (
            tr("Your group of {} nodes.").format(count)
            if count != 1
            else tr("Your group of one node.")
        )
        return replace(face, id=id, title=each.name, category=CATEGORY, doc=doc)
