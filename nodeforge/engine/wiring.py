"""Where each input really comes from: past muted nodes and groups, in the order of making."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nodeforge.graph.document import Document, Link, Node, NodeId, wires
from nodeforge.graph.edits import sinks, sources
from nodeforge.graph.groups import past_groups
from nodeforge.graph.spec import Specs


@dataclass(frozen=True)
class Wiring:
    """A document made ready for keys and runs; what lies in a muted group is muted in it.

    order: the targets and all they need, each after what it needs. targets: what was asked for, or
    every sink. past: where the outputs of muted nodes really come from. Raises BadLink when the
    wires run in a circle.
    """

    document: Document
    specs: Specs
    targets: Sequence[NodeId] = ()
    order: Sequence[NodeId] = field(init=False)
    past: Mapping[Link, Link | None] = field(init=False)

    def __post_init__(self) -> None:
        past = sources(self.document, self.specs)
        object.__setattr__(self, "document", past_groups(self.document, self.specs)[0])
        targets = [id for id in self.targets if id in self.document.nodes]
        if not self.targets:
            targets = sinks(self.document)
        object.__setattr__(self, "targets", targets)
        object.__setattr__(self, "order", self.document.order(targets))
        object.__setattr__(self, "past", past)

    def links(self, node: Node) -> Mapping[str, tuple[Link, ...]]:
        """What feeds each input that has a wire; muted nodes are looked through."""
        if not self.past:
            return node.links
        found: dict[str, tuple[Link, ...]] = {}
        for name, links in node.links.items():
            if real := tuple(end for link in links if (end := self.end(link))):
                found[name] = real
        return found

    def end(self, link: Link) -> Link | None:
        """The output a wire really comes from; None behind a muted node that passes nothing."""
        return self.past.get(link, link)

    def passed(self, node: Node) -> Link | None:
        """What a muted node passes on: where its first output that has a source comes from."""
        spec = self.specs.get(node.stage)
        for port in spec.outputs if spec else ():
            if end := self.past.get(Link(node.id, port.name)):
                return end
        return None

    def wanted(self) -> set[NodeId]:
        """The nodes whose results the targets stand for.

        A muted target stands for what it passes on; a muted sink for what it would have taken.
        """
        found: set[NodeId] = set()
        for id in self.targets:
            node = self.document.nodes[id]
            if not node.muted:
                found.add(id)
            elif end := self.passed(node):
                found.add(end.node)
            else:
                found.update(end.node for link in wires(node) if (end := self.end(link)))
        return found & self.document.nodes.keys()
