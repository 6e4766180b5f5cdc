"""What people connect next, learnt by counting wires in graphs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from nodeforge.graph.document import Document, Node, is_dot, wires
from nodeforge.graph.spec import Specs

Kind: TypeAlias = tuple[str, str]  # a stage, and the title of its variant (or nothing)


@dataclass
class Habits:
    """Counts of nodes and wires in the graphs learnt from.

    first, last: nodes that nothing feeds, and that feed nothing. onward: from a stage to a node; a
    wire counts as the part it is of all that feed the node, since what takes only this comes next
    rather than what waits for more. feeds: by a node into an input of a stage.
    """

    first: Counter[Kind] = field(default_factory=Counter[Kind])
    last: Counter[Kind] = field(default_factory=Counter[Kind])
    onward: defaultdict[tuple[str, Kind], float] = field(default_factory=lambda: defaultdict(float))
    feeds: Counter[tuple[Kind, str, str]] = field(default_factory=Counter[tuple[Kind, str, str]])
    nodes: Counter[str] = field(default_factory=Counter[str])

    def learn(self, document: Document, specs: Specs) -> None:
        kinds = {id: kind(node, specs) for id, node in document.nodes.items()}
        used = {link.node for node in document.nodes.values() for link in wires(node)}
        for id, node in document.nodes.items():
            if is_dot(node):
                continue
            self.nodes[node.stage] += 1
            count = len(list(wires(node)))
            if not count:
                self.first[kinds[id]] += 1
            if id not in used:
                self.last[kinds[id]] += 1
            for name, links in node.links.items():
                for link in links:
                    if link.node in kinds and not is_dot(document.nodes[link.node]):
                        self.onward[kinds[link.node][0], kinds[id]] += 1 / count
                        self.feeds[kinds[link.node], node.stage, name] += 1

    def after(self, stage: str) -> dict[Kind, float]:
        """What takes from a stage."""
        return {to: n for (giver, to), n in self.onward.items() if giver == stage}

    def before(self, stage: str, input: str) -> Counter[Kind]:
        """What feeds an input of a stage."""
        return Counter(
            {giver: n for (giver, *into), n in self.feeds.items() if into == [stage, input]}
        )

    def usual(self, stage: str, input: str) -> bool:
        """Whether a third or more of the nodes of a stage have a wire on this input."""
        return 3 * sum(self.before(stage, input).values()) >= self.nodes[stage] > 0


def kind(node: Node, specs: Specs) -> Kind:
    """Its stage, and its variant if its title is that of one."""
    spec = specs.get(node.stage)
    named = spec is not None and any(each.title == node.title for each in spec.variants)
    return node.stage, node.title if named else ""


def learnt(documents: Iterable[Document], specs: Specs) -> Habits:
    habits = Habits()
    for document in documents:
        habits.learn(document, specs)
    return habits
