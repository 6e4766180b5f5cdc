"""`nodeforge stages`: the reference, straight from the declarations."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator, Sequence

from nodeforge.base.numbers import written
from nodeforge.cli.opening import installed
from nodeforge.cli.words import OK, USAGE, Help, nearest, say, tell
from nodeforge.graph.spec import (
    Choice,
    Dice,
    File,
    Kind,
    Number,
    Param,
    Port,
    StageSpec,
    Toggle,
)

VAST = 2**65  # a bound beyond this is none to a person


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="nodeforge stages",
        formatter_class=Help,
        description="List the stages a graph can be made of, or show all about one.",
        epilog="examples:\n  nodeforge stages\n  nodeforge stages generate.sample\n"
        "  nodeforge stages 'load image'",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="a stage's id, title or last name")
    given = parser.parse_args(argv)
    specs = installed().specs
    if given.name is None:
        width = max(map(len, specs), default=0)
        for spec in specs.values():
            tell(f"{spec.id:{width}}  {first_line(spec.doc)}")
        return OK
    found = [spec for spec in specs.values() if given.name.casefold() in names(spec)]
    if not found:
        every = [name for spec in specs.values() for name in (spec.id, *names(spec))]
        say(f"No stage is called {given.name!r}.{nearest(given.name, every)}")
        return USAGE
    tell("\n\n".join("\n".join(describe(spec)) for spec in found))
    return OK


def names(spec: StageSpec) -> set[str]:
    """All that one may call it, in lower case."""
    shown = {spec.id, spec.id.rpartition(".")[2], spec.title, *(v.title for v in spec.variants)}
    return {name.casefold() for name in shown}


def first_line(doc: str) -> str:
    return doc.strip().partition("\n")[0]


def describe(spec: StageSpec) -> Iterator[str]:
    """All about one stage, as lines."""
    yield f"{spec.id}  version {spec.version}, from {spec.pack}"
    also = "".join(f", also as {variant.title}" for variant in spec.variants)
    yield f"{spec.title}, in {spec.category}{also}"
    yield ""
    for paragraph in spec.doc.split("\n\n"):
        yield from textwrap.wrap(paragraph, 100, initial_indent="  ", subsequent_indent="  ")
    yield from _table("inputs", [(p.name, _type(p), p.doc) for p in spec.inputs])
    yield from _table("parameters", [(p.name, _param(p), p.doc) for p in spec.params])
    yield from _table("outputs", [(p.name, _type(p), p.doc) for p in spec.outputs])
    if spec.effect:
        yield "\n  It writes something, so it runs every time."


def _table(heading: str, rows: list[tuple[str, str, str]]) -> Iterator[str]:
    if not rows:
        return
    yield f"\n{heading}"
    width = max(len(name) for name, _, _ in rows)
    for name, what, doc in rows:
        yield f"  {name:{width}}  {what}"
        indent = " " * (width + 4)
        yield from textwrap.wrap(doc, 100, initial_indent=indent, subsequent_indent=indent)


def _type(port: Port) -> str:
    return f"{port.type}{', several' * port.many}{', optional' * port.optional}"


def _param(param: Param) -> str:
    default = param.default
    shown = ("off", "on")[default] if isinstance(default, bool) else repr(default)
    return f"{kind(param.kind)} = {shown}"


def kind(kind: Kind) -> str:
    """What a parameter of this kind takes, in words."""
    match kind:
        case Toggle():
            return "on or off"
        case Choice(options):
            return " | ".join(options)
        case Number():
            name = "seed" if isinstance(kind, Dice) else "whole number" if kind.whole else "number"
            return f"{name}{_range(kind)}"
        case File():
            return "folder" if kind.what == "folder" else f"{kind.what} file"
    return "text"


def _range(kind: Number) -> str:
    unit = f" {kind.unit}" if kind.unit else ""
    low, high = kind.low > -VAST, kind.high < VAST
    if low and high:
        return f", {written(kind.low)} to {written(kind.high)}{unit}"
    if low or high:
        return f", {written(kind.low if low else kind.high)} or {'more' if low else 'less'}{unit}"
    return f",{unit}" if unit else ""
