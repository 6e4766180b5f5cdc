"""Where the pictures of a run go: what is saved, and what would be lost without a window."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nodeforge.graph.document import Document, Link, Node, NodeId, new_id, wires
from nodeforge.graph.groups import quieted
from nodeforge.graph.spec import Choice, File, Specs, StageSpec

SAVE = "finish.save_image"
FOLDER = Path("renders")


def saving(document: Document, specs: Specs, out: Path | None) -> tuple[Document, set[NodeId]]:
    """The document with its pictures saved, and the nodes that save them.

    With Save image nodes, those; their folder is `out`, if given. Without, every node that makes
    an image nobody takes gets one, which writes to `out`, or to ./renders.
    """
    saves = {
        id: folder
        for id, node in quieted(document).nodes.items()
        if not node.muted and node.stage in specs and (folder := _folder(specs[node.stage]))
    }
    if saves:
        for id, folder in saves.items() if out else ():
            document = document.set(id, **{folder: str(out)})
        return document, set(saves)
    new = {new_id(): link for link in _loose_images(document, specs)} if SAVE in specs else {}
    for id, link in new.items():
        values = {_folder(specs[SAVE]): str(out or FOLDER)}
        document = document.add(Node(id, SAVE, values=values, links={"image": (link,)}))
    return document, set(new)


def telling(
    document: Document, saves: Iterable[NodeId], specs: Specs, keep: str | None
) -> Document:
    """With this choice, if one is made, of what the pictures tell: the first letters of one of a
    sink's own."""
    for id in saves if keep else ():
        param = specs[document.nodes[id].stage].param.get("metadata")
        options = param.kind.options if param and isinstance(param.kind, Choice) else ()
        for option in options:
            if keep and option.startswith(keep):
                document = document.set(id, metadata=option)
    return document


def _folder(spec: StageSpec) -> str:
    """The parameter that says where a sink writes, or nothing."""
    folders = [p.name for p in spec.params if isinstance(p.kind, File) and p.kind.what == "folder"]
    return folders[0] if spec.effect and folders else ""


def _loose_images(document: Document, specs: Specs) -> list[Link]:
    """The first image of every node whose outputs go nowhere, or only to what is not installed."""
    known = [node for node in document.nodes.values() if node.stage in specs]
    taken = {link.node for node in known for link in wires(node)}
    loose: list[Link] = []
    for id, node in document.nodes.items():
        outputs = specs[node.stage].outputs if node.stage in specs else ()
        images = [port.name for port in outputs if port.type == "Image"]
        if id not in taken and images:
            loose.append(Link(id, images[0]))
    return loose
