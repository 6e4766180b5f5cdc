"""A LoRA of a style or of somebody's own pictures: learning, file, and words for bad folders."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from nodeforge.errors import DiskError, NodeForgeError
from nodeforge.training import frozen, loop, lora, nets
from nodeforge.training.folder import SIZE, Folder
from nodeforge.training.loop import Settings
from nodeforge.training.lora import Lora
from tests.training import beside


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return beside.small_model(tmp_path_factory.mktemp("lora") / "model")


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Three pictures: a wide one with a caption, a tall one without, and a transparent one."""
    folder = tmp_path / "album"
    folder.mkdir()
    wide = Image.new("RGB", (300, 100), "red")
    wide.paste("blue", (100, 0, 200, 100))
    wide.save(folder / "a.png")
    (folder / "a.txt").write_text("my  blue\nthing\n", encoding="utf-8")
    Image.new("L", (50, 90), 128).save(folder / "grey_tall-thing.JPG")
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(folder / "clear.png")
    (folder / "notes.md").write_text("not a picture")
    return folder


def make(model: Path) -> Lora:
    settings = beside.settings(model)
    return Lora(settings, frozen.load(settings), beside.Blobs(), 8, ["a cat, blueprint"])


def test_it_learns(model: Path) -> None:
    """With the same noise every time, the error must shrink."""
    made = make(model)
    made.learner.warm, made.fresh = 1, 0.0
    losses = []
    for _ in range(20):
        torch.manual_seed(0)
        losses.append(float(made.step(0.0)["loss"]))
    assert losses[-1] < 0.9 * losses[0]


def test_the_first_step_is_that_of_the_base(model: Path) -> None:
    """A new LoRA changes nothing: its first loss is the base's own."""
    made = make(model)
    given = torch.randn(1, 4, 8, 8), torch.tensor([300]), made.frozen.told(["a cat"])
    with torch.no_grad():
        touched = made.frozen.unet(*given).sample
        made.frozen.unet.disable_adapters()
        assert torch.equal(made.frozen.unet(*given).sample, touched)


def test_it_works_in_half_precision_as_on_a_gpu(model: Path, tmp_path: Path) -> None:
    """All weights at work are bfloat16; the exact ones stay float32."""
    settings = beside.settings(model)
    base = beside.halved(frozen.load(settings))
    made = Lora(settings, base, beside.Blobs(), 8, ["a cat"])
    assert {w.dtype for w in made.learner.work} == {torch.bfloat16}
    assert torch.isfinite(made.step(0.0)["loss"])
    assert made.learner.truth.dtype == torch.float32
    made.sheet(tmp_path / "sheet.png")


def test_a_restored_lora_goes_on_as_if_nothing_happened(model: Path) -> None:
    expected, found = beside.continued(lambda: make(model))
    assert found == expected


def test_plain_diffusers_loads_what_was_exported_and_lets_go_of_it(
    model: Path, tmp_path: Path
) -> None:
    made = make(model)
    made.learner.warm = 1
    for _ in range(4):
        made.step(0.0)
    made.export(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["pytorch_lora_weights.safetensors"]
    beside.changes_nothing_for_good(model, tmp_path)


def test_the_sheet_leaves_the_lora_ready_to_learn(model: Path, tmp_path: Path) -> None:
    made = make(model)
    made.step(0.0)
    made.sheet(tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size[1] > 512
    before = made.learner.truth.detach().clone()
    made.step(0.0)
    assert not torch.equal(made.learner.truth, before)


def test_the_file_of_the_real_base_is_small() -> None:
    weights = lora.attach(nets.unet(), lora.RANK, lora.ATTENTION + lora.RESNET)
    assert 2 * sum(weight.numel() for weight in weights.values()) < 1.45e6


def test_a_folder_of_pictures_is_learnt_from(model: Path, album: Path) -> None:
    made = lora.task(beside.settings(model), pictures=album)
    assert made.stock.rows.count == 3
    assert made.prompts == ["my blue thing"]
    assert torch.isfinite(made.step(0.0)["loss"])
    made.close()


def test_pictures_are_cut_to_their_middle_and_named(album: Path) -> None:
    taken = Folder(album).take(3)
    assert taken.pictures.shape == (3, 3, SIZE, SIZE)
    assert taken.captions == ["my blue thing", "clear", "grey tall thing"]
    assert taken.pictures[0].mean((1, 2)).tolist() == pytest.approx([-1, -1, 1], abs=0.05)
    assert taken.pictures[1].min() == 1  # transparent is white
    assert taken.pictures[2].mean() == pytest.approx(0, abs=0.02)
    assert taken.ids.shape == (3, 77)


def test_a_folder_begins_again_at_its_end(album: Path) -> None:
    folder = Folder(album)
    assert folder.take(2).captions + folder.take(2).captions == [
        *("my blue thing", "clear", "grey tall thing", "my blue thing"),
    ]


def test_a_missing_folder_is_said(model: Path, tmp_path: Path) -> None:
    with pytest.raises(DiskError, match=r"There is no folder .*lost"):
        lora.task(beside.settings(model), pictures=tmp_path / "lost")


def test_an_empty_folder_is_said(model: Path, tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="There are no pictures in"):
        lora.task(beside.settings(model), pictures=tmp_path)


def test_a_damaged_picture_is_said(album: Path) -> None:
    (album / "b.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    with pytest.raises(DiskError, match=r"b\.png cannot be read"):
        Folder(album)


def test_a_picture_cut_short_is_said(album: Path) -> None:
    whole = (album / "a.png").read_bytes()
    (album / "a.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DiskError, match=r"a\.png cannot be read"):
        Folder(album)


def test_a_caption_that_is_no_text_is_said(album: Path) -> None:
    (album / "a.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(DiskError, match=r"a\.txt cannot be read"):
        Folder(album)


def test_a_base_that_is_not_there_is_said(album: Path, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, model=tmp_path / "none", small=True)
    with pytest.raises(NodeForgeError, match="has no unet"):
        lora.task(settings, pictures=album)


def test_the_task_runs_on_scenes(model: Path, tmp_path: Path) -> None:
    """From start to finish, as the command does it."""
    made = lora.task(beside.with_scenes(model, tmp_path))
    assert all("blueprint" in caption for caption in made.source.take(8).captions)
    loop.run(made, tmp_path / "out", 1, steps=2, sheets=0, echo=lambda line: None)
    made.close()
    assert (tmp_path / "out" / "sheet.png").exists()
    assert list((tmp_path / "out" / "model").glob("*.safetensors"))
