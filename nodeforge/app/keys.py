"""Which keys do what: each act's own, or those the artist chose instead, kept in the settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence

from nodeforge.app import settings
from nodeforge.app.actions import Act
from nodeforge.app.digits import Digits

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
        self._chosen, self._digits = _read(), Digits()
        parent.installEventFilter(self)
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
            if act.id != id
            and mine & {_tidy(key) for key in self.of(act.id)}
            and not _apart(act, self.acts[id])
        ]

    def shown(self, id: str) -> str:
        """The first key, as this system writes it; empty if there is none."""
        keys = self.of(id)
        form = QKeySequence.SequenceFormat.NativeText
        return QKeySequence(keys[0]).toString(form).replace("Return", "Enter") if keys else ""

    def bound(self) -> Bound:
        """What the canvas does with a key by itself, where no shortcut takes it first."""
        return {
            (sequence[0].key(), sequence[0].keyboardModifiers()): self.actions[act.id].trigger
            for act in self.acts.values()
            if act.canvas
            for sequence in self._sequences(act.id)
            if sequence.count() == 1
        }

    def _sequences(self, id: str) -> list[QKeySequence]:
        """Its keys, and what stands for their digits on the layout in use."""
        given = [QKeySequence(key) for key in self.of(id)]
        single = (each[0] for each in given if each.count() == 1)
        return [*given, *(other for key in single for other in self._digits.also(key))]

    def _apply(self) -> None:
        for id, action in self.actions.items():
            action.setShortcuts(self._sequences(id))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Before Qt looks for a shortcut, it asks the window: there digits are learnt."""
        asks = event.type() == QEvent.Type.ShortcutOverride
        if asks and isinstance(event, QKeyEvent) and self._digits.learn(event):
            self._apply()
            self.changed.emit()
        return False

    def _keep(self) -> None:
        settings.put("keys", json.dumps(self._chosen))
        self._apply()
        self.changed.emit()


def _tidy(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


def _apart(one: Act, other: Act) -> bool:
    """Whether they never meet: the keys of one count in a prompt, of the other on the canvas."""
    return (one.prompt and other.canvas) or (one.canvas and other.prompt)


def _read() -> dict[str, Keys]:
    """What was chosen before; nothing if that cannot be read."""
    try:
        kept = json.loads(settings.text("keys", "{}"))
    except ValueError:
        return {}
    if not isinstance(kept, dict):
        return {}
    return {str(id): tuple(map(str, keys)) for id, keys in kept.items() if isinstance(keys, list)}
