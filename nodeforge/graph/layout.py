"""Where things go: in layers along the wires, in line with one another, or evenly spread.

Plain geometry: boxes by id in, places by id out, so that it can be asked for what lies on a level.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from nodeforge.graph.document import Document, NodeId, Point, wires

ACROSS, DOWN, APART = 72.0, 36.0, 72.0  # between layers, in a layer, between separate graphs
SWEEPS = 4  # over all layers, so that the time grows with nodes and wires only
GRID = 8
PADDING, TITLE = 24.0, 40.0  # of a frame around what lies in it
Places = dict[NodeId, Point]


@dataclass(frozen=True)
class Box:
    """x, y: the top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def holds(self, other: Box) -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    @property
    def head(self) -> Box:
        """Its upper edge: what of a node is there however it grows."""
        return Box(self.x, self.y, self.width, 0)

    def moved(self, at: Point) -> Box:
        return Box(*at, self.width, self.height)


Boxes = Mapping[NodeId, Box]
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


def laid_out(document: Document, boxes: Boxes, frames: Boxes | None = None) -> tuple[Places, Boxes]:
    """Nodes in layers from left to right along their wires, and the frames around theirs again.

    boxes: the nodes to lay out. What lies in a frame is laid out within, and moves as one. The top
    left corner of all stays where it is. Close to linear in nodes and wires.
    """
    if not boxes:
        return {}, {}
    places, shown = _framed(document, boxes, frames or {})
    used = [box for id, box in (frames or {}).items() if id in shown]
    before = around([*boxes.values(), *used])
    after = around([*shown.values(), *(boxes[id].moved(at) for id, at in places.items())])
    x, y = _on_grid(before.x) - after.x, _on_grid(before.y) - after.y
    return _shifted(places, x, y), {
        id: box.moved((box.x + x, box.y + y)) for id, box in shown.items()
    }


def _framed(document: Document, boxes: Boxes, frames: Boxes) -> tuple[Places, dict[NodeId, Box]]:
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
        inner[frame], inside = _framed(document, here, within)
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
    places = _layers(blocks, _edges(document, boxes, held))
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


def _edges(
    document: Document, boxes: Boxes, held: Mapping[NodeId, NodeId] | None = None
) -> dict[NodeId, list[NodeId]]:
    """What each feeds, once each. held: by node, the block that stands for it."""
    held = held or {}
    found: dict[NodeId, dict[NodeId, None]] = defaultdict(dict)
    for id in boxes:
        node = document.nodes.get(id)
        for link in wires(node) if node else ():
            source, target = held.get(link.node, link.node), held.get(id, id)
            if link.node in boxes and source != target:
                found[source][target] = None
    return {id: list(some) for id, some in found.items()}


def _layers(boxes: Boxes, feeds: Mapping[NodeId, list[NodeId]]) -> Places:
    """Each graph that hangs together in layers, one graph below the other."""
    places: Places = {}
    y = 0.0
    for part in _parts(boxes, feeds):
        here = _Layered({id: boxes[id] for id in part}, feeds).places()
        top = min(at[1] for at in here.values())
        bottom = max(at[1] + boxes[id].height for id, at in here.items())
        places |= {id: (x, down - top + y) for id, (x, down) in here.items()}
        y += bottom - top + APART
    return places


def _parts(boxes: Boxes, feeds: Mapping[NodeId, list[NodeId]]) -> list[list[NodeId]]:
    """What hangs together, from the top down as it lies now."""
    joined: dict[NodeId, list[NodeId]] = defaultdict(list)
    for id, others in feeds.items():
        for other in others:
            joined[id].append(other)
            joined[other].append(id)
    parts: list[list[NodeId]] = []
    seen: set[NodeId] = set()
    for id in sorted(boxes, key=lambda id: (boxes[id].y, boxes[id].x)):
        if id in seen:
            continue
        seen.add(id)
        part = [id]
        for each in part:
            new = [other for other in joined[each] if other not in seen]
            seen.update(new)
            part += new
        parts.append(part)
    return parts


class _Layered:
    """One graph that hangs together."""

    def __init__(self, boxes: Boxes, feeds: Mapping[NodeId, list[NodeId]]) -> None:
        self.boxes = boxes
        self.feeds = {id: [to for to in feeds.get(id, ()) if to in boxes] for id in boxes}
        self.fed: dict[NodeId, list[NodeId]] = {id: [] for id in boxes}
        for id, others in self.feeds.items():
            for other in others:
                self.fed[other].append(id)

    def places(self) -> Places:
        rank = self._ranks()
        layers: list[list[NodeId]] = [[] for _ in range(max(rank.values()) + 1)]
        for id in sorted(self.boxes, key=lambda id: self.boxes[id].y):
            layers[rank[id]].append(id)
        down: dict[NodeId, float] = {}
        for layer in layers:
            self._stack(layer, down, {})
        for sweep in range(SWEEPS):
            back = sweep % 2
            for layer in reversed(layers) if back else layers:
                self._stack(layer, down, self.feeds if back else self.fed)
        x, places = 0.0, Places()
        for layer in layers:
            places |= {id: (x, down[id]) for id in layer}
            x += max((self.boxes[id].width for id in layer), default=0.0) + ACROSS
        return places

    def _ranks(self) -> dict[NodeId, int]:
        """Each behind all that feed it; what nothing feeds just before what it feeds.

        Blocks may feed one another in a circle: the wire that closes it counts for nothing.
        """
        waits = {id: len(some) for id, some in self.fed.items()}
        ready = deque(id for id, count in waits.items() if not count)
        rank: dict[NodeId, int] = {}
        rest = deque(sorted(self.boxes, key=lambda id: self.boxes[id].x))
        while len(rank) < len(self.boxes):
            if not ready:
                ready.append(rest.popleft())
            id = ready.popleft()
            if id in rank:
                continue
            rank[id] = max((rank[other] + 1 for other in self.fed[id] if other in rank), default=0)
            for other in self.feeds[id]:
                waits[other] -= 1
                if not waits[other]:
                    ready.append(other)
        for id, others in self.feeds.items():
            if others and not self.fed[id]:
                rank[id] = max(rank[id], min(rank[other] for other in others) - 1)
        return rank

    def _stack(
        self,
        layer: list[NodeId],
        down: dict[NodeId, float],
        towards: Mapping[NodeId, list[NodeId]],
    ) -> None:
        """Order a layer by the neighbours on one side, and lay each as near to them as it can."""
        wish: dict[NodeId, float] = {}
        for number, id in enumerate(layer):
            ends = [down[o] + self.boxes[o].height / 2 for o in towards.get(id, ()) if o in down]
            half = self.boxes[id].height / 2
            wish[id] = median(ends) - half if ends else down.get(id, float(number))
        layer.sort(key=lambda id: wish[id] + self.boxes[id].height / 2)
        at, slack = float("-inf"), 0.0
        for id in layer:
            down[id] = max(wish[id], at)
            slack += down[id] - wish[id]
            at = down[id] + self.boxes[id].height + DOWN
        for id in layer:
            down[id] -= slack / len(layer)


def _on_grid(part: float) -> float:
    return float(round(part / GRID) * GRID)
