"""LoRA, control and masks as stages: what the artist wires is what is drawn."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from nodeforge.engine.cache import MemoryCache
from nodeforge.engine.execute import execute
from nodeforge.engine.keys import keys
from nodeforge.engine.messages import Event, Failed, Finished, Start
from nodeforge.errors import BadModel
from nodeforge.graph.document import Document, Link, Node, NodeId
from nodeforge.graph.problems import problems
from nodeforge.stages.generate import decode, encode, sample
from nodeforge.stages.guide import control, lora, prompt
from nodeforge.stages.library import Library
from nodeforge.stages.load import empty_latent, load_model
from nodeforge.stages.picture import blend, edges, mask
from nodeforge.stages.run import Run
from nodeforge.values import Control, Image, Latent, Model
from tests.diffusion import additions
from tests.diffusion.conftest import _one_thread  # noqa: F401

LIBRARY = Library.installed()
CHANNELS = (96, 192, 256, 256)  # those of Forge Tiny


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


@pytest.fixture(scope="module")
def style(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return additions.lora(model, tmp_path_factory.mktemp("loras"), "style", 1)


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter of the shape in which edges are trained for Forge Tiny."""
    folder = tmp_path_factory.mktemp("control") / "edges"
    return additions.adapter(folder, 2, CHANNELS, hint=1, cell=16)


def picture(size: int = 64) -> Image:
    blocks = np.random.default_rng(0).random((1, size // 8, size // 8, 3), np.float32)
    return Image(blocks.repeat(8, 1).repeat(8, 2))


def drawn(latent: Latent) -> torch.Tensor:
    assert latent.samples is not None
    return latent.samples


def test_a_lora_stays_on_its_own_branch(model: Model, style: Path) -> None:
    def made(model: Model) -> torch.Tensor:
        words = prompt(model, "a cat")
        return drawn(sample(model, words, None, empty_latent(64, 64), steps=2))

    plain = made(model)
    changed = made(lora(model, str(style), 0.8))
    assert not torch.equal(changed, plain)
    assert torch.equal(made(model), plain)
    torch.testing.assert_close(made(lora(model, str(style), 0.0)), plain, atol=1e-4, rtol=1e-4)
    twice = lora(lora(model, str(style), 0.5), str(style), 0.3)
    assert len(twice.loras) == 2
    torch.testing.assert_close(made(twice), changed, atol=1e-2, rtol=1e-2)


def test_several_controls_under_a_mask_with_a_lora(model: Model, style: Path, lines: Path) -> None:
    changed = lora(model, str(style))
    start = encode(picture(), model)
    hints = [control(edges(picture()), str(lines), strength) for strength in (1.0, 0.5)]
    slope = np.linspace(-0.3, 1, 64, dtype=np.float32).clip(0)  # dark above, light below
    cover = mask(Image(np.broadcast_to(slope[:, None, None], (1, 64, 64, 3))))
    words = prompt(changed, "a cat")

    def made(hints: list[Control]) -> Latent:
        return sample(changed, words, None, start, control=hints, mask=cover, steps=3, seed=5)

    both = made(hints)
    kept = drawn(both)[..., :3, :]
    assert torch.equal(kept, drawn(start)[..., :3, :].to(kept.dtype))
    assert torch.equal(drawn(made(hints)), drawn(both))
    assert not torch.equal(drawn(made(hints[:1])), drawn(both))
    whole = blend(picture(), decode(both, model), cover)
    untouched = cover.alpha[0] == 0
    np.testing.assert_array_equal(whole.pixels[0][untouched], picture().pixels[0][untouched])


def graph(style: Path) -> Document:
    def to(output: str) -> tuple[Link, ...]:
        id, _, name = output.partition(".")
        return (Link(NodeId(id), name),)

    model, changed = {"model": to("model.model")}, {"model": to("lora.model")}
    wires = changed | {"positive": to("words.conditioning"), "latent": to("size.latent")}
    return Document().add(
        Node(NodeId("model"), "source.load_model"),
        Node(NodeId("lora"), "guide.lora", values={"file": str(style)}, links=model),
        Node(NodeId("words"), "guide.prompt", values={"text": "a cat"}, links=changed),
        Node(NodeId("size"), "source.empty_latent", values={"width": 64, "height": 64}),
        Node(NodeId("sample"), "generate.sample", values={"steps": 2}, links=wires),
    )


def run(document: Document, cache: MemoryCache) -> list[Event]:
    heard: list[Event] = []
    execute(Start(1, document, ()), LIBRARY, cache, heard.append)
    return heard


def test_in_a_graph_only_what_is_below_it_is_made_anew(style: Path) -> None:
    document, cache = graph(style), MemoryCache()
    assert not problems(document, LIBRARY.specs)
    first = [e.node for e in run(document, cache) if isinstance(e, Finished) and not e.cached]
    assert set(first) == set(document.nodes)
    weaker = document.set(NodeId("lora"), strength=0.5)
    again = {e.node: e.cached for e in run(weaker, cache) if isinstance(e, Finished)}
    assert [id for id, cached in again.items() if not cached] == ["lora", "words", "sample"]
    before = keys(document, LIBRARY.specs)
    os.utime(style, ns=(1, 1))  # another file under the same name
    after = keys(document, LIBRARY.specs)
    assert {id for id in before if before[id] != after[id]} == {"lora", "words", "sample"}


def test_a_fault_is_told_at_its_own_node(style: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(style.read_bytes()[:-5])
    document = graph(style).set(NodeId("lora"), file=str(broken))
    failed = [e for e in run(document, MemoryCache()) if isinstance(e, Failed)]
    assert [e.node for e in failed] == ["lora"]
    assert "broken.safetensors is cut short or damaged" in failed[0].message


def test_a_control_for_another_model_is_refused(model: Model, tmp_path: Path) -> None:
    other = additions.adapter(tmp_path / "other", 3)
    with pytest.raises(BadModel, match="The control “other” was made for another kind of model"):
        sample(
            model,
            prompt(model),
            None,
            empty_latent(64, 64),
            control=[control(picture(), str(other))],
        )


def test_ports_that_may_stay_open() -> None:
    ports = sample.spec.input
    assert ports["control"].many
    assert ports["control"].optional
    assert ports["mask"].optional
    assert (ports["control"].type, ports["mask"].type) == ("Control", "Mask")
    assert lora.spec.title == "LoRA"


def test_hints_of_old_files_are_stretched_as_ever() -> None:
    assert control.upgraded({"strength": 0.5}, 1) == {"strength": 0.5, "fit": "stretch"}
    assert control.spec.param["fit"].default == "crop"


def test_a_mask_of_another_shape_is_said(model: Model) -> None:
    said: list[str] = []
    start = encode(picture(), model)
    words = prompt(model, "a dragon")
    for width, height in ((64, 64), (128, 128), (63, 64), (96, 64)):
        cover = mask(Image(np.ones((1, height, width, 3), np.float32)))
        sample(model, words, None, start, mask=cover, steps=1, run=Run(say=said.append))
    assert said == [
        "The mask (96 by 64 px) has another shape than the picture (64 by 64 px) and was "
        "stretched over it."
    ]
