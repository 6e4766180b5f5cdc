"""What a graph lacks for the settings of another picture, added: a negative prompt, a LoRA."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nodeforge.app.incoming.placement import file_param
from nodeforge.graph.document import Document, Link, Node, NodeId, Point, new_id
from nodeforge.graph.spec import Param, Specs, StageSpec, Text, Value
from nodeforge.models.entry import Entry

BELOW = 152.0  # px from a node to the one that is added under it
WIDE = 200.0
NEGATIVE = "Negative prompt"


def with_negative(
    document: Document, specs: Specs, sampler: NodeId, beside: NodeId, text: str
) -> Document:
    """With one more prompt, made as the one there is, for what to avoid."""
    like = document.nodes[beside]
    param = words(specs[like.stage])
    output = next(iter(specs[like.stage].outputs), None)
    if param is None or output is None:
        return document
    links = {name: links for name, links in like.links.items() if name == "model"}
    at, values = _below(document, like), {param.name: text}
    new = replace(like, id=new_id(), title=NEGATIVE, values=values, links=links, at=at)
    new = replace(new, starred=(), exposed=())
    return document.add(new).connect(new.id, output.name, sampler, "negative")


def with_lora(
    document: Document, specs: Specs, sampler: NodeId, file: str, weight: float
) -> Document:
    """With a LoRA between the model and all that makes use of it on the way to the sampler."""
    spec = lora_stage(specs)
    model = next(iter(document.nodes[sampler].links.get("model", ())), None)
    if spec is None or model is None or model.node not in document.nodes:
        return document
    giver = document.nodes[model.node]
    values: dict[str, Value] = {"file": file, "strength": weight}
    links = {"model": (model,)}
    at = _below(document, giver)
    new = Node(new_id(), spec.id, spec.version, values, links, at, group=giver.group)
    out = Link(new.id, spec.outputs[0].name)
    for id, node in list(document.nodes.items()):
        if id != giver.id and document.feeds(id, sampler):
            changed = {
                name: tuple(out if each == model and name == "model" else each for each in old)
                for name, old in node.links.items()
            }
            document = document.add(replace(node, links=changed))
    return document.add(new)


def lora_stage(specs: Specs) -> StageSpec | None:
    return next((spec for spec in specs.values() if file_param(spec, "lora")), None)


def words(spec: StageSpec) -> Param | None:
    """The parameter with the words of a prompt."""
    prompts = (p for p in spec.params if isinstance(p.kind, Text) and p.kind.prompt)
    return next(prompts, None)


def known(models: tuple[Entry, ...], name: str, hash: str) -> Entry | None:
    """By its hash, else by the name of its file."""
    if len(hash) >= 8:
        for each in models:
            if each.autov2 and each.autov2[: len(hash)].lower() == hash.lower()[:10]:
                return each
    stem = Path(name.replace("\\", "/")).name.lower().removesuffix(".safetensors")
    named = (e for e in models if stem in (e.name.lower(), Path(e.path).stem.lower()))
    return next(named, None) if stem else None


def _below(document: Document, above: Node) -> Point:
    """The first place under a node that is free."""
    taken = [node.at for node in document.nodes.values() if node.group == above.group]
    x, y = above.at[0], above.at[1] + BELOW
    while any(abs(ox - x) < WIDE and abs(oy - y) < BELOW - 24 for ox, oy in taken):
        y += BELOW / 2
    return x, y
