"""One parameter of one node: what it is now, and the edit that makes it another."""

from __future__ import annotations

from dataclasses import dataclass

from nodeforge.app.session import Session
from nodeforge.app.words import tr
from nodeforge.errors import BadValue
from nodeforge.graph.document import Document, Link, NodeId, Spot
from nodeforge.graph.spec import Param, Value
from nodeforge.graph.stars import real_spot


@dataclass(frozen=True)
class Parameter:
    """The same for a panel and for a row on the canvas.

    whole: of any node of the document, else of one of the level in view, where a group is a node.
    """

    session: Session
    node: NodeId
    param: Param
    whole: bool = False

    @property
    def name(self) -> str:
        return self.param.name

    @property
    def title(self) -> str:
        words = self.name.replace("_", " ")
        return words[:1].upper() + words[1:]

    @property
    def document(self) -> Document:
        return self.session.document if self.whole else self.session.level.document

    @property
    def spot(self) -> Spot:
        """The parameter itself, though a group may show it."""
        return real_spot(self.session.document, self.node, self.name)

    @property
    def there(self) -> bool:
        return self.node in self.document.nodes

    @property
    def value(self) -> Value:
        return self.document.nodes[self.node].values.get(self.name, self.param.default)

    @property
    def links(self) -> tuple[Link, ...]:
        """The wires that bring its value, also those inside a group that shows it."""
        here = self.document.nodes[self.node].links.get(self.name, ())
        inner = self.session.document.nodes.get(self.spot.node)
        return here or (inner.links.get(self.spot.name, ()) if inner else ())

    @property
    def whence(self) -> str:
        """Where its wire comes from; empty where it has none."""
        if not (links := self.links):
            return ""
        session, id = self.session, links[0].node
        origin = self.document.nodes.get(id) or session.document.nodes.get(id)
        return tr("from {}").format(session.sight.title(origin)) if origin else tr("from nowhere")

    def put(self, value: Value, merge: str = "") -> bool:
        """Make it this value; edits with one merge key are one undo step. False, and a sentence
        told, if it is not allowed."""
        if not self.there:
            return False
        try:
            self.param.kind.check(value)
        except BadValue as error:
            self.session.told.emit("error", f"{self.title}: {error}.", "")
            return False
        if value == self.param.default and type(value) is type(self.param.default):
            after = self.document.reset(self.node, self.name)
        else:
            after = self.document.set(self.node, **{self.name: value})
        key = f"{merge}:{self.node}:{self.name}" if merge else ""
        return self.act(tr("Change {}").format(self.title.lower()), after, key)

    def return_to(self, before: Document, merge: str) -> None:
        """As it was before a gesture whose edits have this merge key: no step is left of them."""
        key = f"{merge}:{self.node}:{self.name}"
        self.act(tr("Change {}").format(self.title.lower()), before, key)

    def act(self, label: str, after: Document, merge: str = "") -> bool:
        if self.whole:
            self.session.edit(label, after, merge)
            return True
        return self.session.act(label, after, merge)
