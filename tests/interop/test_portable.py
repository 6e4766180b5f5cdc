"""A graph that is given away names no folder of this machine, and finds its files again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

from nodeforge.graph.document import Document, Frame, Group, Link, Node, NodeId, Note
from nodeforge.graph.file import dumps
from nodeforge.graph.spec import File, Param, Port, StageSpec, Text
from nodeforge.interop.paths import file_name, without_paths
from nodeforge.interop.portable import among, beside, mark_of, portable, restored
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
    )
    assert portable(document, SPECS) == document


def test_the_home_of_another_with_a_longer_name_is_not_ones_own(home: Path) -> None:
    assert without_paths(f"as in {home}-of-another/x") == "as in x"


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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("see C:\\Users\\Ann Private\\my pics\\x.png, and", "see ~\\my pics\\x.png, and"),
        ("D:/Documents and Settings/ann/x", "~/x"),
        ("(/home/ann/a.png:1.2)", "(~/a.png:1.2)"),
        ("of /Users/ann", "of ~"),
        ("/mnt/c/Users/ann/x", "~/x"),
        ("~ann/x.png", "~/x.png"),
        ("file:///home/ann/x.png", "~/x.png"),
        ("file://laptop/home/ann/x.png", "~/x.png"),
        ("from /media/ann/disk/sd.ckpt", "from sd.ckpt"),
        ("/run/user/1000/gvfs/smb-share:server=nas,user=ann/a.png", "a.png"),
        ("\\\\nas\\ann\\x.png too", "x.png too"),
        ("\\\\?\\C:\\Users\\ann\\x", "~\\x"),
        ("E:\\ann\\models\\x", "x"),
    ],
)
def test_a_path_in_any_text_says_no_user_and_no_place(text: str, told: str) -> None:
    assert without_paths(text) == told
    note = portable(Document().add(Note(NodeId("a"), text)), SPECS).notes[NodeId("a")]
    assert note.text == told


@pytest.mark.parametrize(
    "text",
    [
        "a cat and/or a dog, 1/2 body, 16:9, 24/7/365 // no /x",
        "/imagine a cat, /shrug/ he said",
        "http://a.org/home/bob/x, w/o text",
        "(red:1.2)/(blue:0.5), \\(photo\\), a\\b, [a|b]/c, C:\\ is full, ~ / ~x",
    ],
)
def test_what_only_looks_like_a_path_stays(text: str) -> None:
    assert without_paths(text) == text


def test_a_file_of_a_folder_above_is_called_by_its_name() -> None:
    document = Document().add(Node(NodeId("a"), "load", values={"file": "../ann/me.png"}))
    assert portable(document, SPECS).nodes[NodeId("a")].values == {"file": "me.png"}
