"""Weights in one piece, and components of which only a part is on the device."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import nn
from torch.testing._internal.two_tensor import TwoTensor

from nodeforge import ways
from nodeforge.diffusion import devices, packed, sampling, streamed, weights
from nodeforge.diffusion.pool import Pool, pool
from nodeforge.diffusion.sampling import Settings
from nodeforge.values import Latent, Model


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Blocks of tiny models are far below what is worth splitting at full size."""
    monkeypatch.setattr(streamed, "CHUNK", 40_000)
    with torch.inference_mode():
        yield


def said(unet: Any) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    size = unet.config["cross_attention_dim"]
    latents = torch.randn(2, 4, 16, 16, generator=generator)
    words = torch.randn(2, 7, size, generator=generator)
    weight = next(unet.parameters())
    made: torch.Tensor = unet(latents.to(weight), torch.tensor(300), words.to(weight)).sample
    return made


def build(source: packed.Packed, room: int) -> streamed.Streamed:
    return streamed.build(source, devices.device().torch, room)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_a_streamed_unet_computes_bit_by_bit_the_same(random: Model, share: float) -> None:
    bare = weights.component(random, "unet", Pool(2**30))
    source = packed.pack(bare)
    made = build(source, int(source.size * share))
    assert made.size < source.size or share == 0.9
    for _ in range(3):  # the ring is full of the last run's blocks
        assert torch.equal(said(made.module), said(bare))


def test_with_room_for_all_nothing_travels(random: Model) -> None:
    bare = weights.component(random, "unet", Pool(2**30))
    source = packed.pack(bare)
    made = build(source, source.size)
    assert not any(m._forward_pre_hooks for m in made.module.modules())
    assert torch.equal(said(made.module), said(bare))


def test_an_error_within_a_block_leaves_it_usable(random: Model) -> None:
    bare = weights.component(random, "unet", Pool(2**30))
    made = build(packed.pack(bare), 0)

    def fail(*_: object) -> None:
        raise RuntimeError("stop")

    middle = made.module.mid_block.register_forward_pre_hook(fail)
    with pytest.raises(RuntimeError, match="stop"):
        said(made.module)
    middle.remove()
    assert torch.equal(said(made.module), said(bare))


def test_what_travels_is_spread_among_what_stays() -> None:
    ten = [streamed.Block(str(n), (str(n),), n * 100, 100) for n in range(10)]
    assert [b.module for b in streamed.spread(ten, 500)] == ["0", "2", "4", "6", "8"]
    assert streamed.spread(ten, 1000) == []
    assert streamed.spread(ten, 0) == ten
    assert sum(b.size for b in streamed.spread(ten, 250)) >= 750


@pytest.mark.parametrize(
    "name",
    [
        *("sd1", "sdxl", "sd3", "flux-dev", "flux2", "z-image", "qwen-image", "chroma", "sana"),
        *("sana-sprint", "pixart", "lumina2"),
    ],
)
def test_nothing_is_copied_twice_in_a_run(
    name: str, tiny: Callable[[str], Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However a model lists its modules; the first run shows in which order it uses them."""
    model, size = tiny(name), Latent(64, 64)
    positive = sampling.encode_prompt(model, "a dragon")
    rings: list[streamed.Ring] = []
    copied: list[int] = []
    whole, copy = streamed.build, streamed.Ring._copy

    def built(source: packed.Packed, device: str, room: int) -> streamed.Streamed:
        made = whole(source, device, 0)
        rings.append(made.ring)
        return made

    def copies(ring: streamed.Ring, number: int) -> None:
        copied.append(number)
        copy(ring, number)

    monkeypatch.setattr(streamed, "CHUNK", 8_000)
    monkeypatch.setattr(streamed, "build", built)
    monkeypatch.setattr(streamed.Ring, "_copy", copies)
    monkeypatch.setenv(ways.MEMORY, "stream")
    monkeypatch.setenv(ways.COMPILE, "off")  # what a recording copies would not be seen
    try:
        sampling.sample(model, positive, None, size, Settings(steps=2))
        before = len(copied)
        sampling.sample(model, positive, None, size, Settings(steps=4))
    finally:
        pool().free(park=False)
    (ring,) = rings
    assert len(ring.turns) > streamed.PLACES
    runs = Counter(copied[before:])
    assert set(runs) == set(range(len(ring.turns)))
    assert max(runs.values()) - min(runs.values()) <= 1


def test_shared_weights_never_travel() -> None:
    """Nobody knows through which of their modules they are used."""

    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second, self.own = (nn.Linear(64, 64, bias=False) for _ in range(3))
            self.second.weight = self.first.weight

    with torch.inference_mode(False):
        found = streamed.blocks(packed.pack(Tied()))
    assert [block.module for block in found] == ["own"]


def test_a_twin_keeps_every_bit_and_its_layout() -> None:
    with torch.inference_mode(False):
        bare = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Linear(4, 4)).eval()
        bare[0].to(memory_format=torch.channels_last)
    source = packed.pack(bare)
    again = source.to("cpu")
    for (name, one), (_, other) in zip(
        bare.state_dict().items(), again.state_dict().items(), strict=True
    ):
        assert torch.equal(one, other), name
        assert one.stride() == other.stride(), name
        assert one.data_ptr() != other.data_ptr(), name


def test_a_tensor_of_tensors_weighs_what_they_take() -> None:
    """As torchao's: it says it has as many numbers as before, of as many bits."""
    inner = torch.zeros(8, 4, dtype=torch.int8), torch.zeros(8, 4, dtype=torch.int8)
    assert packed.weight([TwoTensor(*inner), torch.zeros(3)]) == 2 * 32 + 12


def test_a_lora_over_a_streamed_unet_is_as_over_the_whole_one(
    random: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    with weights.using(random, "unet", Pool(2**30)) as bare:
        expected = said(bare)
    monkeypatch.setenv("NODEFORGE_MEMORY", "stream")
    store = Pool(2**30, ram=2**30)
    with weights.using(random, "unet", store) as unet:
        assert torch.equal(said(unet), expected)
    (place,) = store.resident()
    assert place.how == "stream"
    assert store.plan is not None
    assert store.plan.way == "stream"
