"""Models that are cut, mislabelled or gone, in the real worker: one sentence, and it lives on."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from nodeforge.engine.messages import Ended, Failed, Finished
from nodeforge.graph.document import Document, Link, Node, NodeId
from tests.diffusion import checkpoints
from tests.engine.test_client import Ears, ears, packs, shared

__all__ = ["ears", "packs", "shared"]
LOAD, SPOIL, PROMPT = NodeId("load"), NodeId("spoil"), NodeId("prompt")


def graph(file: Path | str, delete: bool | None = None) -> Document:
    """Load, and, unless delete is None: its file is cut or deleted, and then it is used."""
    load = Node(LOAD, "source.load_model", values={"file": str(file)})
    if delete is None:
        return Document().add(load)
    wire, bad = (Link(LOAD, "model"),), (Link(SPOIL, "model"),)
    spoil = Node(SPOIL, "toy.spoil", values={"delete": delete}, links={"model": wire})
    return Document().add(load, spoil, Node(PROMPT, "guide.prompt", links={"model": bad}))


def failed(ears: Ears, document: Document, node: NodeId) -> str:
    ears.engine.run(document)
    said = ears.until(Failed, lambda event: event.node == node).message
    while not isinstance(ears.queue.get(timeout=60), Ended):
        pass
    return said


@pytest.fixture
def files(tmp_path: Path) -> dict[str, tuple[Path, str]]:
    """A bad model of each kind, and what is said of it."""
    good = tmp_path / "good.safetensors"
    save_file({"w": torch.zeros(64)}, good)
    cut, text, other = (tmp_path / f"{name}.safetensors" for name in ("cut", "text", "other"))
    cut.write_bytes(good.read_bytes()[:-9])
    text.write_text("<html>not found</html>")
    save_file({"w": torch.zeros(64)}, other)
    trap = tmp_path / "trap.ckpt"
    trap.write_bytes(pickle.dumps(Path))
    (tmp_path / "folder").mkdir()
    return {
        "cut": (cut, "is cut short"),
        "text": (text, "is not a safetensors file"),
        "other": (other, "holds no diffusion model"),
        "trap": (trap, "could run any program"),
        "folder": (tmp_path / "folder", "is not a model, for it has no model_index.json"),
    }


def test_one_sentence_each_and_the_worker_lives(
    ears: Ears, files: dict[str, tuple[Path, str]], tmp_path: Path
) -> None:
    ears.engine.run(graph("forge-tiny"))
    ears.until(Finished)
    worker = ears.engine.pid
    for path, words in files.values():
        said = failed(ears, graph(path), LOAD)
        assert words in said
        assert said.count(": ") == 1
        assert "\n" not in said
    for delete, words in ((False, "is cut short"), (True, "is no longer there")):
        checkpoint = checkpoints.sd1(tmp_path)[1]
        assert words in failed(ears, graph(checkpoint, delete), PROMPT)
    ears.engine.run(graph("forge-tiny"))
    ears.until(Finished)
    assert ears.engine.pid == worker
