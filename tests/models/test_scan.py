"""A scan opens what is new or changed, goes on past what is broken, and remembers."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from nodeforge import resources
from nodeforge.models.entry import Entry
from nodeforge.models.folders import BOX, Place, embedded
from nodeforge.models.header import Header, header
from nodeforge.models.index import Index
from nodeforge.models.scan import scan, sha256
from nodeforge.models.sidecars import beside, thumbnail
from tests.models import files

UNET = {
    "model.diffusion_model.input_blocks.0.0.weight": (320, 4, 3, 3),
    "model.diffusion_model.time_embed.0.weight": (1280, 320),
    "first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3),
    "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight": (77, 768),
}
LORA = {
    "lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight": (16, 3072),
    "lora_unet_double_blocks_0_img_attn_qkv.lora_up.weight": (9216, 16),
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    root = tmp_path / "models"
    files.weights(root / "checkpoints/dream.safetensors", UNET)
    files.weights(
        root / "loras/ink.safetensors", LORA, ss_tag_frequency='{"a": {"ink": 9, "x": 2}}'
    )
    (root / "loras/ink.preview.png").write_bytes(b"png")
    (root / "loras/ink.json").write_text('{"activation text": "inky, drawn", "notes": "soft"}')
    files.put(root / "loras/broken.safetensors", {"a": 3}, 9000)
    (root / "upscale_models").mkdir()
    (root / "upscale_models/old.pth").write_bytes(b"\x80\x02" + bytes(9000))
    (root / "loras/put_loras_here.safetensors").write_bytes(b"")
    return Place("ComfyUI", root)


def all_of(place: Place, known: Mapping[str, Entry] | None = None) -> dict[str, Entry]:
    return {Path(entry.path).name: entry for entry in scan(place, known or {})}


def test_everything_is_told(place: Place) -> None:
    found = all_of(place)
    assert {name: (e.kind.kind, e.family) for name, e in found.items()} == {
        "dream.safetensors": ("checkpoint", "sd1"),
        "ink.safetensors": ("lora", "flux"),
        "broken.safetensors": ("lora", ""),
        "old.pth": ("upscaler", ""),
    }
    ink = found["ink.safetensors"]
    assert ink.beside.words == ("inky", "drawn", "ink", "x")
    assert ink.beside.notes == "soft"
    assert ink.beside.picture.endswith("ink.preview.png")
    assert ink.mark
    assert "damaged header" in found["broken.safetensors"].fault
    assert found["old.pth"].pickle


def test_the_smallest_embedding_is_a_model_and_a_pointer_is_none(tmp_path: Path) -> None:
    files.weights(tmp_path / "embeddings/mood.safetensors", {"emb_params": (1, 768)})
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64
    (tmp_path / "embeddings/other.safetensors").write_bytes(pointer)
    (mood,) = all_of(Place("ComfyUI", tmp_path)).values()
    assert mood.kind.kind == "embedding"
    assert mood.size < 4096


def test_known_files_are_not_opened_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {entry.path: entry for entry in scan(place, {})}
    opened: list[Path] = []

    def read(path: Path) -> Header:
        opened.append(path)
        return header(path)

    monkeypatch.setattr("nodeforge.models.scan.header", read)
    assert {entry.path: entry for entry in scan(place, known)} == known
    assert not opened
    changed = place.path / "checkpoints/dream.safetensors"
    files.weights(changed, LORA)
    again = {entry.path: entry for entry in scan(place, known)}
    assert opened == [changed]
    assert again[str(changed)].kind.kind == "lora"


def test_a_new_sidecar_is_seen(place: Place) -> None:
    known = {entry.path: entry for entry in scan(place, {})}
    (place.path / "checkpoints/dream.civitai.info").write_text(
        json.dumps(
            {
                "trainedWords": ["a dream"],
                "model": {"name": "Dream"},
                "files": [{"hashes": {"SHA256": "AB" * 32}}],
            }
        )
    )
    dream = all_of(place, known)["dream.safetensors"]
    assert dream.beside.words == ("a dream",)
    assert dream.beside.title == "Dream"
    assert dream.autov2 == "ABABABABAB"


def test_folders_of_diffusers_are_one_model(tmp_path: Path) -> None:
    hub = tmp_path / "models--artist--tiny/snapshots"
    for revision in ("1111", "2222"):
        shutil.copytree(resources.path("models/forge-tiny"), hub / revision)
    (hub.parent / "refs").mkdir()
    (hub.parent / "refs/main").write_text("2222")
    [found] = scan(Place("Hub cache", tmp_path), {})
    assert found.name == "artist/tiny"
    assert "2222" in found.path
    assert (found.kind.kind, found.family, found.kind.precision) == ("checkpoint", "sd1", "fp16")
    assert found.size > 60 * 2**20
    assert found.beside.picture.endswith("sheet.jpg")


def test_our_own_models() -> None:
    found = {entry.name: entry.kind.kind for entry in scan(embedded(), {})}
    assert found == {
        "forge-tiny": "checkpoint",
        "forge-tiny-clip": "text encoder",
        "edges": "control",
        "draft": "lora",
        "blueprint": "lora",
        "forge-tiny-x4": "upscaler",
        "realesr-animevideov3": "upscaler",
    }
    assert embedded().program == BOX


def test_links_in_circles_end(place: Place) -> None:
    (place.path / "loras/round").symlink_to(place.path)
    assert len(all_of(place)) == 4


def test_a_scan_stops_when_it_is_told(place: Place) -> None:
    found: list[Entry] = []
    for entry in scan(place, {}, lambda: len(found) == 2):
        found.append(entry)
    assert len(found) == 2


def test_the_index_keeps_it_all(place: Place, tmp_path: Path) -> None:
    index = Index(tmp_path / "c/models.sqlite", tmp_path / "d/models.json")
    found = {entry.path: entry for entry in scan(place, {})}
    index.put(found.values())
    path = str(place.path / "loras/ink.safetensors")
    assert index.say(found[path], family="flux2", remark="my best").family == "flux2"
    index.close()
    again = Index(tmp_path / "c/models.sqlite", tmp_path / "d/models.json")
    assert not again.said
    assert again.entries()[path] == replace(found[path], picked="flux2", remark="my best")
    again.forget([path])
    assert set(again.entries()) == set(found) - {path}
    assert again.worded(found[path]).remark == "my best"
    again.close()


def test_a_damaged_index_is_made_anew_and_says_so(place: Place, tmp_path: Path) -> None:
    (tmp_path / "models.sqlite").write_bytes(b"not a database, by far" * 500)
    index = Index(tmp_path / "models.sqlite", tmp_path / "models.json")
    assert "made anew" in index.said
    index.put(scan(place, {}))
    index.close()
    again = Index(tmp_path / "models.sqlite", tmp_path / "models.json")
    assert len(again.entries()) == 4
    assert not again.said
    again.close()


def test_damaged_pages_and_rows(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "models.sqlite"
    index = Index(path, tmp_path / "models.json")
    index.put(scan(place, {}))
    index.close()
    with sqlite3.connect(path) as base:
        base.execute("UPDATE models SET body = '{\"path\": 3}' WHERE path LIKE '%ink%'")
    index = Index(path, tmp_path / "models.json")
    assert len(index.entries()) == 3
    index.close()
    bytes_ = bytearray(path.read_bytes())
    bytes_[4096:] = os.urandom(len(bytes_) - 4096)
    path.write_bytes(bytes_)
    index = Index(path, tmp_path / "models.json")
    index.put(scan(place, {}))
    assert len(index.entries()) == 4
    assert index.said
    index.close()


def test_a_locked_index_does_not_hold_anybody_up(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "models.sqlite"
    Index(path, tmp_path / "models.json").close()
    other = sqlite3.connect(path)
    other.execute("BEGIN EXCLUSIVE")
    index = Index(path, tmp_path / "models.json")
    assert "cannot be used" in index.said
    index.put(scan(place, {}))
    assert len(index.entries()) == 4
    index.close()
    other.close()


def test_an_index_where_nothing_can_be_written(place: Place, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    index = Index(tmp_path / "file/models.sqlite", tmp_path / "models.json")
    assert "cannot be used" in index.said
    index.put(scan(place, {}))
    assert len(index.entries()) == 4
    index.close()


def test_damaged_words_are_told(tmp_path: Path) -> None:
    (tmp_path / "models.json").write_text("[1, 2")
    index = Index(tmp_path / "models.sqlite", tmp_path / "models.json")
    assert "is damaged" in index.said
    index.close()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.json", '{"activation text": "one, two"}', ("one", "two")),
        ("a.civitai.info", '{"trainedWords": ["one", " two,"]}', ("one", "two")),
        (
            "a.rgthree-info.json",
            '{"trainedWords": [{"word": "one"}, {"word": "two"}]}',
            ("one", "two"),
        ),
        ("a.metadata.json", '{"civitai": {"trainedWords": ["one", "two"]}}', ("one", "two")),
        ("a.json", "[1", ()),
        ("a.json", "[]", ()),
        ("a.civitai.info", '{"trainedWords": {"a": 3}, "files": [3], "model": 3}', ()),
    ],
)
def test_trigger_words(name: str, text: str, words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert beside(tmp_path / "a.safetensors", {}).words == words


def test_what_the_header_tells() -> None:
    notes = {
        "modelspec.trigger_phrase": "zrx style",
        "modelspec.title": "ZRX",
        "modelspec.description": "bold",
        "modelspec.thumbnail": "data:image/jpeg;base64," + base64.b64encode(b"jpeg").decode(),
    }
    told = beside(Path("/nowhere/a.safetensors"), notes)
    assert (told.words, told.title, told.notes) == (("zrx style",), "ZRX", "bold")
    assert thumbnail(notes) == b"jpeg"
    assert thumbnail({"modelspec.thumbnail": "%%%"}) == b""
    assert thumbnail({"ssmd_cover_images": "[1"}) == b""
    assert (
        beside(Path("/nowhere/a"), {"ss_tag_frequency": '{"a": [1], "b": {"t": "x"}}'}).words == ()
    )


def test_a_hash_can_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256(tmp_path / "a").startswith("ba7816bf")
    assert sha256(tmp_path / "a", lambda: True) == ""
    assert sha256(tmp_path / "gone") == ""


def test_names_words_and_pictures_of_invokeai(tmp_path: Path) -> None:
    root = tmp_path / "models"
    files.weights(root / "1234-abcd/model.safetensors", LORA)
    shutil.copytree(resources.path("models/forge-tiny"), root / "5678-efgh")
    files.weights(root / "stranger.safetensors", UNET)
    (tmp_path / "databases").mkdir()
    (tmp_path / "model_images").mkdir()
    (tmp_path / "model_images/k1.webp").write_bytes(b"webp")
    records = [
        {
            "key": "k1",
            "path": "1234-abcd/model.safetensors",
            "name": "Ink",
            "trigger_phrases": ["inky"],
        },
        {"key": "k2", "path": "5678-efgh", "name": "Tiny", "description": "small"},
        {"path": 3},
    ]
    with sqlite3.connect(tmp_path / "databases/invokeai.db") as base:
        base.execute("CREATE TABLE models (id TEXT, config TEXT)")
        texts = [*(json.dumps(record) for record in records), "[1", None]
        base.executemany("INSERT INTO models VALUES ('', ?)", [(text,) for text in texts])
    found = {entry.name: entry.beside for entry in scan(Place("InvokeAI", root), {})}
    assert set(found) == {"Ink", "Tiny", "stranger"}
    assert found["Ink"].words == ("inky",)
    assert found["Ink"].picture.endswith("k1.webp")
    assert found["Tiny"].notes == "small"
    (tmp_path / "databases/invokeai.db").write_bytes(b"no database" * 99)
    assert {entry.name for entry in scan(Place("InvokeAI", root), {})} == {
        "model",
        "5678-efgh",
        "stranger",
    }
