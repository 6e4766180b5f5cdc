"""The Models page of the real window: found, searched, dragged, picked, and mended when gone."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from nodeforge.app.fields import FileField
from nodeforge.app.frame import boxes
from nodeforge.app.incoming.carried import STAGE_MIME
from nodeforge.app.models import page
from nodeforge.app.models.list import Rows, facts
from nodeforge.app.models.page import MODELS
from nodeforge.app.models.picker import Picker
from nodeforge.app.models.pictures import square
from nodeforge.app.models.placing import carried
from nodeforge.app.theme import DARK, LIGHT
from nodeforge.engine.messages import Planned
from nodeforge.graph import file
from nodeforge.graph.document import Node, NodeId
from nodeforge.models.entry import Entry
from nodeforge.models.folders import BOX
from nodeforge.models.kinds import Kind
from tests.app.conftest import MODEL, SAMPLE
from tests.app.models.conftest import Shelf
from tests.models import files
from tests.models.test_scan import LORA


def names(rows: Rows) -> list[str]:
    return [entry.name for entry in rows.shown]


def test_everything_found_is_listed_by_kind_and_name(shelf: Shelf) -> None:
    shelf.look()
    assert names(shelf.desk.window.left.models.rows) == [
        "dreamshaper_8",
        "forge-tiny",
        "juggernautXL_v9",
        "strange",
        "forge-tiny-clip",
        "blueprint",
        "draft",
        "flux_realism",
        "half_copied",
        "ink_wash",
        "edges",
        "4x-UltraSharp",
        "forge-tiny-x4",
        "realesr-animevideov3",
    ]
    strange = shelf.stock.entries[shelf.path("strange.safetensors")]
    assert facts(strange)[0] == "unknown"
    (edges,) = (entry for entry in shelf.stock.entries.values() if entry.name == "edges")
    assert facts(edges)[0] == "t2i-adapter"


def test_the_page_opens_by_key_and_search_leaves_what_fits(shelf: Shelf) -> None:
    shelf.look()
    left = shelf.desk.window.left
    shelf.desk.window.actions_by_id["models_page"].trigger()
    assert left.tabs.at == MODELS
    assert left.models.isVisible()
    QTest.keyClicks(left.models.search, "xl jug")
    assert names(left.models.rows) == ["juggernautXL_v9"]
    assert left.models.words.text() == "1 of 14"
    left.models.search.clear()
    left.models.kind.setCurrentIndex(2)
    left.models.family.setCurrentIndex(left.models.family.findData("flux"))
    assert names(left.models.rows) == ["flux_realism"]
    left.models.family.setCurrentIndex(left.models.family.findData("sana"))
    assert not left.models.view.isVisible()
    assert "No model" in left.models.none.words.text()


def test_enter_adds_the_right_node(shelf: Shelf) -> None:
    shelf.look()
    desk, models = shelf.desk, shelf.desk.window.left.models
    before = set(desk.session.document.nodes)
    for query, stage in (
        ("jugger", "source.load_model"),
        ("ink", "guide.lora"),
        ("sharp", "finish.upscale"),
        ("edges", "guide.control"),
        ("tiny-clip", "source.assemble_model"),
    ):
        models.search.setText(query)
        QTest.keyClick(models.search, Qt.Key.Key_Return)
        [new] = set(desk.session.document.nodes) - before
        before.add(new)
        node = desk.session.document.nodes[new]
        assert node.stage.split(".")[1] == stage.split(".")[1]
        [value] = node.values.values()
        assert query in str(value).lower()
        desk.session.undo()
        assert new not in desk.session.document.nodes
        desk.session.redo()


def test_an_embedding_teaches_a_word(shelf: Shelf) -> None:
    files.weights(shelf.root / "embeddings/easy.safetensors", {"emb_params": (4, 768)})
    shelf.look()
    shelf.desk.window.supply.add(shelf.stock.entries[shelf.path("easy.safetensors")])
    [node] = (
        n for n in shelf.desk.session.document.nodes.values() if n.stage.endswith("embedding")
    )
    assert node.values == {"file": shelf.path("easy.safetensors")}


def test_what_no_node_takes_says_so(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a stage is missing."""
    shelf.look()
    desk = shelf.desk
    entry = shelf.stock.entries[shelf.path("ink_wash.safetensors")]
    before = desk.session.document
    monkeypatch.setattr(page, "stage", lambda *_: None)
    with shelf.qtbot.waitSignal(desk.session.told) as told:
        desk.window.supply.add(entry)
    assert "no node takes alone" in told.args[1]
    assert desk.session.document is before


