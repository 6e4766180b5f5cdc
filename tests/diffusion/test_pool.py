"""One pool of weights: a budget, the oldest leaves, one load at a time."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from nodeforge.diffusion import recipes, weights
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


def test_what_leaves_the_device_waits_in_main_memory() -> None:
    pool = Pool(1024, ram=4096)
    first = pool.get(place("a"), block)
    pool.get(place("b"), block)
    assert [p.component for p in pool.resident()] == ["b"]
    assert [p.component for p in pool.parked()] == ["a"]
    again = pool.get(place("a"), lambda: pytest.fail("it was loaded again"))
    assert again is not first
    assert torch.equal(again.weight, first.weight)
    assert (pool.counts.loaded, pool.counts.fetched, pool.counts.parked) == (2, 1, 2)


def test_weights_are_copied_to_main_memory_once() -> None:
    """They never change, so what was packed before is as good."""
    pool = Pool(1024, ram=4096)
    for name in "abab":
        pool.get(place(name), block)
    assert pool.counts.parked == 2
    assert pool.counts.loaded == 2


def test_what_main_memory_cannot_hold_is_dropped_the_oldest_first() -> None:
    pool = Pool(1024, ram=2048)
    for name in "abcd":
        pool.get(place(name), block)
    assert [p.component for p in pool.parked()] == ["b", "c"]
    assert pool.used_ram == 2048


def test_two_models_under_a_budget_that_holds_one(forge: Model, random: Model) -> None:
    """Runs in turn load nothing twice, and each gives what it gave alone."""
    names = ("text_encoder", "unet", "vae")

    def prints(model: Model, pool: Pool) -> list[float]:
        found = [weights.component(model, name, pool) for name in names]
        return [float(next(iter(c.parameters())).double().sum()) for c in found]

    alone = [prints(model, Pool(2**30)) for model in (forge, random)]
    size = sum(weight(weights.component(forge, name)) for name in names)
    pool = Pool(size, ram=2**30)
    for _ in range(2):
        assert [prints(model, pool) for model in (forge, random)] == alone
        assert pool.used <= size
    assert pool.counts.loaded == 6
    assert pool.counts.fetched > 0


def test_a_model_runs_while_another_is_loaded(forge: Model, random_folder: Path) -> None:
    """Loading patches torch's modules process-wide; who computes meanwhile must not notice."""
    unet = weights.component(forge, "unet", Pool(2**30))
    size = unet.config["cross_attention_dim"]
    inputs = (torch.ones(1, 4, 8, 8), torch.tensor(10), torch.ones(1, 3, size))
    done = threading.Event()

    def load() -> int:
        pools = [Pool(2**30) for _ in range(4)]
        model = recipes.resolve(str(random_folder))
        loaded = [weights.component(model, "unet", pool) for pool in pools]
        done.set()
        return sum(any(p.is_meta for p in c.parameters()) for c in loaded)

    with torch.inference_mode(), ThreadPoolExecutor(1) as threads:
        expected = unet(*inputs).sample
        task = threads.submit(load)
        runs = 0
        while not done.is_set() or not runs:
            assert torch.equal(unet(*inputs).sample, expected)
            runs += 1
        assert task.result(60) == 0
