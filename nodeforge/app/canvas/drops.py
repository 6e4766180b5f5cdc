"""Things dropped on the canvas: stages from the library, pictures from outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF, QRectF, QSizeF

from nodeforge.app.canvas import edge, hand
from nodeforge.app.canvas.face import WIDTH, face
from nodeforge.app.canvas.items import Pipe
from nodeforge.app.canvas.viewer import STAGE_MIME
from nodeforge.app.groups import PARAM_MIME
from nodeforge.app.words import tr
from nodeforge.graph.document import Node, NodeId
from nodeforge.graph.edits import fits_wire
from nodeforge.graph.spec import Value
from nodeforge.imaging import formats

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

PICTURES = formats.suffixes()
LOAD = "source.load_image"
NEAR = 14.0  # pixels of the scene between the cursor and a wire to drop on


def mime(stage: str, title: str = "", values: dict[str, Value] | None = None) -> QMimeData:
    """What a drag from the library carries."""
    data = QMimeData()
    body = {"stage": stage, "title": title, "values": values or {}}
    data.setData(STAGE_MIME, json.dumps(body).encode())
    return data


def hover(canvas: Canvas, data: QMimeData, at: QPointF) -> None:
    """Show where a drop here would lie, and light the wire that it would go into."""
    if data.hasFormat(PARAM_MIME):
        edge.hover(canvas, data, at)
        return
    carried = _carried(data)
    canvas.scenery.glow = _wire(canvas, carried[0], at) if carried else None
    stage = carried[0] if carried else LOAD if _pictures(data) else ""
    canvas.scenery.ghost = _landing(canvas, stage, at) if stage else None
    canvas.widget.viewport().update()


def leave(canvas: Canvas) -> None:
    """What was held over the canvas was dropped, or taken elsewhere."""
    canvas.scenery.glow = canvas.scenery.ghost = None
    canvas.scenery.edge.over = False
    canvas.widget.viewport().update()


def _pictures(data: QMimeData) -> list[Path]:
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in PICTURES]


def _landing(canvas: Canvas, stage: str, at: QPointF) -> QRectF:
    spec = canvas.session.shelf.offer().get(stage)
    body = face(Node(NodeId("trial"), stage), spec).body
    return QRectF(QPointF(*hand.snapped(at - hand.GRIP)), QSizeF(WIDTH, body))


def drop(canvas: Canvas, data: QMimeData, at: QPointF) -> None:
    if data.hasFormat(PARAM_MIME):
        edge.drop(canvas, data, at)
        return
    if carried := _carried(data):
        stage, title, values = carried
        if values and (taker := _taker(canvas, stage, at)):
            after = canvas.session.level.document.set(taker, **values)
            canvas.session.act(tr("Change the file"), after)
            canvas.session.select([taker])
            return
        hand.add(canvas, stage, at, values, title, into=_wire(canvas, stage, at))
        return
    pictures = _pictures(data)
    for number, path in enumerate(pictures):
        hand.add(canvas, LOAD, at + QPointF(24, 24) * number, {"file": str(path)})
    if not pictures and any(url.isLocalFile() for url in data.urls()):
        canvas.hint.emit(
            tr("Only pictures can be dropped here: {kinds}.").format(kinds=formats.titles())
        )


def _carried(data: QMimeData) -> tuple[str, str, dict[str, Value]] | None:
    if not data.hasFormat(STAGE_MIME):
        return None
    body = json.loads(bytes(data.data(STAGE_MIME).data()))
    return body["stage"], body.get("title", ""), body.get("values", {})


def _taker(canvas: Canvas, stage: str, at: QPointF) -> NodeId | None:
    """The node of this very stage under the cursor: it takes the values, no new one is made."""
    nodes = canvas.session.level.document.nodes
    under = (id for id, card in canvas.cards.items() if card.box.contains(at))
    return next((id for id in under if id in nodes and nodes[id].stage == stage), None)


def _wire(canvas: Canvas, stage: str, at: QPointF) -> Pipe | None:
    """The wire under the cursor, if a node of the stage goes into it."""
    level = canvas.session.level
    trial = Node(NodeId("trial"), stage)
    document = level.document.add(trial)
    for pipe in hand.wires_in(canvas, QRectF(at.x() - NEAR, at.y() - NEAR, 2 * NEAR, 2 * NEAR)):
        end = pipe.input_port
        if fits_wire(document, level.specs, trial.id, end.node.id, end.name, pipe.link()):
            return pipe
    return None
