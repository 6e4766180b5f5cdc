"""Wires by hand: joined, moved, cut, and dropped on a port, on a node or in the void."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu

from nodeforge.app.canvas import hand
from nodeforge.app.canvas.items import Card, Port, sharing
from nodeforge.app.canvas.paint import pin_picture
from nodeforge.app.words import tr
from nodeforge.errors import BadLink
from nodeforge.graph.joining import End, between_ends, joined
from nodeforge.graph.level import Level
from nodeforge.graph.problems import check_link

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

Ends = tuple[Port, Port]  # either way round


def end(port: Port) -> End:
    return End(port.node.id, port.name, port.pin.out)


def ordered(ends: Ends) -> Ends:
    """The output first."""
    return ends if ends[0].pin.out else (ends[1], ends[0])


class Wiring:
    """What the view asks about wires, and what comes of them.

    offer: what a click on an open input would do, in words; empty if it would do nothing.
    """

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.offer: Callable[[End], str] = lambda end: ""

    @property
    def level(self) -> Level:
        return self.canvas.session.level

    def rewire(self, disconnected: Iterable[Ends], connected: Iterable[Ends]) -> None:
        """What the hand took off, then what it joined."""
        after, joins = self.level.document, list(connected)
        try:
            for ends in disconnected:
                output, entry = ordered(ends)
                after = after.disconnect(entry.node.id, entry.name, hand.link(output))
            for ends in joins:
                output, entry = ordered(ends)
                node, port = output.node.id, entry.pin
                after = after.connect(node, output.name, entry.node.id, port.name, port.many)
        except BadLink as error:
            self.canvas.hint.emit(str(error))
            return
        self.canvas.session.act(tr("Connect") if joins else tr("Disconnect"), after)

    def land(self, start: Port, held: Port | None, card: Card) -> None:
        """A wire dropped on a node, or moved there from the port `held`: to its best port."""
        after = self.level.document
        try:
            if held is not None:
                output, entry = ordered((start, held))
                after = after.disconnect(entry.node.id, entry.name, hand.link(output))
            after = joined(after, self.level.specs, end(start), card.id)
        except BadLink as error:
            self.canvas.hint.emit(str(error))
            return
        self.canvas.session.act(tr("Connect"), after)

    def fell(self, starts: tuple[Port, ...], at: QPointF) -> None:
        """A wire dropped in the void: what can it join?"""
        self._which(starts, at, lambda port: self.canvas.wire_dropped.emit(end(port), at))

    def pressed(self, ports: tuple[Port, ...]) -> None:
        """A click on a port, or on the dot that several share."""
        self._which(ports, ports[0].centre(), self.clicked)

    def _which(self, ports: tuple[Port, ...], at: QPointF, then: Callable[[Port], object]) -> None:
        """Ask which of the ports that share a dot is meant."""
        if len(ports) == 1:
            then(ports[0])
            return
        view = self.canvas.widget
        menu = QMenu(view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        theme = self.canvas.scenery.theme
        for port in ports:
            label = f"{port.pin.label[:1].upper()}{port.pin.label[1:]}"
            act = menu.addAction(QIcon(pin_picture(theme, port.pin)), label)
            act.triggered.connect(lambda _=False, port=port: then(port))
        menu.popup(view.viewport().mapToGlobal(view.mapFromScene(at)))

    def hovered(self, port: Port | None) -> None:
        """Say beside an open input what a click on it would do."""
        scenery = self.canvas.scenery
        words = ""
        alone = port is not None and len(sharing(port)) == 1
        if port is not None and alone and not port.pin.out and not port.connected_pipes:
            words = self.offer(end(port))
        scenery.offer = (port, words) if port and words else None
        self.canvas.widget.viewport().update()

    def clicked(self, port: Port) -> None:
        self.canvas.port_clicked.emit(end(port))

    def refusal(self, start: Port, over: Port | Card) -> str:
        """Why a wire may not be dropped there; empty where it may."""
        document, specs = self.level.document, self.level.specs
        if isinstance(over, Card):
            return "" if over is start.node else self._refused_by(start, over)
        if start.pin.out == over.pin.out:
            if start.pin.out:
                return tr("Both are outputs: a wire runs from an output to an input.")
            return tr("Both are inputs: a wire runs from an output to an input.")
        output, entry = ordered((start, over))
        return check_link(document, specs, output.node.id, output.name, entry.node.id, entry.name)

    def _refused_by(self, start: Port, card: Card) -> str:
        try:
            joined(self.level.document, self.level.specs, end(start), card.id)
        except BadLink as error:
            return str(error)
        return ""

    def fitting(self, start: Port) -> frozenset[Port]:
        """The ports that a wire from here may be dropped on."""
        return hand.fitting(self.level.document, self.canvas.cards.values(), start)

    def target(self, start: Port, card: Card) -> Port | None:
        """The port that a wire joins if it is dropped on a node."""
        found = between_ends(self.level.document, self.level.specs, end(start), card.id)
        if found is None:
            return None
        link, to = found
        return card.ports.get((False, to.name) if start.pin.out else (True, link.output))
