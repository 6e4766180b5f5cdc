"""Section 3: pictures and graphs come in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image as Pil
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication, QImage

from nodeforge import resources
from nodeforge.graph.document import NodeId
from tests.app.conftest import PROMPT, SAMPLE
from tests.app.forge import wait
from tests.app.walk.walker import Walker

INFOTEXT = """a blue owl on a table
Negative prompt: noisy
Steps: 9, Sampler: Euler a, CFG scale: 4.5, Seed: 77, Size: 192x256"""


def walk(walker: Walker) -> None:
    walker.here.begin()
    dropped(walker)
    pasted(walker)
    settings(walker)
    opened(walker)


@contextmanager
def album(*files: Path) -> Iterator[QPoint]:
    """Another program to drag these files from; where to take them."""
    words = [sys.executable, "-m", "tests.app.walk.album", *map(str, files)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        x, y = map(int, process.stdout.readline().split())
        try:
            yield QPoint(x, y)
        finally:
            process.terminate()


def photo(walker: Walker, name: str, colour: str) -> Path:
    path = walker.folder / name
    Pil.new("RGB", (120, 80), colour).save(path)
    return path


def added(walker: Walker, before: set[NodeId]) -> list[NodeId]:
    return [id for id in walker.session.document.nodes if id not in before]


def dropped(walker: Walker) -> None:
    walker.say("A photo is dropped from another program: a node, with its picture at once")
    hands, session = walker.hands, walker.session
    before = set(session.document.nodes)
    one, two = photo(walker, "one.png", "orange"), photo(walker, "two.jpg", "teal")
    with album(one) as place:
        hands.press(place)
        hands.carry(place + QPoint(30, -30), walker.void())
        walker.seen()
        hands.let_go()
        walker.until(lambda: added(walker, before))
    (node,) = added(walker, before)
    walker.until(lambda: session.document.nodes[node].values["file"] == str(one))
    walker.until(lambda: session.state(node).thumb is not None or has_thumb(walker, node))
    walker.say("Dropped on that node, another photo takes its place")
    with album(two) as place:
        hands.press(place)
        hands.carry(place + QPoint(30, -30), walker.header(node))
        hands.let_go()
        walker.until(lambda: session.document.nodes[node].values["file"] == str(two))
    walker.until(lambda: added(walker, before) == [node])


def has_thumb(walker: Walker, node: NodeId) -> bool:
    return walker.card(node).look.state.thumb is not None


def pasted(walker: Walker) -> None:
    walker.say("A picture from the clipboard becomes a node")
    session = walker.session
    before = set(session.document.nodes)
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(0xFF336699)
    QGuiApplication.clipboard().setImage(image)
    walker.hands.click(walker.void())
    walker.hands.keys("ctrl+v")
    wait(lambda: added(walker, before))
    (node,) = added(walker, before)
    walker.until(lambda: session.document.nodes[node].stage == "source.load_image")
    walker.hands.keys("ctrl+z")
    walker.until(lambda: set(session.document.nodes) == before)


def settings(walker: Walker) -> None:
    walker.say("Generation data from a web page is offered as settings; Enter takes them")
    session = walker.session
    QGuiApplication.clipboard().setText(INFOTEXT)
    walker.hands.keys("ctrl+v")
    offer = walker.canvas.drops.intake.offer
    walker.until(offer.isVisible)
    walker.seen()
    walker.hands.keys("Return")
    walker.until(lambda: not offer.isVisible())
    nodes = session.document.nodes
    assert nodes[PROMPT].values["text"] == "a blue owl on a table"
    walker.until(lambda: (nodes[SAMPLE].values["steps"], nodes[SAMPLE].values["seed"]) == (9, 77))
    walker.hands.keys("ctrl+z")
    walker.until(lambda: session.document.nodes[SAMPLE].values["seed"] == 12)


def opened(walker: Walker) -> None:
    walker.say("A graph that is dropped is opened")
    session = walker.session
    session.new(session.document, "clean")
    with album(resources.path("graphs/blueprint.nodeforge")) as place:
        walker.hands.press(place)
        walker.hands.carry(place + QPoint(30, -30), walker.void())
        walker.hands.let_go()
        walker.until(lambda: session.name == "blueprint")
