"""The seeds that the last pictures were made with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from nodeforge.engine.messages import Event, Finished, Queued
from nodeforge.graph.document import Document, Spot
from nodeforge.graph.spec import Dice

if TYPE_CHECKING:
    from nodeforge.app.session import Session


class Seeds(QObject):
    """Follows the runs. A seed counts as used when its node is made, not when it is rolled."""

    used = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self._last: dict[Spot, int] = {}
        self._running = Document()
        session.news.connect(self._heard)
        session.opened.connect(self._last.clear)

    def last(self, spot: Spot) -> int | None:
        return self._last.get(spot)

    def _heard(self, event: Event) -> None:
        match event:
            case Queued():
                job = self.session.runs.job
                self._running = job.document if job else self.session.document
            case Finished(node=id) if node := self._running.nodes.get(id):
                spec = self.session.specs.get(node.stage)
                for param in spec.params if spec else ():
                    value = node.values.get(param.name, param.default)
                    if isinstance(param.kind, Dice) and isinstance(value, int):
                        self._last[Spot(id, param.name)] = value
                        self.used.emit()
            case _:
                pass
