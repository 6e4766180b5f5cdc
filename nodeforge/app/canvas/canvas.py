"""The document on NodeGraphQt: diffs are drawn, gestures become edits, nothing else is kept.

NodeGraphQt's own node objects, undo stack and clipboard stay empty: each slot with which it would
change its own model is overridden here, and does the edit on the session instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from NodeGraphQt import NodeGraph
from PySide6.QtCore import QPoint, QPointF, QRectF, Signal
from PySide6.QtGui import QPixmapCache, QUndoStack
from PySide6.QtWidgets import QMenu

from nodeforge.app.canvas import dots, edge, fitting, hand
from nodeforge.app.canvas.copying import Copying
from nodeforge.app.canvas.dot import dot_face
from nodeforge.app.canvas.drops import Drops
from nodeforge.app.canvas.face import face
from nodeforge.app.canvas.fading import Fading
from nodeforge.app.canvas.frames import Edges
from nodeforge.app.canvas.inplace import InPlace
from nodeforge.app.canvas.items import Board, Card, Pipe
from nodeforge.app.canvas.keyview import Key, Modifier
from nodeforge.app.canvas.minimap import MiniMap
from nodeforge.app.canvas.navigation import Roaming
from nodeforge.app.canvas.paint import key
from nodeforge.app.canvas.places import Places
from nodeforge.app.canvas.pulling import Pulling
from nodeforge.app.canvas.pulse import Pulse
from nodeforge.app.canvas.rows import Rows
from nodeforge.app.canvas.scenery import Scenery
from nodeforge.app.canvas.shake import Shake
from nodeforge.app.canvas.slide import Slide
from nodeforge.app.canvas.stroke import Stroke
from nodeforge.app.canvas.tips import Tips
from nodeforge.app.canvas.viewer import Viewer
from nodeforge.app.canvas.walking import Walking
from nodeforge.app.canvas.wiring import Ends, Wiring
from nodeforge.app.muting import mute
from nodeforge.app.session import Session
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr
from nodeforge.graph.document import (
    Diff,
    Document,
    Frame,
    Node,
    NodeId,
    Note,
    diff,
    is_dot,
    new_id,
    wires,
)

CACHE = 64 * 1024  # kB; Qt's default is too small for a canvas full of pictures
Menu = Callable[[NodeId | None, QPointF], QMenu | None]


class Canvas(NodeGraph):  # type: ignore[misc]
    """widget: the view, to be put into a layout. Positions are in the scene."""

    zoomed = Signal(float)
    hint = Signal(str)  # one sentence, or empty when it no longer holds
    doing = Signal(str)  # what is in the hand or written in, as the status bar names it, or nothing
    activated = Signal(object)  # NodeId: it was double-clicked
    asked = Signal(QPoint)  # for a stage to add, at this place on the screen
    wire_dropped: Any = Signal(object, QPointF)  # End: in the void, for a stage to add
    port_clicked: Any = Signal(object)  # End

    def __init__(self, session: Session, theme: Theme) -> None:
        QPixmapCache.setCacheLimit(CACHE)
        self.session = session
        self.scenery = Scenery(theme)
        self.wiring = Wiring(self)
        self._stack = QUndoStack()  # stays empty: the session's history is the only one
        self._view = Viewer(self._stack, self.scenery, self.wiring)
        super().__init__(undo_stack=self._stack, viewer=self._view)
        self._menu: Menu | None = None
        self._moved: set[Card] = set()
        self.slide = Slide(self)
        self.asked_at: tuple[float, int, int] | None = (
            None  # the view, after the artist asked to fit
        )
        self.drag = ""  # a merge key: all that comes of one drag is one step
        self._mirroring, self._places = False, Places(self)
        self._view.zoomed.connect(self.zoomed)
        self._view.asked.connect(self.asked)
        self._view.refused.connect(self.hint)
        self._view.doing.connect(self.doing)
        self._view.menu_asked.connect(self._open_menu)
        self.drops = Drops(self)
        self._view.dragged.connect(self._on_dragged)
        self._view.fixed.connect(session.mending.mend)
        self._view.let_go.connect(self._draw_again)
        self._view.landed.connect(self.wiring.land)
        self._view.fell.connect(self.wiring.fell)
        self._view.wire_doubled.connect(lambda pipe, at: dots.put(self, pipe, at))
        self._view.port_clicked.connect(self.wiring.clicked)
        self._view.port_hovered.connect(self.wiring.hovered)
        self._view.scene().selectionChanged.connect(self._on_selection)
        self._links: list[tuple[Any, Any]] = [
            (session.sight.seen, self.draw),
            (session.stated, self._on_state),
            (session.offered, self._on_offer),
            (session.selected, self._show_selection),
            (session.sight.carried, lambda waits: edge.wait(self, waits)),
        ]
        for signal, slot in self._links:
            signal.connect(slot)
        self._view.keys, self.rows = self._keys(), Rows(self)
        self._view.gestures = (
            *(Roaming(self._view), Edges(self)),
            *(Stroke(self), self.rows, Copying(self), Shake(self), Pulling(self)),
        )
        self._view.pressed.connect(self._on_pressed)
        self.draw(diff(Document(), session.level.document))
        self.inplace, self.map = InPlace(self), MiniMap(self)
        self.pulse, self.fading, self.tips = Pulse(self), Fading(self), Tips(self)
        self.walking = Walking(self)

    @property
    def widget(self) -> Viewer:
        return self._view

    @property
    def cards(self) -> dict[NodeId, Card]:
        """Nodes as drawn, by their id."""
        return self.scenery.cards

    def wear(self, theme: Theme) -> None:
        """Be drawn in the other theme."""
        self.scenery.theme = theme
        self.scenery.forget()
        self.map.forget()
        self.rows.wear()
        self._view.viewport().update()

    def set_menu(self, menu: Menu) -> None:
        """menu: makes the context menu for a node, frame or note (None: for the canvas)."""
        self._menu = menu

    def close(self) -> None:
        """Let go of the session and the scene, before Qt takes the view apart."""
        for signal, slot in self._links:
            signal.disconnect(slot)
        self._links.clear()
        self._view.scene().selectionChanged.disconnect(self._on_selection)
        self._view.leave()

    # The document, drawn

    def draw(self, change: Diff) -> None:
        """Draw what changed, and what that touches."""
        self.slide.settle()
        nodes = hand.touched(change, self.session.level)
        boards = [t for t in (*change.added, *change.changed) if isinstance(t, Frame | Note)]
        gone = [self.cards[id] for id in change.removed if id in self.cards]
        had = [self.cards[node.id] for node in nodes if node.id in self.cards]
        near = self._neighbours([*gone, *had])
        old = {*near, *gone, *had}
        wired = {pipe for card in old for pipe in card.pipes()}
        self._mirroring = True
        for card in gone:
            card.delete()
            self.scenery.drop(self.cards.pop(card.id))
        for id in change.removed:
            if board := self.scenery.boards.pop(id, None):
                self._view.scene().removeItem(board)
        for node in nodes:
            self._draw_node(node)
        for node in nodes:
            self._draw_wires(node)
        for thing in boards:
            self._draw_board(thing)
        self._mirroring = False
        drawn = [self.cards[node.id] for node in nodes]
        now = near | self._neighbours(drawn) | set(drawn)
        for card in now:
            self._show_wired(card)
        self.route()
        self._view.damage.around(old | now, wired, all=bool(boards or change.removed))

    def _draw_node(self, node: Node) -> None:
        card = self.cards.get(node.id)
        if card is None:
            card = self.cards[node.id] = Card(node.id, self._moved.add)
            self._view.add_node(card)
        level = self.session.level
        if is_dot(node) and node.stage in level.specs:
            shown = dot_face(node, level.specs[node.stage])
        elif node.stage in level.specs:
            shown = face(node, level.specs[node.stage])
        else:
            links = (link for other in level.document.nodes.values() for link in wires(other))
            shown = face(node, None, [link.output for link in links if link.node == node.id])
        card.setPos(*node.at)
        state = self.session.state(node.id)
        card.wear(replace(card.look, face=shown, state=state))
        card.setSelected(node.id in self.session.selection)

    def _draw_wires(self, node: Node) -> None:
        """Make the wires into a node those of the document."""
        for port in self.cards[node.id].inputs:
            there: dict[Any, Pipe] = {pipe.link(): pipe for pipe in list(port.connected_pipes)}
            wanted = node.links.get(port.name, ())
            for link, pipe in there.items():
                if link not in wanted:
                    pipe.delete()
                else:
                    pipe.settle()
            for link in wanted:
                source = self.cards.get(link.node)
                output = source.ports.get((True, link.output)) if source else None
                if output and link not in there:
                    self._view.establish_connection(output, port)

    def _draw_again(self, cards: Iterable[Card]) -> None:
        """After a gesture with a wire, in which NodeGraphQt took wires away and put others."""
        nodes = self.session.level.document.nodes
        there = [card for card in cards if card.id in nodes and self.cards.get(card.id) is card]
        for card in there:
            self._draw_wires(nodes[card.id])
        for card in self._neighbours(there) | set(there):
            self._show_wired(card)

    def _draw_board(self, thing: Frame | Note) -> None:
        board = self.scenery.boards.get(thing.id)
        if board is None:
            redraw = self._view.viewport().update
            board = Board(thing.id, isinstance(thing, Note), lambda _: redraw())
            self.scenery.boards[thing.id] = board
            self._view.add_node(board)
        text = thing.text if isinstance(thing, Note) else thing.title
        board.setPos(*thing.at)
        board.wear(text, thing.colour, thing.size)
        board.setSelected(thing.id in self.session.selection)

    def _neighbours(self, cards: Iterable[Card]) -> set[Card]:
        ends = [port for card in cards for pipe in card.pipes() for port in pipe.ends()]
        return {port.node for port in ends if port.node.id in self.cards}

    def _show_wired(self, card: Card) -> None:
        wired = frozenset(key(p.pin) for p in card.ports.values() if p.connected_pipes)
        selected = card.isSelected()
        if (wired, selected) != (card.look.wired, card.look.selected):
            card.wear(replace(card.look, wired=wired, selected=selected))

    def route(self) -> None:
        """Lead the wires of moved nodes to where these are now."""
        for pipe in {pipe for card in self._moved for pipe in card.pipes()}:
            pipe.route()
        if self._moved:
            self._view.damage.around(self._moved)
        self._moved.clear()

    def _on_state(self, id: NodeId) -> None:
        if card := self.cards.get(id):
            card.wear(replace(card.look, state=self.session.state(id)))

    def _on_offer(self) -> None:
        self.draw(Diff(changed=tuple(self.session.level.document.nodes.values())))

    # Selection, the same in the session

    def _on_selection(self) -> None:
        if self._mirroring:
            return
        chosen = [item.id for item in self._view.scene().selectedItems() if hasattr(item, "id")]
        kept = [id for id in self.session.selection if id in chosen]
        self.session.select([*kept, *(id for id in chosen if id not in kept)])
        self._show_selection()

    def _show_selection(self) -> None:
        self._mirroring = True
        chosen = set(self.session.selection)
        for item in self.things():
            if item.isSelected() != (item.id in chosen):
                item.setSelected(item.id in chosen)
            if isinstance(item, Card) and item.look.selected != item.isSelected():
                self._show_wired(item)
        self._mirroring = False
        self._view.viewport().update()

    def selected_things(self) -> list[Card | Board]:
        return [thing for thing in self.things() if thing.isSelected()]

    def things(self) -> list[Card | Board]:
        return [*self.cards.values(), *self.scenery.boards.values()]

    # Gestures: the slots in which NodeGraphQt would change its own model

    def _on_connection_changed(self, disconnected: list[Ends], connected: list[Ends]) -> None:
        self.wiring.rewire(disconnected, connected)

    def _on_nodes_moved(self, node_data: dict[Card | Board, list[float]]) -> None:
        hand.moved(self, list(node_data))

    def _on_node_double_clicked(self, node_id: NodeId) -> None:
        self.activated.emit(node_id)

    def _on_pressed(self) -> None:
        self.drag = f"drag {new_id()}"
        self.slide.settle()

    def _on_dragged(self, card: Card | Board) -> None:
        self.scenery.snapping.pull(self, card)
        self.scenery.glow = hand.wire_for(self, card) if isinstance(card, Card) else None
        self.route()

    def _on_nothing(self, *_: object) -> None:
        """What NodeGraphQt would do here is done elsewhere."""

    _on_node_selected = _on_node_selection_changed = _on_insert_node = _on_nothing
    _on_node_name_changed = _on_property_bin_changed = _on_search_triggered = _on_nothing
    _on_node_data_dropped = _on_context_menu_prompt = _on_nothing
    _on_node_backdrop_updated = _on_connection_sliced = _on_nothing

    def _open_menu(self, on_screen: QPoint, at: QPointF) -> None:
        thing = self._view.thing_at(self._view.mapFromScene(at))
        menu = self._menu(thing.id if thing else None, at) if self._menu else None
        if menu is not None:
            menu.popup(on_screen)

    # Acts, for the window's actions

    def _keys(self) -> dict[tuple[Key, Modifier], Callable[[], object]]:
        none, ctrl = Modifier.NoModifier, Modifier.ControlModifier
        return {
            (Key.Key_Delete, none): self.delete_selected,
            (Key.Key_Backspace, none): self.delete_selected,
            (Key.Key_D, none): self.mute_selected,
            (Key.Key_D, ctrl): self.duplicate_selected,
            (Key.Key_C, ctrl): self.copy,
            (Key.Key_X, ctrl): self.cut,
            (Key.Key_V, ctrl): self.paste,
            (Key.Key_A, ctrl): self.select_all,
            (Key.Key_F, none): lambda: fitting.ask(self, selected=True),
            (Key.Key_Home, none): lambda: fitting.ask(self),
            (Key.Key_1, ctrl): self.zoom_to,
            (Key.Key_Tab, none): self._view.ask,
        }

    def delete_selected(self) -> None:
        hand.delete(self.session)

    def duplicate_selected(self) -> None:
        hand.duplicate(self.session)

    def take_out(self) -> None:
        hand.take_out(self)

    def mute_selected(self) -> None:
        mute(self.session)

    def copy(self) -> None:
        hand.copy(self.session)

    def cut(self) -> None:
        hand.copy(self.session)
        hand.delete(self.session, tr("Cut"))

    def paste(self, at: QPointF | None = None, inputs: bool = False) -> None:
        self.drops.paste(at, inputs)

    def select_all(self) -> None:
        rails = self.session.level.rails
        self.session.select(thing.id for thing in self.things() if thing.id not in rails)

    def reveal(self, box: QRectF) -> None:
        """Move the view as little as brings a place into it, at the same zoom."""
        seen = self._view.visible().adjusted(24, 24, -24, -24)
        x = min(box.left() - seen.left(), 0) or max(box.right() - seen.right(), 0)
        y = min(box.top() - seen.top(), 0) or max(box.bottom() - seen.bottom(), 0)
        if x or y:
            self._view.look_at(self._view.visible().center() + QPointF(x, y), self._view.zoom)

    def fit(self, ids: Iterable[NodeId] | None = None, whole: bool = False) -> None:
        """Bring these nodes (default: all there is) into view: see `fitting`."""
        fitting.fit(self, None if ids is None else set(ids), whole)

    def in_view(self) -> bool:
        """Whether all there is is."""
        return all(self._view.visible().contains(thing.box) for thing in self.things())

    def zoom_to(self, zoom: float = 1.0) -> None:
        self._view.look_at(self._view.visible().center(), zoom)

    def centre(self, ids: Iterable[NodeId] | None = None) -> None:
        """Bring these nodes (default: the selected, or all) to the middle, at the same zoom."""
        chosen = list(self.session.selection if ids is None else ids) or list(self.cards)
        if things := [self.cards[id] for id in chosen if id in self.cards]:
            self._view.look_at(self._view._combined_rect(things).center(), self._view.zoom)
