"""A component too large for the GPU: some of its blocks stay there, the rest comes in turns.

Blocks that do not fit lie in pinned main memory. They are copied, one ahead of another, into a
ring of a few places on the GPU, on a stream of its own while other blocks compute. Parameters are
views of those places for good, so what is computed is bit by bit what the whole component
computes. Unlike diffusers' group offload, whatever has room stays: with room for half of a UNet
only the other half travels.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import torch
from torch import Tensor, nn

from nodeforge.diffusion import packed
from nodeforge.diffusion.packed import ALIGNED, Packed

CHUNK = 72 * 2**20  # bytes of a block, beyond which it is split where it can be
SMALL = 1 / 16  # of that: what is smaller stays, for a place of the ring is worth more
PLACES = 3  # in the ring: one computes, two are on their way


@dataclass(frozen=True)
class Block:
    """A module whose parameters are one range of bytes in the packed component."""

    module: str
    names: tuple[str, ...]
    start: int
    size: int


@dataclass(eq=False)
class _Place:
    """One place of the ring. holds: which block's weights. ready: they have come. free: what
    computed with them is done."""

    flat: Tensor
    holds: int = -1
    ready: Any = None
    free: Any = None


@dataclass(frozen=True, eq=False)
class Streamed:
    """module: the twin to compute with. lock: to be held while it does, for the ring is one.

    size: bytes on the GPU. It counts as that in the pool; the rest lies in `source`.
    """

    module: Any
    size: int
    source: Packed
    ring: Ring
    lock: threading.RLock = field(default_factory=threading.RLock)


def smallest(source: Packed) -> int:
    """Bytes on the GPU without which it cannot work at all."""
    found = blocks(source)
    return source.size - sum(b.size for b in found) + _ring(found)


@torch.inference_mode(False)
def build(source: Packed, device: str, room: int) -> Streamed:
    """A twin that uses about `room` bytes of the device, or what it needs at least."""
    found = blocks(source)
    room -= source.size - sum(b.size for b in found)
    turns = spread(found, room - _ring(found) if room < sum(b.size for b in found) else room)
    ring = [_place(device, turns) for _ in range(min(PLACES, len(turns)))]
    weights: dict[str, Tensor] = {}
    for number, block in enumerate(turns):
        flat = ring[number % len(ring)].flat
        weights |= {name: source.spans[name].view(flat, block.start) for name in block.names}
    stays = {name: span for name, span in source.spans.items() if name not in weights}
    resident = 0
    for name, span in stays.items():
        weights[name] = span.view(source.flat).to(device, copy=True)
        resident += span.size
    module = packed.twin(source.module, weights, device)
    travels = Ring(source.flat, turns, ring, device)
    _watch(module, turns, travels)
    return Streamed(module, resident + sum(p.flat.numel() for p in ring), source, travels)


def blocks(source: Packed) -> list[Block]:
    """What may travel, in the order in which it is used. Weights that several modules share are
    not in it, for nobody knows through which of them they are used."""
    seen: dict[int, int] = {}
    for part in source.module.modules():
        for own in part._parameters.values():
            if own is not None:
                seen[id(own)] = seen.get(id(own), 0) + 1
    return [
        block
        for name, module in _pieces("", source.module)
        if (block := _block(name, module, source, seen))
    ]


def spread(found: Sequence[Block], room: int) -> list[Block]:
    """Those that travel if the others may take `room` bytes: evenly among those that stay, so that
    there is something to compute while each is on its way."""
    total = sum(block.size for block in found)
    share = 1 - max(room, 0) / total if total else 0.0
    if share <= 0:
        return []
    owed, travels, bytes_left = 0.0, [], room
    for block in found:
        owed += block.size * share
        if owed >= block.size / 2 or block.size > bytes_left:
            travels.append(block)
            owed -= block.size
        else:
            bytes_left -= block.size
    return travels


class Ring:
    """Which block lies in which place, and the copies that are on their way."""

    def __init__(
        self, flat: Tensor, turns: Sequence[Block], places: Sequence[_Place], device: str
    ) -> None:
        self.flat, self.turns, self.places, self.device = flat, turns, places, device
        self.order = list(range(len(turns)))  # in which they are used, as far as was seen
        self.seen: dict[int, None] = {}  # in the run now going on
        self.alone = False
        cuda: Any = torch.cuda  # its streams have no types
        side: Any = cuda.Stream(device) if device.startswith("cuda") else None
        self.side = side
        for place in places if side else ():
            place.flat.record_stream(side)  # a copy may be on its way when the ring goes

    def enter(self, number: int) -> None:
        """Before a block computes: wait for its weights, and send for those of the next ones."""
        place = self._at(number)
        if place.holds != number:  # the first run, or another order than expected
            if self.side:
                self.side.wait_stream(torch.cuda.current_stream(self.device))
            self._copy(number)
        if self.side:
            torch.cuda.current_stream(self.device).wait_event(place.ready)
        self._learn(number)
        at = self.order.index(number)
        ahead = self.order[at + 1 :] + ([] if self.alone else self.order[:at])
        self._send(ahead, {number % len(self.places)})

    def _learn(self, number: int) -> None:
        """In which order blocks are used; not all modules list their parts in it, and what comes
        out of turn would be copied twice."""
        if number in self.seen:
            self.order = [*self.seen, *(n for n in self.order if n not in self.seen)]
            self.seen = {}
        self.seen[number] = None

    def _send(self, numbers: Iterable[int], busy: set[int]) -> None:
        """Copy these ahead of their use, up to the first whose place is one of these."""
        for number in numbers:
            if number % len(self.places) in busy:
                break
            if self._at(number).holds != number:
                self._copy(number)
            busy.add(number % len(self.places))

    def _at(self, number: int) -> _Place:
        return self.places[number % len(self.places)]

    def leave(self, number: int) -> None:
        """After a block has computed: its place may be taken once the GPU is there, too."""
        if self.side:
            self._at(number).free = torch.cuda.current_stream(self.device).record_event()

    @contextmanager
    def whole(self) -> Iterator[None]:
        """For a run that is recorded: it brings all that travels itself, and leaves nothing on
        its way."""
        now = torch.cuda.current_stream(self.device)
        self.side.wait_stream(now)
        self._empty()
        self.alone = True
        try:
            self._send(self.order, set())
            yield
        finally:
            self.alone = False
            now.wait_stream(self.side)
            self._empty()

    def rest(self) -> None:
        """Before and after a recorded run, which uses the places as well: nothing is on its way,
        and what follows begins anew."""
        now = torch.cuda.current_stream(self.device)
        now.wait_stream(self.side)
        self._empty(now.record_event())

    def _empty(self, free: Any = None) -> None:
        """No place holds a block. free: when what computed with them is done."""
        for place in self.places:
            place.holds, place.free = -1, free

    def _copy(self, number: int) -> None:
        block, place = self.turns[number], self._at(number)
        piece = self.flat[block.start : block.start + block.size]
        there = place.flat[: block.size]
        place.holds = number
        if self.side is None:
            there.copy_(piece)
            return
        with torch.cuda.stream(self.side):
            if place.free is not None:
                self.side.wait_event(place.free)
            there.copy_(piece, non_blocking=True)
            place.ready = self.side.record_event()


def _watch(module: Any, turns: Sequence[Block], ring: Ring) -> None:
    """Plain functions as hooks: a twin with LoRAs made of this twin goes on using the ring."""

    def entering(number: int) -> Callable[..., None]:
        def enter(*_: Any) -> None:
            ring.enter(number)

        return enter

    def leaving(number: int) -> Callable[..., None]:
        def leave(*_: Any) -> None:
            ring.leave(number)

        return leave

    for number, block in enumerate(turns):
        part = module.get_submodule(block.module)
        part.register_forward_pre_hook(entering(number))
        part.register_forward_hook(leaving(number), always_call=True)


def _pieces(name: str, module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Modules that are called as a whole and small enough, in the order of their use."""
    if not isinstance(module, nn.ModuleList | nn.ModuleDict):
        size = packed.weight(module.parameters())
        if name and (size <= CHUNK or not list(module.children())):
            if size >= CHUNK * SMALL:
                yield name, module
            return
    for child, part in _in_order(module):
        yield from _pieces(f"{name}.{child}" if name else child, part)


