"""From node to node by the keyboard: along the wires, or to what lies nearest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, TypeAlias

from PySide6.QtCore import QLineF, QObject, QPointF

from nodeforge.app.canvas.items import Card
from nodeforge.app.words import tr
from nodeforge.graph.document import NodeId

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

Way: TypeAlias = Literal["left", "right", "up", "down"]
STEPS: dict[Way, QPointF] = {
    "left": QPointF(-1, 0),
    "right": QPointF(1, 0),
    "up": QPointF(0, -1),
    "down": QPointF(0, 1),
}
BACK: dict[Way, Way] = {"left": "right", "right": "left", "up": "down", "down": "up"}
NONE: dict[Way, str] = {
    "left": tr("No node lies further left."),
    "right": tr("No node lies further right."),
    "up": tr("No node lies further up."),
    "down": tr("No node lies further down."),
}
ASKEW = 2.0  # how much farther away is what lies beside the way
PHASES = {
    "cached": tr("made"),
    "will run": tr("will run"),
    "queued": tr("waits for its turn"),
    "running": tr("runs"),
    "error": tr("failed"),
    "missing": tr("cannot run"),
}


class Walking(QObject):
    """What is selected is also the accessible name of the canvas, so that it is read out."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas.widget)
        self.canvas = canvas
        self._last: dict[tuple[NodeId, Way], NodeId] = {}  # where the way back goes
        canvas.session.selected.connect(self._name)
        canvas.session.stated.connect(lambda _: self._name())
        canvas.session.opened.connect(self._last.clear)

    def go(self, way: Way) -> None:
        """Right: to what the node feeds; left: to its inputs; up, down: among those wired alike."""
        canvas, session = self.canvas, self.canvas.session
        cards = {id: card for id, card in canvas.cards.items() if id not in session.level.rails}
        here = cards.get(session.current.id) if session.current else None
        to = self._next(here, list(cards.values()), way) if here else self._middle(cards.values())
        if to is None:
            canvas.hint.emit(NONE[way])
            return
        if here is not None:
            self._last[to.id, BACK[way]] = here.id
        session.select([to.id])
        canvas.reveal(to.box)

    def _middle(self, cards: Iterable[Card]) -> Card | None:
        """The node nearest to the middle of the view."""
        centre = self.canvas.widget.visible().center()
        return min(cards, key=lambda each: QLineF(each.box.center(), centre).length(), default=None)

    def _next(self, here: Card, cards: list[Card], way: Way) -> Card | None:
        wired = [card for card in _along(here, way) if card in cards]
        back = self._last.get((here.id, way))
        came = [card for card in wired if card.id == back]
        return next(iter(came or wired), None) or _nearest(here, cards, way)

    def _name(self) -> None:
        session, view = self.canvas.session, self.canvas.widget
        words, node = tr("Canvas"), session.current
        if node is not None:
            phase = PHASES.get(session.state(node.id).phase, "")
            words = ", ".join(filter(None, (words, session.sight.title(node), phase)))
        if words != view.accessibleName():
            view.setAccessibleName(words)


def _along(card: Card, way: Way) -> list[Card]:
    """Those that a step along the wires leads to, the likeliest first."""
    match way:
        case "right":
            return _feeds(card)
        case "left":
            return _fed_by(card)
    alike = [each for giver in _fed_by(card) for each in _feeds(giver)]
    alike += [each for taker in _feeds(card) for each in _fed_by(taker)]
    found = _nearest(card, alike, way)
    return [found] if found else []


def _feeds(card: Card) -> list[Card]:
    """In the order of its outputs, and down the canvas."""
    pipes = [sorted(port.connected_pipes, key=lambda p: p.taker.y()) for port in card.outputs]
    return list(dict.fromkeys(pipe.taker for several in pipes for pipe in several))


def _fed_by(card: Card) -> list[Card]:
    return list(dict.fromkeys(pipe.giver for port in card.inputs for pipe in port.connected_pipes))


def _nearest(here: Card, cards: Iterable[Card], way: Way) -> Card | None:
    """What lies nearest that way, wired or not: so every node can be reached."""
    step, start = STEPS[way], here.box.center()

    def far(card: Card) -> float:
        by = card.box.center() - start
        ahead = QPointF.dotProduct(by, step)
        return ahead + ASKEW * abs(by.x() * step.y() - by.y() * step.x())

    ahead = (card for card in cards if QPointF.dotProduct(card.box.center() - start, step) > 1)
    return min(ahead, key=far, default=None)
