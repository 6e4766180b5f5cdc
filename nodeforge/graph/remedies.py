"""What would mend a node that cannot run: edits, each with the few words on its button."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from nodeforge.errors import BadLink
from nodeforge.graph.document import Document, Group, Link, Node, NodeId, Point, new_id
from nodeforge.graph.edits import best_ports
from nodeforge.graph.problems import Problem, between, maker
from nodeforge.graph.room import free_below
from nodeforge.graph.spec import Specs, StageSpec, Value, fits, input_port

AWAY = 248.0  # px to the left of the node that is to be fed
MOST = 2  # as many as there is room for under a node


@dataclass(frozen=True)
class Remedy:
    """label: a verb and what it is about. after: the document with it done."""

    label: str
    after: Document


def remedies(
    document: Document, specs: Specs, id: NodeId, found: Iterable[Problem], said: str = ""
) -> tuple[Remedy, ...]:
    """At most two, the best first.

    found: the node's problems. said: the sentence with which it failed, if it did.
    """
    node = document.nodes.get(id)
    if node is None or node.muted:
        return ()
    return tuple(islice(_all(document, specs, node, found, said), MOST))


def _all(
    document: Document, specs: Specs, node: Node, found: Iterable[Problem], said: str
) -> Iterator[Remedy]:
    for problem in found:
        yield from _for(document, specs, node, problem)
    spec = specs.get(node.stage)
    for name, value in node.values.items():
        if spec and name in spec.param and len(str(value)) > 1 and str(value) in said:
            yield _default(document, node, spec, name)


def _for(document: Document, specs: Specs, node: Node, problem: Problem) -> Iterator[Remedy]:
    spec, port = specs.get(node.stage), problem.port
    match problem.kind:
        case "missing_input" if spec:
            yield from _fed(document, specs, node, spec, port)
        case "bad_type" if spec:
            yield from _between(document, specs, node, spec, port)
            yield Remedy("Take the wire away", document.disconnect(node.id, port))
        case "bad_link":
            yield Remedy("Take the wire away", document.disconnect(node.id, port))
        case "bad_value" | "unused_value" if spec:
            yield _default(document, node, spec, problem.param)
        case "unknown_stage":
            yield Remedy("Delete the node", document.remove(node.id))
        case _:
            pass


def _fed(
    document: Document, specs: Specs, node: Node, spec: StageSpec, port: str
) -> Iterator[Remedy]:
    """Unmute what feeds it, connect what is there already, or add a node that makes it."""
    for link in node.links.get(port, ()):
        if muted := _muted(document, link.node):
            yield Remedy(f"Unmute {_title(muted, specs)}", document.mute(False, muted.id))
    needed = input_port(spec, port)
    if needed is None:
        return
    if made := _nearest(document, specs, node, needed.type):
        title = _title(document.nodes[made.node], specs)
        after = document.connect(made.node, made.output, node.id, port, needed.many)
        yield Remedy(f"Connect {title}", after)
    if stage := maker(specs, needed.type):
        new = _new(document, specs, node, stage, (node.at[0] - AWAY, node.at[1]))
        output = next(out.name for out in stage.outputs if out.type == needed.type)
        after = document.add(new).connect(new.id, output, node.id, port, needed.many)
        yield Remedy(f"Add {stage.title}", after)


def _muted(document: Document, id: NodeId) -> Node | Group | None:
    """The node if it is muted, else the group around it that is."""
    around: Node | Group | None = document.nodes.get(id)
    while around is not None and not around.muted:
        around = document.groups.get(around.group)
    return around


def _nearest(document: Document, specs: Specs, node: Node, type: str) -> Link | None:
    """An output of this very type, of a node beside it that does not depend on it."""
    found: list[tuple[float, Link]] = []
    for other in document.nodes.values():
        spec = specs.get(other.stage)
        if spec is None or other.group != node.group or other.muted:
            continue
        output = next((out.name for out in spec.outputs if out.type == type), None)
        if output:
            far = abs(other.at[0] - node.at[0]) + abs(other.at[1] - node.at[1])
            found.append((far, Link(other.id, output)))
    near = (link for _, link in sorted(found, key=lambda each: each[0]))
    return next((link for link in near if not document.feeds(node.id, link.node)), None)


def _between(
    document: Document, specs: Specs, node: Node, spec: StageSpec, port: str
) -> Iterator[Remedy]:
    """A stage that turns what comes into what is needed; its other needs are fed if they can be."""
    needed = input_port(spec, port)
    for link in node.links.get(port, ()):
        giver = document.nodes[link.node]
        given = specs[giver.stage].output[link.output].type if giver.stage in specs else ""
        if needed is None or fits(given, needed.type):
            continue
        stage = between(specs, given, needed.type)
        ports = best_ports(specs, giver.stage, stage.id) if stage else None
        if stage is None or ports is None:
            return
        middle = ((giver.at[0] + node.at[0]) / 2, (giver.at[1] + node.at[1]) / 2)
        new = _new(document, specs, node, stage, middle)
        entry = next(each.name for each in stage.inputs if each.type == given)
        output = next(out.name for out in stage.outputs if out.type == needed.type)
        after = document.disconnect(node.id, port, link).add(new)
        try:
            after = after.connect(link.node, link.output, new.id, entry)
            after = after.connect(new.id, output, node.id, port, needed.many)
        except BadLink:
            return
        for other in stage.inputs:
            if not other.optional and other.name != entry:
                made = _nearest(after, specs, after.nodes[new.id], other.type)
                if made:
                    after = after.connect(made.node, made.output, new.id, other.name)
        yield Remedy(f"Insert {stage.title}", after)
        return


def _default(document: Document, node: Node, spec: StageSpec, name: str) -> Remedy:
    after = document.reset(node.id, name)
    if name not in spec.param:
        return Remedy(f"Take {name.replace('_', ' ')} away", after)
    return Remedy(f"Use {_short(spec.param[name].default)}", after)


def _short(value: Value) -> str:
    return str(value).rpartition("/")[2] or "none"


def _new(document: Document, specs: Specs, beside: Node, stage: StageSpec, at: Point) -> Node:
    place = (round(at[0] / 8) * 8.0, round(at[1] / 8) * 8.0)
    new = Node(new_id(), stage.id, stage.version, at=place, group=beside.group)
    return replace(new, at=free_below(document, specs, new))


def _title(node: Node | Group, specs: Specs) -> str:
    if isinstance(node, Group):
        return node.title or "Group"
    spec = specs.get(node.stage)
    return node.title or (spec.title if spec else node.stage)
