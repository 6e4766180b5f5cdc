"""Bringing the nodes of an older stage version up to the installed one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from nodeforge.errors import BadFile
from nodeforge.graph.document import Document, Node
from nodeforge.graph.spec import Specs, Value

Upgrade: TypeAlias = Callable[[str, int, Mapping[str, Value]], Mapping[str, Value]]


def upgraded(document: Document, specs: Specs, upgrade: Upgrade) -> Document:
    """With every node of an older version given the values that its stage's upgrades make.

    upgrade: (stage id, the node's version, its values) -> values. Nodes of unknown stages, and
    nodes newer than the installed stage, stay as they are (`problems` names them). Raises BadFile
    with one sentence if an upgrade fails.
    """
    older = [
        _upgraded(node, spec.version, spec.pack, upgrade)
        for node in document.nodes.values()
        if (spec := specs.get(node.stage)) and node.version < spec.version
    ]
    return document.add(*older) if older else document


def _upgraded(node: Node, version: int, pack: str, upgrade: Upgrade) -> Node:
    try:
        values = dict(upgrade(node.stage, node.version, dict(node.values)))
    except Exception as error:  # a pack's code may raise anything
        raise BadFile(
            f"The node {node.title or node.stage} is of version {node.version} and the pack {pack} "
            f"fails to bring it to {version} ({error}): update the pack, or set the node up anew."
        ) from error
    return replace(node, version=version, values=values)
