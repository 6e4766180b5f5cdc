"""From a model to a node: which stage takes it, and with which values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl

from nodeforge import resources
from nodeforge.app.incoming.carried import mime
from nodeforge.graph.document import Document, Node, NodeId
from nodeforge.graph.spec import File, Param, Specs, StageSpec, Value
from nodeforge.models.entry import Entry
from nodeforge.models.folders import BOX
from nodeforge.models.kinds import (
    CHECKPOINT,
    CONTROL,
    DENOISER,
    EMBEDDING,
    LORA,
    TEXT,
    UNKNOWN,
    UPSCALER,
    VAE,
)

# What a File parameter says it takes, by the kinds that it can.
TAKES: Mapping[str, tuple[str, ...]] = {
    "model": (CHECKPOINT, DENOISER),
    "lora": (LORA,),
    "embedding": (EMBEDDING,),
    "control": (CONTROL,),
    "upscaler": (UPSCALER,),
    "text encoder": (TEXT, CHECKPOINT),
    "vae": (VAE, CHECKPOINT),
}


def what(kind: str) -> str:
    """What a parameter must take for models of this kind; "" if none can. An unknown file may be
    a model: the artist says of which family."""
    if kind == UNKNOWN:
        return "model"
    return next((name for name, kinds in TAKES.items() if kind in kinds), "")


def reference(entry: Entry) -> str:
    """How a parameter names it: those in the box by name, so that a graph works everywhere."""
    return Path(entry.path).stem if entry.program == BOX else entry.path


def entry_of(entries: Mapping[str, Entry], value: str) -> Entry | None:
    """The entry that a parameter's value means."""
    found = entries.get(value) or entries.get(str(Path(value).expanduser()))
    if found or "/" in value or "\\" in value:
        return found
    boxed = (e for e in entries.values() if e.program == BOX and Path(e.path).stem == value)
    return next(boxed, None)


def param(spec: StageSpec, taking: str) -> Param | None:
    """The parameter of a stage that takes such a file."""
    fitting = (p for p in spec.params if isinstance(p.kind, File) and p.kind.what == taking)
    return next(fitting, None)


def stage(specs: Specs, entry: Entry) -> StageSpec | None:
    """The stage for a model; None if no stage takes it."""
    taking = what(entry.kind.kind)
    ours = [spec for spec in specs.values() if taking and param(spec, taking)]
    return min(ours, key=lambda spec: len(spec.inputs), default=None)


def values(spec: StageSpec, entry: Entry) -> dict[str, Value]:
    """What the node is set to."""
    file = param(spec, what(entry.kind.kind))
    found: dict[str, Value] = {file.name: reference(entry)} if file else {}
    known = spec.param.get("family")
    if entry.picked and known is not None:
        found["family"] = entry.picked
    return found


def carried(specs: Specs, entry: Entry) -> QMimeData | None:
    """What a drag of it carries: the stage for the canvas, the file for other programs."""
    spec = stage(specs, entry)
    data = mime(spec.id, "", values(spec, entry)) if spec else QMimeData()
    data.setUrls([QUrl.fromLocalFile(entry.path)])
    return data


def family_before(
    document: Document, specs: Specs, id: NodeId, entries: Mapping[str, Entry]
) -> str:
    """The family of the model that reaches a node, or that goes where it goes; "" if unknown."""
    entry = entry_of(entries, model_before(document, specs, id))
    return entry.family if entry else ""


def model_before(document: Document, specs: Specs, id: NodeId) -> str:
    """The model that reaches a node, or that goes where it goes, as its parameter names it."""
    for node in _upstream(document, id):
        spec = specs.get(node.stage)
        file = param(spec, "model") if spec else None
        if file is not None:
            return str(node.values.get(file.name, file.default))
    return ""


def model_path(entries: Mapping[str, Entry], value: str) -> Path:
    """Where a model lies that a parameter names: those in the box by their name."""
    entry = entry_of(entries, value)
    boxed = resources.path("models") / value
    if entry is not None:
        return Path(entry.path)
    return boxed if value and "/" not in value and boxed.exists() else Path(value).expanduser()


def helpers(document: Document, specs: Specs, entries: Mapping[str, Entry]) -> list[Entry]:
    """The LoRAs and embeddings that the graph uses, as far as they are in the library."""
    found: list[Entry] = []
    for node in document.nodes.values():
        for each in specs[node.stage].params if node.stage in specs else ():
            if isinstance(each.kind, File) and each.kind.what in (LORA, EMBEDDING):
                entry = entry_of(entries, str(node.values.get(each.name, each.default)))
                found += [entry] if entry else []
    return found


def _upstream(document: Document, id: NodeId) -> Iterable[Node]:
    """All that feeds it, and, for what makes no model itself, all that feeds what it feeds."""
    reached = {id}
    takers = {
        n.id
        for n in document.nodes.values()
        for links in n.links.values()
        for link in links
        if link.node == id
    }
    todo = [id, *takers]
    while todo:
        node = document.nodes.get(todo.pop(0))
        if node is None:
            continue
        if node.id != id:
            yield node
        for links in node.links.values():
            fresh = [link.node for link in links if link.node not in reached]
            reached.update(fresh)
            todo += fresh
