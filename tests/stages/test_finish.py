"""Pictures are saved whole or not at all, and never over another."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image as Pil

from nodeforge.errors import BadValue, Cancelled, DiskError
from nodeforge.interop.encode import Format, Keep
from nodeforge.interop.metadata import Metadata, read
from nodeforge.stages.finish import file_place, save_image, view
from nodeforge.stages.run import Run
from nodeforge.stages.source import load_image
from nodeforge.values import Image

NOISE = np.random.default_rng(0).random((2, 8, 16, 3), np.float32)
IMAGE = Image(NOISE[:1], (7,))
CLEAR = Image(np.full((1, 8, 8, 4), (1, 0, 0, 0), np.float32))


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_view_hands_on_the_same_picture() -> None:
    assert view(IMAGE) is IMAGE


def test_a_png_keeps_every_bit(tmp_path: Path) -> None:
    save_image(IMAGE, str(tmp_path), "a")
    np.testing.assert_array_equal(load_image(str(tmp_path / "a.png")).bytes8(), IMAGE.bytes8())


@pytest.mark.parametrize("format", get_args(Format))
def test_every_format_is_what_it_says(tmp_path: Path, format: Format) -> None:
    save_image(IMAGE, str(tmp_path), "a", format, 90)
    (name,) = files(tmp_path)
    with Pil.open(tmp_path / name) as picture:
        assert picture.format == format.upper()
        assert picture.size == (16, 8)


def test_quality_counts(tmp_path: Path) -> None:
    for quality in (20, 95):
        save_image(IMAGE, str(tmp_path), f"a{quality}", "jpeg", quality)
    assert (tmp_path / "a20.jpg").stat().st_size < (tmp_path / "a95.jpg").stat().st_size


def test_transparency_is_kept_or_laid_on_white(tmp_path: Path) -> None:
    for format in get_args(Format):
        save_image(CLEAR, str(tmp_path), "a", format)
    assert not load_image(str(tmp_path / "a.png")).pixels[..., 3].any()
    assert not load_image(str(tmp_path / "a.webp")).pixels[..., 3].any()
    assert load_image(str(tmp_path / "a.jpg")).pixels.min() > 0.98


def telling(*parameters: str) -> Run:
    """A run that knows how each picture of a batch was made."""
    told = [Metadata('{"title": "Drachen über Köln 🐉"}', p, source="drawn") for p in parameters]
    return Run(metadata=told.__getitem__)


@pytest.mark.parametrize("format", get_args(Format))
def test_each_picture_of_a_batch_tells_its_own_making(tmp_path: Path, format: Format) -> None:
    run = telling("a dragon\nSteps: 20, Seed: 7", "a dragon\nSteps: 20, Seed: 8")
    save_image(Image(NOISE, (7, 8)), str(tmp_path), "{seed}", format, run=run)
    for name, seed in zip(files(tmp_path), (7, 8), strict=True):
        found = read(tmp_path / name)
        assert found.graph == '{"title": "Drachen über Köln 🐉"}'
        assert found.parameters == f"a dragon\nSteps: 20, Seed: {seed}"
        assert found.source == "drawn"


@pytest.mark.parametrize("keep", get_args(Keep))
def test_one_chooses_what_the_file_tells(tmp_path: Path, keep: Keep) -> None:
    for format in get_args(Format):
        save_image(IMAGE, str(tmp_path), "a", format, metadata=keep, run=telling("Steps: 1"))
    for name in files(tmp_path):
        found = read(tmp_path / name)
        assert bool(found.graph) == (keep == "everything")
        assert bool(found.parameters) == (keep != "nothing")
        assert found.source == "drawn"  # it has a switch of its own


def test_without_notes_nothing_is_written_beside(tmp_path: Path) -> None:
    save_image(IMAGE, str(tmp_path), "a")
    with Pil.open(tmp_path / "a.png") as picture:
        assert not picture.info


def test_half_a_letter_in_the_notes_does_no_harm(tmp_path: Path) -> None:
    save_image(IMAGE, str(tmp_path), "a", run=telling("a\ud800b"))
    assert files(tmp_path) == ["a.png"]


def test_a_file_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("mine")
    for _ in range(2):
        save_image(IMAGE, str(tmp_path), "a")
    assert files(tmp_path) == ["a-2.png", "a-3.png", "a.png"]
    assert (tmp_path / "a.png").read_text() == "mine"


def test_each_picture_of_a_batch_gets_its_own_file_and_is_announced(tmp_path: Path) -> None:
    said: list[str] = []
    steps: list[tuple[int, int]] = []
    run = Run(
        report=lambda fraction, step, count, preview: steps.append((step, count)),
        notes={"title": "Dragon"},
        say=said.append,
    )
    save_image(Image(NOISE, (7, 8)), str(tmp_path), run=run)
    assert files(tmp_path) == ["Dragon-7.png", "Dragon-8.png"]
    assert said == [str(tmp_path / name) for name in files(tmp_path)]
    assert steps == [(1, 2), (2, 2)]


def test_the_name_may_hold_what_is_known(tmp_path: Path) -> None:
    save_image(IMAGE, str(tmp_path), "{index}_{width}x{height}_{seed}_{date}_{time}")
    (name,) = files(tmp_path)
    assert name.startswith("1_16x8_7_2")
    assert not set(":/\\{}") & set(name)


def test_the_seed_comes_from_the_run_when_the_picture_has_none(tmp_path: Path) -> None:
    save_image(Image(NOISE[:1]), str(tmp_path), "{seed}", run=Run(notes={"seed": "5"}))
    save_image(Image(NOISE[:1]), str(tmp_path), "{title}-{seed}")
    assert files(tmp_path) == ["5.png", "picture.png"]


@pytest.mark.parametrize(
    ("template", "stem"),
    [
        ("a/b\\c:d*e?f", "a/b/c-d-e-f"),
        ("portraits/{t}/x", "portraits/Köln/x"),
        ("a//./ . /con/b.png", "a/_con/b"),
        ("a/", "a/picture"),
        ("{slash}/x", "a-..-b/x"),
        ("~a", "~a"),
        ("  . - ", "picture"),
        ("", "picture"),
        ("cat.png", "cat"),
        ("cat.v2", "cat.v2"),
        ("con", "_con"),
        ("lpt1.x", "_lpt1.x"),
        ("{t}!", "Köln!"),
        ("a\nb\0c\ud800d", "a-b-c-d"),
        ("ü" * 300, "ü" * 90),
    ],
)
def test_a_name_is_fit_for_every_system(template: str, stem: str) -> None:
    assert str(file_place(template, {"t": "Köln", "slash": "a/../b"})) == stem


@pytest.mark.parametrize(
    "template",
    [
        "../x",
        "a/../../x",
        "a/.. /x",
        "/etc/x",
        "\\x\\y",
        "C:\\x",
        "c:x",
        "~/x",
        "\\\\host\\share\\x",
    ],
)
def test_a_name_never_leads_out_of_the_folder(tmp_path: Path, template: str) -> None:
    with pytest.raises(BadValue, match="leads out of the folder: name folders below it only"):
        save_image(IMAGE, str(tmp_path / "in"), template)
    assert files(tmp_path) == ["in"]


def test_a_name_makes_folders_and_follows_no_link_out(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "out").symlink_to(tmp_path)
    (tmp_path / "in" / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "in" / "alias").symlink_to(tmp_path / "in", target_is_directory=True)
    said: list[str] = []
    save_image(IMAGE, str(tmp_path / "in"), "cats/{width}/x", run=Run(say=said.append))
    save_image(IMAGE, str(tmp_path / "in"), "alias/y")
    assert said == [str(tmp_path / "in" / "cats" / "16" / "x.png")]
    assert (tmp_path / "in" / "y.png").is_file()
    for name in ("out/x", "gone/x", "cats/../out/x"):
        with pytest.raises(BadValue, match=r"is a link to another place|leads out"):
            save_image(IMAGE, str(tmp_path / "in"), name)
    assert files(tmp_path) == ["in"]


@pytest.mark.parametrize("template", ["{colour}", "{}", "{seed}{Seed}"])
def test_a_word_nobody_knows_is_said(template: str, tmp_path: Path) -> None:
    with pytest.raises(BadValue, match=r"A file name cannot hold \{.*\}: use \{title\}, \{seed\}"):
        save_image(IMAGE, str(tmp_path), template)
    assert not files(tmp_path)


def test_the_folder_is_made_and_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("SHOT", "s1")
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    for folder in ("~/new/deep", "a $HOME b", "$SHOT/a", "%SHOT%"):
        save_image(IMAGE, folder, "a", run=Run(say=said.append))
    assert said == [
        str(tmp_path / folder / "a.png")
        for folder in ("new/deep", "a $HOME b", "$SHOT/a", "%SHOT%")
    ]


def test_a_saved_picture_may_be_read_by_others(tmp_path: Path) -> None:
    save_image(IMAGE, str(tmp_path), "a")
    (tmp_path / "plain").touch()
    assert (tmp_path / "a.png").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_no_folder_is_said() -> None:
    with pytest.raises(DiskError, match="No folder is chosen"):
        save_image(IMAGE, " ")


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_file_where_the_folder_should_be_is_said(tmp_path: Path, below: str) -> None:
    (tmp_path / "here").touch()
    with pytest.raises(DiskError, match=r"here.* is not a folder: choose another folder"):
        save_image(IMAGE, str(tmp_path / "here" / below), "a")


def failing(code: int) -> Any:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


def test_a_folder_that_may_not_be_made_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "mkdir", failing(errno.EACCES))
    with pytest.raises(DiskError, match="may not be written to: choose another folder"):
        save_image(IMAGE, str(tmp_path / "new"), "a")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, step, failing(errno.ENOSPC))
        with pytest.raises(DiskError, match=r"cannot be saved, because .*no space left"):
            save_image(IMAGE, str(tmp_path), "a")
    assert not files(tmp_path)


def test_a_picture_too_large_for_the_format_is_said(tmp_path: Path) -> None:
    wide = Image(np.zeros((1, 8, 16400, 3), np.float32))
    with pytest.raises(
        DiskError, match="16,400 px long, and WebP holds 16,383 at most: choose png"
    ):
        save_image(wide, str(tmp_path), "a", "webp")
    assert not files(tmp_path)


def test_cancelling_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        save_image(IMAGE, str(tmp_path), "a", run=Run(cancelled=lambda: True))
    assert not files(tmp_path)
