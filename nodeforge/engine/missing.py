"""What a graph needs that this machine does not have, told before anything runs.

Models, pictures and folders are looked for just where the stages would look, without opening one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PureWindowsPath

from nodeforge import resources
from nodeforge.graph.document import Document, Node, NodeId
from nodeforge.graph.groups import quieted
from nodeforge.graph.problems import Problem, called, problems
from nodeforge.graph.spec import File, Specs, StageSpec

# Where what goes by its name alone comes with NodeForge.
BOX: Mapping[str, str] = {
    "model": "models/{}",
    "lora": "models/loras/{}.safetensors",
    "control": "models/control/{}/config.json",
    "upscaler": "models/upscalers/{}.safetensors",
}
MODELS = ("model", "text encoder", "vae", "lora", "embedding", "control", "upscaler")
OURS = "nodeforge"  # the pack whose names we know


def all_problems(document: Document, specs: Specs) -> dict[NodeId, list[Problem]]:
    """What is wrong with each node that has a problem: by the document, then by the disk."""
    found = problems(document, specs)
    for id, some in missing(document, specs).items():
        found.setdefault(id, []).extend(some)
    return {id: found[id] for id in document.nodes if id in found}


def missing(document: Document, specs: Specs) -> dict[NodeId, list[Problem]]:
    """The files that are not there and the folders that cannot be written, by node.

    Muted nodes and values that a wire brings do not matter. No address on a network is asked for
    anything: that would tell a stranger's server who looks.
    """
    found = {id: list(_of(node, specs)) for id, node in quieted(document).nodes.items()}
    return {id: some for id, some in found.items() if some}


def _of(node: Node, specs: Specs) -> Iterator[Problem]:
    spec = specs.get(node.stage)
    for param in spec.params if spec and not node.muted else ():
        value = str(node.values.get(param.name, param.default)).strip()
        if not isinstance(param.kind, File) or param.name in node.links or not value:
            continue
        if value.startswith(("\\\\", "//")):
            continue
        if said := _said(param.kind, value, spec):
            yield Problem(node.id, "missing_file", said, param=param.name)


def _said(kind: File, value: str, spec: StageSpec | None) -> str:
    """Why a value cannot be used, as a sentence, or ""."""
    try:
        if kind.what == "folder":
            return "" if kind.reads else _unwritable(Path(value).expanduser())
        if kind.what not in (*MODELS, "image") or _is_there(kind, value):
            return ""
        if kind.what == "image" and Path(value).expanduser().exists():
            return f"“{PureWindowsPath(value).name}” is no file: choose another picture."
    except (OSError, RuntimeError, ValueError):  # a path that no system takes, a home nobody has
        return f"“{value}” is no path here: choose another {called(kind)}."
    whole = _is_whole(value)
    if not whole and not (spec and spec.pack == OURS):
        return ""  # a name that its pack may know
    title, what = PureWindowsPath(value).name, called(kind)
    if whole:
        return f"“{title}” is not on this machine, or its disk is away: choose another {what}."
    return f"There is no {what} “{value}”: choose one that is there."


def _is_there(kind: File, value: str) -> bool:
    path = Path(value).expanduser()
    if kind.what == "image":
        return path.is_file() or (not path.exists() and resources.path(value).is_file())
    if path.exists():
        return True
    name = value.removesuffix(".safetensors") if kind.what == "lora" else value
    ours = kind.what in BOX and value == Path(value).name
    return ours and resources.path(BOX[kind.what].format(name)).exists()


def _is_whole(path: str) -> bool:
    """Whether this is a whole path, of this system or of another one."""
    return Path(path).expanduser().is_absolute() or PureWindowsPath(path).is_absolute()


def _unwritable(folder: Path) -> str:
    """Why a file cannot be written into a folder, which need not be there yet; "" if it can."""
    if PureWindowsPath(folder).is_absolute() and not folder.is_absolute():
        return f"The folder {folder} is one of another system: choose another folder."
    there = folder.absolute()
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    if not there.is_dir():
        why = f"for {there.name} is a file"
        return f"The folder {folder} cannot be made, {why}: choose another folder."
    if not os.access(there, os.W_OK | os.X_OK):
        return f"The folder {folder} cannot be written to: choose another folder."
    return ""
