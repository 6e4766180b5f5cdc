"""A graph whose models are not here: what could stand for each, as buttons at the node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath

from PySide6.QtCore import QObject

from nodeforge.app.models.placing import TAKES, entry_of, family_before, reference
from nodeforge.app.models.stock import Stock
from nodeforge.app.session import Session
from nodeforge.app.words import tr
from nodeforge.graph.document import Document, Node, NodeId
from nodeforge.graph.remedies import Remedy
from nodeforge.graph.spec import File
from nodeforge.models.entry import Entry
from nodeforge.models.search import nearest

LONG = 15  # letters of a name on a button


class Missing(QObject):
    """Adds to what mends a node: other models, the nearest first."""

    def __init__(self, session: Session, stock: Stock) -> None:
        super().__init__(session)
        self.session, self.stock = session, stock
        session.mending.more = self.remedies
        session.mending.noted = self.noted
        stock.busy.connect(self._looked)

    def remedies(self, id: NodeId) -> Iterator[Remedy]:
        document, specs = self.session.document, self.session.specs
        node = document.nodes.get(id)
        spec = specs.get(node.stage) if node else None
        for param in spec.params if node and spec else ():
            value = str(node.values.get(param.name, "")) if node else ""
            if not isinstance(param.kind, File) or param.kind.what not in TAKES or not value:
                continue
            if not self._is_gone(value):
                continue
            for entry in self._others(document, id, param.kind.what, value):
                stem = entry.name.rpartition("/")[2]
                label = tr("Use {}").format(stem if len(stem) <= LONG else f"{stem[:LONG]}…")
                yield Remedy(label, document.set(id, **{param.name: reference(entry)}))
            if param.default:
                yield Remedy(tr("Use {}").format(param.default), document.reset(id, param.name))

    def noted(self, document: Document) -> Document:
        """With the family and the mark of each model in it, by which it is found elsewhere."""
        nodes = [self._with_files(node) for node in document.nodes.values()]
        changed = [
            new for new, old in zip(nodes, document.nodes.values(), strict=True) if new != old
        ]
        return document.add(*changed) if changed else document

    def _with_files(self, node: Node) -> Node:
        values = {str(value) for value in node.values.values() if isinstance(value, str)}
        files = {path: text for path, text in node.files.items() if path in values}
        for value in values & self.stock.entries.keys():
            entry = self.stock.entries[value]
            files[value] = f"{entry.family} {entry.mark}"
        return replace(node, files=files) if files != node.files else node

    def _is_gone(self, value: str) -> bool:
        """By what is known, without asking a disk that may not answer."""
        found = entry_of(self.stock.entries, value)
        return found is None or found.away

    def _others(self, document: Document, id: NodeId, what: str, value: str) -> list[Entry]:
        specs, entries = self.session.specs, self.stock.entries
        node = document.nodes[id]
        told, _, mark = node.files.get(value, "").partition(" ")
        family = told or family_before(document, specs, id, entries)
        name = PurePath(value.replace("\\", "/")).name
        return nearest(entries.values(), TAKES[what], name, family, mark)[:2]

    def _looked(self, busy: bool) -> None:
        """Now that more is known, what could stand for a model may be another."""
        if not busy:
            self.session.plan()
