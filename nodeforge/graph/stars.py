"""The starred parameters of a graph: its controls."""

from __future__ import annotations

from nodeforge.graph.document import Document, NodeId, Spot
from nodeforge.graph.groups import param_at
from nodeforge.graph.spec import Dice, Number, Param, Specs, Text


def controls(document: Document, specs: Specs) -> list[tuple[Spot, Param]]:
    """What is starred and there: prompts first, each in the order of the document."""
    found: list[tuple[Spot, Param]] = []
    for id, node in document.nodes.items():
        for name in node.starred:
            spot = Spot(id, name)
            if param := param_at(document, specs, spot):
                found.append((spot, param))
    return sorted(found, key=lambda each: not _is_words(each[1]))


def real_spot(document: Document, id: NodeId, name: str) -> Spot:
    """The parameter itself, where a group only shows it."""
    group = document.groups.get(id)
    return group.params.get(name, Spot(id, name)) if group else Spot(id, name)


def star_usual(document: Document, specs: Specs) -> Document:
    """With what is turned most starred: prompts, and of what rolls a seed its numbers."""
    for id, node in document.nodes.items():
        spec = specs.get(node.stage)
        rolls = spec is not None and any(isinstance(param.kind, Dice) for param in spec.params)
        for param in spec.params if spec else ():
            if param.name not in node.starred and _is_usual(param, rolls):
                document = document.star(id, param.name)
    return document


def _is_words(param: Param) -> bool:
    return isinstance(param.kind, Text) and param.kind.prompt


def _is_usual(param: Param, rolls: bool) -> bool:
    match param.kind:
        case Text(prompt=True):
            return True
        case Number():
            return rolls
        case _:
            return False
