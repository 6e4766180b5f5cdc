"""Presets: the parameters of a stage under a name, in a file of the artist's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from nodeforge.base.files import write_atomically
from nodeforge.errors import BadValue, DiskError
from nodeforge.graph.document import Document, Node, NodeId
from nodeforge.graph.spec import Dice, StageSpec, Value
from nodeforge.graph.text import LIMIT

Preset = Mapping[str, Value]  # what differs from the defaults


def preset_of(node: Node, spec: StageSpec) -> dict[str, Value]:
    """What a preset keeps of a node: all its values but seeds and what a wire brings."""
    return {
        name: value
        for name, value in node.values.items()
        if name in _kept(spec) and name not in node.links
    }


def with_preset(document: Document, id: NodeId, spec: StageSpec, preset: Preset) -> Document:
    """A node as in the preset: what it leaves out is at its default, seeds stay as they are.

    What its stage no longer has or allows is passed over.
    """
    names = _kept(spec)
    document = document.reset(id, *names)
    values = {name: value for name, value in preset.items() if name in names}
    return document.set(id, **{n: v for n, v in values.items() if _allowed(spec, n, v)})


def presets(folder: Path, stage: str) -> dict[str, Preset]:
    """The presets of a stage by name, as far as they can be read."""
    try:
        text = _file(folder, stage).read_bytes()[:LIMIT]
        data = json.loads(text)
    except (OSError, ValueError, RecursionError):
        return {}
    found = {
        name: {n: v for n, v in values.items() if isinstance(v, bool | int | float | str)}
        for name, values in (data.items() if isinstance(data, dict) else ())
        if isinstance(values, dict)
    }
    return dict(sorted(found.items(), key=lambda each: each[0].casefold()))


def keep_preset(folder: Path, stage: str, name: str, preset: Preset) -> None:
    """Under this name, in place of the one there. Raises DiskError."""
    _write(folder, stage, {**presets(folder, stage), name: preset})


def drop_preset(folder: Path, stage: str, name: str) -> None:
    """Raises DiskError."""
    rest = {each: values for each, values in presets(folder, stage).items() if each != name}
    _write(folder, stage, rest)


def _kept(spec: StageSpec) -> list[str]:
    return [param.name for param in spec.params if not isinstance(param.kind, Dice)]


def _allowed(spec: StageSpec, name: str, value: Value) -> bool:
    try:
        spec.param[name].kind.check(value)
    except BadValue:
        return False
    return True


def _file(folder: Path, stage: str) -> Path:
    letters = (each if each.isalnum() or each in "._-" else "_" for each in stage)
    return folder / f"{''.join(letters)}.json"


def _write(folder: Path, stage: str, all: Mapping[str, Preset]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskError(f"The folder {folder} cannot be made ({error.strerror}).") from error
    text = json.dumps({name: dict(values) for name, values in all.items()}, indent=1)
    write_atomically(_file(folder, stage), text.encode())
