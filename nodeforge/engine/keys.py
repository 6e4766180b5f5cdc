"""A result's key is made of its stage, its values and the keys of its inputs.

Nothing is ever invalidated: what changes has another key. Linear and without recursion; a few
microseconds a node.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b

from nodeforge.engine.wiring import Wiring
from nodeforge.graph.document import Document, Link, Node, NodeId
from nodeforge.graph.spec import Kind, Number, Param, Specs, StageSpec, Value


def keys(
    document: Document, specs: Specs, targets: Iterable[NodeId] | None = None
) -> dict[NodeId, str]:
    """The key of each target (default: of all nodes) and of all they need.

    The key of a muted node is that of what its first output passes on. A node of an unknown stage
    has no key, and neither has what is below it. Raises BadLink when the wires run in a circle.
    """
    return composed(Wiring(document, specs, list(document.nodes if targets is None else targets)))


def composed(wiring: Wiring) -> dict[NodeId, str]:
    """The keys of all nodes in this order of making."""
    nodes, specs = wiring.document.nodes, wiring.specs
    recipes: dict[str, _Recipe | None] = {}
    found: dict[NodeId, str] = {}
    for id in wiring.order:
        node = nodes[id]
        if node.muted:
            link = wiring.passed(node)
            if link and link.node in found:
                found[id] = found[link.node]
            continue
        stage = node.stage
        if stage in recipes:
            recipe = recipes[stage]
        else:
            spec = specs.get(stage)
            recipe = recipes[stage] = _Recipe(spec) if spec else None
        if recipe is None:
            continue
        links = wiring.links(node) if wiring.past else node.links
        parts = [recipe.head]
        if node.values or recipe.prints:
            parts += recipe.values(node, links)
        if not links or _feed(parts, links, found):
            data = "".join(parts).encode("utf-8", "surrogatepass")
            found[id] = blake2b(data, digest_size=16).hexdigest()
    return found


def plain(kind: Kind, value: Value) -> Value:
    """The value as the stage takes it: 3 for a float parameter is 3.0, 3.0 for a whole one is 3."""
    if isinstance(kind, Number) and isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return (int(value) if value == int(value) else value) if kind.whole else float(value)
        except (OverflowError, ValueError):  # infinite, not a number, or far too big
            return value
    return value


class _Recipe:
    """What all nodes of a stage have in common."""

    def __init__(self, spec: StageSpec) -> None:
        self.head = f"{spec.id}\0{spec.version}\0"
        self.params: dict[str, tuple[Param, Value]] = {
            p.name: (p, plain(p.kind, p.default)) for p in spec.params if not p.kind.cosmetic
        }
        self.prints = [
            p.name for p in spec.params if type(p.kind).fingerprint is not Kind.fingerprint
        ]

    def values(self, node: Node, links: Mapping[str, object]) -> list[str]:
        """The parts for values that are not the default, and for whatever is read from outside."""
        parts: list[str] = []
        values = node.values
        names = {*values, *self.prints} if len(values) > 1 or self.prints else values
        for name in sorted(names) if len(names) > 1 else names:
            if name not in self.params or name in links:
                continue
            param, default = self.params[name]
            value = plain(param.kind, values.get(name, default))
            if name in self.prints:
                told = repr(_print(param.kind, value))
            elif value == default and type(value) is type(default):
                continue
            elif type(value) is str:
                told = value
            else:
                told = repr(value)
            # With the length in front no text can look like two parts.
            parts.append(f"{name}={type(value).__name__[0]}{len(told)}:{told}")
        return parts


def _print(kind: Kind, value: Value) -> object:
    try:
        return kind.fingerprint(value)
    except (OSError, ValueError):  # a path that no system takes; the stage will say so
        return value


def _feed(
    parts: list[str], links: Mapping[str, tuple[Link, ...]], found: Mapping[NodeId, str]
) -> bool:
    """Add the keys of the inputs; False if one of them has none."""
    for name in sorted(links) if len(links) > 1 else links:
        parts.append(f"\0{name}<")
        for link in links[name]:
            key = found.get(link.node)
            if key is None:
                return False
            parts.append(f"{key}.{link.output},")
    return True
