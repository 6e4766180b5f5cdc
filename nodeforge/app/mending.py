"""The buttons that mend a node: what they say, and what a click on one does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING

from nodeforge.graph.document import Document, NodeId
from nodeforge.graph.problems import Problem, problems
from nodeforge.graph.remedies import MOST, Remedy, remedies
from nodeforge.graph.spec import Specs

if TYPE_CHECKING:
    from nodeforge.app.session import Session


class Mending:
    """more: remedies that need to know this machine, which go first. noted: the document with what
    will help to mend it on another."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._document: Document | None = None
        self._specs: Specs = {}
        self._found: dict[NodeId, list[Problem]] = {}
        self.more: Callable[[NodeId], Iterable[Remedy]] = lambda id: ()
        self.noted: Callable[[Document], Document] = lambda document: document

    def labels(self, id: NodeId, said: str) -> tuple[str, ...]:
        """said: the sentence the node shows."""
        return tuple(remedy.label for remedy in self._remedies(id, said))

    def mend(self, id: NodeId, label: str) -> None:
        """One undo step; nothing where the document has changed so that it no longer helps."""
        session = self.session
        said = session.state(id).message
        for remedy in self._remedies(id, said):
            if remedy.label == label:
                session.history.break_merge()
                session.edit(label, remedy.after)
                return

    def _remedies(self, id: NodeId, said: str) -> tuple[Remedy, ...]:
        document, specs = self.session.document, self.session.specs
        if document is not self._document or specs is not self._specs:
            self._document, self._specs = document, specs
            self._found = problems(document, specs)
        plain = remedies(document, specs, id, self._found.get(id, ()), said)
        first: dict[str, Remedy] = {}
        for remedy in chain(self.more(id), plain):
            first.setdefault(remedy.label, remedy)
        return tuple(first.values())[:MOST]
