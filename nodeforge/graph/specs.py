"""Stage specs as plain data: the palette kept on disk, so that the window need not wait for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, fields, is_dataclass
from typing import Any

from nodeforge import __version__
from nodeforge.graph import spec as kinds
from nodeforge.graph.spec import Kind, Param, Port, StageSpec, Value, Variant

KINDS: dict[str, type[Kind]] = {
    kind.__name__: kind
    for kind in (
        kinds.Number,
        kinds.Dice,
        kinds.Toggle,
        kinds.Choice,
        kinds.Text,
        kinds.File,
        kinds.Kind,
    )
}


def specs_to_json(specs: Iterable[StageSpec]) -> dict[str, object]:
    """The specs as plain data; a pack's own kinds of parameter become the nearest of ours."""
    return {"specs": 1, "nodeforge": __version__, "stages": [_spec(spec) for spec in specs]}


def specs_from_json(data: object) -> tuple[StageSpec, ...]:
    """The specs in plain data. Never raises: what is damaged or of another version is left out."""
    if not isinstance(data, dict) or data.get("specs") != 1:
        return ()
    stages = data.get("stages")
    if data.get("nodeforge") != __version__ or not isinstance(stages, list):
        return ()
    found = (_read_spec(stage) for stage in stages)
    return tuple(spec for spec in found if spec)


def _spec(spec: StageSpec) -> dict[str, object]:
    return _fields(spec) | {
        "inputs": [_fields(port) for port in spec.inputs],
        "outputs": [_fields(port) for port in spec.outputs],
        "params": [_fields(param) | {"kind": _kind(param.kind)} for param in spec.params],
        "variants": [_fields(each) | {"values": dict(each.values)} for each in spec.variants],
    }


def _kind(kind: Kind) -> dict[str, object]:
    ours = next(each for each in type(kind).__mro__ if each in KINDS.values())
    name = ours.__name__ if ours is not Kind or type(kind) is Kind else ""
    return {"name": name} | _fields(kind, ours)


def _fields(thing: Any, shape: type | None = None) -> dict[str, object]:
    """What a dataclass holds in its simple fields, where it is not the default."""
    found: dict[str, object] = {}
    for each in _simple(shape or type(thing)):
        value = getattr(thing, each.name)
        endless = isinstance(value, float) and not math.isfinite(value)
        if value != each.default and not endless:
            found[each.name] = list(value) if isinstance(value, tuple) else value
    return found


def _simple(shape: type) -> list[Field[Any]]:
    """The fields that can be read by their type alone; a plain Kind has none."""
    every = fields(shape) if is_dataclass(shape) else ()
    return [each for each in every if each.init and each.type in READERS]


def _read_spec(data: object) -> StageSpec | None:
    try:
        stage = _object(data)
        return StageSpec(
            **_read(StageSpec, stage),
            inputs=tuple(Port(**_read(Port, each)) for each in _list(stage, "inputs")),
            outputs=tuple(Port(**_read(Port, each)) for each in _list(stage, "outputs")),
            params=tuple(_read_param(each) for each in _list(stage, "params")),
            variants=tuple(
                Variant(**_read(Variant, each), values=_values(each.get("values")))
                for each in _list(stage, "variants")
            ),
        )
    except (TypeError, ValueError):
        return None


def _read_param(data: Mapping[str, object]) -> Param:
    known = _read(Param, data)
    kind = _object(data.get("kind"))
    shape = KINDS.get(str(kind.get("name")))
    return Param(**known, kind=shape(**_read(shape, kind)) if shape else _plain(known["default"]))


def _plain(default: Value) -> Kind:
    """What edits a value of this sort, for a kind that only a pack knows."""
    if isinstance(default, bool):
        return kinds.Toggle()
    return kinds.Text() if isinstance(default, str) else kinds.Number()


def _read(shape: type, data: Mapping[str, object]) -> dict[str, Any]:
    """The simple fields of a dataclass; what it does not have is passed over. Raises ValueError."""
    return {
        each.name: READERS[str(each.type)](data[each.name])
        for each in _simple(shape)
        if each.name in data
    }


def _object(data: object) -> dict[str, object]:
    if not isinstance(data, dict):
        raise ValueError(data)
    return data


def _list(data: Mapping[str, object], name: str) -> list[dict[str, object]]:
    found = data.get(name, [])
    if not isinstance(found, list):
        raise ValueError(found)
    return [_object(each) for each in found]


def _of(*types: type) -> Callable[[object], object]:
    """Reads just these types; a bool is no number here."""

    def read(data: object) -> object:
        if type(data) not in types:
            raise ValueError(data)
        return data

    return read


def _values(data: object) -> dict[str, Value]:
    return {name: _value(each) for name, each in _object(data).items()}


def _value(data: object) -> Any:
    return _of(bool, int, float, str)(data)


def _texts(data: object) -> tuple[object, ...]:
    if not isinstance(data, list):
        raise ValueError(data)
    return tuple(_of(str)(each) for each in data)


def _range(data: object) -> tuple[object, object] | None:
    match data:
        case None:
            return None
        case [low, high]:
            return _of(int, float)(low), _of(int, float)(high)
        case _:
            raise ValueError(data)


# By how the field is annotated, in `spec.py`.
READERS: dict[object, Callable[[object], Any]] = {
    "str": _of(str),
    "bool": _of(bool),
    "int": _of(int),
    "float": _of(int, float),
    "Value": _value,
    "tuple[str, ...]": _texts,
    "tuple[float, float] | None": _range,
}
