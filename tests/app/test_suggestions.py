"""What the search puts first, learnt from the graphs that ship."""

from __future__ import annotations

import pytest

from nodeforge.app.entries import entries, ranked
from nodeforge.app.session import Session
from nodeforge.app.suggestions import Suggestions
from nodeforge.graph.document import Document, Node, NodeId
from nodeforge.graph.joining import End
from nodeforge.graph.spec import StageSpec

AT = NodeId("at")


def first(specs: tuple[StageSpec, ...], title: str, port: str, type: str) -> list[str]:
    """The names of what a wire pulled from an output into the void offers."""
    session = Session(specs)
    spec = next(each for each in specs if each.title == title)
    session.new(Document().add(Node(AT, spec.id)))
    weights = Suggestions(session).weights((), End(AT, port, out=True))
    every = entries({each.id: each for each in specs})
    return [entry.name for entry in ranked("", every, takes=type, weights=weights)]


@pytest.mark.parametrize("title", ["Upscale", "Sharpen", "Load image", "Decode", "Edges"])
def test_after_a_picture_comes_what_is_for_pictures(
    specs: tuple[StageSpec, ...], title: str
) -> None:
    """Also after one no starter goes on from; a prompt that only may take a picture is far down."""
    names = first(specs, title, "image", "Image")
    assert "View" in names[:4]
    assert names.index("Prompt") > 7


def test_after_the_latent_of_sample_comes_decode(specs: tuple[StageSpec, ...]) -> None:
    assert first(specs, "Sample", "latent", "Latent")[0] == "Decode"
    assert first(specs, "Empty latent", "latent", "Latent")[0] == "Sample"
    assert first(specs, "Prompt", "conditioning", "Conditioning")[0] == "Sample"
