"""Recorded denoisers: the same numbers as plain ones, and nothing left behind."""

from __future__ import annotations

import copy
import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nodeforge import ways
from nodeforge.diffusion import compiled, graphs, packed, streamed
from nodeforge.errors import BadValue


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(8, 8)
        self.calls = 0

    def forward(self, x: Tensor, words: dict[str, Tensor], scale: float = 1.0) -> tuple[Tensor]:
        self.calls += 1
        return (self.layer(x) * scale + words["more"],)


def test_on_a_cpu_every_call_is_a_plain_one() -> None:
    net, x = Small(), torch.randn(2, 8)
    expected = net(x, {"more": x})[0]
    with graphs.replayed(net):
        for _ in range(5):
            assert torch.equal(net(x, {"more": x})[0], expected)
    assert net.calls == 6
    assert "forward" not in net.__dict__


def test_a_copy_of_a_recorded_denoiser_is_not_tied_to_it() -> None:
    net, x = Small(), torch.randn(2, 8)
    with graphs.replayed(net):
        net(x, {"more": x})
    twin = copy.deepcopy(net)
    twin(x, {"more": x})
    assert (net.calls, twin.calls) == (1, 2)


def test_recordings_leave_with_the_denoiser() -> None:
    net = Small()
    with graphs.replayed(net):
        pass
    gone = weakref.ref(net)
    del net
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("how", ["", "auto", "off"])
def test_the_setting_is_heard(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ways.COMPILE, how)
    net: Any = Small()
    with compiled.quick(net):
        assert net(torch.zeros(1, 8), {"more": torch.ones(1, 8)})[0].shape == (1, 8)


@pytest.mark.parametrize("how", ["blocks", "whole"])
def test_where_nothing_compiles_it_is_said_what_to_do(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torch._dynamo.exc import TorchDynamoException

    monkeypatch.setenv(ways.COMPILE, how)
    monkeypatch.setattr(compiled, "_compile", lambda *_: None)
    told = r"compiled here \(no compiler\): turn Compiling off"
    with pytest.raises(BadValue, match=told), compiled.quick(Small()):
        raise TorchDynamoException("no compiler\nand so on")
    with pytest.raises(torch.OutOfMemoryError), compiled.quick(Small()):
        raise torch.OutOfMemoryError("full")
    monkeypatch.setenv(ways.COMPILE, "")
    with pytest.raises(RuntimeError, match="of its own"), compiled.quick(Small()):
        raise RuntimeError("of its own")


@pytest.mark.gpu
def test_replays_are_bit_by_bit_the_plain_calls() -> None:
    net = Small().cuda()
    with torch.inference_mode(), graphs.replayed(net):
        for number in range(8):
            x = torch.full((2, 8), float(number), device="cuda")
            again = net(x, {"more": x}, scale=2.0)[0]
            assert torch.equal(again, net.layer(x) * 2.0 + x)
    assert net.calls == graphs.WARM + 2


@pytest.mark.gpu
def test_what_asks_the_gpu_on_its_way_works_plainly() -> None:
    """Also what would replay something else: a recording is compared before it is used."""

    class Asking(Small):
        def forward(self, x: Tensor, words: dict[str, Tensor], scale: float = 1.0) -> tuple[Tensor]:
            return (super().forward(x, words)[0] * x.sum().item(),)

    class Counting(Small):
        def forward(self, x: Tensor, words: dict[str, Tensor], scale: float = 1.0) -> tuple[Tensor]:
            return (super().forward(x, words)[0] + self.calls,)

    for net in (Asking().cuda(), Counting().cuda()):
        x = torch.ones((2, 8), device="cuda")
        with torch.inference_mode(), graphs.replayed(net):
            found = [net(x, {"more": x})[0] for _ in range(6)]
        recordings = graphs._recordings[net]
        assert not recordings.graphs
        assert len(recordings.plain) == 1
        plain = net.layer(x) + x
        if isinstance(net, Asking):
            assert all(torch.equal(one, plain * 16.0) for one in found)
        else:
            torch.testing.assert_close(found[5] - found[4], torch.ones_like(plain))


@pytest.mark.gpu
def test_weights_that_are_cast_for_each_call_are_not_recorded() -> None:
    """A recording would read where they lay when it was made."""

    class Casting(Small):
        def forward(self, x: Tensor, words: dict[str, Tensor], scale: float = 1.0) -> tuple[Tensor]:
            self.layer.to(torch.float32)
            try:
                return super().forward(x, words)
            finally:
                self.layer.to(torch.float16)

    net = Casting().cuda()
    net.layer.to(torch.float16)
    plain = copy.deepcopy(net.layer).float()
    with torch.inference_mode(), graphs.replayed(net):
        for number in range(6):
            x = torch.full((2, 8), float(number), device="cuda")
            assert torch.equal(net(x, {"more": x})[0], plain(x) + x)
    assert not graphs._recordings[net].graphs


@pytest.mark.gpu
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_weights_that_come_in_turns_are_recorded_coming(share: float) -> None:
    """The same numbers replayed, plainly in between, and replayed again."""
    with torch.inference_mode(False):
        net = nn.Sequential(*(nn.Linear(512, 512) for _ in range(9))).eval()
        source = packed.pack(net, pin=True)
    made = streamed.build(source, "cuda:0", int(source.size * share))
    twin, whole = made.module, source.to("cuda:0")
    with torch.inference_mode():
        for number in range(12):
            x = torch.full((2, 512), number / 7, device="cuda")
            expected = whole(x)
            if number in (5, 8):
                assert torch.equal(twin(x), expected)
            with graphs.replayed(twin, made.ring):
                assert torch.equal(twin(x), expected)
    assert len(graphs._recordings[twin].graphs) == 1


@pytest.mark.gpu
def test_recordings_share_memory_and_take_turns() -> None:
    """Of two denoisers, from two threads; also after another could not be recorded."""

    class Deep(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(256, 256) for _ in range(6))

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.layers:
                x = layer(x).relu() + x.sum(0)
            return x

    class Asking(Deep):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) * x.sum().item()

    nets = [Deep().cuda(), Deep().cuda()]

    def many(net: nn.Module, seed: int) -> bool:
        with torch.inference_mode():
            inputs = [torch.full((64, 256), (seed + n) / 99, device="cuda") for n in range(60)]
            expected = [net(x) for x in inputs]
            with graphs.replayed(net):
                found = [net(x) for x in inputs]
            return all(map(torch.equal, found, expected))

    assert many(nets[0], 0)
    assert many(Asking().cuda(), 1)
    assert many(nets[1], 2)
    (first,), (second,) = (graphs._recordings[net].graphs.values() for net in nets)
    assert first.memory != second.memory  # a recording failed in that of the first
    third = Deep().cuda()
    assert many(third, 3)
    with ThreadPoolExecutor(2) as threads:
        assert all(threads.map(many, [nets[1], third] * 4, range(8)))
    assert [g.memory for g in graphs._recordings[third].graphs.values()] == [second.memory]
