"""Section 2: runs answer."""

from __future__ import annotations

from dataclasses import replace

from nodeforge.app.toasts import Toast
from nodeforge.graph.document import Document, Node, NodeId
from tests.app.conftest import DECODE, SAMPLE, VIEW
from tests.app.walk.hands import on
from tests.app.walk.walker import Walker

LONG = 400  # steps, so that there is something to stop
UNKNOWN = NodeId("unknown")


def walk(walker: Walker) -> None:
    nothing(walker)
    picture(walker)
    undone(walker)
    stopped(walker)


def nothing(walker: Walker) -> None:
    walker.say("Where nothing can run, a sentence says why")
    walker.session.new(Document().add(Node(UNKNOWN, "comfy.ksampler")), "unknown")
    walker.canvas.fit()
    walker.hands.keys("ctrl+Return")
    walker.until(lambda: any(words.startswith("Nothing to run") for words in said(walker)))
    walker.until(lambda: not walker.session.running)


def said(walker: Walker) -> list[str]:
    """What the notices over the canvas say."""
    return [toast.words for toast in walker.window.findChildren(Toast) if toast.isVisible()]


def picture(walker: Walker) -> None:
    walker.say("Run: the picture appears")
    walker.here.begin()
    walker.hands.click(on(walker.window.top.run))
    view = walker.window.viewer.view
    walker.until(lambda: walker.session.running)
    walker.until(lambda: not walker.session.running)
    walker.until(lambda: view.image is not None and view.image.width() == 256)
    walker.say("Selecting Sample, whose result is a latent, leaves the picture where it is")
    walker.hands.click(walker.header(SAMPLE))
    walker.until(lambda: walker.window.viewer.node in (DECODE, VIEW))


def undone(walker: Walker) -> None:
    walker.say("Undo to what was made: its picture is there without a run")
    session, view = walker.session, walker.window.viewer.view
    first = view.image
    node = session.document.nodes[SAMPLE]
    values = {**node.values, "seed": 99}
    session.edit("Change seed", session.document.add(replace(node, values=values)))
    walker.hands.keys("ctrl+Return")
    walker.until(lambda: session.running)
    walker.until(lambda: not session.running)
    walker.until(lambda: view.image is not None and view.image != first)
    walker.hands.keys("ctrl+z")
    walker.until(lambda: view.image == first)
    walker.until(lambda: not session.running)


def stopped(walker: Walker) -> None:
    walker.say("Esc stops a run after its step, and says so at once")
    session = walker.session
    session.edit("Change steps", session.document.set(SAMPLE, steps=LONG))
    walker.hands.click(walker.void())
    walker.hands.keys("ctrl+Return")
    walker.until(lambda: session.state(SAMPLE).step > 1)
    walker.hands.keys("Escape")
    walker.until(lambda: not session.running)
    walker.until(lambda: session.state(SAMPLE).phase != "cached")
