"""The settings of another picture, offered for this graph: a panel with ticks, one undo step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF

from nodeforge import resources
from nodeforge.app.canvas import hand
from nodeforge.app.incoming.generation import Setting, apply, samplers, settings, summary
from nodeforge.app.incoming.offer import Choice, Offer
from nodeforge.app.incoming.placement import title_of
from nodeforge.app.models.stock import stock_of
from nodeforge.app.words import tr
from nodeforge.errors import BadFile
from nodeforge.graph import clipboard, file
from nodeforge.graph.document import Document, NodeId
from nodeforge.interop.a1111 import GenerationData
from nodeforge.models.entry import Entry

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

START = "graphs/text-to-image.nodeforge"  # what an empty canvas gets
MOST = 9  # nodes to choose from


class Recall:
    def __init__(self, canvas: Canvas) -> None:
        self.canvas, self.session = canvas, canvas.session

    def ask(
        self,
        offer: Offer,
        at: QPoint,
        data: GenerationData,
        name: str = "",
        where: QPointF | None = None,
        instead: Choice | None = None,
        at_once: bool = False,
    ) -> None:
        """Show what of it can be taken. name: of the picture it comes from. where: in the scene,
        for the graph that a canvas without a Sample gets. instead: what else may be done. at_once:
        take it without showing it, where it is clear by what, and nothing is against it."""
        document, specs = self.session.document, self.session.specs
        found = self._meant()
        if at_once and len(found) == 1:
            told = settings(document, specs, found[0], data, self._models())
            if told and not any(each.why for each in told):
                self._take(found[0], told)
                return
        if len(found) > 1:
            choices = [
                Choice(
                    title_of(document.nodes[id], specs),
                    partial(self._offer, offer, at, data, name, id, instead),
                    "aperture",
                    self._words(id),
                )
                for id in found[:MOST]
            ]
            offer.ask(at, tr("Which node is to take the settings?"), summary(data), choices)
        elif found:
            self._offer(offer, at, data, name, found[0], instead)
        else:
            self._offer_new(offer, at, data, name, where)

    def meant(self) -> bool:
        """Whether there is a node that could take them."""
        return bool(samplers(self.session.document, self.session.specs))

    def _meant(self) -> Sequence[NodeId]:
        """The selected one that draws, else those that what is selected feeds, else all."""
        document = self.session.document
        every = samplers(document, self.session.specs)
        chosen = document.within(self.session.selection)
        here = [id for id in every if id in chosen]
        nodes = chosen & document.nodes.keys()
        fed = [id for id in every if any(document.feeds(each, id) for each in nodes)]
        return here or fed or every

    def _words(self, id: NodeId) -> str:
        """By which one tells it from another: its number of steps and its seed."""
        node = self.session.document.nodes[id]
        spec = self.session.specs[node.stage]
        names = [name for name in ("seed", "steps") if name in spec.param]
        said = (f"{n} {node.values.get(n, spec.param[n].default)}" for n in names)
        return ", ".join(said)

    def _models(self) -> list[Entry]:
        stock = stock_of(self.session)
        return [entry for entry in stock.entries.values() if not entry.fault] if stock else []

    def _offer(
        self,
        offer: Offer,
        at: QPoint,
        data: GenerationData,
        name: str,
        id: NodeId,
        instead: Choice | None,
    ) -> None:
        document, specs = self.session.document, self.session.specs
        found = settings(document, specs, id, data, self._models())
        title = tr("Settings of {}").format(name) if name else tr("Settings found in the text")
        words = tr("For {}.").format(title_of(document.nodes[id], specs))
        offer.ask_settings(at, title, words, found, partial(self._take, id), instead)

    def _take(self, id: NodeId, chosen: tuple[Setting, ...]) -> None:
        session = self.session
        if id not in session.document.nodes:
            session.told.emit("info", tr("The node that was to take the settings is gone."), "")
            return
        session.settling.emit()
        session.history.break_merge()
        session.edit(tr("Take settings"), apply(session.document, session.specs, id, chosen))
        self._say(chosen)

    def _offer_new(
        self, offer: Offer, at: QPoint, data: GenerationData, name: str, where: QPointF | None
    ) -> None:
        """Nothing here draws: a text to image graph with these settings."""
        try:
            base = file.load(resources.path(START))
        except BadFile as error:
            self.session.told.emit("error", str(error), "")
            return
        id = samplers(base, self.session.specs)[0]
        found = settings(base, self.session.specs, id, data, self._models())
        title = tr("Settings of {}").format(name) if name else tr("Settings found in the text")
        words = tr("Nothing here draws yet: they come with a text to image graph.")
        offer.ask_settings(
            at, title, words, found, lambda chosen: self._make(base, id, chosen, where)
        )

    def _make(
        self, base: Document, id: NodeId, chosen: tuple[Setting, ...], where: QPointF | None
    ) -> None:
        session = self.session
        told = apply(base, session.specs, id, chosen)
        text, scope = file.dumps(told), session.sight.scope
        things = [card.box for card in self.canvas.things()]
        if things:
            x, y = max(box.right() for box in things) + 96, min(box.top() for box in things)
        else:
            x, y = hand.snapped(where) if where is not None else (0.0, 0.0)
        left = min(node.at[0] for node in base.nodes.values())
        top = min(node.at[1] for node in base.nodes.values())
        after, ids = clipboard.paste(session.document, text, (x - left, y - top), scope)
        session.history.break_merge()
        session.edit(tr("Make a graph with these settings"), after)
        session.select([])
        self.canvas.fit(None if not things else ids)
        self._say(chosen)

    def _say(self, chosen: tuple[Setting, ...]) -> None:
        names = ", ".join(each.name.lower() for each in chosen)
        self.session.told.emit("done", tr("Taken: {}.").format(names), "")
