"""A canvas of 1200 x 800 on a session without a worker, and a few stages to put on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from nodeforge.app.canvas import Canvas
from nodeforge.app.session import Session
from nodeforge.app.theme import DARK
from nodeforge.graph.document import Document, Node, NodeId
from nodeforge.graph.spec import Dice, Number, Param, Port, StageSpec, Text

LOAD = StageSpec(
    "source.load_image", "Load image", "source", "", icon="image",
    outputs=(Port("image", "Image"), Port("mask", "Mask")),
    params=(Param("file", Text(), ""),),
)  # fmt: skip
BLUR = StageSpec(
    "picture.blur", "Blur", "picture", "", icon="focus",
    inputs=(Port("image", "Image"), Port("mask", "Mask", optional=True)),
    outputs=(Port("image", "Image"),),
    params=(
        Param("radius", Number(0, 10, step=0.1), 1.0),
        Param("seed", Dice(0, 2**32), 0),
        Param("prompt", Text(lines=3, prompt=True), ""),
    ),
)  # fmt: skip
GRID = StageSpec("finish.grid", "Grid", "finish", "", inputs=(Port("images", "Image", many=True),))
SPECS = (LOAD, BLUR, GRID)
L, B, G = NodeId("l"), NodeId("b"), NodeId("g")


def three() -> Document:
    """Load image, Blur and Grid, not wired."""
    return Document().add(
        Node(L, LOAD.id, at=(-400.0, 0.0)),
        Node(B, BLUR.id, at=(-80.0, 0.0)),
        Node(G, GRID.id, at=(280.0, 0.0)),
    )


def links(session: Session) -> set[tuple[str, str, str, str]]:
    """Every wire of the document: from, output, to, input."""
    return {
        (link.node, link.output, id, name)
        for id, node in session.document.nodes.items()
        for name, several in node.links.items()
        for link in several
    }


def drawn(canvas: Canvas) -> set[tuple[str, str, str, str]]:
    """Every wire on the canvas."""
    return {
        (pipe.link().node, pipe.link().output, card.id, port.name)
        for card in canvas.cards.values()
        for port in card.inputs
        for pipe in port.connected_pipes
    }


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(SPECS)
    session.new(three())
    yield session
    session.close()


@pytest.fixture
def canvas(qtbot: QtBot, session: Session) -> Iterator[Canvas]:
    canvas = Canvas(session, DARK)
    canvas.widget.resize(1200, 800)
    canvas.widget.show()
    qtbot.waitExposed(canvas.widget)
    yield canvas
    assert canvas.undo_stack().count() == 0
    assert drawn(canvas) == links(session)
    canvas.close()


def wire(document: Document, *ends: str) -> Document:
    source, output, target, input = ends
    many = target == G
    return document.connect(NodeId(source), output, NodeId(target), input, many)
