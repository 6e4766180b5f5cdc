"""A graph file as the command line takes it: read with warnings, brought up to date."""

from __future__ import annotations

from pathlib import Path

from nodeforge.cli.words import existing, say
from nodeforge.graph.document import Document
from nodeforge.graph.file import read
from nodeforge.graph.upgrades import upgraded
from nodeforge.stages.library import Library


def opened(path: Path, library: Library) -> Document:
    """The document in the file, its nodes of the installed versions; BadFile if there is none."""
    document, warnings = read(existing(path))
    for warning in warnings:
        say(warning)
    return upgraded(
        document, library.specs, lambda id, version, values: library[id].upgraded(values, version)
    )


def installed() -> Library:
    """The stages of all packs, after a sentence about each pack that is broken."""
    library = Library.installed()
    for why in library.broken.values():
        say(why)
    return library
