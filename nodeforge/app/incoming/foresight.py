"""What a drop would do, while it is only held over the window."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from nodeforge.app.incoming import kinds, laying
from nodeforge.app.incoming.brought import Brought, look
from nodeforge.app.incoming.kinds import Foreign, Graph, Model, Note, Picture
from nodeforge.app.incoming.mime import Content, Files, Pixels, Remote, Words
from nodeforge.app.incoming.placement import Landing, Source, Target
from nodeforge.app.incoming.sources import LOAD, entry_at, model, picture, source_of
from nodeforge.app.reader import Reader
from nodeforge.app.session import Session
from nodeforge.app.words import tr

PEEKED = 64  # files that are looked into while they are only held


class Foresight:
    def __init__(self, session: Session, reader: Reader) -> None:
        self.session, self.reader = session, reader
        self._peeked: tuple[tuple[Path, ...], list[Brought]] | None = None

    def peek(self, content: Content | None) -> None:
        """Look into files while they are held over the canvas: a drop then knows what they are."""
        self._peeked = None
        if isinstance(content, Files) and len(content.paths) <= PEEKED:
            paths = content.paths
            self.reader.read(partial(look, paths), partial(self._peek_came, paths), patience=0)

    def _peek_came(self, paths: tuple[Path, ...], brought: list[Brought]) -> None:
        self._peeked = paths, brought

    def known(self, paths: tuple[Path, ...]) -> list[Brought] | None:
        """What was found in these files, if they were looked into."""
        return self._peeked[1] if self._peeked and self._peeked[0] == paths else None

    def foretell(
        self, content: Content | None, targets: Sequence[Target]
    ) -> tuple[Target, Landing | None, str]:
        """Where something in the hand would go, what becomes of it, and why nothing does.

        By names and formats, and by what is inside where that is known already.
        """
        last = targets[-1]
        match content:
            case Files(paths):
                return self._foretell_files(paths, targets)
            case Pixels():
                return (*self._choose(targets, picture("")), "")
            case Remote():
                return last, None, tr("Only a link: copy or save the picture itself first.")
            case Words():
                return last, Landing("add", tr("Use the text")), ""
            case _:
                return last, None, tr("Nothing here is of use to NodeForge.")

    def _foretell_files(
        self, paths: tuple[Path, ...], targets: Sequence[Target]
    ) -> tuple[Target, Landing | None, str]:
        told = [kinds.guess(path) for path in paths]
        last, many = targets[-1], len(paths)
        if many == 1 and (known := self.known(paths)):
            return self._foretell_known(known[0], targets)
        if Picture in told:
            found = self._choose(targets, picture(""))
            several = told.count(Picture)
            if found[1].act == "add" and several > 1:
                words = tr("Add {} × Load image").format(several)  # noqa: RUF001
                return found[0], Landing("add", words, stage=LOAD), ""
            return (*found, "")
        if Graph in told:
            return last, Landing("add", tr("Open the graph")), ""
        if Model in told:
            return self._foretell_model(paths[told.index(Model)], targets)
        if told[0] is Foreign:
            return last, None, kinds.foreign(paths[0])
        words = tr("Take it in") if many == 1 else tr("Take them in")
        return last, Landing("add", words), ""

    def _foretell_known(
        self, one: Brought, targets: Sequence[Target]
    ) -> tuple[Target, Landing | None, str]:
        last = targets[-1]
        match one.item:
            case Foreign(_, why):
                return last, None, why
            case Graph():
                return last, Landing("add", tr("Open the graph")), ""
            case Note(text):
                said = kinds.workflow(text)
                return last, None if said else Landing("add", tr("Use the text in it")), said
        source = source_of(self.session, one.item)
        if source is None:
            return last, None, tr("No node takes this alone.")
        found = self._choose(targets, source)
        if found[1].act == "add" and one.told.document is not None:
            return last, Landing("add", tr("Open its graph, or use it as a picture")), ""
        return (*found, "")

    def _foretell_model(
        self, path: Path, targets: Sequence[Target]
    ) -> tuple[Target, Landing | None, str]:
        """Its kind is known before its header is read only where it is in the library."""
        entry = entry_at(self.session, str(path))
        source = model(self.session, entry) if entry else None
        if source is None:
            return targets[-1], Landing("add", tr("Add the model")), ""
        return (*self._choose(targets, source), "")

    def _choose(self, targets: Sequence[Target], source: Source) -> tuple[Target, Landing]:
        level = self.session.level
        return laying.choose(level.document, level.specs, targets, source)
