"""What is not on this machine is told before anything runs; what a pack may know is not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from nodeforge import resources
from nodeforge.diffusion import controls, loras, recipes, upscale
from nodeforge.engine.missing import BOX, all_problems, missing
from nodeforge.graph.document import Document, Link, Node, NodeId
from nodeforge.graph.spec import File, Param, StageSpec, Value
from nodeforge.stages.library import Library

A = NodeId("a")
SPECS = Library.installed().known
PACK = StageSpec(
    "pack.load",
    "Load",
    "pack",
    "",
    params=(Param("file", File(what="model"), ""), Param("picture", File(what="image"), "")),
    pack="pack",
)
STAGES = {
    "model": ("source.load_model", "file"),
    "text encoder": ("source.assemble_model", "text_encoder"),
    "VAE": ("source.assemble_model", "vae"),
    "LoRA": ("guide.lora", "file"),
    "embedding": ("guide.embedding", "file"),
    "control": ("guide.control", "file"),
    "upscaler": ("picture.upscale", "file"),
    "picture": ("source.load_image", "file"),
}


def said(stage: str, **values: Value) -> list[str]:
    document = Document({A: Node(A, stage, values=values)})
    found = missing(document, {**SPECS, PACK.id: PACK})
    return [problem.message for problem in found.get(A, [])]


@pytest.mark.parametrize("what", STAGES)
@pytest.mark.parametrize("path", ["/gone/dream.safetensors", "D:\\AI\\dream.safetensors"])
def test_a_whole_path_that_is_not_there(what: str, path: str) -> None:
    stage, param = STAGES[what]
    assert said(stage, **{param: path}) == [
        f"“dream.safetensors” is not on this machine, or its disk is away: choose another {what}."
    ]


@pytest.mark.parametrize("what", STAGES)
def test_a_name_that_nothing_has(what: str) -> None:
    stage, param = STAGES[what]
    assert said(stage, **{param: "castles-xl"}) == [
        f"There is no {what} “castles-xl”: choose one that is there."
    ]


@pytest.mark.parametrize("what", STAGES)
def test_what_is_there_is_not_told(what: str, tmp_path: Path) -> None:
    stage, param = STAGES[what]
    there = tmp_path / "there.safetensors"
    there.write_text("")
    assert said(stage, **{param: str(there)}) == []


def test_what_comes_with_nodeforge_goes_by_its_name_just_as_the_stages_find_it() -> None:
    finders = {
        "model": recipes.locate,
        "lora": loras.locate,
        "control": controls.locate,
        "upscaler": upscale.locate,
    }
    assert finders.keys() == BOX.keys()
    for kind, find in finders.items():
        stage, param = next(
            (spec.id, each.name)
            for spec in SPECS.values()
            for each in spec.params
            if isinstance(each.kind, File) and each.kind.what == kind
        )
        head, _, tail = BOX[kind].partition("{}")
        names = [
            path.relative_to(resources.path(head)).parts[0].removesuffix(tail)
            for path in resources.path(head).glob(f"*{tail}")
            if kind != "model" or (path / "model_index.json").is_file()
        ]
        assert names
        for name in names:
            assert find(name).exists()
            assert said(stage, **{param: name}) == []


def test_pictures_that_come_with_nodeforge_are_there() -> None:
    assert said("source.load_image", file="graphs/sketch.png") == []


def test_names_of_a_pack_are_the_packs_own() -> None:
    assert said("pack.load", file="tiny", picture="cat") == []
    assert len(said("pack.load", file="/gone/x", picture="/gone/y.png")) == 2


def test_what_does_not_matter_is_not_told() -> None:
    gone = {"file": "/gone/x"}
    wired = Node(A, "source.load_model", values=gone, links={"file": (Link(A, "x"),)})
    assert missing(Document({A: wired}), SPECS) == {}
    assert missing(Document({A: Node(A, "nothing", values=gone)}), SPECS) == {}
    muted = Node(A, "source.load_model", values=gone, muted=True)
    assert missing(Document({A: muted}), SPECS) == {}


@pytest.mark.parametrize("address", ["\\\\server\\share\\x.png", "//server/share/x.png"])
def test_no_server_is_asked(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object) -> bool:
        raise AssertionError

    monkeypatch.setattr(Path, "exists", asked)
    assert said("source.load_image", file=address) == []
    assert said("finish.save_image", folder=address) == []


def test_a_folder_that_can_be_made_is_fine(tmp_path: Path) -> None:
    assert said("finish.save_image", folder=str(tmp_path / "new" / "and deeper")) == []
    assert not (tmp_path / "new").exists(), "looking makes nothing"


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    (message,) = said("finish.save_image", folder=str(tmp_path / "taken" / "in"))
    assert message.endswith("for taken is a file: choose another folder.")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    (message,) = said("finish.save_image", folder=str(tmp_path / "new"))
    assert "cannot be written to" in message


def test_a_folder_that_the_system_lets_nobody_write_is_told() -> None:
    if not Path("/proc/self").exists() or os.access("/proc/self", os.W_OK):
        pytest.skip("no such folder here")
    (message,) = said("finish.save_image", folder="/proc/self/pictures")
    assert "cannot be written to" in message


@pytest.mark.parametrize("path", ["~nosuchuser/x", "x" * 5000, "a\0b"])
def test_a_path_that_no_system_takes_is_a_sentence(path: str) -> None:
    assert len(said("source.load_model", file=path)) == 1


def test_a_template_with_an_unknown_word_is_told() -> None:
    stage = "finish.save_image"
    node = Node(A, stage, values={"name": "{title}-{sed}", "folder": "/tmp"})
    (problem, *_rest) = [
        each for each in all_problems(Document({A: node}), SPECS)[A] if each.kind == "bad_value"
    ]
    assert "{sed} means nothing here" in problem.message
    assert "{seed}" in problem.message


@pytest.mark.parametrize("what", ["picture", "LoRA", "embedding"])
def test_what_nobody_chose_is_told(what: str) -> None:
    stage, _ = STAGES[what]
    told = [each.message for each in all_problems(Document({A: Node(A, stage)}), SPECS)[A]]
    assert f"No {what} is chosen: choose one." in told
