"""What lies beside a file of weights or is written in it: a picture, trigger words, notes.

A1111: NAME.json, NAME.txt, NAME.preview.png. Civitai Helper: NAME.civitai.info. ComfyUI, rgthree:
NAME.rgthree-info.json, NAME.metadata.json, NAME.png. In the header: modelspec.*, kohya's ss_*.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PICTURES = (".png", ".jpg", ".jpeg", ".webp")
INFOS = (".json", ".civitai.info", ".rgthree-info.json", ".metadata.json", ".cm-info.json")
_LIMIT = 8 * 2**20  # bytes of a sidecar
_WORDS, _TEXT = 60, 4000  # how many words, and characters of notes, are kept


@dataclass(frozen=True)
class Beside:
    """picture: a file to show, the model itself if it has one inside; "" for none. words: those
    that call the thing up in a prompt, the most used first. title, notes: as the maker gave them.
    sha256: as a sidecar states it."""

    picture: str = ""
    words: tuple[str, ...] = ()
    title: str = ""
    notes: str = ""
    sha256: str = ""


def beside(path: Path, metadata: Mapping[str, str], names: Iterable[str] | None = None) -> Beside:
    """All that is known of a model beside its weights. Never raises.

    names: of the files in its folder, if they are known already.
    """
    stem = path.name if path.is_dir() else path.stem
    there = set(names) if names is not None else _names(path.parent)
    infos = [_info(path.parent / f"{stem}{end}") for end in INFOS if f"{stem}{end}" in there]
    text = _text(path.parent / f"{stem}.txt") if f"{stem}.txt" in there else ""
    words = [word for info in infos for word in _triggers(info)]
    words += _tagged(metadata)
    return Beside(
        picture=_picture(path, stem, there) or (str(path) if thumbnail(metadata) else ""),
        words=tuple(dict.fromkeys(words))[:_WORDS],
        title=_first(_titles(infos), metadata.get("modelspec.title", "")),
        notes=_first(_notes(infos), text, metadata.get("modelspec.description", ""))[:_TEXT],
        sha256=_first(_hashes(infos)).lower(),
    )


def thumbnail(metadata: Mapping[str, str]) -> bytes:
    """The picture in a header, encoded as JPEG or PNG; b"" if there is none."""
    text = metadata.get("modelspec.thumbnail") or metadata.get("ssmd_cover_images") or ""
    if text.startswith("["):
        images = _json(text)
        text = str(images[0]) if isinstance(images, list) and images else ""
    try:
        return base64.b64decode(text.partition(",")[2] or text, validate=False)
    except (binascii.Error, ValueError):
        return b""


def _picture(path: Path, stem: str, there: set[str]) -> str:
    for end in (*(f".preview{p}" for p in PICTURES), *PICTURES):
        if f"{stem}{end}" in there:
            return str(path.parent / f"{stem}{end}")
    inner = ("preview", "thumbnail", "sheet") if path.is_dir() else ()
    files = (path / f"{name}{end}" for name in inner for end in PICTURES)
    return next((str(file) for file in files if file.is_file()), "")


def _triggers(info: Mapping[str, Any]) -> list[str]:
    """Under each name that some tool gives them."""
    found: list[str] = []
    for key in ("activation text", "trainedWords", "trained_words", "trigger_phrases"):
        found += _words(info.get(key))
    inner = info.get("civitai")
    if isinstance(inner, dict):
        found += _words(inner.get("trainedWords"))
    return found


def _words(value: object) -> list[str]:
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        return []
    words = [each.get("word") if isinstance(each, dict) else each for each in value]
    return [word.strip(" ,\n") for word in words if isinstance(word, str) and word.strip(" ,\n")]


def _tagged(metadata: Mapping[str, str]) -> list[str]:
    """The maker's own words, else the tags that most pictures had when it was trained."""
    if phrase := metadata.get("modelspec.trigger_phrase"):
        return _words(phrase)
    table = _json(metadata.get("ss_tag_frequency", ""))
    tags: Counter[str] = Counter()
    for inner in table.values() if isinstance(table, dict) else ():
        if isinstance(inner, dict):
            tags.update({str(tag).strip(): n for tag, n in inner.items() if isinstance(n, int)})
    return [tag for tag, _ in tags.most_common(20) if tag]


def _titles(infos: list[dict[str, Any]]) -> str:
    for info in infos:
        model = info.get("model")
        for title in (model.get("name") if isinstance(model, dict) else "", info.get("name")):
            if isinstance(title, str) and title:
                return title
    return ""


def _notes(infos: list[dict[str, Any]]) -> str:
    keys = ("notes", "description", "userNote", "about")
    found = (info.get(key) for info in infos for key in keys)
    return next((text for text in found if isinstance(text, str) and text), "")


def _hashes(infos: list[dict[str, Any]]) -> str:
    for info in infos:
        files = info.get("files")
        first = files[0] if isinstance(files, list) and files else {}
        hashes = first.get("hashes") if isinstance(first, dict) else {}
        told = hashes.get("SHA256") if isinstance(hashes, dict) else ""
        for text in (told, info.get("sha256")):
            if isinstance(text, str) and len(text) == 64:
                return text
    return ""


def _first(*texts: str) -> str:
    return next((text for text in texts if text), "")


def _info(path: Path) -> dict[str, Any]:
    found = _json(_text(path))
    return found if isinstance(found, dict) else {}


def _json(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace") if path.stat().st_size <= _LIMIT else ""
    except OSError:
        return ""


def _names(folder: Path) -> set[str]:
    try:
        return {each.name for each in folder.iterdir()}
    except OSError:
        return set()