def _in_order(module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Its parts in the order of their use, so that neighbours have different places.

    UNets and VAEs list theirs otherwise: the middle last, and all that attend before all resnets,
    though they work by turns.
    """
    parts = dict(module.named_children())
    if "mid_block" in parts and "up_blocks" in parts:
        names = [name for name in parts if name != "up_blocks"]
        names.insert(names.index("mid_block") + 1, "up_blocks")
        parts = {name: parts[name] for name in names}
    if "resnets" in parts and "attentions" in parts:
        lists = [(name, parts.pop(name).named_children()) for name in ("resnets", "attentions")]
        named = ([(f"{name}.{child}", part) for child, part in own] for name, own in lists)
        yield from (each for both in zip_longest(*named) for each in both if each)
    yield from parts.items()


def _block(name: str, module: nn.Module, source: Packed, seen: dict[int, int]) -> Block | None:
    """The module as one range of bytes, or None if it is not to travel."""
    own = list(module.named_parameters())
    names = tuple(f"{name}.{inner}" for inner, _ in own)
    if any(seen[id(weight)] > 1 for _, weight in own) or not set(names) <= source.spans.keys():
        return None
    spans = [source.spans[each] for each in names]
    start = min(span.start for span in spans)
    size = max(span.start + span.size for span in spans) - start
    if size > 2 * sum(span.size for span in spans) + ALIGNED * len(spans):
        return None  # not one range
    return Block(name, names, start, size)


def _ring(found: Sequence[Block]) -> int:
    return min(PLACES, len(found)) * max((block.size for block in found), default=0)


def _place(device: str, turns: Sequence[Block]) -> _Place:
    size = max(block.size for block in turns)
    return _Place(torch.empty(size, dtype=torch.uint8, device=device))
