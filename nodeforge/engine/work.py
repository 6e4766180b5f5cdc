"""What a run would do: which results are there, which are made, which cannot be and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nodeforge.engine.cache import Entry, MemoryCache
from nodeforge.engine.keys import composed
from nodeforge.engine.messages import Planned
from nodeforge.engine.missing import all_problems
from nodeforge.engine.wiring import Wiring
from nodeforge.errors import BadFile, BadLink
from nodeforge.graph.document import Document, Node, NodeId
from nodeforge.graph.downstream import downstream, takers
from nodeforge.graph.edits import sinks
from nodeforge.graph.problems import circles
from nodeforge.graph.spec import Specs
from nodeforge.graph.upgrades import upgraded
from nodeforge.stages.library import Library

PICTURES = ("Image", "Mask")


@dataclass(frozen=True)
class Work:
    """cached: nodes whose result is there. run: those to run, in order. faults: why nodes that
    would be needed cannot run, a sentence each. waits: nodes below those, with the one in the way.

    What is needed only for a cached result does not run; what does not need a node that cannot
    run does, even if nothing else asks for it: it is there once the fault is mended.
    """

    wiring: Wiring
    keys: Mapping[NodeId, str]
    cached: Mapping[NodeId, Entry]
    run: Sequence[NodeId]
    faults: Mapping[NodeId, str] = field(default_factory=dict[NodeId, str])
    waits: Mapping[NodeId, NodeId] = field(default_factory=dict[NodeId, NodeId])

    def node(self, id: NodeId) -> Node:
        return self.wiring.document.nodes[id]

    def needs(self, id: NodeId) -> set[NodeId]:
        """The nodes whose results this one takes."""
        links = self.wiring.links(self.node(id)).values()
        return {link.node for some in links for link in some}

    def shown(self) -> dict[NodeId, str]:
        """The key of what each node shows: of its own results, or of the picture a sink takes."""
        return {id: key for id in self.wiring.order if (key := self._shown(id))}

    def _shown(self, id: NodeId) -> str:
        node = self.node(id)
        spec = self.wiring.specs.get(node.stage)
        if spec is None or spec.outputs or node.muted:
            return self.keys.get(id, "")
        links = self.wiring.links(node)
        for port in spec.inputs:
            for link in links.get(port.name, ())[:1]:
                giver = self.wiring.specs.get(self.node(link.node).stage)
                output = giver.output.get(link.output) if giver else None
                if output and output.type in PICTURES:
                    return self.keys.get(link.node, "")
        return self.keys.get(id, "")

    def title(self, id: NodeId) -> str:
        return title(self.wiring.specs, self.node(id))


def title(specs: Specs, node: Node) -> str:
    """What the artist calls this node."""
    spec = specs.get(node.stage)
    return node.title or (spec.title if spec else node.stage)


def work(
    document: Document, library: Library, cache: MemoryCache, targets: Iterable[NodeId] = ()
) -> Work:
    """What making the targets (none: every sink) takes. Linear, without recursion."""
    specs, targets = library.known, list(targets)
    document, faults = _current(document, library, specs)
    round: dict[NodeId, str] = {}
    try:
        wiring = Wiring(document, specs, targets)
        if not targets and len(wiring.order) < len(document.nodes):
            raise BadLink  # what leads to no end leads into a circle
    except BadLink:
        wiring, round = _outside_circles(document, specs, targets)
    keys = composed(wiring)
    cached = {
        id: entry
        for id, key in keys.items()
        if id not in faults and (entry := cache.get(key)) and not _is_effect(wiring, id)
    }
    wanted = wiring.wanted()
    if wanted <= cached.keys():
        return Work(wiring, keys, cached, (), round)
    plan = Work(wiring, keys, cached, _needed(wiring, cached, wanted))
    for id, some in all_problems(wiring.document, specs).items():
        if serious := [p.message for p in some if p.kind != "unused_value"]:
            faults.setdefault(id, serious[0])
    # A muted node is in the way only when nothing is known of what it passes on.
    near = set(plan.run).union(*(plan.needs(id) for id in plan.run)) - cached.keys()
    faults = {id: said for id, said in faults.items() if id in near}
    waits: dict[NodeId, NodeId] = {}
    for id in plan.run if faults else ():
        if id not in faults and (ways := [n for n in plan.needs(id) if n in faults or n in waits]):
            waits[id] = waits.get(ways[0], ways[0])
    stuck = faults.keys() | waits.keys()
    run = _needed(wiring, cached, _ends(plan, wanted, stuck), stuck) if stuck else plan.run
    return Work(wiring, keys, cached, run, faults | round, waits)


def plan(
    document: Document,
    library: Library,
    cache: MemoryCache,
    targets: Iterable[NodeId] = (),
    job: int = 0,
) -> Planned:
    """What a run of the targets would do with them and with all they need."""
    todo = work(document, library, cache, targets)
    fate = dict.fromkeys(todo.wiring.order, "cached")
    fate |= dict.fromkeys(todo.run, "run")
    for id, other in todo.waits.items():
        fate[id] = f"Waits for {todo.title(other)}, which cannot run."
    return Planned(job, fate | dict(todo.faults), frozenset(todo.faults), todo.shown())


def _current(
    document: Document, library: Library, specs: Specs
) -> tuple[Document, dict[NodeId, str]]:
    """With older nodes brought up to their stages' versions, and why some could not be."""
    newer: list[Node] = []
    faults: dict[NodeId, str] = {}
    for id, node in document.nodes.items():
        spec = specs.get(node.stage)
        if spec is None or node.version >= spec.version:
            continue
        try:
            one = upgraded(
                Document({id: node}),
                specs,
                lambda stage, version, values: library[stage].upgraded(values, version),
            )
            newer.append(one.nodes[id])
        except BadFile as error:
            faults[id] = str(error)
    return (document.add(*newer) if newer else document), faults


