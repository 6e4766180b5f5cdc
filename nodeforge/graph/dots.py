"""Dots: bends of a wire that can be dragged. They take and give what flows through, and do nothing.

A dot is a node of a stage of its own for each wire type; runs and keys look past it.
"""

from __future__ import annotations

from collections.abc import Iterable

from nodeforge.errors import BadLink
from nodeforge.graph.document import Document, Link, Node, NodeId, Point, new_id
from nodeforge.graph.edits import insert_on_wire
from nodeforge.graph.spec import ANY, Port, Specs, StageSpec

CATEGORY = "dot"
IN, OUT = "in", "out"


def dot_specs(specs: Iterable[StageSpec]) -> dict[str, StageSpec]:
    """A dot for each wire type there is."""
    ports = (port for spec in specs for port in (*spec.inputs, *spec.outputs))
    return {f"{CATEGORY}.{type}": _spec(type) for type in {ANY, *(port.type for port in ports)}}


def with_dot(
    document: Document, specs: Specs, target: NodeId, input: str, link: Link, at: Point
) -> tuple[Document, NodeId]:
    """A dot in the wire `link` -> `target`.`input`, and its id. Raises BadLink if that is gone."""
    giver = document.nodes.get(link.node)
    spec = specs.get(giver.stage) if giver else None
    port = spec.output.get(link.output) if spec else None
    dot = Node(new_id(), f"{CATEGORY}.{port.type if port else ANY}", at=at)
    if dot.stage not in specs:
        raise BadLink("This wire cannot have a dot: its stage is not installed.")
    return insert_on_wire(document.add(dot), specs, dot.id, target, input, link), dot.id


def _spec(type: str) -> StageSpec:
    return StageSpec(
        f"{CATEGORY}.{type}",
        "Dot",
        CATEGORY,
        "A bend of a wire.",
        inputs=(Port(IN, type, optional=True),),
        outputs=(Port(OUT, type),),
    )
