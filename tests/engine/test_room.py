"""What is said of the weights that are loaded, and letting go of them."""

from __future__ import annotations

import pytest
import torch

from nodeforge.base.mathematics import LOADED
from nodeforge.diffusion import pool as pools
from nodeforge.diffusion.pool import Place, Pool
from nodeforge.diffusion.strategy import Plan
from nodeforge.engine.messages import Resident, Weights
from nodeforge.engine.room import free_weights, is_full, resident


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Pool:
    made = Pool(1024, ram=4096)
    monkeypatch.setattr(pools, "pool", lambda: made)
    return made


def test_one_row_for_each_component_and_where_it_lies(pool: Pool) -> None:
    for name in ("unet", "vae"):
        place = Place(f"/models/dream/{name} f00d", "cpu", "torch.float32")
        pool.get(place, lambda: torch.nn.Linear(256, 1, bias=False))
    pool.plan = Plan("offload", "the parts take turns")
    assert resident() == Resident(
        (Weights("vae of dream", "cpu", 1024), Weights("unet of dream", "ram", 1024)),
        "offload: the parts take turns",
    )
    free_weights()
    assert resident().weights == ()
    assert pool.used == pool.used_ram == 0


def test_of_what_is_not_loaded_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOADED, "devices", None)
    monkeypatch.setattr(LOADED, "weights", None)
    free_weights()
    assert resident() == Resident()
    assert is_full(MemoryError())
    assert not is_full(torch.OutOfMemoryError("CUDA out of memory"))


def test_a_device_that_is_full_is_known_once_it_is_loaded() -> None:
    assert is_full(torch.OutOfMemoryError("CUDA out of memory"))
    assert not is_full(RuntimeError("something else"))
