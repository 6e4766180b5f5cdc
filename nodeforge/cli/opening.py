"""A graph file as the command line takes it: read with warnings, brought up to date."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nodeforge.cli.words import existing, say
from nodeforge.graph.document import Document
from nodeforge.graph.upgrades import upgraded
from nodeforge.interop.metadata import is_picture, read_graph
from nodeforge.interop.portable import among, restored
from nodeforge.models.entry import Entry
from nodeforge.models.index import Index
from nodeforge.stages.library import Library


def opened(path: Path, library: Library, warn: Callable[[str], None] = say) -> Document:
    """The document in the file, its nodes of the installed versions; BadFile if there is none.

    warn: hears a sentence about each thing in the file that had to be left out.
    path: a file of ours, or a picture that holds a graph; what that names is looked for beside it.
    """
    document, warnings = read_graph(existing(path))
    for warning in warnings:
        warn(warning)
    if is_picture(path):
        find = among(_models, (path.absolute().parent, Path.cwd()))
        document = restored(document, library.known, find)
    return upgraded(
        document, library.specs, lambda id, version, values: library[id].upgraded(values, version)
    )


def _models() -> list[Entry]:
    """The models that were found when one last looked."""
    index = Index()
    try:
        return list(index.entries().values())
    finally:
        index.close()


def installed() -> Library:
    """The stages of all packs, after a sentence about each pack that is broken."""
    library = Library.installed()
    for why in library.broken.values():
        say(why)
    return library
