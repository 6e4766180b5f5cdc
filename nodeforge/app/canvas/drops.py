"""Things dropped on the canvas: stages from the library, and what comes from outside."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPoint, QPointF, QRectF, QSizeF
from PySide6.QtGui import QCursor, QGuiApplication

from nodeforge.app.canvas import edge, hand
from nodeforge.app.canvas.face import WIDTH, face
from nodeforge.app.canvas.items import Card, Pipe, Port
from nodeforge.app.canvas.landing import Mark
from nodeforge.app.groups import PARAM_MIME
from nodeforge.app.incoming import kinds
from nodeforge.app.incoming import mime as contents
from nodeforge.app.incoming.carried import Carried, carried
from nodeforge.app.incoming.mime import Content
from nodeforge.app.incoming.placement import Landing, Target
from nodeforge.app.words import tr
from nodeforge.graph.document import Node, NodeId
from nodeforge.graph.edits import fits_wire
from nodeforge.graph.spec import File

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas
    from nodeforge.app.incoming.intake import Intake

NEAR = 14.0  # pixels of the scene between the cursor and a wire to drop on
HIGH = 180.0  # of a node with a picture, about


class Drops:
    """What is in the hand is read once, since reading may ask the program it comes from."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self._held: tuple[QMimeData, Content | None] | None = None
        self._pasted: QPoint | None = None  # where the mouse was at the last paste
        canvas.widget.dropped.connect(self.drop)
        canvas.widget.hovered.connect(self.hover)
        canvas.widget.left.connect(self.leave)

    @cached_property
    def intake(self) -> Intake:
        """Takes what comes from outside."""
        from nodeforge.app.incoming.intake import Intake  # which knows the canvas

        return Intake(self.canvas)

    def hover(self, data: QMimeData, at: QPointF) -> None:
        """Light what a drop here would go into, and say what it would do."""
        canvas, scenery = self.canvas, self.canvas.scenery
        if data.hasFormat(PARAM_MIME):
            edge.hover(canvas, data, at)
            return
        scenery.glow = scenery.ghost = scenery.mark = None
        if stage := carried(data):
            taker = _taker(canvas, stage.stage, at) if stage.values else None
            if taker is not None:
                words = tr("Change the file of {}").format(_title(canvas, taker))
                scenery.mark = Mark(at, words, canvas.cards[taker].box)
            else:
                scenery.glow = _wire(canvas, stage.stage, at)
                scenery.ghost = _ghost(canvas, stage.stage, at)
        else:
            found = self.intake.foresight.foretell(self._read(data), targets_at(canvas, at))
            _mark(canvas, at, *found)
        canvas.widget.viewport().update()

    def leave(self) -> None:
        """What was in the hand is gone, or dropped."""
        self._held = None
        scenery = self.canvas.scenery
        scenery.glow = scenery.ghost = scenery.mark = None
        scenery.edge.over = False
        self.canvas.widget.viewport().update()

    def drop(self, data: QMimeData, at: QPointF) -> None:
        canvas, view = self.canvas, self.canvas.widget
        if data.hasFormat(PARAM_MIME):
            edge.drop(canvas, data, at)
        elif stage := carried(data):
            self._drop_stage(stage, at)
        else:
            place = view.viewport().mapToGlobal(view.mapFromScene(at))
            self.intake.drop(data, targets_at(canvas, at), place)

    def _drop_stage(self, stage: Carried, at: QPointF) -> None:
        canvas, session = self.canvas, self.canvas.session
        if stage.values and (taker := _taker(canvas, stage.stage, at)):
            after = session.level.document.set(taker, **stage.values)
            session.act(tr("Change the file"), after)
            session.select([taker])
            return
        into = _wire(canvas, stage.stage, at)
        hand.add(canvas, stage.stage, at, stage.values, stage.title, into=into)

    def _read(self, data: QMimeData) -> Content | None:
        if self._held is None or self._held[0] is not data:
            self._held = data, contents.read(data, fetch=False)
            self.intake.foresight.peek(self._held[1])
        return self._held[1]

    def paste(self, at: QPointF | None, inputs: bool = False) -> None:
        """What is on the clipboard: nodes of ours as such, all else as if it were dropped."""
        canvas, view = self.canvas, self.canvas.widget
        data = QGuiApplication.clipboard().mimeData() or QMimeData()  # none where it is empty
        ours = kinds.is_graph(data.text() if data.hasText() else "")
        if inputs or ours:
            hand.paste(canvas, at, inputs)
            return
        if not data.formats():
            canvas.hint.emit(tr("The clipboard is empty: copy nodes, a picture or a text first."))
            return
        mouse, self._pasted = self._pasted, QCursor.pos()
        still = mouse == self._pasted  # then it lies over what was pasted last
        targets = _targets_of_paste(canvas, at, self.intake.fresh, still)
        place = targets[-1].at
        middle = view.viewport().rect().center()
        spot = view.mapFromScene(QPointF(*place)) if place is not None else middle
        self.intake.drop(data, targets, view.viewport().mapToGlobal(spot))


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


