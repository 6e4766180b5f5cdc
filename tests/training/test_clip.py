"""The small CLIP: it learns, goes on, loads elsewhere, and its false captions are false."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from transformers import CLIPImageProcessor, CLIPModel

from nodeforge.errors import MissingModel
from nodeforge.training import clip, loop, nets, sheets
from nodeforge.training.data.sprites import Pack, read
from nodeforge.training.feed import Taken
from nodeforge.training.judge import Judge, fit
from nodeforge.training.loop import Settings
from nodeforge.training.swaps import Swaps
from tests.training import beside

PACK = Path(__file__).parent / "pack"
INKS = {
    "a red cat": (1, -1, -1),
    "a green dragon": (-1, 1, -1),
    "a blue owl": (-1, -1, 1),
    "a white castle": (1, 1, 1),
    "two black horses": (-1, -1, -1),
    "a yellow car": (1, 1, -1),
    "a pink robot to the left of a tree": (1, -1, 1),
    "a dragon flying over a castle": (0, 0, 0),
}


class Walls:
    """Always the same eight scenes, each in one colour."""

    def __init__(self) -> None:
        self.pack: Pack = read(PACK, pictures=False)
        self.place, self.closed = 0, False

    def take(self, count: int) -> Taken:
        rows = [(self.place + offset) % len(INKS) for offset in range(count)]
        self.place += count
        captions = [list(INKS)[row] for row in rows]
        inks = torch.tensor([INKS[caption] for caption in captions]).float()
        pictures = inks[:, :, None, None].repeat(1, 1, 64, 64)
        return Taken(pictures, captions, nets.ids(nets.tokenizer(), captions))

    def close(self) -> None:
        self.closed = True


def make() -> clip.Clip:
    return clip.Clip(Settings(data=PACK, model=PACK, small=True), Walls())


@pytest.fixture(scope="module")
def trained() -> tuple[clip.Clip, list[float]]:
    """A small CLIP after 90 steps, and its losses."""
    made = make()
    losses = [float(made.step(0.0)["loss"]) for _ in range(90)]
    return made, losses


@pytest.fixture(scope="module")
def folder(trained: tuple[clip.Clip, list[float]], tmp_path_factory: Any) -> Path:
    path: Path = tmp_path_factory.mktemp("clip")
    trained[0].export(path)
    return path


def test_it_learns_eight_scenes_by_heart(trained: tuple[clip.Clip, list[float]]) -> None:
    _, losses = trained
    assert sum(losses[25:30]) < 0.8 * sum(losses[:5])
    assert sum(losses[-5:]) < 0.4 * sum(losses[:5])


def test_the_judge_ranks_what_was_learnt_first(folder: Path) -> None:
    judge = Judge.load(folder)
    shown = Walls().take(len(INKS))
    fits = judge.pictures(shown.pictures) @ judge.words(shown.captions).T
    assert fits.argmax(1).tolist() == list(range(len(INKS)))


def test_a_restored_task_goes_on_as_if_nothing_happened() -> None:
    expected, found = beside.continued(make)
    assert found == expected


def test_transformers_loads_what_was_exported(folder: Path) -> None:
    """Plainly, offline; our own judge sees and says the same."""
    net = CLIPModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32).eval()
    captions = list(INKS)[:3]
    ids = nets.ids(nets.tokenizer(folder), captions)
    pictures = torch.rand(2, 3, clip.SIZE, clip.SIZE) * 2 - 1
    with torch.no_grad():
        made = net(input_ids=ids, pixel_values=pictures)
    judge = Judge.load(folder)
    assert torch.allclose(judge.pictures(pictures), made.image_embeds, atol=1e-5)
    assert torch.allclose(judge.words(captions), made.text_embeds, atol=1e-5)


def test_pictures_are_prepared_as_the_exported_folder_says(folder: Path) -> None:
    torch.manual_seed(0)
    rough = torch.rand(1, 3, 16, 16) * 2 - 1
    picture = sheets.pictures(functional.interpolate(rough, (256, 256), mode="bicubic"))[0]
    processor = CLIPImageProcessor.from_pretrained(folder, local_files_only=True)
    theirs = processor(picture, return_tensors="pt")["pixel_values"]
    values = torch.tensor(list(picture.tobytes())).view(256, 256, 3).permute(2, 0, 1)
    ours = fit(values[None] / 127.5 - 1, clip.SIZE)
    assert (theirs - ours).abs().max() < 0.02


def test_a_folder_without_clip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match="nodeforge train clip"):
        Judge.load(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "clip"}))
    with pytest.raises(MissingModel, match="nodeforge train clip"):
        Judge.load(tmp_path)


def test_the_real_network_and_its_words_fit_in_the_tree() -> None:
    words = (nets.TOKENIZER / "tokenizer.json").stat().st_size
    assert 2 * sum(weight.numel() for weight in clip.clip().parameters()) + words < 8.5e6


def test_towers_agree_with_those_of_transformers() -> None:
    torch.manual_seed(0)
    net = clip.clip(small=True).eval()
    ids = nets.ids(nets.tokenizer(), ["a cat", "two dragons over a castle"])
    pictures = torch.randn(2, 3, clip.SIZE, clip.SIZE)
    with torch.no_grad():
        made = net(input_ids=ids, pixel_values=pictures)
        seen, said = clip.see(net, pictures), clip.say(net, ids[:, : clip.LENGTH])
    assert torch.allclose(functional.normalize(seen, dim=1), made.image_embeds, atol=1e-5)
    assert torch.allclose(functional.normalize(said, dim=1), made.text_embeds, atol=1e-5)


def test_it_shows_what_it_learnt(trained: tuple[clip.Clip, list[float]], tmp_path: Path) -> None:
    made, _ = trained
    made.sheet(tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").stat().st_size > 1000
    made.close()
    assert isinstance(made.source, Walls)
    assert made.source.closed


def test_it_is_trained_on_scenes_by_the_loop(tmp_path: Path) -> None:
    """With a real feed; a second call goes on, and the result is a judge."""
    shutil.copytree(PACK, tmp_path / "pack")
    settings = Settings(data=tmp_path / "pack", model=PACK, small=True)
    told: list[str] = []
    for steps in (2, 3):
        task = clip.task(settings)
        loop.run(task, tmp_path / "out", 1, steps=steps, echo=told.append)
        task.close()
    assert "done after 3 steps" in told[-1]
    assert Judge.load(tmp_path / "out" / "model").words(["a cat"]).shape == (1, clip.WIDTH)
    assert (tmp_path / "out" / "sheet.png").exists()


def test_contrast_is_the_mean_of_both_cross_entropies() -> None:
    torch.manual_seed(0)
    seen, said = torch.randn(3, 5), torch.randn(6, 5)
    ids = torch.arange(6)[:, None]
    fits = 7 * functional.normalize(seen, dim=1) @ functional.normalize(said, dim=1).T
    own = torch.arange(3)
    expected = (
        functional.cross_entropy(fits, own) + functional.cross_entropy(fits[:, :3].T, own)
    ) / 2
    loss, right = clip.contrast(seen, said, ids, torch.tensor(7.0))
    assert torch.allclose(loss, expected)
    assert right == (fits[:, :3].argmax(1) == own).float().mean()


def test_equal_captions_are_not_wrong_for_each_other() -> None:
    same = torch.eye(2)[[0, 0]]
    ids = torch.tensor([[1, 2], [1, 2], [1, 2], [1, 2]])
    loss, _ = clip.contrast(same, torch.cat([same, same]), ids, torch.tensor(50.0))
    assert float(loss) == pytest.approx(0, abs=1e-6)


def test_keys_tell_captions_apart() -> None:
    torch.manual_seed(0)
    ids = torch.randint(0, 8192, (4000, clip.LENGTH))
    ids[1] = ids[0]
    found = clip.keys(ids)
    assert found[0] == found[1]
    assert len(set(found.tolist())) == 3999


def test_softened_pictures_keep_their_colours_and_sides() -> None:
    torch.manual_seed(0)
    pictures = torch.full((16, 3, clip.SIZE, clip.SIZE), -0.6)
    pictures[..., : clip.SIZE // 2] = 0.6
    made = clip.softened(pictures)
    assert made.shape == pictures.shape
    assert made.abs().max() <= 1
    quarter = clip.SIZE // 4
    assert (made[..., :quarter].mean((1, 2, 3)) > 0.3).all()
    assert (made[..., -quarter:].mean((1, 2, 3)) < -0.3).all()
    assert not torch.equal(made[0], made[1])


@pytest.fixture(scope="module")
def swaps() -> Swaps:
    return Swaps(nets.tokenizer(), read(PACK, pictures=False).subjects)


def falsehoods(swaps: Swaps, caption: str) -> set[str]:
    """What a caption is turned into."""
    torch.manual_seed(0)
    ids: Tensor = nets.ids(swaps.tokenizer, [caption] * 300)[:, : clip.LENGTH]
    made: set[str] = set(swaps.tokenizer.batch_decode(swaps(ids), skip_special_tokens=True))
    return made


def test_colours_are_exchanged_with_their_articles(swaps: Swaps) -> None:
    made = falsehoods(swaps, "a red robot")
    assert {"an orange robot", "a blue robot", "a violet robot", "a red cat"} <= made
    assert "a red robot" not in made
    assert not any(told.startswith(("a orange", "an blue")) for told in made)


def test_a_synonym_is_not_false(swaps: Swaps) -> None:
    assert not {"a grey robot", "a gray robot"} & falsehoods(swaps, "a grey robot")
    assert not any("over" in told for told in falsehoods(swaps, "a cat above a castle"))


def test_numbers_are_exchanged(swaps: Swaps) -> None:
    made = falsehoods(swaps, "three cats")
    assert {"two cats", "six cats", "three dragons"} <= made
    assert not any("3" in told or told == "three cats" for told in made)


def test_sides_are_mirrored_all_at_once(swaps: Swaps) -> None:
    made = falsehoods(swaps, "a cat on the left and a dragon on the right")
    assert "a cat on the right and a dragon on the left" in made
    assert not any(told.count("left") != 1 for told in made)


def test_things_are_exchanged_only_where_it_matters(swaps: Swaps) -> None:
    assert "an owl riding a cat" in falsehoods(swaps, "a cat riding an owl")
    assert "an owl and a cat" not in falsehoods(swaps, "a cat and an owl")
    assert "a blue cat and a red owl" in falsehoods(swaps, "a red cat and a blue owl")
    assert "a white and black picture of a cat" not in falsehoods(
        swaps, "a black and white picture of a cat"
    )


def test_a_caption_without_such_words_stays(swaps: Swaps) -> None:
    assert falsehoods(swaps, "a rainy landscape") == {"a rainy landscape"}


def test_a_scene_is_small_work() -> None:
    """1 to 3 GFLOP forward and backward: an H100 sees tens of thousands a second."""
    assert 1e9 < clip.flops() < 3e9
