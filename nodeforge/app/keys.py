"""Which keys do what: each act's own, or those the artist chose instead, kept in the settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence

from nodeforge.app import settings
from nodeforge.app.actions import Act

Keys = tuple[str, ...]
Bound = dict[tuple[Qt.Key, Qt.KeyboardModifier], Callable[[], object]]


class Keymap(QObject):
    """Joins the acts with their actions. A key of the canvas counts only while that has the focus.

    Qt gives a key that two acts want to neither; `rivals` says who they are.
    """

    changed = Signal()

    def __init__(
        self, acts: Iterable[Act], actions: Mapping[str, QAction], parent: QObject
    ) -> None:
        super().__init__(parent)
        self.acts = {act.id: act for act in acts}
        self.actions = actions
        self._chosen = _read()
        self._apply()

    def of(self, id: str) -> Keys:
        return self._chosen.get(id, self.acts[id].keys)

    def differs(self, id: str) -> bool:
        """Whether the artist chose other keys than it came with."""
        return self.of(id) != self.acts[id].keys

    def choose(self, id: str, keys: Keys) -> None:
        """These keys from now on; none for no key at all."""
        self._chosen[id] = tuple(_tidy(key) for key in keys)
        if self._chosen[id] == tuple(_tidy(key) for key in self.acts[id].keys):
            del self._chosen[id]
        self._keep()

    def reset(self, *ids: str) -> None:
        """Back to what they came with; without ids, all of them."""
        for id in ids or tuple(self._chosen):
            self._chosen.pop(id, None)
        self._keep()

    def rivals(self, id: str, keys: Keys | None = None) -> list[Act]:
        """The other acts that want one of its keys (or of these)."""
        mine = {_tidy(key) for key in (self.of(id) if keys is None else keys)}
        return [
            act
            for act in self.acts.values()
            if act.id != id and mine & {_tidy(key) for key in self.of(act.id)}
        ]

    def shown(self, id: str) -> str:
        """The first key, as this system writes it; empty if there is none."""
        keys = self.of(id)
        form = QKeySequence.SequenceFormat.NativeText
        return QKeySequence(keys[0]).toString(form).replace("Return", "Enter") if keys else ""

    def bound(self) -> Bound:
        """What the canvas does with a key by itself, where no shortcut takes it first."""
        return {
            (combination.key(), combination.keyboardModifiers()): self.actions[act.id].trigger
            for act in self.acts.values()
            if act.canvas
            for key in self.of(act.id)
            if (combination := _first(key)) is not None
        }

    def _apply(self) -> None:
        for id, action in self.actions.items():
            action.setShortcuts([QKeySequence(key) for key in self.of(id)])

    def _keep(self) -> None:
        settings.put("keys", json.dumps(self._chosen))
        self._apply()
        self.changed.emit()


def _tidy(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


def _first(key: str) -> QKeyCombination | None:
    sequence = QKeySequence(key)
    return sequence[0] if sequence.count() == 1 else None


def _read() -> dict[str, Keys]:
    """What was chosen before; nothing if that cannot be read."""
    try:
        kept = json.loads(settings.text("keys", "{}"))
    except ValueError:
        return {}
    if not isinstance(kept, dict):
        return {}
    return {str(id): tuple(map(str, keys)) for id, keys in kept.items() if isinstance(keys, list)}