def drop(shelf: Shelf, entry: Entry, at: QPointF) -> None:
    """A real drop event on the canvas, at a place of the scene."""
    view = shelf.desk.window.canvas.widget
    data = carried(shelf.desk.session.specs, entry)
    assert isinstance(data, QMimeData)
    event = QDropEvent(
        QPointF(view.mapFromScene(at)),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    view.dropEvent(event)
    QApplication.processEvents()


def test_a_drop_on_the_canvas_makes_a_node(shelf: Shelf) -> None:
    shelf.look()
    desk = shelf.desk
    before = set(desk.session.document.nodes)
    box = desk.window.canvas.cards[MODEL].box
    drop(
        shelf,
        shelf.stock.entries[shelf.path("ink_wash.safetensors")],
        box.topLeft() - QPointF(0, 300),
    )
    [new] = set(desk.session.document.nodes) - before
    assert desk.session.document.nodes[new].values == {"file": shelf.path("ink_wash.safetensors")}


def test_a_drop_on_a_fitting_node_sets_its_file(shelf: Shelf) -> None:
    shelf.look()
    desk = shelf.desk
    before = set(desk.session.document.nodes)
    path = shelf.path("dreamshaper_8.safetensors")
    drop(shelf, shelf.stock.entries[path], desk.window.canvas.cards[MODEL].box.center())
    assert set(desk.session.document.nodes) == before
    assert desk.session.document.nodes[MODEL].values["file"] == path
    desk.session.undo()
    assert "file" not in desk.session.document.nodes[MODEL].values
    drop(shelf, shelf.stock.entries[path], desk.window.canvas.cards[SAMPLE].box.center())
    assert len(desk.session.document.nodes) == len(before) + 1


def test_the_picker_dims_what_does_not_fit(shelf: Shelf) -> None:
    shelf.look()
    desk = shelf.desk
    lora = Node(NodeId("lora"), "guide.lora")
    after = desk.session.document.add(lora).connect(MODEL, "model", lora.id, "model")
    desk.session.edit("Add", after)
    desk.session.select([lora.id])
    field = desk.window.inspector.rows["file"].field
    assert isinstance(field, FileField)
    button = next(
        b for b in field.findChildren(type(field.choose)) if "your models" in b.accessibleName()
    )
    button.click()
    picker = field.findChild(Picker)
    assert picker is not None
    assert names(picker.rows) == ["blueprint", "draft", "ink_wash", "flux_realism", "half_copied"]
    assert [picker.rows.dims(entry) for entry in picker.rows.shown] == [False] * 3 + [True] * 2
    QTest.keyClicks(picker.search, "ink")
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    assert desk.session.document.nodes[lora.id].values["file"] == shelf.path("ink_wash.safetensors")


def test_a_family_picked_by_hand_stays(shelf: Shelf) -> None:
    shelf.look()
    path = shelf.path("strange.safetensors")
    menu = shelf.desk.window.left.models.menu(shelf.stock.entries[path])
    families = next(a.menu() for a in menu.actions() if a.text() == "Family")
    assert isinstance(families, QMenu)
    next(a for a in families.actions() if a.text() == "SDXL").trigger()
    assert shelf.stock.entries[path].family == "sdxl"
    shelf.look()
    assert shelf.stock.entries[path].badge == "SDXL"


def test_found_models_are_offered_once_and_can_be_left_out(shelf: Shelf) -> None:
    left = shelf.desk.window.left
    shelf.look()
    assert left.offer.isVisible()
    assert "7 in ComfyUI" in left.offer.words.text()
    with shelf.qtbot.waitSignal(shelf.stock.busy, check_params_cb=lambda on: not on):
        left.offer.leave_out.click()
    assert not left.offer.isVisible()
    assert {entry.program for entry in shelf.stock.entries.values()} == {BOX}
    with shelf.qtbot.waitSignal(shelf.stock.busy, check_params_cb=lambda on: not on):
        shelf.stock.add_folder(shelf.root)
    assert len(shelf.stock.entries) == 14
    assert not left.offer.isVisible()


def test_a_disk_that_vanishes_keeps_its_models_as_away(shelf: Shelf) -> None:
    shelf.look()
    path = shelf.path("juggernautXL_v9.safetensors")
    moved = shelf.root.with_name("unplugged")
    shelf.root.rename(moved)
    shelf.look()
    assert shelf.stock.entries[path].away
    assert facts(shelf.stock.entries[path]) == ("its disk is away",)
    moved.rename(shelf.root)
    shelf.look()
    assert not shelf.stock.entries[path].away


def test_a_deleted_file_goes_and_a_new_one_comes_by_itself(shelf: Shelf) -> None:
    shelf.look()
    path = Path(shelf.path("ink_wash.safetensors"))
    copy = path.with_name("ink_wash_2.safetensors")
    shelf.stock._calm.setInterval(20)
    with shelf.qtbot.waitSignal(shelf.stock.busy, check_params_cb=lambda on: not on):
        path.rename(copy)
    assert str(copy) in shelf.stock.entries
    assert str(path) not in shelf.stock.entries


def test_a_missing_model_is_told_and_the_nearest_are_offered(shelf: Shelf, tmp_path: Path) -> None:
    shelf.look()
    desk, session = shelf.desk, shelf.desk.session
    gone = "D:\\AI\\models\\juggernautXL_v8.safetensors"
    session.edit("Change", session.document.set(MODEL, file=gone))
    desk.hear(Planned(0, {MODEL: "“juggernautXL_v8.safetensors” is not on this machine."}))
    assert session.state(MODEL).phase == "missing"
    assert session.state(MODEL).fixes[0] == "Use juggernautXL_v9"
    session.mending.mend(MODEL, "Use juggernautXL_v9")
    path = shelf.path("juggernautXL_v9.safetensors")
    assert session.document.nodes[MODEL].values["file"] == path


def test_a_file_moved_elsewhere_is_found_by_its_mark(shelf: Shelf, tmp_path: Path) -> None:
    shelf.look()
    session = shelf.desk.session
    old = shelf.path("dreamshaper_8.safetensors")
    session.edit("Change", session.document.set(MODEL, file=old))
    assert session.save(tmp_path / "graph.nodeforge")
    saved = file.load(tmp_path / "graph.nodeforge")
    assert saved.nodes[MODEL].files[old].startswith("sd1 ")
    shutil.move(old, shelf.root / "checkpoints/nothing alike.safetensors")
    shelf.look()
    session.new(saved, "graph")
    session.plan()
    shelf.desk.hear(Planned(0, {MODEL: "gone"}))
    assert session.state(MODEL).fixes[0] == "Use nothing alike"


def test_twenty_thousand_models_are_searched_at_once(shelf: Shelf) -> None:
    rows = shelf.desk.window.left.models.rows
    entries = {
        f"/m/{n}.safetensors": Entry(f"/m/{n}.safetensors", "/m", "", "", 9, Kind("lora", "flux"))
        for n in range(20_000)
    }
    rows.fill(entries)
    assert rows.rowCount() == 20_000
    rows.ask("199 flux")
    assert all("199" in name for name in names(rows))
    assert 0 < rows.rowCount() < 300


@pytest.mark.parametrize("at", [QPoint(5, 5)])
def test_hovering_with_a_model_lights_no_wire_it_cannot_go_into(shelf: Shelf, at: QPoint) -> None:
    shelf.look()
    canvas = shelf.desk.window.canvas
    data = carried(
        shelf.desk.session.specs, shelf.stock.entries[shelf.path("4x-UltraSharp.safetensors")]
    )
    assert data is not None
    canvas.drops.hover(data, QPointF(at))
    assert canvas.scenery.glow is None


def test_a_double_click_adds_and_the_menu_and_palette_know_the_page(shelf: Shelf) -> None:
    shelf.look()
    window, session = shelf.desk.window, shelf.desk.session
    window.actions_by_id["models_page"].trigger()
    view = window.left.models.view
    before = len(session.document.nodes)
    place = view.visualRect(window.left.models.rows.index(0, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert len(session.document.nodes) == before + 1
    assert any(act.id == "models_page" and act.menu == "View" for act in window.acts)


def test_a_drag_out_of_the_list_carries_stage_and_file(shelf: Shelf) -> None:
    shelf.look()
    rows = shelf.desk.window.left.models.rows
    number = names(rows).index("ink_wash")
    data = rows.mimeData([rows.index(number, 0)])
    assert data.hasFormat(STAGE_MIME)
    assert [url.toLocalFile() for url in data.urls()] == [shelf.path("ink_wash.safetensors")]


def test_pictures_beside_and_inside_a_file_are_shown(shelf: Shelf) -> None:
    picture = QImage(200, 100, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    picture.save(str(shelf.root / "loras/ink_wash.preview.png"))
    picture.save(str(shelf.root / "cover.jpg"))
    text = base64.b64encode((shelf.root / "cover.jpg").read_bytes()).decode()
    inside = {"modelspec.thumbnail": f"data:image/jpeg;base64,{text}"}
    files.weights(shelf.root / "loras/flux_realism.safetensors", LORA, **inside)
    shelf.look()
    models = shelf.desk.window.left.models
    for name in ("ink_wash", "flux_realism"):
        path = shelf.stock.entries[shelf.path(f"{name}.safetensors")].beside.picture
        if models.pictures.picture(path) is None:
            with shelf.qtbot.waitSignal(models.pictures.ready):
                models.pictures.picture(path)
        found = models.pictures.picture(path)
        assert found is not None
        assert found.toImage().pixelColor(36, 36).red() > 240
    assert models.pictures.picture("") is None
    assert square(str(shelf.root / "nothing.png")).isNull()


def test_both_themes_draw_the_rows(shelf: Shelf) -> None:
    shelf.look()
    window = shelf.desk.window
    window.left.open(MODELS)
    drawn = []
    for theme in (DARK, LIGHT):
        window.wear(theme)
        drawn.append(window.left.models.view.viewport().grab().toImage())
    assert drawn[0] != drawn[1]


def test_notes_and_hash_of_a_model(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.look()
    models = shelf.desk.window.left.models
    path = shelf.path("ink_wash.safetensors")
    monkeypatch.setattr(boxes, "ask_text", lambda *_, **__: "soft, wet ")
    menu = {a.text(): a for a in models.menu(shelf.stock.entries[path]).actions()}
    menu["Notes…"].trigger()
    assert shelf.stock.entries[path].remark == "soft, wet"
    models.search.setText("wet")
    assert names(models.rows) == ["ink_wash"]
    with shelf.qtbot.waitSignal(shelf.stock.changed):
        menu["Compute its hash"].trigger()
    assert len(shelf.stock.entries[path].autov2) == 10
    assert any(
        "Copy its hash" in a.text() for a in models.menu(shelf.stock.entries[path]).actions()
    )
