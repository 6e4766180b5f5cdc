"""A model is found, checked and told apart from headers alone; what is wrong is said in words."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from nodeforge.diffusion import recipes, sampling
from nodeforge.errors import BadModel, MissingModel


def test_the_embedded_model_goes_by_its_name() -> None:
    model = recipes.resolve("forge-tiny", "float32")
    assert model.family == "sd1"
    assert model.precision == "float32"
    assert model == recipes.resolve(model.path, "float32")


def test_model_index_stands_for_its_folder(random_folder: Path) -> None:
    one = recipes.resolve(str(random_folder / "model_index.json"))
    assert one == recipes.resolve(str(random_folder))


def test_the_fingerprint_moves_when_weights_change(broken_copy: Path) -> None:
    before = recipes.resolve(str(broken_copy)).print
    assert before == recipes.resolve(str(broken_copy)).print
    path = broken_copy / "unet" / "diffusion_pytorch_model.safetensors"
    os.utime(path, ns=(1, 1))
    after = recipes.resolve(str(broken_copy)).print
    assert after != before
    config = broken_copy / "scheduler" / "scheduler_config.json"
    config.write_text(config.read_text() + "\n")
    assert recipes.resolve(str(broken_copy)).print != after


@pytest.mark.parametrize("file", ["", "forge-huge", "/no/such/folder", "../forge-tiny-not"])
def test_a_model_that_is_not_there(file: str) -> None:
    with pytest.raises(MissingModel, match="forge-tiny"):
        recipes.resolve(file)


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match=r"no model_index\.json"):
        recipes.resolve(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "words"),
    [("v1.ckpt", "damaged"), ("v1.safetensors", "not a safetensors"), ("v1.txt", "no model")],
)
def test_a_single_file_that_is_empty(name: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"")
    with pytest.raises(BadModel, match=words):
        recipes.resolve(str(path))


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, "null"])
def test_a_damaged_index(text: str, broken_copy: Path) -> None:
    (broken_copy / "model_index.json").write_text(text)
    with pytest.raises(BadModel, match="copy the model again"):
        recipes.resolve(str(broken_copy))


def test_a_family_that_is_not_known(broken_copy: Path) -> None:
    (broken_copy / "model_index.json").write_text('{"_class_name": "WanPipeline"}')
    with pytest.raises(BadModel, match=r"WanPipeline, which NodeForge cannot run"):
        recipes.resolve(str(broken_copy))


def test_a_component_of_a_strange_library(broken_copy: Path) -> None:
    path = broken_copy / "model_index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"unet": ["os", "system"]}))
    with pytest.raises(BadModel, match="names no unet"):
        recipes.resolve(str(broken_copy))


def test_weights_that_are_cut_short(broken_copy: Path) -> None:
    path = broken_copy / "unet" / "diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(BadModel, match=r"unet/diffusion_pytorch_model\.safetensors is cut short"):
        recipes.resolve(str(broken_copy))


@pytest.mark.parametrize("data", [b"", b"\xff" * 64, b"\x02" + b"\0" * 7 + b"[]"])
def test_weights_that_are_no_safetensors(data: bytes, broken_copy: Path) -> None:
    (broken_copy / "vae" / "diffusion_pytorch_model.safetensors").write_bytes(data)
    with pytest.raises(BadModel, match="vae/diffusion_pytorch_model"):
        recipes.resolve(str(broken_copy))


def test_weights_that_are_missing(broken_copy: Path) -> None:
    (broken_copy / "text_encoder" / "model.safetensors").unlink()
    with pytest.raises(MissingModel, match="text_encoder of “broken” has no weights"):
        recipes.resolve(str(broken_copy))


def test_weights_that_are_pickles(broken_copy: Path) -> None:
    path = broken_copy / "unet" / "diffusion_pytorch_model.safetensors"
    path.rename(path.with_suffix(".bin"))
    with pytest.raises(BadModel, match="could run any program"):
        recipes.resolve(str(broken_copy))


def test_a_shard_that_is_missing(broken_copy: Path) -> None:
    folder = broken_copy / "unet"
    (folder / "diffusion_pytorch_model.safetensors").unlink()
    index = folder / "diffusion_pytorch_model.safetensors.index.json"
    index.write_text('{"weight_map": {"a": "shard-2.safetensors"}}')
    with pytest.raises(MissingModel, match="lacks shard-2"):
        recipes.resolve(str(broken_copy))


def test_weights_of_another_shape_are_told_when_they_load(broken_copy: Path) -> None:
    path = broken_copy / "text_encoder" / "config.json"
    path.write_text(path.read_text().replace('"hidden_size": 32', '"hidden_size": 48'))
    with pytest.raises(BadModel, match="text_encoder of “broken” cannot be loaded"):
        sampling.encode_prompt(recipes.resolve(str(broken_copy)), "x")


def test_weights_in_half_precision_only(broken_copy: Path) -> None:
    for part in ("unet", "vae", "text_encoder"):
        for path in (broken_copy / part).glob("*.safetensors"):
            path.rename(path.with_name(path.stem + ".fp16.safetensors"))
    model = recipes.resolve(str(broken_copy))
    assert recipes.part(broken_copy, "unet").variant == "fp16"
    assert sampling.encode_prompt(model, "x").tensors["prompt_embeds"].shape == (1, 77, 32)
