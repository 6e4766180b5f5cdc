"""Files and folders of every kind, told for what they are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil
from safetensors.numpy import save_file

from nodeforge import resources
from nodeforge.app.incoming.kinds import (
    PICTURES,
    Foreign,
    Graph,
    Model,
    Note,
    Picture,
    guess,
    inspect,
    is_graph,
    workflow,
)
from nodeforge.graph import clipboard, file
from nodeforge.models.kinds import CHECKPOINT, EMBEDDING, LORA, UPSCALER

NODES = {"nodes": [{"id": 1, "type": "KSampler"}], "links": [], "version": 0.4}
API = {"3": {"class_type": "KSampler", "inputs": {}}}


@pytest.mark.parametrize("suffix", sorted(PICTURES))
def test_every_kind_of_picture_is_one_whatever_its_case(suffix: str) -> None:
    assert guess(Path(f"photo{suffix}")) is guess(Path(f"PHOTO{suffix.upper()}")) is Picture


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "JPEG2000", "AVIF"])
def test_a_picture_without_a_suffix_is_told_by_its_bytes(tmp_path: Path, form: str) -> None:
    path = tmp_path / "clipboard-1"
    Pil.new("RGB", (16, 16)).save(path, form)
    assert inspect(path) == Picture(path)


def test_a_picture_that_is_not_there_is_still_meant(tmp_path: Path) -> None:
    assert inspect(tmp_path / "gone.png") == Picture(tmp_path / "gone.png")
    gone = inspect(tmp_path / "gone.bin2")
    assert isinstance(gone, Foreign)
    assert "not there" in gone.why


def test_models_are_told_by_their_header(tmp_path: Path) -> None:
    lora = tmp_path / "style.safetensors"
    weights = np.zeros((4, 320), np.float32)
    save_file({"lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight": weights,
               "lora_unet_down_blocks_0_attentions_0_proj_in.lora_up.weight": weights.T.copy()},
              lora)  # fmt: skip
    found = inspect(lora)
    assert isinstance(found, Model)
    assert found.kind.kind == LORA
    up = tmp_path / "4x.safetensors"
    save_file({"conv_first.weight": np.zeros((64, 3, 3, 3), np.float32)}, up)
    found = inspect(up)
    assert isinstance(found, Model)
    assert found.kind.kind == UPSCALER


def test_a_folder_of_diffusers_is_a_model() -> None:
    found = inspect(resources.path("models/forge-tiny"))
    assert isinstance(found, Model)
    assert found.kind.kind == CHECKPOINT


def test_what_no_node_takes_says_what_it_is(tmp_path: Path) -> None:
    other = tmp_path / "ip.safetensors"
    save_file({"ip_adapter.1.to_k_ip.weight": np.zeros((4, 4), np.float32)}, other)
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"not a model at all")
    old = tmp_path / "model.ckpt"
    old.write_bytes(b"x" * 2000)
    small = tmp_path / "word.pt"
    small.write_bytes(b"x" * 2000)
    assert "IP-Adapter" in why(other)
    assert "broken" in why(broken)
    assert ".safetensors" in why(old)
    assert isinstance(found := inspect(small), Model)
    assert found.kind.kind == EMBEDDING


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("clip.mp4", "video"),
        ("logo.svg", "lines"),
        ("work.psd", "paint program"),
        ("photo.CR2", "raw"),
        ("page.pdf", "page"),
        ("all.zip", "archive"),
        ("sky.hdr", "high"),
        ("what.xyz", "pictures, graphs"),
    ],
)
def test_other_files_say_what_to_do_instead(tmp_path: Path, name: str, word: str) -> None:
    (tmp_path / name).write_bytes(b"something")
    assert word in why(tmp_path / name)
    assert name in why(tmp_path / name)


def test_folders_say_what_to_do_instead(tmp_path: Path) -> None:
    assert "holds no model" in why(tmp_path)
    (tmp_path / "a.png").write_bytes(b"")
    assert "drop the pictures in it" in why(tmp_path)
    (tmp_path / "b.safetensors").write_bytes(b"")
    assert "Add a folder with models" in why(tmp_path)


def test_our_files_and_texts_are_told_apart(tmp_path: Path) -> None:
    path = resources.path("graphs/inpaint.nodeforge")
    assert inspect(path) == Graph(path)
    (tmp_path / "cat.txt").write_text("a cat\nSteps: 20, Sampler: Euler, Seed: 1")
    found = inspect(tmp_path / "cat.txt")
    assert isinstance(found, Note)
    assert found.text.startswith("a cat")
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\x00")
    assert "bad.txt" in why(tmp_path / "bad.txt")


def test_graphs_and_workflows_are_known_by_their_text() -> None:
    whole = file.dumps(file.load(resources.path("graphs/inpaint.nodeforge")))
    document = file.load(resources.path("graphs/inpaint.nodeforge"))
    part = clipboard.copy(document, list(document.nodes)[:2])
    assert is_graph(whole)
    assert is_graph(part)
    for other in ("", "{}", "a {format}", json.dumps(NODES), json.dumps(API), '{"format": 2}'):
        assert not is_graph(other)
    assert "ComfyUI" in workflow(json.dumps(NODES, indent=2))
    assert "ComfyUI" in workflow(json.dumps({"prompt": API}))
    for other in (whole, part, "a dragon", "[1, 2]", '{"nodes": 3}'):
        assert not workflow(other)


def why(path: Path) -> str:
    found = inspect(path)
    assert isinstance(found, Foreign), found
    return found.why
