"""What a node shows, as plain data: title, ports, values and where each of them lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePath

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF

from nodeforge.app import arithmetic
from nodeforge.app.theme import DARK, TOKENS
from nodeforge.app.words import tr
from nodeforge.graph.document import Node
from nodeforge.graph.level import STAGE as GROUP
from nodeforge.graph.level import is_rail
from nodeforge.graph.spec import ANY, File, Number, Param, StageSpec, Text, Toggle, Value
from nodeforge.graph.spec import input_port as port_of

SIZES = TOKENS["node"]
WIDTH, HEADER = float(SIZES["width"]), float(SIZES["header"])
PITCH, INSET = float(SIZES["portPitch"]), float(SIZES["inset"])
FIRST_PORT = float(SIZES["firstPort"])  # centre of the first port, below the top
ROW, STEP = float(SIZES["paramHeight"]), float(SIZES["paramPitch"])  # of a value; to the next
LINE, THUMB = float(SIZES["textLine"]), float(SIZES["thumb"])
PORTS = FIRST_PORT - PITCH + 14  # what is above and below the ports
PADDING = 8.0  # of words in a row or in the text
ASIDE = 16.0  # from the side of a node to a value beside a port
GAP = 4.0  # between the values and the picture
ROWS, LINES = 4, 3  # at most, on a face


@dataclass(frozen=True)
class Pin:
    """A port as drawn. x, y: its centre, from the node's top left corner."""

    name: str
    type: str
    y: float
    out: bool = False
    many: bool = False
    optional: bool = False
    shift: float = 0.0  # from the side of the node, inwards or outwards

    @property
    def x(self) -> float:
        return (WIDTH if self.out else 0.0) + self.shift

    @property
    def label(self) -> str:
        return words(self.name)


@dataclass(frozen=True)
class Row:
    """A parameter: fill is where the value lies in its range, 0 to 1, or None where the ends of
    the range mean nothing. name: of the parameter. changed: it is not as the stage brings it.
    wide: it stands beside its port, to which no wire leads, and is so wide."""

    name: str
    value: str
    fill: float | None
    y: float
    changed: bool = False
    wide: float = 0.0

    @property
    def label(self) -> str:
        return words(self.name)

    @property
    def box(self) -> QRectF:
        """From the node's top left corner."""
        if self.wide:
            return QRectF(ASIDE, self.y, self.wide, ROW - 2)
        return QRectF(INSET, self.y, WIDTH - 2 * INSET, ROW)


@dataclass(frozen=True)
class Face:
    """type: the wire type whose colour the node wears; empty for a sink. known: has a stage.

    text: the parameter that `lines` are of; empty where they are of none.
    """

    title: str
    icon: str
    type: str
    pins: tuple[Pin, ...] = ()
    rows: tuple[Row, ...] = ()
    lines: tuple[str, ...] = ()
    text: str = ""
    text_box: tuple[float, float] = (0.0, 0.0)  # top and height
    body: float = 0.0  # height without a picture
    muted: bool = False
    known: bool = True
    through: tuple[tuple[Pin, Pin], ...] = ()  # what a muted node passes on
    stack: bool = False  # a group, with more behind it
    rail: bool = False  # the ports of the group we are in
    colour: str = ""  # of its own
    folded: bool = False  # only the header shows
    dot: bool = False  # only a bend of a wire

    @property
    def picture(self) -> QRectF:
        return QRectF(INSET, self.body - INSET + GAP, WIDTH - 2 * INSET, THUMB)

    @property
    def values(self) -> dict[str, QRectF]:
        """Where the parameters that show lie, by their names, from the node's top left corner."""
        boxes = {row.name: row.box for row in self.rows}
        if self.text:
            top, height = self.text_box
            boxes[self.text] = QRectF(INSET, top, WIDTH - 2 * INSET, height)
        return boxes

    def value_at(self, at: QPointF) -> str:
        """The parameter that shows at a place on the node; empty for none."""
        return next((name for name, box in self.values.items() if box.contains(at)), "")

    @property
    def shows(self) -> bool:
        """Whether a run would put a picture on it: of what it makes, or, at the end, of what it
        takes."""
        if self.folded or self.dot or self.rail:
            return False
        made = {pin.type for pin in self.pins if pin.out}
        taken = {pin.type for pin in self.pins if not pin.out}
        drawn = "Latent" in made and bool(taken) and not self.stack
        return drawn or bool((made or taken) & {"Image", "Mask"})

    def height(self, pictured: bool) -> float:
        return self.body + THUMB + GAP if pictured else self.body


