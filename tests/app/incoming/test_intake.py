"""Drops and pastes in a real window: what comes of them, in one undo step, and what is said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil
from PIL.PngImagePlugin import PngInfo
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from safetensors.numpy import save_file

from nodeforge import resources
from nodeforge.app.controls import Button
from nodeforge.app.fields import FileField, PromptField
from nodeforge.app.incoming import pixel_store
from nodeforge.app.incoming.offer import SHADOW, Offer
from nodeforge.app.prompt import PromptEdit
from nodeforge.graph import clipboard, file
from nodeforge.graph.document import Link, Node, NodeId
from tests.app.canvas.mouse import drop as drop_at
from tests.app.conftest import MODEL, NEGATIVE, PROMPT, SAMPLE, VIEW, Desk

LOAD = NodeId("load")
VOID = QPointF(300, 700)  # of the graph that a desk begins with
TEXT = "a red dragon\nNegative prompt: blurry\nSteps: 31, Sampler: Euler a, CFG scale: 7, Seed: 9"
CIVITAI = f"{TEXT}, Size: 512x768, Model: v1-5, Clip skip: 2, ENSD: 31337, Denoising strength: 0.5"
INPAINT = "graphs/inpaint.nodeforge"


@pytest.fixture
def here(desk: Desk, qtbot: QtBot) -> Here:
    desk.window.canvas.fit()
    QApplication.processEvents()
    return Here(desk, qtbot)


class Here:
    def __init__(self, desk: Desk, qtbot: QtBot) -> None:
        self.desk, self.qtbot = desk, qtbot
        self.session, self.canvas = desk.session, desk.window.canvas
        self.said: list[str] = []
        self.session.told.connect(lambda kind, words, more: self.said.append(words))
        self.first = self.session.document

    @property
    def offer(self) -> Offer:
        return self.canvas.drops.intake.offer

    @property
    def new(self) -> list[Node]:
        return [n for id, n in self.session.document.nodes.items() if id not in self.first.nodes]

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.canvas.drops.intake.reader.busy)
        QApplication.processEvents()

    def drop(self, data: QMimeData, at: QPointF = VOID) -> None:
        drop_at(self.canvas, data, at)
        self.settle()

    def paste(self) -> None:
        view = self.canvas.widget
        view.setFocus()
        QTest.keyClick(view, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        self.settle()

    def choose(self, words: str) -> None:
        next(row for row in self.offer.rows if row.text().startswith(words)).click()
        self.settle()

    def press(self, button: Button | None) -> None:
        assert button is not None
        button.click()

    @property
    def prompt(self) -> PromptEdit:
        """The words of the prompt in the Inspector."""
        self.session.select([PROMPT])
        field = self.desk.window.inspector.rows["text"].field
        assert isinstance(field, PromptField)
        return field.words

    def undone(self) -> bool:
        """Whether one step takes all of it back."""
        self.session.undo()
        return self.session.document == self.first


def urls(*paths: Path | str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl(p) if isinstance(p, str) else QUrl.fromLocalFile(str(p)) for p in paths])
    return data


def text(words: str) -> QMimeData:
    data = QMimeData()
    data.setText(words)
    return data


def png(path: Path, colour: str = "red", **notes: str) -> Path:
    info = PngInfo()
    for name, words in notes.items():
        info.add_itxt(name, words)
    Pil.new("RGB", (40, 30), colour).save(path, pnginfo=info)
    return path


def ours(path: Path) -> Path:
    graph = file.dumps(file.load(resources.path(INPAINT)))
    return png(path, nodeforge=graph, parameters=TEXT)


def image(colour: int = 0xFF00FF) -> QImage:
    made = QImage(32, 16, QImage.Format.Format_RGB32)
    made.fill(colour)
    return made


# Pictures as files


@pytest.mark.parametrize("name", ["a.png", "ü #1%20.JPG", "c.jfif", "d.avif", "e.jp2", "f.tga"])
def test_a_picture_dropped_in_the_void_is_loaded_there(
    here: Here, tmp_path: Path, name: str
) -> None:
    forms = {".JPG": "JPEG", ".jfif": "JPEG", ".jp2": "JPEG2000"}
    path = tmp_path / name
    Pil.new("RGB", (16, 16)).save(path, forms.get(path.suffix))
    here.drop(urls(path))
    (node,) = here.new
    assert (node.stage, node.values) == ("source.load_image", {"file": str(path)})
    assert here.canvas.cards[node.id].box.contains(VOID)
    assert here.session.selection == (node.id,)
    assert here.undone()


def test_several_lie_side_by_side_over_nothing(here: Here, tmp_path: Path) -> None:
    paths = [png(tmp_path / f"{n}.png") for n in range(5)]
    here.drop(urls(*paths), here.canvas.cards[PROMPT].box.bottomLeft() + QPointF(90, 60))
    assert [n.values["file"] for n in here.new] == [str(path) for path in paths]
    boxes = [card.room for card in here.canvas.cards.values() if card.id not in here.first.nodes]
    every = [*boxes, *(c.box for i, c in here.canvas.cards.items() if i in here.first.nodes)]
    for n, box in enumerate(boxes):
        assert not any(box.intersects(other) for m, other in enumerate(every) if m != n)
    assert here.undone()


def test_on_load_image_the_file_changes_and_nothing_else(here: Here, tmp_path: Path) -> None:
    here.session.edit("", here.first.add(Node(LOAD, "source.load_image", at=(0.0, 900.0))))
    here.canvas.fit()
    here.first = here.session.document
    path = png(tmp_path / "new.png")
    here.drop(urls(path), here.canvas.cards[LOAD].box.center())
    assert not here.new
    assert here.session.document.nodes[LOAD].values == {"file": str(path)}
    assert "new.png" in here.said[-1]
    assert here.undone()


def test_on_a_node_with_an_open_port_it_is_wired_at_the_left(here: Here, tmp_path: Path) -> None:
    encode = NodeId("encode")
    here.session.edit("", here.first.add(Node(encode, "generate.encode", at=(600.0, 900.0))))
    here.canvas.fit()
    here.first = here.session.document
    here.drop(urls(png(tmp_path / "a.png")), here.canvas.cards[encode].box.center())
    (node,) = here.new
    assert here.session.document.nodes[encode].links == {"image": (Link(node.id, "image"),)}
    assert node.at[0] + 200 < 600
    assert here.undone()


def test_on_a_port_and_on_a_wire_it_takes_the_place_of_what_was_there(
    here: Here, tmp_path: Path
) -> None:
    old = here.first.nodes[VIEW].links
    card = here.canvas.cards[VIEW]
    port = card.ports[False, "image"]
    (pipe,) = port.connected_pipes
    for at in (port.centre(), pipe.path().pointAtPercent(0.5)):
        here.drop(urls(png(tmp_path / "a.png")), at)
        (node,) = here.new
        assert here.session.document.nodes[VIEW].links == {"image": (Link(node.id, "image"),)}
        assert not here.canvas.cards[node.id].box.intersects(card.box)
        assert here.undone()
        assert here.session.document.nodes[VIEW].links == old


def test_on_a_node_that_takes_none_it_lies_beside_and_says_so(here: Here, tmp_path: Path) -> None:
    here.drop(urls(png(tmp_path / "a.png")), here.canvas.cards[MODEL].box.center())
    (node,) = here.new
    assert "takes no image" in here.said[-1]
    others = [c.box for i, c in here.canvas.cards.items() if i != node.id]
    assert not any(here.canvas.cards[node.id].box.intersects(box) for box in others)


def test_what_is_no_picture_says_what_it_is_beside_those_that_are(
    here: Here, tmp_path: Path
) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"0")
    here.drop(urls(tmp_path / "clip.mp4", png(tmp_path / "a.png")))
    assert len(here.new) == 1
    assert "video" in here.said[0]


def test_a_file_is_never_moved(here: Here, tmp_path: Path) -> None:
    """A file manager would delete it."""
    view = here.canvas.widget
    at = view.mapFromScene(VOID)
    move, copy = Qt.DropAction.MoveAction, Qt.DropAction.CopyAction
    rest = (
        urls(png(tmp_path / "a.png")),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(view.viewport(), QDragEnterEvent(at, copy | move, *rest))
    event = QDropEvent(QPointF(at), copy | move, *rest)
    event.setDropAction(move)
    QApplication.sendEvent(view.viewport(), event)
    assert event.isAccepted()
    assert event.dropAction() == copy
    only = QDragEnterEvent(at, move, *rest)
    QApplication.sendEvent(view.viewport(), only)
    assert not only.isAccepted()
    here.settle()


# Pixels


def test_pixels_are_kept_in_a_file_that_says_where(here: Here) -> None:
    data = urls("https://example.org/cat.png")
    data.setImageData(image())
    here.drop(data)
    (node,) = here.new
    path = Path(str(node.values["file"]))
    assert path.parent == pixel_store.folder()
    assert Pil.open(path).convert("RGB").getpixel((3, 3)) == (255, 0, 255)
    assert path.name in here.said[-1]
    assert here.undone()


def test_pasted_pixels_are_a_node_each_time_and_one_file(here: Here) -> None:
    QGuiApplication.clipboard().setImage(image())
    here.paste()
    here.paste()
    first, second = here.new
    assert first.values == second.values
    assert first.at != second.at
    boxes = [here.canvas.cards[node.id].box for node in (first, second)]
    assert not boxes[0].intersects(boxes[1])


def test_pasted_with_load_image_selected_its_file_changes(here: Here) -> None:
    here.session.edit("", here.first.add(Node(LOAD, "source.load_image", at=(0.0, 900.0))))
    here.first = here.session.document
    here.session.select([LOAD])
    QGuiApplication.clipboard().setImage(image())
    here.paste()
    assert not here.new
    assert "pasted" in str(here.session.document.nodes[LOAD].values["file"])


def test_files_copied_in_a_file_manager_are_pasted(here: Here, tmp_path: Path) -> None:
    QGuiApplication.clipboard().setMimeData(urls(png(tmp_path / "a.png"), png(tmp_path / "b.png")))
    here.paste()
    assert [Path(str(n.values["file"])).name for n in here.new] == ["a.png", "b.png"]
    assert here.undone()


def test_an_address_alone_says_that_nothing_is_loaded(here: Here) -> None:
    here.drop(urls("https://example.org/cat.png"))
    assert not here.new
    assert "example.org" in here.said[-1]
    assert "network" in here.said[-1]


def test_bytes_that_are_no_picture_say_so(here: Here) -> None:
    data = QMimeData()
    data.setData("image/png", b"no picture")
    here.drop(data)
    assert not here.new
    assert "no picture that can be read" in here.said[-1]


def test_an_empty_clipboard_says_so(here: Here) -> None:
    hints: list[str] = []
    here.canvas.hint.connect(hints.append)
    QGuiApplication.clipboard().clear()
    here.paste()
    assert "empty" in hints[-1]


# Models


def lora(path: Path) -> Path:
    name = "lora_unet_down_blocks_0_attentions_0_proj_in.lora_"
    a = np.zeros((4, 320), np.float32)
    save_file({f"{name}down.weight": a, f"{name}up.weight": a.T.copy()}, path)
    return path


def test_a_model_comes_as_the_node_that_takes_it(here: Here, tmp_path: Path) -> None:
    path = lora(tmp_path / "style.safetensors")
    here.drop(urls(path))
    (node,) = here.new
    assert (node.stage, node.values["file"]) == ("guide.lora", str(path))
    here.first = here.session.document
    other = lora(tmp_path / "other.safetensors")
    here.drop(urls(other), here.canvas.cards[node.id].box.center())
    assert not here.new
    assert here.session.document.nodes[node.id].values["file"] == str(other)


def test_a_lora_on_a_wire_of_models_goes_into_it(here: Here, tmp_path: Path) -> None:
    (pipe,) = here.canvas.cards[SAMPLE].ports[False, "model"].connected_pipes
    along = (pipe.path().pointAtPercent(part / 100) for part in range(5, 96))
    at = next(place for place in along if here.canvas.widget.over(place) is None)
    here.drop(urls(lora(tmp_path / "style.safetensors")), at)
    (node,) = here.new
    assert node.links["model"] == (Link(MODEL, "model"),)
    fed = here.session.document.nodes.values()
    assert sum(Link(node.id, "model") in each.links.get("model", ()) for each in fed) == 1
    assert here.undone()


def test_a_folder_of_diffusers_comes_as_load_model(here: Here) -> None:
    here.drop(urls(resources.path("models/forge-tiny")))
    assert [node.stage for node in here.new] == ["source.load_model"]


def test_a_model_that_no_node_takes_says_what_it_is(here: Here, tmp_path: Path) -> None:
    path = tmp_path / "adapter.safetensors"
    save_file({"ip_adapter.1.to_k_ip.weight": np.zeros((4, 4), np.float32)}, path)
    here.drop(urls(path))
    assert not here.new
    assert "IP-Adapter" in here.said[-1]


# Graphs, and pictures that hold them


def test_a_graph_file_is_opened(here: Here, tmp_path: Path) -> None:
    path = tmp_path / "mine.nodeforge"
    file.save(path, file.load(resources.path(INPAINT)))
    here.drop(urls(path))
    assert here.session.path == path
    assert here.session.document == file.load(path)


def test_of_several_graphs_one_is_asked_for(here: Here, tmp_path: Path) -> None:
    for name in ("one", "two"):
        file.save(tmp_path / f"{name}.nodeforge", file.load(resources.path(INPAINT)))
    here.drop(urls(tmp_path / "one.nodeforge", tmp_path / "two.nodeforge"))
    assert here.session.document == here.first
    here.choose("two")
    assert here.session.name == "two"


def test_a_picture_of_ours_offers_its_graph_first(here: Here, tmp_path: Path) -> None:
    here.drop(urls(ours(tmp_path / "castle.png")))
    assert here.session.document == here.first
    assert [row.text() for row in here.offer.rows] == [
        "Open its graph",
        "Use it as a picture",
        "Take its settings…",
        "Take only its seed",
        "Take only its prompt",
    ]
    assert here.offer.rows[0].hasFocus()
    QTest.keyClick(here.offer.rows[0], Qt.Key.Key_Return)
    assert here.session.document == file.load(resources.path(INPAINT))
    assert (here.session.name, here.session.path) == ("castle", None)
    assert not here.offer.isVisible()


@pytest.mark.parametrize("how", ["escape", "beside", "chosen"])
def test_a_picture_of_ours_is_else_a_picture(here: Here, tmp_path: Path, how: str) -> None:
    path = ours(tmp_path / "castle.png")
    here.drop(urls(path))
    if how == "escape":
        QTest.keyClick(here.offer.rows[0], Qt.Key.Key_Escape)
    elif how == "beside":
        QTest.mouseClick(here.desk.window.status, Qt.MouseButton.LeftButton)
    else:
        here.choose("Use it")
    (node,) = here.new
    assert node.values == {"file": str(path)}
    assert here.canvas.cards[node.id].box.contains(VOID)
    assert here.undone()


def test_a_picture_of_ours_gives_one_thing_alone(here: Here, tmp_path: Path) -> None:
    here.drop(urls(ours(tmp_path / "castle.png")))
    here.choose("Take only its seed")
    assert here.session.document == here.first.set(SAMPLE, seed=9)
    assert here.undone()
    here.drop(urls(ours(tmp_path / "castle.png")))
    here.choose("Take only its prompt")
    assert here.session.document == here.first.set(PROMPT, text="a red dragon")
    assert here.undone()


def test_a_closed_window_answers_no_question(here: Here, tmp_path: Path) -> None:
    here.drop(urls(ours(tmp_path / "castle.png")))
    here.desk.window.hide()
    assert here.session.document == here.first


def test_a_picture_of_ours_on_load_image_is_its_file(here: Here, tmp_path: Path) -> None:
    here.session.edit("", here.first.add(Node(LOAD, "source.load_image", at=(0.0, 900.0))))
    here.canvas.fit()
    here.drop(urls(ours(tmp_path / "castle.png")), here.canvas.cards[LOAD].box.center())
    assert not here.offer.isVisible()
    assert "castle.png" in str(here.session.document.nodes[LOAD].values["file"])
    assert any("holds its graph" in said for said in here.said)


def test_pasted_bytes_of_ours_offer_their_graph(here: Here, tmp_path: Path) -> None:
    data = QMimeData()
    data.setData("image/png", ours(tmp_path / "castle.png").read_bytes())
    here.drop(data)
    here.choose("Open its graph")
    assert here.session.document == file.load(resources.path(INPAINT))


def test_a_picture_of_another_program_is_used_and_offers_its_settings(
    here: Here, tmp_path: Path
) -> None:
    here.drop(urls(png(tmp_path / "a.png", parameters=TEXT)))
    (node,) = here.new
    here.choose("Take its settings")
    here.press(here.offer.apply)
    values = here.session.document.nodes[SAMPLE].values
    assert (values["steps"], values["seed"], values["sampler"]) == (31, 9, "Euler a")
    assert here.session.document.nodes[PROMPT].values["text"] == "a red dragon"
    here.session.undo()
    assert here.session.document.nodes.keys() == {*here.first.nodes, node.id}
    assert here.undone()


def test_a_comfy_picture_is_used_and_named(here: Here, tmp_path: Path) -> None:
    workflow = json.dumps({"nodes": [], "links": []})
    here.drop(urls(png(tmp_path / "a.png", workflow=workflow, prompt="{}")))
    assert len(here.new) == 1
    assert "ComfyUI" in here.said[-1]


def test_several_pictures_with_graphs_say_how_to_get_them(here: Here, tmp_path: Path) -> None:
    here.drop(urls(ours(tmp_path / "a.png"), ours(tmp_path / "b.png")))
    assert len(here.new) == 2
    assert "drop one alone" in here.said[-1]


# Text


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_graphs_as_text_become_nodes(here: Here, way: str) -> None:
    graph = file.load(resources.path(INPAINT))
    send(here, way, file.dumps(graph))
    assert sorted(n.stage for n in here.new) == sorted(n.stage for n in graph.nodes.values())
    assert here.undone()
    part = clipboard.copy(graph, list(graph.nodes)[:2])
    send(here, way, part)
    assert len(here.new) == 2
    assert here.undone()


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_generation_data_is_offered_and_taken_in_one_step(here: Here, way: str) -> None:
    send(here, way, TEXT)
    assert here.session.document == here.first
    assert [tick.text() for tick, _ in here.offer.ticks][:4] == [
        "Prompt",
        "Negative prompt",
        "Seed",
        "Steps",
    ]
    seed = next(tick for tick, each in here.offer.ticks if each.name == "Seed")
    seed.setChecked(False)
    QTest.keyClick(seed, Qt.Key.Key_Return)
    nodes = here.session.document.nodes
    assert nodes[SAMPLE].values["steps"] == 31
    assert nodes[SAMPLE].values["seed"] == here.first.nodes[SAMPLE].values["seed"]
    assert nodes[NEGATIVE].values["text"] == "blurry"
    assert here.undone()


def test_generation_data_on_an_empty_canvas_makes_a_graph(here: Here) -> None:
    here.session.new()
    here.first = here.session.document
    send(here, "paste", TEXT)
    here.press(here.offer.apply)
    stages = {node.stage: node for node in here.session.document.nodes.values()}
    assert stages["generate.sample"].values["steps"] == 31
    assert {"source.load_model", "generate.decode", "source.empty_latent"} <= stages.keys()
    seen = here.canvas.widget.visible()
    assert any(seen.contains(card.box) for card in here.canvas.cards.values())
    assert here.undone()


def test_of_two_that_draw_the_selected_one_takes_the_settings(here: Here) -> None:
    other = NodeId("other")
    here.session.edit("", here.first.add(Node(other, "generate.sample", at=(500.0, 900.0))))
    here.session.select([])
    send(here, "drop", TEXT)
    assert len(here.offer.rows) == 2
    QTest.keyClick(here.offer.rows[0], Qt.Key.Key_Escape)
    here.session.select([other])
    send(here, "drop", TEXT)
    here.press(here.offer.apply)
    assert here.session.document.nodes[other].values["steps"] == 31
    assert "steps" not in here.session.document.nodes[SAMPLE].values


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_comfy_workflow_is_named_and_adds_nothing(here: Here, way: str, tmp_path: Path) -> None:
    workflow = json.dumps({"nodes": [{"id": 1, "type": "KSampler"}], "links": []})
    send(here, way, workflow)
    (tmp_path / "flow.json").write_text(workflow)
    here.drop(urls(tmp_path / "flow.json"))
    assert here.session.document == here.first
    assert "ComfyUI" in here.said[0]
    assert here.said[1].startswith("flow.json")
    send(here, way, '{"some": "json"}')
    assert "JSON" in here.said[-1]


def test_other_words_become_what_is_chosen(here: Here) -> None:
    send(here, "paste", "a dragon at dawn")
    assert here.session.document == here.first
    here.choose("Add it as a Prompt")
    (node,) = here.new
    assert (node.stage, node.values) == ("guide.prompt", {"text": "a dragon at dawn"})
    assert node.links["model"] == (Link(MODEL, "model"),)
    assert here.undone()
    send(here, "drop", "a dragon at dawn")
    here.choose("Add it as a note")
    (note,) = here.session.document.notes.values()
    assert note.text == "a dragon at dawn"
    assert here.undone()


def test_a_path_as_text_is_the_file(here: Here, tmp_path: Path) -> None:
    path = png(tmp_path / "a.png")
    send(here, "paste", str(path))
    assert [node.values for node in here.new] == [{"file": str(path)}]


def test_generation_data_pasted_in_a_prompt_is_offered_there(here: Here) -> None:
    editor = here.prompt
    before = editor.toPlainText()
    editor.setFocus()
    QGuiApplication.clipboard().setText(TEXT)
    editor.selectAll()
    editor.paste()
    assert editor.toPlainText() == before
    here.press(here.offer.apply)
    assert here.session.document.nodes[SAMPLE].values["steps"] == 31
    assert here.session.document.nodes[PROMPT].values["text"] == "a red dragon"
    editor.paste()
    here.press(here.offer.instead)
    assert editor.toPlainText().endswith(TEXT)


def test_other_words_are_pasted_in_a_prompt_as_they_are(here: Here) -> None:
    editor = here.prompt
    QGuiApplication.clipboard().setText("Steps: up to the castle")
    editor.selectAll()
    editor.paste()
    assert editor.toPlainText() == "Steps: up to the castle"
    assert not here.offer.isVisible()


@pytest.mark.parametrize("what", ["pixels", "files"])
def test_a_picture_pasted_in_a_prompt_goes_to_the_canvas(
    here: Here, tmp_path: Path, what: str
) -> None:
    editor = here.prompt
    editor.selectAll()
    if what == "pixels":
        QGuiApplication.clipboard().setImage(image())
    else:
        QGuiApplication.clipboard().setMimeData(urls(png(tmp_path / "a.png")))
    editor.paste()
    here.settle()
    assert here.session.document.nodes[PROMPT] == here.first.nodes[PROMPT]
    assert [node.stage for node in here.new] == ["source.load_image"]
    assert here.undone()


def test_the_settings_can_be_finished_in_the_smallest_window(here: Here) -> None:
    here.desk.window.resize(here.desk.window.minimumSize())
    QApplication.processEvents()
    send(here, "drop", CIVITAI)
    window = here.desk.window
    assert here.offer.apply is not None
    for part in (here.offer, here.offer.apply):
        top = part.mapTo(window, QPoint(0, 0)).y()
        assert top >= 0
        assert top + part.height() <= window.height() + SHADOW


# Other parts of the window


def test_the_viewer_takes_pictures_and_graphs(here: Here, tmp_path: Path) -> None:
    send_to(here.desk.window.viewer, urls(png(tmp_path / "a.png")))
    here.settle()
    (node,) = here.new
    assert here.session.selection == (node.id,)
    assert here.undone()
    send_to(here.desk.window.viewer, urls(ours(tmp_path / "b.png")))
    here.settle()
    here.choose("Open its graph")
    assert here.session.name == "b"


def test_other_parts_say_where_to_drop(here: Here, tmp_path: Path) -> None:
    window = here.desk.window
    data = urls(png(tmp_path / "a.png"))
    event = enter(window.top, data)
    QApplication.sendEvent(window, event)
    assert not event.isAccepted()
    assert "canvas" in window.status.hints.text


def send(here: Here, way: str, words: str) -> None:
    if way == "drop":
        here.drop(text(words))
    else:
        QGuiApplication.clipboard().setText(words)
        here.paste()


def enter(widget: QWidget, data: QMimeData, at: QPoint | None = None) -> QDragEnterEvent:
    place = at or widget.rect().center()
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    return QDragEnterEvent(place, Qt.DropAction.CopyAction, data, left, none)


def send_to(widget: QWidget, data: QMimeData) -> None:
    place = widget.rect().center()
    QApplication.sendEvent(widget, enter(widget, data))
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    drop = QDropEvent(QPointF(place), Qt.DropAction.CopyAction, data, left, none)
    QApplication.sendEvent(widget, drop)
    assert drop.isAccepted()


@pytest.mark.parametrize("what", ["file", "pixels", "other", "several"])
def test_the_field_of_a_file_takes_what_it_can(here: Here, tmp_path: Path, what: str) -> None:
    here.session.edit("", here.first.add(Node(LOAD, "source.load_image")))
    here.session.select([LOAD])
    field = here.desk.window.inspector.rows["file"].field
    path = png(tmp_path / "a.png")
    (tmp_path / "m.safetensors").write_bytes(b"")
    data = urls(*{"other": [tmp_path / "m.safetensors"], "several": [path, path]}.get(what, [path]))
    if what == "pixels":
        data = QMimeData()
        data.setImageData(image())
    send_to(field, data)
    assert isinstance(field, FileField)
    here.qtbot.waitUntil(lambda: not field.drops.reader.busy)
    file = str(here.session.document.nodes[LOAD].values.get("file", ""))
    if what == "other":
        assert not file
        assert "m.safetensors" in here.said[-1]
    else:
        assert file == str(path) if what != "pixels" else "pasted" in file
    if what == "several":
        assert "first of 2" in here.said[-1]


def test_paste_with_the_viewer_in_the_hand(here: Here) -> None:
    QGuiApplication.clipboard().setImage(image())
    viewer = here.desk.window.viewer
    viewer.view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    viewer.stack.setCurrentWidget(viewer.view)
    viewer.view.setFocus()
    QTest.keyClick(viewer.view, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    here.settle()
    assert len(here.new) == 1


# While it hovers


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.png", "Add Load image"),
        ("ours.png", "Open its graph, or use it as a picture"),
        ("style.safetensors", "Add LoRA"),
        ("mine.nodeforge", "Open the graph"),
        ("clip.mp4", "video"),
        ("flow.json", "ComfyUI"),
    ],
)
def test_what_would_happen_is_said(here: Here, tmp_path: Path, name: str, words: str) -> None:
    path = tmp_path / name
    png(tmp_path / "a.png")
    ours(tmp_path / "ours.png")
    lora(tmp_path / "style.safetensors")
    (tmp_path / "mine.nodeforge").write_text("{}")
    (tmp_path / "clip.mp4").write_bytes(b"0")
    (tmp_path / "flow.json").write_text('{"3": {"class_type": "KSampler"}}')
    hover(here, urls(path), VOID)
    mark = here.canvas.scenery.mark
    assert mark is not None
    assert words in mark.words
    assert mark.refused == (words in ("video", "ComfyUI"))
    leave(here)
    assert (here.canvas.scenery.mark, here.canvas.scenery.ghost) == (None, None)


def test_what_takes_it_glows(here: Here, tmp_path: Path) -> None:
    data, card = urls(png(tmp_path / "a.png")), here.canvas.cards[VIEW]
    port = card.ports[False, "image"]
    hover(here, data, port.centre())
    mark = here.canvas.scenery.mark
    assert mark is not None
    assert (mark.box, mark.port) == (card.box, port.centre())
    (pipe,) = port.connected_pipes
    hover(here, data, pipe.path().pointAtPercent(0.5))
    assert here.canvas.scenery.glow is pipe
    hover(here, data, VOID)
    assert here.canvas.scenery.glow is None
    assert here.canvas.scenery.ghost is not None
    leave(here)


def hover(here: Here, data: QMimeData, at: QPointF) -> None:
    """Until what is held was looked into."""
    port, place = here.canvas.widget.viewport(), here.canvas.widget.mapFromScene(at)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    rest = (Qt.DropAction.CopyAction, data, left, none)
    QApplication.sendEvent(port, QDragEnterEvent(place, *rest))
    here.settle()
    QApplication.sendEvent(port, QDragMoveEvent(place, *rest))


def leave(here: Here) -> None:
    QApplication.sendEvent(here.canvas.widget.viewport(), QDragLeaveEvent())


def test_a_drop_on_the_welcome_moves_no_file_and_leaves_no_light(
    here: Here, tmp_path: Path
) -> None:
    here.desk.window.files.new()
    QApplication.processEvents()
    welcome = here.desk.window.welcome
    place, data = welcome.rect().center(), urls(png(tmp_path / "a.png"))
    move, copy = Qt.DropAction.MoveAction, Qt.DropAction.CopyAction
    rest = (copy | move, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(welcome, QDragEnterEvent(place, *rest))
    assert here.canvas.scenery.mark is not None
    QApplication.sendEvent(welcome, QDragLeaveEvent())
    assert here.canvas.scenery.mark is None
    QApplication.sendEvent(welcome, QDragEnterEvent(place, *rest))
    event = QDropEvent(QPointF(place), *rest)
    event.setDropAction(move)
    QApplication.sendEvent(welcome, event)
    here.settle()
    assert event.dropAction() == copy
    assert len(here.canvas.cards) == 1
