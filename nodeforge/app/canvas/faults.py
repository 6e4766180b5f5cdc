"""The way to the nodes that failed or cannot run yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodeforge.app.words import tr
from nodeforge.graph.document import NodeId

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas
    from nodeforge.app.session import Session

READ = 0.75  # the zoom from which the sentence under a node can be read with ease


def faults(session: Session) -> list[NodeId]:
    """The nodes that failed or lack something themselves, each behind what feeds it."""
    some = {
        id
        for id, state in session.states.items()
        if state.phase == "error" or (state.phase == "missing" and (state.fixes or state.at_fault))
    }
    return [id for id in session.document.order() if id in some] if some else []


def go_to(canvas: Canvas, id: NodeId) -> None:
    """To a node, at the level where it lies."""
    session, view = canvas.session, canvas.widget
    node = session.document.nodes.get(id)
    if node is None:
        return
    if node.group != session.sight.scope:
        session.sight.dive(node.group)
    session.select([id])
    box = canvas.cards[id].box
    if view.zoom < READ:
        view.look_at(box.center(), READ)
    canvas.reveal(box)
    view.setFocus()


def go_to_next(canvas: Canvas) -> None:
    """To a node at fault; to the next one if that is selected."""
    found, current = faults(canvas.session), canvas.session.current
    if not found:
        canvas.hint.emit(tr("Nothing is wrong with any node."))
        return
    at = found.index(current.id) + 1 if current and current.id in found else 0
    go_to(canvas, found[at % len(found)])
