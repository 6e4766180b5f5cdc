"""What is wrong with a document, each in one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from nodeforge.errors import BadValue
from nodeforge.graph.document import Document, Link, Node, NodeId, is_dot, wires
from nodeforge.graph.edits import sources
from nodeforge.graph.groups import quieted
from nodeforge.graph.spec import ANY, File, Port, Specs, StageSpec, fits, input_port


@dataclass(frozen=True)
class Problem:
    """kind: missing_input, bad_link, bad_type, cycle, bad_value, missing_file, unknown_stage,
    newer_stage or unused_value (a value the stage has no parameter for; it does no harm).

    port, param: the input or the parameter it is about, if any.
    """

    node: NodeId
    kind: str
    message: str
    port: str = ""
    param: str = ""


def problems(document: Document, specs: Specs) -> dict[NodeId, list[Problem]]:
    """The problems of each node that has any, in the order of the document.

    Linear, without recursion. A node of an unknown or newer stage has that one problem only. A
    muted node needs no input and its values do not matter, nor do those in a muted group.
    """
    document = quieted(document)
    checker = _Checker(document, specs)
    found = {id: list(checker.node(node)) for id, node in document.nodes.items()}
    return {id: some for id, some in found.items() if some}


def check_link(
    document: Document, specs: Specs, source: NodeId, output: str, target: NodeId, input: str
) -> str:
    """Empty if the wire may be made, else a sentence that says why not.

    Nodes of unknown stages take and give what they did in the file, so nothing is refused there.
    """
    if source not in document.nodes or target not in document.nodes:
        return "A wire needs a node at both ends."
    giver, taker = (specs.get(document.nodes[id].stage) for id in (source, target))
    if giver and output not in giver.output:
        return f"{giver.title} has no output called {output}; choose another."
    port = input_port(taker, input) if taker else None
    if taker and not port:
        return f"{taker.title} has no input called {input}; choose another."
    if giver and port and not fits(giver.output[output].type, port.type):
        return _mismatch(specs, giver.output[output].type, port)
    if document.feeds(target, source):
        return "A node cannot feed itself, not even by a detour."
    return ""


def circles(document: Document) -> set[NodeId]:
    """The nodes that feed themselves by some detour, and those between two such circles."""
    takers: dict[NodeId, list[NodeId]] = {id: [] for id in document.nodes}
    givers: dict[NodeId, list[NodeId]] = {id: [] for id in document.nodes}
    for id, node in document.nodes.items():
        for link in wires(node):
            if link.node in takers:
                takers[link.node].append(id)
                givers[id].append(link.node)
    left = _stripped(set(document.nodes), givers, takers)
    return _stripped(left, takers, givers)


def _stripped(
    left: set[NodeId], ahead: dict[NodeId, list[NodeId]], behind: dict[NodeId, list[NodeId]]
) -> set[NodeId]:
    """Without the nodes that have none left ahead of them, over and over."""
    waits = {id: sum(other in left for other in ahead[id]) for id in left}
    free = [id for id, count in waits.items() if not count]
    while free:
        for other in behind[free.pop()]:
            if other in waits:
                waits[other] -= 1
                if not waits[other]:
                    free.append(other)
    return {id for id, count in waits.items() if count}


class _Checker:
    """The sentences about one document; what all its nodes need is worked out once."""

    def __init__(self, document: Document, specs: Specs) -> None:
        self.document, self.specs = document, specs
        self.circles = circles(document)
        self.ends = sources(document, specs)
        self.maker = lru_cache(None)(lambda type: maker(specs, type))

    def node(self, node: Node) -> Iterator[Problem]:
        spec = self.specs.get(node.stage)
        if spec is None:
            yield Problem(
                node.id,
                "unknown_stage",
                f"{node.stage} is not installed: "
                "install the pack it came from, or delete the node.",
            )
        elif node.version > spec.version:
            yield Problem(
                node.id,
                "newer_stage",
                f"Made with a newer {spec.title} (version {node.version}, here {spec.version}): "
                f"update the pack {spec.pack}.",
            )
        else:
            if node.id in self.circles:
                message = "The graph runs in a circle here: take one wire of it away."
                yield Problem(node.id, "cycle", message)
            yield from self.links(node, spec)
            if not node.muted:
                yield from self.needs(node, spec)
                yield from self.values(node, spec)
                yield from self.files(node, spec)

    def links(self, node: Node, spec: StageSpec) -> Iterator[Problem]:
        for name, links in node.links.items():
            port = input_port(spec, name)
            if not port:
                message = f"{spec.title} has no input called {name}: take its wire away."
                yield Problem(node.id, "bad_link", message, port=name)
                continue
            if len(links) > 1 and not port.many:
                message = f"Takes one wire on {_words(name)}: take the others away."
                yield Problem(node.id, "bad_link", message, port=name)
            for link in links:
                yield from self.link(node, port, link)

    def link(self, node: Node, port: Port, link: Link) -> Iterator[Problem]:
        source = self.document.nodes.get(link.node)
        if not source:
            message = f"The node that fed {_words(port.name)} is gone: connect another."
            yield Problem(node.id, "bad_link", message, port=port.name)
        elif spec := self.specs.get(source.stage):
            output = spec.output.get(link.output)
            if not output:
                message = (
                    f"{spec.title} no longer has the output {link.output}: "
                    f"connect {_words(port.name)} anew."
                )
                yield Problem(node.id, "bad_link", message, port=port.name)
            elif not fits(output.type, port.type):
                message = _mismatch(self.specs, output.type, port)
                yield Problem(node.id, "bad_type", message, port=port.name)

    def needs(self, node: Node, spec: StageSpec) -> Iterator[Problem]:
        for port in spec.inputs:
            links = node.links.get(port.name, ())
            if port.optional or any(self.ends.get(link, link) for link in links):
                continue
            if links:
                giver = self.document.nodes[links[0].node]
                what = f"{_title(giver, self.specs)} is muted and has nothing to pass on: "
                what += "unmute it or connect another."
                if is_dot(giver):
                    what = "nothing comes through its wire: connect something to the dot."
                message = f"Needs {_thing(port)}, but {what}"
            elif made := self.maker(port.type):
                article = "an" if made.title[0] in "AEIOU" else "a"
                message = f"Needs {_thing(port)}: connect {article} {made.title} node to it."
            else:
                message = f"Needs {_thing(port)}: connect a node that makes it."
            yield Problem(node.id, "missing_input", message, port=port.name)

    def values(self, node: Node, spec: StageSpec) -> Iterator[Problem]:
        for name, value in node.values.items():
            param = spec.param.get(name)
            if not param:
                message = f"{spec.title} has no setting called {name}: it can be taken away."
                yield Problem(node.id, "unused_value", message, param=name)
            elif name not in node.links:
                try:
                    param.kind.check(value)
                except BadValue as error:
                    message = f"Change {_words(name)}: {str(error).rstrip('.')}."
                    yield Problem(node.id, "bad_value", message, param=name)

    def files(self, node: Node, spec: StageSpec) -> Iterator[Problem]:
        """The files that the stage cannot do without and that nobody chose."""
        for param in spec.params:
            kind = param.kind
            if not isinstance(kind, File) or not kind.needed or param.name in node.links:
                continue
            if not str(node.values.get(param.name, param.default)).strip():
                message = f"No {called(kind)} is chosen: choose one."
                yield Problem(node.id, "missing_file", message, param=param.name)


def called(kind: File) -> str:
    """What an artist calls a file of this kind."""
    names = {"image": "picture", "vae": "VAE", "lora": "LoRA"}
    return names.get(kind.what, kind.what)


def nothing_to_run(document: Document) -> str:
    """Why a run of the whole document has nothing to make, whatever the stages are; "" if it has.

    What the nodes themselves lack is told at each of them, by `problems`.
    """
    if not document.nodes:
        return "The graph is empty: add a node, or open a template."
    working = [node for node in document.nodes.values() if not is_dot(node)]
    if not working:
        return "There are only dots in wires: add a node."
    if all(quieted(document).nodes[node.id].muted for node in working):
        return "Everything is muted: unmute a node."
    return ""


def maker(specs: Specs, type: str) -> StageSpec | None:
    """The stage that makes this type most simply: from the fewest needed inputs."""
    makers = [
        (sum(not port.optional for port in spec.inputs), spec)
        for spec in specs.values()
        if type != ANY
        and any(out.type == type for out in spec.outputs)
        and not any(port.type == type for port in spec.inputs)
    ]
    return min(makers, key=lambda each: each[0])[1] if makers else None


def between(specs: Specs, given: str, wanted: str) -> StageSpec | None:
    """The stage that would turn one type into another."""
    return next(
        (
            spec
            for spec in specs.values()
            if any(each.type == given for each in spec.inputs)
            and any(each.type == wanted for each in spec.outputs)
        ),
        None,
    )


def _mismatch(specs: Specs, given: str, port: Port) -> str:
    """The wrong type, and the stage that would turn it into the right one, if there is one."""
    stage = between(specs, given, port.type)
    advice = f"put {stage.title} between them" if stage else "connect another"
    return f"Takes {_typed(port.type)} on {_words(port.name)}, not {_typed(given)}: {advice}."


def _title(node: Node, specs: Specs) -> str:
    spec = specs.get(node.stage)
    return node.title or (spec.title if spec else node.stage)


def _thing(port: Port) -> str:
    typed = "something" if port.type == ANY else _typed(port.type)
    return typed if port.name == port.type.lower() else f"{typed} on {_words(port.name)}"


def _typed(type: str) -> str:
    """A wire type in a sentence: "an image", "a model", "conditioning"."""
    word = type.lower()
    if word in ("conditioning", "text"):
        return word
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


def _words(name: str) -> str:
    return name.replace("_", " ")
