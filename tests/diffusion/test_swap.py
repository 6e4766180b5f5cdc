"""One graph through every family, by swapping nothing but the file."""

from __future__ import annotations

from collections.abc import Callable

from nodeforge.engine.cache import MemoryCache
from nodeforge.engine.execute import execute
from nodeforge.engine.messages import Event, Failed, Finished, Start
from nodeforge.graph.document import Document, Link, Node, NodeId
from nodeforge.graph.problems import problems
from nodeforge.stages.library import Library
from nodeforge.values import Image, Model

NAMES = (
    "sd1",
    "sdxl",
    "sd3",
    "flux-dev",
    "flux-schnell",
    "flux2",
    "flux2-klein",
    "z-image",
    "qwen-image",
    "chroma",
    "sana",
    "sana-sprint",
    "pixart",
    "lumina2",
)


def graph(file: str) -> Document:
    def to(output: str) -> tuple[Link, ...]:
        id, _, name = output.partition(".")
        return (Link(NodeId(id), name),)

    model = {"model": to("model.model")}
    sample = model | {"positive": to("words.conditioning"), "latent": to("size.latent")}
    return Document().add(
        Node(NodeId("model"), "source.load_model", values={"file": file}),
        Node(NodeId("words"), "guide.prompt", values={"text": "a cat"}, links=model),
        Node(NodeId("size"), "source.empty_latent", values={"width": 64, "height": 64}),
        Node(NodeId("sample"), "generate.sample", values={"steps": 2}, links=sample),
        Node(
            NodeId("picture"),
            "generate.decode",
            links=model | {"latent": to("sample.latent")},
        ),
    )


def test_a_graph_runs_on_every_family_by_swapping_the_file(tiny: Callable[[str], Model]) -> None:
    """What other programs need another graph for."""
    document, library, cache = graph("forge-tiny"), Library.installed(), MemoryCache()
    seen: dict[str, bytes] = {}
    for name in (None, *NAMES):
        if name is not None:
            document = document.set(NodeId("model"), file=tiny(name).path)
        assert not problems(document, library.specs)
        heard: list[Event] = []
        execute(Start(1, document, ()), library, cache, heard.append)
        assert not [event for event in heard if isinstance(event, Failed)]
        done = [e for e in heard if isinstance(e, Finished) and e.node == NodeId("picture")]
        assert len(done) == 1
        entry = cache.get(done[0].key)
        assert entry is not None
        (image,) = entry.results
        assert isinstance(image, Image)
        assert image.pixels.shape == (1, 64, 64, 3)
        seen[str(name)] = image.pixels.tobytes()
    assert len(set(seen.values())) == len(seen)
