"""The starter graphs that come with the program: a title, a sentence and a small picture each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nodeforge import resources


@dataclass(frozen=True)
class Template:
    title: str
    sentence: str
    file: Path
    picture: Path


@cache
def templates() -> tuple[Template, ...]:
    """Those in the order of their index; none where the resources are not there."""
    folder = resources.path("graphs")
    try:
        listed = json.loads((folder / "index.json").read_text("utf-8"))
    except (OSError, ValueError):
        return ()
    return tuple(
        Template(each["title"], each["sentence"], folder / each["file"], folder / each["picture"])
        for each in listed
    )
