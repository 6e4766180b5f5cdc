"""How a group stands: what its members say, taken together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nodeforge.app.state import IDLE, Phase, RunState, calm
from nodeforge.graph.document import Document, NodeId
from nodeforge.graph.spec import Specs

# What one member is in, the group is in: the first of these that there is.
GRAVEST: tuple[Phase, ...] = ("error", "missing", "running", "queued", "will run", "cached")


def roof(members: Sequence[tuple[str, RunState]], main: RunState = IDLE) -> RunState:
    """members: each with its title, in order. main: the one whose picture the group shows."""
    first: dict[Phase, tuple[str, RunState]] = {}
    for title, state in members:
        first.setdefault(state.phase, (title, state))
    phase: Phase = next((each for each in GRAVEST if each in first), "idle")
    title, state = first.get(phase, ("", IDLE))
    states = [each for _, each in members]
    changes: dict[str, Any] = {"seconds": sum(each.seconds for each in states)}
    match phase:
        case "error" | "missing":
            changes |= {"message": f"{title}: {state.message}", "details": state.details}
            changes["at_fault"] = state.at_fault
        case "running":
            done = sum(each.phase == "cached" for each in states) + state.fraction
            changes |= {"fraction": done / len(states), "step": state.step, "steps": state.steps}
            changes["doing"] = state.doing
            if state.thumb is not None and (main.thumb is None or main.stale):
                changes |= {"thumb": state.thumb, "size": state.size, "stale": state.stale}
        case "queued":
            changes["place"] = min(each.place for each in states if each.phase == "queued")
    return calm(main, phase, **changes)


def main_node(document: Document, specs: Specs, group: NodeId) -> NodeId | None:
    """The node whose picture a group shows: behind its first image, or its first output."""
    first: NodeId | None = None
    for link in document.groups[group].outputs.values():
        node = document.nodes[link.node]
        spec = specs.get(node.stage)
        port = spec.output.get(link.output) if spec else None
        if port and port.type == "Image":
            return node.id
        first = first or node.id
    return first
