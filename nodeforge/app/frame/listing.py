"""What the rail at the left offers: search, a category of nodes each, models and templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from nodeforge.app.entries import Entry
from nodeforge.app.frame.rail import Item
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
