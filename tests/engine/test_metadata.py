"""What a file tells is what was really drawn, whichever way each value came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pil

from nodeforge.engine.cache import MemoryCache
from nodeforge.engine.execute import execute
from nodeforge.engine.messages import Event, Failed, Start
from nodeforge.graph.document import Document, Link, Node, NodeId
from nodeforge.graph.file import loads
from nodeforge.graph.groups import grouped
from nodeforge.interop.a1111 import GenerationData, parse_parameters
from nodeforge.interop.encode import encode
from nodeforge.interop.metadata import Metadata, read
from nodeforge.interop.xmp import COMPOSED, DRAWN
from nodeforge.stages.library import Library
from tests.engine.graphs import graph

Made = Callable[..., list[Metadata]]
# The outputs that are not named for their type
OUTPUTS = {
    **dict.fromkeys(("model", "lora"), "model"),
    **dict.fromkeys(("prompt", "negative"), "conditioning"),
    **dict.fromkeys(("size", "sample", "second", "other", "encode"), "latent"),
    **dict.fromkeys(("n", "s", "w"), "number"),
    "t": "text",
    "control": "control",
}


def node(id: str, stage: str, values: Any = None, **links: str) -> Node:
    wires = {name: (Link(NodeId(end), OUTPUTS.get(end, "image")),) for name, end in links.items()}
    exposed = tuple(name for name in links if name in ("width", "seed", "steps"))
    return Node(NodeId(id), stage, values=values or {}, links=wires, exposed=exposed)


SMALL = {"width": 64, "height": 64}
MODEL = (
    node("model", "source.load_model"),
    node("size", "source.empty_latent", SMALL),
    node("prompt", "guide.prompt", {"text": "a red dragon, (castle:1.2)"}, model="model"),
    node("negative", "guide.prompt", {"text": "blurry"}, model="model"),
)


@pytest.fixture(scope="module")
def builtin() -> Library:
    return Library.installed()


@pytest.fixture(scope="module")
def shared() -> MemoryCache:
    return MemoryCache()


@pytest.fixture
def made(builtin: Library, shared: MemoryCache, tmp_path: Path) -> Made:
    """What the files tell that a graph writes, in their order."""

    def made(document: Document, marks: bool = True, title: str = "castle") -> list[Metadata]:
        events: list[Event] = []
        folder = tmp_path / "private-name"
        for id, each in document.nodes.items():
            if each.stage == "finish.save_image":
                document = document.set(id, folder=str(folder), name="{index}")
        start = Start(1, document, title=title, marks=marks)
        execute(start, builtin, shared, events.append)
        assert [e.message for e in events if isinstance(e, Failed)] == []
        paths = sorted(folder.iterdir())
        assert not any(b"private-name" in path.read_bytes() for path in paths)
        found = [read(path) for path in paths]
        for path in paths:
            path.unlink()
        return found

    return made


def drawn(document: Document, **links: str) -> Document:
    """Decoded and saved."""
    return document.add(
        node("decode", "generate.decode", latent=links.pop("latent", "sample"), model="model"),
        node("save", "finish.save_image", image="decode"),
    )


def plain(values: dict[str, Any] | None = None, **links: str) -> Document:
    settings = {"seed": 40, "steps": 2, "sampler": "DPM++ 2M", "schedule": "Karras"}
    ends = {"positive": "prompt", "negative": "negative", "latent": "size", "model": "model"}
    sample = node("sample", "generate.sample", settings | (values or {}), **(ends | links))
    return drawn(graph(*MODEL, sample))


def data(told: Metadata) -> GenerationData:
    found = parse_parameters(told.parameters)
    assert found is not None
    return found


def test_the_settings_line_says_all_that_was_drawn_with(made: Made) -> None:
    (told,) = made(plain())
    assert told.parameters.splitlines()[:2] == [
        "a red dragon, (castle:1.2)",
        "Negative prompt: blurry",
    ]
    line = told.parameters.splitlines()[-1]
    begins = "Steps: 2, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5, Seed: 40"
    assert line.startswith(f"{begins}, Size: 64x64, Model hash: ")
    assert line.endswith(", Model: forge-tiny")
    assert len(data(told).model_hash) == 10
    assert told.source == DRAWN
    assert data(told).strength is None


def test_each_picture_of_a_batch_has_its_own_seed(made: Made) -> None:
    found = made(plain().set(NodeId("size"), batch=3))
    assert [data(told).seed for told in found] == [40, 41, 42]


def test_what_the_model_decides_has_its_real_name(made: Made) -> None:
    (told,) = made(plain({"sampler": "model default", "schedule": "default"}))
    assert (data(told).sampler, data(told).schedule) == ("DDIM", "SGM Uniform")


def test_values_that_come_by_wire_are_told(made: Made) -> None:
    document = plain().add(
        node("n", "source.number", {"value": 3.0}),
        node("t", "source.text", {"text": "a green frog"}),
        node("s", "source.number", {"value": 77.0}),
        node("size", "source.empty_latent", {"height": 64}, width="w"),
        node("w", "source.number", {"value": 128.0}),
    )
    for target, name, source in (
        ("sample", "steps", "n"),
        ("sample", "seed", "s"),
        ("prompt", "text", "t"),
    ):
        document = document.expose(NodeId(target), name).connect(
            NodeId(source), OUTPUTS[source], NodeId(target), name
        )
    (told,) = made(document)
    found = data(told)
    assert (found.prompt, found.steps, found.seed) == ("a green frog", 3, 77)
    assert (found.width, found.height) == (128, 64)


def test_positive_and_negative_are_told_by_their_ports(made: Made) -> None:
    (told,) = made(plain(positive="negative", negative="prompt"))
    assert (data(told).prompt, data(told).negative) == ("blurry", "a red dragon, (castle:1.2)")
    document = plain().disconnect(NodeId("sample"), "negative")
    (told,) = made(document)
    assert data(told).negative == ""


def test_a_group_changes_nothing_of_what_is_told(made: Made, builtin: Library) -> None:
    document = plain()
    (before,) = made(document)
    inner = [NodeId("sample"), NodeId("decode"), NodeId("prompt")]
    inside = grouped(document, builtin.known, inner)[0]
    (after,) = made(inside)
    assert after.parameters == before.parameters
    assert len(loads(after.graph).groups) == 1


def test_a_result_from_the_cache_tells_the_same(made: Made) -> None:
    first, second = made(plain()), made(plain())
    assert first == second


def test_loras_have_their_weights_and_hashes(made: Made) -> None:
    lora = node("lora", "guide.lora", {"file": "blueprint", "strength": 0.8}, model="model")
    document = plain(model="lora").add(lora)
    (told,) = made(document)
    (use,) = data(told).loras
    assert (use.name, use.weight, len(use.hash)) == ("blueprint", 0.8, 12)
    assert told.parameters.startswith("a red dragon, (castle:1.2) <lora:blueprint:0.8>\n")


def photo(path: Path, size: tuple[int, int] = (64, 64)) -> str:
    noise = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), np.uint8)
    Pil.fromarray(noise).save(path)
    return str(path)


def test_a_changed_photo_says_how_much_and_that_it_was_one(made: Made, tmp_path: Path) -> None:
    document = plain({"strength": 0.6, "steps": 4}, latent="encode").add(
        node("photo", "source.load_image", {"file": photo(tmp_path / "ann.png")}),
        node("encode", "generate.encode", image="photo", model="model"),
    )
    (told,) = made(document)
    assert data(told).strength == 0.6
    assert data(told).hires is None
    assert told.source == COMPOSED
    loaded = loads(told.graph).nodes[NodeId("photo")]
    assert loaded.values == {"file": "ann.png"}
    (told,) = made(document.set(NodeId("sample"), strength=1.0))  # only its size counts
    assert (data(told).strength, told.source) == (None, DRAWN)
    (told,) = made(document.set(NodeId("sample"), strength=0.0))  # nothing is drawn
    assert (told.parameters, told.source) == ("", "")


def test_what_no_model_drew_bears_no_mark(made: Made, tmp_path: Path) -> None:
    document = graph(
        node("photo", "source.load_image", {"file": photo(tmp_path / "ann.png")}),
        node("resize", "picture.resize", SMALL, image="photo"),
        node("save", "finish.save_image", image="resize"),
    )
    (told,) = made(document)
    assert (told.parameters, told.source) == ("", "")
    assert told.graph


def test_the_mark_can_be_switched_off(made: Made) -> None:
    (told,) = made(plain(), marks=False)
    assert (told.source, bool(told.parameters)) == ("", True)


def again(strength: float, side: int, **values: Any) -> Document:
    """A second drawing over the first, enlarged to this side."""
    sample = {"seed": 40, "steps": 2, "sampler": "DPM++ 2M", "schedule": "Karras"} | values
    return plain().add(
        node("large", "picture.resize", {"width": side, "height": side}, image="decode"),
        node("encode", "generate.encode", image="large", model="model"),
        node(
            *("second", "generate.sample", sample | {"strength": strength}),
            positive="prompt",
            negative="negative",
            latent="encode",
            model="model",
        ),
        node("finished", "generate.decode", latent="second", model="model"),
        node("save", "finish.save_image", image="finished"),
    )


def test_a_second_drawing_over_a_larger_one_is_the_hires_fix(made: Made) -> None:
    (told,) = made(again(0.5, 128, steps=4, sampler="Euler a", schedule="default", seed=9))
    found = data(told)
    assert (found.width, found.height, found.seed, found.steps) == (64, 64, 40, 2)
    assert found.strength == 0.5
    assert found.hires is not None
    assert (found.hires.scale, found.hires.upscaler, found.hires.steps) == (2, "Lanczos", 4)
    assert found.hires.sampler == "Euler a"
    assert ("Hires seed", "9") in found.extras
    assert told.source == DRAWN


def test_a_second_drawing_of_the_same_size_changes_the_first(made: Made) -> None:
    (told,) = made(again(0.5, 64, seed=9, steps=4))
    assert data(told).hires is None
    assert (data(told).seed, data(told).steps, data(told).strength) == (9, 4, 0.5)


def test_one_drawn_anew_forgets_the_first(made: Made) -> None:
    (told,) = made(again(1.0, 128, seed=9))
    found = data(told)
    assert (found.width, found.seed, found.strength, found.hires) == (128, 9, None, None)


def test_through_blends_and_upscales_the_drawing_is_found(made: Made, tmp_path: Path) -> None:
    document = plain().add(
        node("photo", "source.load_image", {"file": photo(tmp_path / "ann.png")}),
        node("blend", "picture.blend", {"opacity": 0.5}, a="photo", b="decode"),
        node("up", "picture.upscale", {"factor": 2.0}, image="blend"),
        node("save", "finish.save_image", image="up"),
    )
    (told,) = made(document)
    assert data(told).seed == 40
    assert dict(data(told).extras)["Postprocess upscaler"] == "forge-tiny-x4"
    assert dict(data(told).extras)["Postprocess upscale by"] == "2"
    assert told.source == COMPOSED


def test_of_two_drawings_in_one_picture_that_counts_which_names_the_file(made: Made) -> None:
    other = node(
        *("other", "generate.sample", {"seed": 7, "steps": 2}),
        positive="negative",
        latent="size",
        model="model",
    )
    document = plain().add(
        other,
        node("image", "generate.decode", latent="other", model="model"),
        node("blend", "picture.blend", {"opacity": 0.5}, a="image", b="decode"),
        node("save", "finish.save_image", image="blend"),
    )
    (told,) = made(document)
    assert (data(told).seed, data(told).prompt) == (7, "blurry")


def test_a_control_is_told_without_its_folder(made: Made, tmp_path: Path) -> None:
    document = plain(control="control").add(
        node("photo", "source.load_image", {"file": photo(tmp_path / "ann.png")}),
        node("edges", "picture.edges", image="photo"),
        node("control", "guide.control", {"strength": 0.7}, image="edges"),
    )
    (told,) = made(document)
    said = dict(data(told).extras)["ControlNet 0"]
    assert said == "Model: edges, Weight: 0.7, Guidance Start: 0, Guidance End: 1"
    assert told.source == COMPOSED


def test_after_the_largest_seed_comes_0_as_it_is_drawn(made: Made) -> None:
    told = made(plain({"seed": 2**64 - 2}).set(NodeId("size"), batch=3))
    assert [data(each).seed for each in told] == [2**64 - 2, 2**64 - 1, 0]


def test_a_picture_that_a_model_drew_says_so_after_any_edit(made: Made, tmp_path: Path) -> None:
    files = {"ann": photo(tmp_path / "ann.png")}
    for name, mark in (("drawn", DRAWN), ("part", COMPOSED)):
        files[name] = str(tmp_path / f"{name}.jpg")
        noise = np.random.default_rng(2).integers(0, 255, (40, 30, 3), np.uint8)
        told = Metadata(source=mark)
        Path(files[name]).write_bytes(encode(Pil.fromarray(noise), "jpeg", told=told))

    def source(one: str, two: str) -> str:
        document = graph(
            node("one", "source.load_image", {"file": files[one]}),
            node("two", "source.load_image", {"file": files[two]}),
            node("blend", "picture.blend", a="one", b="two"),
            node("resize", "picture.resize", SMALL, image="blend"),
            node("save", "finish.save_image", image="resize"),
        )
        return made(document)[0].source

    assert source("drawn", "drawn") == DRAWN
    assert source("drawn", "part") == source("ann", "drawn") == source("part", "ann") == COMPOSED
    assert source("ann", "ann") == ""


def test_a_mask_from_a_file_is_no_part_of_the_picture(made: Made, tmp_path: Path) -> None:
    document = again(0.5, 64).add(
        node("photo", "source.load_image", {"file": photo(tmp_path / "ann.png")}),
        node("mask", "picture.mask", image="photo"),
    )
    second = document.nodes[NodeId("second")]
    masked = replace(second, links={**second.links, "mask": (Link(NodeId("mask"), "mask"),)})
    (told,) = made(document.add(masked))
    assert (told.source, data(told).strength) == (DRAWN, 0.5)
