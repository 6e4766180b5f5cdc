"""What leaves the Viewer remembers what it is, and nothing of anybody's is written over."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pytest
from PIL import Image as Pil
from PySide6.QtCore import Qt
from PySide6.QtGui import QDrag, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nodeforge.app import outgoing, picture_metadata, settings
from nodeforge.app.fullsize import raw_image
from nodeforge.app.incoming.brought import look
from nodeforge.app.incoming.kinds import Picture
from nodeforge.app.outgoing import Outgoing, Whole, dragged, mime, stem
from nodeforge.graph.document import NodeId
from nodeforge.graph.file import dumps
from nodeforge.interop.metadata import Metadata, graph_of, read
from nodeforge.interop.xmp import DRAWN
from tests.app.conftest import SAMPLE, Desk

PIXELS = bytes(range(4 * 3 * 3))  # 4 x 3
CLEAR = bytes([200, 10, 20, 0, 1, 2, 3, 128]) * 6  # 4 x 3, with hidden colours
TOLD = Metadata(parameters="a dragon\nSteps: 2, Sampler: Euler, Seed: 41", source=DRAWN)


def image(data: bytes, channels: int) -> QImage:
    found = raw_image(data, (3, 4, channels))
    assert found is not None
    return found


@pytest.fixture
def whole(desk: Desk) -> Whole:
    return Whole(image(PIXELS, 3), desk.session.document, TOLD, "castle")


@pytest.fixture
def out(desk: Desk, whole: Whole) -> Outgoing:
    return Outgoing(desk.session, desk.window, lambda: whole)


def saved(out: Outgoing, desk: Desk, qtbot: QtBot, path: Path) -> str:
    """The words that are told."""
    told: list[str] = []
    out.session.told.connect(lambda kind, words, details: told.append(f"{kind}: {words}"))
    out.session.wrote.connect(lambda paths: told.append(f"done: Saved {paths[0].name}."))
    out.save(path)
    qtbot.waitUntil(lambda: bool(told), timeout=5000)
    return told[0]


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp"])
def test_a_saved_picture_tells_its_graph_and_settings(
    out: Outgoing, desk: Desk, qtbot: QtBot, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"out{ending}"
    assert saved(out, desk, qtbot, path) == f"done: Saved out{ending}."
    found = read(path)
    assert (found.parameters, found.source) == (TOLD.parameters, DRAWN)
    assert graph_of(path)[0] == desk.session.document
    assert stat.S_IMODE(path.stat().st_mode) & 0o600 == 0o600


def test_the_graph_is_that_of_the_picture_not_of_a_later_edit(
    out: Outgoing, desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    before = desk.session.document
    desk.session.edit("Set steps", before.set(SAMPLE, steps=3))
    saved(out, desk, qtbot, tmp_path / "a.png")
    assert graph_of(tmp_path / "a.png")[0] == before


def test_one_chooses_what_it_tells(out: Outgoing, desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    actions = desk.window.actions_by_id
    for keep, graph, text in (
        ("settings", False, True),
        ("nothing", False, False),
        ("everything", True, True),
    ):
        actions[f"tells_{keep}"].trigger()
        saved(out, desk, qtbot, tmp_path / f"{keep}.png")
        found = read(tmp_path / f"{keep}.png")
        assert (bool(found.graph), bool(found.parameters)) == (graph, text)
        assert found.source == DRAWN
    actions["ai_mark"].trigger()
    saved(out, desk, qtbot, tmp_path / "b.png")
    assert read(tmp_path / "b.png").source == ""


def test_transparency_keeps_every_bit_and_lies_on_white_in_a_jpeg(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    clear = Whole(image(CLEAR, 4), desk.session.document, TOLD, "castle", CLEAR)
    out = Outgoing(desk.session, desk.window, lambda: clear)
    saved(out, desk, qtbot, tmp_path / "a.png")
    saved(out, desk, qtbot, tmp_path / "a.jpg")
    with Pil.open(tmp_path / "a.png") as picture:
        assert picture.tobytes() == CLEAR
    with Pil.open(tmp_path / "a.jpg") as picture:
        pixel = picture.convert("RGB").getpixel((0, 0))
        assert isinstance(pixel, tuple)
        assert min(pixel) > 100


def test_what_cannot_be_is_said(out: Outgoing, desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    assert "There is no folder" in saved(out, desk, qtbot, tmp_path / "gone" / "a.png")
    told: list[str] = []
    desk.session.told.connect(lambda kind, words, details: told.append(words))
    out.save(tmp_path / "a.tiff")
    assert told[0].endswith("JPEG or WebP: end the name in .png, .jpg or .webp.")
    none = Outgoing(desk.session, desk.window, lambda: "There is no picture yet.")
    none.copy()
    assert told[-1] == "There is no picture yet."


def test_a_name_without_an_ending_gets_one_and_replaces_nothing(
    out: Outgoing, desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "castle.v2.png").write_text("mine")
    assert saved(out, desk, qtbot, tmp_path / "castle.v2") == "done: Saved castle.v2-2.png."
    assert (tmp_path / "castle.v2.png").read_text() == "mine"


def test_the_name_comes_from_the_graph_and_the_seed_and_the_folder_is_remembered(
    out: Outgoing, whole: Whole, desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    asked: list[Path] = []

    def ask(start: Path) -> Path:
        asked.append(start)
        return tmp_path / "mine.webp"

    out.ask = ask
    out.save()
    qtbot.waitUntil(lambda: (tmp_path / "mine.webp").exists(), timeout=5000)
    out.save()
    (tmp_path / "castle-41.webp").touch()
    assert asked[0].name == "castle-41.png"
    assert asked[1] == tmp_path / "castle-41.webp"
    assert outgoing.suggested(whole).name == "castle-41-2.webp"


def test_a_copy_brings_its_metadata_along(out: Outgoing, desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.session.told):
        out.copy()
    data = QApplication.clipboard().mimeData()
    assert QApplication.clipboard().image().size().toTuple() == (4, 3)
    png = bytes(data.data("image/png").data())
    assert read(png).parameters == TOLD.parameters
    assert read(png).graph == dumps(desk.session.document)


def test_each_drag_has_a_private_file_of_its_own(
    whole: Whole, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "drag_folder", lambda: tmp_path / "cache" / "dragged")
    png = whole.encoded("png", desk.session.specs)
    one, other = (dragged(stem(whole), png) for _ in range(2))
    assert one != other
    assert one.name == other.name == "castle-41.png"
    assert read(one).parameters == TOLD.parameters
    assert outgoing.is_dragged(one)
    for folder in (one.parent, one.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    outgoing.clean()
    assert one.exists()
    os.utime(one.parent, (1, 1))
    outgoing.clean()
    assert not one.exists()
    assert other.exists()


def test_a_drag_carries_the_file_and_the_picture(whole: Whole, desk: Desk) -> None:
    data = mime(whole, whole.encoded("png", desk.session.specs))
    assert data.hasImage()
    with Pil.open(io.BytesIO(bytes(data.data("image/png").data()))) as picture:
        assert picture.convert("RGB").tobytes() == PIXELS


def test_no_folder_of_the_artist_is_in_the_file(
    desk: Desk, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "ann-private"
    monkeypatch.setenv("HOME", str(home))
    document = desk.session.document.set(NodeId("model"), file=str(home / "sd.safetensors"))
    whole = Whole(image(PIXELS, 3), document, TOLD, "castle")
    out = Outgoing(desk.session, desk.window, lambda: whole)
    for name in ("a.png", "a.jpg", "a.webp"):
        saved(out, desk, qtbot, tmp_path / name)
        assert b"ann-private" not in (tmp_path / name).read_bytes()


def test_opening_a_picture_shows_its_graph_without_a_file(
    out: Outgoing, desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    before = desk.session.document
    saved(out, desk, qtbot, tmp_path / "a.jpg")
    desk.session.new()
    assert desk.window.files.open(tmp_path / "a.jpg")
    assert desk.session.document == before
    assert (desk.session.path, desk.session.name) == (None, "a")


def test_opening_a_picture_without_a_graph_says_what_it_has(desk: Desk, tmp_path: Path) -> None:
    Pil.new("RGB", (8, 8)).save(tmp_path / "a.png")
    before = desk.session.document
    assert not desk.window.files.open(tmp_path / "a.png")
    assert "a.png holds no NodeForge graph" in desk.window.toasts.shown[-1].words
    assert desk.session.document is before


def test_the_choices_are_in_preferences(desk: Desk) -> None:
    page = desk.window.show_preferences()
    box = page.choices["tells_"]
    assert [box.itemText(row) for row in range(box.count())] == [
        "The graph and the settings",
        "The settings only",
        "Neither",
    ]
    page.mark.click()
    assert not picture_metadata.marks()
    assert settings.text(picture_metadata.MARKS) == "off"


def test_what_is_dragged_onto_our_own_canvas_is_kept(
    whole: Whole, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "drag_folder", lambda: tmp_path / "dragged")
    path = dragged("castle", whole.encoded("png", desk.session.specs))
    (brought,) = look((path,))
    assert brought.kept
    assert isinstance(brought.item, Picture)
    assert not outgoing.is_dragged(brought.item.path)
    assert brought.told.document == desk.session.document


def test_a_drag_offers_a_copy_of_the_file(
    out: Outgoing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[tuple[Qt.DropAction, list[str]]] = []

    class Drag(QDrag):
        def exec(self, actions: Qt.DropAction) -> None:  # type: ignore[override]
            began.append((actions, [url.toLocalFile() for url in self.mimeData().urls()]))

    monkeypatch.setattr(outgoing, "drag_folder", lambda: tmp_path / "dragged")
    monkeypatch.setattr(outgoing, "QDrag", Drag)
    out.drag()
    ((action, (path,)),) = began
    assert action == Qt.DropAction.CopyAction  # what is moved would be gone from where it lies
    assert read(Path(path)).parameters == TOLD.parameters


@pytest.mark.parametrize(
    "name", ["\U0001f409" * 100, "a\ud800b", "con", "../../x", "a/b\\c:d", " . "]
)
def test_a_picture_of_any_name_is_dragged_out_privately(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "drag_folder", lambda: tmp_path / "dragged")
    path = dragged(name, b"png")
    assert path.read_bytes() == b"png"
    assert path.parent.parent == tmp_path / "dragged"
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert len(path.name.encode()) <= 255
    assert path.stem.casefold() != "con"