def face(node: Node, spec: StageSpec | None, used: Iterable[str] = ()) -> Face:
    """used: the outputs that wires hang on, for a node whose stage is not installed."""
    whole = _placeholder(node, sorted(set(used))) if spec is None else _whole(node, spec)
    whole = replace(whole, colour=node.colour)
    return _folded(whole) if node.collapsed else whole


def _folded(face: Face) -> Face:
    """Only the header, with all ports at its two ends."""
    pins = tuple(replace(pin, y=HEADER / 2) for pin in face.pins)
    small = replace(face, pins=pins, rows=(), lines=(), text="", through=())
    return replace(small, body=HEADER, folded=True)


def _whole(node: Node, spec: StageSpec) -> Face:
    rail = is_rail(node)
    inputs = [(p.name, p.type, p.many, p.optional) for p in spec.inputs]
    for name in node.exposed:
        if port := port_of(spec, name):
            inputs.append((port.name, port.type, port.many, True))
    pins = _pins(inputs, [(p.name, p.type) for p in spec.outputs])
    top = PORTS + PITCH * max(len(inputs), len(spec.outputs))
    rows, lines, text = _values(node, spec, top)
    y = top + STEP * len(rows) - (STEP - ROW) if rows else top - GAP
    box = (0.0, 0.0)
    if lines:
        y += GAP
        box = (y, 12 + LINE * max(2, len(lines)))
        y += box[1]
    variant = next((v for v in spec.variants if v.title == node.title), None)
    return Face(
        title=node.title or spec.title,
        icon=(variant.icon if variant else "") or spec.icon or "puzzle",
        type=spec.outputs[0].type if spec.outputs and not rail else "",
        pins=pins,
        rows=(*_beside_ports(node, spec, pins), *rows),
        lines=lines,
        text=text,
        text_box=box,
        body=y + INSET,
        muted=node.muted,
        through=_through(pins) if node.muted else (),
        stack=spec.category == GROUP and not rail,
        rail=rail,
    )


def _placeholder(node: Node, used: list[str]) -> Face:
    """A node of a stage that no installed pack has: its wires and its values stay."""
    inputs = [(name, ANY, len(links) > 1, True) for name, links in node.links.items()]
    pins = _pins(inputs, [(name, ANY) for name in used])
    top = PORTS + PITCH * max(len(inputs), len(used))
    return Face(
        title=node.title or node.stage,
        icon="puzzle",
        type="",
        pins=pins,
        lines=(tr("This stage is not installed."), node.stage),
        text_box=(top, 12 + 2 * LINE),
        body=top + 12 + 2 * LINE + INSET,
        muted=node.muted,
        known=False,
    )


def _pins(
    inputs: list[tuple[str, str, bool, bool]], outputs: list[tuple[str, str]]
) -> tuple[Pin, ...]:
    left = [
        Pin(name, type, FIRST_PORT + PITCH * i, many=many, optional=optional)
        for i, (name, type, many, optional) in enumerate(inputs)
    ]
    right = [
        Pin(name, type, FIRST_PORT + PITCH * i, out=True) for i, (name, type) in enumerate(outputs)
    ]
    return (*left, *right)


def _through(pins: tuple[Pin, ...]) -> tuple[tuple[Pin, Pin], ...]:
    """The first input of each output's type passes."""
    pairs = []
    for out in (pin for pin in pins if pin.out):
        entry = next((pin for pin in pins if not pin.out and pin.type == out.type), None)
        if entry:
            pairs.append((entry, out))
    return tuple(pairs)