def _targets_of_paste(
    canvas: Canvas, at: QPointF | None, fresh: NodeId | None, still: bool
) -> tuple[Target, ...]:
    """The port, wire or field of a file under the mouse; else the one node that the artist
    selected for it; else the place of the mouse if it is free.

    fresh: a node that is selected only since it was pasted last. still: so long was the mouse, too.
    """
    view, level = canvas.widget, canvas.session.level
    if at is None:
        mouse = view.viewport().mapFromGlobal(QCursor.pos())
        if view.viewport().rect().contains(mouse):
            at = view.mapToScene(mouse)
    under: tuple[Target, ...] = ()
    if at is not None and not still:
        found = targets_at(canvas, at)
        under = tuple(each for each in found if each.input or _holds_file(canvas, each.node))
    if at is not None and not hand.is_free(canvas, hand.snapped(at - hand.GRIP), HIGH):
        at = None
    void = Target((at.x(), at.y()) if at is not None else None)
    chosen = canvas.session.selection
    if len(chosen) != 1 or chosen[0] == fresh or chosen[0] in level.rails:
        return (*under, void)
    node = level.document.nodes.get(chosen[0])
    spec = level.specs.get(node.stage) if node else None
    opens = any(
        port.type == "Image" and not port.optional and node and port.name not in node.links
        for port in (spec.inputs if spec else ())
    )
    if node is None or not (opens or _holds_file(canvas, node.id)):
        return (*under, void)
    return (*under, Target(void.at, node.id), void)


def _holds_file(canvas: Canvas, id: NodeId | None) -> bool:
    level = canvas.session.level
    node = level.document.nodes.get(id) if id else None
    spec = level.specs.get(node.stage) if node else None
    return spec is not None and any(isinstance(param.kind, File) for param in spec.params)


def _mark(canvas: Canvas, at: QPointF, target: Target, landing: Landing | None, why: str) -> None:
    scenery = canvas.scenery
    if landing is None:
        scenery.mark = Mark(at, why, refused=True)
        return
    card = canvas.cards.get(landing.node) if landing.node and landing.act != "add" else None
    port = card.ports.get((False, landing.input)) if card and landing.input else None
    if port is not None and target.link is not None:
        pipes = (pipe for pipe in port.connected_pipes if pipe.link() == target.link)
        scenery.glow = next(pipes, None)
    if landing.act == "add" and landing.stage and target.node is None:
        scenery.ghost = _ghost(canvas, landing.stage, at)
    words = landing.why or landing.words
    box = card.box if card is not None and target.link is None else None
    scenery.mark = Mark(at, words, box, port.centre() if port else None)


def _ghost(canvas: Canvas, stage: str, at: QPointF) -> QRectF:
    """Where a new node would lie."""
    spec = canvas.session.shelf.offer().get(stage)
    body = face(Node(NodeId("trial"), stage), spec).body
    return QRectF(QPointF(*hand.snapped(at - hand.GRIP)), QSizeF(WIDTH, body))


def _title(canvas: Canvas, id: NodeId) -> str:
    return canvas.session.sight.title(canvas.session.level.document.nodes[id])


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
