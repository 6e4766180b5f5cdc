"""Control by lines: where its features land, roughened hints, learning, and the plain pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionAdapterPipeline, T2IAdapter
from torch import Tensor

from nodeforge import resources
from nodeforge.diffusion.edges import edges
from nodeforge.training import control, frozen, loop, nets
from nodeforge.training.control import Control
from tests.training import beside


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return beside.small_model(tmp_path_factory.mktemp("control") / "model")


def make(model: Path) -> Control:
    settings = beside.settings(model)
    return Control(settings, frozen.load(settings), beside.Blobs())


def lines(count: int = 4) -> Tensor:
    """Hints of squares, [n, 1, 256, 256]."""
    return edges((beside.Blobs(256).take(count).pictures + 1) / 2)


def test_features_fit_the_real_unet_where_it_takes_them() -> None:
    """All three are added: after the first downsampling, before the second, at the lowest level."""
    unet, made = nets.unet(), control.adapter([96, 192, 256])
    with torch.no_grad():
        features = made(torch.rand(1, 1, 256, 256))
        assert [tuple(f.shape[1:]) for f in features] == [(96, 16, 16), (192, 16, 16), (256, 8, 8)]
        given = torch.randn(1, 4, 32, 32), torch.tensor([900]), torch.randn(1, 77, 256)
        plain = unet(*given).sample
        for index in range(3):
            alone = [f * (index == place) * 50 for place, f in enumerate(features)]
            left = list(alone)
            moved = unet(*given, down_intrablock_additional_residuals=left).sample
            assert not left
            assert not torch.allclose(moved, plain, atol=1e-3)


def test_the_file_of_the_real_base_is_small() -> None:
    weights = control.adapter([96, 192, 256]).parameters()
    assert 2 * sum(weight.numel() for weight in weights) < 5.4e6


def test_it_learns(model: Path) -> None:
    """With the same noise every time, the error must shrink."""
    made = make(model)
    made.learner.warm = 1
    losses = []
    for _ in range(15):
        torch.manual_seed(0)
        losses.append(float(made.step(0.0)["loss"]))
    assert losses[-1] < 0.97 * losses[0]


def test_only_the_adapter_learns(model: Path) -> None:
    made = make(model)
    base = {name: weight.clone() for name, weight in made.frozen.unet.state_dict().items()}
    own = [weight.detach().clone() for weight in made.adapter.parameters()]
    made.step(0.0)
    after = made.frozen.unet.state_dict()
    assert all(torch.equal(after[name], base[name]) for name in base)
    assert all(not torch.equal(a, b) for a, b in zip(own, made.adapter.parameters(), strict=True))


def test_it_works_in_half_precision_as_on_a_gpu(model: Path, tmp_path: Path) -> None:
    """All weights at work are bfloat16; the exact ones stay float32."""
    settings = beside.settings(model)
    made = Control(settings, beside.halved(frozen.load(settings)), beside.Blobs())
    assert {w.dtype for w in made.learner.work} == {torch.bfloat16}
    assert torch.isfinite(made.step(0.0)["loss"])
    assert made.learner.truth.dtype == torch.float32
    made.sheet(tmp_path / "sheet.png")


def test_a_restored_control_goes_on_as_if_nothing_happened(model: Path) -> None:
    expected, found = beside.continued(lambda: make(model))
    assert found == expected


def test_the_sheet_shows_hints_and_two_ways_to_follow_them(model: Path, tmp_path: Path) -> None:
    made = make(model)
    made.sheet(tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").stat().st_size > 1000


def test_the_adapter_loads_in_the_plain_pipeline(tmp_path: Path) -> None:
    """With the model that ships: a hint changes the picture, more with more weight."""
    forge = resources.path("models/forge-tiny")
    made = control.adapter([96, 192, 256])
    made.half().save_pretrained(tmp_path)
    loaded = T2IAdapter.from_pretrained(tmp_path, local_files_only=True).float()
    pipe = beside.pipeline(forge)
    parts = {k: v for k, v in pipe.components.items() if k != "image_encoder"}
    led: Any = StableDiffusionAdapterPipeline(
        **parts, adapter=loaded, requires_safety_checker=False
    )
    led.set_progress_bar_config(disable=True)
    hint = lines(1)[..., ::4, ::4].repeat(1, 1, 1, 1)
    plain = beside.drawn(pipe)
    light = beside.drawn(led, image=hint, adapter_conditioning_scale=0.1)
    heavy = beside.drawn(led, image=hint, adapter_conditioning_scale=1.0)
    assert 0 < (light - plain).abs().mean() < (heavy - plain).abs().mean()


def test_what_is_exported_is_the_averaged_adapter(model: Path, tmp_path: Path) -> None:
    made = make(model)
    for _ in range(3):
        made.step(0.0)
    made.export(tmp_path)
    assert all(path.stat().st_size < 15e6 for path in tmp_path.iterdir())
    loaded = T2IAdapter.from_pretrained(tmp_path, local_files_only=True).float()
    hint = lines(1)
    with torch.no_grad(), made.learner.averaged():
        for found, expected in zip(loaded(hint), made.adapter(hint), strict=True):
            assert torch.allclose(found, expected, atol=2e-2)


def test_hints_are_kept_as_bytes_of_edges() -> None:
    pictures = beside.Blobs(256).take(2).pictures
    kept = control.hints(pictures)
    assert kept.dtype == torch.uint8
    assert (kept.float() / 255 - edges((pictures + 1) / 2)).abs().max() < 0.003


def test_roughened_hints_are_still_hints() -> None:
    torch.manual_seed(0)
    rough = control.roughen(lines(32))
    assert rough.shape == (32, 1, 256, 256)
    assert rough.min() >= 0
    assert rough.max() <= 1
    hard = ((rough == 0) | (rough == 1)).flatten(1).all(1)
    assert 4 < int(hard.sum()) < 28  # some are pure black and white, as a drawing is


def test_a_bent_line_stays_near_its_place() -> None:
    torch.manual_seed(0)
    upright = torch.zeros(64, 1, 256, 256)
    upright[..., 126:130] = 1
    bent = control.shake(upright)
    assert bent[..., :100].max() == 0
    assert bent[..., 156:].max() == 0
    still = (bent - upright).abs().amax((1, 2, 3)) < 0.01
    assert 16 < int(still.sum()) < 48


def test_brushes_are_one_three_and_five_pixels() -> None:
    torch.manual_seed(0)
    dot = torch.zeros(64, 1, 16, 16)
    dot[..., 8, 8] = 1
    sizes = control.thicken(dot).sum((1, 2, 3)).tolist()
    assert set(sizes) == {1.0, 9.0, 25.0}


def test_some_hints_are_left_out() -> None:
    torch.manual_seed(0)
    kept = control.leave_out(torch.ones(2000, 1, 2, 2), 0.12).amax((1, 2, 3)).mean()
    assert kept == pytest.approx(0.88, abs=0.03)


def test_most_steps_are_noisy() -> None:
    torch.manual_seed(0)
    steps = control.late(10_000, 1000, torch.device("cpu")).float()
    assert steps.min() >= 0
    assert steps.max() <= 999
    assert steps.mean() == pytest.approx(750, abs=15)


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("a red cat in the snow", "a blue cat in the snow"),
        ("a brown bear", "a red bear"),
        ("an owl on a red table", "an owl on a blue table"),
        ("an owl", "a blue owl"),
        ("two penguins", "two blue penguins"),
        ("pixel art of a tree", "blue pixel art of a tree"),
        ("a hundred cats", "a blue hundred cats"),
    ],
)
def test_words_get_another_colour(caption: str, expected: str) -> None:
    assert control.recoloured(caption) == expected


def test_the_task_runs_on_scenes(model: Path, tmp_path: Path) -> None:
    """From start to finish, as the command does it."""
    made = control.task(beside.with_scenes(model, tmp_path))
    loop.run(made, tmp_path / "out", 1, steps=2, sheets=0, echo=lambda line: None)
    made.close()
    assert (tmp_path / "out" / "sheet.png").exists()
    assert list((tmp_path / "out" / "model").glob("*.safetensors"))
