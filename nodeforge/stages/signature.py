"""A function's signature, read as the declaration of a node."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from nodeforge.errors import BadStage, BadValue
from nodeforge.graph.spec import (
    ANY,
    Choice,
    Kind,
    Number,
    Param,
    Port,
    StageSpec,
    Text,
    Toggle,
    Value,
    Variant,
)
from nodeforge.stages.run import Run
from nodeforge.values import WIRE_TYPES

NAME = re.compile(r"[a-z][a-z0-9_]*")
LINE = re.compile(r"(\w+): (\S.*)")
WIRES: Mapping[Any, str] = {
    **{wire: wire.__name__ for wire in WIRE_TYPES},
    str: "Text",
    float: "Number",
    int: "Number",
    Any: ANY,
    object: ANY,
}
PLAIN: Mapping[Any, Kind] = {
    bool: Toggle(),
    int: Number(whole=True),
    float: Number(step=0.1),
    str: Text(),
}
FITTING: Mapping[Any, tuple[type[Kind], ...]] = {
    bool: (Toggle,),
    int: (Number,),
    float: (Number,),
    str: (Text, Choice),
}


@dataclass(frozen=True)
class Words:
    """What a declaration may say beside its signature; see `nodeforge.stages.stage.stage`."""

    version: int = 1
    effect: bool = False
    icon: str = ""
    title: str = ""
    category: str = ""
    variants: tuple[Variant, ...] = ()
    doing: str = ""


def describe(fn: Callable[..., object], words: Words) -> StageSpec:
    """The StageSpec that a function's name, types, defaults and docstring stand for.

    Raises BadStage, naming the function, when the declaration is wrong.
    """
    if not inspect.isfunction(fn):
        raise BadStage(f"{fn!r} is not a function: put @stage above a function")
    try:
        return _described(fn, words)
    except BadStage as fault:
        raise BadStage(f"The stage {fn.__module__}.{fn.__qualname__} {fault}") from fault


def run_name(fn: Callable[..., object]) -> str:
    """The name of the parameter that takes the Run; empty if there is none."""
    hints = get_type_hints(fn)
    return next((name for name in inspect.signature(fn).parameters if hints[name] is Run), "")


def _described(fn: Any, words: Words) -> StageSpec:
    package, _, rest = fn.__module__.partition(".")
    category = words.category or (rest or package).rpartition(".")[2]
    for name in (category, fn.__name__):
        if not NAME.fullmatch(name):
            raise BadStage(f"needs a plain name, a to z, 0 to 9 and _, in place of {name!r}")
    if words.version < 1:
        raise BadStage(f"has version {words.version}: versions count from 1")
    hints = _hints(fn)
    outputs = _outputs(hints["return"], words.effect)
    parameters = {
        name: parameter
        for name, parameter in inspect.signature(fn).parameters.items()
        if hints[name] is not Run
    }
    doc, docs = _docs(fn, {*parameters, "returns", *(o.name for o in outputs)})
    read = [_input(p, hints[name], docs.get(name, "")) for name, p in parameters.items()]
    outputs = tuple(_told(output, {**docs, **dict.fromkeys(parameters, "")}) for output in outputs)
    spec = StageSpec(
        id=f"{category}.{fn.__name__}",
        title=words.title or fn.__name__.replace("_", " ").capitalize(),
        category=category,
        doc=doc,
        version=words.version,
        effect=words.effect,
        icon=words.icon,
        inputs=tuple(r for r in read if isinstance(r, Port)),
        outputs=outputs,
        params=tuple(r for r in read if isinstance(r, Param)),
        variants=words.variants,
        pack=package,
    )
    _check_variants(spec)
    return spec


def _hints(fn: Any) -> dict[str, Any]:
    """The types, aliases resolved; every parameter and the result must have one."""
    try:
        hints = get_type_hints(fn, include_extras=True)
    except (NameError, TypeError, AttributeError) as error:
        raise BadStage(f"has a type that cannot be read: {error}") from error
    for name, parameter in inspect.signature(fn).parameters.items():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise BadStage(f"may not take {str(parameter)!r}: name every parameter")
        if name not in hints:
            raise BadStage(f"does not say the type of {name!r}")
    if "return" not in hints:
        raise BadStage("does not say what it returns")
    return hints


def _input(parameter: inspect.Parameter, hint: Any, doc: str) -> Port | Param:
    """The port (a wire type) or parameter (anything with a default to edit) of one argument."""
    name, default = parameter.name, parameter.default
    hint, optional = _without_none(hint)
    kind = _kind(name, hint)
    if kind is None:
        optional |= hint is Any and default is None
        many = get_origin(hint) is list
        wire = _wire(name, get_args(hint)[0] if many else hint)
        if default is not parameter.empty and not (optional and default is None):
            raise BadStage(f"gives the input {name!r} a default, but only `| None = None` may be")
        return Port(name, wire, optional, many, doc)
    if optional:
        raise BadStage(f"has the parameter {name!r} that may be None: give it a plain default")
    if default is parameter.empty:
        raise BadStage(f"needs a default for {name!r}, for example `{name}: ... = ...`")
    if _bare(hint) is float and isinstance(default, int) and not isinstance(default, bool):
        default = float(default)
    _check(kind, default, f"has a default for {name!r} that is not allowed")
    return Param(name, kind, default, doc)


def _kind(name: str, hint: Any) -> Kind | None:
    """How the parameter is edited; None means it is an input port."""
    if get_origin(hint) is Literal:
        options = get_args(hint)
        if not all(isinstance(option, str) for option in options):
            raise BadStage(f"has choices for {name!r} that are not all text")
        return Choice(options)
    if get_origin(hint) is not Annotated:
        return PLAIN.get(hint)
    bare = _bare(hint)
    kind = next((note for note in hint.__metadata__ if isinstance(note, Kind)), PLAIN.get(bare))
    if kind is not None and not isinstance(kind, FITTING.get(bare, ())):
        raise BadStage(f"has a {type(kind).__name__} for {name!r}, which cannot be {_said(bare)}")
    if isinstance(kind, Number) and bare is int:
        return replace(kind, whole=True)
    return kind


def _outputs(hint: Any, effect: bool) -> tuple[Port, ...]:
    if hint is type(None):
        if not effect:
            raise BadStage("returns nothing: return a value, or say @stage(effect=True)")
        return ()
    if fields := getattr(hint, "_fields", ()):  # a NamedTuple names its outputs
        types = get_type_hints(hint)
        return tuple(Port(name, _wire(name, types[name])) for name in fields)
    wire = _wire("the result", hint)
    return (Port(wire.lower(), wire),)


def _told(output: Port, docs: Mapping[str, str]) -> Port:
    """With its line of the docstring: `returns: text`, or under its own name."""
    return replace(output, doc=docs.get(output.name) or docs.get("returns", ""))


def _wire(name: str, hint: Any) -> str:
    """The name of the wire type; bool, tuple and the like have none."""
    hint = _bare(hint)
    try:
        return WIRES[hint]
    except (KeyError, TypeError):
        known = ", ".join(wire.__name__ for wire in WIRE_TYPES)
        raise BadStage(
            f"has a type for {name} that no wire carries, {_said(hint)}: "
            f"use {known}, str, float, or a NamedTuple of them as a result"
        ) from None


def _bare(hint: Any) -> Any:
    """The type under an Annotated."""
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _said(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint)


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) not in (Union, UnionType):
        return hint, False
    rest = [h for h in get_args(hint) if h is not type(None)]
    if len(rest) > 1:
        raise BadStage(f"has a type of several, {hint}: use one type, or Any")
    return rest[0], True


def _check(kind: Kind, value: Value, fault: str) -> None:
    """`kind` must allow `value`, or BadStage."""
    if not isinstance(value, bool | int | float | str):
        raise BadStage(f"{fault}: {value!r} is neither a number, a text nor a toggle")
    try:
        kind.check(value)
    except BadValue as error:
        raise BadStage(f"{fault}: {error}") from error


def _check_variants(spec: StageSpec) -> None:
    for variant in spec.variants:
        for name, value in variant.values.items():
            if name not in spec.param:
                raise BadStage(f"has a variant {variant.title!r} of an unknown parameter {name!r}")
            fault = f"has a variant {variant.title!r} with a {name} that is not allowed"
            _check(spec.param[name].kind, value, fault)


def _docs(fn: Any, names: set[str]) -> tuple[str, dict[str, str]]:
    """The prose (a line a paragraph, a blank line between) and the `name: text` lines.

    An indented line goes on with the one before it.
    """
    prose: list[list[str]] = [[]]
    docs: dict[str, str] = {}
    last = ""
    for line in (inspect.getdoc(fn) or "").splitlines():
        entry = LINE.match(line)
        if entry and entry[1] in names:
            last = entry[1]
            docs[last] = entry[2].strip()
        elif last and line.startswith(" "):
            docs[last] += " " + line.strip()
        elif line.strip():
            last = ""
            prose[-1].append(line.strip())
        else:
            last = ""
            prose.append([])
    doc = "\n\n".join(" ".join(paragraph) for paragraph in prose if paragraph)
    if not doc:
        raise BadStage("has no docstring: say in a sentence what it does")
    return doc, docs
