"""The device is the best that works, and says so if it is not the GPU."""

from __future__ import annotations

import pytest
import torch

from nodeforge import ways
from nodeforge.diffusion import devices
from nodeforge.errors import BadValue


def test_the_cpu_can_be_wished_for() -> None:
    chosen = devices.choose("cpu")
    assert (chosen.torch, chosen.kind, chosen.note) == ("cpu", "cpu", "")
    assert chosen.name.startswith("CPU")


def test_an_unknown_wish_is_told() -> None:
    with pytest.raises(BadValue, match="NODEFORGE_DEVICE is “tpu”: set it to cuda, mps, cpu"):
        devices.choose("TPU")


def test_a_gpu_that_cannot_compute_falls_back_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("CUDA error: no kernel image is available for execution\nmore")

    monkeypatch.setattr(torch, "ones", broken)
    chosen = devices.choose("cuda")
    assert chosen.torch == "cpu"
    assert chosen.note == (
        "cuda cannot be used (CUDA error: no kernel image is available for execution), so "
        "pictures are made on the CPU, slowly"
    )


def test_memory_is_in_bytes() -> None:
    used, total = devices.memory()
    assert 0 < used < total
    assert devices.budget() < total


def test_precision_can_be_named() -> None:
    assert devices.dtype("bfloat16") is torch.bfloat16
    expected = torch.float16 if devices.device().kind == "cuda" else torch.float32
    assert devices.dtype("auto") is expected


def test_full_memory_is_told_from_other_errors() -> None:
    assert devices.is_full(torch.OutOfMemoryError("x"))
    assert devices.is_full(RuntimeError("DefaultCPUAllocator: can't allocate memory"))
    assert not devices.is_full(RuntimeError("shape mismatch"))


@pytest.mark.gpu
def test_a_cuda_device_is_found() -> None:
    assert devices.choose().kind == "cuda"


@pytest.mark.parametrize(
    ("told", "size"),
    [
        ("", 0),
        ("6000000000", 6e9),
        ("1.5 GB", 1.5e9),
        ("1.5 GiB", 1.5 * 2**30),
        ("512mb", 512e6),
        ("1,5 gb", 1.5e9),
    ],
)
def test_a_limit_is_a_size(told: str, size: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ways.LIMIT, told)
    assert devices.limit() == int(size)
    assert devices.budget() <= (size or devices.memory()[1])


def test_a_limit_is_a_share_of_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, total = devices.room(), devices.memory()[1]
    monkeypatch.setenv(ways.LIMIT, "Half")
    assert devices.limit() == total // 2
    assert devices.room() < whole
    monkeypatch.setenv(ways.LIMIT, "5 %")
    assert devices.limit() == int(total * 0.05)


@pytest.mark.parametrize("told", ["much", "-3 GB", "0 GB", "12", "140 %", "0 %"])
def test_a_limit_that_is_none_is_told(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ways.LIMIT, told)
    with pytest.raises(BadValue, match=r"NODEFORGE_GPU_LIMIT is .*write a size such as 12 GB"):
        devices.limit()
