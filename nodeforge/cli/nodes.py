"""Nodes and their values as words on the command line: `sample.steps=30`, `face/sample.seed=7`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nodeforge.cli.words import nearest
from nodeforge.errors import BadValue
from nodeforge.graph import expression
from nodeforge.graph.document import Document, Group, Node, NodeId
from nodeforge.graph.spec import Choice, Dice, Kind, Number, Param, Specs, Toggle, Value

ON = {"on", "true", "yes", "1"}
OFF = {"off", "false", "no", "0"}


def title(node: Node, specs: Specs) -> str:
    """The name a node goes by: its own, or its stage's."""
    return node.title or (specs[node.stage].title if node.stage in specs else node.stage)


def place(document: Document, node: Node, specs: Specs) -> str:
    """The node's name after those of the groups it lies in: Maker/Sample."""
    around = [document.groups[id].title or "Group" for id in document.path(node.id)]
    return "/".join([*reversed(around), title(node, specs)])


def with_seed(document: Document, seed: int, specs: Specs) -> Document:
    """Every seed in the graph set to this one; BadValue if it is out of range or there is none."""
    found = False
    for id, node in document.nodes.items():
        for param in specs[node.stage].params if node.stage in specs else ():
            if isinstance(param.kind, Dice):
                param.kind.check(seed)
                document, found = document.set(id, **{param.name: seed}), True
    if not found:
        raise BadValue("No node of this graph takes a seed; leave --seed out.")
    return document


def with_value(document: Document, assignment: str, specs: Specs) -> Document:
    """The document with `NODE.PARAM=VALUE`, or `PARAM=VALUE` where one node has such a parameter.

    NODE is a node's id, its title, or its stage's name, after the groups it lies in if that tells
    it from others (GROUP/NODE); or a group that shows the parameter. Raises BadValue with what
    there is.
    """
    where, equals, text = assignment.partition("=")
    if not equals:
        raise BadValue(f"--set {assignment!r} needs the form NODE.PARAM=VALUE.")
    name, _, param_name = where.strip().rpartition(".")
    for face in _groups_called(document, name):
        if spot := face.params.get(param_name):
            name, param_name = spot.node, spot.name
    node = find(document, name, specs) if name else _only_node_with(document, param_name, specs)
    param = _param(node, param_name, specs)
    if links := node.links.get(param_name):
        origin = title(document.nodes[links[0].node], specs)
        raise BadValue(
            f"A wire from {origin} brings {title(node, specs)}.{param_name}: set {origin} instead."
        )
    try:
        value = parse(text, param.kind)
        param.kind.check(value)
    except BadValue as error:
        raise BadValue(f"{title(node, specs)}.{param_name}: {error}") from None
    return document.set(node.id, **{param_name: value})


def find(document: Document, name: str, specs: Specs) -> Node:
    """The node of this id, else this title, else this stage; BadValue if none or several.

    GROUP/NODE looks among the nodes of a group only.
    """
    if node := document.nodes.get(NodeId(name)):
        return node
    around, slash, last = name.rpartition("/")
    for name_of in _namings(specs):
        found = [node for node in document.nodes.values() if _plain(name) == _plain(name_of(node))]
        if slash and not found:
            inside = document.within(face.id for face in _groups_called(document, around))
            found = [
                node
                for node in document.nodes.values()
                if node.id in inside and _plain(last) in (_plain(name_of(node)), _plain(node.id))
            ]
        if len(found) == 1:
            return found[0]
        if found:
            listed = _listed(document, found, specs)
            raise BadValue(f"{name!r} could be {listed}; say which by its id.")
    names = [place(document, node, specs) for node in document.nodes.values()]
    there = _listed(document, list(document.nodes.values()), specs)
    raise BadValue(f"No node is called {name!r}.{nearest(name, names)} There is {there}.")


def parse(text: str, kind: Kind) -> Value:
    """A value of this kind from words; BadValue if it cannot be one."""
    match kind:
        case Toggle():
            word = text.strip().casefold()
            if word not in ON | OFF:
                raise BadValue(f"{text!r} is neither on nor off")
            return word in ON
        case Number():
            return _number(text, kind)
        case Choice():
            same = [option for option in kind.options if option.casefold() == text.casefold()]
            if not same:
                options = ", ".join(kind.options)
                raise BadValue(f"{text!r} is not one of {options}.{nearest(text, kind.options)}")
            return text if text in kind.options else same[0]
    return text


def _number(text: str, kind: Number) -> Value:
    """As a program writes it, where a point parts decimals and nothing else; else as people do."""
    try:
        return int(text) if kind.whole else float(text)
    except ValueError:
        pass
    try:
        return expression.read(kind, text)
    except expression.NotANumber:
        raise BadValue(f"{text!r} is not a {'whole ' * kind.whole}number") from None


def _namings(specs: Specs) -> Iterator[Callable[[Node], str]]:
    yield lambda node: title(node, specs)
    yield lambda node: node.stage
    yield lambda node: node.stage.rpartition(".")[2]


def _plain(name: str) -> str:
    return name.strip().casefold().replace(" ", "_").replace("-", "_")


def _groups_called(document: Document, name: str) -> list[Group]:
    """The groups of this id or title, after the titles of those around it or without."""
    found: list[Group] = []
    for id, group in document.groups.items():
        titles = [document.groups[each].title or "Group" for each in (id, *document.path(id))]
        ways = ["/".join(titles[:depth][::-1]) for depth in range(1, len(titles) + 1)]
        if name == id or _plain(name) in map(_plain, ways):
            found.append(group)
    return found


def _listed(document: Document, nodes: list[Node], specs: Specs) -> str:
    shown = [f"{place(document, node, specs)} ({node.id})" for node in nodes[:12]]
    return ", ".join(shown + ["…"] * (len(nodes) > 12)) or "no node in this graph"


def _only_node_with(document: Document, name: str, specs: Specs) -> Node:
    found = [
        n for n in document.nodes.values() if n.stage in specs and name in specs[n.stage].param
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadValue(
            f"Several nodes have {name!r}: {_listed(document, found, specs)}; "
            f"write NODE.{name}=VALUE."
        )
    raise BadValue(f"No node of this graph has a parameter {name!r}.")


def _param(node: Node, name: str, specs: Specs) -> Param:
    if node.stage not in specs:
        raise BadValue(f"{node.stage} is not installed, so its values cannot be set.")
    params = specs[node.stage].param
    if name not in params:
        there = ", ".join(params) or "none"
        raise BadValue(
            f"{title(node, specs)} has no parameter {name!r}.{nearest(name, params)} "
            f"It has: {there}."
        )
    return params[name]
