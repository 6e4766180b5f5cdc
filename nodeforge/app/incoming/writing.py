"""Text that was pasted or dropped: nodes in our own format, or words that may become one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF

from nodeforge.app.canvas import hand
from nodeforge.app.canvas.face import face
from nodeforge.app.incoming.offer import Choice, Offer, one_line
from nodeforge.app.words import tr
from nodeforge.errors import BadLink
from nodeforge.graph.document import Node, Note, Point, new_id
from nodeforge.graph.joining import End, likeliest

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

PROMPT, TEXT = "guide.prompt", "source.text"
MOST = 20_000  # characters that one node or note is to hold


class Writing:
    def __init__(self, canvas: Canvas) -> None:
        self.canvas, self.session = canvas, canvas.session

    def nodes(self, text: str, at: Point | None) -> None:
        """What a text in our format holds, with its top left corner at a place."""
        hand.paste_text(self.canvas, text, QPointF(*at) if at is not None else None)

    def ask(self, offer: Offer, at: QPoint, text: str, where: Point | None) -> None:
        """Words alone say not what they are for."""
        text = text.strip()
        if len(text) > MOST:
            words = tr("The text has {:,} characters, more than any prompt: nothing was added.")
            self.session.told.emit("info", words.format(len(text)), "")
            return
        choices: list[Choice] = []
        for stage, label, icon in (
            (PROMPT, tr("Add it as a Prompt"), "message-square-quote"),
            (TEXT, tr("Add it as a Text"), "type"),
        ):
            if stage in self.session.specs:
                add = partial(self._add, stage, text, where)
                choices.append(Choice(label, add, icon))
        choices.append(
            Choice(tr("Add it as a note"), partial(self._note, text, where), "sticky-note")
        )
        self.canvas.hint.emit(tr("The clipboard holds a text: choose what becomes of it."))
        offer.ask(at, tr("What becomes of this text?"), one_line(text)[:160], choices)

    def _add(self, stage: str, text: str, where: Point | None) -> None:
        """A node with these words, its needs fed where it is clear by what."""
        session = self.session
        spec = session.specs[stage]
        node = Node(new_id(), stage, spec.version, {"text": text})
        high = face(node, spec).body
        at = hand.free(self.canvas, high)
        if where is not None:
            at = hand.snapped(QPointF(*where) - hand.GRIP)
        document = session.level.document.add(
            Node(node.id, stage, spec.version, {"text": text}, at=at)
        )
        for port in spec.inputs:
            if port.optional:
                continue
            if link := likeliest(document, session.level.specs, End(node.id, port.name, out=False)):
                try:
                    document = document.connect(link.node, link.output, node.id, port.name)
                except BadLink:
                    continue
        session.history.break_merge()
        session.act(tr("Add {}").format(spec.title), document)
        session.select([node.id])

    def _note(self, text: str, where: Point | None) -> None:
        session = self.session
        seen = self.canvas.widget.visible().center()
        at = where if where is not None else (round(seen.x()), round(seen.y()))
        lines = sum(1 + len(line) // 40 for line in text.splitlines())
        note = Note(new_id(), text, at, (280.0, min(max(60.0 + 18.0 * lines, 80.0), 480.0)))
        session.history.break_merge()
        session.act(tr("Add note"), session.level.document.add(note))
        session.select([note.id])
