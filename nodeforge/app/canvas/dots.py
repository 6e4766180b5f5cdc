"""Put a dot on a wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from nodeforge.app.canvas.dot import SIZE
from nodeforge.app.canvas.items import Pipe
from nodeforge.app.words import tr
from nodeforge.errors import BadLink
from nodeforge.graph.dots import with_dot

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

AFTER = 40.0  # px from a node to the dot behind it


def put(canvas: Canvas, pipe: Pipe, at: QPointF, merge: str = "") -> None:
    """A dot into a wire, selected. merge: the drag that goes on with it."""
    session, to = canvas.session, pipe.input_port
    level = session.level
    try:
        place = round(at.x() - SIZE / 2), round(at.y() - SIZE / 2)
        after, dot = with_dot(level.document, level.specs, to.node.id, to.name, pipe.link(), place)
    except BadLink as error:
        canvas.hint.emit(str(error))
        return
    session.act(tr("Add a dot"), after, merge)
    session.select([dot], same_step=bool(merge))


def put_after(canvas: Canvas) -> None:
    """A dot into the first wire that leaves the selected node: for the hand at the keys."""
    node = canvas.session.current
    card = canvas.cards.get(node.id) if node else None
    for port in card.outputs if card else ():
        for pipe in port.connected_pipes:
            put(canvas, pipe, port.centre() + QPointF(AFTER, 0))
            return
    canvas.hint.emit(tr("No wire leaves this node: select one that feeds another."))
