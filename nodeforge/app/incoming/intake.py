"""Does what comes in by a drop or a paste: nodes, other files in nodes, another graph, settings.

Nothing is read on the window's thread. One drop is one undo step, and none is silent: what cannot
be taken says what would be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF

from nodeforge.app.incoming import kinds, laying, mime
from nodeforge.app.incoming.brought import Brought, look, take_in
from nodeforge.app.incoming.foresight import Foresight
from nodeforge.app.incoming.generation import summary
from nodeforge.app.incoming.kinds import Foreign, Graph, Model, Note, Picture
from nodeforge.app.incoming.mime import Content, Files, Pixels, Remote, Words
from nodeforge.app.incoming.offer import Choice, Offer, one_line
from nodeforge.app.incoming.placement import Source, Target
from nodeforge.app.incoming.recall import Recall
from nodeforge.app.incoming.sources import source_of
from nodeforge.app.incoming.writing import Writing
from nodeforge.app.reader import Reader
from nodeforge.app.words import tr
from nodeforge.graph.document import Document, NodeId
from nodeforge.interop.a1111 import GenerationData, parse_parameters

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

NAMED = 8  # graphs to choose from
ANYWHERE = (Target(),)


class Intake(QObject):
    """open: a graph file. show: a document without a file, by this name; both ask about unsaved
    changes where there is a window."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__()
        self.canvas, self.session = canvas, canvas.session
        self.open: Callable[[Path], object] = canvas.session.open
        self.show: Callable[[Document, Path], object] = lambda document, path: canvas.session.new(
            document, path.stem
        )
        self.reader = Reader(self)
        self.recall = Recall(canvas)
        self.writing = Writing(canvas)
        self.fresh: NodeId | None = None  # what came last, while it is still selected for that
        self._offer: Offer | None = None
        self.foresight = Foresight(canvas.session, self.reader)
        canvas.session.selected.connect(self._selected)

    @property
    def offer(self) -> Offer:
        """The panel that asks; one for the whole window."""
        host = self.canvas.widget.window()
        if self._offer is None or self._offer.host is not host:
            self._offer = Offer(self.canvas.scenery.theme, host)
        self._offer.wear(self.canvas.scenery.theme)
        return self._offer

    def close(self) -> None:
        self.reader.close()

    # Coming in

    def drop(self, data: QMimeData, targets: Sequence[Target], at: QPoint) -> None:
        """targets: what lies under the cursor, the best first; at: on the screen.

        What is held is read now: it may be gone when the drop is over.
        """
        self.take(mime.read(data), targets, at)

    def take(self, content: Content | None, targets: Sequence[Target], at: QPoint) -> None:
        came = partial(self._came, targets=targets, at=at)
        match content:
            case Files(paths, links):
                if links:
                    self._say_link(links[0])
                if (known := self.foresight.known(paths)) is not None:
                    came(known)
                else:
                    self._read(partial(look, paths), came)
            case Pixels():
                self._read(partial(take_in, content), came)
            case Remote(url):
                self._say_link(url)
            case Words(text):
                self._words(text, "", targets, at)
            case None:
                self._say(tr("There is nothing in it that NodeForge can use."))

    def _read(
        self, work: Callable[[], list[Brought]], came: Callable[[list[Brought]], object]
    ) -> None:
        told = False
        there = False

        def answer(brought: list[Brought]) -> None:
            nonlocal there
            there = True
            if told:
                self.canvas.hint.emit("")
            came(brought)

        self.reader.read(work, answer)
        if not there:
            told = True
            self.canvas.hint.emit(tr("Reading what came…"))

    def _came(self, brought: list[Brought], targets: Sequence[Target], at: QPoint) -> None:
        targets = self._still_there(targets)
        here = [each for each in brought if isinstance(each.item, Picture | Model)]
        graphs = [each.item for each in brought if isinstance(each.item, Graph)]
        notes = [each.item for each in brought if isinstance(each.item, Note)]
        for why in dict.fromkeys(e.item.why for e in brought if isinstance(e.item, Foreign)):
            self._say(why)
        if here:
            self._place(here, targets, at)
        self._open(graphs, bool(here), at)
        for note in notes if not here and not graphs else ():
            self._words(note.text, note.path.name if note.path else "", targets, at)
        if notes and (here or graphs):
            names = ", ".join(note.path.name for note in notes if note.path)
            self._say(tr("Drop {} alone to use the text in it.").format(names))

    def _open(self, graphs: list[Graph], busy: bool, at: QPoint) -> None:
        if not graphs:
            return
        if busy:
            names = ", ".join(each.path.name for each in graphs)
            self._say(tr("Drop {} alone to open it.").format(names))
        elif len(graphs) == 1:
            self.open(graphs[0].path)
        else:
            choices = [
                Choice(each.path.stem, partial(self.open, each.path), "workflow", str(each.path))
                for each in graphs[:NAMED]
            ]
            words = tr("One graph is open at a time.")
            self.offer.ask(at, tr("Which of these graphs?"), words, choices)

    # Pictures and models

    def _place(self, brought: list[Brought], targets: Sequence[Target], at: QPoint) -> None:
        pairs = [(each, source_of(self.session, each.item)) for each in brought]
        for each, source in pairs:
            if source is None and isinstance(each.item, Model):
                words = tr("“{}” is a {}, which no node takes alone.")
                self._say(words.format(each.item.path.name, each.item.kind.kind))
        sources = [source for _, source in pairs if source is not None]
        taken = [each for each, source in pairs if source is not None]
        if not sources:
            return
        put = partial(self._put, taken, sources, targets)
        told = taken[0].told
        level = self.session.level
        _, first = laying.choose(level.document, level.specs, targets, sources[0])
        if len(taken) > 1 or not told:
            put()
            if count := sum(bool(each.told) for each in taken):
                words = tr("{} of these pictures tell how they were made: drop one alone for that.")
                self._say(words.format(count))
        elif first.act != "add" or told.document is None:
            put()
            self._say_told(taken[0], at, quiet=first.act != "add")
        else:
            self._ask(taken[0], put, at)

    def _put(
        self, brought: list[Brought], sources: list[Source], targets: Sequence[Target]
    ) -> None:
        first, id = laying.put(self.canvas, sources, targets)
        self.fresh = id
        if first.why:
            self._say(first.why)
        if first.act == "change":
            node = self.session.level.document.nodes[id]
            words = tr("{} has another file now: {}.")
            title = self.session.sight.title(node)
            self.session.told.emit("done", words.format(title, brought[0].item.path.name), "")  # type: ignore[union-attr]
        if brought[0].kept and isinstance(brought[0].item, Picture):
            words = tr("The picture is kept in {}.")
            self.session.told.emit("done", words.format(_short(brought[0].item.path)), "")
        if any(
            isinstance(each.item, Model) and each.item.kind.kind == "unknown" for each in brought
        ):
            words = tr("It is not known what model this is: choose its family in the node.")
            self._say(words)

    def _ask(self, each: Brought, put: Callable[[], object], at: QPoint) -> None:
        """A picture of ours: its graph, the picture itself, or its settings."""
        assert isinstance(each.item, Picture)
        document, data = each.told.document, each.told.data
        assert document is not None
        name = each.item.path.name
        count = len(document.nodes)
        inside = tr("{} nodes").format(count) if count != 1 else tr("1 node")
        choices = [
            Choice(tr("Open its graph"), partial(self._show, each), "workflow", inside),
            Choice(tr("Use it as a picture"), put, "image", tr("Load image, with this file")),
        ]
        if data is not None:
            detail = " · ".join(filter(None, (summary(data), one_line(data.prompt))))
            recall = partial(self.recall.ask, self.offer, at, data, name)
            choices.append(Choice(tr("Take its settings…"), recall, "sparkles", detail))
            choices += self._single(data, name, at)
        title = tr("“{}” holds the graph that made it").format(name)
        words = tr("Esc uses it as a picture.")
        self.offer.ask(at, title, words, choices, dismissed=put)

    def _single(self, data: GenerationData, name: str, at: QPoint) -> list[Choice]:
        """One thing alone, for a graph that can take it."""
        if not self.recall.meant():
            return []
        alone: list[tuple[str, str, GenerationData, str]] = []
        if data.seed is not None:
            seed = GenerationData(seed=data.seed)
            alone.append((tr("Take only its seed"), "dice-5", seed, str(data.seed)))
        if data.prompt:
            words = GenerationData(data.prompt)
            alone.append((tr("Take only its prompt"), "message-square-quote", words, data.prompt))
        ask = partial(self.recall.ask, self.offer, at, name=name, at_once=True)
        return [Choice(label, partial(ask, one), icon, more) for label, icon, one, more in alone]

    def _show(self, each: Brought) -> None:
        assert isinstance(each.item, Picture)
        assert each.told.document is not None
        if self.show(each.told.document, each.item.path) is False:
            return
        if each.told.left_out:
            words = tr("Parts of the graph in this picture could not be read.")
            self.session.told.emit("warn", words, "\n".join(each.told.left_out))

    def _say_told(self, each: Brought, at: QPoint, quiet: bool) -> None:
        """What more a picture holds that is used as one. quiet: it went where it was meant to."""
        assert isinstance(each.item, Picture)
        name, told = each.item.path.name, each.told
        if told.fault:
            self._say(tr("The graph in “{}” cannot be opened. {}").format(name, told.fault))
        if told.workflow:
            words = tr(
                "“{}” holds a {} workflow, which NodeForge cannot read yet: it serves as a picture."
            )
            self._say(words.format(name, told.workflow))
        if told.document is not None or (told.data is not None and quiet):
            what = tr("graph") if told.document is not None else tr("settings")
            words = tr("“{}” holds its {}, too: drop it on an empty place to take that.")
            self._say(words.format(name, what))
        elif told.data is not None:
            recall = partial(self.recall.ask, self.offer, at, told.data, name)
            choices = [
                Choice(tr("Take its settings…"), recall, "sparkles", summary(told.data)),
                Choice(tr("Only use the picture"), lambda: None, "image"),
            ]
            words = one_line(told.data.prompt)[:160]
            self.offer.ask(at, tr("“{}” tells how it was drawn").format(name), words, choices)

    # Text

    def _words(self, text: str, name: str, targets: Sequence[Target], at: QPoint) -> None:
        if kinds.is_graph(text):
            self.writing.nodes(text, targets[-1].at)
        elif said := kinds.workflow(text):
            self._say(f"{name}: {said}" if name else said)
        elif (data := parse_parameters(text)) is not None:
            place = targets[-1].at
            where = QPointF(*place) if place is not None else None
            self.recall.ask(self.offer, at, data, name, where)
        elif text.lstrip().startswith(("{", "[")) and '"' in text:
            self._say(tr("This is JSON, but no graph of NodeForge: nothing was added."))
        else:
            self.writing.ask(self.offer, at, text, targets[-1].at)

    def offer_settings(self, text: str, at: QPoint, words: Callable[[], object]) -> bool:
        """Offer what a text tells of another picture, where it was pasted into a prompt. words:
        paste it as it stands. False for other text."""
        data = parse_parameters(text)
        if data is None or (data.steps is None and not data.negative):
            return False
        self.recall.ask(self.offer, at, data, instead=Choice(tr("Paste as words"), words))
        return True

    # Each

    def _still_there(self, targets: Sequence[Target]) -> Sequence[Target]:
        """Without what went while a slow disk was read."""
        nodes = self.session.level.document.nodes
        found = [each for each in targets if each.node is None or each.node in nodes]
        return found or ANYWHERE

    def _selected(self) -> None:
        if self.fresh is not None and self.session.selection != (self.fresh,):
            self.fresh = None

    def _say_link(self, url: str) -> None:
        place = url.split("/")[2] if url.count("/") > 2 else url
        words = tr(
            "Only the address of a picture came ({}), and NodeForge loads nothing from the network "
            "unasked. Copy the picture itself, or save it and drop the file."
        )
        self._say(words.format(place[:60]))

    def _say(self, words: str) -> None:
        self.session.told.emit("info", words, "")
        self.canvas.hint.emit(words)


def _short(path: Path) -> str:
    """With ~ for the home folder."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except ValueError:
        return str(path)
