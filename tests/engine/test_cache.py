from __future__ import annotations

import numpy as np
import pytest
import torch

from nodeforge.base import memory
from nodeforge.engine.cache import Entry, MemoryCache, buffers
from nodeforge.values import Conditioning, Image, Latent


def test_the_oldest_leaves_when_the_budget_is_spent() -> None:
    cache = MemoryCache(2500)
    for name in "abc":
        if cache.get("a"):
            pass  # looking at it makes it young again
        cache.put(name, Entry([np.zeros(1000, np.uint8)]))
    assert [name in cache for name in "abc"] == [True, False, True]
    assert cache.used["cpu"] <= 2500


def test_what_two_results_share_counts_once() -> None:
    cache = MemoryCache(10**6)
    pixels = np.zeros((1, 10, 10, 3), np.float32)
    cache.put("a", Entry([Image(pixels)]))
    before = cache.used["cpu"]
    cache.put("b", Entry([Image(pixels[:, :5])]))
    assert cache.used["cpu"] < before + 500
    cache.drop("a")
    assert cache.used["cpu"] >= pixels.nbytes
    cache.clear()
    assert cache.used["cpu"] == 0


def test_a_result_larger_than_the_budget_stays_until_the_next() -> None:
    cache = MemoryCache(10)
    cache.put("big", Entry([np.zeros(1000, np.uint8)]))
    assert "big" in cache
    cache.put("next", Entry([np.zeros(1000, np.uint8)]))
    assert "big" not in cache


def test_tensors_count_by_their_storage_and_device() -> None:
    whole = torch.zeros(100)
    counted = list(buffers([Latent(8, 8, samples=whole), Conditioning({"a": whole[:10]}, "sd1")]))
    sizes = {at: size for at, size, device in counted if device == "cpu"}
    assert sizes[whole.untyped_storage().data_ptr()] == 400
    meta = torch.zeros(1000, device="meta")
    cache = MemoryCache(10**6, accelerator=5000)
    cache.put("a", Entry([meta]))
    assert cache.used["meta"] == 4000
    cache.put("plain", Entry([np.zeros(10)]))
    cache.put("b", Entry([torch.zeros(1000, device="meta")]))
    assert "plain" in cache
    assert cache.used["meta"] <= 8000


def test_the_default_budget_fits_the_machine() -> None:
    assert 2**26 < MemoryCache().budget < memory.total()


@pytest.mark.parametrize("thing", ["text", 3, None, {"a": [1, 2]}, (), [[]]])
def test_anything_can_be_counted(thing: object) -> None:
    assert all(size >= 0 for _, size, _ in buffers(thing))
