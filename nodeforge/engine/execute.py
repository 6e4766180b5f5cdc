"""Run a document. No Qt, no processes: call it and hear the events."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nodeforge import activity
from nodeforge.engine import metadata, pictures
from nodeforge.engine.cache import Entry, MemoryCache, buffers
from nodeforge.engine.keys import plain
from nodeforge.engine.messages import (
    Ended,
    Event,
    Failed,
    Finished,
    Picture,
    Progress,
    Queued,
    Start,
)
from nodeforge.engine.room import free, is_full
from nodeforge.engine.work import Work, plan, work
from nodeforge.errors import BadValue, Cancelled, MemoryFull, NodeForgeError
from nodeforge.graph.document import Link, NodeId
from nodeforge.graph.file import dumps
from nodeforge.interop.metadata import Metadata
from nodeforge.interop.portable import portable
from nodeforge.stages.library import AnyStage, Library
from nodeforge.stages.run import Preview, Run
from nodeforge.values import Image

__all__ = ["execute", "plan"]

PREVIEWS = 12  # a second, at most
REPORTS = 60  # a second, at most
TEXT = 2000  # characters shown of a text result


def execute(
    start: Start,
    library: Library,
    cache: MemoryCache,
    emit: Callable[[Event], None],
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Make what the targets need: Queued, then Failed for what cannot run, Finished for what is
    cached, then each node's Progress and Finished or Failed, and Ended.

    Branches that do not need a failed node go on. A node below a failed one is not heard of.
    """
    began = time.perf_counter()
    todo = work(start.document, library, cache, start.targets)
    job = _Job(start, todo, library, cache, emit, cancelled)
    emit(Queued(start.job, tuple(todo.run)))
    for id, said in todo.faults.items():
        emit(Failed(start.job, id, said))
    for id, entry in todo.cached.items():
        emit(_finished(start.job, id, todo.keys[id], entry, True))
    stopped = False
    try:
        for id in todo.run:
            job.turn(id)
    except Cancelled:
        stopped = True
    failed = bool(todo.faults or job.failed)
    emit(Ended(start.job, stopped, failed, time.perf_counter() - began))


