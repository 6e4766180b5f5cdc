"""Where things go: in layers along the wires, in line with one another, or evenly spread.

Plain geometry: boxes by id in, places by id out, so that it can be asked for what lies on a level.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from nodeforge.graph.document import Document, NodeId, Point
from nodeforge.graph.lanes import Box, Boxes, Places, Wire, in_layers

APART = 72.0  # between separate graphs
GRID = 8
PADDING, TITLE = 24.0, 40.0  # of a frame around what lies in it
Ends = Callable[[NodeId, str, bool], float]
# How to line up: the coordinate of a box that all shall share, as the one they had in common.
EDGES: dict[str, Callable[[Box, Box], Point]] = {
    "left": lambda box, all: (all.x, box.y),
    "right": lambda box, all: (all.right - box.width, box.y),
    "top": lambda box, all: (box.x, all.y),
    "bottom": lambda box, all: (box.x, all.bottom - box.height),
    "centre": lambda box, all: (all.x + (all.width - box.width) / 2, box.y),
    "middle": lambda box, all: (box.x, all.y + (all.height - box.height) / 2),
}


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds them."""
    some = list(boxes)
    x, y = min(box.x for box in some), min(box.y for box in some)
    return Box(x, y, max(box.right for box in some) - x, max(box.bottom for box in some) - y)


def aligned(boxes: Boxes, edge: str) -> Places:
    """With one edge (or the centre, or the middle) of each where the outermost has it."""
    if not boxes:
        return {}
    whole = around(boxes.values())
    return {id: EDGES[edge](box, whole) for id, box in boxes.items()}


def distributed(boxes: Boxes, across: bool) -> Places:
    """With the same gap between each and the next; where there is no room, with corners as far."""
    order = sorted(boxes, key=lambda id: boxes[id].x if across else boxes[id].y)
    if len(order) < 3:
        return {}
    whole = around(boxes.values())
    sizes = [boxes[id].width if across else boxes[id].height for id in order]
    room = (whole.width if across else whole.height) - sum(sizes)
    if room < 0:
        corners = [boxes[id].x if across else boxes[id].y for id in order]
        sizes, room = [0.0] * len(order), corners[-1] - corners[0]
    at = whole.x if across else whole.y
    places: Places = {}
    for id, size in zip(order, sizes, strict=True):
        places[id] = (at, boxes[id].y) if across else (boxes[id].x, at)
        at += size + room / (len(order) - 1)
    return places


def laid_out(
    document: Document, boxes: Boxes, frames: Boxes | None = None, ends: Ends | None = None
) -> tuple[Places, Boxes]:
    """Nodes in layers from left to right along their wires, and the frames around theirs again.

    boxes: the nodes to lay out. What lies in a frame is laid out within, and moves as one. The top
    left corner of all stays where it is. ends: how far down a node a wire begins or ends, by its
    port and whether that is an output; else in the middle. Close to linear in nodes and wires.
    """
    if not boxes:
        return {}, {}
    around_all = frames or {}
    places, shown = _framed(boxes, around_all, _wires(document, boxes, ends))
    used = [box for id, box in around_all.items() if id in shown]
    before = around([*boxes.values(), *used])
    after = around([*shown.values(), *(boxes[id].moved(at) for id, at in places.items())])
    x, y = _on_grid(before.x) - after.x, _on_grid(before.y) - after.y
    return _shifted(places, x, y), {
        id: box.moved((box.x + x, box.y + y)) for id, box in shown.items()
    }


def _wires(document: Document, boxes: Boxes, ends: Ends | None) -> list[Wire]:
    """Those between the boxes, each once."""

    def down(id: NodeId, port: str, out: bool) -> float:
        return ends(id, port, out) if ends else boxes[id].height / 2

    found: dict[Wire, None] = {}
    for id in boxes:
        node = document.nodes.get(id)
        for input, links in node.links.items() if node else ():
            for link in links:
                if link.node in boxes:
                    leaves, enters = down(link.node, link.output, True), down(id, input, False)
                    found[Wire(link.node, id, leaves, enters)] = None
    return list(found)


