"""One graph in layers along its wires, with lanes for the wires that pass by other nodes."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import inf
from statistics import median

from nodeforge.graph.document import NodeId, Point

ACROSS, DOWN = 72.0, 36.0  # between layers, and in a layer
SIDE = 16.0  # between a wire and a node that it passes
SWEEPS = 6  # over all layers, so that the time grows with nodes and wires only
LONG = 48  # layers: a wire that passes more of them has no lane
EFFORT = 200  # steps for each node; when they are used up, wires pass behind nodes again


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
Places = dict[NodeId, Point]


@dataclass(frozen=True)
class Wire:
    """leaves, enters: how far down its source and its target it ends."""

    source: NodeId
    target: NodeId
    leaves: float
    enters: float


def in_layers(boxes: Boxes, wires: Sequence[Wire]) -> Places:
    """Places for nodes that hang together, each right of all that feed it."""
    return _Layered(boxes, wires).places()


class _Layered:
    """layers: in each, what lies in it from the top down: nodes, and the lanes of wires that pass
    (by names that no node has). joins: (one, other, down one, down other) between neighbours."""

    def __init__(self, boxes: Boxes, wires: Sequence[Wire]) -> None:
        self.boxes, self.wires = boxes, wires
        self.feeds: dict[NodeId, list[NodeId]] = {id: [] for id in boxes}
        self.fed: dict[NodeId, list[NodeId]] = {id: [] for id in boxes}
        for source, target in dict.fromkeys((wire.source, wire.target) for wire in wires):
            self.feeds[source].append(target)
            self.fed[target].append(source)
        self.rank = self._ranks()
        self.layers: list[list[NodeId]] = [[] for _ in range(max(self.rank.values()) + 1)]
        for id in sorted(boxes, key=lambda id: boxes[id].y):
            self.layers[self.rank[id]].append(id)
        self.high = {id: box.height for id, box in boxes.items()}
        self.down: dict[NodeId, float] = {}
        self.back: dict[NodeId, list[tuple[NodeId, float]]] = defaultdict(list)
        self.ahead: dict[NodeId, list[tuple[NodeId, float]]] = defaultdict(list)

    def places(self) -> Places:
        self._join()
        for layer in self.layers:
            self._stack(layer, {})
        for sweep in range(SWEEPS):
            back = sweep % 2
            for layer in reversed(self.layers) if back else self.layers:
                self._stack(layer, self.ahead if back else self.back)
        order = self._order()
        self.down = order.nearest(self.down)
        self._level(order)
        lefts = self._lefts()
        return {id: (lefts[self.rank[id]], self.down[id]) for id in self.boxes}

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

    def _lefts(self) -> list[float]:
        """Where each layer begins, and where one more would."""
        lefts = [0.0]
        for layer in self.layers:
            width = max((self.boxes[id].width for id in layer if id in self.boxes), default=0.0)
            lefts.append(lefts[-1] + width + ACROSS)
        return lefts

    def _join(self) -> None:
        """What is beside what, with a lane in each layer that a wire passes: one for all that
        leave by the same port."""
        for wire in self.wires:
            near, leaves = wire.source, wire.leaves
            for layer, lane in enumerate(self._lanes(wire), self.rank[wire.source] + 1):
                if lane not in self.high:
                    self.high[lane] = 0.0
                    self.layers[layer].append(lane)
                    self._beside(near, lane, leaves, 0.0)
                near, leaves = lane, 0.0
            self._beside(near, wire.target, leaves, wire.enters)

    def _lanes(self, wire: Wire) -> list[NodeId]:
        """Their names, one in each layer that it passes."""
        layers = range(self.rank[wire.source] + 1, self.rank[wire.target])
        name = f"{wire.source}\0{wire.leaves}\0"
        return [NodeId(f"{name}{layer}") for layer in layers] if len(layers) < LONG else []

    def _beside(self, one: NodeId, other: NodeId, leaves: float, enters: float) -> None:
        self.back[other].append((one, leaves - enters))
        self.ahead[one].append((other, enters - leaves))

    def _stack(
        self, layer: list[NodeId], towards: Mapping[NodeId, Iterable[tuple[NodeId, float]]]
    ) -> None:
        """Order a layer by the neighbours on one side, and lay each as near to them as it can."""
        down = self.down
        wish: dict[NodeId, float] = {}
        for number, id in enumerate(layer):
            ends = [down[other] + by for other, by in towards.get(id, ()) if other in down]
            wish[id] = median(ends) if ends else down.get(id, float(number))
        self._settle(layer, wish)

    def _settle(self, layer: list[NodeId], wish: Mapping[NodeId, float]) -> None:
        """Lay each as near to its wish as the others let it: what would overlap moves as one."""
        layer.sort(key=lambda id: wish[id] + self.high[id] / 2)
        runs: list[tuple[float, int]] = []  # where the first of some in a row lies, and how many
        at = 0.0
        offsets: list[float] = []
        for number, id in enumerate(layer):
            offsets.append(at)
            top, count = wish[id] - at, 1
            while runs and runs[-1][0] > top:
                before, many = runs.pop()
                top = (before * many + top * count) / (many + count)
                count += many
            runs.append((top, count))
            if number + 1 < len(layer):
                at += self.high[id] + self._gap(id, layer[number + 1])
        tops = (top for top, count in runs for _ in range(count))
        for id, offset, top in zip(layer, offsets, tops, strict=True):
            self.down[id] = top + offset

    def _gap(self, one: NodeId, other: NodeId) -> float:
        return DOWN if one in self.boxes and other in self.boxes else SIDE

    def _order(self) -> Order:
        """What has to lie below what: in each layer, and on either side of a wire that passes."""
        order = Order(sorted(self.boxes, key=lambda id: self.down[id]))
        above: dict[NodeId, NodeId] = {}
        below: dict[NodeId, NodeId] = {}
        for layer in self.layers:
            nodes = [id for id in layer if id in self.boxes]
            for one, other in pairwise(nodes):
                order.put(one, other, self.high[one] + DOWN)
            for found, ids in ((above, layer), (below, layer[::-1])):
                found.update(_last_of(self.boxes, ids))
        for wire in self.wires:
            ends = (wire.source, wire.leaves), (wire.target, wire.enters)
            for lane, (end, at) in product(self._lanes(wire), ends):
                if lane in above:
                    order.put(above[lane], end, self.high[above[lane]] + SIDE - at)
                if lane in below:
                    order.put(end, below[lane], at + SIDE)
        return order

    def _level(self, order: Order) -> None:
        """Each where its wires run level, as far as the others leave it room."""
        back: dict[NodeId, list[tuple[NodeId, float]]] = defaultdict(list)
        ahead: dict[NodeId, list[tuple[NodeId, float]]] = defaultdict(list)
        for wire in self.wires:
            back[wire.target].append((wire.source, wire.leaves - wire.enters))
            ahead[wire.source].append((wire.target, wire.enters - wire.leaves))
        forth = sorted(self.boxes, key=lambda id: self.rank[id])
        for sweep in range(SWEEPS):
            ids, towards = (forth, back) if sweep % 2 else (forth[::-1], ahead)
            for id in ids:
                if ends := [self.down[other] + by for other, by in towards[id]]:
                    low, high = order.room(id, self.down)
                    self.down[id] = max(low, min(median(ends), high))


def _last_of(some: Container[NodeId], ids: Iterable[NodeId]) -> Iterator[tuple[NodeId, NodeId]]:
    """Each other with the last of some before it."""
    last: NodeId | None = None
    for id in ids:
        if id in some:
            last = id
        elif last is not None:
            yield id, last


class Order:
    """Nodes from the top down, and how far each lies below others at least.

    A rule that contradicts those there are is left out.
    """

    def __init__(self, ids: Sequence[NodeId]) -> None:
        self.place = {id: number for number, id in enumerate(ids)}
        self.under: dict[NodeId, dict[NodeId, float]] = {id: {} for id in ids}
        self.over: dict[NodeId, list[NodeId]] = {id: [] for id in ids}
        self._effort = EFFORT * len(ids)

    def put(self, one: NodeId, other: NodeId, by: float) -> bool:
        """The other lies below the one, by so much at least."""
        if one == other or not self._makes_way(one, other):
            return False
        if other not in self.under[one]:
            self.over[other].append(one)
        self.under[one][other] = max(by, self.under[one].get(other, by))
        return True

    def nearest(self, wishes: Mapping[NodeId, float]) -> dict[NodeId, float]:
        """As near to these as the rules allow: half way between all pushed down and all up."""
        ids = sorted(self.place, key=lambda id: self.place[id])
        low, high = dict(wishes), dict(wishes)
        for id in ids:
            for other, by in self.under[id].items():
                low[other] = max(low[other], low[id] + by)
        for id in reversed(ids):
            for other, by in self.under[id].items():
                high[id] = min(high[id], high[other] - by)
        return {id: (low[id] + high[id]) / 2 for id in ids}

    def room(self, id: NodeId, down: Mapping[NodeId, float]) -> tuple[float, float]:
        """Between what heights it may lie."""
        low = max((down[one] + self.under[one][id] for one in self.over[id]), default=-inf)
        high = min((down[other] - by for other, by in self.under[id].items()), default=inf)
        return low, high

    def _makes_way(self, one: NodeId, other: NodeId) -> bool:
        """Sort those between the two anew, as far as it takes (Pearce and Kelly)."""
        first, last = self.place[other], self.place[one]
        if last < first:
            return True
        after = self._reached(other, self.under, first, last)
        if one in after or self._effort < 0:
            return False
        before = self._reached(one, self.over, first, last)
        some = [
            *sorted(before, key=lambda id: self.place[id]),
            *sorted(after, key=lambda id: self.place[id]),
        ]
        for id, number in zip(some, sorted(self.place[id] for id in some), strict=True):
            self.place[id] = number
        return True

    def _reached(
        self, start: NodeId, ways: Mapping[NodeId, Iterable[NodeId]], first: int, last: int
    ) -> set[NodeId]:
        todo, seen = [start], {start}
        while todo:
            for other in ways[todo.pop()]:
                self._effort -= 1
                if other not in seen and first <= self.place[other] <= last:
                    seen.add(other)
                    todo.append(other)
        return seen
