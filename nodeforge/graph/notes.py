"""Notes go along with what they stand beside, and never lie under a node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nodeforge.graph.document import NodeId, Point
from nodeforge.graph.lanes import Box, Boxes, Places

AIR = 16.0  # between a note and a node


def beside(notes: Boxes, before: Boxes, after: Boxes) -> Places:
    """Where notes go when nodes move from where they lay before to where they lie after.

    Each keeps its place beside the nearest node, or takes the nearest free place to that.
    """
    places: Places = {}
    taken = list(after.values())
    for id in sorted(notes, key=lambda id: (notes[id].y, notes[id].x)):
        note = _led(notes[id], before, after)
        free = note if _free(note, taken) else _nearest(note, taken)
        taken.append(free)
        if (free.x, free.y) != (notes[id].x, notes[id].y):
            places[id] = (free.x, free.y)
    return places


def _led(note: Box, before: Boxes, after: Mapping[NodeId, Box]) -> Box:
    """As far from the nearest node as it was."""
    near = min(before, key=lambda id: _gap(note, before[id]), default=None)
    if near is None or near not in after:
        return note
    old, new = before[near], after[near]
    return note.moved((note.x + new.x - old.x, note.y + new.y - old.y))


def _nearest(note: Box, taken: Sequence[Box]) -> Box:
    """The free place nearest to where it is; below all there is, if there is no nearer one."""
    places = sorted(
        (at for box in taken for at in _sides(note, box)),
        key=lambda at: abs(at[0] - note.x) + abs(at[1] - note.y),
    )
    free = (moved for at in places if _free(moved := note.moved(at), taken))
    return next(free, note.moved((note.x, max(box.bottom for box in taken) + AIR)))


def _sides(note: Box, box: Box) -> Iterator[Point]:
    """Places where it touches a box at one of its sides: above, below, left, right."""
    yield note.x, box.y - AIR - note.height
    yield note.x, box.bottom + AIR
    yield box.x - AIR - note.width, note.y
    yield box.right + AIR, note.y


def _free(note: Box, taken: Sequence[Box]) -> bool:
    return not any(
        note.x < box.right and box.x < note.right and note.y < box.bottom and box.y < note.bottom
        for box in taken
    )


def _gap(one: Box, other: Box) -> float:
    """How far two boxes are apart; overlapping, how far their middles are, and less than that."""
    across = max(one.x - other.right, other.x - one.right, 0.0)
    down = max(one.y - other.bottom, other.y - one.bottom, 0.0)
    if across or down:
        return across + down
    middles = abs(one.x + one.width / 2 - other.x - other.width / 2)
    return -1.0 / (1.0 + middles + abs(one.y + one.height / 2 - other.y - other.height / 2))
