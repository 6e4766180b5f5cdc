"""Bringing nodes into view, but not so small that they cannot be read: asked twice, all of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF

from nodeforge.app.canvas.items import Board, Card
from nodeforge.app.theme import TOKENS
from nodeforge.app.words import tr
from nodeforge.graph.document import NodeId

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

CLOSE_UP = 1.0  # fit never comes nearer than this
FLOOR = float(TOKENS["node"]["fitFloor"])  # and stays nearer than this: the rest can be panned to
AIR = 32.0  # around what is shown


def fit(canvas: Canvas, ids: Collection[NodeId] | None = None, whole: bool = False) -> bool:
    """Bring these nodes (default: all there is) into view; whether they are.

    Where they would be too small, the view is on what is selected, else on where the graph begins.
    whole: however small.
    """
    view = canvas.widget
    chosen = [each for each in canvas.things() if ids is None or each.id in ids]
    if not chosen:
        return True
    box = view._combined_rect(chosen).adjusted(-AIR, -AIR, AIR, AIR)
    room = QSizeF(view.viewport().size())
    zoom = min(room.width() / box.width(), room.height() / box.height(), CLOSE_UP)
    fits = whole or zoom >= FLOOR
    centre = box.center() if fits else _centre(box, room / FLOOR, _matters(chosen))
    view.look_at(centre, zoom if fits else FLOOR, whole=ids is None)
    return fits


def ask(canvas: Canvas, selected: bool = False) -> None:
    """As above, by the artist: of the selected nodes, or all. The second time in a row, whole."""
    view, session = canvas.widget, canvas.session
    if canvas.asked_at == view.spot:
        canvas.asked_at = None
        fit(canvas, whole=True)
        return
    ids = session.selection if selected and session.selection else None
    if not fit(canvas, ids):
        canvas.hint.emit(tr("The same key again shows all of it."))
    canvas.asked_at = view.spot


def swap(canvas: Canvas) -> None:
    """Between life size and the graph in view."""
    if canvas.widget.zoom == CLOSE_UP:
        fit(canvas)
    else:
        canvas.zoom_to(CLOSE_UP)


def _matters(things: Collection[Card | Board]) -> QRectF:
    """The selected ones, else where the graph begins: the leftmost, of these the upper one."""
    chosen = [thing.box for thing in things if thing.isSelected()]
    if not chosen:
        chosen = [min((each.box for each in things), key=lambda box: (box.left(), box.top()))]
    result = QRectF()
    for box in chosen:
        result |= box
    return result


def _centre(box: QRectF, seen: QSizeF, matters: QRectF) -> QPointF:
    """Of a view of this size: on what matters, with nothing of the void beyond the graph."""

    def along(low: float, high: float, size: float, middle: float) -> float:
        if high - low <= size:
            return (low + high) / 2
        return min(max(middle, low + size / 2), high - size / 2)

    return QPointF(
        along(box.left(), box.right(), seen.width(), matters.center().x()),
        along(box.top(), box.bottom(), seen.height(), matters.center().y()),
    )
