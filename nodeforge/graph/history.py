"""Undo is remembering the documents before this one."""

from __future__ import annotations

from dataclasses import dataclass

from nodeforge.graph.document import Document

# Documents share what they have in common, so a step costs a few kilobytes.
LIMIT = 1000


@dataclass(frozen=True)
class Step:
    """What one undo takes back, or one redo brings back."""

    label: str
    document: Document
    merge: str = ""


class History:
    """The current document, the ones before it and the ones taken back."""

    def __init__(self, document: Document | None = None, limit: int = LIMIT) -> None:
        self.document = document or Document()
        self._limit = limit
        self._saved: Document | None = self.document
        self._undo: list[Step] = []
        self._redo: list[Step] = []

    def do(self, label: str, after: Document, merge: str = "") -> None:
        """Make `after` current; what had been taken back is forgotten.

        Edits in a row that share a merge key (one drag, one slider pull) become one step. An
        edit that changes nothing leaves no step, nor does a drag that ends where it began.
        """
        if after == self.document:
            return
        self._redo.clear()
        if merge and self._undo and self._undo[-1].merge == merge:
            if after == self._undo[-1].document:
                after = self._undo.pop().document
        else:
            self._undo.append(Step(label, self.document, merge))
            del self._undo[: -self._limit]
        self.document = after

    def break_merge(self) -> None:
        """The drag is over: the next edit is a new step, even with the same merge key."""
        if self._undo and self._undo[-1].merge:
            last = self._undo[-1]
            self._undo[-1] = Step(last.label, last.document)

    def undo(self) -> bool:
        """Go a step back; False where there is none."""
        return self._swap(self._undo, self._redo)

    def redo(self) -> bool:
        """Bring back the step last taken back; False where there is none."""
        return self._swap(self._redo, self._undo)

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._redo)

    @property
    def undo_label(self) -> str:
        return self._undo[-1].label if self._undo else ""

    @property
    def redo_label(self) -> str:
        return self._redo[-1].label if self._redo else ""

    def mark(self) -> None:
        """The current document is the one on disk; undo can come back to just here."""
        self._saved = self.document
        self.break_merge()

    def unmark(self) -> None:
        """No document here is the one on disk: this one was recovered, or repaired on opening."""
        self._saved = None
        self.break_merge()

    @property
    def dirty(self) -> bool:
        return self._saved != self.document

    def _swap(self, source: list[Step], target: list[Step]) -> bool:
        if not source:
            return False
        step = source.pop()
        target.append(Step(step.label, self.document))
        self.document = step.document
        self.break_merge()
        return True
