"""The stages of the last worker, kept on disk: the palette is there before the worker is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path

from nodeforge import __version__
from nodeforge.base.files import write_atomically
from nodeforge.errors import DiskError, NodeForgeError
from nodeforge.graph.spec import StageSpec
from nodeforge.graph.specs import specs_from_json, specs_to_json


def remembered_specs() -> tuple[StageSpec, ...]:
    """What the last `Ready` of this version offered; nothing if there was none."""
    try:
        data = json.loads(_path().read_text(encoding="utf-8"))
        return tuple(specs_from_json(data))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, NodeForgeError):
        return ()


def remember(specs: Sequence[StageSpec]) -> None:
    """Write the stages for the next start. Without a place to write to nothing is remembered."""
    path = _path()
    text = json.dumps(specs_to_json(specs))
    with suppress(OSError, DiskError):
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.encode(), durable=False)


def _path() -> Path:
    return user_cache_path("nodeforge", appauthor=False) / f"palette-{__version__}.json"
