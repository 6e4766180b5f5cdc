"""What a sink writes into a file beside the picture: the graph, the seed, the prompt."""

from __future__ import annotations

from nodeforge.engine.work import Work
from nodeforge.graph.document import Document, NodeId
from nodeforge.graph.file import dumps
from nodeforge.graph.spec import Dice, StageSpec, Text


def notes(work: Work, asked: Document, id: NodeId, title: str) -> dict[str, str]:
    """The notes for one node's Run; see there.

    The seed and the parameters are those of the nearest node upstream that has a seed; the prompts
    those that feed it, in the order of its inputs. What a wire drives is left out.
    """
    told = {"graph": dumps(asked), "title": title}
    maker = _maker(work, id)
    if maker is None:
        return told
    node, spec = work.node(maker), work.wiring.specs[work.node(maker).stage]
    shown = {
        p.name.replace("_", " ").capitalize(): node.values.get(p.name, p.default)
        for p in spec.params
        if not p.kind.cosmetic and p.name not in node.links
    }
    prompts = _prompts(work, maker, spec)
    seeds = [p.name for p in spec.params if isinstance(p.kind, Dice)]
    if seeds[0] not in node.links:
        told["seed"] = str(node.values.get(seeds[0], spec.param[seeds[0]].default))
    if prompts:
        told["prompt"] = prompts[0]
    lines = [*prompts[:1], *(f"Negative prompt: {text}" for text in prompts[1:2] if text)]
    told["parameters"] = "\n".join([*lines, ", ".join(f"{k}: {v}" for k, v in shown.items())])
    return told


def _maker(work: Work, id: NodeId) -> NodeId | None:
    """The nearest node upstream with a seed."""
    row, seen = [id], {id}
    while row:
        for each in row:
            spec = work.wiring.specs.get(work.node(each).stage)
            if spec and any(isinstance(p.kind, Dice) for p in spec.params):
                return each
        row = [n for each in row for n in sorted(work.needs(each)) if n not in seen]
        seen.update(row)
    return None


def _prompts(work: Work, maker: NodeId, spec: StageSpec) -> list[str]:
    """The text of the node behind each input that has a prompt of its own."""
    found: list[str] = []
    links = work.wiring.links(work.node(maker))
    for link in [link for port in spec.inputs for link in links.get(port.name, ())]:
        node = work.node(link.node)
        feeder = work.wiring.specs.get(node.stage)
        for param in feeder.params if feeder else ():
            if isinstance(param.kind, Text) and param.kind.prompt and param.name not in node.links:
                found.append(str(node.values.get(param.name, param.default)))
    return found