def _values(
    node: Node, spec: StageSpec, top: float
) -> tuple[tuple[Row, ...], tuple[str, ...], str]:
    """Rows, lines of text, and the parameter that these are of."""
    rows: list[Row] = []
    lines: tuple[str, ...] = ()
    text = ""
    for param in spec.params:
        if param.name in node.exposed:
            continue
        value = node.values.get(param.name, param.default)
        if is_long(param):
            if not text:
                text = param.name
                lines = wrapped(str(value), WIDTH - 2 * INSET - 2 * PADDING, LINES) or ("",)
        elif len(rows) < ROWS:
            y, changed = top + STEP * len(rows), value != param.default
            rows.append(Row(param.name, shown(param, value), _fill(param, value), y, changed))
    return tuple(rows), lines, text


def _beside_ports(node: Node, spec: StageSpec, pins: tuple[Pin, ...]) -> Iterator[Row]:
    """The values of parameters that wires may bring, but do not; before the name of an output."""
    named = {pin.y: metrics("nodeLabel").horizontalAdvance(pin.label) for pin in pins if pin.out}
    for pin in pins:
        param = spec.param.get(pin.name) if pin.name in node.exposed and not pin.out else None
        if param and not node.links.get(pin.name):
            value = node.values.get(param.name, param.default)
            y, changed = pin.y - ROW / 2 + 1, value != param.default
            end = WIDTH - (named[pin.y] + 2 * ASIDE if pin.y in named else INSET)
            row = Row(param.name, shown(param, value), _fill(param, value), y, changed)
            yield replace(row, wide=max(end - ASIDE, ASIDE))


def is_long(param: Param) -> bool:
    """Whether the parameter is shown as a block of text."""
    kind = param.kind
    return isinstance(kind, Text) and not isinstance(kind, File) and (kind.prompt or kind.lines > 1)


def shown(param: Param, value: Value) -> str:
    """A value as the artist reads it: 831 204 771, 0.40, 256 px, on, forge-tiny."""
    kind = param.kind
    if isinstance(kind, Toggle):
        return "on" if value else "off"
    if isinstance(kind, Number) and isinstance(value, int | float):
        return kind.shown(value)
    if isinstance(kind, File) and kind.what != "folder":
        return PurePath(str(value)).name or "none"
    return str(value).replace("\n", " ") or "none"


def _fill(param: Param, value: Value) -> float | None:
    kind = param.kind
    if not isinstance(kind, Number) or not isinstance(value, int | float):
        return None
    if (ends := arithmetic.bar(kind)) is None:
        return None
    low, high = ends
    return min(1.0, max(0.0, (value - low) / (high - low)))


def words(name: str) -> str:
    return name.replace("_", " ")


@lru_cache(maxsize=16)
def metrics(role: str) -> QFontMetricsF:
    return QFontMetricsF(DARK.font(role))


@lru_cache(maxsize=512)
def wrapped(text: str, width: float, lines: int, role: str = "body") -> tuple[str, ...]:
    """The text in lines of at most this width; what does not fit ends in an ellipsis."""
    measure = metrics(role).horizontalAdvance
    result: list[str] = []
    for paragraph in text[:2000].splitlines():
        line = ""
        for word in paragraph.split():
            trial = f"{line} {word}" if line else word
            if line and measure(trial) > width:
                result.append(line)
                line = word
            else:
                line = trial
        result.append(line)
        if len(result) > lines:
            break
    if len(result) > lines:
        result = [*result[: lines - 1], f"{result[lines - 1]} …"]
    return tuple(_elided(line, width, role) for line in result)


def _elided(line: str, width: float, role: str) -> str:
    if metrics(role).horizontalAdvance(line) <= width:
        return line
    return metrics(role).elidedText(line, Qt.TextElideMode.ElideRight, width)
