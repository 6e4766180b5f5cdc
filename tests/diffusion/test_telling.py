"""Steps of a run on a GPU are told in order, all of them, and without waiting more than needed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from nodeforge.diffusion import telling
from nodeforge.diffusion.family import Colours
from nodeforge.values import Image

GREY = Colours(((1.0, 1.0, 1.0),) * 4, (0.0, 0.0, 0.0))
GRID = torch.full((1, 4, 2, 2), 0.1)


class Device:
    """A GPU that is done with as many steps as one says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent = self.done = self.clock = 0
        self.waited: list[int] = []
        device = self

        class Event:
            def record(self) -> None:
                device.sent += 1
                self.number = device.sent

            def query(self) -> bool:
                return self.number <= device.done

            def synchronize(self) -> None:
                if not self.query():
                    device.waited.append(self.number)
                    device.done = self.number

        monkeypatch.setattr(torch.cuda, "Event", Event)
        monkeypatch.setattr(telling, "_pinned", torch.empty_like)
        monkeypatch.setattr(telling, "perf_counter", lambda: self.clock / 1000)


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    return Device(monkeypatch)


def run(
    device: Device, steps: int, milliseconds: int, behind: int, kind: str = "cuda"
) -> list[tuple[int, int]]:
    """What was told, and how many steps had been sent by then. behind: steps the GPU is late."""
    told: list[tuple[int, int]] = []

    def step(done: int, steps: int, preview: Callable[[], Image] | None) -> None:
        told.append((done, device.sent))
        assert preview is not None
        assert preview().pixels[0, 0, 0] == pytest.approx([0.4] * 3)

    teller = telling.Teller(step, steps, GREY, (GRID.shape[3], GRID.shape[2]))
    for number in range(1, steps + 1):
        device.clock += milliseconds
        device.done = max(device.done, number - behind)
        teller.tell(number, kind, lambda: GRID)
    teller.finish()
    return told


def test_a_gpu_that_keeps_up_is_never_waited_for(device: Device) -> None:
    assert run(device, 6, 80, behind=0) == [(n, n) for n in range(1, 7)]
    assert device.waited == []


def test_quick_steps_may_be_a_few_late(device: Device) -> None:
    """At 80 ms a step three fit into a quarter of a second."""
    told = run(device, 9, 80, behind=3)
    assert [done for done, _ in told] == list(range(1, 10))
    assert all(sent - done <= 3 for done, sent in told)
    assert device.waited == [7, 8, 9], "at the end, where there is nothing more to send"


def test_slow_steps_are_one_late_so_that_a_cancelled_run_ends_soon(device: Device) -> None:
    told = run(device, 5, 900, behind=5)
    assert told == [(1, 2), (2, 3), (3, 4), (4, 5), (5, 5)]


def test_what_is_not_a_gpu_is_done_when_it_is_told(device: Device) -> None:
    assert run(device, 3, 80, behind=0, kind="cpu") == [(1, 0), (2, 0), (3, 0)]
