"""A picture is on its node before any run, and a run's picture takes its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil
from PIL import ImageCms
from pytestqt.qtbot import QtBot

from nodeforge.app.incoming.thumbnails import SIDE, picture_param, read
from nodeforge.engine.messages import Finished, Picture, Planned
from nodeforge.graph.document import Document, Node, NodeId
from nodeforge.graph.spec import StageSpec
from tests.app.conftest import Desk

A = NodeId("a")


def png(path: Path, size: tuple[int, int] = (600, 300), colour: str = "red") -> Path:
    Pil.new("RGB", size, colour).save(path)
    return path


def opened(desk: Desk, file: str) -> Document:
    document = Document().add(Node(A, "source.load_image", values={"file": file}))
    desk.session.new(document)
    return document


def shown(desk: Desk, qtbot: QtBot) -> tuple[int, int, int]:
    """The colour in the middle of the picture on the node."""
    qtbot.waitUntil(lambda: not desk.window.arrivals.thumbnails.reader.busy)
    thumb = desk.session.state(A).thumb
    if thumb is None:
        return -1, -1, -1
    colour = thumb.pixelColor(thumb.width() // 2, thumb.height() // 2)
    return colour.red(), colour.green(), colour.blue()


def test_opening_choosing_and_undo_show_the_picture(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    red, blue = png(tmp_path / "red.png"), png(tmp_path / "blue.png", colour="blue")
    document = opened(desk, str(red))
    assert shown(desk, qtbot) == (255, 0, 0)
    state = desk.session.state(A)
    assert (state.key, state.size, state.phase) == ("", (600, 300), "idle")
    assert state.thumb is not None
    assert max(state.thumb.width(), state.thumb.height()) == SIDE
    desk.session.edit("", document.set(A, file=str(blue)))
    assert shown(desk, qtbot) == (0, 0, 255)
    desk.session.undo()
    assert shown(desk, qtbot) == (255, 0, 0)
    desk.session.edit("", document.set(A, file=""))
    assert shown(desk, qtbot) == (-1, -1, -1)
    desk.session.edit("", document.set(A, file=str(tmp_path / "gone.png")))
    assert shown(desk, qtbot) == (-1, -1, -1)


def test_a_picture_that_comes_with_nodeforge_is_found(desk: Desk, qtbot: QtBot) -> None:
    opened(desk, "graphs/inpaint-picture.png")
    assert shown(desk, qtbot) != (-1, -1, -1)


def test_the_viewer_shows_it_before_any_run(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    opened(desk, str(png(tmp_path / "red.png")))
    desk.session.select([A])
    assert shown(desk, qtbot) == (255, 0, 0)
    assert desk.window.viewer.view.image is not None
    assert desk.window.viewer.view.full.toTuple() == (600, 300)
    assert not [told for told in desk.worker.told if told[0] == "fetch"]


def test_a_run_takes_its_place_and_a_plan_does_not(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    opened(desk, str(png(tmp_path / "red.png")))
    shown(desk, qtbot)
    desk.hear(Planned(0, {A: "run"}))
    assert shown(desk, qtbot) == (255, 0, 0)
    desk.session.run()
    picture = Picture(png(tmp_path / "made.png", (8, 8), "lime").read_bytes(), 8, 8)
    desk.hear(Finished(1, A, "key", False, 0.1, picture))
    assert shown(desk, qtbot) == (0, 255, 0)
    assert desk.session.state(A).key == "key"


def test_a_run_that_is_quicker_than_the_disk_wins(
    desk: Desk, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = opened(desk, "")
    answers: list[tuple[Callable[[], object], Callable[[object], object]]] = []
    reader = desk.window.arrivals.thumbnails.reader
    monkeypatch.setattr(reader, "read", lambda work, then, patience: answers.append((work, then)))
    desk.session.edit("", document.set(A, file=str(png(tmp_path / "red.png"))))
    picture = Picture(png(tmp_path / "made.png", (8, 8), "lime").read_bytes(), 8, 8)
    desk.session.run()
    desk.hear(Finished(1, A, "key", False, 0.1, picture))
    ((work, then),) = answers
    then(work())
    assert desk.session.state(A).key == "key"


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "TIFF", "GIF", "BMP", "JPEG2000", "AVIF", "TGA"])
def test_every_kind_of_file_has_one(tmp_path: Path, form: str) -> None:
    path = tmp_path / "picture"
    Pil.new("RGB", (900, 40), (200, 40, 40)).save(path, form)
    found = read(str(path))
    assert found is not None
    assert found.size == (900, 40)
    assert found.image.width() == SIDE
    assert abs(found.image.pixelColor(5, 5).red() - 200) < 8


def test_it_is_upright_and_in_srgb(tmp_path: Path) -> None:
    picture, exif = Pil.new("RGB", (80, 20)), Pil.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "turned.jpg", exif=exif)
    found = read(str(tmp_path / "turned.jpg"))
    assert found is not None
    assert found.size == (found.image.width(), found.image.height()) == (20, 80)
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Pil.new("RGB", (8, 8), (10, 200, 30)).save(tmp_path / "own.png", icc_profile=lab)
    found = read(str(tmp_path / "own.png"))
    assert found is not None
    assert found.image.pixelColor(2, 2).green() == 200


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_every_mode_has_one(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "picture.tif"
    if mode == "I;16":
        Pil.fromarray(np.full((20, 20), 40000, np.uint16)).save(path)
    elif mode == "F":
        Pil.fromarray(np.full((20, 20), 0.6, np.float32)).save(path)
    else:
        Pil.new("RGB", (20, 20), (160, 160, 160)).convert(mode).save(path)
    found = read(str(path))
    assert found is not None
    grey = found.image.pixelColor(10, 10).red()
    assert grey in (0, 255) if mode == "1" else 140 < grey < 175


@pytest.mark.parametrize("body", [b"", b"no picture", b"\x89PNG\r\n\x1a\n cut short"])
def test_what_cannot_be_read_has_none(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "bad.png").write_bytes(body)
    assert read(str(tmp_path / "bad.png")) is None
    assert read(str(tmp_path)) is None
    assert read("\0") is None


def test_only_what_brings_a_picture_in_has_one(specs: tuple[StageSpec, ...]) -> None:
    assert [spec.id for spec in specs if picture_param(spec)] == ["source.load_image"]
