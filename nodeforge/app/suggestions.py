"""What people connect next: learnt from the starter graphs and the artist's own files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nodeforge.app import settings
from nodeforge.app.templates import templates
from nodeforge.errors import NodeForgeError
from nodeforge.graph import file
from nodeforge.graph.document import Document, NodeId
from nodeforge.graph.habits import Habits, Kind, learnt
from nodeforge.graph.joining import End
from nodeforge.graph.problems import maker
from nodeforge.graph.spec import ANY, Port, Specs

if TYPE_CHECKING:
    from nodeforge.app.session import Session

OWN = 10  # files of the artist's that are read
LAST = 0.5  # of what graphs end with, beside what they begin with
LIKE = 0.5  # of what takes from other stages that make the same, beside what takes from this one
LARGEST = 2**20  # bytes of one


class Suggestions:
    """Weights for what could be added: 0 to 1 for what often comes next, more for what is needed.

    Files are read once, when first asked; what is open is counted each time.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._read: list[Document] | None = None
        self._known: tuple[Document, Specs, Habits] | None = None

    def load(self) -> None:
        if self._read is None:
            recent = [path for path in settings.recent()[:OWN] if path != self.session.path]
            paths = (*(each.file for each in templates()), *recent)
            self._read = list(_documents(paths))

    def habits(self) -> Habits:
        self.load()
        here, specs = self.session.document, self.session.specs
        if self._known is None or self._known[0] is not here or self._known[1] is not specs:
            self._known = here, specs, learnt((*(self._read or ()), here), specs)
        return self._known[2]

    def weights(self, ids: Iterable[NodeId], end: End | None = None) -> dict[Kind, float]:
        """For going on from these nodes, or from one port."""
        habits, nodes = self.habits(), self.session.level.document.nodes
        if end is not None:
            stage = nodes[end.node].stage
            return (
                self._after(stage, habits) if end.out else _shares(habits.before(stage, end.name))
            )
        chosen = [nodes[id] for id in ids if id in nodes]
        if not chosen:
            ends = {kind: LAST * share for kind, share in _shares(habits.last).items()}
            return {**ends, **_shares(habits.first)}
        found: defaultdict[Kind, float] = defaultdict(float)
        for node in chosen:
            for kind, share in self._after(node.stage, habits).items():
                found[kind] += share
        result = _shares(found)
        for number, need in enumerate(
            self.needs(chosen[-1].id, habits) if len(chosen) == 1 else ()
        ):
            result[need] = 2.0 - number / 100
        return result

    def _after(self, stage: str, habits: Habits) -> dict[Kind, float]:
        """What takes from a stage, then what takes from others that make the same."""
        specs = self.session.level.specs
        made = {port.type for port in specs[stage].outputs} if stage in specs else set[str]()
        like: defaultdict[Kind, float] = defaultdict(float)
        for other, spec in specs.items():
            if other != stage and any(port.type in made for port in spec.outputs):
                for kind, count in habits.after(other).items():
                    like[kind] += count
        found = {kind: LIKE * share for kind, share in _shares(like).items()}
        for kind, share in _shares(habits.after(stage)).items():
            found[kind] = found.get(kind, 0.0) + share
        return found

    def needs(self, id: NodeId, habits: Habits) -> Iterator[Kind]:
        """What would feed the open inputs of a node, what it cannot do without first."""
        node = self.session.level.document.nodes[id]
        spec = self.session.level.specs.get(node.stage)
        ports = [port for port in spec.inputs if port.name not in node.links] if spec else []
        wanted = [p for p in ports if not p.optional or habits.usual(node.stage, p.name)]
        for port in sorted(wanted, key=lambda port: port.optional):
            if kind := self._giver(node.stage, port, habits):
                yield kind

    def giver(self, id: NodeId, port: Port) -> Kind | None:
        """What would feed one input best."""
        return self._giver(self.session.level.document.nodes[id].stage, port, self.habits())

    def _giver(self, stage: str, port: Port, habits: Habits) -> Kind | None:
        specs = self.session.specs
        known = [
            kind
            for kind, _ in habits.before(stage, port.name).most_common()
            if kind[0] in specs and any(out.type == port.type for out in specs[kind[0]].outputs)
        ]
        if known or port.type == ANY:
            return known[0] if known else None
        spec = maker(specs, port.type)
        return (spec.id, "") if spec else None


def _shares(counts: Mapping[Kind, float]) -> dict[Kind, float]:
    most = max(counts.values(), default=1.0)
    return {kind: count / most for kind, count in counts.items()}


def _documents(paths: Iterable[Path]) -> Iterator[Document]:
    """Those that can be read."""
    for path in paths:
        try:
            if path.stat().st_size <= LARGEST:
                yield file.read(path)[0]
        except (OSError, NodeForgeError):
            continue
