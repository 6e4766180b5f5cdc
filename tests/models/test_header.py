"""Headers are a stranger's word: sound ones are read, every lie is one sentence."""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodeforge.errors import BadModel
from nodeforge.models.header import LIMIT, Tensor, header
from tests.models import files


def entry(start: Any, end: Any, shape: Any = (2, 2), dtype: Any = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}


def test_a_sound_file(tmp_path: Path) -> None:
    path = files.weights(tmp_path / "a.safetensors", {"w": (3, 5), "b": (), "e": (0, 4)}, who="me")
    found = header(path)
    assert found.tensors["w"] == Tensor("F16", (3, 5), 0, 30)
    assert found.tensors["b"].count == 1
    assert found.metadata == {"who": "me"}
    assert found.data + 32 == found.size == path.stat().st_size


def test_safetensors_itself_agrees(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(3), "b": torch.zeros(2, 2).half()}, tmp_path / "a.safetensors")
    found = header(tmp_path / "a.safetensors").tensors
    assert {n: (t.dtype, t.shape) for n, t in found.items()} == {
        "a": ("F32", (3,)),
        "b": ("F16", (2, 2)),
    }


HOSTILE: dict[str, tuple[object, int, str]] = {
    "not json": (b"{" + b"x" * 20, 0, "not JSON"),
    "not an object": (b"[1, 2, 3]", 0, "not a safetensors file"),
    "text": (b"<html>sorry, 404</html>", 0, "not a safetensors file"),
    "not utf-8": (b'{"\xff\xfe": 1}', 0, "not JSON"),
    "a bomb of brackets": (b'{"a":' + b"[" * 200_000, 0, "not JSON"),
    "a bomb of braces": (b'{"a":' * 100_000, 0, "not JSON"),
    "an enormous number": (b'{"a": ' + b"9" * 5_000 + b"}", 0, "not JSON"),
    "twice the same": (
        b'{"a": {"dtype":"U8","shape":[1],"data_offsets":[0,1]},'
        b'"a": {"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
        1,
        "'a' is there twice",
    ),
    "twice the same field": (
        b'{"a": {"dtype":"U8","shape":[1],"shape":[9],"data_offsets":[0,1]}}',
        1,
        "'shape' is there twice",
    ),
    "an entry that is a number": ({"a": 3}, 0, "described wrongly"),
    "no offsets": ({"a": {"dtype": "F32", "shape": [1]}}, 4, "described wrongly"),
    "three offsets": ({"a": {**entry(0, 16), "data_offsets": [0, 8, 16]}}, 16, "ends before"),
    "negative offsets": ({"a": entry(-16, 0)}, 16, "described wrongly"),
    "backwards": ({"a": entry(16, 0)}, 16, "ends before it begins"),
    "fractions": ({"a": entry(0, 16.0)}, 16, "described wrongly"),
    "true as a number": ({"a": entry(0, 1, [True], "U8")}, 1, "described wrongly"),
    "a negative shape": ({"a": entry(0, 16, [-2, -2])}, 16, "described wrongly"),
    "a shape beyond all disks": ({"a": entry(0, 16, [2**62, 2**62])}, 16, "described wrongly"),
    "a thousand dimensions": ({"a": entry(0, 4, [1] * 1000)}, 4, "described wrongly"),
    "a shape that is text": ({"a": {**entry(0, 16), "shape": "22"}}, 16, "described wrongly"),
    "too few bytes": ({"a": entry(0, 12)}, 12, "not as many bytes"),
    "an unknown dtype": ({"a": entry(0, 16, dtype="F31")}, 16, "'F31'"),
    "a dtype that is a list": ({"a": entry(0, 16, dtype=["F32"])}, 16, "described wrongly"),
    "overlapping": ({"a": entry(0, 16), "b": entry(8, 24)}, 24, "overlaps another"),
    "one on the other": ({"a": entry(0, 16), "b": entry(0, 16)}, 16, "overlaps another"),
    "a gap": ({"a": entry(0, 16), "b": entry(20, 36)}, 36, "leaves a gap"),
    "beyond the end": ({"a": entry(0, 16)}, 8, "cut short"),
    "more than it says": ({"a": entry(0, 16)}, 17, "cut short or damaged"),
    "notes that are no text": ({"__metadata__": {"a": 3}}, 0, "notes are not text"),
    "notes that are a list": ({"__metadata__": ["a"]}, 0, "notes are not text"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str, tmp_path: Path) -> None:
    head, data, words = HOSTILE[name]
    path = files.put(tmp_path / "evil.safetensors", head, data)
    with pytest.raises(BadModel, match=words) as caught:
        header(path)
    assert "evil.safetensors" in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("length", [0, 1, LIMIT + 1, 2**63, 2**64 - 1])
def test_a_length_that_cannot_be(length: int, tmp_path: Path) -> None:
    path = files.put(tmp_path / "a.safetensors", {}, 0, length)
    with pytest.raises(BadModel, match="not a safetensors file"):
        header(path)


def test_a_length_beyond_the_file_is_not_even_read(tmp_path: Path) -> None:
    path = files.put(tmp_path / "a.safetensors", {}, 0, LIMIT)
    with pytest.raises(BadModel, match="is cut short"):
        header(path)


@pytest.mark.parametrize("size", range(12))
def test_cut_anywhere(size: int, tmp_path: Path) -> None:
    path = files.weights(tmp_path / "a.safetensors", {"w": (3, 5)})
    with path.open("r+b") as file:
        file.truncate(size * 8)
    with pytest.raises(BadModel):
        header(path)


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    with pytest.raises(BadModel, match="is not a file"):
        header(tmp_path / "pipe.safetensors")
    with pytest.raises(BadModel, match="is not a file"):
        header(tmp_path)
    with pytest.raises(BadModel, match="cannot be read"):
        header(tmp_path / "gone.safetensors")


def test_gguf(tmp_path: Path) -> None:
    tensors = {"a.weight": ((4, 256), 12, 0), "b": ((8,), 0, 576)}
    path = files.gguf(tmp_path / "a.gguf", tensors, {"general.architecture": "flux"}, 608)
    found = header(path)
    assert found.form == "gguf"
    assert found.metadata["general.architecture"] == "flux"
    assert found.tensors["a.weight"] == Tensor("Q4_K", (4, 256), 0, 576)
    assert found.data + 608 == found.size


def test_gguf_skips_vocabularies(tmp_path: Path) -> None:
    words = b"".join(files.text(w) for w in ("a", "bc", "def"))
    notes = files.text("tokens") + struct.pack("<IIQ", 9, 8, 3) + words
    notes += files.text("scores") + struct.pack("<IIQ", 9, 6, 3) + bytes(12)
    notes += files.text("general.architecture") + struct.pack("<I", 8) + files.text("t5encoder")
    path = tmp_path / "a.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 3) + notes + bytes(64))
    assert header(path).metadata["general.architecture"] == "t5encoder"
    assert header(path).metadata["tokens"] == "3 values"


def test_gguf_lies(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    one = {"a": ((4, 256), 12, 0)}
    lies: list[tuple[dict[str, Any], str]] = [
        ({"tensors": one, "data": 100}, "cut short"),
        ({"tensors": one, "data": 600, "version": 9}, "of version 9"),
        ({"tensors": one, "data": 600, "count": 2**60}, "it lists"),
        ({"tensors": one, "data": 600, "count": 5000}, "is cut short|damaged|quantised"),
        ({"tensors": {"a": ((4, 255), 12, 0)}, "data": 900}, "impossible size"),
        ({"tensors": {"a": ((2**40, 2**40), 0, 0)}, "data": 9}, "impossible size"),
        ({"tensors": {"a": ((4,), 99, 0)}, "data": 900}, "quantised in a way"),
        ({"tensors": {"a": ((1,) * 9, 0, 0)}, "data": 900}, "9 dimensions"),
        ({"tensors": {**one, "b": ((256,), 12, 64)}, "data": 900}, "overlaps"),
        ({"tensors": one, "notes": {"general.alignment": "0"}, "data": 900}, "alignment"),
    ]
    for words, sentence in lies:
        files.gguf(path, **words)
        with pytest.raises(BadModel, match=sentence):
            header(path)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_is_changed_it_is_read_or_one_sentence(
    tmp_path: Path, data: st.DataObject
) -> None:
    path = tmp_path / "a"
    if data.draw(st.booleans()):
        files.weights(path, {"w": (3, 5), "v": (2,)}, a="b")
    else:
        files.gguf(path, {"a": ((4, 32), 2, 0), "b": ((8,), 0, 96)}, {"k": "v"}, 128)
    sound = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        sound[data.draw(st.integers(0, len(sound) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(sound)
    with suppress(BadModel):
        assert header(path).size == len(sound)
