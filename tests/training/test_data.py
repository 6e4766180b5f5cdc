"""Sprite pack and subjects: round trips, rules of the list, clear words when a pack is broken."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nodeforge.errors import DiskError
from nodeforge.training.data import raster, sprites, subjects
from nodeforge.training.data.sprites import LOOKS, Sprite, Subject

FIXTURE = Path(__file__).parent / "pack"
RED = Subject("red thing", "item", True, ("thing",), ("things",), ("a",), 5.0)
BLUE = Subject("blue thing", "sky", False, ("stuff",), ("stuff",), ("",), 1.0)


def picture(colour: tuple[int, int, int, int], size: int = 16, form: str = "WEBP") -> bytes:
    stream = io.BytesIO()
    Image.new("RGBA", (size, size), colour).save(stream, form, lossless=True)
    return stream.getvalue()


def small_pack(folder: Path) -> None:
    made = [
        (Sprite(0, "3d", 1.0, 0.5, "red"), picture((255, 0, 0, 255))),
        (Sprite(1, "noto", 0.25, 1.0, None), picture((0, 0, 255, 128))),
    ]
    sprites.write(folder, 16, (RED, BLUE), made)


# The pack on disk


def test_what_was_written_is_read(tmp_path: Path) -> None:
    small_pack(tmp_path)
    pack = sprites.read(tmp_path)
    assert pack.size == 16
    assert pack.subjects == (RED, BLUE)
    assert pack.sprites == (Sprite(0, "3d", 1.0, 0.5, "red"), Sprite(1, "noto", 0.25, 1.0, None))
    assert pack.pictures.shape == (2, 16, 16, 4)
    assert pack.pictures.dtype == np.uint8
    assert pack.pictures[:, 0, 0].tolist() == [[255, 0, 0, 255], [0, 0, 255, 128]]


def test_without_pictures(tmp_path: Path) -> None:
    small_pack(tmp_path)
    (tmp_path / sprites.PICTURES).unlink()
    pack = sprites.read(tmp_path, pictures=False)
    assert pack.pictures.shape == (0, 16, 16, 4)
    assert len(pack.sprites) == 2


def test_processes_read_the_same() -> None:
    one, two = sprites.read(FIXTURE), sprites.read(FIXTURE, processes=2)
    assert np.array_equal(one.pictures, two.pictures)


def test_fixture_shows_something() -> None:
    pack = sprites.read(FIXTURE)
    assert {sprite.look for sprite in pack.sprites} == set(LOOKS)
    assert {sprite.subject for sprite in pack.sprites} == set(range(len(pack.subjects)))
    shares = (pack.pictures[..., 3] > 127).mean((1, 2))
    assert shares.min() > 0.05
    named = {name for subject in pack.subjects for name in subject.names}
    assert {"dragon", "castle", "cat", "apple", "astronaut", "robot", "bowl of noodles"} <= named


def spoil_json(change: Callable[[Any], object]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        file = folder / sprites.INDEX
        index = json.loads(file.read_text("utf-8"))
        change(index)
        file.write_text(json.dumps(index), "utf-8")

    return spoil


def truncate(folder: Path) -> None:
    file = folder / sprites.PICTURES
    file.write_bytes(file.read_bytes()[:-20])


def scramble(folder: Path) -> None:
    file = folder / sprites.PICTURES
    file.write_bytes(bytes(len(file.read_bytes())))


@pytest.mark.parametrize(
    "spoil",
    [
        truncate,
        scramble,
        lambda folder: (folder / sprites.INDEX).write_text("{", "utf-8"),
        lambda folder: (folder / sprites.INDEX).write_text("[]", "utf-8"),
        lambda folder: (folder / sprites.INDEX).write_bytes(b"\xff\xfe\xfd"),
        spoil_json(lambda index: index.pop("subjects")),
        spoil_json(lambda index: index["sprites"][0].pop()),
        spoil_json(lambda index: index["sprites"][0].__setitem__(0, 7)),
        spoil_json(lambda index: index["sprites"][0].__setitem__(1, "oil")),
        spoil_json(lambda index: index["sprites"][0].__setitem__(5, -4)),
        spoil_json(lambda index: index.__setitem__("size", 32)),
        spoil_json(lambda index: index["subjects"][0].__setitem__("plurals", [])),
    ],
)
def test_broken_pack_says_so(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    small_pack(tmp_path)
    spoil(tmp_path)
    with pytest.raises(DiskError, match=r"is broken \(.+\): build the pack again$"):
        sprites.read(tmp_path)


def test_other_format_says_so(tmp_path: Path) -> None:
    small_pack(tmp_path)
    spoil_json(lambda index: index.__setitem__("format", 2))(tmp_path)
    with pytest.raises(DiskError, match="has format 2, and this version reads 1"):
        sprites.read(tmp_path)


def test_no_pack_says_so(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="There is no sprite pack in"):
        sprites.read(tmp_path)


def test_unwritable_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DiskError, match="cannot be written"):
        small_pack(tmp_path / "file")


# The list of subjects


@pytest.mark.parametrize("things", [subjects.load(), sprites.read(FIXTURE, False).subjects])
def test_every_name_belongs_to_one_subject(things: tuple[Subject, ...]) -> None:
    owners: dict[str, str] = {}
    for subject in things:
        for name in {*subject.names, *subject.plurals}:
            assert owners.setdefault(name, subject.label) == subject.label, name
    assert len({subject.label for subject in things}) == len(things)


def test_articles_fit() -> None:
    spoken = {"unicorn": "a", "ufo": "a", "hourglass": "an", "sun": "the", "earth": "the"}
    spoken["statue of liberty"] = "the"
    for subject in subjects.load():
        for name, article in zip(subject.names, subject.articles, strict=True):
            usual = "an" if name[0] in "aeiou" else "a"
            assert article in ("", spoken.get(name, usual)), name


def test_names_hold_no_colour() -> None:
    colours = {*raster.COLOURS, "gray", "gold", "golden", "turquoise", "teal", "cyan", "violet"}
    words = {word for subject in subjects.load() for word in " ".join(subject.names).split()}
    assert words & colours == {"orange"}  # the fruit


def test_plain_nouns_go_to_what_is_known_at_a_glance() -> None:
    labels = {name: subject.label for subject in subjects.load() for name in subject.names}
    assert labels["cat"] == "cat"
    assert labels["dog"] == "dog face"
    assert labels["horse"] == "horse"
    assert labels["lion"] == "lion"
    assert labels["moon"] == "crescent moon"
    assert labels["king"] == "prince"


@pytest.mark.parametrize(
    ("name", "several"),
    [
        ("fox", "foxes"),
        ("wolf", "wolves"),
        ("mouse", "mice"),
        ("goose", "geese"),
        ("fish", "fish"),
        ("sheep", "sheep"),
        ("butterfly", "butterflies"),
        ("monkey", "monkeys"),
        ("cup of coffee", "cups of coffee"),
        ("glass of wine", "glasses of wine"),
        ("bow and arrow", "bows and arrows"),
        ("tomato", "tomatoes"),
        ("bread", "bread"),
        ("witch", "witches"),
        ("snowman", "snowmen"),
        ("toy", "toys"),
    ],
)
def test_plurals(name: str, several: str) -> None:
    listed = {
        one: many
        for subject in subjects.load()
        for one, many in zip(subject.names, subject.plurals, strict=True)
    }
    assert listed.get(name, subjects.plural(name)) == several


def test_few_are_drawn_often() -> None:
    things = subjects.load()
    often = [subject for subject in things if subject.weight == 5]
    assert 100 <= len(often) <= 140
    assert 380 <= len(things) <= 420
    assert {subject.weight for subject in things} == {1, 5}


def test_colours_stay_where_they_belong() -> None:
    painted = {subject.names[0]: subject.colourable for subject in subjects.load()}
    assert painted["dragon"]
    assert painted["car"]
    assert painted["heart"]
    assert not painted["astronaut"]
    assert not painted["panda"]
    assert not painted["pizza"]


# One sprite


def test_cutout_is_cropped_and_centred() -> None:
    image = Image.new("RGBA", (100, 100))
    image.paste((40, 120, 220, 255), (10, 60, 50, 80))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    cut = raster.cutout(stream.getvalue())
    assert (cut.width, cut.height, cut.colour) == (1.0, 0.5, "blue")
    pixels = np.asarray(Image.open(io.BytesIO(cut.webp)).convert("RGBA"))
    assert pixels.shape == (raster.SIZE, raster.SIZE, 4)
    rows, columns = np.nonzero(pixels[..., 3] > 127)
    assert (rows.min(), rows.max()) == (52, 155)
    assert (columns.min(), columns.max()) == (0, 207)
    assert np.abs(pixels[104, 104].astype(int) - (40, 120, 220, 255)).max() <= 6


def test_hidden_colours_do_not_bleed() -> None:
    image = Image.new("RGBA", (64, 64), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (16, 16, 48, 48))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    pixels = np.asarray(
        Image.open(io.BytesIO(raster.cutout(stream.getvalue()).webp)).convert("RGBA")
    )
    assert pixels[pixels[..., 3] > 40][:, 1].max() < 40


def test_two_colours_have_no_name() -> None:
    image = Image.new("RGBA", (64, 64), (220, 40, 45, 255))
    image.paste((50, 120, 220, 255), (0, 0, 32, 64))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    assert raster.cutout(stream.getvalue()).colour is None


def test_empty_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        raster.cutout(picture((9, 9, 9, 0)))