def _framed(boxes: Boxes, frames: Boxes, wires: Sequence[Wire]) -> tuple[Places, dict[NodeId, Box]]:
    """Laid out anywhere: first within each frame, then these as blocks among the others."""
    held: dict[NodeId, NodeId] = {}
    inner: dict[NodeId, Places] = {}
    shown: dict[NodeId, Box] = {}
    blocks = dict(boxes)
    for frame in sorted(frames, key=lambda id: -frames[id].width * frames[id].height):
        here = {id: b for id, b in boxes.items() if id not in held and frames[frame].holds(b.head)}
        if frame in shown or not here:
            continue
        within = {id: b for id, b in frames.items() if id != frame and frames[frame].holds(b)}
        inner[frame], inside = _framed(here, within, wires)
        shown |= inside
        held |= dict.fromkeys(here, frame)
        whole = around(
            [*inside.values(), *(boxes[id].moved(at) for id, at in inner[frame].items())]
        )
        shift = PADDING - whole.x, TITLE - whole.y
        inner[frame] = _shifted(inner[frame], *shift)
        shown |= {id: b.moved((b.x + shift[0], b.y + shift[1])) for id, b in inside.items()}
        blocks = {id: box for id, box in blocks.items() if id not in here}
        width, height = whole.width + 2 * PADDING, whole.height + PADDING + TITLE
        blocks[frame] = Box(frames[frame].x, frames[frame].y, width, height)
        shown[frame] = blocks[frame]
        inner[frame] |= {id: (shown[id].x, shown[id].y) for id in inside}
    places = _layers(blocks, list(_between(wires, boxes, held, inner)))
    for frame, some in inner.items():
        x, y = places.pop(frame)
        for id, at in _shifted(some, x, y).items():
            if id in shown:
                shown[id] = shown[id].moved(at)
            else:
                places[id] = at
        shown[frame] = shown[frame].moved((x, y))
    return places, shown


def _shifted(places: Places, x: float, y: float) -> Places:
    return {id: (_on_grid(at[0] + x), _on_grid(at[1] + y)) for id, at in places.items()}


def _between(
    wires: Iterable[Wire],
    boxes: Boxes,
    held: Mapping[NodeId, NodeId],
    inner: Mapping[NodeId, Places],
) -> Iterator[Wire]:
    """The wires between blocks. held: by node, the frame that stands for it, laid out by now."""

    def block(id: NodeId) -> tuple[NodeId, float]:
        frame = held.get(id)
        return (frame, inner[frame][id][1]) if frame else (id, 0.0)

    for wire in wires:
        if wire.source in boxes and wire.target in boxes:
            source, above = block(wire.source)
            target, over = block(wire.target)
            if source != target:
                yield Wire(source, target, above + wire.leaves, over + wire.enters)


def _layers(boxes: Boxes, wires: Sequence[Wire]) -> Places:
    """Each graph that hangs together in layers, one graph below the other."""
    places: Places = {}
    y = 0.0
    by_source: dict[NodeId, list[Wire]] = defaultdict(list)
    for wire in wires:
        by_source[wire.source].append(wire)
    for part in _parts(boxes, wires):
        here = in_layers({id: boxes[id] for id in part}, [w for id in part for w in by_source[id]])
        top = min(at[1] for at in here.values())
        bottom = max(at[1] + boxes[id].height for id, at in here.items())
        places |= {id: (x, down - top + y) for id, (x, down) in here.items()}
        y += bottom - top + APART
    return places


def _parts(boxes: Boxes, wires: Iterable[Wire]) -> list[list[NodeId]]:
    """What hangs together, from the top down as it lies now."""
    joined: dict[NodeId, list[NodeId]] = defaultdict(list)
    for wire in wires:
        joined[wire.source].append(wire.target)
        joined[wire.target].append(wire.source)
    parts: list[list[NodeId]] = []
    seen: set[NodeId] = set()
    for id in sorted(boxes, key=lambda id: (boxes[id].y, boxes[id].x)):
        if id in seen:
            continue
        seen.add(id)
        part = [id]
        for each in part:
            new = [other for other in dict.fromkeys(joined[each]) if other not in seen]
            seen.update(new)
            part += new
        parts.append(part)
    return parts


def _on_grid(part: float) -> float:
    return float(round(part / GRID) * GRID)
