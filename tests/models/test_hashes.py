"""Files are told by the hashes that A1111 and Civitai show, read once."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from pathlib import Path

import pytest

from nodeforge.models import hashes

BODY = b"the weights of a small model"
HEAD = b'{"__metadata__":{"title":"x"}}'


@pytest.fixture(autouse=True)
def _forgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashes, "cache_file", lambda: tmp_path / "cache" / "hashes.json")
    monkeypatch.setattr(hashes, "_known", {})
    monkeypatch.setattr(hashes, "_loaded", False)


def lora(path: Path, head: bytes = HEAD) -> Path:
    path.write_bytes(struct.pack("<Q", len(head)) + head + BODY)
    return path


def test_a_file_has_the_short_hash_of_all_its_bytes(tmp_path: Path) -> None:
    path = lora(tmp_path / "a.safetensors")
    whole = hashlib.sha256(path.read_bytes()).hexdigest()
    assert hashes.autov2(str(path), 10) == whole[:10]


def test_a_lora_keeps_its_hash_when_notes_in_it_change(tmp_path: Path) -> None:
    one = hashes.autov3(str(lora(tmp_path / "a.safetensors")), 10)
    other = hashes.autov3(str(lora(tmp_path / "b.safetensors", HEAD + b"   ")), 10)
    assert one == other == hashlib.sha256(BODY).hexdigest()[:12]


def test_a_folder_has_that_of_its_denoiser(tmp_path: Path) -> None:
    inner = tmp_path / "m" / "unet"
    inner.mkdir(parents=True)
    path = lora(inner / "diffusion_pytorch_model.safetensors")
    assert hashes.autov2(str(tmp_path / "m"), 10) == hashes.autov2(str(path), 10) != ""


def test_it_is_read_once_for_each_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = lora(tmp_path / "a.safetensors")
    first = hashes.autov2(str(path), 10)
    assert next(iter(json.loads(hashes.cache_file().read_text()).values()))[:10] == first
    monkeypatch.setattr(hashes, "_known", {})
    monkeypatch.setattr(hashes, "_loaded", False)
    with monkeypatch.context() as patch:
        patch.setattr(hashes, "_feed", None)
        assert hashes.autov2(str(path)) == first  # from the last start
    path.write_bytes(path.read_bytes() + b"!")
    os.utime(path, ns=(1, 1))
    assert hashes.autov2(str(path), 10) not in ("", first)


def test_nobody_waits_for_what_is_not_there_or_slow(tmp_path: Path) -> None:
    assert hashes.autov2(str(tmp_path / "none.safetensors"), 10) == ""
    assert hashes.autov2(str(tmp_path), 10) == ""
    path = lora(tmp_path / "a.safetensors")
    path.write_bytes(b"\xff" * 9)  # no header
    assert len(hashes.autov3(str(path), 10)) == 12


def test_a_damaged_cache_is_read_anew(tmp_path: Path) -> None:
    hashes.cache_file().parent.mkdir()
    hashes.cache_file().write_text("[1, {")
    assert hashes.autov2(str(lora(tmp_path / "a.safetensors")), 10)
