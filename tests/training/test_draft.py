"""The draft: its geometry against diffusers' own scheduler, its learning, its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from nodeforge.training import draft, frozen, loop, lora, nets
from nodeforge.training.draft import PIECES, Draft, path, towards, turn
from tests.training import beside


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return beside.small_model(tmp_path_factory.mktemp("draft") / "model")


def make(model: Path, **changes: Any) -> Draft:
    settings = beside.settings(model)
    teacher = frozen.load(settings)
    made = Draft(settings, teacher, frozen.load(settings).unet, beside.Blobs())
    vars(made).update(changes)
    return made


def angles() -> Tensor:
    return nets.alphas().double().sqrt().acos().float()


def test_pieces_begin_where_trailing_ddim_steps() -> None:
    schedule = nets.schedule()
    schedule.set_timesteps(PIECES)
    steps, noise, _ = path(angles())
    assert steps[:, 0].tolist() == schedule.timesteps.tolist() == [999, 749, 499, 249]
    assert torch.equal(noise[1:, 0], noise[:-1, -1])
    assert noise[-1, -1] == angles()[0]
    assert (noise.diff(dim=1) < 0).all()


@pytest.mark.parametrize("piece", range(PIECES))
def test_the_learnt_velocity_lands_where_the_teacher_came(piece: int, model: Path) -> None:
    made = make(model)
    schedule = nets.schedule()
    schedule.set_timesteps(PIECES)
    starts, words = torch.randn(2, 4, 8, 8), made.teacher.told(["a cat", "a dog"])
    pieces = torch.full((2,), piece)
    ends = made.walk(starts, pieces, words)
    truth = towards(starts, ends, made.angles[pieces, 0], made.angles[pieces, -1])
    step = schedule.timesteps[piece]
    assert torch.allclose(schedule.step(truth, step, starts).prev_sample, ends, atol=1e-4)


@pytest.mark.parametrize("piece", range(PIECES))
def test_turning_is_a_step_of_ddim(piece: int) -> None:
    schedule = nets.schedule()
    schedule.set_timesteps(PIECES)
    place, velocity = torch.randn(2, 2, 4, 8, 8)
    steps, noise, _ = path(angles())
    expected = schedule.step(velocity, steps[piece, 0], place).prev_sample
    ends = noise[[piece, piece]]
    assert torch.allclose(turn(place, velocity, ends[:, 0], ends[:, -1]), expected, atol=1e-5)


def test_the_teacher_walks_like_dpm_solver(model: Path) -> None:
    """Within a piece: guidance, second order, and the end of the piece, held against diffusers."""
    made = make(model)
    starts, words = torch.randn(2, 4, 8, 8), made.teacher.told(["a cat", "a dog"])
    pieces = torch.tensor([1, 2])
    fine = finely(made, starts, pieces, words)
    assert (made.walk(starts, pieces, words) - fine).abs().mean() < 0.1 * (
        fine - starts
    ).abs().mean()


def finely(made: Draft, starts: Tensor, pieces: Tensor, words: Tensor) -> Tensor:
    """The same way in many small steps of DDIM."""
    place, count = starts, 40
    for stop in range(count):
        share = torch.tensor([stop, stop + 1]) / count
        steps = 999 - 250 * (pieces[:, None] + share)
        here, there = made.teacher.angles[steps.round().long()].unbind(1)
        unet, at = made.teacher.unet, steps[:, 0].round().long()
        empty = made.nothing.expand_as(words)
        without = made.teacher.velocity(unet, place, at, empty)
        told = made.teacher.velocity(unet, place, at, words)
        place = turn(place, without + frozen.GUIDANCE * (told - without), here, there)
    return place


def test_the_student_rolls_like_the_pipeline(model: Path) -> None:
    """The states it learns on are those that the plain sampler will meet."""
    made = make(model)
    schedule = nets.schedule()
    schedule.set_timesteps(PIECES)
    place, words = torch.randn(1, 4, 8, 8), made.teacher.told(["a cat"])
    states = made.roll(place, words)
    for piece, state in enumerate(states):
        assert torch.allclose(place, state, atol=1e-4)
        step = schedule.timesteps[piece]
        with torch.no_grad():
            said = made.student(place, step, words).sample
        place = schedule.step(said, step, place).prev_sample


def test_it_learns(model: Path) -> None:
    """The same four walks, again and again: the error must shrink."""
    made = make(model)
    made.lessons.put(*made.prepare(1))
    made.reuse = 10**9
    made.learner.steps, made.learner.warm = 1, 1  # no new lesson at the first step
    losses = [float(made.step(0.0)["loss"]) for _ in range(25)]
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])


def test_only_the_lora_learns(model: Path) -> None:
    made = make(model)
    before = {name: weight.clone() for name, weight in made.student.state_dict().items()}
    made.step(0.0)
    changed = {
        name
        for name, weight in made.student.state_dict().items()
        if not torch.equal(weight, before[name])
    }
    assert changed
    assert all("lora_" in name for name in changed)


def test_it_works_in_half_precision_as_on_a_gpu(model: Path, tmp_path: Path) -> None:
    """All weights at work are bfloat16; the exact ones stay float32."""
    settings = beside.settings(model)
    teacher = beside.halved(frozen.load(settings))
    student = beside.halved(frozen.load(settings)).unet
    made = Draft(settings, teacher, student, beside.Blobs())
    assert {w.dtype for w in made.learner.work} == {torch.bfloat16}
    assert torch.isfinite(made.step(0.0)["loss"])
    assert made.learner.truth.dtype == torch.float32
    made.sheet(tmp_path / "sheet.png")


def test_a_restored_draft_goes_on_as_if_nothing_happened(model: Path) -> None:
    expected, found = beside.continued(lambda: make(model))
    assert found == expected


def test_lessons_are_used_again(model: Path) -> None:
    made = make(model, reuse=2)
    held = []
    for _ in range(4):
        made.step(0.0)
        held.append(made.lessons.columns[0].clone())
    assert torch.equal(held[0], held[1])
    assert not torch.equal(held[1], held[2])
    assert torch.equal(held[2], held[3])


def test_plain_diffusers_loads_what_was_exported_and_lets_go_of_it(
    model: Path, tmp_path: Path
) -> None:
    made = make(model)
    made.learner.warm = 1
    for _ in range(4):
        made.step(0.0)
    made.export(tmp_path)
    beside.changes_nothing_for_good(model, tmp_path)


def test_the_exported_weights_are_those_that_draw_the_sheet(model: Path, tmp_path: Path) -> None:
    made = make(model)
    for _ in range(3):
        made.step(0.0)
    made.export(tmp_path)
    pipe = beside.pipeline(model)
    pipe.load_lora_weights(tmp_path)
    given = torch.randn(1, 4, 8, 8), torch.tensor([500]), made.teacher.told(["a cat"])
    with torch.no_grad(), made.learner.averaged():
        assert torch.allclose(pipe.unet(*given).sample, made.student(*given).sample, atol=2e-2)


def test_it_shows_what_it_learnt(model: Path, tmp_path: Path) -> None:
    made = make(model)
    made.sheet(tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").stat().st_size > 1000
    made.close()
    assert isinstance(made.source, beside.Blobs)
    assert made.source.closed


def test_the_file_of_the_real_base_is_small() -> None:
    weights = lora.attach(nets.unet(), draft.RANK, draft.LAYERS)
    assert 2 * sum(weight.numel() for weight in weights.values()) < 3.9e6


def test_the_task_runs_on_scenes(model: Path, tmp_path: Path) -> None:
    """From start to finish, as the command does it."""
    made = draft.task(beside.with_scenes(model, tmp_path))
    loop.run(made, tmp_path / "out", 1, steps=2, sheets=0, echo=lambda line: None)
    made.close()
    assert (tmp_path / "out" / "sheet.png").exists()
    assert list((tmp_path / "out" / "model").glob("*.safetensors"))
