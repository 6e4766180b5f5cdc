"""What a place on the canvas does with what comes in: values in, a document out, no window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from nodeforge.app.words import tr
from nodeforge.graph.document import Document, Link, Node, NodeId, Point
from nodeforge.graph.edits import fits_wire, insert_on_wire
from nodeforge.graph.spec import File, Param, Port, Specs, StageSpec, Value, fits, input_port

Act: TypeAlias = Literal["add", "change", "connect", "insert"]


@dataclass(frozen=True)
class Target:
    """A place. at: in the scene; None for anywhere free. node: what lies there; input: the port of
    it that is meant; link: the wire into that port."""

    at: Point | None = None
    node: NodeId | None = None
    input: str = ""
    link: Link | None = None


@dataclass(frozen=True)
class Source:
    """A node that brings something in. param: which of its parameters holds the file; what: the
    kind of file that is."""

    stage: str
    param: str
    what: str
    values: Mapping[str, Value] = field(default_factory=dict[str, Value])


@dataclass(frozen=True)
class Landing:
    """What will happen. words: in a few words, as a command. why: why not what one would expect.
    stage: of the new node, if any."""

    act: Act
    words: str
    node: NodeId | None = None
    input: str = ""
    link: Link | None = None
    why: str = ""
    stage: str = ""


def title_of(node: Node, specs: Specs) -> str:
    spec = specs.get(node.stage)
    return node.title or (spec.title if spec else node.stage)


def file_param(spec: StageSpec | None, what: str) -> Param | None:
    """The parameter of a stage that takes files of this kind."""
    for param in spec.params if spec else ():
        if isinstance(param.kind, File) and param.kind.what == what:
            return param
    return None


def landing(document: Document, specs: Specs, target: Target, source: Source) -> Landing:
    """What is done with a source at a place; it never does nothing."""
    spec = specs.get(source.stage)
    title = spec.title if spec else source.stage
    add = Landing("add", tr("Add {}").format(title), stage=source.stage)
    node = document.nodes.get(target.node) if target.node else None
    if node is None or spec is None:
        return add
    if target.link is not None:
        return _on_wire(document, specs, target, source) or add
    if target.input:
        port = input_port(specs[node.stage], target.input) if node.stage in specs else None
        if port and _output(spec, port):
            return _connected(document, specs, node, port)
        if not file_param(specs.get(node.stage), source.what):
            words = tr("{} of {} takes no {}, so {} stands beside it.")
            name = _label(target.input)
            kind = _made(spec)
            return replace(
                add, node=node.id, why=words.format(name, title_of(node, specs), kind, title)
            )
    return _on_node(document, specs, node, source) or add


def place(document: Document, specs: Specs, chosen: Landing, new: Node) -> Document:
    """Do it. new: the source's node, which is left out where a node only changes its file."""
    target = document.nodes.get(chosen.node) if chosen.node else None
    if target is None or chosen.act == "add":
        return document.add(new)
    if chosen.act == "change":
        return document.set(target.id, **new.values)
    port = input_port(specs[target.stage], chosen.input)
    output = _output(specs[new.stage], port) if port else ""
    if chosen.act == "insert" and chosen.link is not None:
        return insert_on_wire(
            document.add(new), specs, new.id, target.id, chosen.input, chosen.link
        )
    if port is None or not output:
        return document.add(new)
    if chosen.link is None:
        return document.add(new).connect(new.id, output, target.id, port.name, port.many)
    there = target.links.get(port.name, ())
    swapped = tuple(Link(new.id, output) if each == chosen.link else each for each in there)
    return document.add(new, replace(target, links={**target.links, port.name: swapped}))


def _on_wire(document: Document, specs: Specs, target: Target, source: Source) -> Landing | None:
    """Into the wire if it goes through; else on its end, in place of what fed it."""
    assert target.node is not None
    assert target.link is not None
    spec, node = specs[source.stage], document.nodes[target.node]
    trial = Node(NodeId("trial"), source.stage)
    with_trial = document.add(trial)
    if fits_wire(with_trial, specs, trial.id, node.id, target.input, target.link):
        words = tr("Insert {}").format(spec.title)
        return Landing("insert", words, node.id, target.input, target.link)
    port = input_port(specs[node.stage], target.input) if node.stage in specs else None
    if port is None or not _output(spec, port):
        return None
    return _connected(document, specs, node, port, target.link)


def _on_node(document: Document, specs: Specs, node: Node, source: Source) -> Landing | None:
    spec, new = specs.get(node.stage), specs[source.stage]
    title = title_of(node, specs)
    if param := file_param(spec, source.what):
        if not node.links.get(param.name):
            words = tr("Change the {} of {}").format(_label(param.name), title)
            return Landing("change", words, node.id)
        why = tr("The {} of {} comes by a wire, so {} stands beside it.")
        why = why.format(_label(param.name), title, new.title)
        return Landing("add", tr("Add {}").format(new.title), node.id, why=why)
    if spec is None:
        return None
    fitting = [port for port in spec.inputs if _output(new, port)]
    free = [port for port in fitting if port.many or port.name not in node.links]
    if free:
        exact = {each.type for each in new.outputs}
        best = min(free, key=lambda port: (port.type not in exact, port.optional))
        return _connected(document, specs, node, best)
    if fitting:
        why = tr("{} of {} has a wire already: drop it on that port to take its place.")
        why = why.format(_label(fitting[0].name).capitalize(), title)
    else:
        why = tr("{} takes no {}, so {} stands beside it.").format(title, _made(new), new.title)
    return Landing("add", tr("Add {}").format(new.title), node.id, why=why)


def _connected(
    document: Document, specs: Specs, node: Node, port: Port, link: Link | None = None
) -> Landing:
    """To a port; without a link, in place of the wire there, unless the port takes several."""
    there = node.links.get(port.name, ())
    old = link or (there[0] if there and not port.many else None)
    giver = document.nodes.get(old.node) if old else None
    words = tr("Connect to {}").format(_label(port.name))
    if giver is not None:
        words = tr("Connect to {} instead of {}")
        words = words.format(_label(port.name), title_of(giver, specs))
    return Landing("connect", words, node.id, port.name, link)


def _output(spec: StageSpec, port: Port) -> str:
    """The output that a port takes, the very type before "Any"; "" if it takes none."""
    given = [each for each in spec.outputs if fits(each.type, port.type)]
    return min(given, key=lambda each: each.type != port.type).name if given else ""


def _made(spec: StageSpec) -> str:
    return spec.outputs[0].type.lower() if spec.outputs else spec.title.lower()


def _label(name: str) -> str:
    return name.replace("_", " ")
