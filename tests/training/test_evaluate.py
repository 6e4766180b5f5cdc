"""Measuring a model: right questions, right arithmetic, and a whole report of a small one."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor

from nodeforge.errors import BadValue, MissingModel
from nodeforge.training import clip, evaluate, exam, lora, measures, nets
from nodeforge.training.evaluate import Painter, Report, Way
from nodeforge.training.exam import Score
from nodeforge.training.judge import Judge
from nodeforge.training.scenes import held_out
from nodeforge.training.scenes.held_out import Prompt
from tests.training import beside

PACK = Path(__file__).parent / "pack"
CAT = Prompt("a purple cat on the moon", ("cat",), "alone", "purple", 1, "moon", "")
OWLS = Prompt("two owls on a wooden table", ("owl",), "count", "", 2, "table", "")
FOX = Prompt("a watercolor painting of an owl", ("owl",), "alone", "", 1, "", "watercolor")
LEFT = Prompt("an owl to the left of a car", ("owl", "car"), "left", "", 1, "", "")
ASKED = (CAT, OWLS, FOX, LEFT)


def test_there_are_thirteen_colours_to_choose_from() -> None:
    told = exam.colours(CAT)
    assert told[0] == CAT.caption
    assert len(told) == len(set(told)) == 13
    assert {"an orange cat on the moon", "a grey cat on the moon"} <= set(told)


def test_a_synonym_of_the_colour_is_no_other_answer() -> None:
    told = exam.colours(replace(CAT, caption="a violet cat on the moon"))
    assert told[0] == "a violet cat on the moon"
    assert len(told) == 13
    assert "a purple cat on the moon" not in told


def test_numbers_from_two_to_six_are_asked() -> None:
    assert exam.counts(OWLS) == (
        OWLS.caption,
        *(f"{number} owls on a wooden table" for number in ("three", "four", "five", "six")),
    )
    assert exam.counts(CAT) == (CAT.caption,)


@pytest.mark.parametrize(
    ("caption", "bare"),
    [
        ("a watercolor painting of an owl", "an owl"),
        ("an owl, watercolor painting", "an owl"),
        ("a watercolor owl in autumn", "an owl in autumn"),
        ("an owl", "an owl"),
    ],
)
def test_the_style_is_taken_out_of_the_caption(caption: str, bare: str) -> None:
    assert exam.unstyled(replace(FOX, caption=caption)) == bare


def test_styles_are_asked_in_the_same_words() -> None:
    told = exam.styles(FOX)
    assert told[0] == "an owl, watercolor"
    assert "an owl, pixel art" in told
    assert not any("blueprint" in option or "blurry" in option for option in told)
    assert exam.styles(CAT) == (CAT.caption,)


def test_another_subject_leaves_the_rest_as_it_is() -> None:
    options = exam.subjects(LEFT, ["apple", "car", "dragon", "owl"])
    assert options[0] == LEFT.caption
    assert not {name for name in ("car", "owl") if f"{name} to the left of a {name}" in options}
    told = LEFT.subjects[0]
    words = {exam.replaced(LEFT.caption, {told: name}) for name in ("apple", "dragon")}
    assert set(options[1:]) == words


def test_relations_are_turned_round() -> None:
    assert exam.relations(LEFT)[1] == "an owl to the right of a car"
    riding = Prompt("a cat riding an elephant", ("cat", "elephant"), "riding", "", 1, "", "")
    assert exam.relations(riding)[1] == "an elephant riding a cat"
    beside_ = Prompt("a cat and an owl", ("cat", "owl"), "beside", "", 1, "", "")
    assert exam.relations(beside_) == ("a cat and an owl",)


def test_every_held_out_prompt_is_asked_what_it_shows() -> None:
    prompts = held_out.read()
    asked = exam.questions(prompts, [prompt.caption for prompt in prompts])
    assert set(asked["colour"]) == {n for n, prompt in enumerate(prompts) if prompt.colour}
    assert set(asked["count"]) == {n for n, p in enumerate(prompts) if p.relation == "count"}
    assert set(asked["style"]) == {n for n, prompt in enumerate(prompts) if prompt.style}
    alone = ("alone", "count", exam.UNDIRECTED)
    assert set(asked["relation"]) == {n for n, p in enumerate(prompts) if p.relation not in alone}
    for questions in asked.values():
        assert all(len(set(options)) == len(options) for options in questions.values())


def test_the_other_captions_depend_on_the_seed_alone() -> None:
    captions = [f"{number} cats" for number in range(200)]
    told = exam.others("7 cats", captions, seed=1)
    assert told[0] == "7 cats"
    assert len(set(told)) == exam.CHOICES
    assert told == exam.others("7 cats", captions[::-1], seed=1)
    assert told != exam.others("7 cats", captions, seed=2)


class Reader:
    """Judges by the first letter, which it sees in the picture."""

    def words(self, captions: list[str]) -> Tensor:
        return torch.eye(26)[[ord(caption[0]) - ord("a") for caption in captions]]


def test_scores_count_right_answers() -> None:
    seen: Any = torch.eye(26)[[0, 1]]  # an "a" and a "b"
    asked = {"fidelity": {0: ("apple", "bear"), 1: ("cow", "bull")}, "none": {}}
    judge: Any = Reader()
    assert exam.answers(judge, seen, asked["fidelity"]) == {0: "apple", 1: "bull"}
    assert exam.mark(judge, seen, asked) == {"fidelity": Score(1, 2), "none": Score(0, 0)}
    assert Score(1, 2).share == 0.5
    assert math.isnan(Score(0, 0).share)


def test_noise_ratio_by_hand() -> None:
    """Off by 0.2 of -1..1 is off by 0.1 of 0..1: 20 dB."""
    truth = torch.zeros(2, 3, 8, 8)
    assert measures.psnr(truth + 0.2, truth) == pytest.approx(20, abs=1e-4)


def test_structural_similarity() -> None:
    torch.manual_seed(0)
    truth = torch.rand(1, 3, 32, 32) * 2 - 1
    assert measures.ssim(truth, truth) == pytest.approx(1, abs=1e-5)
    assert measures.ssim(-truth, truth) < 0
    # Without any structure only light is left: (2xy + c) / (x² + y² + c) of 0.5 and 0.75.
    flat = torch.zeros(1, 3, 32, 32)
    light = (2 * 0.5 * 0.75 + 1e-4) / (0.5**2 + 0.75**2 + 1e-4)
    assert measures.ssim(flat, flat + 0.5) == pytest.approx(light, abs=1e-6)


def test_the_best_of_some_rounds_counts() -> None:
    calls: list[int] = []
    assert measures.seconds(lambda: calls.append(1), rounds=2) < 0.5
    assert len(calls) == 3


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return beside.small_model(tmp_path_factory.mktemp("evaluate") / "model")


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CLIP that knows nothing."""
    folder = tmp_path_factory.mktemp("judge")
    torch.manual_seed(0)
    clip.clip(small=True).save_pretrained(folder)
    nets.tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def draft(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA that changes much."""
    folder = tmp_path_factory.mktemp("draft")
    torch.manual_seed(1)
    weights = lora.attach(nets.load(model, "unet"), 2, lora.ATTENTION)
    lora.save({name: torch.randn_like(weight) for name, weight in weights.items()}, folder)
    return folder


def test_a_whole_report(
    model: Path, judge: Path, draft: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_out, "read", lambda: ASKED)
    monkeypatch.setattr(evaluate, "SCENES", 6)
    data = tmp_path / "pack"
    shutil.copytree(PACK, data)
    told: list[str] = []
    report = evaluate.evaluate(
        model,
        judge,
        tmp_path / "out",
        data=data,
        draft=draft,
        floor=model,
        steps=2,
        backdrops=120,
        shown=("a cat", "a dragon"),
        echo=told.append,
    )
    assert set(report.marks) == {"truth", "model", "draft", "floor"}
    for scores in report.marks.values():
        assert list(scores) == ["fidelity", "subject", "colour", "count", "style", "relation"]
        assert [score.of for score in scores.values()] == [4, 3, 1, 1, 1, 1]
    assert report.marks["floor"] == report.marks["model"]
    assert report.psnr is not None
    assert 0 < report.psnr < 30
    assert report.ssim is not None
    assert report.ssim < 1
    assert set(report.seconds) == {"model", "draft"}
    assert report.threads == torch.get_num_threads()
    written = json.loads((tmp_path / "out" / "report.json").read_text())
    assert written["marks"]["truth"]["fidelity"]["of"] == 4
    assert str(tmp_path) not in json.dumps(written)
    assert any("fidelity" in line and "4" in line for line in told)
    for name, wide in (("sheet-1.png", 4), ("sheet-2.png", 4), ("sheet.jpg", 8)):
        with Image.open(tmp_path / "out" / name) as sheet:
            assert sheet.width > wide * 150
    for name in ("sheet-384.png", "sheet-draft.png"):
        assert (tmp_path / "out" / name).exists()


def test_without_pack_and_sheets_the_model_alone_is_measured(
    model: Path, judge: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_out, "read", lambda: ASKED)
    report = evaluate.evaluate(
        model, judge, tmp_path, prompts=2, steps=1, shown=(), echo=lambda _: None
    )
    assert set(report.marks) == {"model"}
    assert report.prompts == 2
    assert report.ratio is None
    assert report.psnr is None
    assert not list(tmp_path.glob("sheet*"))


def test_the_ratio_is_that_of_shares() -> None:
    marks = {"truth": {"fidelity": Score(8, 10)}, "model": {"fidelity": Score(4, 10)}}
    assert evaluate.ratio(marks) == pytest.approx(0.5)
    report = Report("m", "c", "cpu", "2", "0", 10, 0, 20, 5.0, marks, 0.5)
    assert any("50.0%" in line for line in evaluate.table(report))


def test_prompts_are_spread_evenly() -> None:
    assert evaluate.spread(200, 4) == [0, 50, 100, 150]
    assert evaluate.spread(3, None) == evaluate.spread(3, 9) == [0, 1, 2]
    with pytest.raises(BadValue, match="at least one"):
        evaluate.spread(200, 0)


def test_a_picture_depends_on_its_own_seed_only(model: Path) -> None:
    paint = Painter(model, "cpu", Way(1, 5.0))
    both = paint(["a cat", "a dragon"], [1, 2])
    alone = paint(["a dragon"], [2])
    assert both.shape == (2, 3, 256, 256)
    assert both.min() >= -1
    assert torch.allclose(both[1:], alone, atol=1e-4)
    assert not torch.allclose(paint(["a dragon"], [3]), alone, atol=1e-2)


def test_a_draft_draws_otherwise(model: Path, draft: Path) -> None:
    plain = Painter(model, "cpu", evaluate.IN_FOUR)
    for path in (draft, draft / "pytorch_lora_weights.safetensors"):
        drafted = Painter(model, "cpu", evaluate.IN_FOUR, path)
        assert not torch.allclose(plain(["a cat"], [1]), drafted(["a cat"], [1]), atol=1e-2)


def test_what_cannot_be_read_is_said_in_a_sentence(
    model: Path, judge: Path, tmp_path: Path
) -> None:
    with pytest.raises(MissingModel, match="give a diffusers folder"):
        Painter(tmp_path, "cpu", Way(1, 1.0))
    with pytest.raises(MissingModel, match="nodeforge train draft"):
        Painter(model, "cpu", Way(1, 1.0), tmp_path / "none.safetensors")
    assert Judge.load(judge).size == clip.SIZE
