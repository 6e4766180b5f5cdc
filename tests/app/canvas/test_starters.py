"""The starters as they open, and as they look with pictures on their nodes."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from nodeforge.app.canvas import Canvas
from nodeforge.app.order import tidy
from nodeforge.app.session import Session
from nodeforge.app.state import RunState
from nodeforge.app.templates import templates
from nodeforge.graph import file
from nodeforge.graph.document import Node
from nodeforge.stages.library import Library

UNSEEN = {"source.empty_latent"}  # makes something that has no picture


def shows(session: Session, node: Node) -> bool:
    """Whether a run puts a picture on it."""
    spec = session.specs[node.stage]
    made = {port.type for port in spec.outputs}
    return node.stage not in UNSEEN and (not made or bool(made & {"Image", "Latent", "Mask"}))


def opened(session: Session, path: Path) -> None:
    session.specs = {spec.id: spec for spec in Library.installed().known.values()}
    session.offered.emit()
    session.new(file.load(path))


def pictured(session: Session) -> None:
    """As after a run."""
    picture = QImage(64, 64, QImage.Format.Format_RGB32)
    for node in session.document.nodes.values():
        if shows(session, node):
            session.states[node.id] = RunState("cached", thumb=picture)
            session.stated.emit(node.id)


def behind(canvas: Canvas) -> list[str]:
    return [
        f"{pipe.giver.id} to {pipe.taker.id} behind {card.id}"
        for pipe in canvas.scenery.pipes
        for card in canvas.cards.values()
        if card not in (pipe.giver, pipe.taker) and pipe.shape().intersects(card.box)
    ]


def overlapping(canvas: Canvas) -> list[tuple[str, str]]:
    pairs = combinations(canvas.cards.values(), 2)
    return [(a.id, b.id) for a, b in pairs if a.box.intersects(b.box)]


@pytest.mark.parametrize("run", [False, True])
@pytest.mark.parametrize("path", [each.file for each in templates()], ids=lambda path: path.stem)
def test_no_wire_passes_behind_a_node(
    canvas: Canvas, session: Session, path: Path, run: bool
) -> None:
    opened(session, path)
    if run:
        pictured(session)
    assert len(canvas.cards) > 3
    assert behind(canvas) == []
    assert overlapping(canvas) == []


@pytest.mark.parametrize("path", [each.file for each in templates()], ids=lambda path: path.stem)
def test_tidying_leaves_lanes_for_wires_and_room_for_pictures(
    canvas: Canvas, session: Session, path: Path
) -> None:
    opened(session, path)
    document = session.document
    scattered = {id: (i * 61.0 % 400, i * 97.0 % 300) for i, id in enumerate(document.nodes)}
    session.edit("", document.move(scattered))
    tidy(canvas)
    alike = session.document
    for _ in range(2):
        wires = {wire.partition(" behind ")[0] for wire in behind(canvas)}
        assert len(wires) <= (path.stem == "inpaint"), "a picture and a mask around one sampler"
        assert overlapping(canvas) == []
        pictured(session)
    tidy(canvas)
    assert session.document == alike
