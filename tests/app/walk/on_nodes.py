"""Section 1, values: edited where they are seen."""

from __future__ import annotations

from PySide6.QtCore import QPoint

from nodeforge.graph.document import NodeId
from tests.app.conftest import PROMPT, SAMPLE
from tests.app.walk.hands import scene
from tests.app.walk.walker import Walker


def walk(walker: Walker) -> None:
    walker.here.begin()
    walker.canvas.zoom_to(1.0)
    walker.canvas.centre([SAMPLE])
    scrub(walker)
    type_in(walker)
    prompt(walker)


def row(walker: Walker, id: NodeId, name: str) -> QPoint:
    card = walker.card(id)
    box = card.look.face.values[name]
    return scene(walker.canvas, box.translated(card.box.topLeft()))


def value(walker: Walker, id: NodeId, name: str) -> object:
    return walker.session.document.nodes[id].values.get(name)


def scrub(walker: Walker) -> None:
    walker.say("A drag on guidance changes guidance; the node stays where it is")
    hands, session = walker.hands, walker.session
    before, at = session.document, row(walker, SAMPLE, "guidance")
    hands.press(at)
    hands.carry(at + QPoint(50, 0))
    walker.seen()
    hands.let_go()
    changed = value(walker, SAMPLE, "guidance")
    assert isinstance(changed, float)
    assert changed > 5
    walker.until(lambda: session.document.nodes[SAMPLE].at == before.nodes[SAMPLE].at)
    walker.say("One gesture is one step: Ctrl+Z brings the old value back")
    hands.keys("ctrl+z")
    walker.until(lambda: session.document == before)
    walker.say("Esc in the middle of a scrub puts it back, too")
    hands.press(at)
    hands.carry(at + QPoint(40, 0))
    hands.keys("Escape")
    hands.let_go()
    walker.until(lambda: session.document == before)


def type_in(walker: Walker) -> None:
    walker.say("A click types into the row that was clicked: 7,5 is a number")
    hands, session = walker.hands, walker.session
    before = session.document
    hands.click(row(walker, SAMPLE, "guidance"))
    hands.type("7,5")
    hands.keys("Return")
    walker.until(lambda: value(walker, SAMPLE, "guidance") == 7.5)
    walker.until(lambda: value(walker, SAMPLE, "seed") == before.nodes[SAMPLE].values["seed"])
    hands.keys("ctrl+z")
    walker.until(lambda: session.document == before)
    walker.say("What is out of range is said, and not made smaller in silence")
    hands.click(row(walker, SAMPLE, "steps"))
    hands.type("99999")
    hands.keys("Return")
    walker.until(lambda: session.document == before)
    hands.keys("Escape")
    walker.say("The largest seed there is, to the last digit")
    hands.click(row(walker, SAMPLE, "seed"), times=2)
    hands.type("18446744073709551615")
    hands.keys("Return")
    walker.until(lambda: value(walker, SAMPLE, "seed") == 2**64 - 1)
    hands.keys("ctrl+z")
    walker.until(lambda: session.document == before)


def prompt(walker: Walker) -> None:
    walker.say("A prompt is written on its node, with weights, and one step for all of it")
    hands, session = walker.hands, walker.session
    before = session.document
    hands.click(row(walker, PROMPT, "text"))
    hands.keys("ctrl+a")
    hands.type("a penguin on the ice, a red castle")
    hands.keys("ctrl+Up")
    walker.until(lambda: "(castle:1.05)" in str(value(walker, PROMPT, "text")))
    hands.click(walker.void())
    assert value(walker, PROMPT, "text") == "a penguin on the ice, a red (castle:1.05)"
    hands.keys("ctrl+z")
    walker.until(lambda: session.document == before)
