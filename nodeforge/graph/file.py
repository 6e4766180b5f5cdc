"""The `.nodeforge` file: JSON in a stable order that holds only what differs from the defaults.

    {
      "format": 1,
      "nodeforge": "0.1.0",
      "nodes": {
        "3f2a": {
          "stage": "picture.sharpen",
          "at": [240, 80],
          "values": {"amount": 0.5},
          "links": {"image": [["91bc", "image"]]}
        }
      }
    }

What lies in a group says so with "group": its id; "groups" says what the face of each shows.
`format` grows when an older version could no longer read a file; `UPGRADES` then says how to bring
the data of each older format one further. Unknown stages keep their values and their wires.
"""

from __future__ import annotations

import math
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from nodeforge import __version__
from nodeforge.base.files import write_atomically
from nodeforge.base.units import amount
from nodeforge.errors import BadFile
from nodeforge.graph.document import Bookmark, Document, Frame, Group, Node, Note, Point, Thing
from nodeforge.graph.reading import document_from
from nodeforge.graph.spec import Specs, StageSpec, Value
from nodeforge.graph.text import LIMIT, parse, pretty

Json: TypeAlias = "dict[str, object]"

FORMAT = 2
SUFFIX = ".nodeforge"
# From each format to the next one: data to data.
UPGRADES: dict[int, Callable[[Json], Json]] = {1: dict}  # there were no groups yet


def save(path: Path, document: Document, specs: Specs | None = None) -> None:
    """Write the file in one move. Raises DiskError; the file on disk is then as it was."""
    write_atomically(path, dumps(document, specs).encode())


def load(path: Path) -> Document:
    """The document in a file, as well as it can be understood. Raises BadFile."""
    return read(path)[0]


def read(path: Path) -> tuple[Document, list[str]]:
    """The document in a file, and a sentence about each thing that had to be left out.

    Where there are such sentences, saving over the file loses those things: tell the artist.
    Raises BadFile if the file cannot be read or is no graph.
    """
    try:
        return opened(content(path))
    except BadFile as error:
        raise BadFile(f"{path.name} cannot be opened. {error}") from error


def dumps(document: Document, specs: Specs | None = None) -> str:
    """The text of the file; the same document always gives the same text."""
    return pretty(to_json(document, specs))


def loads(text: str) -> Document:
    """The document in the text of a file, as well as it can be understood. Raises BadFile."""
    return opened(text)[0]


def opened(text: str) -> tuple[Document, list[str]]:
    """As `read`, from text."""
    data, twice = parse(text)
    document, warnings = document_from(current(data))
    return document, twice + warnings


def to_json(document: Document, specs: Specs | None = None) -> Json:
    """The document as plain data. With specs, values that are the default are left out, too."""
    known = specs or {}
    data: Json = {"format": FORMAT, "nodeforge": __version__}
    data["nodes"] = {id: _node(node, known.get(node.stage)) for id, node in document.nodes.items()}
    if document.frames:
        data["frames"] = {id: _frame(frame) for id, frame in document.frames.items()}
    if document.notes:
        data["notes"] = {id: _note(note) for id, note in document.notes.items()}
    if document.groups:
        data["groups"] = {id: _group(group) for id, group in document.groups.items()}
    if document.bookmarks:
        data["bookmarks"] = {
            name: _bookmark(view) for name, view in sorted(document.bookmarks.items())
        }
    return data


def from_json(data: object) -> Document:
    """The document in plain data of any format up to ours. Raises BadFile."""
    return document_from(current(data))[0]


def current(data: object) -> Json:
    """The data brought to the newest format. Raises BadFile for a newer one, or for no graph."""
    format = data.get("format") if isinstance(data, dict) else None
    if not isinstance(data, dict) or type(format) is not int:
        raise BadFile("It is no NodeForge graph: choose another file.")
    if format > FORMAT:
        raise BadFile("It was saved by a newer NodeForge: update NodeForge to open it.")
    if format < min([FORMAT, *UPGRADES]):
        raise BadFile("Its format is unknown: choose another file.")
    for older in range(format, FORMAT):
        try:
            data = {**UPGRADES[older](data), "format": older + 1}
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise BadFile("It is damaged: choose an older copy.") from error
    return data


