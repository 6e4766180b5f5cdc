"""Adding: the search at the cursor, and what it finds wired to where it was asked from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, QSizeF, QTimer
from PySide6.QtGui import QCursor

from nodeforge.app.canvas import hand
from nodeforge.app.canvas.face import FIRST_PORT, WIDTH, face
from nodeforge.app.entries import Entry, entries
from nodeforge.app.suggestions import Suggestions
from nodeforge.app.words import tr
from nodeforge.errors import BadLink
from nodeforge.graph.document import Document, Node, NodeId, Point, new_id, wires
from nodeforge.graph.joining import End, fed, gone_on, joined, likeliest, type_at
from nodeforge.graph.spec import input_port

if TYPE_CHECKING:
    from nodeforge.app.window import Window

APART, HIGH = 48.0, 120.0  # px between a node and the next; free below a new one
WARM = 400  # ms after the start until the files are read that suggestions are learnt from


class Adding(QObject):
    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window, self.session = window, window.session
        self.suggestions = Suggestions(window.session)
        self._at: QPointF | None = None
        self._end: End | None = None
        window.search.chosen.connect(self._found)
        window.search.left.connect(window.canvas.widget.setFocus)
        window.search.closed.connect(self._closed)
        window.canvas.wire_dropped.connect(self.ask_for)
        window.canvas.port_clicked.connect(self.fill)
        window.canvas.wiring.offer = self.best
        QTimer.singleShot(WARM, self, self.suggestions.load)

    def ask(self, at: QPoint | None = None) -> None:
        """Open the search under the cursor; what is found goes on from the selected nodes."""
        view = self.window.canvas.widget
        inside = view.mapFromGlobal(at if isinstance(at, QPoint) else QCursor.pos())
        if not view.rect().contains(inside):
            inside = view.rect().center()
        self._open(view.mapToScene(inside), None)

    def ask_for(self, end: End, at: QPointF) -> None:
        """For what a wire from a port can join, where the wire was dropped."""
        canvas = self.window.canvas
        self._open(at, end)
        canvas.scenery.pending = (canvas.cards[end.node].ports[end.out, end.name], at)
        canvas.widget.viewport().update()

    def fill(self, end: End) -> None:
        """A click on a port: feed an open input by what feeds it best, else ask what goes there."""
        level = self.session.level
        node = level.document.nodes[end.node]
        if not end.out and end.name not in node.links and self._fill(end):
            return
        pin = self.window.canvas.cards[end.node].ports[end.out, end.name].centre()
        self.ask_for(end, pin + QPointF(APART if end.out else -APART, 0))

    def best(self, end: End) -> str:
        """What a click on an open input would do; empty if it is not clear."""
        level = self.session.level
        if link := likeliest(level.document, level.specs, end):
            giver = level.document.nodes[link.node]
            return tr("Connect {}").format(self.session.sight.title(giver))
        entry = self._giver(end)
        return tr("Add {}").format(entry.name) if entry else ""

    def _fill(self, end: End) -> bool:
        level = self.session.level
        if link := likeliest(level.document, level.specs, end):
            after = level.document.connect(link.node, link.output, end.node, end.name)
            return self.session.act(tr("Connect"), after)
        entry = self._giver(end)
        if entry:
            self._add(entry, None, end, ())
        return entry is not None

    def _giver(self, end: End) -> Entry | None:
        level = self.session.level
        node = level.document.nodes[end.node]
        spec = level.specs.get(node.stage)
        port = input_port(spec, end.name) if spec else None
        kind = self.suggestions.giver(end.node, port) if port else None
        every = entries(self.session.specs) if kind else []
        return next((entry for entry in every if entry.kind == kind), None)

    def _open(self, at: QPointF, end: End | None) -> None:
        level, view = self.session.level, self.window.canvas.widget
        self._at, self._end = at, end
        type = type_at(level.document, level.specs, end) if end else ""
        weights = self.suggestions.weights(self.session.selection, end)
        place = view.mapToGlobal(view.mapFromScene(at))
        takes, makes = (type, "") if end and end.out else ("", type)
        self.window.search.ask(self.session.shelf.offer(), place, takes, makes, weights)

    def _closed(self) -> None:
        self.window.canvas.scenery.pending = None
        self.window.canvas.widget.viewport().update()

    def _found(self, entry: Entry, onward: bool) -> None:
        at, end = self._at, self._end
        self._at = self._end = None
        id = self._add(entry, at, end, self.session.selection)
        self.window.canvas.widget.setFocus()
        if onward:
            place = QPointF(*self._beside(id, 1))
            self.window.canvas.reveal(QRectF(place, QSizeF(WIDTH, HIGH)))
            self._open(place + hand.GRIP, None)
            self._at = None  # at the left of it, if it feeds it

    def add(self, entry: Entry, at: QPointF | None = None) -> NodeId:
        """Add a node, not wired to anything."""
        self.session.history.break_merge()
        return hand.add(self.window.canvas, entry.spec.id, at, dict(entry.values), entry.title)

    def _add(
        self, entry: Entry, at: QPointF | None, end: End | None, ids: tuple[NodeId, ...]
    ) -> NodeId:
        """Add a node where it is wanted, with the wires that go without saying: one undo step.

        Where it feeds what was selected, that stays selected, since one goes on from there.
        """
        session = self.session
        session.history.break_merge()
        if entry.spec.id in session.shelf.kept:
            return self._add_kept(entry, at, end, ids)
        spec = entry.spec
        node = Node(new_id(), spec.id, spec.version, dict(entry.values), title=entry.title)
        after = self._wired(session.level.document.add(node), end, ids, node.id)
        feeds = next((id for id in after.nodes if _feeds(after, node.id, id)), None)
        place = self._place(after, after.nodes[node.id], at, end, feeds)
        session.act(tr("Add {}").format(entry.name), after.move({node.id: place}))
        here = feeds if feeds and end is None else node.id
        session.select([here])
        self.window.canvas.reveal(self.window.canvas.cards[node.id].box)
        return here

    def _add_kept(
        self, entry: Entry, at: QPointF | None, end: End | None, ids: tuple[NodeId, ...]
    ) -> NodeId:
        """A kept group: its nodes first, then its wires, as one step."""
        session = self.session
        id = hand.add(self.window.canvas, entry.spec.id, at, {}, entry.title)
        wired = session.level.applied(self._wired(session.level.document, end, ids, id))
        label = session.history.undo_label
        session.undo()
        session.edit(label, wired)
        session.select([id])
        return id

    def _wired(
        self, document: Document, end: End | None, ids: tuple[NodeId, ...], new: NodeId
    ) -> Document:
        specs = self.session.level.specs
        rails = self.session.level.rails
        ids = tuple(id for id in ids if id in document.nodes and id not in rails)
        try:
            if end is not None:
                document = joined(document, specs, end, new)
            else:
                document = gone_on(document, specs, ids, new)
            return fed(document, specs, new)
        except BadLink as error:
            self.window.canvas.hint.emit(str(error))
            return document

    def _place(
        self,
        document: Document,
        new: Node,
        at: QPointF | None,
        end: End | None,
        feeds: NodeId | None,
    ) -> Point:
        """Where it was asked for if there is room, else beside what it is wired to."""
        canvas, high = self.window.canvas, face(new, self.session.specs[new.stage]).body
        if at is not None and end is not None:
            return hand.snapped(at - QPointF(0.0 if end.out else WIDTH, FIRST_PORT))
        if at is not None and hand.is_free(canvas, place := hand.snapped(at - hand.GRIP), high):
            return place
        givers = [document.nodes[link.node] for link in wires(document.nodes[new.id])]
        farthest = max(givers, key=lambda giver: giver.at[0], default=None)
        if beside := feeds or (farthest.id if farthest else None):
            return self._beside(beside, -1 if feeds else 1, high)
        return hand.free(canvas, high)

    def _beside(self, id: NodeId, way: int, high: float = HIGH) -> Point:
        """The first free place at the right (1) or the left (-1) of a node, going down."""
        x, y = self.session.level.document.nodes[id].at
        return self._down((x + way * (WIDTH + APART), y), high)

    def _down(self, at: Point, high: float) -> Point:
        """This place, or the first below it that is free."""
        x, y = at
        while not hand.is_free(self.window.canvas, (x, y), high):
            y += hand.SNAP
        return hand.snapped(QPointF(x, y))


def _feeds(document: Document, source: NodeId, target: NodeId) -> bool:
    return any(link.node == source for link in wires(document.nodes[target]))
