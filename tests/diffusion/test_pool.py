"""One pool of weights: a budget, the oldest leaves, one load at a time."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import torch

from nodeforge.diffusion import weights
from nodeforge.diffusion.pool import Place, Pool, weight
from nodeforge.values import Model


def place(name: str) -> Place:
    return Place(name, "cpu", "torch.float32")


def block() -> torch.nn.Module:
    return torch.nn.Linear(256, 1, bias=False)  # 1024 bytes


def test_the_oldest_leaves_when_the_budget_is_spent() -> None:
    pool = Pool(2048)
    for name in ("a", "b"):
        pool.get(place(name), block)
    pool.get(place("a"), block)  # now b is the oldest
    pool.get(place("c"), block)
    assert [p.component for p in pool.resident()] == ["a", "c"]
    assert pool.used == 2048


def test_what_is_resident_is_not_loaded_again() -> None:
    pool = Pool(4096)
    assert pool.get(place("a"), block) is pool.get(place("a"), block)


def test_room_is_made_before_loading() -> None:
    pool = Pool(2048)
    pool.get(place("a"), block)
    pool.get(place("b"), block)
    seen: list[int] = []

    def load() -> torch.nn.Module:
        seen.append(pool.used)
        return block()

    pool.get(place("c"), load, expected=2048)
    assert seen == [0]


def test_a_giant_is_loaded_alone() -> None:
    pool = Pool(100)
    pool.get(place("a"), block)
    pool.get(place("b"), block)
    assert [p.component for p in pool.resident()] == ["b"]


def test_free_lets_go_and_says_of_how_much() -> None:
    pool = Pool(4096)
    for name in ("a", "b"):
        pool.get(place(name), block)
    assert pool.free(keep=[place("b")]) == 1024
    assert pool.used == 1024
    assert pool.free() == 1024
    assert pool.resident() == {}


def test_a_load_that_fails_leaves_the_pool_usable() -> None:
    pool = Pool(4096)

    def fail() -> None:
        raise OSError("gone")

    with contextlib.suppress(OSError):
        pool.get(place("a"), fail)
    assert pool.get(place("a"), block) is not None


def test_many_threads_load_each_component_once_and_whole(forge: Model) -> None:
    """Two loads at once could leave either with empty (meta) weights."""
    pool = Pool(2**30)
    names = ["unet", "text_encoder", "vae"] * 3
    gate = threading.Barrier(len(names))

    def load(name: str) -> object:
        gate.wait(30)
        return weights.component(forge, name, pool)

    with ThreadPoolExecutor(len(names)) as threads:
        loaded = list(threads.map(load, names))
    assert len(pool.resident()) == 3
    for first, second in zip(loaded[:3], loaded[3:6], strict=True):
        assert first is second
        assert isinstance(first, torch.nn.Module)
        assert not any(p.is_meta for p in first.parameters())


def test_components_are_loaded_one_by_one(forge: Model) -> None:
    pool = Pool(2**30)
    component = weights.component(forge, "text_encoder", pool)
    assert pool.used == weight(component) > 4_000_000
    assert len(pool.resident()) == 1
