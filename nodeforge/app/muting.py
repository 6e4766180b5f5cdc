"""Mute: what a node or a group would do is left out, and the result shows it at once."""

from __future__ import annotations

from collections.abc import Iterable

from nodeforge.app.session import Session
from nodeforge.app.words import tr
from nodeforge.graph.document import NodeId, wires
from nodeforge.graph.edits import sinks


def mute(session: Session) -> None:
    """Mute the selected nodes and groups, or unmute them if all are muted."""
    level = session.level
    nodes = level.document.nodes
    ids = [id for id in session.selection if id in nodes and id not in level.rails]
    if ids:
        muted = not all(nodes[id].muted for id in ids)
        if session.act(tr("Mute") if muted else tr("Unmute"), level.document.mute(muted, *ids)):
            remake(session, session.document.within(ids))


def remake(session: Session, ids: Iterable[NodeId]) -> None:
    """Make the results below these nodes anew that were made before, but write no files."""
    document, below = session.document, set(ids)
    for id in document.order():
        if any(link.node in below for link in wires(document.nodes[id])):
            below.add(id)
    targets: dict[NodeId, None] = {}
    for id in sinks(document):
        spec = session.specs.get(document.nodes[id].stage)
        ends = [link.node for link in wires(document.nodes[id])] if spec and spec.effect else [id]
        targets |= {end: None for end in ends if id in below and session.state(end).key}
    if targets and session.device:
        session.runs.run(tuple(targets), quiet=True)
