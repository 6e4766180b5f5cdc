"""Which level of the graph is in view: the whole, or the inside of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from nodeforge.app.roof import main_node, roof
from nodeforge.app.state import IDLE, RunState
from nodeforge.graph.document import TOP, Node, NodeId
from nodeforge.graph.level import faces_changed, level

if TYPE_CHECKING:
    from nodeforge.app.session import Session


class Sight(QObject):
    """scope: the group we are in, or TOP. level: what is in view, as a document of its own."""

    seen: Any = Signal(object)  # Diff of the level: draw this
    dived = Signal()  # another level is in view: after `seen`
    carried = Signal(bool)  # the group's edge waits for a parameter, or no longer

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.scope = TOP
        self.level = level(session.document, session.specs)
        session.offered.connect(self.look)

    def dive(self, group: NodeId) -> None:
        """Look into a group, or (TOP) at the whole again."""
        self.session.settling.emit()
        self.scope = group
        self.look()

    def up(self) -> None:
        """To the level around this one; the group we come from is selected."""
        if group := self.session.document.groups.get(self.scope):
            self.dive(group.group)
            self.session.select([group.id])

    def look(self) -> None:
        """Bring the level up to date; from a group that is gone, go up to what is there."""
        session, before = self.session, self.level
        while self.scope and self.scope not in session.document.groups:
            gone = before.whole.groups.get(self.scope)
            self.scope = gone.group if gone else TOP
        self.level = level(session.document, session.specs, self.scope)
        moved = self.level.scope != before.scope
        if moved:
            session.selection = ()
        self.seen.emit(faces_changed(before, self.level))
        if moved:
            self.dived.emit()
            session.selected.emit()

    def title(self, node: Node) -> str:
        """What the artist calls a node."""
        spec = self.level.specs.get(node.stage)
        return node.title or (spec.title if spec else node.stage)

    def main(self, id: NodeId) -> NodeId:
        """The node whose picture a thing shows: for a group, one inside."""
        session = self.session
        if id not in session.document.groups:
            return id
        return main_node(session.document, session.specs, id) or id

    def roof(self, group: NodeId) -> RunState:
        """How a group stands."""
        session = self.session
        inside = session.document.within([group])
        nodes = [node for node in session.document.nodes.values() if node.id in inside]
        members = [(self.title(node), session.state(node.id)) for node in nodes]
        return roof(members, session.states.get(self.main(group), IDLE))
