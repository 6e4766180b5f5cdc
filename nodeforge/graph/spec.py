"""What a stage looks like from outside: plain data, shared by every layer."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import TypeAlias

from nodeforge.base.numbers import shown, written
from nodeforge.errors import BadValue

Value: TypeAlias = "bool | int | float | str"
ANY = "Any"
WORD = re.compile(r"\{(\w*)\}")  # in a template for names
HALF_A_LETTER, NOTHING = re.compile("[\ud800-\udfff]"), re.compile("(?!)")
LEADS_OUT = "leads out of the folder: name folders below it only, or choose another folder"


def leads_out(name: str) -> bool:
    """Whether a name with folders in it, or a template for one, leaves the folder it is under."""
    parts = re.split(r"[/\\]+", name.strip())
    whole = PureWindowsPath(name.strip()).drive or (len(parts) > 1 and parts[0] in ("", "~"))
    return bool(whole) or ".." in map(str.strip, parts)


class Kind:
    """How one parameter is checked, edited and fingerprinted."""

    cosmetic: bool = False  # a cosmetic parameter never moves a key
    wire: str = ANY  # the wire type that may drive the parameter

    def check(self, value: Value) -> None:
        """Raise BadValue if the value is not allowed."""

    def fingerprint(self, value: Value) -> object:
        """What this value contributes to the key."""
        return value


@dataclass(frozen=True)
class Number(Kind):
    """whole: integers only. soft: where a slider ends when the hard range is far wider.

    bar: both ends of the range mean something (none and full, say), so that it is worth seeing
    how far between them a value lies; not so for a seed, a size or a count.
    """

    low: float = -math.inf
    high: float = math.inf
    step: float = 1
    unit: str = ""
    whole: bool = False
    soft: tuple[float, float] | None = None
    bar: bool = True
    wire = "Number"

    @property
    def range(self) -> str:
        """Which numbers it takes: "between 0 and 100"."""
        if math.isfinite(self.low) and math.isfinite(self.high):
            return f"between {written(self.low)} and {written(self.high)}"
        if math.isfinite(self.low):
            return f"{written(self.low)} or more"
        return f"{written(self.high)} or less"

    def shown(self, value: float) -> str:
        """The value as its field and its node show it."""
        return shown(value, self.step, self.whole, self.unit)

    def check(self, value: Value) -> None:
        if isinstance(value, bool | str) or value != value or value in (math.inf, -math.inf):
            raise BadValue(f"{value!r} is not a number")
        if self.whole and value != int(value):
            raise BadValue(f"{value!r} is not a whole number")
        if not self.low <= value <= self.high:
            raise BadValue(f"{written(value)} is not {self.range}")

    def takes(self, value: Value) -> bool:
        """Whether the value is allowed."""
        try:
            self.check(value)
        except BadValue:
            return False
        return True


@dataclass(frozen=True)
class Dice(Number):
    """A seed: a number with a dice button."""

    whole: bool = True


@dataclass(frozen=True)
class Toggle(Kind):
    def check(self, value: Value) -> None:
        if not isinstance(value, bool):
            raise BadValue(f"{value!r} is neither on nor off")


@dataclass(frozen=True)
class Choice(Kind):
    options: tuple[str, ...]
    wire = "Text"

    def check(self, value: Value) -> None:
        if value not in self.options:
            raise BadValue(f"{value!r} is not one of {', '.join(self.options)}")


@dataclass(frozen=True)
class Text(Kind):
    """prompt: highlighted weights and completion in the editor. words: those that may stand in {}
    where the text is a template for names; without any, braces are only braces."""

    lines: int = 1
    prompt: bool = False
    cosmetic: bool = False
    words: tuple[str, ...] = ()
    wire = "Text"
    halves = HALF_A_LETTER

    def check(self, value: Value) -> None:
        if not isinstance(value, str):
            raise BadValue(f"{value!r} is not text")
        if half := self.halves.search(value):
            raise BadValue(
                f"sign {half.start() + 1} is half a letter (U+{ord(half[0]):04X}), as a copy that "
                f"was cut leaves it: type that place anew"
            )
        for word in WORD.findall(value) if self.words else ():
            if word not in self.words:
                known = ", ".join(f"{{{each}}}" for each in self.words)
                raise BadValue(f"{{{word}}} means nothing here; use {known}")
        if self.words and leads_out(value):
            raise BadValue(f"{value.strip()} {LEADS_OUT}")


@dataclass(frozen=True)
class File(Text):
    """A path. reads: its content is part of the key. what: "image", "folder", or a kind of model:
    "model", "text encoder", "vae", "lora", "embedding", "control", "upscaler". needed: the stage
    cannot do without one."""

    what: str = "image"
    pattern: str = "*"
    reads: bool = True
    needed: bool = False
    halves = NOTHING  # so Python writes what is no text in the name of a file

    def fingerprint(self, value: Value) -> object:
        if not self.reads or value == "":  # "" would be the working folder
            return value
        try:
            stat = Path(str(value)).expanduser().stat()
        except OSError:
            return (value, None)
        return (value, stat.st_mtime_ns, stat.st_size)


@dataclass(frozen=True)
class Port:
    """type: a wire type's name, or "Any". many: takes several wires, in order."""

    name: str
    type: str
    optional: bool = False
    many: bool = False
    doc: str = ""


@dataclass(frozen=True)
class Param:
    name: str
    kind: Kind
    default: Value
    doc: str = ""


@dataclass(frozen=True)
class Variant:
    """The same stage under a second name in the palette, as Negative prompt is a Prompt."""

    title: str
    icon: str = ""
    values: Mapping[str, Value] = field(default_factory=dict[str, Value], hash=False)


@dataclass(frozen=True)
class StageSpec:
    """id: "category.function". effect: writes something, so it always runs and has no key."""

    id: str
    title: str
    category: str
    doc: str
    version: int = 1
    effect: bool = False
    icon: str = ""
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    params: tuple[Param, ...] = ()
    variants: tuple[Variant, ...] = ()
    pack: str = "nodeforge"
    param: Mapping[str, Param] = field(init=False, repr=False, compare=False)
    input: Mapping[str, Port] = field(init=False, repr=False, compare=False)
    output: Mapping[str, Port] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "param", {p.name: p for p in self.params})
        object.__setattr__(self, "input", {p.name: p for p in self.inputs})
        object.__setattr__(self, "output", {p.name: p for p in self.outputs})


Specs: TypeAlias = Mapping[str, StageSpec]


def fits(output: str, input: str) -> bool:
    """Whether a wire may run from an output of one type to an input of another."""
    return output == input or ANY in (output, input)


def input_port(spec: StageSpec, name: str) -> Port | None:
    """The port behind an input name: a declared one, or a parameter driven by a wire."""
    if port := spec.input.get(name):
        return port
    if param := spec.param.get(name):
        return Port(name, param.kind.wire, optional=True, doc=param.doc)
    return None
