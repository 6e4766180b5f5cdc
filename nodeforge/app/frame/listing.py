"""What the rail at the left offers: search, a category of nodes each, models and templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from PySide6.QtWidgets import QWidget

from nodeforge.app.entries import Entry, entries
from nodeforge.app.frame.rail import Item
from nodeforge.app.frame.shell import Shell
from nodeforge.app.models.page import MODELS, NODES, LeftSide
from nodeforge.app.session import Session
from nodeforge.app.words import tr

ICONS = {
    "source": "image",
    "guide": "message-square-quote",
    "generate": "sparkles",
    "picture": "scaling",
    "finish": "save",
    "text": "type",
    "image": "image",
    "mask": "drama",
    "latent": "square-dashed",
    "control": "spline",
    "number": "hash",
    "numbers": "hash",
    "output": "save",
    "my groups": "group",
}


def list_items(
    offered: Iterable[Entry],
    search: Callable[[], object],
    category: Callable[[str], object],
    models: Callable[[], object],
    templates: Callable[[], object],
) -> list[list[Item]]:
    """The groups of the rail. category: opens the list at it; an unknown one has its first icon."""
    icons: dict[str, str] = {}
    for entry in offered:
        name = entry.spec.category
        icons.setdefault(name, ICONS.get(name.lower(), entry.icon or "box"))
    return [
        [Item("search", "search", tr("Search nodes"), search)],
        [
            Item(name, icon, name.capitalize(), partial(category, name))
            for name, icon in icons.items()
        ],
        [
            Item("models", "hard-drive", tr("Models"), models),
            Item("templates", "layers", tr("Templates"), templates, hover=False),
        ],
    ]


class PopTemplates(Protocol):
    def __call__(self, button: QWidget, beside: bool) -> None: ...


class ListRail:
    """Fills the shell's left rail with what the list offers now."""

    def __init__(
        self, session: Session, shell: Shell, left: LeftSide, pop_templates: PopTemplates
    ) -> None:
        self.session, self.shell, self.left = session, shell, left
        self.pop_templates = pop_templates
        self.fill()

    def fill(self) -> None:
        shell, left = self.shell, self.left
        groups = list_items(
            entries(self.session.shelf.offer()),
            lambda: left.open(NODES),
            partial(self._open, NODES),
            lambda: self._open(MODELS),
            lambda: self.pop_templates(shell.rail.buttons["templates"], True),
        )
        pinned = shell.list.docked
        words = tr("Fold the list") if pinned else tr("Keep the list open")
        image = "chevron-left" if pinned else "chevron-right"
        shell.rail.put(groups, Item("pin", image, words, lambda: shell.pin(not pinned), False))
        if not shell.list.open:
            shell.rail.light("")

    def _open(self, tab: int, category: str = "") -> None:
        self.shell.list.pull(hovering=True)
        self.left.tabs.choose(tab)
        if category:
            self.left.library.go_to(category)
        self.shell.rail.light(category or ("models" if tab == MODELS else "search"))
