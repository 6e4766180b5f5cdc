"""Section 1: what lies in the hand is seen, and does what it looks like."""

from __future__ import annotations

from PySide6.QtCore import QPoint

from tests.app.conftest import DECODE, MODEL, NEGATIVE, PROMPT, SAMPLE
from tests.app.walk.walker import Walker


def walk(walker: Walker) -> None:
    walker.here.begin()
    walker.canvas.zoom_to(1.0)
    walker.canvas.fit()
    wires(walker)
    marquee(walker)
    everything(walker)
    copies(walker)


def wires(walker: Walker) -> None:
    walker.say("A wire is pulled out of a port: it is seen, and follows the hand")
    hands, session = walker.hands, walker.session
    start, end = walker.port(DECODE, "image", out=True), walker.void()
    before = walker.seen()
    hands.press(start)
    hands.carry(end)
    middle = QPoint((start.x() + end.x()) // 2, (start.y() + end.y()) // 2)
    after = walker.seen()
    near = [QPoint(middle.x() + x, middle.y() + y) for x in range(-80, 81) for y in range(-80, 81)]
    assert sum(before.pixel(each) != after.pixel(each) for each in near) > 100, "no wire is seen"
    walker.say("In the void it asks for what takes it; Esc takes nothing")
    document = session.document
    hands.let_go()
    walker.until(lambda: walker.window.search.isVisible())
    hands.keys("Escape")
    walker.until(lambda: not walker.window.search.isVisible())
    walker.until(lambda: session.document == document)


def marquee(walker: Walker) -> None:
    walker.say("A drag that begins in the middle of a wire is a marquee: the wire stays")
    document = walker.session.document
    start, end = walker.port(MODEL, "model", out=True), walker.port(SAMPLE, "model")
    middle = QPoint((start.x() + end.x()) // 2, (start.y() + end.y()) // 2)
    walker.hands.drag(middle, middle + QPoint(40, 60))
    walker.until(lambda: walker.session.document.feeds(MODEL, SAMPLE))
    walker.until(lambda: "model" in walker.session.document.nodes[SAMPLE].links)
    while walker.session.document != document:
        walker.hands.keys("ctrl+z")


def everything(walker: Walker) -> None:
    walker.say("Ctrl+A takes all there is; Ctrl and an arrow walk along the wires")
    hands, session = walker.hands, walker.session
    hands.click(walker.void())
    hands.keys("ctrl+a")
    walker.until(lambda: set(session.selection) == set(session.document.nodes))
    hands.click(walker.header(PROMPT))
    walker.until(lambda: session.selection == (PROMPT,))
    hands.keys("ctrl+Right")
    walker.until(lambda: session.selection == (SAMPLE,))
    hands.keys("ctrl+Right")
    walker.until(lambda: session.selection == (DECODE,))


def copies(walker: Walker) -> None:
    walker.say("Ctrl and a drag copy a node; Ctrl+Z takes it back")
    hands, session = walker.hands, walker.session
    document = session.document
    hands.hold("ctrl")
    hands.press(walker.header(NEGATIVE))
    hands.carry(walker.void())
    hands.let_go()
    hands.release("ctrl")
    walker.until(lambda: len(session.document.nodes) == len(document.nodes) + 1)
    hands.keys("ctrl+z")
    walker.until(lambda: session.document == document)
    walker.say("Shift+Insert puts in what Ctrl+Insert took")
    hands.click(walker.header(NEGATIVE))
    hands.keys("ctrl+Insert", "shift+Insert")
    walker.until(lambda: len(session.document.nodes) == len(document.nodes) + 1)
    (new,) = session.document.nodes.keys() - document.nodes.keys()
    walker.until(lambda: session.document.nodes[new].stage == "guide.prompt")
    hands.keys("ctrl+z")
    walker.until(lambda: session.document == document)
