"""A model that is not here is told before anything runs; what is named without a path is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodeforge.engine.lost import lost
from nodeforge.graph.document import Document, Link, Node, NodeId
from nodeforge.graph.spec import File, Param, StageSpec

A = NodeId("a")
SPECS = {
    "load": StageSpec(
        "load",
        "Load",
        "source",
        "",
        params=(Param("file", File(what="model"), "tiny"), Param("other", File(what="image"), "")),
    )
}


def said(**values: str) -> dict[NodeId, str]:
    return lost(Document({A: Node(A, "load", values=values)}), SPECS)


@pytest.mark.parametrize("path", ["/gone/dream.safetensors", "D:\\AI\\dream.safetensors"])
def test_a_whole_path_that_is_not_there(path: str) -> None:
    assert said(file=path)[A].startswith("“dream.safetensors” is not on this machine")


def test_what_is_there_or_named_otherwise(tmp_path: Path) -> None:
    assert said(file=str(tmp_path)) == {}
    assert said(file="tiny") == {}
    assert said(other="/gone/picture.png") == {}
    assert said(unknown="/gone/x") == {}
    wired = Node(A, "load", values={"file": "/gone/x"}, links={"file": (Link(A, "x"),)})
    assert lost(Document({A: wired}), SPECS) == {}
    assert lost(Document({A: Node(A, "nothing", values={"file": "/gone/x"})}), SPECS) == {}
