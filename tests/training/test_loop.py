"""The loop: time boxes, checkpoints that go on exactly, and clear words when things go wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor

from nodeforge.errors import NodeForgeError
from nodeforge.training import loop
from nodeforge.training.sheets import contact_sheet, pictures, plot


class Walk:
    """Learns one number, with noise."""

    name, batch, flops = "walk", 4, 1e9

    def __init__(self) -> None:
        self.value = torch.zeros(())
        self.seen: list[float] = []

    def step(self, done: float) -> dict[str, Tensor]:
        self.seen.append(done)
        self.value += 0.1 * (1 - self.value) + 0.01 * torch.randn(())
        return {"loss": (1 - self.value).square()}

    def state(self) -> dict[str, Any]:
        return {"value": self.value}

    def restore(self, state: dict[str, Any]) -> None:
        self.value = state["value"]

    def sheet(self, path: Path) -> None:
        Image.new("RGB", (8, 8)).save(path)

    def export(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "value").write_text(str(float(self.value)))

    def close(self) -> None: ...


def test_a_run_leaves_all_that_is_promised(tmp_path: Path) -> None:
    told: list[str] = []
    task = Walk()
    loop.run(task, tmp_path, 1, steps=10, every=0, echo=told.append)
    assert task.seen == [step / 10 for step in range(10)]
    assert {path.name for path in tmp_path.iterdir()} >= {
        *("checkpoint.pt", "log.jsonl", "loss.png", "sheet.png", "model"),
    }
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert lines[-1]["step"] == 10
    assert lines[-1]["samples"] == 40
    assert "samples/s" in told[0]
    assert "TFLOP/s" in told[0]
    assert len(list(tmp_path.glob("sheet-*.png"))) == 3


def test_a_stopped_run_goes_on_exactly(tmp_path: Path) -> None:
    torch.manual_seed(3)
    whole = Walk()
    loop.run(whole, tmp_path / "whole", 1, steps=8)
    torch.manual_seed(3)
    first = Walk()

    def stop(self: Walk, done: float) -> dict[str, Tensor]:
        if len(self.seen) == 5:
            raise KeyboardInterrupt
        return Walk.step(self, done)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(first, "step", stop.__get__(first))
        with pytest.raises(KeyboardInterrupt):
            loop.run(first, tmp_path / "cut", 1, steps=8)
    torch.manual_seed(99)
    second = Walk()
    loop.run(second, tmp_path / "cut", 1, steps=8)
    assert second.seen == [5 / 8, 6 / 8, 7 / 8]
    assert torch.equal(second.value, whole.value)


def test_the_time_box_counts_all_calls(tmp_path: Path) -> None:
    loop.run(Walk(), tmp_path, 0.002)
    task = Walk()
    loop.run(task, tmp_path, 0.002)
    assert not task.seen
    loop.run(task, tmp_path, 0.004)
    assert task.seen
    assert min(task.seen) >= 0.49


def test_a_loss_that_is_no_number_stops_with_words(tmp_path: Path) -> None:
    task = Walk()
    task.value = torch.tensor(float("nan"))
    with pytest.raises(NodeForgeError, match="no longer a number"):
        loop.run(task, tmp_path, 1, steps=3, every=0)


def test_a_foreign_checkpoint_is_refused(tmp_path: Path) -> None:
    for broken in (b"", b"PK\x03\x04 not a checkpoint"):
        (tmp_path / "checkpoint.pt").write_bytes(broken)
        with pytest.raises(NodeForgeError, match="move it away"):
            loop.run(Walk(), tmp_path, 1, steps=3)
    torch.save({"task": {}}, tmp_path / "checkpoint.pt")
    with pytest.raises(NodeForgeError, match="move it away"):
        loop.run(Walk(), tmp_path, 1, steps=3)


def test_sheets_show_pictures_and_captions(tmp_path: Path) -> None:
    batch = torch.stack([torch.full((3, 16, 16), value) for value in (-1.0, 0.0, 1.0)])
    made = pictures(batch)
    assert [picture.getpixel((3, 3)) for picture in made] == [(0,) * 3, (128,) * 3, (255,) * 3]
    path = tmp_path / "sheet.png"
    contact_sheet(made, ["a caption much longer than two lines of this cell " * 3] * 3, path, 2, 64)
    sheet = Image.open(path)
    assert sheet.width == 2 * 68 + 4
    assert sheet.convert("L").getextrema() == (0, 255)


def test_a_plot_survives_odd_series(tmp_path: Path) -> None:
    plot({"flat": [(1, 2.0), (2, 2.0)], "one": [(5, 1.0)], "none": []}, tmp_path / "loss.png")
    assert Image.open(tmp_path / "loss.png").size == (960, 480)