def content(path: Path) -> str:
    """The text of a file of ours. Raises BadFile, before reading what is too large."""
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            raise BadFile("It is no file but a folder or a device: choose a file.")
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except FileNotFoundError:
        raise BadFile("There is no such file: was it moved or renamed?") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise BadFile(f"It cannot be read ({why}): check it, or choose another.") from error
    if len(data) > LIMIT:
        raise BadFile(f"It is larger than any graph ({amount(LIMIT)}): choose another file.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile("It is damaged or no NodeForge graph (not text): choose another.") from None


def _node(node: Node, spec: StageSpec | None) -> Json:
    data: Json = {"stage": node.stage}
    if node.version != 1:
        data["version"] = node.version
    if node.title:
        data["title"] = node.title
    data["at"] = _point(node.at)
    if node.muted:
        data["muted"] = True
    named = {"exposed": node.exposed, "starred": node.starred}
    data |= {what: list(names) for what, names in named.items() if names}
    if values := {
        name: value for name, value in sorted(node.values.items()) if _matters(node, spec, name)
    }:
        data["values"] = values
    if node.links:
        data["links"] = {
            name: [[link.node, link.output] for link in links]
            for name, links in sorted(node.links.items())
        }
    if node.files:
        data["files"] = dict(sorted(node.files.items()))
    return data | _shown(node) | _home(node)


def _matters(node: Node, spec: StageSpec | None, name: str) -> bool:
    """Whether a value must be in the file: no default, and not NaN, which no file can hold.

    Defaults may change with the version of a stage, so those of another version all stay.
    """
    value: Value = node.values[name]
    if isinstance(value, float) and not math.isfinite(value):
        return False
    param = spec.param.get(name) if spec and spec.version == node.version else None
    return not param or value != param.default or type(value) is not type(param.default)


def _frame(frame: Frame) -> Json:
    data: Json = {"title": frame.title} if frame.title else {}
    data |= {"at": _point(frame.at), "size": _point(frame.size)}
    return data | _shown(frame) | _home(frame)


def _note(note: Note) -> Json:
    data: Json = {"text": note.text, "at": _point(note.at), "size": _point(note.size)}
    return data | _shown(note) | _home(note)


def _bookmark(view: Bookmark) -> Json:
    data: Json = {"at": _point(view.at), "zoom": view.zoom}
    return data | ({"group": view.group} if view.group else {})


def _group(group: Group) -> Json:
    data: Json = {"title": group.title} if group.title else {}
    data["at"] = _point(group.at)
    if group.muted:
        data["muted"] = True
    ports: dict[str, dict[str, list[list[str]]]] = {
        "inputs": {name: [list(spot) for spot in spots] for name, spots in group.inputs.items()},
        "outputs": {name: [[link.node, link.output]] for name, link in group.outputs.items()},
        "params": {name: [list(spot)] for name, spot in group.params.items()},
    }
    data |= {name: each for name, each in ports.items() if each}
    data |= {"entry": _point(group.entry), "exit": _point(group.exit)}
    return data | _shown(group) | _home(group)


def _shown(thing: Thing) -> Json:
    data: Json = {"colour": thing.colour} if thing.colour else {}
    collapsed = not isinstance(thing, Frame | Note) and thing.collapsed
    return data | ({"collapsed": True} if collapsed else {})


def _home(thing: Thing) -> Json:
    return {"group": thing.group} if thing.group else {}


def _point(point: Point) -> list[float]:
    """Whole pixels without a fraction; nowhere is the middle."""
    return [
        int(part) if part.is_integer() else part if math.isfinite(part) else 0
        for part in map(float, point)
    ]
