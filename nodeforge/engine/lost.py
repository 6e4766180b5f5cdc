"""Models that a graph names and that are not on this machine, told before anything runs."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

from nodeforge.graph.document import Document, Node, NodeId
from nodeforge.graph.spec import File, Specs

MODELS = ("model", "text encoder", "vae", "lora", "embedding", "control", "upscaler")


def lost(document: Document, specs: Specs) -> dict[NodeId, str]:
    """A sentence for each node whose model file is not where its value says.

    Only whole paths are looked at: what is named without one comes with NodeForge or a pack.
    """
    found = ((id, _lost(node, specs)) for id, node in document.nodes.items())
    return {id: sentence for id, sentence in found if sentence}


def _lost(node: Node, specs: Specs) -> str:
    spec = specs.get(node.stage)
    for name, value in node.values.items():
        kind = spec.param[name].kind if spec and name in spec.param else None
        if not isinstance(kind, File) or kind.what not in MODELS or name in node.links:
            continue
        path = str(value).strip()
        if _whole(path) and not Path(path).expanduser().exists():
            title = PureWindowsPath(path).name
            return f"“{title}” is not on this machine, or its disk is away: choose another model."
    return ""


def _whole(path: str) -> bool:
    """Whether this is a whole path, of this system or of another one."""
    return Path(path).expanduser().is_absolute() or PureWindowsPath(path).is_absolute()