def _outside_circles(
    document: Document, specs: Specs, targets: list[NodeId]
) -> tuple[Wiring, dict[NodeId, str]]:
    """The wiring of the targets that no circle feeds, and what to say at the circles."""
    round = circles(document)
    below = downstream(takers(document), round)
    rest = document.remove(*below)
    ends = [id for id in sinks(rest) if not targets or any(document.feeds(id, t) for t in targets)]
    free = [id for id in targets if id not in below]
    said = "The graph runs in a circle here: take one wire of it away."
    ends = list(dict.fromkeys(free + ends))
    wiring = Wiring(rest if ends else Document(), specs, ends)
    return wiring, {id: said for id in document.nodes if id in round}


def _needed(
    wiring: Wiring,
    cached: Mapping[NodeId, Entry],
    ends: Iterable[NodeId],
    stuck: Iterable[NodeId] = (),
) -> list[NodeId]:
    """The nodes to run for the ends, in order; not looking past what is cached or stuck."""
    needed = set(ends)
    run: list[NodeId] = []
    skip = set(stuck)
    for id in reversed(wiring.order):
        if id in needed and id not in cached and id not in skip:
            run.append(id)
            for links in wiring.links(wiring.document.nodes[id]).values():
                needed.update(link.node for link in links)
    return run[::-1]


def _ends(plan: Work, wanted: set[NodeId], stuck: Iterable[NodeId]) -> set[NodeId]:
    """What is still worth running when some nodes are stuck.

    The targets that are not stuck, every effect that is not (a picture that can be saved is
    saved, even where a node below it is at fault), and what the stuck nodes would take.
    """
    out = set(stuck)
    effects = {id for id in plan.run if _is_effect(plan.wiring, id)}
    taken = set[NodeId]().union(*(plan.needs(id) for id in out if id in plan.run))
    return (wanted | effects | taken) - out


def _is_effect(wiring: Wiring, id: NodeId) -> bool:
    spec = wiring.specs.get(wiring.document.nodes[id].stage)
    return spec is not None and spec.effect
