"""The upscaler: what it is given, how it learns, and that its file is a Real-ESRGAN compact net."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from nodeforge.errors import NodeForgeError
from nodeforge.training import shapes, upscaler
from nodeforge.training.compact import Compact, Critic
from nodeforge.training.degrade import both, degrade, gaussian, jpeg, shrinking
from nodeforge.training.learner import Learner
from nodeforge.training.loop import Settings
from nodeforge.training.upscaler import NAME, Upscaler


@dataclass(frozen=True)
class Taken:
    pictures: Tensor


class Drawn:
    """Scenes of drawn shapes alone; like a Feed, but made at once."""

    def take(self, count: int, size: int | None = None) -> Taken:
        return Taken(shapes.draw(count, size or 256, "cpu") * 2 - 1)

    def close(self) -> None: ...


SETTINGS = Settings(data=Path(), model=Path("nowhere"), small=True)


def make(**changes: Any) -> Upscaler:
    return Upscaler(replace(SETTINGS, **changes), Drawn())


def saved(state: dict[str, Any]) -> Any:
    buffer = io.BytesIO()
    torch.save(state, buffer)
    buffer.seek(0)
    return torch.load(buffer, weights_only=True)


def test_steps_with_and_without_the_critic() -> None:
    task = make()
    assert set(task.step(0.0)) == {"colours", "edges"}
    losses = task.step(0.9)
    assert set(losses) == {"colours", "edges", "features", "critic", "verdict"}
    assert all(loss.isfinite() for loss in losses.values())


def test_a_restored_task_goes_on_bitwise() -> None:
    first = make()
    for done in (0.1, 0.5):
        first.step(done)
    state, random = saved(first.state()), torch.get_rng_state()
    expected = [first.step(0.6) for _ in range(2)]
    second = make()
    second.restore(state)
    torch.set_rng_state(random)
    for step in expected:
        assert second.step(0.6) == step
    ours, theirs = second.learner.weights(), first.learner.weights()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_it_learns_a_picture_better_than_bicubic(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ALONE": 1.0, "RATE": 1e-2, "WARM": 5}.items():
        monkeypatch.setattr(upscaler, name, value)
    monkeypatch.setattr(upscaler, "degrade", lambda pictures: degrade(pictures, 0.0))
    task = make()
    truth = shapes.draw(1, 64, "cpu")
    monkeypatch.setattr(task, "draw", lambda count: truth.expand(count, -1, -1, -1))
    for step in range(120):
        loss = task.step(step / 120)["colours"]
    plain = [(upscaler.bicubic(degrade(truth, 0.0)) - truth).abs().mean() for _ in range(8)]
    assert loss < 0.8 * min(plain)


def test_every_teacher_has_its_share_of_the_slope() -> None:
    task = make()
    made, truth = torch.rand(2, 3, 64, 64), torch.rand(2, 3, 64, 64)
    _, plain = task.teach(made.clone(), truth, 0.0)
    colours = task.slopes[0]
    _, whole = task.teach(made.clone(), truth, 1.0)
    lines = (
        plain
        - torch.autograd.grad(
            torch.nn.functional.l1_loss(given := made.clone().requires_grad_(), truth), given
        )[0]
    )
    assert lines.norm() / colours == pytest.approx(upscaler.SAY["edges"], rel=1e-3)
    most = upscaler.SAY["features"] + upscaler.SAY["critic"]
    assert 0.1 * most < (whole - plain).norm() / colours < 1.01 * most


def test_the_critic_learns_what_is_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upscaler, "RATE_CRITIC", 1e-2)
    task = make()
    for _ in range(40):
        truth = task.draw(2)
        verdict = task.judge(torch.rand_like(truth), truth, 0.0)
    assert verdict < 0.3


def test_the_export_is_a_compact_net(tmp_path: Path) -> None:
    task = make()
    task.net = Compact()
    task.learner = Learner(dict(task.net.named_parameters()), 1e-4)
    task.export(tmp_path)
    spandrel = pytest.importorskip("spandrel")
    file = tmp_path / f"{NAME}.safetensors"
    assert file.stat().st_size < 1.3e6
    loaded = spandrel.ModelLoader().load_from_file(file)
    assert (loaded.architecture.id, loaded.scale) == ("Compact", 4)
    given = torch.rand(1, 3, 16, 24)
    with torch.no_grad():
        assert torch.allclose(loaded.model.float()(given), task.net(given), atol=2e-3)


def test_the_sheet_shows_every_way(tmp_path: Path) -> None:
    task = make()
    random = torch.get_rng_state()
    task.sheet(tmp_path / "sheet.png")
    assert torch.equal(random, torch.get_rng_state())
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 4 * 192


def test_it_goes_on_from_the_upscaler_beside_the_model(tmp_path: Path) -> None:
    weights = Compact().state_dict()
    (tmp_path / "upscalers").mkdir()
    save_file({k: v.half() for k, v in weights.items()}, tmp_path / upscaler.OLDER)
    found = upscaler.older(tmp_path / "forge-tiny")
    assert found
    assert torch.equal(found["body.0.weight"], weights["body.0.weight"].half().float())
    assert upscaler.older(tmp_path / "else" / "forge-tiny") is None


def test_a_file_that_is_no_upscaler_is_told(tmp_path: Path) -> None:
    file = tmp_path / "lora.safetensors"
    save_file({"up": torch.zeros(2)}, file)
    for path in (file, tmp_path / "missing.safetensors"):
        with pytest.raises(NodeForgeError, match="no compact upscaler"):
            upscaler.older(path)


def test_the_critic_runs_in_half_precision_too() -> None:
    with torch.autocast("cpu", torch.bfloat16):
        verdicts, seen = Critic(4)(torch.rand(2, 3, 32, 32))
    assert verdicts.shape == (2, 1, 32, 32)
    assert [each.shape[-1] for each in seen] == [16, 8, 4]
    verdicts.sum().backward()


@pytest.mark.parametrize(
    ("kind", "pillow"),
    [(0, Image.Resampling.BOX), (1, Image.Resampling.BILINEAR), (2, Image.Resampling.BICUBIC),
     (3, Image.Resampling.LANCZOS)],
)  # fmt: skip
def test_shrinking_is_what_pillow_does(kind: int, pillow: Image.Resampling) -> None:
    plane = torch.rand(64, 64)
    ours = both(shrinking(64, plane.device)[kind][None], plane[None, None])[0, 0]
    theirs = np.asarray(Image.fromarray(plane.numpy()).resize((16, 16), pillow))
    assert np.abs(ours.numpy() - theirs).max() < 1e-5


def test_no_blur_is_no_change() -> None:
    assert torch.equal(gaussian(8, torch.zeros(1))[0], torch.eye(8))


def test_what_is_given_is_small_and_of_eight_bits() -> None:
    torch.manual_seed(1)
    truth = shapes.draw(6, 64, "cpu")
    given = degrade(truth)
    assert given.shape == (6, 3, 16, 16)
    assert torch.equal((given * 255).round() / 255, given)
    assert 0 <= given.min() <= given.max() <= 1
    clean = degrade(truth, 0.0)
    assert (clean - torch.nn.functional.avg_pool2d(truth, 4)).abs().mean() < 0.02


def test_jpeg_keeps_what_is_flat_and_spoils_what_is_fine() -> None:
    flat = torch.full((4, 3, 16, 16), 128 / 255)
    assert (jpeg(flat) - flat).abs().max() < 4 / 255
    fine = torch.rand(4, 3, 16, 16)
    assert 0.02 < (jpeg(fine) - fine).abs().mean() < 0.2


def test_shapes_have_hard_edges() -> None:
    torch.manual_seed(2)
    drawn = shapes.draw(8, 128, "cpu")
    assert 0 <= drawn.min() <= drawn.max() <= 1
    steps = drawn.diff(dim=3).abs().amax((1, 2, 3))
    assert (steps > 0.3).all()
