"""A graph without the paths of this machine, for files that are given away; and back again.

Of each path its name stays, with a mark of the file's content: by those two the file is found
again, among the models, beside the picture, or where it always was.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from nodeforge import resources
from nodeforge.graph.document import Document, Node, NodeId
from nodeforge.graph.spec import File, Specs
from nodeforge.interop.paths import SEPARATORS, file_name, is_whole, without_paths
from nodeforge.models.entry import Entry, mark

Find = Callable[[str, str, str], str]  # what it is, its name, its mark: the value to use, or ""


def portable(document: Document, specs: Specs) -> Document:
    """With file names for paths, and in other texts "~" for a home folder; what is written goes to
    its default folder, unless that was named from where one stands."""
    paths = _path_texts(document, specs)
    changed = [_cleaned(node, specs, paths.get(node.id, ())) for node in document.nodes.values()]
    notes = [replace(note, text=without_paths(note.text)) for note in document.notes.values()]
    frames = [replace(each, title=without_paths(each.title)) for each in document.frames.values()]
    groups = [replace(each, title=without_paths(each.title)) for each in document.groups.values()]
    return document.add(*changed, *notes, *frames, *groups)


def restored(document: Document, specs: Specs, find: Find) -> Document:
    """With whole paths again, where `find` knows them; what is there by its name stays."""
    changed: list[Node] = []
    for node in document.nodes.values():
        values, files = dict(node.values), dict(node.files)
        for name, what in _files(node, specs).items():
            value = str(values.get(name, ""))
            told = files.get(value, "")
            named = not told and not Path(value).suffix  # one in the box, by its name
            if what == "folder" or not value or named or is_whole(value) or _is_there(value):
                continue
            if found := find(what, value, told.rpartition(" ")[2]):
                values[name] = found
                if told:
                    files[found] = files.pop(value)
        if values != node.values:
            changed.append(replace(node, values=values, files=files))
    return document.add(*changed) if changed else document


def beside(folders: Iterable[Path]) -> Find:
    """Looks in these folders: for a file of the name, or for one with the mark."""
    places = list(folders)

    def find(what: str, name: str, told: str) -> str:
        tail = SEPARATORS.split(name)[-1]
        for folder in places:
            path = folder / tail
            if path.is_file() and (not told or mark_of(path) == told):
                return str(path)
        return next((str(f / tail) for f in places if (f / tail).is_file()), "")

    return find


def among(entries: Callable[[], Iterable[Entry]], folders: Iterable[Path]) -> Find:
    """Looks among the models of this machine, for the same content and then for the same name, and
    in these folders. entries: asked when there is something to look for."""
    near = beside(folders)

    def find(what: str, name: str, told: str) -> str:
        if what != "image":
            known = [entry for entry in entries() if not entry.away]
            same = [entry.path for entry in known if told and entry.mark == told]
            alike = [e.path for e in known if name in (file_name(e.path), e.name)]
            if same or alike:
                return (same or alike)[0]
        return near(what, name, told)

    return find


def mark_of(path: Path) -> str:
    """The mark of a file's content; of a folder, of its largest part. "" where there is none."""
    try:
        if path.is_dir():
            inner = [*path.glob("unet/*.safetensors"), *path.glob("transformer/*.safetensors")]
            found = sorted(inner or path.glob("*.safetensors"))
            if not found:
                return ""
            path = found[0]
        stat = path.stat()
        return _mark(str(path), stat.st_size, stat.st_mtime_ns)
    except (OSError, ValueError):
        return ""


@lru_cache(maxsize=256)
def _mark(path: str, size: int, time: int) -> str:
    return mark(Path(path), size)


def _files(node: Node, specs: Specs) -> dict[str, str]:
    """The parameters that hold a path, and what each is the path of."""
    spec = specs.get(node.stage)
    kinds = {p.name: p.kind for p in spec.params} if spec else {}
    return {name: kind.what for name, kind in kinds.items() if isinstance(kind, File)}


def _path_texts(document: Document, specs: Specs) -> Mapping[NodeId, frozenset[NodeId]]:
    """The nodes whose texts a wire takes, maybe by way of others, to a parameter for paths."""
    found: dict[NodeId, frozenset[NodeId]] = {}
    for node in document.nodes.values():
        todo = [link for name in _files(node, specs) for link in node.links.get(name, ())]
        while todo:
            giver = document.nodes.get(todo.pop().node)
            if giver is None or giver.id in found:
                continue
            found[giver.id] = frozenset({node.id})
            todo += [link for links in giver.links.values() for link in links]
    return found


def _cleaned(node: Node, specs: Specs, feeds: Iterable[NodeId]) -> Node:
    kinds, values, files = _files(node, specs), dict(node.values), dict(node.files)
    for name, value in node.values.items():
        what = kinds.get(name, "")
        if not isinstance(value, str):
            continue
        if is_whole(value) and (what == "folder" or (not what and _is_folder(value))):
            del values[name]
        elif _leads(value, what) and what != "folder" and (what or feeds or _is_path(value)):
            values[name] = file_name(value)
            if told := files.pop(value, "") or _marked(value):
                files[file_name(value)] = told
        else:
            values[name] = without_paths(value)
    files = {path: told for path, told in files.items() if not is_whole(path)}
    return replace(node, values=values, files=files, title=without_paths(node.title))


def _leads(value: str, what: str) -> bool:
    """Whether a text tells where a file lies on this machine."""
    return is_whole(value) or bool(what and ".." in SEPARATORS.split(value.strip()))


def _is_there(value: str) -> bool:
    return os.path.exists(value) or resources.path(value).is_file()


def _marked(path: str) -> str:
    found = mark_of(Path(os.path.expanduser(path)))
    return f"file {found}" if found else ""


def _is_folder(text: str) -> bool:
    return os.path.isdir(os.path.expanduser(text))


def _is_path(text: str) -> bool:
    """Whether a text that no parameter says is a path is one all the same."""
    one = "\n" not in text and SEPARATORS.search(text)
    there = os.path.exists(os.path.expanduser(text)) or re.search(r"\.\w{1,12}$", text)
    return bool(one and there)
