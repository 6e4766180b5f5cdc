"""What an editor of prompts is told of the models in the graph: their words, and what they lack."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject

from nodeforge import resources
from nodeforge.app.models.placing import helpers, model_before, model_path
from nodeforge.app.models.stock import stock_of
from nodeforge.app.prompt import PromptEdit
from nodeforge.app.prompt.vocabulary import learnt, used
from nodeforge.app.session import Session
from nodeforge.graph.document import NodeId
from nodeforge.models.entry import Entry
from nodeforge.models.word_list import WordList, word_list

BOXED = "forge-tiny"


class IgnoredWords(QObject):
    """Words that need no hint any more in the document that is open. A child of the session."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.words: set[str] = set()
        session.opened.connect(self.words.clear)

    @classmethod
    def of(cls, session: Session) -> IgnoredWords:
        """The one of this session; made when it is first asked for."""
        known = session.findChild(cls)
        return known if known is not None else cls(session)


def inform(edit: PromptEdit, session: Session, node: NodeId) -> None:
    """Join an editor to the models that its node's prompt is for."""
    stock = stock_of(session)

    def entries() -> Mapping[str, Entry]:
        return stock.entries if stock else {}

    def of_model() -> WordList | None:
        value = model_before(session.document, session.specs, node)
        return word_list(model_path(entries(), value)) if value else None

    def completions() -> list[str]:
        """The words of the graph first, then those of its models."""
        known = of_model() or word_list(resources.path("models") / BOXED)
        taught = [*known.words, *known.phrases] if known else []
        return [*used(session.document, session.specs), *learnt(entries().values()), *taught]

    edit.words = completions
    edit.unknown.word_list = of_model
    edit.unknown.also = lambda: learnt(helpers(session.document, session.specs, entries()))
    edit.unknown.ignored = IgnoredWords.of(session).words
    if stock is not None:
        edit.unknown.model_wanted.connect(stock.wanted)