class _Job:
    """One run on its way: which results are still wanted, and what failed."""

    def __init__(
        self,
        start: Start,
        todo: Work,
        library: Library,
        cache: MemoryCache,
        emit: Callable[[Event], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.start, self.todo, self.library, self.cache = start, todo, library, cache
        self.emit, self.cancelled = emit, cancelled
        self.failed: set[NodeId] = set()  # and what is below
        # Results are held until their last taker ran: the cache may let go of them before.
        self.takers = Counter(source for id in todo.run for source in todo.needs(id))
        self.held = {id: todo.cached[id].results for id in self.takers if id in todo.cached}
        self.origins = {id: todo.cached[id].origin for id in self.takers if id in todo.cached}
        self.muted: dict[NodeId, list[NodeId]] = {}
        for id in todo.wiring.order if todo.wiring.past else ():
            if todo.node(id).muted and (end := todo.wiring.passed(todo.node(id))):
                self.muted.setdefault(end.node, []).append(id)

    def turn(self, id: NodeId) -> None:
        """Run one node, or find that it cannot be run. Raises Cancelled."""
        if self.cancelled():
            raise Cancelled
        stage = self.library[self.todo.node(id).stage]
        if self.failed & self.todo.needs(id):
            self.failed.add(id)
        elif entry := None if stage.spec.effect else self.cache.get(self.todo.keys[id]):
            self._finish(id, self.todo.keys[id], entry, cached=True)
        else:
            self.emit(Progress(self.start.job, id, 0.0, doing=stage.doing))
            try:
                self._run(id, stage)
            except Cancelled:
                raise
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a stage may raise anything
                self.failed.add(id)
                said = _sentence(stage, error)
                self.emit(Failed(self.start.job, id, said, traceback.format_exc()))
        for source in self.todo.needs(id):
            self.takers[source] -= 1
            if not self.takers[source]:
                self.held.pop(source, None)

    def _run(self, id: NodeId, stage: AnyStage) -> None:
        reporter = _Reporter(self.start.job, id, self.emit)
        arguments = self._arguments(id, stage)
        began = time.perf_counter()
        with activity.heard(reporter.tell, stage.doing):
            results = self._made(id, stage, arguments, reporter)
        seconds = time.perf_counter() - began
        key = self.todo.keys[id]
        shown = pictures.first(results)
        if not stage.spec.outputs:  # a sink shows what it took
            shown = pictures.first(arguments.values())
            key = self._key_of(id, arguments, shown) or key
        picture = pictures.small(shown) if shown else _standing_for(results, reporter.picture)
        held = sum(size for _, size, _ in buffers(results))
        made = metadata.origin(stage.spec, arguments, results, self._origins(id))
        entry = Entry(results, seconds, picture, _text(results, reporter.said), held, made)
        if not stage.spec.effect:
            self.cache.put(key, entry)
        self._finish(id, key, entry)

    def _made(
        self, id: NodeId, stage: AnyStage, arguments: Mapping[str, Any], reporter: _Reporter
    ) -> list[object]:
        """What the stage returns; where memory is full, room is made and it is called again."""
        try:
            return self._call(id, stage, arguments, reporter)
        except Exception as error:
            if not is_full(error):
                raise
        # Only here, where the error and with it every frame that holds tensors is gone.
        reporter.said.clear()
        free(self.cache)
        return self._call(id, stage, arguments, reporter)

    def _call(
        self, id: NodeId, stage: AnyStage, arguments: Mapping[str, Any], reporter: _Reporter
    ) -> list[object]:
        if not stage.run_name:
            return stage.results(stage.fn(**arguments))
        run = Run(reporter, self.cancelled, say=reporter.said.append)
        if stage.spec.effect:
            run = self._told(id, arguments, run)
        return stage.results(stage.fn(**arguments, **{stage.run_name: run}))

    def _told(self, id: NodeId, arguments: Mapping[str, Any], run: Run) -> Run:
        """What a sink may write beside a picture."""
        taken = {n: v for n, v in arguments.items() if isinstance(v, Image)}
        name, image = next(iter(taken.items()), ("", None))
        made = next(iter(self._origins(id).get(name, ())), metadata.NOWHERE)
        asked = self.start.graph or self.start.document
        graph = dumps(portable(asked, self.todo.wiring.specs))
        notes = {"title": self.start.title, "graph": graph}
        if image is None:
            return replace(run, notes=notes)

        until = time.monotonic() + metadata.WAIT  # once, not for each picture

        def told(index: int) -> Metadata:
            found = metadata.told(made, image, index, graph, until - time.monotonic())
            return found if self.start.marks else replace(found, source="")

        seed = metadata.seed_of(made, image, 0)
        more = {
            "seed": "" if seed is None else str(seed),
            "prompt": metadata.prompt_of(made, image),
            "parameters": told(0).parameters,
        }
        return replace(run, notes=notes | {k: v for k, v in more.items() if v}, metadata=told)

    def _origins(self, id: NodeId) -> dict[str, list[metadata.Origin]]:
        """Whence the inputs of a node come, by port."""
        links = self.todo.wiring.links(self.todo.node(id))
        return {
            name: [self.origins.get(link.node, metadata.NOWHERE) for link in some]
            for name, some in links.items()
        }

    def _finish(self, id: NodeId, key: str, entry: Entry, cached: bool = False) -> None:
        if self.takers[id]:
            self.held[id], self.origins[id] = entry.results, entry.origin
        for each in (id, *self.muted.get(id, ())):
            self.emit(_finished(self.start.job, each, key, entry, cached or each != id))

    def _arguments(self, id: NodeId, stage: AnyStage) -> dict[str, Any]:
        """What the stage's function is called with. Raises BadValue for what a wire brings."""
        node, links = self.todo.node(id), self.todo.wiring.links(self.todo.node(id))
        found: dict[str, Any] = {}
        for param in stage.spec.params:
            value: Any = node.values.get(param.name, param.default)
            if driven := links.get(param.name):
                value = self._value(driven[0])
                try:
                    param.kind.check(value)
                except BadValue as error:
                    name = param.name.replace("_", " ")
                    said = f"The wire into {name} brings a value that is not allowed: {error}."
                    raise BadValue(said) from error
            found[param.name] = plain(param.kind, value)
        for port in stage.spec.inputs:
            values = [self._value(link) for link in links.get(port.name, ())]
            found[port.name] = values if port.many else values[0] if values else None
        return found

    def _value(self, link: Link) -> object:
        outputs = self.library[self.todo.node(link.node).stage].spec.outputs
        index = next(i for i, port in enumerate(outputs) if port.name == link.output)
        return self.held[link.node][index]

    def _key_of(self, id: NodeId, arguments: Mapping[str, Any], shown: object) -> str:
        """The key under which a picture that the node took can be fetched."""
        for name, links in self.todo.wiring.links(self.todo.node(id)).items():
            if shown is not None and arguments.get(name) is shown:
                return self.todo.keys[links[0].node]
        return ""


class _Reporter:
    """Passes on what a stage reports, not more often than an eye can follow."""

    def __init__(self, job: int, node: NodeId, emit: Callable[[Event], None]) -> None:
        self.job, self.node, self.emit = job, node, emit
        self.said: list[str] = []
        self.picture: Picture | None = None  # the last preview
        self._reported = self._previewed = float("-inf")
        self._last = (0.0, 0, 0)  # fraction, step, steps

    def tell(self, doing: str) -> None:
        """What goes on now, between steps or before the first."""
        self.emit(Progress(self.job, self.node, *self._last, doing=doing))

    def __call__(self, fraction: float, step: int, steps: int, preview: Preview | None) -> None:
        now = time.monotonic()
        last = fraction >= 1  # always shown: it is the face of a result that is no picture
        shown = None
        if preview and (last or now - self._previewed >= 1 / PREVIEWS):
            shown = self.picture = _previewed(preview) or self.picture
            self._previewed = time.monotonic()
        if shown or last or now - self._reported >= 1 / REPORTS:
            self._reported = now
            bounded = min(max(fraction, 0.0), 1.0)
            self._last = (bounded, step, steps)
            self.emit(Progress(self.job, self.node, bounded, step, steps, shown))


def _previewed(preview: Preview) -> Picture | None:
    try:
        return pictures.small(preview())
    except Exception:  # noqa: BLE001 - a picture on the way is not worth a run
        return None


def _finished(job: int, id: NodeId, key: str, entry: Entry, cached: bool) -> Finished:
    return Finished(job, id, key, cached, entry.seconds, entry.picture, entry.text, entry.held)


def _standing_for(results: Sequence[object], preview: Picture | None) -> Picture | None:
    """The last preview, with the size of what it is a preview of, where a result knows it."""
    sized = next((r for r in results if hasattr(r, "width") and hasattr(r, "height")), None)
    if sized is None or preview is None:
        return preview
    return replace(preview, width=sized.width, height=sized.height)


def _text(results: Sequence[object], said: Sequence[str]) -> str:
    """What a stage said, else its result if that can be read."""
    if said or not results or not isinstance(results[0], str | int | float):
        return "\n".join(said)
    return str(results[0])[:TEXT]


def _sentence(stage: AnyStage, error: BaseException) -> str:
    """What to tell the artist."""
    if isinstance(error, NodeForgeError) and not (isinstance(error, MemoryFull) and not str(error)):
        return str(error)
    if is_full(error):
        return f"{stage.spec.title} needs more memory than there is: make a smaller picture."
    lines = str(error).strip().splitlines()
    reason = (lines[0] if lines else type(error).__name__).rstrip(".: ")
    return f"{stage.spec.title} stopped: {reason}."
