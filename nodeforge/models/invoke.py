"""What InvokeAI knows of its models: its files have made-up names, the real ones are in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nodeforge.models.sidecars import Beside

_WAIT = 0.2  # seconds, where InvokeAI is writing


def told(models: Path) -> dict[str, dict[str, Any]]:
    """By path below `models` (or as a whole): the record of each model. Empty if there is none.

    The database is opened for reading only.
    """
    base = models.parent / "databases" / "invokeai.db"
    if not base.is_file():
        return {}
    try:
        link = sqlite3.connect(f"{base.as_uri()}?mode=ro", uri=True, timeout=_WAIT)
    except (sqlite3.Error, ValueError):
        return {}
    try:
        records = [_record(text) for (text,) in link.execute("SELECT config FROM models")]
    except sqlite3.Error:
        return {}
    finally:
        link.close()
    return {str(each["path"]): each for each in records if isinstance(each.get("path"), str)}


def named(near: Beside, path: Path, models: Path, records: Mapping[str, dict[str, Any]]) -> Beside:
    """What is known beside a model, with what InvokeAI's record says of it."""
    below = path.relative_to(models).as_posix()
    record = records.get(below) or records.get(below.partition("/")[0]) or records.get(str(path))
    if record is None:
        return near
    phrases = record.get("trigger_phrases")
    words = [word for word in phrases if isinstance(word, str)] if isinstance(phrases, list) else []
    picture = models.parent / "model_images" / f"{record.get('key')}.webp"
    return replace(
        near,
        title=str(record.get("name") or near.title),
        words=tuple(dict.fromkeys([*words, *near.words])),
        notes=near.notes or str(record.get("description") or ""),
        picture=near.picture or (str(picture) if picture.is_file() else ""),
    )


def _record(text: object) -> dict[str, Any]:
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
