"""The face of a group: its ports and parameters under other names, in another order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal, TypeAlias, TypeVar

from nodeforge.graph.document import Document, Group, NodeId
from nodeforge.graph.groups import NEW, doors, free_name
from nodeforge.graph.spec import Specs

Side: TypeAlias = Literal["inputs", "outputs", "params"]
T = TypeVar("T")
LONGEST = 60  # characters of a name


def face_names(document: Document, specs: Specs, id: NodeId) -> dict[Side, tuple[str, ...]]:
    """What a group shows, in order: also ports it has only since a wire crosses its edge."""
    there, params = doors(document, specs)[id], document.groups[id].params
    return {
        "inputs": tuple(there.inputs),
        "outputs": tuple(there.outputs),
        "params": tuple(params),
    }


def face_renamed(
    document: Document, specs: Specs, id: NodeId, side: Side, old: str, new: str
) -> Document:
    """One port or parameter under another name; with a number behind it where that is taken."""
    new = " ".join(new.split())[:LONGEST]
    group = _with_own(document, specs, id)
    if not new or new in (old, NEW) or old not in getattr(group, side):
        return document
    match side:
        case "inputs":
            group = replace(group, inputs=_renamed(group.inputs, old, new))
        case "outputs":
            group = replace(group, outputs=_renamed(group.outputs, old, new))
        case "params":
            group = replace(group, params=_renamed(group.params, old, new))
    return document.add(group)


def face_ordered(
    document: Document, specs: Specs, id: NodeId, side: Side, names: Iterable[str]
) -> Document:
    """With its ports or parameters in the order of these names; what is not named comes last."""
    first = tuple(names)
    if face_names(document, specs, id)[side] == first:
        return document
    group = _with_own(document, specs, id)
    match side:
        case "inputs":
            group = replace(group, inputs=_ordered(group.inputs, first))
        case "outputs":
            group = replace(group, outputs=_ordered(group.outputs, first))
        case "params":
            group = replace(group, params=_ordered(group.params, first))
    return document.add(group)


def _with_own(document: Document, specs: Specs, id: NodeId) -> Group:
    """The group with every port of its face as one of its own, which has a name and a place."""
    there, group = doors(document, specs)[id], document.groups[id]
    inputs = dict(group.inputs)
    for name, spots in there.inputs.items():
        inputs[name] = tuple(dict.fromkeys((*inputs.get(name, ()), *spots)))
    return replace(group, inputs=inputs, outputs={**group.outputs, **there.outputs})


def _renamed(parts: Mapping[str, T], old: str, new: str) -> dict[str, T]:
    rest = {name: part for name, part in parts.items() if name != old}
    new = free_name(new, rest)
    return {new if name == old else name: part for name, part in parts.items()}


def _ordered(parts: Mapping[str, T], first: tuple[str, ...]) -> dict[str, T]:
    names = dict.fromkeys((*(name for name in first if name in parts), *parts))
    return {name: parts[name] for name in names}
