"""A graph that is given away names no folder of this machine, and finds its files again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

from nodeforge.graph.document import Document, Frame, Group, Link, Node, NodeId, Note
from nodeforge.graph.file import dumps
from nodeforge.graph.spec import File, Param, Port, StageSpec, Text
from nodeforge.interop.portable import among, beside, file_name, mark_of, portable, restored
from nodeforge.models.entry import Entry

PICTURE = Param("file", File(what="image"), "")
MODEL = Param("file", File(what="model"), "forge-tiny")
FOLDER = Param("folder", File(what="folder", reads=False), "~/Pictures/NodeForge")
SPECS = {
    spec.id: spec
    for spec in (
        StageSpec("load", "Load", "source", "", params=(PICTURE,)),
        StageSpec("model", "Model", "source", "", params=(MODEL,)),
        StageSpec("save", "Save", "finish", "", params=(FOLDER,)),
        StageSpec(
            *("text", "Text", "source", ""),
            params=(Param("text", Text(), ""),),
            outputs=(Port("text", "Text"),),
        ),
    )
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home" / "ann-private"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    return home


def picture(path: Path, grey: int) -> Path:
    Pil.fromarray(np.full((9, 9), grey, np.uint8)).save(path)
    return path


def test_no_path_of_any_kind_is_left(home: Path) -> None:
    photo = picture(home / "me.png", 1)
    document = Document().add(
        Node(NodeId("a"), "load", values={"file": str(photo)}),
        Node(NodeId("b"), "model", values={"file": "C:\\Users\\Ann-Private\\sd.safetensors"}),
        Node(NodeId("c"), "model", values={"file": "~/ann-private/flux"}),
        Node(NodeId("d"), "save", values={"folder": str(home / "out")}),
        Node(NodeId("e"), "text", values={"text": str(photo)}, title=f"of {photo}"),
        Node(
            NodeId("f"),
            "load",
            links={"file": (Link(NodeId("e"), "text"),)},
            files={str(photo): ""},
        ),
        Node(NodeId("g"), "pack.unknown", values={"x": str(photo), "into": str(home)}),
        Node(NodeId("h"), "text", values={"text": f"as in {photo}, but red"}),
        Note(NodeId("i"), f"see {home}/notes.txt"),
        Frame(NodeId("j"), title=str(home)),
        Group(NodeId("k"), title=f"{home} x"),
    )
    clean = portable(document, SPECS)
    assert "ann-private" not in dumps(clean).lower()
    values = {str(id): dict(node.values) for id, node in clean.nodes.items()}
    assert values["a"] == values["f"] | {"file": "me.png"}
    assert clean.nodes[NodeId("a")].files == {"me.png": f"file {mark_of(photo)}"}
    assert values["b"] == {"file": "sd.safetensors"}
    assert values["c"] == {"file": "flux"}
    assert values["d"] == {}
    assert values["e"] == {"text": "me.png"}
    assert values["g"] == {"x": "me.png"}
    assert values["h"] == {"text": "as in ~/me.png, but red"}


def test_what_is_no_path_stays_to_the_letter(home: Path) -> None:
    document = Document().add(
        Node(NodeId("a"), "text", values={"text": "/imagine a cat, 1/2 https://x.y/z.png\n~ 5"}),
        Node(NodeId("b"), "save", values={"folder": "renders/{x}"}),
        Node(NodeId("c"), "model", values={"file": "forge-tiny"}),
        Node(NodeId("d"), "load", values={"file": "graphs/sketch.png"}),
        Node(NodeId("e"), "text", values={"text": f"{home}-of-another/x"}),
    )
    assert portable(document, SPECS) == document


def test_a_file_is_found_by_its_content_and_else_by_its_name(home: Path) -> None:
    photo = picture(home / "me.png", 1)
    document = portable(
        Document().add(Node(NodeId("a"), "load", values={"file": str(photo)})), SPECS
    )
    other, right = home / "one", home / "two"
    other.mkdir()
    right.mkdir()
    picture(other / "me.png", 2)

    def found() -> str:
        after = restored(document, SPECS, beside([other, right]))
        return str(after.nodes[NodeId("a")].values["file"])

    assert found() == str(other / "me.png")  # of the name, at least
    picture(right / "me.png", 1)
    assert found() == str(right / "me.png")
    assert restored(document, SPECS, beside([home / "x"])) == document


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/a/b/sd.safetensors", "sd.safetensors"),
        ("D:\\models\\sd.gguf", "sd.gguf"),
        ("/m/flux/model_index.json", "flux"),
        ("/c/hub/models--ann--x--y/snapshots/0ab/", "ann/x/y"),
        ("forge-tiny", "forge-tiny"),
        ("", ""),
    ],
)
def test_a_model_is_called_by_its_name(path: str, name: str) -> None:
    assert file_name(path) == name


def test_a_model_is_found_among_those_that_are_here(home: Path) -> None:
    model = home / "sd.safetensors"
    model.write_bytes(b"weights")
    boxed = Node(NodeId("b"), "model", values={"file": "forge-tiny"})
    shared = Node(NodeId("a"), "model", values={"file": str(model)})
    document = portable(Document().add(shared, boxed), SPECS)
    elsewhere = home / "models" / "other-name.safetensors"
    elsewhere.parent.mkdir()
    model.rename(elsewhere)
    entries = [
        Entry("/x/sd.safetensors", "/x", "", ""),
        Entry(str(elsewhere), str(elsewhere.parent), "", "", mark=mark_of(elsewhere)),
        Entry("/box/forge-tiny", "/box", "NodeForge", ""),
    ]
    after = restored(document, SPECS, among(lambda: entries, ()))
    assert after.nodes[NodeId("a")].values == {"file": str(elsewhere)}
    assert after.nodes[NodeId("b")] == boxed
    after = restored(document, SPECS, among(lambda: entries[:1], ()))
    assert after.nodes[NodeId("a")].values == {"file": "/x/sd.safetensors"}
