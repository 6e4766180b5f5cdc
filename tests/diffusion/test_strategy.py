"""The rule that says how a model is held, as a table."""

from __future__ import annotations

import pytest

from nodeforge import ways
from nodeforge.diffusion import strategy
from nodeforge.diffusion.strategy import Need, choose
from nodeforge.errors import BadValue

GB = 2**30
SD15 = Need(text=GB // 4, denoiser=int(1.7 * GB), vae=GB // 6, working=GB)
SDXL = Need(text=int(1.6 * GB), denoiser=int(4.8 * GB), vae=GB // 6, working=int(1.5 * GB))
FLUX = Need(text=int(9.1 * GB), denoiser=int(22.2 * GB), vae=GB // 6, working=int(1.5 * GB))


@pytest.mark.parametrize(
    ("need", "room", "ram", "way"),
    [
        (SD15, 24, 32, "resident"),
        (SD15, 4, 16, "resident"),
        (SD15, 3, 16, "offload"),
        (SD15, 2, 16, "stream"),
        (SDXL, 12, 32, "resident"),
        (SDXL, 8, 32, "offload"),
        (SDXL, 6, 32, "stream"),
        (SDXL, 4, 16, "stream"),
        (SDXL, 5, 2, "fp8"),
        (SDXL, 2, 2, "stream"),
        (FLUX, 80, 64, "resident"),
        (FLUX, 24, 64, "offload"),
        (FLUX, 16, 64, "stream"),
        (FLUX, 8, 64, "stream"),
        (FLUX, 16, 12, "fp8"),
    ],
)
def test_the_rule(need: Need, room: int, ram: int, way: str) -> None:
    plan = choose(need, room * GB, ram * GB)
    assert plan.way == way
    assert "GB" in plan.why


def test_what_is_asked_for_is_done() -> None:
    assert choose(SD15, 80 * GB, 80 * GB, "int8").way == "int8"


def test_less_room_never_means_more_on_the_device() -> None:
    order = list(ways.HELD)
    for need in (SD15, SDXL, FLUX):
        found = [order.index(choose(need, room * GB, 64 * GB).way) for room in range(40, 0, -1)]
        assert found == sorted(found)


def test_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert strategy.wish() == "auto"
    monkeypatch.setenv("NODEFORGE_MEMORY", "Stream")
    assert strategy.wish() == "stream"
    monkeypatch.setenv("NODEFORGE_MEMORY", "magic")
    with pytest.raises(BadValue, match="set it to auto"):
        strategy.wish()
