"""Things dropped on the canvas: stages from the library, and what comes from outside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF, QRectF
from PySide6.QtGui import QCursor, QGuiApplication

from nodeforge.app.canvas import edge, hand
from nodeforge.app.canvas.items import Card, Pipe, Port
from nodeforge.app.canvas.landing import Mark
from nodeforge.app.canvas.viewer import STAGE_MIME
from nodeforge.app.groups import PARAM_MIME
from nodeforge.app.incoming import kinds, mime as contents
from nodeforge.app.incoming.placement import Landing, Target
from nodeforge.app.words import tr
from nodeforge.graph.document import Node, NodeId
from nodeforge.graph.edits import fits_wire
from nodeforge.graph.spec import File, Value

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

NEAR = 14.0  # pixels of the scene between the cursor and a wire to drop on
HIGH = 180.0  # of a node with a picture, about


def mime(stage: str, title: str = "", values: dict[str, Value] | None = None) -> QMimeData:
    """What a drag from the library carries."""
    data = QMimeData()
    body = {"stage": stage, "title": title, "values": values or {}}
    data.setData(STAGE_MIME, json.dumps(body).encode())
    return data


def hover(canvas: Canvas, data: QMimeData, at: QPointF) -> None:
    """Light what a drop here would go into, and say what it would do."""
    if data.hasFormat(PARAM_MIME):
        edge.hover(canvas, data, at)
        return
    scenery = canvas.scenery
    scenery.glow = scenery.mark = None
    if carried := _carried(data):
        stage, _, values = carried
        taker = _taker(canvas, stage, at) if values else None
        if taker is not None:
            words = tr("Change the file of {}").format(_title(canvas, taker))
            scenery.mark = Mark(at, words, canvas.cards[taker].box)
        else:
            scenery.glow = _wire(canvas, stage, at)
    else:
        content = contents.read(data, fetch=False)
        _mark(canvas, at, *canvas.intake.foretell(content, targets_at(canvas, at)))
    canvas.widget.viewport().update()


def leave(canvas: Canvas) -> None:
    """What was in the hand is gone, or dropped."""
    canvas.scenery.glow = canvas.scenery.mark = None
    canvas.widget.viewport().update()


def drop(canvas: Canvas, data: QMimeData, at: QPointF) -> None:
    if data.hasFormat(PARAM_MIME):
        edge.drop(canvas, data, at)
        return
    leave(canvas)
    if carried := _carried(data):
        stage, title, values = carried
        if values and (taker := _taker(canvas, stage, at)):
            after = canvas.session.level.document.set(taker, **values)
            canvas.session.act(tr("Change the file"), after)
            canvas.session.select([taker])
            return
        hand.add(canvas, stage, at, values, title, into=_wire(canvas, stage, at))
        return
    view = canvas.widget
    place = view.viewport().mapToGlobal(view.mapFromScene(at))
    canvas.intake.drop(data, targets_at(canvas, at), place)


def paste(canvas: Canvas, at: QPointF | None, inputs: bool = False) -> None:
    """What is on the clipboard: nodes of ours as such, all else as if it were dropped."""
    data = QGuiApplication.clipboard().mimeData()
    if inputs or kinds.is_graph(data.text() if data.hasText() else ""):
        hand.paste(canvas, at, inputs)
        return
    if not data.formats():
        canvas.hint.emit(tr("The clipboard is empty: copy nodes, a picture or a text first."))
        return
    view = canvas.widget
    targets = _targets_of_paste(canvas, at)
    place = targets[-1].at
    middle = view.viewport().rect().center()
    spot = view.mapFromScene(QPointF(*place)) if place is not None else middle
    canvas.intake.drop(data, targets, view.viewport().mapToGlobal(spot))


def targets_at(canvas: Canvas, at: QPointF) -> tuple[Target, ...]:
    """What lies at a place of the scene, the best first; at the end the node, or the void."""
    spot = at.x(), at.y()
    rails = canvas.session.level.rails
    over = canvas.widget.over(at)
    card = over.node if isinstance(over, Port) else over
    if isinstance(card, Card) and card.id not in rails and not card.look.face.dot:
        whole = Target(spot, card.id)
        entry = isinstance(over, Port) and not over.pin.out
        return (Target(spot, card.id, over.name), whole) if entry else (whole,)  # type: ignore[union-attr]
    near = QRectF(at.x() - NEAR, at.y() - NEAR, 2 * NEAR, 2 * NEAR)
    wires = [
        Target(spot, pipe.taker.id, pipe.input_port.name, pipe.link())
        for pipe in hand.wires_in(canvas, near)
        if pipe.taker.id not in rails
    ]
    return (*wires, Target(spot))


def _targets_of_paste(canvas: Canvas, at: QPointF | None) -> tuple[Target, ...]:
    """The one node that the artist selected for it, else the place of the mouse if it is free."""
    view, level = canvas.widget, canvas.session.level
    if at is None:
        mouse = view.viewport().mapFromGlobal(QCursor.pos())
        if view.viewport().rect().contains(mouse):
            at = view.mapToScene(mouse)
    if at is not None and not hand.is_free(canvas, hand.snapped(at - hand.GRIP), HIGH):
        at = None
    void = Target((at.x(), at.y()) if at is not None else None)
    chosen = canvas.session.selection
    if len(chosen) != 1 or chosen[0] == canvas.intake.fresh or chosen[0] in level.rails:
        return (void,)
    node = level.document.nodes.get(chosen[0])
    spec = level.specs.get(node.stage) if node else None
    if node is None or spec is None:
        return (void,)
    files = any(isinstance(param.kind, File) for param in spec.params)
    opens = any(
        port.type == "Image" and not port.optional and port.name not in node.links
        for port in spec.inputs
    )
    return (Target(void.at, node.id), void) if files or opens else (void,)


def _mark(
    canvas: Canvas, at: QPointF, target: Target, landing: Landing | None, why: str
) -> None:
    scenery = canvas.scenery
    if landing is None:
        scenery.mark = Mark(at, why, refused=True)
        return
    card = canvas.cards.get(landing.node) if landing.node and landing.act != "add" else None
    port = card.ports.get((False, landing.input)) if card and landing.input else None
    if port is not None and target.link is not None:
        pipes = (pipe for pipe in port.connected_pipes if pipe.link() == target.link)
        scenery.glow = next(pipes, None)
    words = landing.why or landing.words
    box = card.box if card is not None and target.link is None else None
    scenery.mark = Mark(at, words, box, port.centre() if port else None)


def _title(canvas: Canvas, id: NodeId) -> str:
    return canvas.session.sight.title(canvas.session.level.document.nodes[id])


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
